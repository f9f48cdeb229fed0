"""Is it true? One reading after the other against its gauge, its neighbours, the rain and the offices' word.

No gauge alone sends anything: a reading counts towards a notice when nothing speaks against it and a second witness
says so too. What is doubted counts neither as high nor as low. Every figure here is our own, unless its source stands
beside it, and errs towards asking people: they are told of a doubt at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disaster_hub.rules import witnesses
from disaster_hub.rules.witnesses import Around, Post
from disaster_hub.terms.doubt import By, Doubt, DoubtKind, Trust, Witness
from disaster_hub.terms.observation import Observation, StationKind
from disaster_hub.terms.quantity import Quality

ABOVE_M = 6.0
"""So far above its highest mark no river of a town has stood (人吉 2020: some 4 m above 計画高水位); 26.48 m at a
danger level of 3.4 m is 23 m above."""
BELOW_M = -15.0
HANGS_M = 0.05
"""An instrument that measures downwards cannot see water above itself."""
LATCH = timedelta(hours=6)
"""A leap that nobody bore out is doubted for so long, and then counts as where the gauge now stands."""
FLAT_FOR, FLAT_TIMES = timedelta(hours=1), 6
NOISE_TIMES = 12
"""An instrument that differed each of so many times, and then so many times not at all, hangs."""
MOVED_M = 0.3
"""So much moves at a neighbour while this one is flat."""
FLAT_RAIN_MM = 30.0
SAME_M = 0.0005
QUIET_M, QUIET_MM = 0.05, 1.0
"""Neighbours that moved less, rain that was less, contradict a rise."""
ALONE_RISE_M = 0.3
BEHIND, BEHIND_TIMES = timedelta(minutes=30), 3
BEHIND_SPREAD_S = 300.0
RAIN_HOUR_MM = 200.0
"""Japan's highest hour is 153 mm (気象庁: 香取 1999, 長浦岳 1982)."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One reading in front of the judge."""

    reading: Observation
    value: float
    before: Trust | None
    post: Post
    around: Around

    @property
    def again(self) -> bool:
        return self.before is not None and self.before.at == self.reading.at

    @property
    def rise(self) -> float | None:
        """Give the change since the last reading that nothing spoke against."""
        return None if self.before is None or self.before.good is None else self.value - self.before.good

    @property
    def was_high(self) -> bool:
        return self.before is not None and self.before.good is not None and high(self.before.good, self.post)


def high(value: float, post: Post) -> bool:
    """Tell whether a value stands at the gauge's lowest mark, or where it begins to measure."""
    bottom = post.bottom
    return bottom is not None and value >= bottom


def interesting(before: Trust | None, reading: Observation, post: Post) -> bool:
    """Tell whether a reading needs its surroundings looked at; the many that are low and quiet do not."""
    if reading.value is None or before is None:
        return reading.value is not None and high(reading.value, post)
    if before.doubt is not None or high(reading.value, post) or before.same >= FLAT_TIMES - 1:
        return True
    return before.good is None or abs(reading.value - before.good) > witnesses.LEAP_M


def judge(
    before: Trust | None, reading: Observation, post: Post, around: Around, arrived: datetime | None = None
) -> Trust | None:
    """Judge one reading after the last one; *arrived* is when it came in, None where it came in long ago.

    A reading that is older than the last one judged changes nothing: it says nothing of now. The same one again is
    judged again, for its neighbours may have spoken meanwhile.
    """
    if reading.value is None or reading.quality is not Quality.OK or post.maintained:
        return before
    if before is not None and reading.at < before.at:
        return _clock_only(before, reading, arrived)
    case = _Case(reading, reading.value, before, post, around)
    trust = _remembered(case, arrived)
    doubt = _broken(case, trust) or _leap(case) or _alone(case)
    times = trust.leaps + (0 if case.again else 1)
    witness = witnesses.find(case.reading, post, around, leap=doubt is not None, times=times)
    if doubt is not None and witness is not None and _outweighs(witness, doubt, case):
        doubt = None
    if doubt is None:
        return replace(trust, doubt=None, danger=False, witness=witness, good=case.value, good_at=reading.at, leaps=0)
    leaps = trust.leaps if case.again else trust.leaps + 1
    leaps = leaps if doubt.kind is DoubtKind.LEAP else 0
    return replace(trust, doubt=doubt, danger=_danger(case, doubt), witness=None, leaps=leaps)


