"""The second witness: a neighbour gauge that rises, rain that fell, an office's word, an officer who looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disaster_hub.rules.gauges import NO_DANGER
from disaster_hub.terms.doubt import By, Look, Witness
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation, StationKind
from disaster_hub.terms.quantity import Quality

HOUR, LONG = timedelta(hours=1), timedelta(hours=3)
FRESH = timedelta(minutes=30)
"""A neighbour that last spoke before that says nothing of now."""
AFTER = timedelta(minutes=15)
"""A neighbour downstream rises a little later."""
LEAP_M, LEAP_M_A_MIN = 0.5, 0.05
"""More than half a metre, and 3 m in an hour on top (都賀川 2008: 1.3 m in 10 minutes, a leap and true)."""
RISE_M = 0.1
SHARE, TIDE_SHARE = 0.2, 0.5
"""Part of this gauge's own rise that a neighbour must show: a whole coast rises with the tide every day."""
RAIN_HOUR_MM, RAIN_LONG_MM = 10.0, 30.0
"""やや強い雨 (気象庁「雨の強さと降り方」: 10 mm an hour and more); three hours of it."""
LEAP_RAIN_MM, LEAP_TIMES = 20.0, 2
"""強い雨; and rain alone bears out a leap only when the gauge says so a second time."""
LEVEL = 2
RIVERS = frozenset({"flood"})
TOWN_LEVEL = 3
"""An office's word for the whole town says less of one brook than one for the river."""
LOOKED_FOR = timedelta(hours=1)
"""What an officer saw holds so long."""


@dataclass(frozen=True, slots=True)
class Post:
    """What the registry says of one gauge."""

    station: str
    name: str
    marks: Mapping[str, float]
    kind: StationKind = StationKind.RIVER
    start: float | None = None
    hangs: float | None = None
    """Height of an instrument that looks down on the water."""
    river: str = ""
    moved: bool = False
    """Moved, and nobody looked at its heights since."""
    maintained: bool = False

    @property
    def bottom(self) -> float | None:
        """Give the lowest height from which it stands high: its own start, else its lowest mark."""
        found = [h for m, h in self.marks.items() if m not in NO_DANGER]
        found += [] if self.start is None else [self.start]
        return min(found, default=None)

    @property
    def highest(self) -> float | None:
        """Give its highest mark."""
        return max((h for m, h in self.marks.items() if m not in NO_DANGER), default=None)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another device: a gauge, or a rain gauge; its last hours, oldest first."""

    station: str
    name: str
    seen: Sequence[Observation]


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known around a gauge at the moment of a reading."""

    neighbours: Sequence[Neighbour] = ()
    """Gauges that are not doubted themselves, or only because they leapt as well."""
    rains: Sequence[Neighbour] = ()
    words: Sequence[Official] = ()
    """Official words for its river and its town."""
    look: Look | None = None
    tilted: bool = False
    own: Sequence[Observation] = field(default_factory=tuple)
    """The gauge's own last hours."""


def find(reading: Observation, post: Post, around: Around, *, leap: bool, times: int) -> Witness | None:
    """Give the best witness of a reading; a leap needs one that moves now, not a word that has stood for hours."""
    at = reading.at
    look = around.look
    if look is not None and look.station == post.station and at <= look.at + LOOKED_FOR:
        return Witness(By.LOOK, f"{look.who}さんが目で確かめました", at)
    if reading.value is None:
        return None
    rising = _rising(reading, post, around)
    if rising is not None:
        return Witness(By.NEIGHBOUR, rising, at)
    if post.kind is not StationKind.TIDE:
        rain = _rain(around.rains, at, leap=leap, times=times)
        if rain is not None:
            return Witness(By.RAIN, rain, at)
    if leap:
        return None
    word = _word(post, around.words, at)
    return None if word is None else Witness(By.TELEGRAM, word, at)


def moved(
    others: Sequence[Neighbour], since: datetime, until: datetime, *, leaps: bool = True
) -> tuple[str, float] | None:
    """Give who moved most in a span, and by how much; None where nobody was measured.

    Without *leaps* a neighbour's own sudden steps are left out: one broken gauge must not accuse the others.
    """
    found = []
    for name, seen in _fresh(others, since, until):
        values = [o.value or 0.0 for o in (seen if leaps else _steady(seen))]
        found.append((name, max(values) - min(values)))
    return max(found, key=lambda one: one[1], default=None)


