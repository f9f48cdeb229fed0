"""Who may sign in; passwords only as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from disaster_hub.store.staff_tables import staff_identity as identities
from disaster_hub.store.tables import staff as table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.role import Role

CHANGEABLE = frozenset({"role", "department", "shown", "disabled_at", "must_change", "ended_at"})


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may sign in."""

    name: str
    password: str
    role: str
    department: str = ""
    shown: str = ""
    """The name as others see it; an account out of the store always has one."""
    disabled_at: datetime | None = None
    must_change: bool = False
    """True until the person has replaced a password that somebody else knows."""
    last_signed_in_at: datetime | None = None
    locked_until: datetime | None = None
    ended_at: datetime | None = None
    """Sessions that began before this count no more."""


def add(
    tx: Connection,
    name: str,
    password_hash: str,
    role: str,
    now: datetime,
    department: str = "",
    shown: str = "",
    *,
    must_change: bool = False,
) -> bool:
    """Add an account; False where the name is taken."""
    row = {"name": name, "password": password_hash, "role": role, "created_at": now, "changed_at": now}
    row |= {"department": department, "shown": shown, "must_change": must_change}
    return add_once(tx, table, row, ("name",))


def find(tx: Connection, name: str) -> Account | None:
    """Give the account of *name*, or None."""
    row = tx.execute(select(table).where(table.c.name == name)).first()
    return None if row is None else account_of(row)


def accounts(tx: Connection) -> list[Account]:
    """Give every account, by name."""
    return [account_of(row) for row in tx.execute(select(table).order_by(table.c.name))]


def account_of(row: Row[Any]) -> Account:
    """Give the account that a row of the table tells."""
    return Account(
        row.name, row.password, row.role, row.department or "", row.shown or row.name, row.disabled_at,
        bool(row.must_change), row.last_signed_in_at, row.locked_until, row.ended_at,
    )  # fmt: skip


def set_password(
    tx: Connection, name: str, password_hash: str, now: datetime, *, must_change: bool = False, ends: bool = True
) -> bool:
    """Change a password, which also opens a lock; False where nobody has that name.

    *ends* False where the same password was only hashed anew: then sessions go on.
    """
    row: dict[str, Any] = {"password": password_hash}
    if ends:
        row |= {"changed_at": now, "must_change": must_change, "failures": 0, "failed_at": None, "locked_until": None}
    return tx.execute(update(table).where(table.c.name == name).values(**row)).rowcount == 1


def change(tx: Connection, name: str, now: datetime, **fields: Any) -> bool:
    """Change what is named in CHANGEABLE; False where nobody has that name."""
    if fields.keys() - CHANGEABLE:
        raise ValueError(f"not to be changed here: {sorted(fields.keys() - CHANGEABLE)}")
    return tx.execute(update(table).where(table.c.name == name).values(changed_at=now, **fields)).rowcount == 1


def any_administrator(tx: Connection) -> bool:
    """Tell whether there is an administrator."""
    query = select(func.count()).select_from(table).where(table.c.role == Role.ADMINISTRATOR)
    return tx.execute(query).scalar_one() > 0


def other_administrators(tx: Connection, name: str) -> int:
    """Count the administrators beside *name* who can sign in.

    On PostgreSQL the rows stay locked until the end of *tx*: two who demote each other at once do not both succeed.
    """
    query = select(table.c.name).where(table.c.role == Role.ADMINISTRATOR, table.c.disabled_at.is_(None))
    found = [row.name for row in tx.execute(query.order_by(table.c.name).with_for_update())]
    return sum(one != name for one in found)


def by_identity(tx: Connection, issuer: str, subject: str) -> Account | None:
    """Give the account of whom *issuer* calls *subject*; None where nobody came by that name yet."""
    known = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    row = tx.execute(select(table).join(identities, identities.c.name == table.c.name).where(known)).first()
    return None if row is None else account_of(row)


def remember_identity(tx: Connection, issuer: str, subject: str, name: str, now: datetime) -> bool:
    """Write down that *name* is whom *issuer* calls *subject*; False where that is written already."""
    row = {"issuer": issuer, "subject": subject, "name": name, "added_at": now}
    return add_once(tx, identities, row, ("issuer", "subject"))
