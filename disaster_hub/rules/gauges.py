"""A gauge against its own thresholds: which is next, when by official forecast, when by last hour's rise, and silence.

What is reckoned from the last hour's rise is a rule of thumb (目安) for the desk alone: it never judges a level, never
shortens or lengthens anybody's minute, and never leaves the headquarters' pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from disaster_hub.rules.water import SKEW, TREND_M, TREND_SPAN, Own, expected_interval_s, stale
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality

MARK_WORDS: Mapping[str, str] = {
    "standby": "水防団待機水位", "advisory": "氾濫注意水位", "judgement": "避難判断水位", "danger": "氾濫危険水位",
    "design_high": "計画高水位", "start": "観測開始水位", "warn": "危険水位（管理者の基準）", "flood": "氾濫開始水位",
    "near": "市の目安・接近", "met": "市の目安・到達",
}  # fmt: skip
NO_DANGER = frozenset({"start"})
"""Marks that only say that the gauge measures."""
SHORTEST = timedelta(minutes=15)
"""A rise seen over less than this says nothing of the next hour."""
LONGEST = timedelta(hours=6)
"""A rise is not drawn out further than this."""


class Ahead(StrEnum):
    """On what the time to the next threshold rests."""

    FORECAST = "forecast"
    GUIDE = "guide"
    """目安: last hour's rise drawn out in a straight line."""
    NONE = "none"


class Standing(IntEnum):
    """How a gauge stands; the first stand highest on the board."""

    SILENT_DANGER = 0
    """Silent while high or rising: not known, and counted as danger."""
    ABOVE_ALL = 1
    NEARING = 2
    """A time can be said."""
    MEASURED = 3
    SILENT = 4
    """Silent while low, or of unknown height: not known."""
    AT_WORK = 5
    """Somebody works on it; its readings count for nothing."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What is known of one gauge."""

    own: Own
    marks: Mapping[str, float]
    last: Observation | None
    hour: Sequence[Observation] = ()
    """The readings of the hour before the last one."""
    ahead: Sequence[Observation] = ()
    """The newest official forecast."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a gauge stands against its thresholds."""

    standing: Standing
    reached: str | None = None
    """The highest mark that the last reading has reached."""
    mark: str | None = None
    """The next one above."""
    height: float | None = None
    distance: float | None = None
    basis: Ahead = Ahead.NONE
    at: datetime | None = None
    """The earliest minute at which the water may stand there."""
    by: datetime | None = None
    """The forecast's own step at which it stands there; None for a rule of thumb."""
    issued_at: datetime | None = None
    beyond: datetime | None = None
    """The official forecast stays below the next mark until then."""
    since: datetime | None = None
    """Since when it is silent."""
    reason: str = ""

    def key(self) -> tuple[float, ...]:
        """Sort: by standing, then by the time left, then by the distance."""
        far = float("inf")
        return (
            float(self.standing),
            far if self.at is None else self.at.timestamp(),
            far if self.distance is None else self.distance,
        )


@dataclass(frozen=True, slots=True)
class Crossing:
    """A gauge passed one of its marks."""

    mark: str
    height: float
    up: bool
    seen: Observation


@dataclass(slots=True)
class Above:
    """Which marks a gauge stands above; a small dip below one does not count as falling."""

    marks: set[str] = field(default_factory=set)


def look(gauge: Gauge, now: datetime) -> Look:
    """Say how a gauge stands at *now*."""
    last, own = gauge.last, gauge.own
    if own.maintained:
        return Look(Standing.AT_WORK, since=last.at if last else None, reason="保守中")
    marks = sorted((h, m) for m, h in gauge.marks.items() if m not in NO_DANGER)
    if last is not None and last.quality is Quality.SUSPECT:
        return _doubted(gauge, last, marks)
    if last is None or last.value is None:
        return Look(Standing.SILENT, reason="値がまだありません")
    reached = next((m for h, m in reversed(marks) if last.value >= h), None)
    if stale(last.at, expected_interval_s(own, last), now):
        return _silent(gauge, last, reached)
    return _measured(gauge, last, last.value, marks, reached, now)


def _measured(
    gauge: Gauge,
    last: Observation,
    value: float,
    marks: Sequence[tuple[float, str]],
    reached: str | None,
    now: datetime,
) -> Look:
    """Say which mark is the next, and when."""
    above = next(((h, m) for h, m in marks if h > value), None)
    if above is None:
        return Look(Standing.ABOVE_ALL if reached else Standing.MEASURED, reached)
    height, mark = above
    said = Look(Standing.MEASURED, reached, mark, height, height - value)
    return _timed(said, gauge, last, height, now)


