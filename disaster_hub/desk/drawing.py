"""What a map draws of many shapes: rings, lines, points on one fine grid of the Mercator square, and ever coarser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

GRID = 30
"""The Mercator square is 2^30 steps wide: a step is 4 cm."""
PIXELS = 512
"""Of one tile's side."""
SLACK_PX = 0.35
"""How far a simplified line may lie from the one it is made of, which is two zooms finer: half a pixel in all."""
MOST_LAT = 85.0511
POINT, LINE, RING = 1, 2, 3
KINDS = {0: POINT, 1: LINE, 2: LINE, 3: RING}
RING_KIND = 3
"""GEOS's kinds of geometry; above 3 they are many, and taken apart first."""

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Parts (rings, lines, points) one after another, each with what it means; outer rings and holes turn apart."""

    x: Ints
    y: Ints
    starts: Longs
    """Where each part begins in x and y; one more at the end."""
    kind: Ints
    """Of each part, the number of its properties in the legend."""
    what: NDArray[np.uint8]
    """POINT, LINE or RING."""

    @property
    def lengths(self) -> Longs:
        """Count the corners of each part."""
        return np.diff(self.starts)

    @property
    def weight(self) -> int:
        """Give the bytes that it holds."""
        return sum(int(one.nbytes) for one in (self.x, self.y, self.starts, self.kind, self.what))

    def boxes(self) -> Ints:
        """Give the box of each part: minx, miny, maxx, maxy."""
        if not len(self.kind):
            return np.zeros((0, 4), np.int32)
        at = self.starts[:-1]
        low = (np.minimum.reduceat(self.x, at), np.minimum.reduceat(self.y, at))
        high = (np.maximum.reduceat(self.x, at), np.maximum.reduceat(self.y, at))
        return np.stack([*low, *high], axis=1)


@dataclass(slots=True)
class Legend:
    """The different sets of properties; thousands of zones share a handful."""

    names: tuple[str, ...]
    said: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def number(self, values: tuple[Any, ...]) -> int:
        """Give the number of a set of values."""
        found = self.numbers.get(values)
        if found is None:
            found = self.numbers[values] = len(self.said)
            self.said.append(values)
        return found

    def properties(self, number: int) -> dict[str, Any]:
        """Give the properties behind a number; what is not known is None."""
        return dict(zip(self.names, self.said[number], strict=True))


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give the place in the Mercator square, 0 to 1 east and south."""
    sine = np.sin(np.radians(np.clip(lat, -MOST_LAT, MOST_LAT)))
    return lon / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Give the degrees of a place in the Mercator square."""
    return (x - 0.5) * 360, float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))


def draw(shapes: NDArray[np.object_], kinds: Ints) -> Drawing:
    """Draw *shapes* (lon/lat) with every corner; *kinds* says what each means."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > RING_KIND).any():  # a collection may hold another, or a multipolygon
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    kept = ~shapely.is_empty(parts)
    parts, owner = parts[kept], owner[kept]
    what = np.array([KINDS[n] for n in range(RING_KIND + 1)], np.uint8)[shapely.get_type_id(parts)]
    area = what == RING
    rings, of = shapely.get_rings(shapely.orient_polygons(parts[area]), return_index=True)
    lines = np.concatenate([rings, parts[~area]])
    meant = kinds[np.concatenate([owner[area][of], owner[~area]])]
    drawn = np.concatenate([np.full(len(rings), RING, np.uint8), what[~area]])
    corners, index = shapely.get_coordinates(lines, return_index=True)
    x, y = mercator(corners[:, 0], corners[:, 1])
    starts = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(lines)))]).astype(np.int64)
    scale = float(1 << GRID)
    return Drawing(np.rint(x * scale).astype(np.int32), np.rint(y * scale).astype(np.int32), starts, meant, drawn)


def coarser(one: Drawing, zoom: int) -> Drawing:
    """Simplify for tiles of *zoom*; what is smaller than a pixel is kept as its corners, for the tile to round."""
    lines = one.lengths > 2  # nothing to leave out of two corners
    if not lines.any():
        return one
    lengths = one.lengths
    of = np.repeat(np.arange(len(lengths)), lengths)
    corners = np.stack([one.x, one.y], axis=1).astype(np.float64)
    mask = lines[of]
    numbered = np.cumsum(lines) - 1
    drawn = shapely.linestrings(corners[mask], indices=numbered[of[mask]])
    step = SLACK_PX * (1 << GRID) / PIXELS / (1 << zoom)
    slim, index = shapely.get_coordinates(shapely.simplify(drawn, step, preserve_topology=False), return_index=True)
    new = lengths.copy()
    new[lines] = np.bincount(index, minlength=int(lines.sum()))
    starts = np.concatenate([[0], np.cumsum(new)]).astype(np.int64)
    x, y = np.empty(int(starts[-1]), np.int32), np.empty(int(starts[-1]), np.int32)
    place = np.repeat(lines, new)
    x[place], y[place] = np.rint(slim[:, 0]), np.rint(slim[:, 1])
    x[~place], y[~place] = one.x[~mask], one.y[~mask]
    return Drawing(x, y, starts, one.kind, one.what)


def joined(parts: Sequence[Drawing]) -> Drawing:
    """Put drawings one after another."""
    if not parts:
        none = np.zeros(0, np.int32)
        return Drawing(none, none, np.zeros(1, np.int64), none, np.zeros(0, np.uint8))
    begins = np.cumsum([0, *(len(part.x) for part in parts)])
    starts = [part.starts[:-1] + begin for part, begin in zip(parts, begins[:-1], strict=True)]
    return Drawing(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate([*starts, begins[-1:]]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.what for part in parts]),
    )


def chosen(one: Drawing, which: NDArray[np.intp]) -> Drawing:
    """Give the parts with the numbers *which*."""
    lengths = one.lengths[which]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    corner = np.arange(int(starts[-1])) + np.repeat(one.starts[which] - starts[:-1], lengths)
    return Drawing(one.x[corner], one.y[corner], starts, one.kind[which], one.what[which])
