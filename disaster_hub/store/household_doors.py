"""Doors to a household: random tokens, of which only the hash is kept; unknown, ended and revoked look the same."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from disaster_hub.store.household_tables import household_door as table

ONCE = "mail"


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose door was opened, and as what: `phone` (the owner), `share` (may look) or `mail` (once, to come back)."""

    household: str
    kind: str


def give_door(tx: Connection, household: str, kind: str, until: datetime) -> str:
    """Make a door and give the token that opens it until *until*: it is nowhere else."""
    token = secrets.token_urlsafe(32)
    tx.execute(insert(table).values(token=_hash(token), household=household, kind=kind, until=until))
    return token


def look(tx: Connection, token: str, now: datetime) -> Entry | None:
    """Give whose door *token* would open, without using it up; None for every token that opens none."""
    row = tx.execute(select(table).where(table.c.token == _hash(token), table.c.until > now)).first()
    return None if row is None else Entry(row.household, row.kind)


def open_door(tx: Connection, token: str, now: datetime) -> Entry | None:
    """Give whose door *token* opens; None for every token that opens none. A mailed one opens once."""
    found = look(tx, token, now)
    if found is not None and found.kind == ONCE:
        taken = tx.execute(delete(table).where(table.c.token == _hash(token))).rowcount
        return found if taken else None
    return found


def revoke(tx: Connection, household: str, kind: str) -> int:
    """Close every door of *kind* to a household; give how many there were."""
    return tx.execute(delete(table).where(table.c.household == household, table.c.kind == kind)).rowcount


def shares(tx: Connection, household: str, now: datetime) -> int:
    """Count the shared links that are open."""
    mine = (table.c.household == household) & (table.c.kind == "share") & (table.c.until > now)
    return int(tx.execute(select(func.count()).select_from(table).where(mine)).scalar_one())


def forget_ended(tx: Connection, now: datetime) -> int:
    """Take away doors whose time has passed."""
    return tx.execute(delete(table).where(table.c.until <= now)).rowcount


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
