"""CAP messages written anew while an order stands: a program must not stop showing it after a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from disaster_hub.alerts import releases
from disaster_hub.config import Config
from disaster_hub.store import alerts, cap_again
from disaster_hub.store import releases as kept
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.release import Form, Release
from disaster_hub.terms.world import WorldKind
from timelines.releases import cap
from timelines.releases.words import Matter, handle

AHEAD = timedelta(hours=6)
"""So long before it runs out a message is written anew: a hub that stood still for some hours is not late."""
LONGEST = timedelta(days=60)
"""No order of this long ago is looked at."""


def write_anew(store: Store, config: Config, now: datetime) -> int:
    """Write an `Update` for every order that stands and whose message runs out soon; give how many."""
    with store.read() as tx:
        due = _due(tx, config, now)
    if not due:
        return 0
    with store.write() as tx:
        # Asked once more: somebody may have lifted it, or another clock have written it, a moment ago.
        return sum(cap_again.add(tx, _written(tx, one, n, config, now), n) for one, n in _due(tx, config, now))


def _due(tx: Transaction, config: Config, now: datetime) -> list[tuple[Alert, int]]:
    """Give the orders in question, each with the number that its next message bears."""
    first = [one for one in kept.running_out(tx, Form.CAP, now - LONGEST, now + AHEAD) if one.written_at <= now]
    again: dict[str, list[Release]] = {}
    for one in cap_again.of_alerts(tx, [one.alert for one in first]):
        again.setdefault(one.alert, []).append(one)
    found = []
    for one in first:
        before = again.get(one.alert, [])
        if any(other.valid_until is not None and other.valid_until > now + AHEAD for other in before):
            continue
        alert = alerts.find(tx, one.alert)
        if alert is not None and _stands(tx, alert, config):
            found.append((alert, len(before) + 1))
    return found


def _stands(tx: Transaction, alert: Alert, config: Config) -> bool:
    """Tell whether the city's order of an alert is in force, and no later message speaks in its place."""
    if alert.kind not in {AlertKind.ORDER, AlertKind.UPDATE} or alert.rule or alert.world is not config.world.kind:
        return False
    return releases.decided(tx, alert) and not releases.replaced(tx, alert)


def _written(tx: Transaction, alert: Alert, number: int, config: Config, now: datetime) -> Release:
    """Write the message: an `Update` of those before it that still hold, and standing alone where none does."""
    chain = releases.earlier(tx, alert)
    names = [one.id for one in (*chain, alert)]
    ground = next((one for one in chain if one.audience.shape is not None), None)
    if alert.audience.shape is None and ground is not None:
        alert = replace(alert, audience=replace(alert.audience, shape=ground.audience.shape))
    said = releases.languages(config, actual=alert.world is WorldKind.REAL)
    matter = Matter(alert, chain[0] if chain else None)
    before = releases.alive(tx, names, now)
    one = cap.write(matter, releases.town(config), said, before, cap.Again(number, now))
    return replace(one, file=f"{handle(alert.id)}-r{number}-{one.file}")
