"""The ledger: for one household and one minute, why each alert came or did not; and whether that is right.

What was found when the alert was spread is kept. Here the same rule is asked once more, on the inputs as they were
known then: the plan's version of that minute, the brief that was frozen with the alert, the shape that lies with the
alert. Where the two differ, something is wrong, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely

from disaster_hub.alerts import lapsed, once
from disaster_hub.alerts.following import ENDS
from disaster_hub.alerts.holding import WITH_MINUTES, gives_way
from disaster_hub.rules.audience import Facts, because
from disaster_hub.store import alerts, ledger, notice_rules, spreading
from disaster_hub.store.briefs import opened_brief
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.ledger import Passage
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Because, Brief, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import PlanVersion
from disaster_hub.terms.notice_rule import Evaluation

MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One alert that was in force at that minute."""

    alert: Alert
    reason: Because | None
    """As it was written when the alert was spread; None: it had not come as far as this household yet."""
    found_at: datetime | None
    """When it was found so; None where nothing was written, which is outside."""
    again: Because | None
    """What the same rule says on the inputs as known then."""
    passages: tuple[Passage, ...] = ()

    @property
    def agrees(self) -> bool:
        """Tell whether what was written and what is reckoned again are the same."""
        return self.reason == self.again


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that the ledger says of one household at one minute."""

    household: str
    at: datetime
    version: int
    """Of the plan as it stood then; 0: none was saved yet."""
    lines: tuple[Line, ...]
    quiet: tuple[Evaluation, ...] = ()
    """Automatic rules as they stood at that minute, where nothing went out because of them."""


def account(tx: Transaction, keys: Keyring, household: str, at: datetime) -> Account:
    """Say of every alert in force at *at* why it came to a household, or why it did not."""
    book = _Book(tx, keys, household, at)
    lines = tuple(book.line(one) for one in book.in_force)
    sent = {one.alert.id for one in lines}
    return Account(household, at, ledger.number_at(tx, household, at), lines, _quiet(tx, at, sent))


class _Book:
    """One household's pages of the ledger."""

    def __init__(self, tx: Transaction, keys: Keyring, household: str, at: datetime) -> None:
        self.tx, self.keys, self.household, self.at = tx, keys, household, at
        self.every = ledger.told_until(tx, household, at)
        self.told: Mapping[str, Told] = {one.alert: one for one in self.every}
        decided = alerts.decided_by(tx, at)
        self.decided = decided
        self.ended = self._ends()
        self.in_force = [one for one in decided if one.expires_at > at and one.id not in self.ended]
        ways = ledger.passages(tx, household, {one.id for one in decided}, at)
        self.passages = {one.id: tuple(w for w in ways if w.alert == one.id) for one in decided}

    def line(self, alert: Alert) -> Line:
        """Say one alert's reason, as written and as reckoned again."""
        told = self.told.get(alert.id)
        ways = self.passages[alert.id]
        if told is not None:
            return Line(alert, told.because, told.at, self._again(alert, told, told.at or self.at), ways)
        spread_at = spreading.spread_at(self.tx, alert.id)
        if spread_at is None or spread_at > self.at:
            return Line(alert, None, None, None, ways)
        return Line(alert, Because.OUTSIDE, None, self._outside(alert, spread_at), ways)

    def _again(self, alert: Alert, told: Told, moment: datetime) -> Because:
        """Ask the rule again, of the inputs as they were known at *moment*."""
        first = alert
        if alert.audience.same_as:
            spread_at = spreading.spread_at(self.tx, alert.id)
            if alert.kind is not AlertKind.UPDATE or spread_at is None or moment <= spread_at:
                return self._followed(alert)
            first = alerts.chain(self.tx, alert)[-1]  # a late comer was held against the first one's audience
        plan = self._plan(told.version)
        brief = self._brief(told)
        inside = _inside(first, plan, self.household)
        channels = ledger.confirmed_at(self.tx, self.keys, self.household, moment) if plan is not None else set()
        channels |= {one.channel for one in self.passages[alert.id] if one.at <= moment}
        double = gives_way(first) and self._told_before(first, moment)
        facts = Facts(inside, brief, channels, planned=told.version > 0, told=double)
        return because(first.audience, facts)

    def _outside(self, alert: Alert, moment: datetime) -> Because:
        """Ask again for a household of which nothing was written: it was outside, or had saved no plan yet."""
        if alert.audience.same_as:
            return self._followed(alert)
        number = ledger.number_at(self.tx, self.household, moment)
        plan = self._plan(number)
        if number == 0 or not _inside(alert, plan, self.household):
            return Because.OUTSIDE
        channels = ledger.confirmed_at(self.tx, self.keys, self.household, moment) if plan is not None else set()
        return because(alert.audience, Facts(inside=True, brief=None, channels=channels))

    def _followed(self, alert: Alert) -> Because:
        """Say whether a correction or an end was to come here: it goes to who got, or may have got, the earlier one."""
        one = alerts.find(self.tx, alert.audience.same_as)
        names = {other.id for other in alerts.chain(self.tx, one)} - {alert.id} if one is not None else set()
        earlier = [told for name, told in self.told.items() if name in names]
        if alert.kind is AlertKind.UPDATE:
            found = {told.because for told in earlier} & {Because.CHOSEN, Because.NO_CHANNEL}
            return Because.CHOSEN if Because.CHOSEN in found else next(iter(found), Because.OUTSIDE)
        arrived = any(
            way.tried and (way.state in {"sent", "unknown"} or spreading.NO_ANSWER in way.reason)
            for name in names
            for way in self.passages.get(name, ())
        )
        return Because.CHOSEN if arrived else Because.OUTSIDE

    def _told_before(self, alert: Alert, moment: datetime) -> bool:
        """Tell whether another alert in force had told the same; one that was ended by then counts no more."""
        stood = [
            other
            for other in self.decided
            if other.kind in WITH_MINUTES
            and other.expires_at > moment
            and not (other.id in self.ended and self.ended[other.id] <= moment)
        ]
        return any(
            self._chosen_by(other, moment) and not lapsed.homes(self.tx, other, [self.household], moment)
            for other in once.before(self.tx, alert, stood, moment)
        )

    def _chosen_by(self, other: Alert, moment: datetime) -> bool:
        """Tell whether *other* had come here by *moment*, and had not failed on every way."""
        mine = [told for told in self.every if told.alert == other.id and told.at is not None and told.at <= moment]
        ways = [one for one in self.passages[other.id] if one.at <= moment]
        return any(told.because is Because.CHOSEN for told in mine) and not once.failed(ways)

    def _ends(self) -> dict[str, datetime]:
        """Give when each alert was ended by a later word, with everything that it updated or that updated it."""
        found: dict[str, datetime] = {}
        for last in self.decided:
            one = alerts.find(self.tx, last.earlier) if last.kind in ENDS else None
            for other in alerts.chain(self.tx, one) if one is not None else ():
                found[other.id] = min(last.decided_at, found.get(other.id, last.decided_at))
        return found

    def _plan(self, number: int) -> PlanVersion | None:
        try:
            every = ledger.versions(self.tx, self.keys, self.household)
        except (BadInput, KeyGone):
            return None
        return next((one for one in every if one.number == number), None)

    def _brief(self, told: Told) -> Brief | None:
        if told.sealed is None:
            return None
        try:
            return opened_brief(self.keys.key(self.household), self.household, told.sealed)
        except (BadInput, KeyGone):
            return None


def _inside(alert: Alert, plan: PlanVersion | None, household: str) -> bool:
    """Tell whether a plan's home lies in the alert's shape or on its border; a plan that cannot be opened was read."""
    wanted = alert.audience
    if wanted.households:
        return household in wanted.households
    if wanted.shape is None or plan is None:
        return True
    spot = plan.plan.home.spot
    return bool(shapely.intersects_xy(wanted.shape, spot.lon, spot.lat))


def _quiet(tx: Transaction, at: datetime, sent: set[str]) -> tuple[Evaluation, ...]:
    """Give how each automatic rule stood at *at*, where nothing that is in force came of it."""
    newest: dict[tuple[str, str], Evaluation] = {}
    for one in notice_rules.evaluations(tx, at=at, limit=MOST_RULES):
        newest.setdefault((one.rule, one.subject), one)
    return tuple(sorted((one for one in newest.values() if one.alert not in sent), key=_name))


def _name(one: Evaluation) -> tuple[str, str]:
    return one.rule, one.subject


def disagreeing(lines: Sequence[Line]) -> list[Line]:
    """Give the lines in which what was written is not what the rule says again: somebody must look at these."""
    return [one for one in lines if not one.agrees]
