"""The city's table of arrival times: when water reaches each road at the greatest scale, which is no night's water.

At the greatest scale both levees give way along their whole length in the first minute at which one may, the water
never runs short and its front goes faster than any night's. What rain brings, brook and underpass, comes
before the river does and stands in the inland zones, not here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from disaster_hub.rehearsal import zones
from disaster_hub.rehearsal.city import RIVER_CODE
from disaster_hub.rehearsal.streets import Link
from disaster_hub.rehearsal.terrain import CREST_TO_M, Array, Ground, Mask, spread
from disaster_hub.rehearsal.water import cells

NAME = "99201_浸水到達時間.csv"
HOLDS_MIN = 30.0
"""For so long the levees hold at least: the danger level is set so that there is time before the design high water."""
SOURCE_M = 60.0
"""How far behind the levees' toes the ground is under water at once."""
AT_ONCE = 4
"""Cells beyond that which the first minute's water reaches."""
CELLS_A_MINUTE = 3
"""The front's pace: 60 m a minute, 1 m/s."""


def minutes(ground: Ground) -> Array:
    """Give for every cell the minutes from the danger level until the greatest scale's water is there; inf is never."""
    found: Array = np.full_like(ground.z, np.inf)
    reach = zones.depth(ground, "maximum") > 0
    wet: Mask = np.zeros_like(reach)
    grown: Mask = reach & (np.abs(ground.off) < CREST_TO_M + SOURCE_M)
    minute = HOLDS_MIN
    while not np.array_equal(grown, wet):
        wet = grown
        for _ in range(CELLS_A_MINUTE if minute > HOLDS_MIN else AT_ONCE):
            grown = spread(grown, reach)
        found[grown & np.isinf(found)] = minute
        minute += 1
    # Ground of the greatest zone that hangs together with nothing: nobody can say when, so no later than the last.
    return np.where(reach, np.minimum(found, minute), found)


def rows(ground: Ground, links: Iterable[Link]) -> list[tuple[str, float]]:
    """Give link and minutes for every road that the greatest scale reaches, in the order of the links."""
    of_cell = minutes(ground)
    found = []
    for link in links:
        if not link.bridge:
            after = float(min(of_cell[place] for place in cells(link)))
            if np.isfinite(after):
                found.append((link.id, after))
    return found


def write(path: Path, ground: Ground, links: Iterable[Link]) -> None:
    """Write `link,minutes,area`; a road that is not named stays dry even then."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("link", "minutes", "area"))
        out.writerows((link, f"{after:g}", RIVER_CODE) for link, after in rows(ground, links))
