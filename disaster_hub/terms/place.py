"""Places: lon/lat in JGD2011 inside, metres at every signature, projection in this one file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pyproj import CRS, Transformer
from shapely import Point, transform
from shapely.geometry.base import BaseGeometry

SRID = 6668
"""JGD2011 geographic, the legal datum of Japan's open data; within centimetres of WGS 84 on a screen."""


@dataclass(frozen=True, slots=True)
class LonLat:
    """A point in degrees, longitude first."""

    lon: float
    lat: float

    @property
    def point(self) -> Point:
        """Give the point as a shapely geometry (lon, lat)."""
        return Point(self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing with a place, from an open-data file: its layer, its own id, a geometry, its columns."""

    layer: str
    """`areas`, `shelters`, `hazards`, `addresses`, `roads` or `rivers`."""
    id: str
    geometry: BaseGeometry
    columns: Mapping[str, Any] = field(default_factory=dict)


METRES_A_DEGREE = 111_195.0
"""Along a meridian; a small plane need not know that the earth is flattened."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of *middle*: for pictures of a neighbourhood, off by half a per cent at most."""

    middle: LonLat

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Give metres east and north."""
        shrink = math.cos(math.radians(self.middle.lat))
        return (lon - self.middle.lon) * METRES_A_DEGREE * shrink, (lat - self.middle.lat) * METRES_A_DEGREE

    def lonlat(self, east: float, north: float) -> LonLat:
        """Give the point so many metres east and north."""
        shrink = math.cos(math.radians(self.middle.lat))
        lon = self.middle.lon + east / (METRES_A_DEGREE * shrink)
        return LonLat(lon, self.middle.lat + north / METRES_A_DEGREE)


@lru_cache(maxsize=8)
def _metric(zone: int) -> Transformer:
    """Give the transformer from lon/lat to the UTC zone's metres."""
    return Transformer.from_crs(CRS.from_epsg(SRID), CRS.from_epsg(6688 + zone - 51), always_xy=True)


def flat(shape: BaseGeometry) -> BaseGeometry:
    """Project a lon/lat *shape* to metres, in the JGD2011 UTC zone (51 to 55) of its middle."""
    zone = min(55, max(51, int((shape.centroid.x + 180) // 6) + 1))
    return transform(shape, _metric(zone).transform, interleaved=False)


def metres_between(one: LonLat, other: LonLat) -> float:
    """Give the distance between two points in metres."""
    zone = min(55, max(51, int((one.lon + 180) // 6) + 1))
    to_metres = _metric(zone).transform
    return float(Point(*to_metres(one.lon, one.lat)).distance(Point(*to_metres(other.lon, other.lat))))
