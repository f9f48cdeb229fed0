"""How fast a household goes: the slowest member, night, rain, stairs. Every doubt makes it slower.

Speeds in m/s, from the tsunami evacuation guideline of 消防庁 (FDMA) and its table: 1.0 able-bodied, 0.5 elderly,
disabled and small children, 0.9 with a pram, 0.8 on the flat and 0.4 on stairs for a person who needs help, 3.0 by car
where a car is allowed; night × 0.8 (南海トラフ巨大地震対策検討WG, 2012). For rain no source was found: our own margin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from disaster_hub.terms.household import Household, Mode, Need
from timelines.roads import FARTHEST_M, TENTHS, Floats, Ints, Roads

ABLE, SLOW, PRAM, HELPED, STAIRS, CAR = 1.0, 0.5, 0.9, 0.8, 0.4, 3.0
NIGHT = 0.8
RAIN = 0.9
"""Our own margin; no source was found."""
SLOW_NEEDS = frozenset({Need.INFANT, Need.CHILD, Need.ELDER, Need.CARE, Need.PREGNANT})
STEP = 0.02
"""Speeds are rounded down to a multiple of this, so that households share searches."""
LEAST = 0.05
DETOUR = 1.4
"""From the door to the road nobody walks a straight line; our own factor."""
NEVER = -1
"""Seconds of a link that may not be used."""


@dataclass(frozen=True, slots=True, order=True)
class Pace:
    """One way of going; households of the same pace share every search."""

    mode: Mode
    flat: float
    """m/s, everything reckoned in."""
    stairs: float
    """m/s on steps; 0 where steps cannot be used."""
    night: bool = False

    def beside(self, metres: Floats) -> Ints:
        """Give the tenths of a second for so many metres between a door and the road, on foot in any case."""
        return np.ceil(np.minimum(metres, FARTHEST_M) * DETOUR / min(self.flat, SLOW) * TENTHS).astype(np.int32)


def pace(household: Household, *, night: bool) -> Pace:
    """Give the pace of the slowest member; who has not said how fast they are is taken as slow."""
    factor = RAIN * (NIGHT if night else 1.0)
    if household.mode is Mode.CAR:
        return Pace(Mode.CAR, _down(CAR * factor), 0.0, night)
    flat = base(household)
    stairs = 0.0
    if household.mode is Mode.FOOT and household.stairs:
        stairs = _down(min(flat, STAIRS) * factor)
    return Pace(household.mode, _down(flat * factor), stairs, night)


def base(household: Household) -> float:
    """Give the speed by day on the flat, m/s: the least of what the table says and what they said themselves."""
    found = [ABLE]
    if household.needs & SLOW_NEEDS or household.mode is Mode.WHEELCHAIR:
        found.append(SLOW)
    if household.pram:
        found.append(PRAM)
    if not household.stairs:
        found.append(HELPED)
    found.append(SLOW if household.ten_minutes_m is None else max(LEAST, household.ten_minutes_m / 600))
    return min(found)


def tenths(roads: Roads, going: Pace) -> tuple[Ints, Ints]:
    """Give every link's tenths of a second at this pace, along it and against it; NEVER where it may not be gone."""
    speed = np.where(roads.steps, going.stairs, going.flat)
    usable = roads.allowed(going.mode) & (speed > 0)
    along = np.where(usable, np.ceil(roads.length / np.where(usable, speed, 1.0) * TENTHS), NEVER).astype(np.int32)
    against = along.copy()
    if going.mode is Mode.CAR:
        along[roads.oneway < 0] = NEVER
        against[roads.oneway > 0] = NEVER
    return along, against


def _down(speed: float) -> float:
    return max(LEAST, math.floor(speed / STEP + 1e-9) * STEP)
