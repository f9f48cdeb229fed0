"""The pulse of processes and sources: who lives, who answered, who failed, what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from disaster_hub.store.tables import heartbeat, lease
from disaster_hub.store.tables import pulse as table
from disaster_hub.store.upsert import add_once, put


@dataclass(frozen=True, slots=True)
class SourcePulse:
    """How one source has been doing; *failures* in a row, *refusals* since the store was made."""

    source: str
    last_success: datetime | None
    last_try: datetime | None
    failures: int
    failures_total: int
    refusals: int
    last_reason: str
    detail: str
    long_success: datetime | None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of one process; *wall* is the machine's time, *at* the world's."""

    process: str
    worker: str
    at: datetime
    wall: datetime
    note: str


def beat(tx: Connection, process: str, worker: str, now: datetime, *, wall: datetime, note: str = "") -> None:
    """Write that *process* lives."""
    row = {"process": process, "worker": worker, "at": now, "wall": wall, "note": note}
    put(tx, heartbeat, row, ("process", "worker"))
    old = heartbeat.c.wall < wall - timedelta(hours=1)
    tx.execute(delete(heartbeat).where(heartbeat.c.process == process, old))


def heartbeats(tx: Connection) -> list[Heartbeat]:
    """Give the last sign of each process."""
    return [Heartbeat(*row) for row in tx.execute(select(heartbeat).order_by(heartbeat.c.process))]


def success(tx: Connection, source: str, now: datetime, *, detail: str | None = None, long: bool = False) -> None:
    """Write that a source answered well; *long* where it was the answer that heals holes."""
    _known(tx, source)
    row: dict[str, object] = {"last_success": now, "last_try": now, "failures": 0}
    row |= {} if detail is None else {"detail": detail}
    row |= {"long_success": now} if long else {}
    tx.execute(update(table).where(table.c.source == source).values(**row))


def failure(tx: Connection, source: str, now: datetime, reason: str) -> None:
    """Write that a source did not answer; what was known before stays as it is."""
    _known(tx, source)
    more = {"failures": table.c.failures + 1, "failures_total": table.c.failures_total + 1}
    row = {"last_try": now, "last_reason": reason[:300], **more}
    tx.execute(update(table).where(table.c.source == source).values(**row))


def count_refusals(tx: Connection, source: str, number: int, reason: str) -> None:
    """Count what a source sent and nobody could read."""
    _known(tx, source)
    row = {"refusals": table.c.refusals + number, "last_reason": reason[:300]}
    tx.execute(update(table).where(table.c.source == source).values(**row))


def sources(tx: Connection) -> list[SourcePulse]:
    """Give every source's pulse."""
    return [SourcePulse(*row) for row in tx.execute(select(table).order_by(table.c.source))]


def take_lease(tx: Connection, name: str, holder: str, wall: datetime, span: timedelta) -> bool:
    """Take or keep a lease on *name* (wall time); False while somebody else holds it."""
    add_once(tx, lease, {"name": name, "holder": holder, "until": wall + span}, ("name",))
    free = (lease.c.holder == holder) | (lease.c.until < wall)
    mine = update(lease).where(lease.c.name == name, free).values(holder=holder, until=wall + span)
    return tx.execute(mine).rowcount == 1


def lease_holder(tx: Connection, name: str) -> str | None:
    """Give who holds the lease on *name*, run out or not."""
    return tx.execute(select(lease.c.holder).where(lease.c.name == name)).scalar_one_or_none()


def drop_lease(tx: Connection, name: str, holder: str) -> None:
    """Give a lease back."""
    tx.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def _known(tx: Connection, source: str) -> None:
    zero = {"failures": 0, "failures_total": 0, "refusals": 0, "last_reason": "", "detail": ""}
    add_once(tx, table, {"source": source, **zero}, ("source",))
