"""Canaries: when each was sent to its test handset, when its receipt came."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from disaster_hub.store.release_tables import canary as table
from disaster_hub.store.release_tables import handset as handsets
from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.terms.siren import Round


def digest(token: str) -> bytes:
    """Give what is kept of a token: whoever reads the store cannot answer in the handset's place."""
    return hashlib.sha256(token.encode()).digest()


def mark(channel: str, address: str) -> str:
    """Name a test handset without its address."""
    return hashlib.sha256(f"{channel}\n{address}".encode()).hexdigest()[:24]


def send(
    tx: Connection, channel: str, handset: str, key: str, token: str, now: datetime, wall: datetime, due: datetime
) -> None:
    """Write that a canary was put into the outbox as the notice of *key*."""
    number = tx.execute(select(notice.c.id).where(notice.c.key == key)).scalar_one()
    row = _row(channel, handset, now, wall, due) | {"notice_id": number, "token": digest(token), "refused": ""}
    tx.execute(insert(table).values(**row))


def refuse(
    tx: Connection, channel: str, handset: str, why: str, now: datetime, wall: datetime, due: datetime
) -> None:  # fmt: skip
    """Write that a canary was not sent, and why."""
    tx.execute(insert(table).values(**_row(channel, handset, now, wall, due), refused=why))


def receive(tx: Connection, token: str, wall: datetime) -> bool | None:
    """Write that a receipt came; False where it had come before, None where nobody knows the token."""
    mine = table.c.token == digest(token)
    fresh = update(table).where(mine, table.c.received_wall.is_(None)).values(received_wall=wall)
    if tx.execute(fresh).rowcount == 1:
        first = handsets.c.mark.in_(select(table.c.handset).where(mine)) & handsets.c.proved_wall.is_(None)
        tx.execute(update(handsets).where(first).values(proved_wall=wall))
        return True
    return None if tx.execute(select(table.c.id).where(mine)).first() is None else False


def rounds(tx: Connection, channel: str, handset: str, limit: int = 3) -> list[Round]:
    """Give the newest rounds of one test handset, the newest first."""
    query = select(table, delivery.c.id.label("delivery"), delivery.c.state)
    query = query.outerjoin(delivery, delivery.c.notice_id == table.c.notice_id)
    query = query.where(table.c.channel == channel, table.c.handset == handset)
    found = []
    for row in tx.execute(query.order_by(table.c.sent_wall.desc(), table.c.id.desc()).limit(limit)):
        reason = "" if row.delivery is None else _reason(tx, row.delivery)
        found.append(
            Round(row.id, row.sent_wall, row.due_wall, row.received_wall, row.refused, row.state or "", reason)
        )
    return found


def last_received(tx: Connection, channel: str, handset: str) -> Round | None:
    """Give the newest round whose receipt came; None where none ever did."""
    query = select(table).where(table.c.channel == channel, table.c.handset == handset)
    query = query.where(table.c.received_wall.is_not(None)).order_by(table.c.sent_wall.desc()).limit(1)
    row = tx.execute(query).first()
    return None if row is None else Round(row.id, row.sent_wall, row.due_wall, row.received_wall)


def forget(tx: Connection, before: datetime) -> int:
    """Forget old rounds."""
    return tx.execute(delete(table).where(table.c.sent_wall < before)).rowcount


def _reason(tx: Connection, number: int) -> str:
    query = select(attempt.c.reason).where(attempt.c.delivery_id == number, attempt.c.outcome.in_(("retry", "refused")))
    return str(tx.execute(query.order_by(attempt.c.id.desc()).limit(1)).scalar_one_or_none() or "")


def _row(channel: str, handset: str, now: datetime, wall: datetime, due: datetime) -> dict[str, object]:
    return {"channel": channel, "handset": handset, "sent_at": now, "sent_wall": wall, "due_wall": due}
