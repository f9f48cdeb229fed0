"""Camera stills: the newest hours of each camera, each with its own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Row, Select, delete, func, select

from disaster_hub.store.desk_tables import still as table
from disaster_hub.store.upsert import add_once

KEPT = timedelta(hours=26)
"""A little more than the slider of the desk's map looks back."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture without its bytes; *taken_at* None: it says no time of its own."""

    id: int
    camera: str
    taken_at: datetime | None
    basis: str
    """Whose word *taken_at* is: `header`, `exif`, `file` or `unknown`."""
    received_at: datetime
    width: int
    height: int


def put(
    tx: Connection,
    camera: str,
    jpeg: bytes,
    size: tuple[int, int],
    taken_at: datetime | None,
    basis: str,
    now: datetime,
) -> bool:
    """Keep one still; False where this very picture is known: then its first time stands, for nothing new was seen."""
    row: dict[str, object] = {"camera": camera, "taken_at": taken_at, "basis": basis, "received_at": now, "body": jpeg}
    row |= {"sha256": sha256(jpeg).digest(), "width": size[0], "height": size[1]}
    return add_once(tx, table, row, ("camera", "sha256"))


def newest(tx: Connection, at: datetime | None = None) -> dict[str, Still]:
    """Give the last still of each camera, received at or before *at*."""
    last = select(func.max(table.c.id)).group_by(table.c.camera)
    if at is not None:
        last = last.where(table.c.received_at <= at)
    return {row.camera: _still(row) for row in tx.execute(_plain().where(table.c.id.in_(last)))}


def find(tx: Connection, camera: str, at: datetime | None = None) -> tuple[Still, bytes] | None:
    """Give the last still of one camera with its bytes, received at or before *at*; None where there is none."""
    query = select(table).where(table.c.camera == camera).order_by(table.c.id.desc()).limit(1)
    if at is not None:
        query = query.where(table.c.received_at <= at)
    row = tx.execute(query).first()
    return None if row is None else (_still(row), bytes(row.body))


def times(tx: Connection, camera: str, since: datetime) -> list[Still]:
    """Give the stills of one camera since *since*, oldest first, without their bytes."""
    mine = (table.c.camera == camera, table.c.received_at >= since)
    return [_still(row) for row in tx.execute(_plain().where(*mine).order_by(table.c.id))]


def forget(tx: Connection, before: datetime) -> int:
    """Throw away stills received before *before*, but never the last of a camera; give how many."""
    last = select(func.max(table.c.id)).group_by(table.c.camera)
    return int(tx.execute(delete(table).where(table.c.received_at < before, table.c.id.not_in(last))).rowcount)


def _plain() -> Select[tuple[int, str, datetime | None, str, datetime, int, int]]:
    c = table.c
    return select(c.id, c.camera, c.taken_at, c.basis, c.received_at, c.width, c.height)


def _still(row: Row[tuple[int, str, datetime | None, str, datetime, int, int]]) -> Still:
    return Still(row.id, row.camera, row.taken_at, row.basis, row.received_at, row.width, row.height)
