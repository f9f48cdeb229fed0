"""Texts that a town writes and that rule from then on: every version that was ever saved, kept as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text as somebody saved it."""

    number: int
    at: datetime
    who: str
    note: str
    text: str


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one text, in a table of their own; only ever added to."""

    table: Table

    def add(self, tx: Connection, text: str, who: str, note: str, now: datetime) -> Version:
        """Add a version, which rules from now on; who calls has read the text and found it good."""
        row = {"at": now, "who": who, "note": note, "text": text}
        number = tx.execute(insert(self.table).values(**row).returning(self.table.c.number)).scalar_one()
        return Version(int(number), now, who, note, text)

    def newest(self, tx: Connection, *, lock: bool = False) -> Version | None:
        """Give the version that rules; None where none was saved. *lock* lets one clock at a time go on."""
        query = select(self.table).order_by(self.table.c.number.desc()).limit(1)
        if lock and tx.dialect.name != "sqlite":
            query = query.with_for_update()
        return _version(tx.execute(query).first())

    def find(self, tx: Connection, number: int) -> Version | None:
        """Give one version; None where there is none of that number."""
        return _version(tx.execute(select(self.table).where(self.table.c.number == number)).first())

    def versions(self, tx: Connection) -> list[Version]:
        """Give every version, the newest first."""
        rows = tx.execute(select(self.table).order_by(self.table.c.number.desc()))
        return [one for row in rows if (one := _version(row)) is not None]


def _version(row: Row[Any] | None) -> Version | None:
    return None if row is None else Version(row.number, row.at, row.who, row.note, row.text)
