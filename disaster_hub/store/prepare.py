"""Make a store ready: schema migrated, world written down or checked."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from disaster_hub.store import worlds
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.world import World

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def prepare(address: str, world: World) -> Store:
    """Migrate the store at *address* and give it; another world's store raises WrongWorld."""
    store = open_store(address)
    if store.sqlite:
        Path(str(store.engine.url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    migrate(store)
    with store.write() as tx:
        worlds.found(tx, world)
    return store


def migrate(store: Store, revision: str = "head") -> None:
    """Bring the schema up to *revision*; several processes may try at once, one does it."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with store.write() as tx:
        if not store.sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('disaster-hub migrate'))"))
            if store.schema != "public":
                tx.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{store.schema}"')
        settings.attributes["connection"] = tx
        command.upgrade(settings, revision)
