"""Which piece of ground a map shows, and where a place on it lies in the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import GeometryCollection, Polygon
from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.place import flat
from timelines.pen import Points


@dataclass(frozen=True, slots=True)
class Frame:
    """The window of ground that is shown, in metres, and its scale."""

    west: float
    north: float
    per_metre: float

    def place(self, points: np.ndarray) -> list[tuple[float, float]]:
        """Give the places in the picture of *points* in metres."""
        return [((x - self.west) * self.per_metre, (self.north - y) * self.per_metre) for x, y in points.tolist()]

    def spot(self, shape: BaseGeometry) -> tuple[float, float] | None:
        """Give the place of a point, None where it is empty (not on the map)."""
        return None if shape.is_empty else self.place(shapely.get_coordinates(shape))[0]

    def rings(self, shapes: Sequence[BaseGeometry]) -> list[Points]:
        """Give the rings, holes included, of the polygons in *shapes*, joined: where two overlap is inside both."""
        # On a fine grid, so that sides that should be one and differ by a hair do not stop it.
        whole = shapely.union_all(np.array([*shapes, Polygon()], dtype=object), grid_size=0.1 / self.per_metre)
        return list(self._parts([whole], {"Polygon"}))

    def lines(self, shapes: Sequence[BaseGeometry]) -> list[Points]:
        """Give the lines of every line string in *shapes*."""
        return list(self._parts(shapes, {"LineString", "LinearRing"}))

    def _parts(self, shapes: Sequence[BaseGeometry], types: set[str]) -> Iterator[Points]:
        # Nobody sees a bend smaller than a unit of the picture, and a phone need not load it.
        fine = shapely.simplify(np.array([*shapes, Polygon()], dtype=object), 0.8 / self.per_metre)
        for part in shapely.get_parts(shapely.get_parts(fine)):
            if part.is_empty or part.geom_type not in types:
                continue
            rings = (part.exterior, *part.interiors) if part.geom_type == "Polygon" else (part,)
            for ring in rings:
                yield self.place(shapely.get_coordinates(ring))


def framed(
    must: Sequence[BaseGeometry], groups: Mapping[str, Sequence[BaseGeometry]], width: float, height: float
) -> tuple[Frame, list[BaseGeometry], dict[str, list[BaseGeometry]]]:
    """Choose the window that shows all of *must* (lon/lat); give it, *must* and *groups* in metres, cut to it."""
    ground = _ground(must, width, height)
    cut = {name: _clipped(shapes, ground) for name, shapes in groups.items()}
    every = [*must, *(shape for shapes in cut.values() for shape in shapes)]
    metres = list(flat(GeometryCollection(every)).geoms)
    frame = _frame(GeometryCollection(metres[: len(must)]).bounds, width, height)
    edge = (frame.west, frame.north - height / frame.per_metre, frame.west + width / frame.per_metre, frame.north)
    seen: dict[str, list[BaseGeometry]] = {}
    rest = metres[len(must) :]
    for name, shapes in cut.items():
        seen[name], rest = _clipped(rest[: len(shapes)], edge), rest[len(shapes) :]
    return frame, metres[: len(must)], seen


def _ground(must: Sequence[BaseGeometry], width: float, height: float) -> tuple[float, float, float, float]:
    """Give lon/lat bounds around *must*, generous enough that the window in metres lies inside."""
    west, south, east, north = GeometryCollection(list(must)).bounds
    stretch = max(height / width, width / height)
    reach = max((east - west), (north - south), 0.005) * stretch
    return west - reach * 1.3, south - reach, east + reach * 1.3, north + reach


def _clipped(shapes: Sequence[BaseGeometry], bounds: tuple[float, float, float, float]) -> list[BaseGeometry]:
    """Cut *shapes* to a window; a broken ring is mended first, because cutting it would fail."""
    whole = np.array([*shapes, None], dtype=object)[:-1]
    window = shapely.box(*bounds)
    cut = np.array([GeometryCollection(), *whole], dtype=object)[1:]
    near = shapely.intersects(window, shapely.envelope(whole)) if len(whole) else np.zeros(0, dtype=bool)
    cut[~near] = GeometryCollection()
    broken = near & ~shapely.is_valid(whole)
    cut[broken] = shapely.make_valid(cut[broken])
    cut[near] = shapely.intersection(cut[near], window)
    return list(cut)


def _frame(bounds: tuple[float, float, float, float], width: float, height: float) -> Frame:
    west, south, east, north = bounds
    across, down = max((east - west) * 1.35, 300.0), max((north - south) * 1.4, 300.0)
    per_metre = min(width / across, height / down)
    middle = ((west + east) / 2, (south + north) / 2)
    return Frame(middle[0] - width / per_metre / 2, middle[1] + height / per_metre / 2, per_metre)
