"""Run the revisions on the connection that `store.prepare` opened, inside its one transaction."""

from __future__ import annotations

from alembic import context

from disaster_hub.store import household_tables, layers, tables

assert layers.LAYERS
assert household_tables.household.metadata is tables.metadata, "they all belong to the same metadata"
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    transactional_ddl=False,
    version_table="schema_version",
)
context.run_migrations()
