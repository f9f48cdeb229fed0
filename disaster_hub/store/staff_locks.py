"""Lock-out, known to every process and after a restart: wrong tries are counted where they come from.

Strangers share one count an account; a network from which the account signed in well in the last 30 days has a count
of its own. So whoever guesses from afar locks only strangers out, never the officer at the desk where she always sits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from disaster_hub.store.staff_tables import staff_origin as origins
from disaster_hub.store.tables import staff as table
from disaster_hub.store.upsert import put

TRIES = 10
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=4)
FORGET_AFTER = timedelta(days=1)
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Lock:
    """What one try found: looked at, or shut until a time; *fresh* where this very try began the lock."""

    until: datetime | None = None
    known: bool = False
    """True where the try came from a network that the account signed in from before."""
    fresh: bool = False


def lock_after(failures: int) -> timedelta | None:
    """Give how long *failures* wrong tries shut the door: nothing below ten, then 15 minutes, doubling to 4 hours."""
    if failures < TRIES:
        return None
    doublings: int = min(failures - TRIES, 10)
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << doublings))


def try_once(tx: Connection, name: str, mark: bytes, now: datetime) -> Lock:
    """Count a try before the password is looked at, so that many at once are no way around; `right` takes it back."""
    here = and_(origins.c.name == name, origins.c.mark == mark)
    own = (here, origins.c.right_at > now - KNOWN_FOR)
    # The account's row is taken first: two tries at once are counted one after the other on PostgreSQL too.
    account = tx.execute(select(table).where(table.c.name == name).with_for_update()).first()
    if account is None:
        return Lock()
    origin = tx.execute(select(origins).where(*own)).first()
    row = account if origin is None else origin
    if row.locked_until is not None and row.locked_until > now:
        return Lock(row.locked_until, origin is not None)
    failures = 1 if row.failed_at is None or now - row.failed_at > FORGET_AFTER else (row.failures or 0) + 1
    lock = lock_after(failures)
    said: dict[str, Any] = {"failures": failures, "failed_at": now, "locked_until": now + lock if lock else None}
    where = update(table).where(table.c.name == name) if origin is None else update(origins).where(here)
    tx.execute(where.values(**said))
    return Lock(None, origin is not None, lock is not None)


def known(tx: Connection, name: str, mark: bytes, now: datetime) -> bool:
    """Tell whether *name* signed in well from this network in the last 30 days."""
    own = (origins.c.name == name, origins.c.mark == mark, origins.c.right_at > now - KNOWN_FOR)
    return tx.execute(select(origins.c.name).where(*own)).first() is not None


def right(tx: Connection, name: str, mark: bytes, now: datetime, *, stranger: bool) -> None:
    """Take back what was counted, and remember the network; a known one leaves the strangers' count as it is."""
    said: dict[str, Any] = {"last_signed_in_at": now}
    if stranger:
        said |= {"failures": 0, "failed_at": None, "locked_until": None}
    tx.execute(update(table).where(table.c.name == name).values(**said))
    row = {"name": name, "mark": mark, "right_at": now, "failures": 0, "failed_at": None, "locked_until": None}
    put(tx, origins, row, ("name", "mark"))
    tx.execute(delete(origins).where(origins.c.name == name, origins.c.right_at < now - KNOWN_FOR))


def unlock(tx: Connection, name: str) -> bool:
    """Open every lock of *name*; False where nobody has that name."""
    said = {"failures": 0, "failed_at": None, "locked_until": None}
    tx.execute(update(origins).where(origins.c.name == name).values(**said))
    return tx.execute(update(table).where(table.c.name == name).values(**said)).rowcount == 1
