"""Official levels: the newest word per area and hazard, and every change, which is only ever added."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from disaster_hub.store.tables import level_change, official
from disaster_hub.store.upsert import add_once, put
from disaster_hub.terms.level import AreaKind, LevelChange, Official


def put_official(tx: Connection, word: Official) -> None:
    """Write the newest word on one hazard in one area."""
    put(tx, official, asdict(word), ("area", "hazard"))


def drop_official(tx: Connection, area: str, hazard: str) -> None:
    """Forget a word that was withdrawn with nothing before it."""
    tx.execute(delete(official).where(official.c.area == area, official.c.hazard == hazard))


def officials(tx: Connection) -> list[Official]:
    """Give the newest word on each hazard in each area."""
    rows = tx.execute(select(official).order_by(official.c.area, official.c.hazard)).mappings()
    return [Official(**dict(row) | {"area_kind": AreaKind(row["area_kind"])}) for row in rows]


def append_change(tx: Connection, change: LevelChange) -> bool:
    """Add a change of level; False where this area's change by this evidence is known."""
    return add_once(tx, level_change, asdict(change), ("area", "evidence"))


def current(tx: Connection) -> dict[str, LevelChange]:
    """Give the newest change of each area."""
    newest = select(func.max(level_change.c.id)).group_by(level_change.c.area)
    query = select(level_change).where(level_change.c.id.in_(newest))
    return {row.area: _change(row) for row in tx.execute(query)}


def changes(tx: Connection, area: str | None = None, since: datetime | None = None) -> list[LevelChange]:
    """Give the changes, oldest first."""
    query = select(level_change).order_by(level_change.c.id)
    if area is not None:
        query = query.where(level_change.c.area == area)
    if since is not None:
        query = query.where(level_change.c.at >= since)
    return [_change(row) for row in tx.execute(query)]


def _change(row: Row[Any]) -> LevelChange:
    fields = {name: value for name, value in row._mapping.items() if name != "id"}  # noqa: SLF001  # SQLAlchemy's public spelling
    return LevelChange(**fields | {"area_kind": AreaKind(row.area_kind)})
