"""Hazard zones of the made-up city, drawn from its ground, so that they agree with the water that comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from shapely.geometry.base import BaseGeometry

from disaster_hub.rehearsal.city import METRES_PER_LAT, METRES_PER_LON, ORIGIN_LAT, ORIGIN_LON
from disaster_hub.rehearsal.terrain import (
    BROOKS,
    CELL_M,
    CREST_TO_M,
    Array,
    Ground,
    Line,
    Mask,
    cell,
    plain,
    reached,
    spread,
)
from disaster_hub.rehearsal.water import BREACH, BREACH_X, Brook

DEPTHS_M = (0.5, 3.0, 5.0, 10.0, 20.0)
"""Between the published ranks of depth 1 to 6."""
LEAST_M = 0.01
FALL = 0.002
"""How much lower flood water stands, metres a metre away from the river."""
SCALES = {"planned": (0.9, 0.4), "maximum": (2.0, 1.75)}
"""Water over the plain at the levee, and over the plain in the pool behind a breach, metres."""
STAYS_M = (0.5, 2.0, 3.0)
"""Between the ranks of duration 1 to 4: deep water stays longest."""
WASHED_M, ERODED_M = 120.0, 50.0
"""How far from the levee's toe houses are swept away (氾濫流), or the ground under them (河岸侵食)."""
INLAND_M = 0.5
"""Between the two classes of inland water."""
BROOK_FLOODS = 2.0
"""A brook at twice its banks fills its pool whatever the night."""
UNDERPASS_M = 12.0
STEEP, VERY_STEEP = 0.2, 0.25
SMALLEST_M2 = 12_000.0


@dataclass(frozen=True, slots=True)
class Zone:
    """One polygon (lon, lat) and its rank or codes."""

    shape: BaseGeometry
    rank: int
    kind: int = 0


def depth(ground: Ground, scale: str) -> Array:
    """Give the deepest water of a *scale* at every cell: beside the river, and behind a breach."""
    beside, pool = SCALES[scale]
    off = np.abs(ground.off) - CREST_TO_M
    sloping = ground.beside + beside - FALL * np.maximum(0, off) - ground.z
    level = float(plain(BREACH_X)) + pool
    basin = reached(cell(*BREACH), (ground.z < level) & (ground.off > 0) & ~ground.corridor)
    flat = np.where(basin, level - ground.z, 0)
    deepest = np.maximum(np.maximum(sloping, 0), flat)
    return np.asarray(np.where(ground.corridor | (deepest < LEAST_M), 0, deepest))


def depth_zones(water: Array) -> Iterator[Zone]:
    """Give the zones of each rank of depth."""
    yield from _ranked(water, DEPTHS_M)


def duration_zones(water: Array) -> Iterator[Zone]:
    """Give the zones of each rank of duration."""
    yield from _ranked(water, STAYS_M)


def _ranked(water: Array, limits: tuple[float, ...]) -> Iterator[Zone]:
    """Give the polygons of each rank that occurs."""
    ranks = np.where(water > 0, np.searchsorted(limits, water, side="right") + 1, 0)
    for rank in range(1, len(limits) + 2):
        yield from (Zone(shape, rank) for shape in polygons(ranks == rank))


def collapse_zones(ground: Ground, water: Array) -> Iterator[Zone]:
    """Give where the current tears houses away (1) and where the bank goes (2)."""
    off = np.abs(ground.off) - CREST_TO_M
    for rank, width in ((1, WASHED_M), (2, ERODED_M)):
        yield from (Zone(shape, rank) for shape in polygons((off > 0) & (off < width) & (water > 0)))


def inland_zones(ground: Ground, underpasses: Iterable[Line]) -> Iterator[Zone]:
    """Give where rain and brook stand before any river comes: the brook's pool at its fullest, and the underpasses."""
    pool = Brook(ground, lambda _: BROOK_FLOODS).depth_at(0)
    around: Mask = spread(pool > 0, ~ground.corridor)
    for rank, mask in ((1, around & (pool < INLAND_M)), (2, pool >= INLAND_M)):
        yield from (Zone(shape, rank) for shape in polygons(mask))
    for line in underpasses:
        yield Zone(_degrees(shapely.LineString(line).buffer(UNDERPASS_M)), 2)


def landslide_zones(ground: Ground) -> Iterator[Zone]:
    """Give 急傾斜 (kind 1), 土石流 (2) and 地すべり (3) zones; rank 1 is 警戒区域, 2 特別警戒区域."""
    south = (ground.off < 0) & ~ground.corridor & (ground.ys[:, None] < 1600)
    for rank, limit in ((1, STEEP), (2, VERY_STEEP)):
        steep: Mask = south & (ground.slope > limit)
        steep = spread(steep, south) if rank == 1 else steep
        for shape in polygons(steep, smallest=SMALLEST_M2 / rank, soft=True):
            yield Zone(shape, rank, 1)
    for name in ("みず沢川", "すぎ川"):
        line = shapely.LineString(BROOKS[name])
        upper = shapely.intersection(line, shapely.box(0, 500, 6000, 1650))
        yield Zone(_degrees(upper.buffer(70)), 1, 2)
        yield Zone(_degrees(shapely.intersection(line, shapely.box(0, 500, 6000, 1250)).buffer(35)), 2, 2)
    yield Zone(_degrees(shapely.affinity.scale(shapely.Point(4950, 1050).buffer(180), 1.0, 0.6)), 1, 3)


def polygons(mask: Mask, *, smallest: float = 0.0, soft: bool = False) -> list[BaseGeometry]:
    """Draw the true cells of *mask* as polygons in degrees, from the south; *soft* rounds their corners."""
    boxes = [
        shapely.box(first * CELL_M, row * CELL_M, last * CELL_M, (row + 1) * CELL_M)
        for row in range(mask.shape[0])
        for first, last in _runs(mask[row])
    ]
    whole = shapely.union_all(boxes)
    if soft:
        whole = whole.buffer(25).buffer(-20).simplify(6)
    parts = [part for part in shapely.get_parts(whole) if part.area >= smallest]
    return [_degrees(part) for part in sorted(parts, key=lambda one: one.bounds)]


def _runs(line: Mask) -> Iterator[tuple[int, int]]:
    """Give first and one-past-last index of every run of true cells."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
    yield from ((int(a), int(b)) for a, b in edges.reshape(-1, 2))


def _degrees(shape: BaseGeometry) -> BaseGeometry:
    """Turn metres into degrees, to the centimetre."""
    scale = np.array([METRES_PER_LON, METRES_PER_LAT])
    corner = np.array([ORIGIN_LON, ORIGIN_LAT])
    return shapely.transform(shape, lambda xy: np.round(corner + xy / scale, 7))
