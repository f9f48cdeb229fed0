"""Outlines for CAP: fewer points, never a smaller area, and never a circle for a polygon."""

from __future__ import annotations

import math

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

METRES = (3.0, 8.0, 20.0, 50.0, 120.0)
"""How far the outline may stand outside of the area; the first that is short enough is taken."""
MOST_POINTS = 120
DIGITS = 5
"""Of a degree: about a metre."""
DEGREE_M = 111_320.0


def outlines(shape: BaseGeometry | None) -> list[str]:
    """Write every outer ring as CAP's polygon, `lat,lon` and closed; a hole is filled, for warning more is no harm."""
    if shape is None or shape.is_empty:
        return []
    whole = shape if shape.is_valid else shapely.make_valid(shape)
    found: list[Polygon] = []
    for metres in METRES:
        found = _around(whole, metres)
        if sum(len(one.exterior.coords) for one in found) <= MOST_POINTS * len(found) and _holds(found, whole):
            break
    if not _holds(found, whole):
        hull = shapely.convex_hull(whole).buffer(METRES[0] / DEGREE_M)
        found = [_rounded(hull)]
    return [" ".join(f"{lat:.{DIGITS}f},{lon:.{DIGITS}f}" for lon, lat in one.exterior.coords) for one in found]


def _around(shape: BaseGeometry, metres: float) -> list[Polygon]:
    """Draw lines about *metres* outside of a shape, with as few points as that leaves room for."""
    middle = (shape.bounds[1] + shape.bounds[3]) / 2
    degree = metres / (DEGREE_M * max(0.1, math.cos(math.radians(middle))))
    wide = shape.buffer(degree, join_style="mitre", mitre_limit=2.0).simplify(degree * 0.6)
    parts = wide.geoms if isinstance(wide, MultiPolygon) else (wide,)
    return [_rounded(Polygon(one.exterior)) for one in parts if isinstance(one, Polygon)]


def _rounded(one: BaseGeometry) -> Polygon:
    assert isinstance(one, Polygon)
    return Polygon([(round(lon, DIGITS), round(lat, DIGITS)) for lon, lat in one.exterior.coords])


def _holds(found: list[Polygon], shape: BaseGeometry) -> bool:
    """Tell whether nothing of *shape* is left outside."""
    return bool(found) and all(one.is_valid for one in found) and shapely.union_all(found).covers(shape)
