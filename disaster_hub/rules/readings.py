"""Gauges against the town's criteria: the reading now, the official forecast read pessimistically, rain added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from disaster_hub.rules.criteria import ForecastReached, GaugeReached, RainFallen
from disaster_hub.rules.criteria_words import mark_words
from disaster_hub.rules.water import doubted_since
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality

SKEW = timedelta(minutes=5)
STALE_AFTER_INTERVALS = 2
SOON = timedelta(hours=1)
HOUR = timedelta(hours=1)
LOOSE = timedelta(minutes=20)
"""How far from 60 minutes ago the reading may lie that a rise is counted from."""
NEAR_M = 0.3
NEAR_PART = 0.1
"""Near a mark that is not in metres: within a tenth of it."""
RAIN_NEAR = 0.8
HAIR = 1e-6
"""2.9 - 2.6 is a hair less than 0.3 in a computer, and 0.30 m on every gauge."""
MET, NEAR, NOT_MET, NOT_KNOWN = Judgement.MET, Judgement.NEAR, Judgement.NOT_MET, Judgement.NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Found:
    """How a condition stands, the reading that says so, and since when."""

    verdict: Judgement
    text: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge: what it measures, its thresholds, its readings and its newest forecast, each oldest first."""

    name: str
    unit: str
    interval_s: float
    thresholds: Mapping[str, float] = field(default_factory=dict)
    seen: Sequence[Observation] = ()
    ahead: Sequence[Observation] = ()
    issuer: str = ""
    """Who makes the forecast, where that is known."""


def reached(one: GaugeReached, gauge: Gauge | None, now: datetime, zone: ZoneInfo) -> Found:
    """Hold the newest reading against the mark; near it, or officially forecast within the hour, is near."""
    mark = _mark(one.mark, gauge)
    if gauge is None or mark is None:
        return _no_mark(gauge)
    near = _margin(one.near, mark, gauge)
    good = _good(gauge.seen, now)
    last = good[-1] if good else None
    soon = _first(gauge, mark, 0.0, now)
    coming = f"、公式予測では{_hm(soon, zone)}までに到達" if soon is not None and soon <= now + SOON else ""
    doubted = doubted_since(gauge.seen, last, now)
    if doubted is not None:
        value = "" if doubted.value is None else f"{doubted.value:.2f}{gauge.unit}"
        text = f"不明（{_hm(doubted.at, zone)}の値{value}は疑わしく、裏付けがありません）"
        return Found(NEAR if coming else NOT_KNOWN, text + coming, doubted.at)
    if last is None or last.value is None or _old(last, gauge, now):
        text = "不明（値がありません）"
        if last is not None:
            high = "、高いまま" if (last.value or 0.0) >= mark - near - HAIR else ""
            text = f"不明（{_hm(last.at, zone)}の{last.value:.2f}{gauge.unit}を最後に{high}途絶）"
        return Found(NEAR if coming else NOT_KNOWN, text + coming, None if last is None else last.at)
    rise = None if one.rising is None else _rise(good, last)
    said = "" if one.rising is None else "、上昇は不明" if rise is None else f"、60分で{rise:+.2f}"
    text = (
        f"{last.value:.2f}{gauge.unit}（{_hm(last.at, zone)}、{mark_words(one.mark)}{_number(one.mark, mark)}）{said}"
    )
    if last.value >= mark and (one.rising is None or (rise is not None and rise >= one.rising - HAIR)):
        return Found(MET, text, _since(good, mark))
    if last.value >= mark - near - HAIR or coming:
        return Found(NEAR, text + coming, last.at)
    return Found(NOT_MET, text, last.at)


def forecast(one: ForecastReached, gauge: Gauge | None, now: datetime, zone: ZoneInfo) -> Found:
    """Hold the newest official forecast against the mark: the water may be there from the step before."""
    mark = _mark(one.mark, gauge)
    if gauge is None or mark is None:
        return _no_mark(gauge)
    steps = _steps(gauge, now)
    if not steps:
        return Found(NOT_KNOWN, "不明（公式の予測がありません）")
    issued = max(o.issued_at for o in steps if o.issued_at is not None)
    by = f"（{gauge.issuer} {_hm(issued, zone)}発表）" if gauge.issuer else f"（{_hm(issued, zone)}発表）"
    limit = now + timedelta(hours=one.hours)
    at = _first(gauge, mark, one.error, now)
    if at is not None and at <= limit + SOON:
        verdict = MET if at <= limit else NEAR
        return Found(verdict, f"{_hm(max(at, now), zone)}以降に到達のおそれ{by}", issued)
    found = _not_reached(one, gauge, steps, mark, now)
    return Found(found.verdict, found.text + by, issued)


