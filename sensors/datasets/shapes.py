"""Shapes from coordinates: closed, sound, flat, and inside Japan; what was mended is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.errors import BadInput
from sensors.datasets.dataset import Tally

JAPAN = (120.0, 18.0, 156.0, 48.0)
"""West, south, east, north: every place of Japan with its sea; what lies outside was read wrongly."""
DEPTHS = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3}
RING_CLOSED = "unclosed ring closed"
RING_MENDED = "shape that crossed itself mended"


def from_geojson(geometry: object, where: str, tally: Tally) -> BaseGeometry | None:
    """Build the shape of a GeoJSON geometry; null gives None, anything unreadable BadInput."""
    if geometry is None:
        return None
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(geometry, Mapping) or kind not in DEPTHS:
        raise BadInput(f"{where}: geometry {str(kind)[:40]!r} is not a kind that is read")
    coordinates = geometry.get("coordinates")
    if kind in {"Polygon", "MultiPolygon"}:
        coordinates = _closed(coordinates, DEPTHS[kind] - 1, where, tally)
    try:
        return shapely.force_2d(shape({"type": kind, "coordinates": coordinates}))
    except (ValueError, TypeError, LookupError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadInput(f"{where}: geometry cannot be read ({str(error)[:80]})") from None


def _closed(value: Any, depth: int, where: str, tally: Tally) -> Any:
    """Close every ring *depth* lists down; leaves what is no list for the caller to refuse."""
    if not isinstance(value, list):
        return value
    if depth:
        return [_closed(inner, depth - 1, where, tally) for inner in value]
    if len(value) >= 3 and value[0] != value[-1]:
        tally.note(RING_CLOSED, where)
        return [*value, value[0]]
    return value


def area(shape_: BaseGeometry, where: str, tally: Tally) -> BaseGeometry | None:
    """Give a valid polygon or multipolygon; mending is counted, a shape without area gives None."""
    if not shape_.is_valid:
        tally.note(RING_MENDED, where)
        shape_ = shapely.make_valid(shape_)
    parts = [p for p in shapely.get_parts(shape_) if p.geom_type in {"Polygon", "MultiPolygon"}]
    polygons = [p for p in shapely.get_parts(parts) if not p.is_empty] if parts else []
    if not polygons:
        tally.note("shape without any area left out", where)
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def in_japan(shape_: BaseGeometry, where: str) -> BaseGeometry:
    """Give *shape_* back; one that leaves Japan's degrees was read in the wrong order or the wrong CRS."""
    west, south, east, north = shape_.bounds
    if not (JAPAN[0] <= west and JAPAN[1] <= south and east <= JAPAN[2] and north <= JAPAN[3]):
        raise BadInput(f"{where}: lies at {west:.6g}, {south:.6g}, outside Japan; wanted are degrees, longitude first")
    return shape_


def point(lon: object, lat: object, where: str) -> BaseGeometry:
    """Give the point of two numbers or their texts, in degrees."""
    try:
        return in_japan(shapely.Point(float(str(lon)), float(str(lat))), where)
    except ValueError:
        raise BadInput(f"{where}: {str(lon)[:20]!r}, {str(lat)[:20]!r} is no position") from None
