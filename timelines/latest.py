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
LEAST = -(1 << 62)


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
    then: NDArray[np.int8]
    """The slot of the next crossing's label."""


def search(roads: Roads, tenths: Ints, dry: Ints, seeds: Seeds, keep: int, wanted: Ints | None = None) -> Labels:
    """Find the best *keep* places for every crossing, or for *wanted* ones and whatever is settled before them."""
    count = len(roads.nodes)
    mask = np.zeros(count, dtype=np.bool_)
    if wanted is not None:
        mask[wanted] = True
    if keep == 1:
        key, origin, arc = _search_one(
            roads.row, roads.arc_tail, tenths, dry[roads.arc_link], seeds.node, seeds.latest, seeds.time, seeds.origin,
            mask, int(mask.sum()) if wanted is not None else -1,
        )  # fmt: skip
        there = origin >= 0
        latest = np.where(there, key >> 31, NOT).astype(np.int32)
        time = np.where(there, SHIFT - 1 - (key & (SHIFT - 1)), 0).astype(np.int32)
        then = np.where(arc >= 0, 0, -1).astype(np.int8)
        one = (len(there), 1)
        return Labels(latest.reshape(one), time.reshape(one), origin.reshape(one), arc.reshape(one), then.reshape(one))
    found = _search(
        roads.row, roads.arc_tail, tenths, dry[roads.arc_link], seeds.node, seeds.latest, seeds.time, seeds.origin,
        keep, mask, int(mask.sum()) * keep if wanted is not None else -1,
    )  # fmt: skip
    return Labels(*found)


def _compiled(function: Any) -> Any:
    return njit(cache=True, nogil=True)(function)


@_compiled
def _push(  # pragma: no cover  # compiled: arrays, no objects
    heap_key: Any, heap: Any, size: int, key: int, item: int, tie: Any
) -> int:
    at = size
    while at > 0:
        up = (at - 1) >> 2
        above = heap_key[up]
        if key < above or (key == above and tie[item] >= tie[heap[up]]):
            break
        heap_key[at], heap[at] = above, heap[up]
        at = up
    heap_key[at], heap[at] = key, item
    return size + 1


@_compiled
def _pop(heap_key: Any, heap: Any, size: int, tie: Any) -> int:  # pragma: no cover  # compiled
    """Take the top away; the caller has read it."""
    size -= 1
    key, item = heap_key[size], heap[size]
    at = 0
    while True:
        low = 4 * at + 1
        if low >= size:
            break
        best = low
        for other in range(low + 1, min(low + 4, size)):
            one, top = heap_key[other], heap_key[best]
            if one > top or (one == top and tie[heap[other]] < tie[heap[best]]):
                best = other
        top = heap_key[best]
        if top < key or (top == key and tie[heap[best]] >= tie[item]):
            break
        heap_key[at], heap[at] = top, heap[best]
        at = best
    heap_key[at], heap[at] = key, item
    return size


@_compiled
def _better(keys: Any, origins: Any, u: int, key: int, origin: int) -> bool:  # pragma: no cover  # compiled
    """Tell whether a label is among the best of crossing *u* so far, one a place; if so, note it there."""
    worst = 0
    for k in range(keys.shape[1]):
        if origins[u, k] == origin:
            if key > keys[u, k]:
                keys[u, k] = key
                return True
            return False
        if keys[u, k] < keys[u, worst]:
            worst = k
    if key > keys[u, worst]:
        keys[u, worst], origins[u, worst] = key, origin
        return True
    return False


