"""The one journal: whatever happened is a row that is only ever added."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from disaster_hub.store.tables import journal as table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.notice import JournalEntry


def add(tx: Connection, entry: JournalEntry) -> bool:
    """Write one happening; False where its key is written already."""
    row = {"at": entry.at, "kind": entry.kind, "who": entry.who, "what": entry.what}
    row |= {"place": entry.where, "because": entry.because, "key": entry.key}
    row |= {"noted_at": entry.noted_at, "about": entry.about, "person": entry.person}
    if entry.key is None:
        tx.execute(table.insert().values(**row))
        return True
    return add_once(tx, table, row, ("key",))


def entries(
    tx: Connection, *, since: datetime | None = None, limit: int = 100, kinds: Collection[str] = ()
) -> list[JournalEntry]:
    """Give the newest entries first."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(table.c.at >= since)
    if kinds:
        query = query.where(table.c.kind.in_(list(kinds)))
    return [entry_of(row) for row in tx.execute(query)]


def entry_of(row: Row[Any]) -> JournalEntry:
    """Give the happening that a row of the journal tells."""
    return JournalEntry(
        row.at, row.kind, row.who, row.what, row.place, row.because, row.key, row.noted_at, row.about, row.person
    )


def newest(tx: Connection) -> int:
    """Give the number of the newest row; 0 where there is none."""
    return int(tx.execute(select(func.max(table.c.id))).scalar_one() or 0)
