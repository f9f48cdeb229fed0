"""From doors to places: what one search over the roads means for each home, and the links of its way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from timelines.latest import NOT, Labels, Seeds, search
from timelines.pace import NEVER, Pace, tenths
from timelines.roads import DRY, Flags, Ints, Roads, Snaps

THREADS = 2
MANY = 20_000
"""From so many homes on, two threads are quicker than one."""
FROM, TO, DIRECT = 0, 1, 2
"""By which end of its own link a home leaves; DIRECT where the place stands on the same link."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The roads as one pace meets them now: tenths along and against each link, and until when each is dry."""

    roads: Roads
    pace: Pace
    along: Ints
    against: Ints
    dry: Ints

    @classmethod
    def of(cls, roads: Roads, pace: Pace, dry: Ints, closed: Ints) -> Ground:
        """Take closed links out."""
        along, against = tenths(roads, pace)
        along[closed] = NEVER
        against[closed] = NEVER
        return cls(roads, pace, along, against, dry)

    @property
    def arcs(self) -> Ints:
        """Give the tenths of every arc."""
        link = self.roads.arc_link
        return np.where(self.roads.arc_forward, self.along[link], self.against[link])


@dataclass(frozen=True, slots=True)
class Reach:
    """One finished search, with the places it began at."""

    ground: Ground
    places: Snaps
    labels: Labels


@dataclass(frozen=True, slots=True)
class Found:
    """For each home its best places: latest set-out from the door, tenths on the way, place, and where it begins."""

    latest: Ints
    time: Ints
    origin: Ints
    side: Ints
    slot: Ints


def reach(ground: Ground, places: Snaps, keep: int, homes: Snaps | None = None) -> Reach:
    """Search from *places* backwards; only as far as *homes* need, where they are given."""
    seeds = _seeds(ground, places)
    wanted = None
    if homes is not None:
        wanted = np.unique(ground.roads.ends[homes.link[homes.link >= 0]].ravel())
    labels = search(ground.roads, ground.arcs, ground.dry, seeds, min(keep, max(1, len(places))), wanted)
    return Reach(ground, places, labels)


