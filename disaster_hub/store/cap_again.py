"""CAP messages that were written anew while their order stood: each beside the first one, which stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from disaster_hub.store import releases
from disaster_hub.store.release_tables import cap_again as table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.release import Form, Part, Release


def add(tx: Connection, one: Release, number: int) -> bool:
    """Write the message *number* of its alert; False where it is there already."""
    releases.guard(tx, one)
    names = ("alert", "written_at", "file", "content", "media", "reference", "valid_until", "filed_at")
    row: dict[str, Any] = {name: getattr(one, name) for name in names}
    row |= {"number": number, "parts": [asdict(part) for part in one.parts]}
    return add_once(tx, table, row, ("alert", "number"))


def of_alerts(tx: Connection, alerts: Sequence[str]) -> list[Release]:
    """Give every message that was written anew for these alerts, the oldest first."""
    query = select(table).where(table.c.alert.in_(list(alerts))).order_by(table.c.written_at, table.c.alert)
    return [_release(row) for row in tx.execute(query)]


def newest(tx: Connection, now: datetime) -> list[Release]:
    """Give the CAP messages whose own time has not passed, of each alert the newest alone."""
    found = {one.alert: one for one in reversed(releases.holding(tx, Form.CAP, now))}
    query = select(table).where(table.c.valid_until > now).order_by(table.c.number)
    found |= {row.alert: _release(row) for row in tx.execute(query)}
    return sorted(found.values(), key=lambda one: (one.written_at, one.alert), reverse=True)


def by_file(tx: Connection, name: str) -> Release | None:
    """Give the message whose file has this name; None where there is none."""
    row = tx.execute(select(table).where(table.c.file == name)).first()
    return None if row is None else _release(row)


def unfiled(tx: Connection, limit: int = 50) -> list[Release]:
    """Give the messages whose file nobody has written yet, the oldest first."""
    query = select(table).where(table.c.filed_at.is_(None)).order_by(table.c.written_at, table.c.alert).limit(limit)
    return [_release(row) for row in tx.execute(query)]


def filed(tx: Connection, one: Release, now: datetime) -> None:
    """Write that the file is there; one that was not written anew is none of these."""
    tx.execute(update(table).where(table.c.file == one.file, table.c.filed_at.is_(None)).values(filed_at=now))


def _release(row: Any) -> Release:
    parts = tuple(Part(**part) for part in row.parts)
    return Release(
        row.alert, Form.CAP, row.written_at, parts, row.file, row.content, row.media, reference=row.reference,
        valid_until=row.valid_until, filed_at=row.filed_at,
    )  # fmt: skip