def possible_rain(mm: float, interval_s: float) -> bool:
    """Tell whether so much rain can have fallen in one interval."""
    hours = max(interval_s, 600.0) / 3600.0
    return 0.0 <= mm <= RAIN_HOUR_MM * max(hours, 0.5)


def _remembered(case: _Case, arrived: datetime | None) -> Trust:
    """Bring what is remembered up to this reading."""
    before, at = case.before, case.reading.at
    if before is None:
        return Trust(case.post.station, at, case.value, same_since=at)
    if case.again:
        return replace(before, value=case.value)
    told = replace(_behind(before, case.reading, arrived), at=at, value=case.value)
    if abs(case.value - before.value) <= SAME_M:
        return replace(told, same=before.same + 1)
    run = before.restless + 1 if before.same == 1 else 1
    return replace(told, same=1, same_since=at, restless=min(run, 10 * NOISE_TIMES))


def _behind(before: Trust, reading: Observation, arrived: datetime | None) -> Trust:
    """Count the readings that came late by always the same: a backlog comes late by ever less, and all at once."""
    late = 0.0 if arrived is None else (arrived - reading.at).total_seconds()
    if late < BEHIND.total_seconds():
        return replace(before, behind=0, behind_s=0.0) if arrived is not None else before
    assert arrived is not None  # whatever is late has come
    came = arrived - (before.at + timedelta(seconds=before.behind_s))
    as_it_speaks = 2 * came >= reading.at - before.at
    same = before.behind and as_it_speaks and abs(late - before.behind_s) <= BEHIND_SPREAD_S
    return replace(before, behind_s=late, behind=before.behind + 1 if same else 1)


def _clock_only(before: Trust, reading: Observation, arrived: datetime | None) -> Trust:
    told = _behind(before, reading, arrived)
    if told.behind < BEHIND_TIMES or before.doubt is not None:
        return told
    return replace(told, doubt=_late(told, reading.at), witness=None)


def _late(told: Trust, at: datetime) -> Doubt:
    hours = told.behind_s / 3600.0
    return Doubt(DoubtKind.CLOCK, f"届いた時刻より{hours:.1f}時間前の時刻が付いています", at)


def _broken(case: _Case, trust: Trust) -> Doubt | None:
    """Find what is wrong with the gauge itself; a witness of high water does not mend that."""
    post, value, at = case.post, case.value, case.reading.at
    if post.moved:
        return _since(case, DoubtKind.MOVED, "移設してから基準の高さを誰も確かめていません", at)
    absurd = impossible(post, value)
    if absurd:
        return _since(case, DoubtKind.RANGE, absurd, at)
    if case.around.tilted:
        return _since(case, DoubtKind.TILT, "機器が傾きを知らせています", at)
    if trust.behind >= BEHIND_TIMES:
        return _since(case, DoubtKind.CLOCK, _late(trust, at).words, at)
    return _stuck(case, trust)


def impossible(post: Post, value: float) -> str:
    """Say why no water can stand there; empty where it can."""
    highest = post.highest
    if post.hangs is not None and value > post.hangs + HANGS_M:
        return f"{value:.2f}mはセンサーの高さ（{post.hangs:.2f}m）より上です"
    if highest is not None and value > highest + ABOVE_M:
        return f"{value:.2f}mはいちばん高い基準（{highest:.2f}m）を{ABOVE_M:g}m以上超えています"
    return f"{value:.2f}mは低すぎます" if value < min(0.0, post.bottom or 0.0) + BELOW_M else ""


