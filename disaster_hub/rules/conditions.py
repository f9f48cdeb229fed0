"""How one condition of the town's criteria stands now: met, near, not met or not known, with the reading that says so.

Future water comes from official forecasts alone; a value that is missing, old or unsure is not known, and that is
never the same as not met.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.rules import readings, water
from disaster_hub.rules.criteria import (
    Condition,
    ForecastReached,
    GaugeReached,
    LevelReached,
    RainFallen,
    ReportConfirmed,
    SensorSays,
    TimeOfDay,
)
from disaster_hub.rules.criteria_words import REPORT_WORDS, wish
from disaster_hub.rules.readings import Found, Gauge
from disaster_hub.rules.situation import Source, sentence
from disaster_hub.terms.decision import Reason
from disaster_hub.terms.level import Judgement, Official
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.place import METRES_A_DEGREE, LonLat
from disaster_hub.terms.report import Report, ReportState

SAID_BY_NOBODY = frozenset({"tsunami"})
"""Hazards whose official word does not reach this hub yet: always not known."""
STANDS = frozenset({ReportState.CONFIRMED, ReportState.WORKING, ReportState.DONE})
SOON = timedelta(hours=1)
"""So long before a time of day is near."""
MET, NEAR, NOT_MET, NOT_KNOWN = Judgement.MET, Judgement.NEAR, Judgement.NOT_MET, Judgement.NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Device:
    """One of the city's own devices: its marks and what it has measured lately, oldest first."""

    name: str
    own: water.Own
    seen: Sequence[Observation] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that criteria are held against, at one moment."""

    now: datetime
    zone: ZoneInfo
    source: Source
    """How the source of the official levels does."""
    watched: frozenset[str]
    """Areas and rivers whose official levels are judged here; of others nothing is known."""
    words: Mapping[str, Sequence[Official]] = field(default_factory=dict)
    """Official words by area."""
    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    rains: Mapping[str, Gauge] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    reports: Sequence[Report] | None = None
    """None: whether there are reports is not known."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of areas and stations."""


def reason(one: Condition, facts: Facts, shape: BaseGeometry | None) -> Reason:
    """Hold one condition against the facts, for the area of *shape* (None: no outline is loaded)."""
    found = _found(one, facts, shape)
    return Reason(f"{wish(one, facts.names)}：{found.text}", found.verdict, found.since)


def _found(one: Condition, facts: Facts, shape: BaseGeometry | None) -> Found:
    if isinstance(one, LevelReached):
        return _level(one, facts)
    if isinstance(one, SensorSays):
        return _sensor(one, facts)
    if isinstance(one, ReportConfirmed):
        return _report(one, facts, shape)
    return _clock(one, facts) if isinstance(one, TimeOfDay) else _measured(one, facts)


def _measured(one: GaugeReached | ForecastReached | RainFallen, facts: Facts) -> Found:
    now, zone = facts.now, facts.zone
    if isinstance(one, RainFallen):
        return readings.rain(one, facts.rains.get(one.station), now, zone)
    gauge = facts.gauges.get(one.station)
    if isinstance(one, GaugeReached):
        return readings.reached(one, gauge, now, zone)
    return _no_forecast(one, readings.forecast(one, gauge, now, zone), facts)


def _fresh(source: Source, now: datetime) -> bool:
    age = None if source.last_success is None else now - source.last_success
    return source.healed and age is not None and age <= timedelta(seconds=source.stale_after_s)


def _level(one: LevelReached, facts: Facts) -> Found:
    """Read the official word; an old source takes calm away, never a warning."""
    if one.hazard in SAID_BY_NOBODY:
        return Found(NOT_KNOWN, "不明（この情報はこのシステムに届きません）")
    if one.area not in facts.watched:
        return Found(NOT_KNOWN, "不明（この区域の情報は受け取っていません）")
    force = [w for w in _words(one, facts) if w.level != 0 and not (w.until is not None and w.until <= facts.now)]
    top = max((w for w in force if w.level is not None), key=lambda w: w.level or 0, default=None)
    if top is not None and (top.level or 0) >= one.level:
        return Found(MET, sentence(top, facts.zone), top.since)
    if top is not None and (top.level or 0) == one.level - 1:
        old = "" if _fresh(facts.source, facts.now) else "、その後の情報は届いていません"
        return Found(NEAR, f"1つ下の{sentence(top, facts.zone)}{old}", top.since)
    return _below(top, [w for w in force if w.level is None or w.unknown], facts)


