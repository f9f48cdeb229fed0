"""The record of views of personal data: rows of the journal, found by who, whom, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from disaster_hub.store.journal import entry_of
from disaster_hub.store.tables import journal as table
from disaster_hub.terms.notice import JournalEntry


def views(
    tx: Connection,
    kind: str,
    *,
    who: str = "",
    about: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 200,
) -> list[JournalEntry]:
    """Give the views, the newest first; an empty text looks for everything, *until* itself is left out."""
    query = select(table).where(table.c.kind == kind)
    if who:
        query = query.where(table.c.who == who)
    if about:
        query = query.where(table.c.place == about)
    if since is not None:
        query = query.where(table.c.at >= since)
    if until is not None:
        query = query.where(table.c.at < until)
    return [entry_of(row) for row in tx.execute(query.order_by(table.c.id.desc()).limit(limit))]


def viewers(tx: Connection, kind: str) -> list[str]:
    """Give everybody who ever opened something."""
    query = select(table.c.who).where(table.c.kind == kind).distinct().order_by(table.c.who)
    return [row.who for row in tx.execute(query)]
