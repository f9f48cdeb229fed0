"""Alerts that follow another: updates, corrections and ends go to exactly those who got it, on the same channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.alerts import lapsed
from disaster_hub.store import alerts, briefs, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.store.spreading import Way
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Because, Told

PART = 2000
ENDS = frozenset({AlertKind.LIFT, AlertKind.CALM, AlertKind.CANCEL})


@dataclass(frozen=True, slots=True)
class Followed:
    """What one part did."""

    ways: int
    ended: bool
    """Nobody is left whom it could be for."""


def follow(tx: Transaction, keys: Keyring, alert: Alert, now: datetime, wall: datetime) -> Followed:
    """Write the next deliveries of an alert that follows another; done twice, it writes nothing twice."""
    one = alerts.find(tx, alert.audience.same_as)
    if one is None:
        return Followed(0, ended=True)
    before = [other for other in alerts.chain(tx, one) if other.id != alert.id and other.decided_at <= alert.decided_at]
    names = [other.id for other in before]
    if alert.kind is AlertKind.UPDATE:
        if alert.id in ended(tx, now):
            return Followed(0, ended=True)
        return _update(tx, keys, alert, before, now, wall)
    for name in names:
        spreading.withdraw(tx, name, now, wall, "clock")
    ways = spreading.got(tx, names, PART, alert.id)
    _write(tx, keys, alert, ways, names, now)
    spreading.deliver(tx, alert.id, ways, alert.urgency, now)
    # What a worker has in hand is known in a moment: it was sent, it was held back, or its lease ran out.
    return Followed(len(ways), ended=len(ways) < PART and not spreading.in_hand(tx, names, wall))


def _update(
    tx: Transaction, keys: Keyring, alert: Alert, before: Sequence[Alert], now: datetime, wall: datetime
) -> Followed:
    """Whoever got the earlier one gets this first; for whom it still waited, this one goes in its place."""
    if any(other.state is AlertState.SPREADING for other in before):
        return Followed(0, ended=False)
    names = [other.id for other in before]
    for name in names:
        spreading.withdraw(tx, name, now, wall, "clock")
    found = spreading.meant(tx, names, PART, alert.id)
    own = before[-1].urgency
    _write(tx, keys, alert, [way for way, _ in found], names, now)
    spreading.deliver(tx, alert.id, [way for way, had in found if had], alert.urgency, now)
    spreading.deliver(tx, alert.id, [way for way, had in found if not had], own, now)
    if len(found) < PART:
        _mute(tx, keys, alert, names, now)
    return Followed(len(found), ended=len(found) < PART and not spreading.in_hand(tx, names, wall))


def _write(
    tx: Transaction, keys: Keyring, alert: Alert, ways: Sequence[Way], names: Sequence[str], now: datetime
) -> None:
    """Write for each household that it came, with the brief that its plan has now; else with the one it got."""
    homes = sorted({way.household for way in ways})
    known = keys.some(homes)
    present = {one.id: one for one in spreading.homes(tx, homes)}
    earlier = spreading.told_briefs(tx, names, homes)
    rows = []
    for name in homes:
        if name not in present or name not in known:
            continue  # deleted in the meantime
        sealed = present[name].brief or earlier.get(name)
        token = briefs.token_hash(briefs.answer_token(known[name], alert.id))
        rows.append(Told(alert.id, name, Because.CHOSEN, present[name].version, sealed, token, now))
    alerts.tell(tx, rows)


def _mute(tx: Transaction, keys: Keyring, alert: Alert, names: Sequence[str], now: datetime) -> None:
    """Carry along those whom the earlier one could not reach: they stay on the board."""
    without = [one for name in names for one in alerts.told_to(tx, name, [Because.NO_CHANNEL])]
    known = keys.some([one.household for one in without])
    alerts.tell(
        tx,
        [
            Told(
                alert.id, one.household, one.because, one.version, one.sealed,
                briefs.token_hash(briefs.answer_token(known[one.household], alert.id)), now,
            )
            for one in without
            if one.household in known
        ],
    )  # fmt: skip


def replaced(tx: Transaction, alert: Alert) -> bool:
    """Tell whether an update of the whole alert is there already: what is still to be written of it never goes."""
    return any(o.kind is AlertKind.UPDATE and o.audience.same_as == alert.id for o in alerts.after(tx, alert.id))


def ended(tx: Transaction, now: datetime) -> set[str]:
    """Name the alerts that a later word has ended, or whose order stands nowhere any more, with what they updated."""
    found: set[str] = set()
    for one in alerts.in_force(tx, now):
        if one.kind is AlertKind.ORDER and lapsed.wholly(tx, one):
            found |= {other.id for other in alerts.chain(tx, one)}
    for last in alerts.ending(tx, now):
        earlier = alerts.find(tx, last.earlier)
        if earlier is not None:
            found |= {other.id for other in alerts.chain(tx, earlier)}
    return found
