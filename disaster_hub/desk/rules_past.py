"""Who would have got what: rules held against the telegrams and readings of the last month, as they came.

Levels are judged again from the telegrams that had come in by each moment, gauges are doubted and believed again
reading by reading. Homes are counted as they are now: whom a plan reached then is not kept. Nothing is written or sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from disaster_hub.alerts.audience import Reach, count
from disaster_hub.config import Config
from disaster_hub.desk.automatic import Known, inputs_of
from disaster_hub.desk.rule_people import Nobody, audience
from disaster_hub.desk.trusting import WATER, Place, beside, places
from disaster_hub.rules import plausible
from disaster_hub.rules.lineage import RIVERS, WEATHER
from disaster_hub.rules.notice_rules import Act, NoticeRule, Stand, WhenLevel, stand, step
from disaster_hub.rules.official import of_municipality, of_river
from disaster_hub.rules.witnesses import HOUR, LONG, Around, Neighbour
from disaster_hub.store import bulletins, observations, sensors
from disaster_hub.store.bulletins import StoredBulletin
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.bulletin import Bulletin, Status
from disaster_hub.terms.doubt import Trust
from disaster_hub.terms.level import Judgement, Official
from disaster_hub.terms.notice_rule import RuleStanding
from disaster_hub.terms.observation import Observation

MONTH = timedelta(days=30)
LOOK_BACK = timedelta(days=14)
RIVER_DIGITS = 12
WAITED = "waited"
"""It stood at the mark and waited for somebody to bear it out, or was doubted."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that would have happened."""

    at: datetime
    rule: str
    title: str
    act: str
    """`issue`, `calm` or `waited`."""
    level: int | None
    reason: str
    issuer: str
    reach: Reach | None = None
    """Homes as they are now; None where nothing would have gone, or nobody can say to whom."""
    nobody: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One event, and under which of the two texts it would have happened: `both`, `saved` or `new`."""

    event: Event
    where: str


def last_month(
    tx: Transaction, config: Config, keys: Keyring, rules: Sequence[NoticeRule], now: datetime, span: timedelta = MONTH
) -> list[Event]:
    """Hold rules against everything that came in since; give what would have happened, the oldest first."""
    known = places(tx, config, now)
    areas = {rule.when.area for rule in rules if isinstance(rule.when, WhenLevel)}
    words = _words(tx, areas | _around(config, rules, known), now - span)
    found: list[Event] = []
    for rule in rules:
        try:
            reach, nobody = count(tx, keys, audience(tx, config, rule, known), config), ""
        except Nobody as fault:
            reach, nobody = None, str(fault)
        if isinstance(rule.when, WhenLevel):
            looks = _levels(rule, words.get(rule.when.area, ()))
        else:
            looks = _gauge(tx, config, rule, known, words, now - span)
        events = list(_events(rule, looks, now - span))
        found += [one if one.act == WAITED else replace(one, reach=reach, nobody=nobody) for one in events]
    return sorted(found, key=lambda one: (one.at, one.rule))


def compared(saved: Sequence[Event], new: Sequence[Event]) -> list[Compared]:
    """Put what the saved rules would have done beside what an edited text would."""

    def key(one: Event) -> tuple[object, ...]:
        homes = None if one.reach is None else one.reach.homes
        return one.at, one.rule, one.act, one.level, homes

    old, fresh = {key(one) for one in saved}, {key(one) for one in new}
    rows = [Compared(one, "both" if key(one) in old else "new") for one in new]
    rows += [Compared(one, "saved") for one in saved if key(one) not in fresh]
    return sorted(rows, key=lambda row: (row.event.at, row.event.rule, row.where))


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    found: Stand
    high: bool = False
    """The gauge said that it stood at the mark."""


def _events(rule: NoticeRule, looks: Iterator[_Look], since: datetime) -> Iterator[Event]:
    """Go through the looks as the clock would have; what stood at the beginning was told before."""
    standing: RuleStanding | None = None
    waits = False
    for look in looks:
        act, standing = step(rule, standing, look.found, look.at)
        one = look.found
        if look.at <= since:
            continue
        if act is not Act.NOTHING:
            yield Event(look.at, rule.id, rule.title, act.value, one.level, one.reason, one.issuer)
        waited = look.high and one.verdict in {Judgement.NEAR, Judgement.NOT_KNOWN}
        if waited and not waits and standing.told is None:
            yield Event(look.at, rule.id, rule.title, WAITED, one.level, one.reason, one.issuer)
        waits = waited


def _levels(rule: NoticeRule, timeline: Sequence[tuple[datetime, list[Official]]]) -> Iterator[_Look]:
    for at, words in timeline:
        inputs = inputs_of(rule, Known(at, tuple(words), {}, {}))
        yield _Look(at, stand(rule, inputs))


@dataclass(slots=True)
class _Past:
    """Series of one place and those beside it, cut out by time."""

    series: Mapping[str, Sequence[Observation]]
    times: dict[str, list[datetime]] = field(default_factory=dict)

    def cut(self, name: str, since: datetime, until: datetime) -> Sequence[Observation]:
        """Give what came after *since* up to *until*."""
        seen = self.series.get(name, ())
        if name not in self.times:
            self.times[name] = [o.at for o in seen]
        return seen[bisect_right(self.times[name], since) : bisect_right(self.times[name], until)]


def _gauge(
    tx: Transaction,
    config: Config,
    rule: NoticeRule,
    known: Mapping[str, Place],
    words: Mapping[str, Sequence[tuple[datetime, list[Official]]]],
    since: datetime,
) -> Iterator[_Look]:
    """Judge a gauge's month again, reading by reading, with what was known around it then."""
    place = known.get(rule.subject)
    if place is None:
        return
    waters, rains = beside(place, known)
    asked = [rule.subject, *waters, *rains]
    series = {
        name: [o for o in seen if o.quantity == known[name].quantity and _possible(known[name], o)]
        for name, seen in observations.of_stations(tx, asked, since - LONG).items()
    }
    raw = [o for o in observations.of_station(tx, rule.subject, WATER, since) if o.issued_at is None]
    past, spans = _Past(series), [(m.begun, m.ends) for m in sensors.maintenances(tx, rule.subject)]
    areas = {config.city.area, place.post.river} - {""}
    trust: Trust | None = None
    for one in raw:
        post = replace(place.post, maintained=any(begun <= one.at < ends for begun, ends in spans))
        around = Around(own=past.cut(rule.subject, one.at - LONG, one.at))
        if plausible.interesting(trust, one, post):
            around = replace(
                around,
                neighbours=_beside(past, known, waters, one.at),
                rains=_beside(past, known, rains, one.at),
                words=[w for area in areas for w in _at(words.get(area, ()), one.at)],
            )
        trust = plausible.judge(trust, one, post, around)
        if trust is None:
            continue
        then = replace(place, post=post)
        inputs = inputs_of(rule, Known(one.at, (), {rule.subject: trust}, {rule.subject: then}))
        high = inputs["mark"] is not None and one.value is not None and one.value >= inputs["mark"]
        yield _Look(one.at, stand(rule, inputs), high and not post.maintained)


