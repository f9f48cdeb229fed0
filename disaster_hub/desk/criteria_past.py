"""How a version of the criteria would have stood in the last 24 hours, hour by hour, from what is stored.

Levels are judged again from the telegrams that had come in by then, forecasts are those issued by then. What cannot
be known any more is taken as it is now: whether the feeds were fresh, thresholds, and what became of a report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from disaster_hub.config import Config
from disaster_hub.desk.criteria_facts import areas, gather
from disaster_hub.rules.assess import assess, worst
from disaster_hub.rules.conditions import Device, Facts
from disaster_hub.rules.criteria import Criteria, Criterion, LevelReached
from disaster_hub.rules.lineage import RIVERS, WEATHER
from disaster_hub.rules.official import of_municipality, of_river
from disaster_hub.rules.readings import Gauge
from disaster_hub.rules.situation import Source
from disaster_hub.store import bulletins, observations
from disaster_hub.store.bulletins import StoredBulletin
from disaster_hub.store.session import Transaction
from disaster_hub.terms.level import Judgement, Official
from disaster_hub.terms.observation import Observation

HOURS = 24
LOOK_BACK = timedelta(days=14)
RIVER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Past:
    """For each criterion its verdict at each moment: the highest of its areas."""

    moments: tuple[datetime, ...]
    rows: tuple[tuple[Criterion, tuple[Judgement, ...]], ...]


def last_day(tx: Transaction, config: Config, said: Criteria, now: datetime) -> Past:
    """Hold *said* against each full hour of the last day."""
    moments = tuple(now - timedelta(hours=n) for n in range(HOURS - 1, -1, -1))
    day = timedelta(hours=HOURS)
    facts = gather(tx, config, said, now, day)
    ahead = _forecasts(tx, facts, now - 2 * day)
    telegrams = bulletins.history(tx, types=[*WEATHER, RIVERS], since=now - LOOK_BACK - day)
    wanted = {c.area for one in said.criteria for c in one.rule.conditions() if isinstance(c, LevelReached)}
    here = areas(tx, config)
    found: dict[str, list[Judgement]] = {one.id: [] for one in said.criteria}
    for moment in moments:
        words = _words(telegrams, frozenset(wanted) & facts.watched, moment)
        verdicts: dict[str, list[Judgement]] = {}
        for one in assess(said, _then(facts, words, ahead, moment), here):
            verdicts.setdefault(one.criterion, []).append(one.verdict)
        for name, row in found.items():
            row.append(worst(verdicts.get(name, ())))
    rows = tuple((one, tuple(found[one.id])) for one in said.criteria)
    return Past(moments, rows)


def _then(
    facts: Facts, words: Mapping[str, list[Official]], ahead: Mapping[str, list[list[Observation]]], moment: datetime
) -> Facts:
    """Give the facts as far as they were known at *moment*."""

    def seen(all_: Sequence[Observation]) -> list[Observation]:
        return [o for o in all_ if o.at <= moment]

    def gauge(name: str, one: Gauge) -> Gauge:
        issues = [steps for steps in ahead.get(name, ()) if steps[0].issued_at and steps[0].issued_at <= moment]
        return replace(one, seen=seen(one.seen), ahead=issues[-1] if issues else ())

    def device(one: Device) -> Device:
        return replace(one, seen=seen(one.seen))

    reports = [r for r in facts.reports if r.received_at <= moment] if facts.reports is not None else None
    return replace(
        facts,
        now=moment,
        source=Source(moment, healed=True, stale_after_s=facts.source.stale_after_s),
        words=words,
        gauges={name: gauge(name, one) for name, one in facts.gauges.items()},
        rains={name: gauge(name, one) for name, one in facts.rains.items()},
        devices={name: device(one) for name, one in facts.devices.items()},
        reports=reports,
    )


def _words(telegrams: Sequence[StoredBulletin], wanted: frozenset[str], moment: datetime) -> dict[str, list[Official]]:
    """Judge again what the offices had said by then."""
    known = [t for t in telegrams if t.received_at <= moment and t.bulletin.reported_at <= moment]
    weather = [(t.identity, t.bulletin) for t in known if t.bulletin.type in WEATHER]
    rivers = [(t.identity, t.bulletin) for t in known if t.bulletin.type == RIVERS]
    found = {}
    for area in wanted:
        if len(area) == RIVER_DIGITS:
            word = of_river(area, rivers)
            found[area] = [word] if word is not None else []
        else:
            found[area] = of_municipality(area, weather)
    return found


def _forecasts(tx: Transaction, facts: Facts, since: datetime) -> dict[str, list[list[Observation]]]:
    """Give every forecast of every gauge, each as its own list of steps, oldest issue first."""
    found = {}
    for name, one in facts.gauges.items():
        quantity = "water_level" if one.unit == "m" else "discharge"
        steps = observations.issues(tx, name, quantity, since)
        found[name] = [list(issue) for _, issue in groupby(steps, key=lambda o: o.issued_at)]
    return found