@_compiled
def _search(  # pragma: no cover  # compiled: arrays, no objects
    row: Any, tail: Any, tenths: Any, dry: Any,
    seed_node: Any, seed_latest: Any, seed_time: Any, seed_origin: Any, keep: int, wanted: Any, left: int,
) -> Any:  # fmt: skip
    nodes, seeds = len(row) - 1, len(seed_node)
    most, ranks = seeds + keep * len(tail), nodes + len(tail)
    tie, who, by = np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most, np.int32)
    slot, origin = np.empty(most, np.int8), np.empty(most, np.int32)
    heap_key, heap = np.empty(most, np.int64), np.empty(most, np.int32)
    keys, origins = np.full((nodes, keep), LEAST, np.int64), np.full((nodes, keep), -1, np.int32)
    latest, time = np.full((nodes, keep), NOT, np.int32), np.zeros((nodes, keep), np.int32)
    place, arc = np.full((nodes, keep), -1, np.int32), np.full((nodes, keep), -1, np.int32)
    then, have = np.full((nodes, keep), -1, np.int8), np.zeros(nodes, np.int32)
    size = made = 0
    for n in range(seeds):
        key = np.int64(seed_latest[n]) * SHIFT + (SHIFT - 1 - seed_time[n])
        if _better(keys, origins, seed_node[n], key, seed_origin[n]):
            tie[made] = np.int64(seed_origin[n]) * ranks + len(tail) + seed_node[n]
            who[made], by[made], slot[made], origin[made] = seed_node[n], -1, -1, seed_origin[n]
            size = _push(heap_key, heap, size, key, made, tie)
            made += 1
    while size > 0 and left != 0:
        key, top = heap_key[0], heap[0]
        size = _pop(heap_key, heap, size, tie)
        v, o = who[top], origin[top]
        k = have[v]
        seen = k == keep
        for j in range(k):
            seen = seen or place[v, j] == o
        if seen:
            continue
        until, spent = np.int32(key >> 31), np.int32(SHIFT - 1 - (key & (SHIFT - 1)))
        latest[v, k], time[v, k], place[v, k], arc[v, k], then[v, k] = until, spent, o, by[top], slot[top]
        have[v] = k + 1
        left -= wanted[v]
        for a in range(row[v], row[v + 1]):
            u = tail[a]
            if tenths[a] < 0 or have[u] == keep:
                continue
            key = np.int64(min(until, dry[a]) - tenths[a]) * SHIFT + (SHIFT - 1 - (spent + tenths[a]))
            if _better(keys, origins, u, key, o):
                tie[made] = np.int64(o) * ranks + a
                who[made], by[made], slot[made], origin[made] = u, a, k, o
                size = _push(heap_key, heap, size, key, made, tie)
                made += 1
    return latest, time, place, arc, then


@_compiled
def _search_one(  # pragma: no cover  # compiled: arrays, no objects
    row: Any, tail: Any, tenths: Any, dry: Any,
    seed_node: Any, seed_latest: Any, seed_time: Any, seed_origin: Any, wanted: Any, left: int,
) -> Any:  # fmt: skip
    """Do the same for one place a crossing, which needs no pool of labels: twice as fast."""
    nodes, seeds = len(row) - 1, len(seed_node)
    best, origin = np.full(nodes, LEAST, np.int64), np.full(nodes, -1, np.int32)
    arc, open_ = np.full(nodes, -1, np.int32), np.ones(nodes, np.bool_)
    heap_key, heap = np.empty(seeds + len(tail), np.int64), np.empty(seeds + len(tail), np.int32)
    number = np.arange(nodes)
    size = 0
    for n in range(seeds):
        u = seed_node[n]
        key = np.int64(seed_latest[n]) * SHIFT + (SHIFT - 1 - seed_time[n])
        if key > best[u]:
            best[u], origin[u] = key, seed_origin[n]
            size = _push(heap_key, heap, size, key, u, number)
    while size > 0 and left != 0:
        key, v = heap_key[0], heap[0]
        size = _pop(heap_key, heap, size, number)
        if key != best[v] or not open_[v]:
            continue
        open_[v] = False
        left -= wanted[v]
        until, spent = np.int32(key >> 31), np.int32(SHIFT - 1 - (key & (SHIFT - 1)))
        for a in range(row[v], row[v + 1]):
            u = tail[a]
            if tenths[a] < 0 or not open_[u]:
                continue
            key = np.int64(min(until, dry[a]) - tenths[a]) * SHIFT + (SHIFT - 1 - (spent + tenths[a]))
            if key > best[u]:
                best[u], origin[u], arc[u] = key, origin[v], a
                size = _push(heap_key, heap, size, key, u, number)
    return best, origin, arc
