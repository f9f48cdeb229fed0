"""A made-up town for the plans' tests: a square of streets 100 m apart, a flood in its west, shelters in its east."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shapely import LineString, Point, box

from disaster_hub.config import Governs
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import METRES_A_DEGREE, Feature, LonLat
from disaster_hub.terms.way import Basis, Water
from timelines.town import Town

LON, LAT = 139.3, 38.9
SHRINK = math.cos(math.radians(LAT))
CITY, RIVER = "9920100", "990099000100"
NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
BLOCK_M = 100.0
GOVERNS = (Governs("flood", RIVER),)


def spot(east: float, north: float) -> LonLat:
    """Give the point so many metres east and north of the town's south-west corner."""
    return LonLat(LON + east / (METRES_A_DEGREE * SHRINK), LAT + north / METRES_A_DEGREE)


def link(name: str, one: tuple[int, int], other: tuple[int, int], block: float = BLOCK_M, **columns: object) -> Feature:
    """Lay a street between two crossings, which are named by their place in the square."""
    ends = [spot(x * block, y * block) for x, y in (one, other)]
    said = {
        "from_node": one[0] * 1000 + one[1], "to_node": other[0] * 1000 + other[1], "highway": "residential",
        "name": name, "length_m": block * math.dist(one, other),
    }  # fmt: skip
    identity = f"{one[0]}.{one[1]}/{other[0]}.{other[1]}"
    return Feature("roads", identity, LineString([(p.lon, p.lat) for p in ends]), said | columns)


def square(size: int = 6) -> list[Feature]:
    """Lay streets from west to east (`r0` is the southernmost) and from south to north (`c0` the westernmost)."""
    rows = [link(f"r{y}", (x, y), (x + 1, y)) for y in range(size) for x in range(size - 1)]
    return rows + [link(f"c{x}", (x, y), (x, y + 1)) for x in range(size) for y in range(size - 1)]


def zone(west: float, south: float, east: float, north: float, hazard: str = "flood", **columns: object) -> Feature:
    """Draw a zone, in metres."""
    low, high = spot(west, south), spot(east, north)
    kind = "landslide" if hazard == "landslide" else "depth"
    said = {"hazard": hazard, "rank_kind": kind, "scale": "maximum", "rank": 2, "low_m": 0.5, "high_m": 3.0}
    if kind == "landslide":
        said |= {"scale": None, "rank": 1}
    shape = box(low.lon, low.lat, high.lon, high.lat)
    return Feature("hazards", f"{hazard}:{west}:{south}", shape, said | columns)


def shelter(name: str, east: float, north: float, *hazards: str, **columns: object) -> Feature:
    """Set up an emergency shelter, designated for flood and landslide unless *hazards* says otherwise."""
    at = spot(east, north)
    flags: dict[str, object] = {h.value: h.value in (hazards or ("flood", "landslide")) for h in Hazard}
    said = flags | {"name": name, "designation": "emergency"}
    return Feature("shelters", name, Point(at.lon, at.lat), said | columns)


FLOOD = zone(-50, -50, 250, 550)
"""The three westernmost columns, and the streets that lead out of the third."""


def town(
    zones: Sequence[Feature] = (FLOOD,),
    roads: Iterable[Feature] | None = None,
    shelters: Sequence[Feature] | None = None,
    arrivals: Sequence[Feature] = (),
) -> Town:
    """Build the town."""
    places = [shelter("east", 510, 200), shelter("north", 400, 510)] if shelters is None else shelters
    return Town.build(zones, square() if roads is None else roads, places, arrivals, GOVERNS, CITY)


def arrival(minutes: float, name: str | None = None, area: str | None = RIVER, **corner: float) -> Feature:
    """Say when water arrives, at a link or in a cell."""
    shape = None
    if name is None:
        low, high = spot(corner["west"], corner["south"]), spot(corner["east"], corner["north"])
        shape = box(low.lon, low.lat, high.lon, high.lat)
    return Feature("arrivals", name or "cell", shape, {"link": name, "minutes": minutes, "area": area})


@dataclass(frozen=True)
class Every:
    """Zones of all hazards far to the west, so that what is outside is known to be outside."""

    @staticmethod
    def far(*but: str) -> list[Feature]:
        """Draw them, but not those of hazards *but*."""
        return [zone(-3000, 0, -2900, 100, h.value) for h in Hazard if h.value not in but]


def flood(minutes: float | None, level: int | None = 3) -> Water:
    """Say when the river's zero hour is, minutes from now; None where nobody says it."""
    if minutes is None:
        return Water(Hazard.FLOOD, RIVER, level=level)
    zero = NOW + timedelta(minutes=minutes)
    return Water(Hazard.FLOOD, RIVER, zero, Basis.FORECAST, "気象台", NOW, "g1", "柳橋", level)