def doors(found: Reach, homes: Snaps, until: Ints) -> Found:
    """Say for each home, which is itself dry *until* then, how late it may set out to which places."""
    ground, labels = found.ground, found.labels
    places = found.places
    on_road = np.flatnonzero(places.link >= 0).astype(np.int32)
    by_link = on_road[np.argsort(places.link[on_road], kind="stable")]
    counts = np.bincount(places.link[on_road], minlength=len(ground.roads))
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    beside, there = ground.pace.beside(homes.metres), ground.pace.beside(places.metres)

    def part(some: slice) -> tuple[Ints, ...]:
        found: tuple[Ints, ...] = _doors(
            homes.link[some], homes.share[some], beside[some], until[some], ground.roads.ends, ground.along,
            ground.against, ground.dry, labels.latest, labels.time, labels.origin,
            first, by_link, places.share, there,
        )  # fmt: skip
        return found

    if len(homes) < MANY:
        return Found(*part(slice(None)))
    with ThreadPoolExecutor(THREADS) as pool:
        halves = pool.map(part, (slice(0, len(homes) // 2), slice(len(homes) // 2, None)))
        return Found(*(np.concatenate(columns) for columns in zip(*halves, strict=True)))


def links(found: Reach, home: int, side: int, slot: int) -> tuple[Ints, Flags]:
    """Give the links of a way from a home on link *home*, and whether each is gone along its own direction."""
    if side == DIRECT:
        return np.array([home], np.int32), np.ones(1, np.bool_)
    roads, labels = found.ground.roads, found.labels
    way, along = _links(
        home, side, slot, roads.ends, roads.arc_head, roads.arc_link, roads.arc_forward,
        labels.origin, labels.arc, labels.then, found.places.link,
    )  # fmt: skip
    return way, along


@njit(cache=True, nogil=True)
def _links(  # pragma: no cover  # compiled: arrays, no objects
    home: int, side: int, slot: int, ends: Any, head: Any, arc_link: Any, forward: Any,
    origin: Any, arc: Any, then: Any, place_link: Any,
) -> Any:  # fmt: skip
    count, node, s = 2, ends[home, side], slot
    while arc[node, s] >= 0:
        a = arc[node, s]
        s, node = then[node, s], head[a]
        count += 1
    way, along = np.empty(count, np.int32), np.empty(count, np.bool_)
    way[0], along[0] = home, side == TO
    node, s = ends[home, side], slot
    last = place_link[origin[node, s]]
    for n in range(1, count - 1):
        a = arc[node, s]
        way[n], along[n] = arc_link[a], forward[a]
        s, node = then[node, s], head[a]
    way[count - 1], along[count - 1] = last, node == ends[last, 0]
    return way, along


def _seeds(ground: Ground, places: Snaps) -> Seeds:
    """Begin at both ends of the link on which each place stands."""
    good = np.flatnonzero(places.link >= 0).astype(np.int32)
    link, share = places.link[good], places.share[good]
    beside = ground.pace.beside(places.metres[good])
    parts = []
    for side, full, rest in ((0, ground.along[link], share), (1, ground.against[link], 1 - share)):
        usable = full >= 0
        part = np.ceil(full * rest).astype(np.int32)
        latest = np.minimum(DRY - beside, ground.dry[link]) - part
        node = ground.roads.ends[link, side]
        parts.append((node[usable], latest[usable], (beside + part)[usable], good[usable]))
    return Seeds(*(np.concatenate(column).astype(np.int32) for column in zip(*parts, strict=True)))


@njit(cache=True, nogil=True)
def _keep(row: Any, latest: int, time: int, origin: int, side: int, slot: int) -> None:  # pragma: no cover  # compiled
    """Put one way among a home's best, one for each place: later first, then quicker, then by number."""
    keep = row.shape[0]
    at = keep
    for k in range(keep):
        if row[k, 2] == origin or row[k, 2] < 0:
            at = k
            break
    better = latest > NOT
    if at < keep and row[at, 2] == origin:
        better = latest > row[at, 0] or (latest == row[at, 0] and time < row[at, 1])
    elif at == keep:
        last = row[keep - 1]
        better = latest > last[0] or (latest == last[0] and (time < last[1] or (time == last[1] and origin < last[2])))
        at = keep - 1
    if not better:
        return
    row[at, 0], row[at, 1], row[at, 2], row[at, 3], row[at, 4] = latest, time, origin, side, slot
    while at > 0:
        a, b = row[at], row[at - 1]
        if a[0] < b[0] or (a[0] == b[0] and (a[1] > b[1] or (a[1] == b[1] and a[2] >= b[2]))):
            break
        for j in range(5):
            row[at, j], row[at - 1, j] = row[at - 1, j], row[at, j]
        at -= 1


@njit(cache=True, nogil=True)
def _doors(  # pragma: no cover  # compiled: arrays, no objects
    link: Any, share: Any, beside: Any, until: Any, ends: Any, along: Any, against: Any, dry: Any,
    latest: Any, time: Any, origin: Any, first: Any, by_link: Any, place_share: Any, place_beside: Any,
) -> Any:  # fmt: skip
    homes, keep = len(link), latest.shape[1]
    out = np.zeros((homes, keep, 5), np.int32)
    out[:, :, 0] = NOT
    out[:, :, 2] = -1
    for h in range(homes):
        own, row = link[h], out[h]
        if own < 0:
            continue
        for side in range(2):
            full = against[own] if side == FROM else along[own]
            if full < 0:
                continue
            part = np.int32(np.ceil(full * (share[h] if side == FROM else 1.0 - share[h])))
            node = ends[own, side]
            for k in range(keep):
                if origin[node, k] < 0:
                    break
                off = min(min(latest[node, k], dry[own]) - part, until[h]) - beside[h]
                _keep(row, off, time[node, k] + part + beside[h], origin[node, k], side, k)
        for n in range(first[own], first[own + 1]):
            p = by_link[n]
            step = place_share[p] - share[h]
            full = along[own] if step >= 0 else against[own]
            if full < 0:
                continue
            part = np.int32(np.ceil(full * abs(step)))
            off = min(min(np.int32(DRY - place_beside[p]), dry[own]) - part, until[h]) - beside[h]
            _keep(row, off, part + place_beside[p] + beside[h], p, DIRECT, 0)
    return out[:, :, 0], out[:, :, 1], out[:, :, 2], out[:, :, 3], out[:, :, 4]
