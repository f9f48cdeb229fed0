"""The outbox: notices frozen as decided, deliveries claimed with a lease and settled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.notice import Delivery, Notice
from disaster_hub.terms.world import WorldKind


def enqueue(tx: Connection, decided: Notice, to: Sequence[tuple[str, str]]) -> bool:
    """Write a notice and its deliveries (channel, address); False where its key is known."""
    row = asdict(decided) | {"world": decided.world.value}
    if not add_once(tx, notice, row, ("key",)):
        return False
    number = tx.execute(select(notice.c.id).where(notice.c.key == decided.key)).scalar_one()
    same = {"notice_id": number, "urgency": decided.urgency, "state": "due", "due_at": decided.decided_at, "tries": 0}
    rows = [same | {"channel": channel, "address": address} for channel, address in dict.fromkeys(to)]
    if rows:
        tx.execute(insert(delivery), rows)
    return True


def claim(
    tx: Connection, now: datetime, *, wall: datetime, lease: timedelta, limit: int, worker: str
) -> list[Delivery]:
    """Take due deliveries, urgent first, until *wall* + *lease*; what has expired is settled so, not taken."""
    _expire(tx, now, wall, worker)
    due = select(delivery.c.id).where(delivery.c.state == "due", delivery.c.due_at <= now, _free(wall))
    due = due.order_by(delivery.c.urgency.desc(), delivery.c.due_at, delivery.c.id).limit(limit)
    if tx.dialect.name != "sqlite":
        due = due.with_for_update(skip_locked=True)
    numbers = list(tx.execute(due).scalars())
    if not numbers:
        return []
    held = {"leased_until": wall + lease, "worker": worker, "tries": delivery.c.tries + 1}
    tx.execute(update(delivery).where(delivery.c.id.in_(numbers)).values(**held))
    query = select(delivery, notice).join(notice, notice.c.id == delivery.c.notice_id)
    query = query.where(delivery.c.id.in_(numbers)).order_by(delivery.c.urgency.desc(), delivery.c.id)
    return [_delivery(row) for row in tx.execute(query)]


def settle(
    tx: Connection,
    delivery_id: int,
    outcome: str,
    reason: str,
    now: datetime,
    worker: str,
    *,
    wall: datetime | None = None,
    again: timedelta = timedelta(seconds=30),
) -> bool:
    """Write how a try ended (`sent`, `refused`, `retry`); False where it was settled before, or is another's to retry.

    Saying the same again writes nothing. A worker whose lease ran out may still say `sent`: it is true.
    """
    state = "due" if outcome == "retry" else outcome
    mine = update(delivery).where(delivery.c.id == delivery_id, delivery.c.state == "due")
    if outcome == "retry":
        mine = mine.where(delivery.c.worker == worker)
    # A retry waits on the wall's clock, as a lease does: a replay's own clock stands still at its end.
    free_again = (wall or now) + again if outcome == "retry" else None
    settled = tx.execute(mine.values(state=state, leased_until=free_again, worker=None)).rowcount == 1
    row = {"delivery_id": delivery_id, "at": now, "worker": worker, "outcome": outcome, "reason": reason[:300]}
    add_once(tx, attempt, row, ("delivery_id", "at", "worker", "outcome"))
    return settled


def counts(tx: Connection) -> dict[str, int]:
    """Count deliveries by state."""
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return {state: int(number) for state, number in tx.execute(query)}


def _expire(tx: Connection, now: datetime, wall: datetime, worker: str) -> None:
    """Settle what came too late, unless a worker has it in hand; each is written down once."""
    late = select(delivery.c.id).join(notice, notice.c.id == delivery.c.notice_id)
    late = late.where(delivery.c.state == "due", notice.c.expires_at <= now, _free(wall))
    if tx.dialect.name != "sqlite":
        late = late.with_for_update(skip_locked=True, of=delivery)
    numbers = list(tx.execute(late).scalars())
    if not numbers:
        return
    tx.execute(update(delivery).where(delivery.c.id.in_(numbers)).values(state="expired", leased_until=None))
    said = {"at": now, "worker": worker, "outcome": "expired", "reason": "its time had passed"}
    tx.execute(insert(attempt), [said | {"delivery_id": number} for number in numbers])


def _free(wall: datetime) -> ColumnElement[bool]:
    return or_(delivery.c.leased_until.is_(None), delivery.c.leased_until <= wall)


def _delivery(row: Row[Any]) -> Delivery:
    decided = Notice(
        key=row.key,
        world=WorldKind(row.world),
        kind=row.kind,
        headline=row.headline,
        text=row.text,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
        urgency=row.urgency,
        url=row.url or "",
        unsubscribe=row.unsubscribe or "",
    )
    return Delivery(row.id, decided, row.channel, row.address, row.tries)
