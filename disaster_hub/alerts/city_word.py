"""Which order of the city stands while something else is said: no end and no rule may sound as if there were none."""

from __future__ import annotations

from collections.abc import Collection

import shapely

from disaster_hub.config import Config
from disaster_hub.store import decisions, drawn_areas, evacuation_areas
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import DecisionState, is_drawn


def highest(tx: Transaction, config: Config, codes: Collection[str]) -> int | None:
    """Give the highest order in force, against any hazard, in areas of *codes*; of all where none of them is one."""
    mine = _lying_over(tx, codes)
    orders = [one for one in decisions.live(tx) if one.state is DecisionState.ISSUED]
    return max((one.order for one in orders if not mine or one.area in {*mine, config.city.area}), default=None)


def _lying_over(tx: Transaction, codes: Collection[str]) -> set[str]:
    """Give the areas among *codes*, and what lies over them where one of the two was drawn."""
    mine = set(codes) & evacuation_areas.names(tx).keys() | drawn_areas.of(tx, codes).keys()
    drawn = drawn_areas.standing(tx) | drawn_areas.of(tx, codes)
    if not mine or not drawn:
        return mine
    here = {area.code: area for area in evacuation_areas.all_areas(tx)} | drawn
    shapes = [here[code].shape for code in mine if code in here]
    ground = shapely.union_all([shape for shape in shapes if shape is not None])
    over = {code for code, area in here.items() if area.shape is not None and area.shape.intersects(ground)}
    return mine | (over if any(is_drawn(code) for code in mine) else over & drawn.keys())