def _below(top: Official | None, strange: Sequence[Official], facts: Facts) -> Found:
    """Say what a level well below the wanted one is worth: nothing while something unknown may hide a higher one."""
    if strange:
        return Found(NOT_KNOWN, f"不明：{sentence(strange[0], facts.zone)}", strange[0].since)
    if not _fresh(facts.source, facts.now):
        last = facts.source.last_success
        since = f"{last.astimezone(facts.zone):%H:%M}から" if last else "まだ一度も"
        return Found(NOT_KNOWN, f"不明（気象情報が{since}届いていません）", last)
    if top is not None:
        return Found(NOT_MET, sentence(top, facts.zone), top.since)
    return Found(NOT_MET, "発表されていません")


def _words(one: LevelReached, facts: Facts) -> list[Official]:
    """Give the words that count for the condition; a code that nobody knows may be about any hazard."""
    words = facts.words.get(one.area, ())
    return [w for w in words if not one.hazard or w.hazard in {one.hazard, "other"}]


def _no_forecast(one: ForecastReached, found: Found, facts: Facts) -> Found:
    """Take "no forecast" for what it is while the river's office says that no level is in force."""
    if found.verdict is NOT_KNOWN and one.area in facts.watched and _fresh(facts.source, facts.now):
        words = facts.words.get(one.area, ())
        if all(w.level == 0 and not w.unknown for w in words):
            return Found(NOT_MET, "洪水予報は発表されていません")
    return found


def _sensor(one: SensorSays, facts: Facts) -> Found:
    device = facts.devices.get(one.station)
    if device is None:
        return Found(NOT_KNOWN, "不明（このセンサーは登録されていません）")
    said = water.judge(device.own, device.seen, facts.now)
    if said.state is NOT_KNOWN:
        return Found(NOT_KNOWN, f"不明：{said.reason}", said.since)
    good = [o for o in device.seen if o.value is not None and o.at <= facts.now + water.SKEW]
    last = max(good, key=lambda o: o.at)
    text = f"{last.value:.2f}{last.unit}（{last.at.astimezone(facts.zone):%H:%M}）{said.reason}"
    if one.state is NEAR:
        return Found(MET if said.state in {MET, NEAR} else NOT_MET, text, said.since)
    return Found(said.state, text, said.since)


def _report(one: ReportConfirmed, facts: Facts, shape: BaseGeometry | None) -> Found:
    """Look for a report of the kind; one that nobody has confirmed yet is near."""
    if facts.reports is None:
        return Found(NOT_KNOWN, "不明（報告を読めません）")
    begun = facts.now - timedelta(hours=one.hours)
    mine = [r for r in facts.reports if r.kind is one.kind and r.seen_at >= begun and _counts(one, r, shape)]
    stands = [r for r in mine if r.state in STANDS]
    if stands:
        first = min(stands, key=lambda r: r.seen_at)
        return Found(
            MET, f"報告{first.number} {first.place}（{_hm(first.seen_at, facts)}に目撃、確認済み）", first.seen_at
        )
    waiting = [r for r in mine if r.state is ReportState.RECEIVED]
    if waiting:
        first = min(waiting, key=lambda r: r.seen_at)
        return Found(
            NEAR, f"報告{first.number} {first.place}（{_hm(first.seen_at, facts)}に目撃、未確認）", first.seen_at
        )
    return Found(NOT_MET, f"{REPORT_WORDS[one.kind]}の報告はありません（起きていないとは限りません）")


def _counts(one: ReportConfirmed, report: Report, shape: BaseGeometry | None) -> bool:
    """Tell whether a report lies where the condition looks; without an outline every one of the city does."""
    return one.anywhere or shape is None or _metres(shape, report.spot) <= one.metres


def _metres(shape: BaseGeometry, spot: LonLat) -> float:
    shrink = math.cos(math.radians(spot.lat))
    flat = shapely.transform(
        shape, lambda at: (at - (spot.lon, spot.lat)) * (METRES_A_DEGREE * shrink, METRES_A_DEGREE)
    )
    return float(flat.distance(shapely.Point(0, 0)))


def _clock(one: TimeOfDay, facts: Facts) -> Found:
    here = facts.now.astimezone(facts.zone)
    text = f"いま{here:%H:%M}"

    def within(moment: datetime) -> bool:
        time = moment.time()
        if one.begins < one.ends:
            return one.begins <= time < one.ends
        return time >= one.begins or time < one.ends

    if within(here):
        return Found(MET, text)
    return Found(NEAR if within(here + SOON) else NOT_MET, text)


def _hm(moment: datetime, facts: Facts) -> str:
    return f"{moment.astimezone(facts.zone):%H:%M}"
