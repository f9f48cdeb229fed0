"""One tile: the parts of a drawing that touch it, on a grid of an eighth of a pixel, in few bytes that are read fast.

The bytes: the length of a JSON header (uint32, little-endian), the header padded with blanks to a multiple of four, the
length of every part (uint32), then a byte for each corner's step east, then one for each step south, zigzag (0, -1, 1,
-2 ... as 0, 1, 2, 3 ...). 255 stands for a longer step; those follow as uint16, in their order. A part's
first step is from the tile's north-west corner. The header's groups say how many parts share which properties.
"""

from __future__ import annotations

import json
import struct

import numpy as np
from numpy.typing import NDArray

from disaster_hub.desk.drawing import GRID, RING, Drawing, Legend, chosen, joined

EXTENT = 4096
PIXEL = 8
"""Grid steps of one pixel."""
MARGIN = 256
"""How far a part goes on outside its tile, where nobody sees how it was cut."""
FAR = 8192
"""What reaches farther out than this is cut; the rest is cheaper whole."""
WIDE = 255
DEEPEST = 17
Mask = NDArray[np.bool_]


def touching(boxes: NDArray[np.int32], zoom: int, x: int, y: int) -> NDArray[np.intp]:
    """Give the numbers of the parts whose box touches a tile with its margin."""
    side = 1 << (GRID - zoom)
    edge = side * MARGIN // EXTENT
    west, north = x * side - edge, y * side - edge
    east, south = west + side + 2 * edge, north + side + 2 * edge
    inside = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= south) & (boxes[:, 3] >= north)
    return np.flatnonzero(inside)


def cut(one: Drawing, legend: Legend, zoom: int, x: int, y: int) -> bytes:
    """Write the tile of those parts of a drawing that touch it; nothing there gives no bytes."""
    if not len(one.kind):
        return b""
    tile = _fitting(_gridded(one, zoom, x, y))
    tile = _small_as_pixels(_without_repeats(tile))
    return _written(tile, legend) if len(tile.kind) else b""


def _gridded(one: Drawing, zoom: int, x: int, y: int) -> Drawing:
    """Count from the tile's corner in its own steps."""
    shift = GRID - 12 - zoom
    half = (1 << shift) >> 1
    side = 1 << (GRID - zoom)
    east = (one.x.astype(np.int64) - x * side + half) >> shift
    south = (one.y.astype(np.int64) - y * side + half) >> shift
    lowest, highest = -(1 << 30), 1 << 30
    east, south = (np.clip(line, lowest, highest) for line in (east, south))
    return Drawing(east.astype(np.int32), south.astype(np.int32), one.starts, one.kind, one.what)


def _fitting(one: Drawing) -> Drawing:
    """Cut what reaches far out of the tile at its margin."""
    boxes = one.boxes()
    wide = (boxes[:, :2].min(axis=1) < -FAR) | (boxes[:, 2:].max(axis=1) > EXTENT + FAR)
    if not wide.any():
        return one
    large = chosen(one, np.flatnonzero(wide))
    for axis in (0, 1):
        large = _clipped(large, axis, -MARGIN, below=True)
        large = _clipped(large, axis, EXTENT + MARGIN, below=False)
    return joined([chosen(one, np.flatnonzero(~wide)), large])


def _clipped(one: Drawing, axis: int, limit: int, *, below: bool) -> Drawing:
    """Cut every part at one line (Sutherland and Hodgman): what lies beyond it runs along it, unseen in the margin."""
    if not len(one.x):
        return one
    along = one.x if axis == 0 else one.y
    keep = along >= limit if below else along <= limit
    after = np.arange(1, len(one.x) + 1)
    ends = one.starts[1:] - 1
    after[ends] = one.starts[:-1]  # a ring goes on at its beginning; it is closed, so that step has no length
    crosses = keep != keep[after]
    crosses[ends] = False
    part = np.repeat(np.arange(len(one.kind)), one.lengths)
    share = np.zeros(len(one.x))
    ahead = along[after].astype(np.float64) - along
    share[crosses] = (limit - along[crosses]) / ahead[crosses]
    new = [np.rint(v + share * (v[after].astype(np.float64) - v)).astype(np.int32) for v in (one.x, one.y)]
    slots = np.stack([keep, crosses], axis=1)
    x, y = (np.stack([old, cut_], axis=1)[slots] for old, cut_ in zip((one.x, one.y), new, strict=True))
    lengths = np.bincount(np.repeat(part, 2)[slots.ravel()], minlength=len(one.kind))
    return _closed(_of_lengths(x, y, lengths, one))


