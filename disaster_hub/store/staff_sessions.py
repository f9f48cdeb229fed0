"""Sessions of staff: begun at a sign-in, known to every process, ended by their owner or an administrator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
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
AT_ONCE = 500
"""A statement has only so many parameters."""


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


Key = tuple[str, str]
"""A token, and the name it says it is of."""
Found = tuple[Account | None, Session | None]


def begin(tx: Connection, token: str, name: str, address: str, now: datetime) -> None:
    """Write a session down, and forget those that ended long ago; twice is once."""
    row = {"id": _id(token), "name": name, "began": now, "last_used": now, "address": address}
    add_once(tx, table, row, ("id",))
    tx.execute(delete(table).where(table.c.name == name, table.c.last_used < now - KEPT))


def find(tx: Connection, token: str, name: str) -> Found:
    """Give the account of *name*, and the session of *token* where it is theirs."""
    account = staff.find(tx, name)
    row = tx.execute(select(table).where(table.c.id == _id(token), table.c.name == name)).first()
    return account, None if row is None else Session(*row)


def find_all(tx: Connection, asked: Iterable[Key]) -> dict[Key, Found]:
    """Give what `find` gives for many at once."""
    keys = list(asked)
    known = {account.name: account for account in staff.accounts(tx)}
    ids = [_id(token) for token, _ in keys]
    rows: dict[tuple[bytes, str], Session] = {}
    for first in range(0, len(ids), AT_ONCE):
        found = tx.execute(select(table).where(table.c.id.in_(ids[first : first + AT_ONCE])))
        rows |= {(one.id, one.name): one for one in (Session(*row) for row in found)}
    return {key: (known.get(key[1]), rows.get((one, key[1]))) for key, one in zip(keys, ids, strict=True)}


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
