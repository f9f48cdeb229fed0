"""Run the revisions on the connection that `store.prepare` opened, inside its one transaction."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from alembic import context

from disaster_hub import store
from disaster_hub.store import layers
from disaster_hub.store.columns import metadata

assert layers.LAYERS
for module in iter_modules(store.__path__):
    if module.name.endswith("tables"):  # every room's tables belong to the one metadata
        import_module(f"{store.__name__}.{module.name}")
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    version_table="schema_version",
)
context.run_migrations()