def _of_lengths(x: NDArray[np.int32], y: NDArray[np.int32], lengths: NDArray[np.int64], one: Drawing) -> Drawing:
    """Put the corners into parts; a part without any is gone."""
    there = lengths > 0
    starts = np.concatenate([[0], np.cumsum(lengths[there])]).astype(np.int64)
    return Drawing(x, y, starts, one.kind[there], one.what[there])


def _closed(one: Drawing) -> Drawing:
    """Close the rings that cutting has opened."""
    if not len(one.kind):
        return one
    first, last = one.starts[:-1], one.starts[1:] - 1
    opened = (one.what == RING) & ((one.x[first] != one.x[last]) | (one.y[first] != one.y[last]))
    where = one.starts[1:][opened]
    x, y = (np.insert(v, where, v[first[opened]]) for v in (one.x, one.y))
    starts = one.starts + np.concatenate([[0], np.cumsum(opened)])
    return Drawing(x, y, starts, one.kind, one.what)


def _without_repeats(one: Drawing) -> Drawing:
    """Leave out a corner that rounding has put on the one before it."""
    if not len(one.x):
        return one
    fresh = np.ones(len(one.x), np.bool_)
    fresh[1:] = (np.diff(one.x) != 0) | (np.diff(one.y) != 0)
    fresh[one.starts[:-1]] = True
    sums = np.concatenate([[0], np.cumsum(fresh)]).astype(np.int64)
    return Drawing(one.x[fresh], one.y[fresh], sums[one.starts], one.kind, one.what)


def _small_as_pixels(one: Drawing) -> Drawing:
    """Let rings of less than a pixel share one square a pixel; holes of less are filled. Nothing vanishes."""
    if not len(one.kind):
        return one
    boxes = one.boxes()
    ring = one.what == RING
    small = ring & ((boxes[:, 2] - boxes[:, 0] < PIXEL) & (boxes[:, 3] - boxes[:, 1] < PIXEL) | (one.lengths < 4))
    if not small.any():
        return one
    outer = small & ((one.lengths < 4) | (_turns(one) <= 0))  # counter-clockwise where north is up
    middle = (boxes[outer, :2].astype(np.int64) + boxes[outer, 2:]) // 2 // PIXEL * PIXEL
    cells = np.unique(np.column_stack([one.kind[outer], middle]), axis=0)
    kinds = cells[:, 0].astype(np.int32)
    x = (cells[:, 1:2] + np.array([0, 0, PIXEL, PIXEL, 0])).ravel().astype(np.int32)
    y = (cells[:, 2:3] + np.array([0, PIXEL, PIXEL, 0, 0])).ravel().astype(np.int32)
    starts = np.arange(len(kinds) + 1, dtype=np.int64) * 5
    squares = Drawing(x, y, starts, kinds, np.full(len(kinds), RING, np.uint8))
    return joined([chosen(one, np.flatnonzero(~small)), squares])


def _turns(one: Drawing) -> NDArray[np.float64]:
    """Give twice the area of each part, as it turns on a screen: an outer ring's is negative."""
    x, y = one.x.astype(np.float64), one.y.astype(np.float64)
    step = np.zeros(len(x))
    step[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    step[one.starts[1:] - 1] = 0
    return np.add.reduceat(step, one.starts[:-1])


def _written(one: Drawing, legend: Legend) -> bytes:
    """Write the parts, those that mean the same side by side."""
    order = np.lexsort((np.arange(len(one.kind)), one.what, one.kind))
    one = chosen(one, order)
    change = np.flatnonzero((np.diff(one.kind) != 0) | (np.diff(one.what) != 0)) + 1
    begins, ends = np.concatenate([[0], change]), np.concatenate([change, [len(one.kind)]])
    groups = [
        {"what": int(one.what[a]), "parts": int(b - a), "is": legend.properties(int(one.kind[a]))}
        for a, b in zip(begins, ends, strict=True)
    ]
    head = json.dumps({"extent": EXTENT, "groups": groups}, ensure_ascii=False, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    steps = np.concatenate([_steps(line, one.starts) for line in (one.x, one.y)])
    short = np.minimum(steps, WIDE).astype(np.uint8).tobytes()
    wide = steps[steps >= WIDE].astype("<u2").tobytes()
    lengths = one.lengths.astype("<u4").tobytes()
    return b"".join((struct.pack("<I", len(head)), head, lengths, short, wide))


def _steps(line: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Count from corner to corner, small numbers for small steps either way."""
    step = np.diff(line, prepend=0)
    step[starts[:-1]] = line[starts[:-1]]
    return (step << 1) ^ (step >> 31)
