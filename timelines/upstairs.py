"""屋内安全確保: whether a household may stay upstairs. Three conditions, and what is not known is a no."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from disaster_hub.terms.hazard import Danger, Depth, Hazard, Known
from disaster_hub.terms.household import Home, Household
from disaster_hub.terms.way import Upstairs

GROUND_FLOOR_M = 0.5
"""Height of the ground floor's level over the ground: water of 0.5 m stands at 床上 (国土交通省, 浸水深の目安)."""
SECOND_FLOOR_M = 3.0
"""Height of the second floor's level: water of 3 m reaches it (the same)."""
STOREY_M = 2.7
"""Each further storey; our own assumption, at the lower end: 3 to 5 m of water fill a second floor."""
WATERS = (Hazard.FLOOD, Hazard.SURGE, Hazard.INLAND)
"""The hazards from which upstairs can be safe; from landslide and tsunami one leaves."""
FORBID = (Hazard.LANDSLIDE, Hazard.TSUNAMI)


def level_of(floor: int) -> float:
    """Give the height of a floor's level over the ground in metres; 1 is the ground floor."""
    return GROUND_FLOOR_M if floor <= 1 else SECOND_FLOOR_M + (floor - 2) * STOREY_M


def dry_floor(depths: Collection[Depth], storeys: int) -> int | None:
    """Give the lowest floor whose level lies above water of all these *depths*; None where the house has none."""
    return next((n for n in range(1, max(1, storeys) + 1) if all(_below(one, level_of(n)) for one in depths)), None)


def _below(depth: Depth, level: float) -> bool:
    """Tell whether water stays below *level*; a class ends just under its upper end (3.0 m未満), metres do not."""
    return depth.reckoned < level or (depth.exact is None and depth.reckoned == level)


def upstairs(dangers: Sequence[Danger], home: Home, household: Household) -> Upstairs:
    """Say which of the three conditions hold: no collapse zone, a floor above the water, enough for as long."""
    said = {one.hazard: one for one in dangers}
    forbidden = any(said[hazard].inside for hazard in FORBID if hazard in said)
    waters = [one for one in dangers if one.hazard in WATERS]
    collapse = _collapse_ok(said.get(Hazard.FLOOD))
    above = _above_water(waters, home, household)
    endures = _endures(waters, household)
    allowed = not forbidden and collapse is True and above is True and endures is True
    return Upstairs(allowed, collapse, above, endures, forbidden)


def _collapse_ok(flood: Danger | None) -> bool | None:
    """Condition 1: the house stands in no 家屋倒壊等氾濫想定区域; None where no such layer is loaded."""
    if flood is None:
        return None
    if flood.collapse:
        return False
    return True if flood.collapse_known else None


def _above_water(waters: Iterable[Danger], home: Home, household: Household) -> bool | None:
    """Condition 2: a floor that the household reaches lies above the deepest water that is reckoned with."""
    inside = [one for one in waters if one.inside]
    if not inside:
        flood = next((one for one in waters if one.hazard is Hazard.FLOOD), None)
        return None if flood is None or flood.known is Known.NO_DATA else True
    depths = [depth for one in inside for depth in (one.planned, one.maximum) if depth is not None]
    if any(one.depth_unknown for one in inside):
        return None
    floor = dry_floor(depths, max(home.storeys, home.floor))
    if floor is None:
        return False
    # Who cannot climb stairs stays on the own floor, or goes down: never up.
    return floor <= home.floor or household.stairs


def _endures(waters: Iterable[Danger], household: Household) -> bool | None:
    """Condition 3: water, food, medicine and power last until the water has gone."""
    inside = [one for one in waters if one.inside]
    if not inside:
        return True
    if household.endure_hours is None or any(not one.duration_known or one.hours is None for one in inside):
        return None
    longest = max(math.inf if one.hours is None or one.hours.high is None else one.hours.high for one in inside)
    return household.endure_hours >= longest
