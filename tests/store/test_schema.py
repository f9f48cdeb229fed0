"""The schema: what the revisions make is what the tables say, on both databases, once, however many start."""

from __future__ import annotations

import warnings
from datetime import datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SAWarning

from disaster_hub.store import journal, layers, levels, outbox, tables, worlds
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.errors import BadConfig, WrongWorld
from disaster_hub.terms.level import AreaKind, LevelChange
from disaster_hub.terms.notice import JournalEntry, Notice
from disaster_hub.terms.world import World, WorldKind
from tests.store import workers


def ours(_thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out what the GeoPackage and PostGIS bring, and the indexes that are written by hand."""
    if kind == "table" and reflected:
        return not str(name).startswith(("gpkg_", "rtree_", "sqlite_", "spatial_", "schema_version"))
    return not (kind == "index" and reflected and str(name).endswith("_geom"))


def test_the_revisions_make_what_the_tables_say(store: Store) -> None:
    assert layers.LAYERS
    with store.read() as tx, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # it does not know geometry columns
        settings = {"include_object": ours, "compare_type": False}
        assert compare_metadata(MigrationContext.configure(tx, opts=settings), tables.metadata) == []


def test_the_columns_have_the_types_that_the_tables_say(store: Store) -> None:
    with store.read() as tx:
        for table in tables.metadata.tables.values():
            wanted = {c.name: c.type.compile(tx.dialect).lower() for c in table.columns}
            assert found(tx, table.name, store.sqlite) == wanted, table.name


def found(tx: Any, table: str, sqlite: bool) -> dict[str, str]:
    if sqlite:
        rows = tx.execute(text(f"SELECT name, lower(type) FROM pragma_table_info('{table}')"))
        return dict(list(rows))
    rows = tx.execute(
        text(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = to_regclass(:t) AND attnum > 0 AND NOT attisdropped"
        ),
        {"t": table},
    )
    said = {"timestamp with time zone": "timestamp with time zone", "double precision": "float"}
    return {name: said.get(kind, kind).lower() for name, kind in rows}


def test_many_that_start_at_once_make_it_once(address: str, world_replay: World) -> None:
    assert workers.together(workers.prepared, [(address, world_replay)] * 4) == [0] * 4
    store = prepare(address, world_replay)
    with store.read() as tx:
        assert worlds.current(tx) == world_replay
        assert tx.execute(text("SELECT count(*) FROM world")).scalar_one() == 1
    store.close()


def test_a_store_never_changes_its_world(store: Store, address: str, world_replay: World, world_real: World) -> None:
    for other in (world_real, World(WorldKind.REPLAY, "another night"), World(WorldKind.DRILL, world_replay.name)):
        with pytest.raises(WrongWorld, match="belongs to the world replay"):
            prepare(address, other)
    with store.read() as tx:
        assert worlds.current(tx) == world_replay


def test_the_signing_key_is_made_once(store: Store, address: str, world_replay: World) -> None:
    with store.read() as tx:
        first = worlds.secret(tx)
    again = prepare(address, world_replay)
    with again.read() as tx:
        assert worlds.secret(tx) == first
        assert len(first) == 32
    again.close()


def test_a_store_of_a_later_version_is_left_alone(store: Store, address: str, world_replay: World) -> None:
    with store.write() as tx:
        tx.execute(text("UPDATE schema_version SET version_num = '9999'"))
    with pytest.raises(BadConfig, match="another version"):
        prepare(address, world_replay)


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
@pytest.mark.parametrize("table", tables.APPEND_ONLY)
def test_the_database_itself_refuses_to_change_what_happened(
    store: Store, now: datetime, table: str, verb: str
) -> None:
    notice = Notice("k", WorldKind.REPLAY, "level_changed", "h", "t", now, now, 3)
    change = LevelChange("9920100", "みなも市", AreaKind.MUNICIPALITY, now, 2, 3, "i", "r", "e")
    with store.write() as tx:
        journal.add(tx, JournalEntry(now, "kind", "who", "what"))
        levels.append_change(tx, change)
        outbox.enqueue(tx, notice, [("console", "staff")])
        number = tx.execute(text("SELECT id FROM delivery")).scalar_one()
        outbox.settle(tx, number, "sent", "", now, "w")
    with pytest.raises(DBAPIError, match="only ever added"), store.write() as tx:
        tx.exec_driver_sql(verb.format(table))
    with store.read() as tx:
        assert tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1


def test_a_naive_time_does_not_enter(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"), store.write() as tx:
        journal.add(tx, JournalEntry(datetime(2026, 9, 18, 8, 0), "kind", "who", "what"))


@pytest.mark.postgres
def test_a_schema_of_its_own_keeps_two_worlds_of_one_database_apart(
    postgres: str, world_replay: World, world_real: World, now: datetime
) -> None:
    join = "&" if "?" in postgres else "?"
    replay = prepare(f"{postgres}{join}schema=test_two_replay", world_replay)
    real = prepare(f"{postgres}{join}schema=test_two_real", world_real)
    with replay.write() as tx:
        journal.add(tx, JournalEntry(now, "kind", "who", "replay"))
    with real.read() as tx:
        assert journal.entries(tx) == []
    for store in (replay, real):
        with store.write() as tx:
            tx.exec_driver_sql(f"DROP SCHEMA {store.schema} CASCADE")
        store.close()


def test_open_store_makes_nothing(address: str) -> None:
    store = open_store(address, create=True)
    names = "sqlite_master" if store.sqlite else f"pg_tables WHERE schemaname = '{store.schema}'"
    with store.read() as tx:
        assert tx.execute(text(f"SELECT count(*) FROM {names}")).scalar_one() == 0
    store.close()
