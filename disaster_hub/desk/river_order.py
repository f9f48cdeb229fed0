"""Which gauge stands upstream of which: by their places along the river's line, where one is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.observation import Station
from disaster_hub.terms.place import METRES_A_DEGREE, LonLat, Plane, metres_between

ON_RIVER_M = 150.0
"""A gauge no further than this from a river's line stands on it."""
AROUND_DEG = 2 * ON_RIVER_M / METRES_A_DEGREE


@dataclass(frozen=True, slots=True)
class Beside:
    """One neighbour: on which side, how far along the river, or in a straight line where no river joins them."""

    station: str
    side: str
    """`up`, `down`, or `near` where no river's line says which."""
    metres: float
    river: str = ""


def beside(tx: Transaction, here: Station, others: Iterable[Station], number: int) -> list[Beside]:
    """Give up to *number* neighbours on each side of *here*, the nearest first."""
    if here.lon is None or here.lat is None:
        return []
    spot = LonLat(here.lon, here.lat)
    placed = [(s, LonLat(s.lon, s.lat)) for s in others if s.id != here.id and s.lon is not None and s.lat is not None]
    name = river_at(tx, spot)
    if name:
        found = _along(line_of(tx, name), spot, placed, name)
        up = sorted((b for b in found if b.side == "up"), key=lambda b: b.metres)[:number]
        down = sorted((b for b in found if b.side == "down"), key=lambda b: b.metres)[:number]
        if up or down:
            return [*up[::-1], *down]
    near = [Beside(s.id, "near", metres_between(spot, at)) for s, at in placed]
    return sorted(near, key=lambda b: b.metres)[: 2 * number]


def river_at(tx: Transaction, spot: LonLat) -> str | None:
    """Name the river on which *spot* stands."""
    low = LonLat(spot.lon - AROUND_DEG, spot.lat - AROUND_DEG)
    high = LonLat(spot.lon + AROUND_DEG, spot.lat + AROUND_DEG)
    plane, found = Plane(spot), []
    for one in places.within_box(tx, "rivers", low, high, ("name",)):
        far = shapely.distance(shapely.Point(0, 0), flat(one.geometry, plane))
        if one.columns.get("name") and far <= ON_RIVER_M:
            found.append((far, str(one.columns["name"])))
    return min(found)[1] if found else None


def line_of(tx: Transaction, name: str) -> BaseGeometry:
    """Join a river's pieces in the direction in which they were drawn, which is the one it flows in."""
    pieces = [one.geometry for one in places.features(tx, "rivers") if one.columns.get("name") == name]
    lines = [part for one in pieces for part in shapely.get_parts(one) if part.geom_type == "LineString"]
    if not lines:
        return shapely.LineString()
    joined = shapely.line_merge(shapely.multilinestrings(lines), directed=True)
    return max(joined.geoms, key=lambda one: one.length) if hasattr(joined, "geoms") else joined


def _along(line: BaseGeometry, spot: LonLat, placed: Sequence[tuple[Station, LonLat]], name: str) -> list[Beside]:
    if line.is_empty:
        return []
    plane = Plane(spot)
    drawn = flat(line, plane)
    mine = drawn.project(shapely.Point(0, 0))
    found = []
    for station, at in placed:
        point = shapely.Point(plane.metres(at.lon, at.lat))
        if drawn.distance(point) <= ON_RIVER_M:
            far = drawn.project(point) - mine
            found.append(Beside(station.id, "down" if far >= 0 else "up", abs(far), name))
    return found


def flat(shape: BaseGeometry, plane: Plane) -> BaseGeometry:
    """Lay a shape out in metres around the plane's middle."""
    return shapely.transform(shape, lambda xy: [plane.metres(lon, lat) for lon, lat in xy])