def _not_reached(one: ForecastReached, gauge: Gauge, steps: Sequence[Observation], mark: float, now: datetime) -> Found:
    """Judge a forecast that does not come to the mark: near it, too short to tell, or below."""
    limit = now + timedelta(hours=one.hours)
    coming = [(o.at, (o.value or 0.0) + one.error) for o in steps if o.at > now]
    text = f"最高{max((value for _, value in coming), default=0.0):.2f}{gauge.unit}の予測"
    if any(value >= mark - _margin(one.near, mark, gauge) - HAIR for at, value in coming if at <= limit):
        return Found(NEAR, text)
    step = max((b.at - a.at for a, b in pairwise(steps)), default=HOUR)
    whole = all(_fine(o) for o in gauge.ahead) and steps[-1].at >= limit - max(step, HOUR)
    if not whole or not coming:
        return Found(NOT_KNOWN, f"不明（{one.hours:g}時間先までの予測がそろっていません）")
    return Found(NOT_MET, text)


def rain(one: RainFallen, gauge: Gauge | None, now: datetime, zone: ZoneInfo) -> Found:
    """Add up the rain; where readings are missing the sum is "at least", and below the mark not known."""
    if gauge is None:
        return Found(NOT_KNOWN, "不明（この雨量計の値がありません）")
    begun = now - timedelta(hours=one.hours)
    good = [o for o in _good(gauge.seen, now) if o.at > begun]
    fallen = sum(o.value or 0.0 for o in good)
    spacing = timedelta(seconds=gauge.interval_s) * STALE_AFTER_INTERVALS
    times = [begun, *(o.at for o in good), now]
    whole = bool(good) and all(b - a <= spacing for a, b in pairwise(times))
    near = one.mm - one.near if one.near is not None else one.mm * RAIN_NEAR
    text = f"{fallen:.1f}mm{'' if whole else '以上（欠けた値があります）'}"
    text += f"（{_hm(good[-1].at, zone)}まで）" if good else ""
    since = good[-1].at if good else None
    if fallen >= one.mm - HAIR:
        return Found(MET, text, since)
    if good and fallen >= near - HAIR:
        return Found(NEAR, text, since)
    return Found(NOT_MET, text, since) if whole else Found(NOT_KNOWN, f"不明：{text}", since)


def _first(gauge: Gauge, mark: float, error: float, now: datetime) -> datetime | None:
    """Give the minute from which the forecast water may stand at *mark*; None where it never does."""
    steps = _steps(gauge, now)
    issued = max((o.issued_at for o in steps if o.issued_at is not None), default=now)
    before = issued
    for step in steps:
        if (step.value or 0.0) + error >= mark - HAIR and step.at > now:
            return before
        before = max(before, step.at)
    return None


def _steps(gauge: Gauge, now: datetime) -> list[Observation]:
    """Give the steps that have a value, of a forecast that is not from the future."""
    good = (o for o in gauge.ahead if _fine(o) and o.issued_at is not None and o.issued_at <= now + SKEW)
    return sorted(good, key=lambda o: o.at)


def _mark(mark: str | float, gauge: Gauge | None) -> float | None:
    if not isinstance(mark, str):
        return float(mark)
    return None if gauge is None else gauge.thresholds.get(mark)


def _no_mark(gauge: Gauge | None) -> Found:
    what = "この観測所の値がありません" if gauge is None else "この観測所の基準の水位がわかりません"
    return Found(NOT_KNOWN, f"不明（{what}）")


def _margin(said: float | None, mark: float, gauge: Gauge) -> float:
    if said is not None:
        return said
    return NEAR_M if gauge.unit == "m" else abs(mark) * NEAR_PART


def _rise(good: Sequence[Observation], last: Observation) -> float | None:
    """Give the change since 60 minutes before the newest reading; None where there was no reading about then."""
    then = [o for o in good if o.at < last.at and abs(last.at - o.at - HOUR) <= LOOSE]
    if not then:
        return None
    base = min(then, key=lambda o: (abs(last.at - o.at - HOUR), o.at))
    return (last.value or 0.0) - (base.value or 0.0)


def _since(good: Sequence[Observation], mark: float) -> datetime:
    begun = good[-1].at
    for one in reversed(good):
        if (one.value or 0.0) < mark:
            break
        begun = one.at
    return begun


def _old(last: Observation, gauge: Gauge, now: datetime) -> bool:
    return now - last.at > timedelta(seconds=STALE_AFTER_INTERVALS * gauge.interval_s)


def _good(seen: Sequence[Observation], now: datetime) -> list[Observation]:
    return sorted((o for o in seen if _fine(o) and o.at <= now + SKEW), key=lambda o: o.at)


def _fine(one: Observation) -> bool:
    return one.value is not None and one.quality is Quality.OK


def _number(mark: str | float, value: float) -> str:
    return f" {value:.2f}" if isinstance(mark, str) else ""


def _hm(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"
