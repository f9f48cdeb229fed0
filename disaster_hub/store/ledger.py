"""What was known of one household at one minute, and what was sent to it until then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from disaster_hub.store import alerts, households
from disaster_hub.store.household_tables import household_version
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.terms.alert import Told
from disaster_hub.terms.household import PlanVersion


@dataclass(frozen=True, slots=True)
class Passage:
    """One delivery of an alert to one household, or one try of it."""

    alert: str
    channel: str
    state: str
    """Of the delivery as it is now; of a try its outcome."""
    at: datetime
    reason: str = ""
    tried: bool = False
    """True for a try."""


def versions(tx: Connection, keys: Keyring, household: str) -> list[PlanVersion]:
    """Give every version of a plan that is kept, oldest first."""
    return households.versions(tx, keys, household)


def number_at(tx: Connection, household: str, moment: datetime) -> int:
    """Give the number of that version without opening it; 0 where none was saved yet."""
    v = household_version
    query = select(v.c.number).where(v.c.household == household, v.c.at <= moment).order_by(v.c.number.desc())
    return int(tx.execute(query.limit(1)).scalar() or 0)


def told_until(tx: Connection, household: str, moment: datetime) -> list[Told]:
    """Give everything that had been found for a household by *moment*, oldest first."""
    every = [*alerts.before(tx, household), *alerts.of_household(tx, household)]
    return sorted((one for one in every if one.at is not None and one.at <= moment), key=_when)


def _when(one: Told) -> datetime:
    assert one.at is not None
    return one.at


def confirmed_at(tx: Connection, keys: Keyring, household: str, moment: datetime) -> set[str]:
    """Give the channels of today's contacts that had been confirmed by *moment*."""
    return {
        one.channel
        for one in households.contacts(tx, keys, household)
        if one.confirmed_at is not None and one.confirmed_at <= moment
    }


def deliveries(tx: Connection, household: str, alert_ids: Collection[str]) -> list[Passage]:
    """Give each way by which alerts were to reach a household, as it stands, with the time of its last try."""
    d, n, names = delivery, notice, list(alert_ids)
    last = select(func.max(attempt.c.at)).where(attempt.c.delivery_id == d.c.id).scalar_subquery()
    query = select(d.c.id, n.c.alert, d.c.channel, d.c.state, d.c.due_at, last.label("last"))
    query = query.join(n, n.c.id == d.c.notice_id).where(d.c.household == household, n.c.alert.in_(names))
    return [
        Passage(row.alert, row.channel, row.state, row.last or row.due_at, tried=row.last is not None)
        for row in tx.execute(query.order_by(d.c.id))
    ]


def passages(tx: Connection, household: str, alert_ids: Collection[str], until: datetime) -> list[Passage]:
    """Give what was written to be sent to a household, and every try, up to *until*, oldest first."""
    d, n = delivery, notice
    query = select(d.c.id, n.c.alert, d.c.channel, d.c.state, d.c.due_at).join(n, n.c.id == d.c.notice_id)
    mine = tx.execute(query.where(d.c.household == household, d.c.due_at <= until))
    rows = [row for row in mine if row.alert in alert_ids]
    found = [Passage(row.alert, row.channel, row.state, row.due_at) for row in rows]
    of = {row.id: row for row in rows}
    for row in tx.execute(select(attempt).where(attempt.c.delivery_id.in_(list(of)), attempt.c.at <= until)):
        one = of[row.delivery_id]
        found.append(Passage(one.alert, one.channel, row.outcome, row.at, row.reason, tried=True))
    return sorted(found, key=lambda one: (one.at, one.tried))
