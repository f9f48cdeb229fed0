"""Other nights than the one that is played: rises drawn by a seed, all within the greatest scale. For tests alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from disaster_hub.rehearsal import stage, zones
from disaster_hub.rehearsal.arrivals import HOLDS_MIN
from disaster_hub.rehearsal.city import STATIONS, minutes, moment
from disaster_hub.rehearsal.streets import Link
from disaster_hub.rehearsal.terrain import BED_M, CREST_M, Array, Ground, Mask
from disaster_hub.rehearsal.water import Breach, Break, Brook, Moment, cells

BREAKS_FROM_X, BREAKS_TO_X = 1100.0, 5600.0
"""Along the plain in the north, east of the bypass."""
BREAKS_WITHIN_MIN = 125.0
"""Minutes after the danger level: the levee holds for as long as the greatest scale's, then it may go at any minute.

The night that is played waits 52."""
AT_ONCE = 0.25
"""The share of rises whose levee goes in the first minute at which it may."""
WIDEST_M = (60.0, 220.0)
RIVER_SCALE = (0.93, 1.07)
RIVER_LATER_MIN = (-60.0, 60.0)
BROOK_SCALE = (0.95, 1.12)
BROOK_LATER_MIN = (-70.0, 60.0)
"""Against the river's danger level of the night."""
UNDERPASS_LATER_MIN = (-55.0, 30.0)
NEVER_MIN = 1e6
WARNED_AT = 0.8
"""How full the brook stands when the rain warning of level 3 comes: so it was in the night that is played."""
FROM_MIN, TO_MIN = -300, 300
"""The minutes that are told, from the danger level."""
DANGER_M = STATIONS[0].thresholds[3]
CREST_STAGE_M = CREST_M - BED_M
"""Higher the river cannot stand without running over both levees, which is no rise of this city's plans."""


@dataclass(frozen=True, slots=True)
class Rise:
    """One rise of the river and what comes of it; minutes count from its own danger level at みなも橋."""

    seed: int
    danger: float
    """The minute after noon at which the danger level is reached."""
    here: Break
    brook_scale: float
    brook_later: float
    underpass_later: float

    @property
    def breaks_after(self) -> float:
        """Give the minutes from the danger level to the break."""
        return self.here.at - self.danger

    def brook(self, minute: float) -> float:
        """Give how the brook stands at a minute after noon; 1 is bankfull."""
        return stage.level("brook", minute, scale=self.brook_scale, lag_min=self.brook_later)

    @property
    def warned(self) -> float:
        """Give the minute after noon from which level 3 is in force for rain."""
        first = int(self.danger) + FROM_MIN
        return float(next(m for m in range(first, first + TO_MIN - FROM_MIN) if self.brook(m) >= WARNED_AT))

    def underpass(self, minute: float) -> float:
        """Give the water in the underpass at a minute after noon, metres."""
        return stage.level("underpass", minute, lag_min=self.underpass_later)


def rise(seed: int) -> Rise:
    """Draw one rise; the same seed gives the same."""
    chance = np.random.default_rng([99, seed])
    scale, later = float(chance.uniform(*RIVER_SCALE)), float(chance.uniform(*RIVER_LATER_MIN))

    def river(minute: float) -> float:
        return min(CREST_STAGE_M, float(stage.along(stage.RIVER_UNBROKEN, minute - later)) * scale)

    danger = _danger(scale, later)
    waits = HOLDS_MIN if chance.random() < AT_ONCE else float(chance.uniform(HOLDS_MIN, BREAKS_WITHIN_MIN))
    x = float(chance.uniform(BREAKS_FROM_X, BREAKS_TO_X))
    here = Break(x, float(math.ceil(danger + waits)), danger + TO_MIN, float(chance.uniform(*WIDEST_M)), river)
    shift = danger - _danger(1.0, 0.0)
    return Rise(
        seed,
        danger,
        here,
        brook_scale=float(chance.uniform(*BROOK_SCALE)),
        brook_later=shift + float(chance.uniform(*BROOK_LATER_MIN)),
        underpass_later=shift + float(chance.uniform(*UNDERPASS_LATER_MIN)),
    )


def river_alone(one: Rise) -> Rise:
    """Give the same rise without rain: no brook, no underpass."""
    return replace(one, brook_scale=0.0, underpass_later=NEVER_MIN)


def moments(one: Rise, ground: Ground, within: Mask | None = None) -> Iterator[Moment]:
    """Give the rise's water minute by minute; it stays on the ground that the greatest scale reaches."""
    reach = zones.depth(ground, "maximum") > 0 if within is None else within
    river, brook = Breach(ground, one.here, reach), Brook(ground, one.brook)
    first = int(one.danger) + FROM_MIN
    for minute in range(first, first + TO_MIN - FROM_MIN + 1):
        if minute >= one.here.at:
            river.pass_minute(minute)
        depth = np.maximum(river.depth, brook.depth_at(minute))
        yield Moment(minute, depth, one.underpass(minute), max(river.head, river.pool))


def first_wet(one: Rise, ground: Ground, links: Iterable[Link], within: Mask | None = None) -> dict[str, float]:
    """Give each link that gets wet, and from how many minutes after the danger level on; the others stay dry."""
    roads = [link for link in links if not link.bridge]
    places = [np.ravel_multi_index(np.array(cells(link)).T, ground.z.shape) for link in roads]
    starts = np.cumsum([0, *(len(place) for place in places[:-1])])
    flat = np.concatenate(places)
    under = np.array([link.under for link in roads])
    found: Array = np.full(len(roads), np.inf)
    for now in moments(one, ground, within):
        wet = (np.maximum.reduceat(now.depth.ravel()[flat], starts) > 0) | (under & (now.underpass > 0))
        found[wet & np.isinf(found)] = now.minute - one.danger
    return {road.id: float(after) for road, after in zip(roads, found, strict=True) if np.isfinite(after)}


def _danger(scale: float, later: float) -> float:
    """Give the minute after noon at which such a river reaches the danger level, to a tenth."""
    times = np.arange(minutes(moment("15:00")), minutes(moment("23:00")), 0.1) + later
    high = stage.along(stage.RIVER_UNBROKEN, times - later) * scale >= DANGER_M
    return round(float(times[int(high.argmax())]), 1)
