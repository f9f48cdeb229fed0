"""Who may sign in; passwords only as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from disaster_hub.store.tables import staff as table
from disaster_hub.store.upsert import add_once


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may sign in."""

    name: str
    password: str
    role: str

    @property
    def shown(self) -> str:
        """Give the name as others see it."""
        return self.name


def add(tx: Connection, name: str, password_hash: str, role: str, now: datetime) -> bool:
    """Add an account; False where the name is taken."""
    row = {"name": name, "password": password_hash, "role": role, "created_at": now, "changed_at": now}
    return add_once(tx, table, row, ("name",))


def find(tx: Connection, name: str) -> Account | None:
    """Give the account of *name*, or None."""
    row = tx.execute(select(table.c.name, table.c.password, table.c.role).where(table.c.name == name)).first()
    return None if row is None else Account(*row)


def set_password(tx: Connection, name: str, password_hash: str, now: datetime) -> bool:
    """Change a password; False where nobody has that name."""
    row = {"password": password_hash, "changed_at": now}
    return tx.execute(update(table).where(table.c.name == name).values(**row)).rowcount == 1


def any_administrator(tx: Connection) -> bool:
    """Tell whether there is an administrator."""
    query = select(func.count()).select_from(table).where(table.c.role == "administrator")
    return tx.execute(query).scalar_one() > 0
