"""Make a store ready: schema migrated, world written down or checked."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from disaster_hub.store import worlds
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.world import World

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def prepare(address: str, world: World) -> Store:
    """Migrate the store at *address* and give it; another world's store raises WrongWorld."""
    store = open_store(address, create=True)
    try:
        migrate(store)
        with store.write() as tx:
            worlds.found(tx, world)
        if store.sqlite:
            _settle(store)
    except Exception:
        store.close()
        raise
    return store


def migrate(store: Store, revision: str = "head") -> None:
    """Bring the schema up to *revision*; several processes may try at once, one does it."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with store.write() as tx:
        if not store.sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('disaster-hub migrate'))"))
            _make_room(tx, str(store.schema))
        settings.attributes["connection"] = tx
        try:
            command.upgrade(settings, revision)
        except CommandError as fault:
            raise BadConfig(f"store.url: made by another version of disaster-hub ({fault})") from fault


def _settle(store: Store) -> None:
    """Bring the first page home from the WAL: GDAL looks for a GeoPackage's mark in the file itself."""
    link = store.engine.raw_connection()
    try:
        link.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        link.close()


def _make_room(tx: Connection, schema: str) -> None:
    """Make the world's schema, and PostGIS where this role may; both only where they are missing."""
    there = tx.execute(text("SELECT to_regnamespace(:name) IS NOT NULL"), {"name": schema}).scalar_one()
    gis = tx.execute(text("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")).scalar_one()
    try:
        if not gis:
            tx.exec_driver_sql("CREATE EXTENSION postgis SCHEMA public")
        if not there:
            tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    except DBAPIError as fault:
        words = str(fault.orig).partition("\n")[0]
        raise BadConfig(f"store.url: PostgreSQL wants `CREATE EXTENSION postgis` and a schema: {words}") from fault
