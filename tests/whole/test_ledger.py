"""The ledger in a night of orders, moves, new channels and corrections: 500 random minutes, reckoned again by hand."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from shapely import Point, box

from disaster_hub.alerts import issuing
from disaster_hub.alerts.late import LateComers
from disaster_hub.alerts.ledger import account
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.store import briefs, households, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Because
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Need, Plan
from disaster_hub.terms.place import LonLat
from tests.desk.alert_town import Folk, brief_for, keyring, order
from tests.jobs.hub import config

STARTS = (AlertKind.ORDER, AlertKind.AUTOMATIC)
HOMES, MINUTES, PAIRS = 70, 150, 500
pytestmark = pytest.mark.slow


@dataclass
class Folks:
    """What the test itself knows of one household: each thing with the minute from which it held."""

    id: str
    plans: list[tuple[int, Folk]] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    """Minutes at which somebody confirmed a channel."""

    def plan(self, minute: int) -> Folk | None:
        return next((folk for at, folk in self.plans[::-1] if at <= minute), None)

    def reachable(self, minute: int) -> bool:
        return any(at <= minute for at in self.confirmed)


@dataclass
class Night:
    """A night in which things happen at random, written down by the test in its own words."""

    store: Store
    keys: Keyring
    began: datetime
    dice: random.Random
    folks: list[Folks] = field(default_factory=list)
    issued: list[tuple[int, Alert]] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)
    got: dict[tuple[str, str], int] = field(default_factory=dict)
    """(alert, household) → the minute at which it arrived."""

    def __post_init__(self) -> None:
        self.spreader, self.late = Spreader(self.store, self.keys), LateComers(self.store, self.keys)

    def at(self, minute: int) -> datetime:
        return self.began + timedelta(minutes=minute)

    def folk(self) -> Folk:
        chance = self.dice.random
        hazards = tuple(h for h in (Hazard.FLOOD, Hazard.LANDSLIDE) if chance() < 0.6)
        return Folk(
            LonLat(139.80 + chance() * 0.06, 38.70 + chance() * 0.06), hazards,
            unknown=(Hazard.SURGE,) if chance() < 0.5 else (),
            needs=frozenset(need for need in (Need.ELDER, Need.CARE) if chance() < 0.4),
            leave_level=self.dice.choice((3, 4)),
        )  # fmt: skip

    def save(self, one: Folks, minute: int, folk: Folk) -> None:
        now = self.at(minute)
        plan = Plan(Home(folk.spot), Household(needs=folk.needs), leave_level=folk.leave_level)
        with self.store.write() as tx:
            households.save(tx, self.keys, one.id, plan, now)
            briefs.put(tx, self.keys, one.id, brief_for(tx, self.keys, one.id, folk, now))
        one.plans.append((minute, folk))

    def open(self) -> None:
        for _ in range(HOMES):
            with self.store.write() as tx:
                self.folks.append(Folks(households.create(tx, self.keys, None, self.began).household))

    def people(self, minute: int) -> None:
        """Let some save a plan, move, or confirm a channel."""
        for one in self.dice.sample(self.folks, 3 if minute else 40):
            if self.dice.random() < 0.6:
                self.save(one, minute, self.folk())
            else:
                with self.store.write() as tx:
                    address = f"{one.id}-{len(one.confirmed)}"
                    made = households.add_contact(tx, self.keys, one.id, "line", address, self.at(minute))
                    households.confirm_contact(tx, self.keys, one.id, made, self.at(minute))
                one.confirmed.append(minute)

    def officers(self, minute: int) -> None:
        """Let the city or a rule say something, or take it back."""
        if minute % 9 == 4:
            self.issue(minute)
        open_ = [(at, one) for at, one in self.issued if one.id not in self.ended and one.kind in STARTS]
        if minute % 17 == 11 and open_:
            _, one = self.dice.choice(open_)
            act = self.dice.choice((issuing.cancel, issuing.lift, issuing.update))
            with self.store.write() as tx:
                new = act(tx, one.id, config(self.store.url), self.at(minute), why="改めます", who="佐藤")
            self.issued.append((minute, new))
            if act is not issuing.update:
                self.ended |= {other.id: minute for _, other in self.issued if self.root(other) == self.root(one)}
                self.ended.pop(new.id, None)

    def root(self, one: Alert) -> str:
        return one.id.partition("~")[0]

    def issue(self, minute: int) -> None:
        chance = self.dice.random
        west, south = 139.80 + chance() * 0.03, 38.70 + chance() * 0.03
        audience = Audience(
            box(west, south, west + 0.035, south + 0.035),
            hazards=frozenset(h for h in (Hazard.FLOOD, Hazard.SURGE) if chance() < 0.4),
            leave_levels=frozenset({3}) if chance() < 0.25 else frozenset(),
            needs=frozenset({Need.ELDER}) if chance() < 0.25 else frozenset(),
        )  # fmt: skip
        kind = self.dice.choice((AlertKind.ORDER, AlertKind.AUTOMATIC))
        one = order(
            self.at(minute), id=f"n{minute}", kind=kind, audience=audience, level=self.dice.choice((3, 4)),
            hazard=Hazard.FLOOD, rule="flood@1" if kind is AlertKind.AUTOMATIC else "",
            expires_at=self.at(minute + self.dice.choice((25, 60))),
        )  # fmt: skip
        with self.store.write() as tx:
            assert issuing.issue(tx, one, config(self.store.url), one.decided_at)
        self.issued.append((minute, one))

    def tick(self, minute: int) -> None:
        now = self.at(minute)
        self.people(minute)
        self.officers(minute)
        self.spreader.run(Moment(now, now))
        self.late.run(now + timedelta(seconds=20))
        now += timedelta(seconds=40)
        with self.store.write() as tx:
            batch = outbox.claim(
                tx, now, wall=now, lease=timedelta(seconds=30), limit=self.dice.randrange(0, 12), worker="post"
            )
            for one in batch:
                outbox.settle(tx, one.id, "sent", "", now, "post", wall=now)
                self.got.setdefault((one.notice.alert, one.household), minute)


TELLS = (AlertKind.ORDER, AlertKind.AUTOMATIC, AlertKind.UPDATE)


@dataclass
class ByHand:
    """Reckons what the ledger must say, from the test's own notes and with shapely alone."""

    night: Night
    known: dict[tuple[str, str, int], Because] = field(default_factory=dict)

    def reason(self, alert: Alert, one: Folks, minute: int) -> Because:
        """Say the reason as it stood at the end of *minute*."""
        key = alert.id, one.id, minute
        if key not in self.known:
            self.known[key] = self._reason(alert, one, minute)
        return self.known[key]

    def _reason(self, alert: Alert, one: Folks, minute: int) -> Because:
        since, first = self.since(alert), self.first(alert)
        said = self._followed(alert, one) if alert.audience.same_as else self._asked(alert, one, since, late=False)
        if alert.kind not in TELLS:
            return said
        end = min([minute, self.ended(alert) - 1, *(at - 1 for at in self._updates(alert))])
        own = {at for at, _ in one.plans} | set(one.confirmed)
        freed = self._freed(first) if self._rule(first) else set()
        for moment in sorted(own | freed):
            fits = moment in own or said is Because.DOUBLE
            if since <= moment <= end and fits and said is not Because.CHOSEN and not self._covered(first, one, moment):
                new = self._asked(first, one, moment, late=True)
                before = said if said is not Because.OUTSIDE else self._before(alert, one)
                said = said if new in {Because.OUTSIDE, before} else new
        return said

    def since(self, alert: Alert) -> int:
        return next(at for at, one in self.night.issued if one.id == alert.id)

    def ended(self, alert: Alert) -> int:
        over = int((alert.expires_at - self.night.began).total_seconds() // 60)
        return min(self.night.ended.get(alert.id, over), over)

    def first(self, alert: Alert) -> Alert:
        return next(one for _, one in self.night.issued if one.id == self.night.root(alert))

    def _updates(self, alert: Alert) -> list[int]:
        """Give the minutes of later updates: late comers get those, and no more the earlier words."""
        mine, root = self.since(alert), self.night.root(alert)
        later = [(at, o) for at, o in self.night.issued if o.kind is AlertKind.UPDATE and o.id != alert.id]
        return [at for at, o in later if at > mine and self.night.root(o) == root]

    def _before(self, alert: Alert, one: Folks) -> Because:
        """Say what an earlier one of the same chain had found: the same again is not written anew."""
        mine = self.since(alert)
        for at, other in self.night.issued[::-1]:
            if at < mine and self.night.root(other) == self.night.root(alert):
                found = self.reason(other, one, mine - 1)
                if found is not Because.OUTSIDE:
                    return found
        return Because.OUTSIDE

    def _asked(self, alert: Alert, one: Folks, moment: int, *, late: bool) -> Because:
        folk, wanted = one.plan(moment), alert.audience
        shape: Any = wanted.shape
        if folk is None or not shape.covers(Point(folk.spot.lon, folk.spot.lat)):
            return Because.OUTSIDE
        if wanted.hazards and not wanted.hazards & ({*folk.hazards} | {*folk.unknown}):
            return Because.HAZARD
        if wanted.leave_levels and folk.leave_level not in wanted.leave_levels:
            return Because.PLAN_LEVEL
        if wanted.needs and not wanted.needs & folk.needs:
            return Because.NEEDS
        if self._rule(alert) and self._doubled(alert, one, moment, late=late):
            return Because.DOUBLE
        return Because.CHOSEN if one.reachable(moment) else Because.NO_CHANNEL

    def _rule(self, alert: Alert) -> bool:
        return alert.kind is AlertKind.AUTOMATIC

    def _turn(self, alert: Alert) -> tuple[bool, int, int]:
        """Say in which turn a late comer is held against alerts: orders first, the newest of them, then by weight."""
        rule, since = self._rule(alert), self.since(alert)
        return rule, -(alert.level or 0) if rule else 0, since if rule else -since

    def _goes_first(self, other: Alert, alert: Alert) -> bool:
        """Tell whether *other* tells no less than the rule's notice, and goes before it."""
        return (other.level or 0) >= (alert.level or 0) and (
            not other.rule or self._turn(self.first(other)) < self._turn(alert)
        )

    def _doubled(self, alert: Alert, one: Folks, moment: int, *, late: bool) -> bool:
        """Tell whether something in force had told the same by then; a spread comes before that minute's late comers."""
        return any(
            at <= moment
            and other.kind in TELLS
            and self.ended(other) > moment
            and self._goes_first(other, alert)
            and self.reason(other, one, moment if late else moment - 1) is Because.CHOSEN
            for at, other in self.night.issued
            if self._apart(other, alert)
        )

    def _apart(self, other: Alert, alert: Alert) -> bool:
        """Tell whether two alerts are not of one chain."""
        return self.night.root(other) != self.night.root(alert)

    def _covered(self, alert: Alert, one: Folks, moment: int) -> bool:
        """Tell whether a newer alert of the same danger was for the household: the older is not brought anew then.

        A rule's notice gives way to what says no less, an order to every later one.
        """
        return any(
            self.since(alert) < at <= moment < self.ended(other)
            and (other.kind is AlertKind.ORDER or self._rule(other))
            and ((other.level or 0) >= (alert.level or 0) if self._rule(alert) else other.kind is AlertKind.ORDER)
            and self.reason(other, one, moment if self._turn(other) < self._turn(alert) else moment - 1)
            in {Because.CHOSEN, Because.NO_CHANNEL}
            for at, other in self.night.issued
        )

    def _freed(self, alert: Alert) -> set[int]:
        """Give the minutes at which what had told the same was taken back as wrong."""
        return {
            at
            for at, one in self.night.issued
            if one.kind is AlertKind.CANCEL and self._apart(one, alert) and self._goes_first(self.first(one), alert)
        }

    def _followed(self, alert: Alert, one: Folks) -> Because:
        mine, root = self.since(alert), self.night.root(alert)
        earlier = [o for at, o in self.night.issued if at < mine and self.night.root(o) == root and o.kind in TELLS]
        if alert.kind is AlertKind.UPDATE:
            found = {self.reason(o, one, mine - 1) for o in earlier}
            return next((r for r in (Because.CHOSEN, Because.NO_CHANNEL) if r in found), Because.OUTSIDE)
        came = any(self.night.got.get((o.id, one.id), mine) < mine for o in earlier)
        return Because.CHOSEN if came else Because.OUTSIDE


def test_500_random_minutes_say_what_an_independent_reckoning_says(store: Store, tmp_path: Path, now: datetime) -> None:
    night = Night(store, keyring(tmp_path), now, random.Random(20260918))
    night.open()
    for minute in range(MINUTES):
        night.tick(minute)
    hand = ByHand(night)
    dice, wrong = random.Random(3), []
    seen: defaultdict[Because, int] = defaultdict(int)
    for _ in range(PAIRS):
        one, minute = dice.choice(night.folks), dice.randrange(MINUTES)
        with store.read() as tx:
            found = account(tx, night.keys, one.id, night.at(minute) + timedelta(seconds=50))
        live = live_alerts(hand, minute)
        assert {line.alert.id for line in found.lines} == {alert.id for alert in live}
        lines = {line.alert.id: line for line in found.lines}
        for alert in live:
            line, by_hand = lines[alert.id], hand.reason(alert, one, minute)
            seen[by_hand] += 1
            if not (line.reason is line.again is by_hand):
                wrong.append((alert.id, alert.kind.value, one.id[:6], minute, line.reason, line.again, by_hand))
    assert not wrong, f"{len(wrong)} differ, such as {wrong[:8]}"
    assert set(seen) == set(Because) - {Because.UNREADABLE, Because.NO_PLAN}, dict(seen)


def live_alerts(hand: ByHand, minute: int) -> Sequence[Alert]:
    return [one for at, one in hand.night.issued if at <= minute < hand.ended(one)]
