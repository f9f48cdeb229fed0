"""The people along a river: from a gauge downstream to the next one, or some kilometres, and the river's own zone."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from disaster_hub.desk.river_order import ON_RIVER_M, flat, line_of, river_at
from disaster_hub.rules.notice_rules import Along
from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import LonLat, Plane

BESIDE_M = 2000.0
"""So far from the reach its river's flood zone still belongs to it; our own."""
LEAST_M = 200.0
"""A next gauge nearer than this stands on the same bridge."""


def reach(tx: Transaction, gauge: LonLat, others: Iterable[LonLat], along: Along) -> BaseGeometry | None:
    """Give the ground along a river below a gauge, in lon/lat; None where no river's line is loaded there."""
    name = river_at(tx, gauge)
    if not name:
        return None
    line = line_of(tx, name)
    if line.is_empty:
        return None
    plane = Plane(gauge)
    course = flat(line, plane)
    begin = course.project(shapely.Point(0, 0))
    end = min(begin + along.km * 1000.0, course.length)
    for other in others:
        spot = shapely.Point(plane.metres(other.lon, other.lat))
        at = course.project(spot)
        if course.distance(spot) <= ON_RIVER_M and at > begin + LEAST_M:
            end = min(end, at)
    piece = substring(course, begin, end)
    ground = piece.buffer(along.metres)
    return _back(shapely.union_all([ground, *_zones(tx, name, piece, plane)]), plane)


def _zones(tx: Transaction, river: str, piece: BaseGeometry, plane: Plane) -> list[BaseGeometry]:
    """Give what the river's own flood zones cover beside the reach."""
    near = piece.buffer(BESIDE_M)
    west, south, east, north = near.bounds
    low, high = plane.lonlat(west, south), plane.lonlat(east, north)
    found = []
    for one in places.within_box(tx, "hazards", low, high, ("hazard", "river")):
        zone = str(one.columns.get("river") or "")
        mine = len(zone) > 1 and (zone.startswith(river) or river.startswith(zone))
        if one.columns.get("hazard") == Hazard.FLOOD.value and mine:
            part = shapely.intersection(shapely.make_valid(flat(one.geometry, plane)), near)
            if not part.is_empty:
                found.append(part)
    return found


def _back(shape: BaseGeometry, plane: Plane) -> BaseGeometry:
    """Give lon/lat again, with no more corners than a metre deserves."""
    turned = shapely.transform(
        shape.simplify(1.0), lambda xy: [(p.lon, p.lat) for p in (plane.lonlat(east, north) for east, north in xy)]
    )
    return shapely.make_valid(turned)
