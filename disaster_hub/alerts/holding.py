"""Households are held against an alert: what is known of each is read in bulk, and what is found is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.alerts import following, lapsed, once
from disaster_hub.planning.brief import without_minute
from disaster_hub.planning.briefs import read_briefs
from disaster_hub.rules.audience import Facts, because
from disaster_hub.store import alerts, briefs, home_points, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.store.spreading import Home, Way
from disaster_hub.terms.alert import Alert, AlertKind, Because, Brief, Told

WITH_MINUTES = frozenset({AlertKind.ORDER, AlertKind.AUTOMATIC, AlertKind.UPDATE})
"""What tells of a danger, and names the minute of each household."""
ASKED = frozenset({Because.CHOSEN, Because.NO_CHANNEL})
"""From whom an answer is awaited."""


@dataclass(frozen=True, slots=True)
class Held:
    """One household held against an alert."""

    home: Home
    reason: Because
    brief: Brief | None
    ways: tuple[Way, ...]
    key: bytes | None


def hold(
    tx: Transaction, keys: Keyring, alert: Alert, part: Sequence[tuple[str, int]], now: datetime, state: str = "",
    seen: Sequence[Held] = (),
) -> None:  # fmt: skip
    """Hold households (with the version at which their home was found inside) against an alert, and write it down.

    *state*: a brief that was reckoned for another one names no minute; empty: all are right. *seen* is what a `look`
    at the same part has given a moment ago.
    """
    found = _still(tx, keys, alert, part, now, seen) if seen else look(tx, keys, alert, part, now)
    alerts.tell(tx, [row(alert, one, state, now) for one in found])
    ways = [way for one in found if one.reason is Because.CHOSEN for way in one.ways]
    if following.replaced(tx, alert) or alert.id in following.ended(tx, now):
        over = {way.household for way in ways}
    else:
        over = lapsed.homes(tx, alert, {way.household for way in ways})
    for state_, late in (("due", False), (spreading.WITHDRAWN, True)):
        if some := [way for way in ways if (way.household in over) is late]:
            spreading.deliver(tx, alert.id, some, alert.urgency, now, state_)


def look(tx: Transaction, keys: Keyring, alert: Alert, part: Sequence[tuple[str, int]], now: datetime) -> list[Held]:
    """Say of each household why the alert comes to it or not; whoever was deleted meanwhile is left out."""
    there = list(spreading.homes(tx, [name for name, _ in part]))
    names = [one.id for one in there]
    known = keys.some(names)
    found = read_briefs(tx, known, there)
    ways = spreading.ways(tx, known, names)
    inside = _inside(tx, alert, dict(part), there)
    double = _told_already(tx, alert, names, now)
    held = []
    for one in there:
        brief, mine = found.get(one.id), tuple(ways.get(one.id, ()))
        channels = [way.channel for way in mine]
        facts = Facts(one.id in inside, brief, channels, planned=one.version > 0, told=one.id in double)
        held.append(Held(one, because(alert.audience, facts), brief, mine, known.get(one.id)))
    return held


def _still(
    tx: Transaction, keys: Keyring, alert: Alert, part: Sequence[tuple[str, int]], now: datetime, seen: Sequence[Held]
) -> list[Held]:
    """Keep what was seen of the homes that lie as they did; look again at those that were changed since."""
    known = {one.home.id: one for one in seen}
    there = {one.id: one for one in spreading.homes(tx, [name for name, _ in part])}
    kept = [one for name, one in known.items() if there.get(name) == one.home]
    same = {one.home.id for one in kept}
    return kept + look(tx, keys, alert, [one for one in part if one[0] in there and one[0] not in same], now)


def row(alert: Alert, held: Held, state: str, now: datetime) -> Told:
    """Put together what is written of one household; its brief is sealed as it lies beside the plan, or anew."""
    one, key, brief = held.home, held.key, held.brief
    if key is None or brief is None:
        return Told(alert.id, one.id, held.reason, one.version, at=now)
    safe = without_minute(brief) if state and brief.cause != state else brief
    lies = one.brief is not None and safe is brief and brief.cause != ""
    sealed = one.brief if lies else briefs.sealed_brief(key, one.id, safe)
    token = briefs.token_hash(briefs.answer_token(key, alert.id)) if held.reason in ASKED else None
    return Told(alert.id, one.id, held.reason, one.version, sealed, token, now)


def gives_way(alert: Alert) -> bool:
    """Tell whether an alert is not sent where another has said the same; only what no person decided gives way."""
    return alert.kind is AlertKind.AUTOMATIC


def standing(tx: Transaction, now: datetime) -> list[Alert]:
    """Give the alerts in force that tell of a danger and that no later word has ended, the newest first."""
    ended = following.ended(tx, now)
    return [one for one in alerts.in_force(tx, now) if one.kind in WITH_MINUTES and one.id not in ended]


def _inside(tx: Transaction, alert: Alert, found: Mapping[str, int], there: Sequence[Home]) -> set[str]:
    """Name who lives inside; who has moved since the shape was asked is asked again."""
    shape = alert.audience.shape
    if alert.audience.households or shape is None:
        return {one.id for one in there}
    moved = [one.id for one in there if found[one.id] != one.version]
    same = {one.id for one in there if found[one.id] == one.version}
    return same | {name for name, _ in home_points.at(tx, moved).inside(shape)} if moved else same


def _told_already(tx: Transaction, alert: Alert, names: Sequence[str], now: datetime) -> set[str]:
    """Name those to whom another alert in force has said the same or more."""
    if not gives_way(alert):
        return set()
    return once.told(tx, once.before(tx, alert, standing(tx, now), now), names, now)