def _stuck(case: _Case, trust: Trust) -> Doubt | None:
    begun, at = trust.same_since, case.reading.at
    if begun is None or trust.same < FLAT_TIMES or at - begun < FLAT_FOR:
        return None
    if trust.same >= NOISE_TIMES and trust.restless >= NOISE_TIMES:
        return _since(case, DoubtKind.STUCK, f"{trust.same}回続けて同じ値です。それまでは毎回動いていました", at)
    moved = witnesses.moved(case.around.neighbours, begun, at, leaps=False)
    fallen = witnesses.fallen(case.around.rains, begun, at)
    waters, rains = moved is not None and moved[1] >= MOVED_M, fallen is not None and fallen[1] >= FLAT_RAIN_MM
    if not ((waters or rains) if high(case.value, case.post) else (waters and rains)):
        return None  # a dry brook may well stand still beside a river that rises
    other = (
        f"{moved[0]}は{moved[1]:.2f}m動きました"
        if waters and moved
        else f"雨が{fallen[1]:.0f}mm降りました"
        if fallen
        else ""
    )
    return _since(case, DoubtKind.STUCK, f"{trust.same}回続けて同じ値です。その間に{other}", at)


def _leap(case: _Case) -> Doubt | None:
    """Measure the change from the last reading that nothing spoke against."""
    before, rise = case.before, case.rise
    if before is None or before.good_at is None or rise is None:
        return None
    latched = before.doubt is not None and before.doubt.kind is DoubtKind.LEAP
    until = before.doubt.since if before.doubt is not None and latched else case.reading.at
    if latched and case.reading.at - until > LATCH:
        return None
    minutes = max(0.0, (until - before.good_at).total_seconds() / 60.0)
    if abs(rise) <= witnesses.leap_m(minutes):
        return None
    word = "上がり" if rise > 0 else "下がり"
    words = f"{before.good:.2f}mから{case.value:.2f}mへ{minutes:.0f}分で{word}ました"
    return _since(case, DoubtKind.LEAP, words, case.reading.at)


def _alone(case: _Case) -> Doubt | None:
    """Hold a rise to a mark against neighbours and rain gauges that all stand still; not known contradicts nothing."""
    if not high(case.value, case.post):
        return None
    own = [o.value for o in case.around.own if o.value is not None and o.at <= case.reading.at]
    doubted = case.before is not None and case.before.doubt is not None and case.before.doubt.kind is DoubtKind.ALONE
    if not doubted and case.value - min(own, default=case.value) < ALONE_RISE_M:
        return None
    since, at = case.reading.at - witnesses.LONG, case.reading.at
    waters = witnesses.moved(case.around.neighbours, since, at)
    rain = None if case.post.kind is StationKind.TIDE else witnesses.fallen(case.around.rains, since, at)
    if waters is None or (rain is None and case.post.kind is not StationKind.TIDE):
        return None
    still = waters[1] < (QUIET_M if case.post.kind is not StationKind.TIDE else ALONE_RISE_M)
    if not still or (rain is not None and rain[1] >= QUIET_MM):
        return None
    return _since(case, DoubtKind.ALONE, "近くの観測所も雨量も動いていません", at)


def _outweighs(witness: Witness, doubt: Doubt, case: _Case) -> bool:
    """Tell whether a witness takes a doubt away: an officer's eyes nearly every one, others only a leap upwards."""
    if witness.by is By.LOOK:
        return doubt.kind not in {DoubtKind.CLOCK, DoubtKind.MOVED}
    return doubt.kind is DoubtKind.LEAP and (case.rise or 0.0) > 0.0


def _danger(case: _Case, doubt: Doubt) -> bool:
    """Tell whether high water may stand behind the doubt; what was high is not safe because the gauge broke."""
    if case.was_high or (case.again and case.before is not None and case.before.danger):
        return True
    if doubt.kind is DoubtKind.STUCK:
        return True
    return doubt.kind is not DoubtKind.RANGE and high(case.value, case.post)


def _since(case: _Case, kind: DoubtKind, words: str, at: datetime) -> Doubt:
    """Keep the first moment of a doubt that goes on."""
    same = case.before.doubt if case.before is not None else None
    return Doubt(kind, words, same.since if same is not None and same.kind is kind else at)


def seeded(post: Post, seen: Sequence[Observation]) -> Trust | None:
    """Begin with a gauge whose past is stored: judged by itself alone, so nothing in it is believed yet."""
    trust: Trust | None = None
    for one in sorted(seen, key=lambda o: o.at):
        trust = judge(trust, one, post, Around())
    return trust
