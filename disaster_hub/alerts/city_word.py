"""Which order of the city stands while something else is said: no end and no rule may sound as if there were none."""

from __future__ import annotations

from collections.abc import Collection

from disaster_hub.config import Config
from disaster_hub.store import decisions, evacuation_areas
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import DecisionState


def highest(tx: Transaction, config: Config, codes: Collection[str]) -> int | None:
    """Give the highest order in force, against any hazard, in areas of *codes*; of all where none of them is one."""
    mine = set(codes) & evacuation_areas.names(tx).keys()
    orders = [one for one in decisions.live(tx) if one.state is DecisionState.ISSUED]
    return max((one.order for one in orders if not mine or one.area in {*mine, config.city.area}), default=None)