def _doubted(gauge: Gauge, last: Observation, marks: Sequence[tuple[float, str]]) -> Look:
    """Count a doubted reading neither as high nor as low; where it was high, or says so, not known is danger."""
    good = [o.value for o in gauge.hour if o.value is not None and o.quality is Quality.OK]
    bottom = min([h for h, _ in marks] + ([] if gauge.own.start is None else [gauge.own.start]), default=None)
    high = bottom is not None and any(v >= bottom for v in [*good[-1:], last.value or 0.0])
    standing = Standing.SILENT_DANGER if high else Standing.SILENT
    return Look(standing, since=last.at, reason="疑わしい値（裏付けがありません）")


def _timed(said: Look, gauge: Gauge, last: Observation, height: float, now: datetime) -> Look:
    """Say when the next mark is reached: by the official forecast where there is one, else by rule of thumb."""
    official = _forecast(gauge.ahead, height, now)
    if official is not None:
        at, by, issued, end = official
        said = replace(said, basis=Ahead.FORECAST, issued_at=issued)
        return replace(said, beyond=end) if at is None else replace(said, standing=Standing.NEARING, at=at, by=by)
    at = _guide(gauge.hour, last, height)
    if at is None:
        return said
    return replace(said, standing=Standing.NEARING, basis=Ahead.GUIDE, at=max(at, now))


def rising(hour: Sequence[Observation]) -> float | None:
    """Give the rise in units a second over *hour*; None where the readings do not show one."""
    good = [o for o in hour if o.value is not None and o.quality is Quality.OK]
    if len(good) < 2:
        return None
    first, last = good[0], good[-1]
    span = last.at - first.at
    rise = (last.value or 0.0) - (first.value or 0.0)
    if span < SHORTEST or rise < TREND_M:
        return None
    return rise / span.total_seconds()


def crossings(above: Above, marks: Mapping[str, float], seen: Sequence[Observation]) -> list[Crossing]:
    """Give each passing of a mark in *seen*, oldest first; *above* is brought up to the last of them."""
    found: list[Crossing] = []
    wanted = {m: h for m, h in marks.items() if m not in NO_DANGER}
    above.marks &= set(wanted)
    for one in seen:
        if one.value is None or one.quality is not Quality.OK:
            continue
        for mark, height in sorted(wanted.items(), key=lambda pair: pair[1]):
            if mark not in above.marks and one.value >= height:
                above.marks.add(mark)
                found.append(Crossing(mark, height, up=True, seen=one))
            elif mark in above.marks and one.value < height - TREND_M:
                above.marks.discard(mark)
                found.append(Crossing(mark, height, up=False, seen=one))
    return found


def _silent(gauge: Gauge, last: Observation, reached: str | None) -> Look:
    """Count silence as danger where the water was high or rising; a low daily silence is none."""
    value = last.value or 0.0
    start = gauge.own.start
    low = start is not None and value < start
    high = reached is not None or (start is not None and value >= start)
    rose = not low and rising(gauge.hour) is not None
    words = "高いまま途絶" if high else "上昇中に途絶" if rose else "途絶"
    standing = Standing.SILENT_DANGER if high or rose else Standing.SILENT
    return Look(standing, reached, since=last.at, reason=words)


def _forecast(
    ahead: Sequence[Observation], height: float, now: datetime
) -> tuple[datetime | None, datetime | None, datetime, datetime] | None:
    """Read the official forecast as the house does: the water may be there from the step before the first one above."""
    steps = sorted((o for o in ahead if o.issued_at is not None and o.issued_at <= now + SKEW), key=lambda o: o.at)
    later = [o for o in steps if o.at > now]
    if not later or later[0].issued_at is None:
        return None
    before, issued = now, later[0].issued_at
    for step in later:
        if step.value is None or step.quality is not Quality.OK:
            continue
        if step.value >= height:
            return before, step.at, issued, step.at
        before = step.at
    if any(o.value is None or o.quality is not Quality.OK for o in later):
        return None  # steps left out do not say that the water stays below
    return None, None, issued, later[-1].at


def _guide(hour: Sequence[Observation], last: Observation, height: float) -> datetime | None:
    """Draw last hour's rise out in a straight line; only a rise says anything."""
    near = [o for o in hour if last.at - TREND_SPAN <= o.at <= last.at]
    speed = rising(near)
    if speed is None or last.value is None:
        return None
    span = timedelta(seconds=(height - last.value) / speed)
    return last.at + span if span <= LONGEST else None
