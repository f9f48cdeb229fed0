"""Which order of the city stands while something else is said: no end and no rule may sound as if there were none."""

from __future__ import annotations

from collections.abc import Collection

from disaster_hub.config import Config
from disaster_hub.desk import decisions
from disaster_hub.store import evacuation_areas
from disaster_hub.store.session import Transaction


def highest(tx: Transaction, config: Config, codes: Collection[str]) -> int | None:
    """Give the highest order in force, against any hazard, in areas of *codes*; of all where none of them is one."""
    mine = set(codes) & evacuation_areas.names(tx).keys()
    orders = decisions.in_force(tx, config)
    return max((one.level for one in orders if not mine or one.area in {*mine, config.city.area}), default=None)
