"""Sessions of staff: begun at a sign-in, known to every process, ended by their owner or an administrator."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from disaster_hub.store import staff
from disaster_hub.store.staff import Account
from disaster_hub.store.staff_tables import staff_session as table
from disaster_hub.store.tables import staff as accounts
from disaster_hub.store.upsert import add_once

KEPT = timedelta(days=90)
"""So long is a session that ended still shown."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one account."""

    id: bytes
    name: str
    began: datetime
    last_used: datetime
    address: str
    """The network alone, never the whole address."""
    ended: datetime | None = None


def begin(tx: Connection, token: str, name: str, address: str, now: datetime) -> None:
    """Write a session down, and forget those that ended long ago; twice is once."""
    row = {"id": _id(token), "name": name, "began": now, "last_used": now, "address": address}
    add_once(tx, table, row, ("id",))
    tx.execute(delete(table).where(table.c.name == name, table.c.last_used < now - KEPT))


def find(tx: Connection, token: str, name: str) -> tuple[Account | None, Session | None]:
    """Give the account of *name*, and the session of *token* where it is theirs."""
    account = staff.find(tx, name)
    row = tx.execute(select(table).where(table.c.id == _id(token), table.c.name == name)).first()
    return account, None if row is None else Session(*row)


def touch(tx: Connection, token: str, now: datetime) -> None:
    """Say that a session is in use."""
    tx.execute(update(table).where(table.c.id == _id(token)).values(last_used=now))


def end(tx: Connection, token: str, now: datetime) -> None:
    """End one session; one that ended already keeps its time."""
    tx.execute(update(table).where(table.c.id == _id(token), table.c.ended.is_(None)).values(ended=now))


def end_all(tx: Connection, name: str, now: datetime) -> int:
    """End every session of *name*, those too that could not be written down; tell how many were open."""
    tx.execute(update(accounts).where(accounts.c.name == name).values(ended_at=now))
    open_ones = (table.c.name == name, table.c.ended.is_(None))
    return tx.execute(update(table).where(*open_ones).values(ended=now)).rowcount


def in_use(tx: Connection, since: datetime) -> list[Session]:
    """Give the sessions that have not ended and were used since *since*, the newest first."""
    query = select(table).where(table.c.ended.is_(None), table.c.last_used >= since).order_by(table.c.last_used.desc())
    return [Session(*row) for row in tx.execute(query)]


def _id(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
