"""Erasing: what a deleted home leaves behind in a spatial index, a write-ahead log or a dead row is overwritten too."""

from __future__ import annotations

import struct
from typing import Any

from sqlalchemy import Connection, text

from disaster_hub.store.layers import home
from disaster_hub.store.session import Store, after_commit, said_plainly

NODES = f"rtree_{home.name}_geom_node"
HEAD, CELL = 4, 24
"""A node of SQLite's R*Tree: depth and number of cells, then cells of a row's id and four 32-bit bounds."""


def scrub(tx: Connection) -> int:
    """Blank what the spatial index of homes keeps behind its last cells; give how many nodes held something.

    SQLite's `secure_delete` blanks rows, but an R*Tree takes a cell away by moving the others up: the bytes of the
    last one stay where they were, and may be the very point that was to go.
    """
    if tx.dialect.name != "sqlite":
        return 0
    found = 0
    for number, data in list(tx.execute(text(f"SELECT nodeno, data FROM {NODES}"))):  # noqa: S608  # our own table
        clean = _blanked(bytes(data))
        if clean != data:
            found += 1
            tx.execute(text(f"UPDATE {NODES} SET data = :d WHERE nodeno = :n"), {"d": clean, "n": number})  # noqa: S608
    return found


def empty_log(tx: Connection) -> None:
    """Once *tx* is committed, bring SQLite's write-ahead log home and cut it to nothing, where no reader needs it."""
    if tx.dialect.name == "sqlite":
        after_commit(tx, lambda: _cut(tx.connection.dbapi_connection))


def tidy(store: Store) -> None:
    """Do what could not be done at once: cut the log that a reader still needed; on PostgreSQL, drop dead rows."""
    with said_plainly():
        if store.sqlite:
            with store.write() as tx:
                scrub(tx)
                empty_log(tx)
        else:
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                link.exec_driver_sql(f"VACUUM (FULL) {home.name}")


def _blanked(data: bytes) -> bytes:
    cells = struct.unpack_from(">H", data, 2)[0]
    used = HEAD + CELL * cells
    return data[:used] + bytes(len(data) - used)


def _cut(link: Any) -> None:
    """Cut the log without waiting: a reader that holds it is somebody at a page, and `tidy` comes again."""
    patience = link.execute("PRAGMA busy_timeout").fetchone()[0]
    try:
        link.execute("PRAGMA busy_timeout=0")
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        link.execute(f"PRAGMA busy_timeout={patience}")
