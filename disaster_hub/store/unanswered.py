"""What the board of those who have not answered is put together from: random ids, words, states; nothing personal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select

from disaster_hub.store.alert_tables import alert_answer, alert_household
from disaster_hub.store.tables import delivery, notice
from disaster_hub.terms.alert import Because

ASKED = (Because.CHOSEN.value, Because.NO_CHANNEL.value)
HOPEFUL = ("sent", "withdrawn")
"""Whatever else a delivery ends in (refused, expired, held, returned), it reached nobody."""
TRIED = 2
"""A delivery that failed so often may still arrive; until it does, it reached nobody."""


def stamp_told(tx: Connection, alerts: Collection[str]) -> tuple[Any, ...]:
    """Give what changes whenever an alert comes to another household."""
    told = alert_household
    query = select(told.c.alert, func.count()).where(told.c.alert.in_(list(alerts))).group_by(told.c.alert)
    return tuple(sorted(map(tuple, tx.execute(query))))


def told(tx: Connection, alert: str) -> list[tuple[str, bool]]:
    """Give the households of which an alert asks an answer, each with whether there is no channel to it."""
    mine = (alert_household.c.alert == alert) & alert_household.c.because.in_(ASKED)
    query = select(alert_household.c.household, alert_household.c.because).where(mine)
    return [(name, because == Because.NO_CHANNEL.value) for name, because in tx.execute(query)]


def sealed(tx: Connection, alert: str, households: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Give the sealed briefs as they went out with an alert."""
    wanted = set(households)
    mine = (alert_household.c.alert == alert) & alert_household.c.sealed.is_not(None)
    query = select(alert_household.c.household, alert_household.c.sealed).where(mine)
    if len(wanted) == 1:
        query = query.where(alert_household.c.household == next(iter(wanted)))
    yield from ((name, held) for name, held in tx.execute(query) if name in wanted)


def stamp_answers(tx: Connection, alerts: Collection[str]) -> tuple[Any, ...]:
    """Give what changes with every answer to these alerts."""
    query = select(func.count(), func.max(alert_answer.c.received_at)).where(alert_answer.c.alert.in_(list(alerts)))
    return tuple(tx.execute(query).one())


def answers(tx: Connection, alerts: Collection[str]) -> list[tuple[str, str, datetime]]:
    """Give (household, word, given at) of every answer to these alerts, in the order in which they were given."""
    a = alert_answer
    query = select(a.c.household, a.c.word, a.c.given_at).where(a.c.alert.in_(list(alerts)))
    return [tuple(row) for row in tx.execute(query.order_by(a.c.given_at, a.c.received_at, a.c.id))]


def stamp_sent(tx: Connection, alerts: Collection[str]) -> tuple[Any, ...]:
    """Give what changes with every delivery of these alerts that ends."""
    waits = func.sum(case((_hopeful(), 1), else_=0))
    query = select(delivery.c.notice_id, delivery.c.state, func.count(), waits).join(
        notice, notice.c.id == delivery.c.notice_id
    )
    query = query.where(notice.c.alert.in_(list(alerts))).group_by(delivery.c.notice_id, delivery.c.state)
    return tuple(sorted(map(tuple, tx.execute(query))))


def unreached(tx: Connection, alerts: Collection[str]) -> set[str]:
    """Name the households where no delivery of these alerts arrived or waits for its first try, and one failed."""
    good = func.max(case((_hopeful(), 1), else_=0))
    query = select(delivery.c.household).join(notice, notice.c.id == delivery.c.notice_id)
    query = query.where(and_(notice.c.alert.in_(list(alerts)), delivery.c.household.is_not(None)))
    return set(tx.execute(query.group_by(delivery.c.household).having(good == 0)).scalars())


def failed_channels(tx: Connection, alerts: Collection[str], household: str) -> list[str]:
    """Name the channels on which nothing reached a household."""
    query = select(delivery.c.channel).join(notice, notice.c.id == delivery.c.notice_id)
    mine = and_(notice.c.alert.in_(list(alerts)), delivery.c.household == household, not_(_hopeful()))
    return sorted(set(tx.execute(query.where(mine)).scalars()))


def _hopeful() -> ColumnElement[bool]:
    """Tell whether a delivery arrived, need not go any more, or has not been tried in earnest yet."""
    return or_(delivery.c.state.in_(HOPEFUL), and_(delivery.c.state == "due", delivery.c.tries < TRIED))