def fallen(rains: Sequence[Neighbour], since: datetime, until: datetime) -> tuple[str, float] | None:
    """Give where it rained most in a span, and how much; None where nobody measured it."""
    found = [(name, sum(o.value or 0.0 for o in seen)) for name, seen in _fresh(rains, since, until)]
    return max(found, key=lambda one: one[1], default=None)


def leap_m(minutes: float) -> float:
    """Give by how much a gauge may change within so many minutes before it needs somebody to bear it out."""
    return LEAP_M + LEAP_M_A_MIN * minutes


def _steady(seen: Sequence[Observation]) -> list[Observation]:
    """Leave out readings that stand a leap away from the one before them."""
    found = [seen[0]]
    for one in seen[1:]:
        minutes = (one.at - found[-1].at).total_seconds() / 60.0
        if abs((one.value or 0.0) - (found[-1].value or 0.0)) <= leap_m(minutes):
            found.append(one)
    return found


def _fresh(others: Sequence[Neighbour], since: datetime, until: datetime) -> list[tuple[str, list[Observation]]]:
    found = []
    for other in others:
        mine = _good(other.seen, since, until)
        if mine and until - mine[-1].at <= FRESH:
            found.append((other.name, mine))
    return found


def _good(seen: Sequence[Observation], since: datetime, until: datetime) -> list[Observation]:
    good = (o for o in seen if o.value is not None and o.quality is Quality.OK and o.issued_at is None)
    return [o for o in good if since < o.at <= until]


def _rising(reading: Observation, post: Post, around: Around) -> str | None:
    """Name a neighbour that rises beside this gauge, by a fair part of what this one says."""
    at = reading.at
    own = [o.value for o in _good(around.own, at - HOUR, at) if o.value is not None]
    mine = max(0.0, (reading.value or 0.0) - min(own, default=reading.value or 0.0))
    share = TIDE_SHARE if post.kind is StationKind.TIDE else SHARE
    wanted = max(RISE_M, share * mine)
    for other in around.neighbours:
        seen = _good(other.seen, at - HOUR - AFTER, at + AFTER)
        if len(seen) < 2 or seen[-1].at < at - FRESH:
            continue
        top = max(seen, key=lambda o: (o.value or 0.0, o.at))
        rise = (top.value or 0.0) - min(o.value or 0.0 for o in seen if o.at <= top.at)
        if rise >= wanted and (seen[-1].value or 0.0) >= (top.value or 0.0) - rise / 2:
            return f"{other.name}も{rise:.2f}m上がっています"
    return None


def _rain(rains: Sequence[Neighbour], at: datetime, *, leap: bool, times: int) -> str | None:
    hour, long = fallen(rains, at - HOUR, at), fallen(rains, at - LONG, at)
    if leap:
        if hour is None or hour[1] < LEAP_RAIN_MM or times < LEAP_TIMES:
            return None
        return f"{hour[0]}で1時間に{hour[1]:.0f}mm降っています"
    if hour is not None and hour[1] >= RAIN_HOUR_MM:
        return f"{hour[0]}で1時間に{hour[1]:.0f}mm降っています"
    if long is not None and long[1] >= RAIN_LONG_MM:
        return f"{long[0]}で3時間に{long[1]:.0f}mm降っています"
    return None


def _word(post: Post, words: Sequence[Official], at: datetime) -> str | None:
    """Name the office's word that explains high water here."""
    tide = post.kind is StationKind.TIDE
    for word in words:
        if word.level is None or (word.until is not None and word.until <= at):
            continue
        river = word.area == post.river and word.level >= LEVEL
        hazards = {"surge"} if tide else {"flood", "rain"}
        if (river and not tide) or (word.hazard in hazards and word.level >= TOWN_LEVEL):
            return f"{word.issuer}：{word.area_name} {word.name}（警戒レベル{word.level}相当）"
    return None
