"""The latest second at which one may still set out from every crossing: a search backwards from the places to go.

L(place to go) is never; L(u) is the greatest, over the links from u to v, of min(L(v), the second from which the link
is wet) less the seconds on the link: whoever sets out by then is off every link before it gets wet. Each crossing keeps
the best *keep* places, later first, then quicker. All in whole tenths of a second, so that a tie is a tie everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from timelines.roads import Roads

Ints = NDArray[np.int32]
NOT = -2_000_000_000
"""Tenths before all time: there is no way."""
SHIFT = 1 << 31


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where the search begins: crossings beside places to go, with what is left to the place itself."""

    node: Ints
    latest: Ints
    time: Ints
    origin: Ints


@dataclass(frozen=True, slots=True)
class Labels:
    """For each crossing, up to *keep* places: latest set-out, time to go, which place, by which arc and whose label."""

    latest: Ints
    time: Ints
    origin: Ints
    arc: Ints
    then: Ints
    """The slot of the next crossing's label."""


def search(roads: Roads, tenths: Ints, dry: Ints, seeds: Seeds, keep: int, wanted: Ints | None = None) -> Labels:
    """Find the best *keep* places for every crossing, or for *wanted* ones and whatever is settled before them."""
    count = len(roads.nodes)
    mask = np.zeros(count, dtype=np.bool_)
    if wanted is not None:
        mask[wanted] = True
    found = _search(
        roads.row, roads.arc_tail, roads.arc_link, tenths, dry, seeds.node, seeds.latest, seeds.time, seeds.origin,
        keep, mask, int(mask.sum()) * keep if wanted is not None else -1,
    )  # fmt: skip
    return Labels(*found)


def warm() -> None:
    """Compile the search, so that nobody waits for it later."""
    one = np.zeros(1, np.int32)
    _search(np.zeros(2, np.int32), one[:0], one[:0], one[:0], one[:0], one, one, one, one, 1, np.zeros(1, np.bool_), -1)


def _compiled(function: Any) -> Any:
    return njit(cache=True, nogil=True)(function)


@_compiled
def _before(key: Any, tie: Any, a: int, b: int) -> bool:  # pragma: no cover  # compiled
    return bool(key[a] > key[b] or (key[a] == key[b] and tie[a] < tie[b]))


@_compiled
def _push(heap: Any, size: int, key: Any, tie: Any, item: int) -> int:  # pragma: no cover  # compiled
    at = size
    heap[at] = item
    while at > 0:
        up = (at - 1) >> 2
        if not _before(key, tie, item, heap[up]):
            break
        heap[at] = heap[up]
        at = up
    heap[at] = item
    return size + 1


@_compiled
def _pop(heap: Any, size: int, key: Any, tie: Any) -> int:  # pragma: no cover  # compiled
    """Take the top away; the caller has read it."""
    size -= 1
    item = heap[size]
    at = 0
    while True:
        low = 4 * at + 1
        if low >= size:
            break
        best = low
        for other in range(low + 1, min(low + 4, size)):
            if _before(key, tie, heap[other], heap[best]):
                best = other
        if not _before(key, tie, heap[best], item):
            break
        heap[at] = heap[best]
        at = best
    heap[at] = item
    return size


@_compiled
def _search(  # pragma: no cover  # compiled: arrays, no objects
    row: Any, tail: Any, link: Any, tenths: Any, dry: Any,
    seed_node: Any, seed_latest: Any, seed_time: Any, seed_origin: Any, keep: int, wanted: Any, left: int,
) -> Any:  # fmt: skip
    nodes, seeds = len(row) - 1, len(seed_node)
    most = seeds + keep * len(tail)
    key, tie = np.empty(most, np.int64), np.empty(most, np.int64)
    who, arc, slot = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    origin, heap = np.empty(most, np.int32), np.empty(most, np.int32)
    latest, time = np.full((nodes, keep), NOT, np.int32), np.zeros((nodes, keep), np.int32)
    place, by = np.full((nodes, keep), -1, np.int32), np.full((nodes, keep), -1, np.int32)
    then, have = np.full((nodes, keep), -1, np.int32), np.zeros(nodes, np.int32)
    ranks, size, made = nodes + len(tail), 0, 0
    for n in range(seeds):
        key[made] = np.int64(seed_latest[n]) * SHIFT + (SHIFT - 1 - seed_time[n])
        tie[made] = np.int64(seed_origin[n]) * ranks + len(tail) + seed_node[n]
        who[made], arc[made], slot[made], origin[made] = seed_node[n], -1, -1, seed_origin[n]
        size = _push(heap, size, key, tie, made)
        made += 1
    while size > 0 and left != 0:
        top = heap[0]
        size = _pop(heap, size, key, tie)
        v, o = who[top], origin[top]
        k = have[v]
        if k == keep:
            continue
        seen = False
        for j in range(k):
            seen = seen or place[v, j] == o
        if seen:
            continue
        until = np.int32(key[top] >> 31)
        spent = np.int32(SHIFT - 1 - (key[top] & (SHIFT - 1)))
        latest[v, k], time[v, k], place[v, k], by[v, k], then[v, k] = until, spent, o, arc[top], slot[top]
        have[v] = k + 1
        if wanted[v]:
            left -= 1
        for a in range(row[v], row[v + 1]):
            u = tail[a]
            if tenths[a] < 0 or have[u] == keep:
                continue
            off = min(until, dry[link[a]]) - tenths[a]
            key[made] = np.int64(off) * SHIFT + (SHIFT - 1 - (spent + tenths[a]))
            tie[made] = np.int64(o) * ranks + a
            who[made], arc[made], slot[made], origin[made] = u, a, k, o
            size = _push(heap, size, key, tie, made)
            made += 1
    return latest, time, place, by, then
