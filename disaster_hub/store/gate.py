"""The headquarters' word on the residents' gate: only ever added, the newest one holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from disaster_hub.store import journal
from disaster_hub.store.round_tables import gate as table
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.gate import GateWord
from disaster_hub.terms.notice import JournalEntry


def open_until(tx: Connection, until: datetime, who: str, now: datetime, because: str = "") -> None:
    """Open the gate until *until*, which must lie ahead: an opening without an end is forgotten."""
    if until <= now:
        raise BadInput("終わりの時刻が過ぎています。これからの時刻を選んでください")
    tx.execute(table.insert().values(at=now, opened=True, until=until, who=who, because=because))
    what = f"住民からの報告の受付を開きました（{until.astimezone(JAPAN):%d日%H:%M}まで）"
    journal.add(tx, JournalEntry(now, "gate_opened", who, what, because=because or None))


def shut(tx: Connection, who: str, now: datetime, because: str = "") -> None:
    """End the headquarters' opening; a level that is in force still holds the gate open."""
    tx.execute(table.insert().values(at=now, opened=False, until=None, who=who, because=because))
    what = "住民からの報告の受付を閉じました（本部が開けた分）"
    journal.add(tx, JournalEntry(now, "gate_shut", who, what, because=because or None))


def newest(tx: Connection) -> GateWord | None:
    """Give the newest word; None where the headquarters never said anything."""
    row = tx.execute(select(table).order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else GateWord(row.opened, row.at, row.until, row.who, row.because)
