"""All ways of all homes in one compact table: who is affected when a link closes, without reckoning anybody anew.

Taking away a link that is on none of a home's ways leaves those ways the best: only ways over the link change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from timelines.reach import DIRECT, Found, Reach
from timelines.roads import Ints, Snaps


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The links of every home's ways, home after home: *cuts* says where each home's begin."""

    links: Ints
    cuts: NDArray[np.int64]

    def affected(self, links: Ints | Sequence[int]) -> NDArray[np.int64]:
        """Give the homes that have a way over one of *links*, each once, in order."""
        wanted = np.unique(np.asarray(links, dtype=np.int32))
        if len(wanted) == 1:
            hits = np.flatnonzero(self.links == wanted[0])
        else:
            hits = np.flatnonzero(np.isin(self.links, wanted))
        return np.unique(np.searchsorted(self.cuts, hits, side="right") - 1)

    def of(self, home: int) -> Ints:
        """Give one home's links."""
        return self.links[self.cuts[home] : self.cuts[home + 1]]

    def __len__(self) -> int:
        """Count the homes."""
        return len(self.cuts) - 1

    @classmethod
    def joined(cls, parts: Sequence[tuple[NDArray[np.int64], RouteTable]], homes: int) -> RouteTable:
        """Put tables of parts of the homes together; each part names its homes. A home may be in several."""
        counts = np.zeros(homes, np.int64)
        for which, table in parts:
            np.add.at(counts, which, np.diff(table.cuts))
        cuts = np.concatenate([[0], np.cumsum(counts)])
        links = np.empty(int(cuts[-1]), np.int32)
        at = cuts[:-1].copy()
        for which, table in parts:
            sizes = np.diff(table.cuts)
            goes = np.repeat(at[which] - table.cuts[:-1], sizes) + np.arange(len(table.links))
            links[goes] = table.links
            at[which] += sizes
        return cls(links, cuts)


def trails(found: Reach, homes: Snaps, best: Found) -> RouteTable:
    """Write down the links of every way that one search found for *homes*."""
    labels, roads = found.labels, found.ground.roads
    given = (
        homes.link, best.side, best.slot, best.origin, roads.ends, roads.arc_head, roads.arc_link,
        labels.arc, labels.then, found.places.link,
    )  # fmt: skip
    counts = np.zeros(len(homes), np.int64)
    none = np.zeros(0, np.int32)
    _walked(*given, counts, np.zeros(1, np.int64), none, False)
    cuts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    links = np.empty(int(cuts[-1]), np.int32)
    _walked(*given, counts, cuts, links, True)
    return RouteTable(links, cuts)


@njit(cache=True, nogil=True)
def _walked(  # pragma: no cover  # compiled: arrays, no objects
    home: Any, side: Any, slot: Any, origin: Any, ends: Any, head: Any, arc_link: Any, arc: Any, then: Any,
    place_link: Any, counts: Any, cuts: Any, links: Any, write: bool,
) -> None:  # fmt: skip
    for h in range(len(home)):
        at = cuts[h] if write else 0
        begin = at
        for k in range(side.shape[1]):
            if origin[h, k] < 0:
                break
            if write:
                links[at] = home[h]
            at += 1
            if side[h, k] == DIRECT:
                continue
            node, s = ends[home[h], side[h, k]], slot[h, k]
            while arc[node, s] >= 0:
                a = arc[node, s]
                if write:
                    links[at] = arc_link[a]
                at += 1
                s, node = then[node, s], head[a]
            if write:
                links[at] = place_link[origin[h, k]]
            at += 1
        counts[h] = at - begin
