"""The posture of the headquarters: 本部 and 配備体制, every change a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from disaster_hub.store.decision_tables import posture as table
from disaster_hub.terms.decision import Posture


def add(tx: Connection, one: Posture, note: str, now: datetime) -> None:
    """Write how it stands from now on."""
    row = {"at": now, "since": one.since, "stage": one.stage, "headquarters": one.headquarters}
    tx.execute(insert(table).values(**row, present=list(one.present), who=one.who, note=note))


def current(tx: Connection) -> Posture | None:
    """Give how it stands; None where nobody has said anything yet."""
    row = tx.execute(select(table).order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else _posture(row)


def history(tx: Connection, limit: int = 50) -> list[Posture]:
    """Give how it stood, the newest first."""
    return [_posture(row) for row in tx.execute(select(table).order_by(table.c.id.desc()).limit(limit))]


def _posture(row: Any) -> Posture:
    return Posture(row.stage, row.since, row.headquarters, tuple(row.present), row.who)