def _possible(place: Place, one: Observation) -> bool:
    if one.value is None:
        return False
    if one.quantity == WATER:
        return not plausible.impossible(place.post, one.value)
    return plausible.possible_rain(one.value, place.interval_s)


def _beside(past: _Past, known: Mapping[str, Place], names: Sequence[str], at: datetime) -> list[Neighbour]:
    found = [Neighbour(n, known[n].post.name, past.cut(n, at - LONG - HOUR, at)) for n in names]
    return [one for one in found if one.seen]


def _around(config: Config, rules: Sequence[NoticeRule], known: Mapping[str, Place]) -> set[str]:
    """Name the areas whose word can bear a gauge out."""
    subjects = [rule.subject for rule in rules if not isinstance(rule.when, WhenLevel)]
    rivers = {known[name].post.river for name in subjects if name in known}
    return (rivers - {""}) | ({config.city.area} if subjects else set())


def _at(timeline: Sequence[tuple[datetime, list[Official]]], moment: datetime) -> list[Official]:
    at = bisect_right(timeline, moment, key=lambda row: row[0])
    return timeline[at - 1][1] if at else []


def _words(tx: Transaction, areas: set[str], since: datetime) -> dict[str, list[tuple[datetime, list[Official]]]]:
    """Judge the telegrams again as they came in; give each area's words with the moment from which they stood."""
    if not areas:
        return {}
    every = bulletins.history(tx, types=[*WEATHER, RIVERS], since=since - LOOK_BACK)
    good = sorted(
        (t for t in every if t.bulletin.status is Status.ACTUAL),
        key=lambda t: (max(t.received_at, t.bulletin.reported_at), t.bulletin.sent_at, t.identity),
    )
    return {area: _timeline(area, good, since) for area in areas}


def _timeline(area: str, telegrams: Sequence[StoredBulletin], since: datetime) -> list[tuple[datetime, list[Official]]]:
    river = len(area) == RIVER_DIGITS
    rows: list[tuple[datetime, list[Official]]] = []
    heard: list[tuple[str, Bulletin]] = []

    def judged(at: datetime) -> None:
        word = of_river(area, heard) if river else None
        words = ([word] if word is not None else []) if river else of_municipality(area, heard)
        if not rows or rows[-1][1] != words:
            rows.append((at, words))

    for one in (t for t in telegrams if (t.bulletin.type == RIVERS) is river):
        at = max(one.received_at, one.bulletin.reported_at)
        if at > since and not rows:
            judged(since)
        heard = [pair for pair in heard if pair[1].reported_at >= at - LOOK_BACK]
        heard.append((one.identity, one.bulletin))
        if at > since:
            judged(at)
    if not rows:
        judged(since)
    return rows
