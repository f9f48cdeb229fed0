"""The streets around one home, drawn by us alone: no tile, no map and no address goes to anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.place import LonLat, Plane

REACH_M = 600.0
"""Half the side of the square that is drawn."""
FINEST_M = 0.8
"""Bends smaller than this are left out of the picture; the point of the home is never rounded."""
LONGEST_NAME = 24
MOST_NAMES = 14
WIDE = frozenset({"motorway", "trunk", "primary", "secondary"})
MIDDLE = frozenset({"tertiary", "unclassified", "motorway_link", "trunk_link", "primary_link", "secondary_link"})
NARROW = frozenset({"footway", "path", "steps", "pedestrian", "cycleway", "track"})


@dataclass(frozen=True, slots=True)
class Shapes:
    """What lies around a point: roads by class, rivers, named places; everything in metres east and south of it."""

    plane: Plane
    roads: tuple[tuple[str, str, BaseGeometry], ...]
    rivers: tuple[BaseGeometry, ...]
    landmarks: tuple[tuple[str, float, float], ...]

    @property
    def empty(self) -> bool:
        """Tell whether no roads are loaded here: then the map shows nothing to find one's house by."""
        return not self.roads


def around(tx: Transaction, middle: LonLat, reach_m: float = REACH_M) -> Shapes:
    """Give the neighbourhood of *middle* from the store's own spatial index."""
    plane = Plane(middle)
    low, high = plane.lonlat(-reach_m, -reach_m), plane.lonlat(reach_m, reach_m)
    box = shapely.box(-reach_m, -reach_m, reach_m, reach_m)
    streets = places.within_box(tx, "roads", low, high, ("highway", "name"))
    roads = [
        (_width(streets[n].columns), _name(streets[n].columns.get("name")), line)
        for n, line in _clipped([f.geometry for f in streets], plane, box)
    ]
    rivers = [
        line for _, line in _clipped([f.geometry for f in places.within_box(tx, "rivers", low, high, ())], plane, box)
    ]
    return Shapes(plane, tuple(roads), tuple(rivers), tuple(_landmarks(tx, plane, low, high)))


def _landmarks(tx: Transaction, plane: Plane, low: LonLat, high: LonLat) -> Iterator[tuple[str, float, float]]:
    """Name schools and halls, by which people find their way."""
    seen = set()
    for feature in places.within_box(tx, "shelters", low, high, ("name",)):
        name = _name(feature.columns.get("name"))
        if name and name not in seen:
            seen.add(name)
            east, north = plane.metres(feature.geometry.x, feature.geometry.y)
            yield name, east, -north


def _clipped(
    shapes: Sequence[BaseGeometry | None], plane: Plane, box: BaseGeometry
) -> Iterator[tuple[int, BaseGeometry]]:
    """Cut shapes to the square, all at once: each part with the number of the shape that it belongs to."""

    def down(lon: Any, lat: Any) -> tuple[Any, Any]:
        east, north = plane.metres(lon, lat)
        return east, -north

    flat = shapely.transform(np.array(shapes, dtype=object), down, interleaved=False)
    parts, owners = shapely.get_parts(shapely.intersection(shapely.simplify(flat, FINEST_M), box), return_index=True)
    drawn = (shapely.get_dimensions(parts) > 0) & ~shapely.is_empty(parts)
    yield from zip(owners[drawn].tolist(), parts[drawn], strict=True)


def _width(columns: Mapping[str, object]) -> str:
    kind = str(columns.get("highway") or "")
    return "wide" if kind in WIDE else "middle" if kind in MIDDLE else "narrow" if kind in NARROW else "street"


def _name(said: object) -> str:
    text = "".join(c for c in str(said or "") if c.isprintable())
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def ground(shapes: Shapes, *, scale: float = 1.0, names: bool = True) -> str:
    """Draw roads, rivers and, at *scale*, names and signs: the inside of an SVG in metres, safe to put into a page."""
    drawn = [f'<path class="river" d="{_path(shapes.rivers)}"/>'] if shapes.rivers else []
    for width in ("narrow", "street", "middle", "wide"):
        lines = [line for kind, _, line in shapes.roads if kind == width]
        if lines:
            drawn.append(f'<path class="road {width}" d="{_path(lines)}"/>')
    if names:
        drawn += [_text("street", name, x, y, scale) for name, x, y in _street_names(shapes)]
    for name, x, y in shapes.landmarks:
        at = f'transform="translate({x:.0f} {y:.0f}) scale({scale:.2f})"'
        drawn.append(f'<path class="landmark" {at} d="M-9 0h18v12h-18zM0 -9l12 9h-24z"/>')
        if names:
            drawn.append(_text("landmark-name", name, x, y + 26 * scale, scale))
    return "".join(drawn)


def _street_names(shapes: Shapes) -> Iterator[tuple[str, float, float]]:
    """Name each street once, at its longest piece."""
    longest: dict[str, BaseGeometry] = {}
    for _, name, line in shapes.roads:
        if name and (name not in longest or line.length > longest[name].length):
            longest[name] = line
    ranked = sorted(longest.items(), key=lambda pair: -pair[1].length)[:MOST_NAMES]
    for name, line in ranked:
        spot = line.interpolate(0.5, normalized=True)
        yield name, spot.x, spot.y - 4


def _text(kind: str, words: str, x: float, y: float, scale: float) -> str:
    at = f"translate({x:.0f} {y:.0f}) scale({scale:.2f})"
    return f'<text class="{kind}" transform="{at}">{escape(words)}</text>'


def _path(lines: Iterable[BaseGeometry]) -> str:
    """Write lines as one path, in whole metres, each point relative to the one before."""
    parts = []
    for line in lines:
        rings = [line] if line.geom_type == "LineString" else [line.exterior, *line.interiors]
        for ring in rings:
            points = [(round(x), round(y)) for x, y in ring.coords]
            steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
            bends = "".join(f"l{x} {y}" for x, y in steps if (x, y) != (0, 0))
            if bends:
                parts.append(f"M{points[0][0]} {points[0][1]}{bends}")
    return "".join(parts)
