"""The city's own readings: met, near, not met or not known; no warning level and no legal name of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.terms.level import Judgement
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality

STALE_AFTER_INTERVALS = 2
SKEW = timedelta(minutes=5)
"""A reading from further ahead than this comes from a wrong clock: it would never grow old, so it is not judged."""
TREND_SPAN = timedelta(hours=1)
TREND_M = 0.05
"""Within an hour, less than this many metres is called steady."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the city has set for one of its devices; heights in the unit of its reading."""

    interval_s: float
    interval_low_s: float | None = None
    """Expected interval below *start*; a cheap gauge may speak once a day there."""
    start: float | None = None
    near: float | None = None
    met: float | None = None
    maintained: bool = False
    """True while somebody works on it: its readings count for nothing then, neither high nor low."""


@dataclass(frozen=True, slots=True)
class OwnState:
    """What an own device says: *since* when, and whether it was silent while the water was high."""

    state: Judgement
    since: datetime | None
    danger: bool
    reason: str


def expected_interval_s(own: Own, last: Observation | None) -> float:
    """Give the interval to expect now: the low one only while the last reading lay below the start height."""
    low = own.interval_low_s is not None and own.start is not None
    if low and last is not None and last.value is not None and last.value < (own.start or 0.0):
        return max(own.interval_s, own.interval_low_s or 0.0)
    return own.interval_s


def stale(at: datetime | None, interval_s: float, now: datetime) -> bool:
    """Tell whether a reading is older than twice the expected interval, or was never made."""
    return at is None or now - at > timedelta(seconds=STALE_AFTER_INTERVALS * interval_s)


def judge(own: Own, seen: Sequence[Observation], now: datetime) -> OwnState:
    """Judge one device from its readings. Silence when high counts as danger, when low as normal."""
    good = sorted((o for o in seen if _usable(o, now)), key=lambda o: o.at)
    last = good[-1] if good else None
    doubted = doubted_since(seen, last, now)
    if own.maintained:
        return OwnState(Judgement.NOT_KNOWN, None if last is None else last.at, danger=False, reason="保守中")
    if doubted is not None:
        high = any(o is not None and o.value is not None and _high(own, o.value) for o in (last, doubted))
        words = "疑わしい値" if doubted.value is None else f"疑わしい値 {doubted.value:.2f}"
        return OwnState(Judgement.NOT_KNOWN, doubted.at, danger=high, reason=f"{words}（裏付けがありません）")
    if last is None or last.value is None:
        return OwnState(Judgement.NOT_KNOWN, None, danger=False, reason="値がまだありません")
    if stale(last.at, expected_interval_s(own, last), now):
        high = _high(own, last.value)
        words = "水位が高いまま途絶" if high else "途絶"
        return OwnState(Judgement.NOT_KNOWN, last.at, danger=high, reason=f"{words}（最後の値 {last.value:.2f}）")
    state = _state(own, last.value)
    return OwnState(state, _since(own, good, state), state is Judgement.MET, _words(own, state))


def doubted_since(seen: Sequence[Observation], last: Observation | None, now: datetime) -> Observation | None:
    """Give the newest reading where it is doubted, and so stands before the last good one; None where it is good."""
    newest = max((o for o in seen if o.issued_at is None and o.at <= now + SKEW), key=lambda o: o.at, default=None)
    if newest is None or newest.quality is not Quality.SUSPECT or (last is not None and newest.at <= last.at):
        return None
    return newest


def trend(seen: Sequence[Observation], now: datetime) -> str | None:
    """Say `rising`, `falling` or `steady` from the last hour of readings; None where they do not suffice."""
    near = [o for o in seen if o.value is not None and o.quality is Quality.OK and now - TREND_SPAN <= o.at <= now]
    if len(near) < 2 or near[0].value is None or near[-1].value is None:
        return None
    change = near[-1].value - near[0].value
    return "rising" if change >= TREND_M else "falling" if change <= -TREND_M else "steady"


def _usable(seen: Observation, now: datetime) -> bool:
    return seen.value is not None and seen.quality is Quality.OK and seen.at <= now + SKEW


def _state(own: Own, value: float) -> Judgement:
    if own.met is not None and value >= own.met:
        return Judgement.MET
    if own.near is not None and value >= own.near:
        return Judgement.NEAR
    return Judgement.NOT_MET if own.met is not None or own.near is not None else Judgement.NOT_KNOWN


def _high(own: Own, value: float) -> bool:
    return _state(own, value) in {Judgement.MET, Judgement.NEAR} or _above_start(own, value)


def _above_start(own: Own, value: float) -> bool:
    return own.start is not None and value >= own.start


def _since(own: Own, good: Sequence[Observation], state: Judgement) -> datetime:
    begun = good[-1].at
    for one in reversed(good):
        if one.value is None or _state(own, one.value) is not state:
            break
        begun = one.at
    return begun


def _words(own: Own, state: Judgement) -> str:
    if state is Judgement.MET:
        return f"市の基準 {own.met:.2f} 以上"
    if state is Judgement.NEAR:
        return f"市の基準 {own.near:.2f} 以上、注意"
    return "市の基準未満" if state is Judgement.NOT_MET else "市の基準が決められていません"
