"""Late comers: who saves a plan or confirms a channel while an order is in force gets it too, the same one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from disaster_hub.alerts import lapsed, once
from disaster_hub.alerts.holding import Held, gives_way, look, row, standing
from disaster_hub.store import alerts, home_points, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Because, Told

PART = 500
BEHIND = timedelta(minutes=5)
"""So far a machine's clock may be behind the one that decided: who saves a plan there comes late all the same."""


class LateComers:
    """Looks at households that changed since an alert in force was decided; what it remembers can be lost."""

    def __init__(self, store: Store, keys: Keyring) -> None:
        self.store, self.keys = store, keys
        self._seen: dict[str, dict[str, datetime]] = {}
        self._freed: dict[str, set[tuple[str, str]]] = {}
        """By alert: the ones that were taken back, and the homes at which one was refused."""

    def run(self, now: datetime, needed: Callable[[datetime], str] = lambda _: "") -> int:
        """Bring every alert in force to whoever came late; give how many were written.

        *needed*: gives the digest that a brief must be of to name a minute; empty: all may.
        """
        with self.store.read() as tx:
            firsts = [one for one in standing(tx, now) if one.kind in {AlertKind.ORDER, AlertKind.AUTOMATIC}]
            firsts = [one for one in firsts if one.state is AlertState.SPREAD and not one.audience.households]
            firsts = once.in_turn(tx, firsts)
            work = [(one, self._new(tx, one), self._free(tx, one, now)) for one in firsts]
            newer = {one.id: [other for other in firsts if displaces(tx, other, one)] for one in firsts}
        self._seen = {one.id: self._seen.get(one.id, {}) for one in firsts}
        written = 0
        state = needed(now) if any(new or free for _, new, free in work) else ""
        for one, new, free in work:
            names = sorted({*new, *free})
            for at in range(0, len(names), PART):
                with self.store.write() as tx:
                    part = names[at : at + PART]
                    covered = spreading.held_by(tx, [other.id for other in newer[one.id]], part)
                    written += self._bring(tx, one, [name for name in part if name not in covered], now, state)
            self._seen[one.id] |= new
        return written

    def _new(self, tx: Transaction, one: Alert) -> dict[str, datetime]:
        """Give who changed since the alert was decided and was not looked at since."""
        seen = self._seen.get(one.id, {})
        return {name: at for name, at in spreading.changed(tx, one.decided_at - BEHIND).items() if seen.get(name) != at}

    def _free(self, tx: Transaction, one: Alert, now: datetime) -> list[str]:
        """Give who was not told because of another alert that was taken back, or some of which never arrived."""
        if not gives_way(one):
            return []
        gone = {(other.id, "") for other in once.before(tx, one, alerts.taken_back(tx, now), now)}
        others = once.before(tx, one, standing(tx, now), now)
        lost = {(other.id, home) for other in others for home in spreading.refused(tx, other.id)}
        new = (gone | lost) - self._freed.get(one.id, set())
        if not new:
            return []
        self._freed[one.id] = gone | lost
        double = [told.household for told in alerts.told_to(tx, one.id, [Because.DOUBLE])]
        homes = {home for _, home in new}
        return double if "" in homes else [name for name in double if name in homes]

    def _bring(self, tx: Transaction, first: Alert, names: Sequence[str], now: datetime, state: str) -> int:
        """Hold some households against the alert as it stands, in the words of its newest update."""
        whole = [one for one in alerts.chain(tx, first) if one.id == first.id or one.audience.same_as]
        newest = whole[0]
        if newest.state is not AlertState.SPREAD:
            return 0
        if first.audience.shape is None:
            inside = [(one.id, one.version) for one in spreading.homes(tx, names)]
        else:
            inside = home_points.at(tx, names).inside(first.audience.shape)
        over = lapsed.homes(tx, first, [name for name, _ in inside])
        inside = [(name, version) for name, version in inside if name not in over]
        told = {name: one for other in whole[::-1] for name, one in alerts.told_some(tx, other.id, names).items()}
        there = spreading.written(tx, newest.id, [name for name, _ in inside])
        found = look(tx, self.keys, first, inside, now)
        return sum(
            _written(tx, newest, one, told.get(one.home.id), there, row(newest, one, state, now)) for one in found
        )


def displaces(tx: Transaction, newer: Alert, older: Alert) -> bool:
    """Tell whether who has the newer alert needs the older one no more: the same danger, said later by no less.

    Of two orders the later one holds, for the city may lower what it said; what an office says no order takes back.
    """
    if newer.decided_at <= older.decided_at or newer.hazard != older.hazard:
        return False
    if older.kind is AlertKind.AUTOMATIC:
        return once.weight(tx, newer).least >= once.weight(tx, older).most
    return newer.kind is AlertKind.ORDER


def _written(
    tx: Transaction, newest: Alert, held: Held, before: Told | None, there: Collection[tuple[str, str]], new: Told
) -> bool:
    """Write one household anew where something else holds for it now, and give it what it has not got yet."""
    if held.reason is Because.OUTSIDE or (before is not None and before.because is held.reason is not Because.CHOSEN):
        return False
    if before is None or before.alert != newest.id:
        if before is not None and before.because is Because.CHOSEN:
            return False  # it has the earlier words, and gets the newer ones as everybody does
        alerts.tell(tx, [new])
    elif before.because is Because.CHOSEN and held.reason is not Because.CHOSEN:
        return False  # it was told already; what it changed since takes nothing back
    elif before.because is not held.reason or any((way.channel, way.address) not in there for way in held.ways):
        alerts.retell(tx, before, new)
    else:
        return False
    if held.reason is Because.CHOSEN:
        spreading.deliver(tx, newest.id, held.ways, newest.urgency, new.at or newest.decided_at)
    return True
