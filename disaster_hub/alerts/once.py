"""Said once: what no person decided does not say again what a home was just told, or is about to be told.

An order is never asked here: it always goes, at once. Whatever is not known keeps nothing back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from disaster_hub.alerts import lapsed
from disaster_hub.rules.notice_rules import WhenGauge
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.store import notice_rules, spreading
from disaster_hub.store.ledger import Passage
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.errors import BadInput

NEWS = timedelta(minutes=30)
"""A gauge that comes to its mark so long after what was told before is news; our own."""
LONGEST_WAIT = timedelta(seconds=90)
"""So long an automatic one waits for another to reach its homes: a rise within minutes must be heard of within two."""
LOWEST, HIGHEST = 0, 5
MARKS = {"standby": 1, "advisory": 2, "judgement": 3, "danger": 4, "flood": 5}
"""The level that each mark of a public gauge stands beside (気象庁「指定河川洪水予報」); no other is known."""
FAILED = frozenset({"refused", "expired", spreading.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Weight:
    """How much an alert says: at least, and at most where that is not known."""

    least: int
    most: int
    station: str = ""
    """Of a gauge's own notice; empty where an office or the city speaks."""


def weight(tx: Transaction, alert: Alert) -> Weight:
    """Weigh an alert by its level, or by the mark of the gauge that it speaks of, as the rule was worded then."""
    if alert.level is not None:
        return Weight(alert.level, alert.level)
    kind, _, rest = alert.evidence.partition(":")
    station = rest.partition(":")[0] if kind == "gauge" else ""
    level = MARKS.get(_mark(tx, alert.rule, station)) if station else None
    return Weight(LOWEST, HIGHEST, station) if level is None else Weight(level, level, station)


def before(tx: Transaction, new: Alert, standing: Sequence[Alert], now: datetime) -> list[Alert]:
    """Give those of *standing* that tell the same danger as the automatic *new*, no less seriously, and go first."""
    rivals = [one for one in standing if one.id != new.id and one.hazard == new.hazard and one.decided_at <= now]
    return [one for one in rivals if _first(tx, one, new)] if rivals and new.hazard is not None else []


def waits(others: Sequence[Alert], tx: Transaction, now: datetime) -> bool:
    """Tell whether one of these is still on its way to its homes, so that nobody knows yet who needs no second one."""
    return any(now < one.decided_at + LONGEST_WAIT and spreading.spread_at(tx, one.id) is None for one in others)


def in_turn(tx: Transaction, alerts_: Sequence[Alert]) -> list[Alert]:
    """Put alerts, the newest first, into the order in which a late comer is held against them: orders, then by rank."""
    rules = [one for one in alerts_ if one.kind is AlertKind.AUTOMATIC]
    orders = [one for one in alerts_ if one.kind is not AlertKind.AUTOMATIC]
    return orders + sorted(rules, key=lambda one: _rank(one, weight(tx, one)))


def told(tx: Transaction, others: Sequence[Alert], names: Sequence[str], now: datetime) -> set[str]:
    """Name those to whom one of *others* came and has arrived, or may still arrive."""
    found: set[str] = set()
    for one in others:
        chosen = spreading.told_by(tx, {one.id: now}, names)
        reached = spreading.reached(tx, one.id, sorted(chosen))
        found |= reached - lapsed.homes(tx, one, reached)
    return found


def failed(passages: Collection[Passage]) -> bool:
    """Tell from what was known at a minute whether none of these ways to a home was open any more, nor arrived."""
    channels = {one.channel for one in passages}
    arrived = any(one.tried and one.state == "sent" for one in passages)
    return not arrived and all(_shut([one for one in passages if one.channel == name]) for name in channels)


def _shut(way: Sequence[Passage]) -> bool:
    tries = [one for one in way if one.tried]
    written = [one for one in way if not one.tried]
    if tries:
        return sum(one.state in FAILED for one in tries) >= len(written)
    return all(one.state == spreading.WITHDRAWN for one in written)


def _first(tx: Transaction, one: Alert, new: Alert) -> bool:
    """Tell whether *one* goes first, and *new* says no more than it.

    Among automatic ones this is a strict order (the more serious, an office before a gauge, the earlier), so that two
    never wait for each other. A gauge keeps back nothing but a lower mark of its own.
    """
    mine, other = weight(tx, new), weight(tx, one)
    if other.least < mine.most or (other.station and other.station != mine.station):
        return False
    if mine.station and one.decided_at + NEWS < new.decided_at:
        return False
    if not one.rule and one.kind is not AlertKind.AUTOMATIC:
        return True
    return _rank(one, other) < _rank(new, mine)


def _rank(one: Alert, its: Weight) -> tuple[int, bool, datetime, str]:
    return -its.least, bool(its.station), one.decided_at, one.id


def _mark(tx: Transaction, rule: str, station: str) -> str:
    """Give the mark of a gauge's rule in the version that ruled; empty where nobody can say it."""
    name, _, number = rule.rpartition("@")
    version = notice_rules.find(tx, int(number)) if number.isdecimal() else None
    try:
        rules = () if version is None else _read(version.text)
    except BadInput:
        return ""
    marks = [r.when.mark for r in rules if r.id == name and isinstance(r.when, WhenGauge) and r.subject == station]
    return next((mark for mark in marks if isinstance(mark, str)), "")


_read = lru_cache(maxsize=8)(read)
