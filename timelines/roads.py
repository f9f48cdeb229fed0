"""The roads as a graph in arrays: what links meet where, how long each is, and which way it may be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from disaster_hub.terms.household import Mode
from disaster_hub.terms.place import METRES_A_DEGREE, Feature, LonLat

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TENTHS = 10
"""Time is counted in whole tenths of a second, rounded so that ways grow longer, never shorter."""
DRY = 1_000_000_000
"""Tenths of a second that never come: three years."""
FARTHEST_M = 500.0
"""A home farther from every road than this has no way that could be reckoned."""
SMALLEST_ISLAND = 50
"""A home is not put on a piece of road that leads nowhere: an island of fewer crossings than this."""
NOT_ON_FOOT = frozenset({"motorway", "motorway_link"})
NOT_BY_CAR = frozenset({"footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor", "track"})
MAY_WALK = frozenset({"yes", "designated", "permissive", "destination"})
YES = frozenset({"yes", "true", "1"})
BACK = frozenset({"-1", "reverse"})


@dataclass(frozen=True, slots=True)
class Snaps:
    """Where points meet the road: the link (-1: none near), the share of it from its start, and metres to it."""

    link: Ints
    share: Floats
    metres: Floats

    def __getitem__(self, which: Any) -> Snaps:
        """Give some of them."""
        return Snaps(self.link[which], self.share[which], self.metres[which])

    def __len__(self) -> int:
        """Count the points."""
        return len(self.link)


class Roads:
    """All links of one city; *arcs* stand in rows by the node they lead to, as the search runs backwards."""

    def __init__(self, features: Sequence[Feature]) -> None:
        """Take road features, each a line between two nodes; `build` leaves out what is none."""
        said = [f.columns for f in features]
        self.ids = tuple(f.id for f in features)
        self.number: Mapping[str, int] = {name: n for n, name in enumerate(self.ids)}
        self.street = tuple(_text(c.get("name")) for c in said)
        self.highway = tuple(_text(c.get("highway")) for c in said)
        self.shapes = np.array([f.geometry for f in features], dtype=object)
        self.steps = np.array([_yes(c.get("steps")) or _text(c.get("highway")) == "steps" for c in said], dtype=bool)
        self.bridge = np.array([_text(c.get("bridge")) not in {"", "no"} for c in said], dtype=bool)
        self.under = np.array([_under(c) for c in said], dtype=bool)
        self.no_wheels = np.array([_text(c.get("wheelchair")) == "no" for c in said], dtype=bool) | self.steps
        self.oneway = np.array([_oneway(c) for c in said], dtype=np.int8)
        barred = np.array([_barred(c) for c in said], dtype=bool)
        self.on_foot = np.array([h not in NOT_ON_FOOT for h in self.highway], dtype=bool) & ~barred
        self.by_car = np.array([h not in NOT_BY_CAR for h in self.highway], dtype=bool) & ~self.steps
        points, owner = shapely.get_coordinates(self.shapes, return_index=True)
        self._points: Floats = points
        self._cuts = np.searchsorted(owner, np.arange(len(features) + 1))
        self._ends(said)
        self.length = _lengths(said, self.shapes, self.middle)
        self._arcs()
        self._trees: dict[Mode, tuple[shapely.STRtree, Ints]] = {}

    @classmethod
    def build(cls, features: Iterable[Feature]) -> Roads:
        """Take open data's roads; what is no line between two named nodes is left out."""
        good = [
            f
            for f in features
            if f.geometry is not None
            and f.geometry.geom_type == "LineString"
            and not f.geometry.is_empty
            and f.columns.get("from_node") is not None
            and f.columns.get("to_node") is not None
        ]
        return cls(good)

    def __len__(self) -> int:
        """Count the links."""
        return len(self.ids)

    def allowed(self, mode: Mode) -> Flags:
        """Tell which links may be used at all."""
        if mode is Mode.CAR:
            found: Flags = self.by_car
            return found
        rolled: Flags = self.on_foot & ~self.no_wheels
        return rolled if mode is Mode.WHEELCHAIR else self.on_foot

    def points(self, link: int) -> Floats:
        """Give a link's points in its own direction, a row each."""
        return self._points[self._cuts[link] : self._cuts[link + 1]]

    def line(self, links: Ints, along: Flags) -> Floats:
        """Join whole links: their points in the order of going, a row each."""
        found: Floats = self._points[_rows(links, along, self._cuts)]
        return found

    @cached_property
    def street_number(self) -> Ints:
        """Give links of the same street the same number."""
        return np.unique(np.array(self.street, dtype=object).astype(str), return_inverse=True)[1].astype(np.int32)

    @cached_property
    def bearings(self) -> Floats:
        """Give the bearings at which each link begins and ends along its own direction, degrees from north."""
        start, end = self._cuts[:-1], self._cuts[1:] - 1
        shrink = np.cos(np.radians(self.middle.lat))

        def bearing(one: Floats, other: Floats) -> Floats:
            step = other - one
            found: Floats = np.degrees(np.arctan2(step[:, 0] * shrink, step[:, 1]))
            return found

        p = self._points
        return np.column_stack([bearing(p[start], p[start + 1]), bearing(p[end - 1], p[end])])

    def snap(self, spots: Sequence[LonLat], mode: Mode = Mode.FOOT) -> Snaps:
        """Put points on the nearest link that this mode may use and that leads somewhere."""
        count = len(spots)
        none = Snaps(np.full(count, -1, np.int32), np.zeros(count), np.full(count, np.inf))
        if not count or not len(self):
            return none
        tree, links = self._tree(mode)
        if not len(links):
            return none
        east, north = self._metres(np.array([s.lon for s in spots]), np.array([s.lat for s in spots]))
        points = shapely.points(east, north)
        near = np.full(count, -1, np.int64)
        who, what = tree.query_nearest(points, max_distance=FARTHEST_M, all_matches=True)
        # Several links may be equally near (a crossing): the first by number, so that it is always the same one.
        for point, link in zip(who[::-1], what[::-1], strict=True):
            if near[point] < 0 or link < near[point]:
                near[point] = link
        found = near >= 0
        lines = tree.geometries[near[found]]
        none.link[found] = links[near[found]]
        none.share[found] = shapely.line_locate_point(lines, points[found], normalized=True)
        none.metres[found] = shapely.distance(lines, points[found])
        return none

    def _ends(self, said: Sequence[Mapping[str, Any]]) -> None:
        """Give every node a number and a place."""
        names = np.array([(int(c["from_node"]), int(c["to_node"])) for c in said], dtype=np.int64).reshape(-1, 2)
        nodes, ends = np.unique(names, return_inverse=True)
        self.nodes = nodes
        self.ends: Ints = ends.reshape(-1, 2).astype(np.int32)
        self.lon, self.lat = np.zeros(len(nodes)), np.zeros(len(nodes))
        if len(said):
            for side, place in ((0, 0), (1, -1)):
                points = shapely.get_point(self.shapes, place)
                self.lon[self.ends[:, side]] = shapely.get_x(points)
                self.lat[self.ends[:, side]] = shapely.get_y(points)
        self.middle = LonLat(float(self.lon.mean()), float(self.lat.mean())) if len(nodes) else LonLat(0.0, 0.0)

    def _arcs(self) -> None:
        """Lay out both directions of every link, by the node they lead to."""
        count = len(self.ids)
        link = np.tile(np.arange(count, dtype=np.int32), 2)
        tail = np.concatenate([self.ends[:, 0], self.ends[:, 1]])
        head = np.concatenate([self.ends[:, 1], self.ends[:, 0]])
        forward = np.repeat([True, False], count)
        order = np.lexsort((link, tail, head))
        self.arc_tail: Ints = tail[order]
        self.arc_head: Ints = head[order]
        self.arc_link: Ints = link[order]
        self.arc_forward: Flags = forward[order]
        self.row: Ints = np.searchsorted(self.arc_head, np.arange(len(self.nodes) + 1)).astype(np.int32)

    def _tree(self, mode: Mode) -> tuple[shapely.STRtree, Ints]:
        """Index, in metres, the links that points may be put on."""
        if mode not in self._trees:
            usable = self.allowed(mode)
            good = np.flatnonzero(usable & self._leads(usable) & ~self.bridge & ~self.under & ~self.steps)
            flat = shapely.transform(self.shapes[good], lambda p: np.column_stack(self._metres(p[:, 0], p[:, 1])))
            self._trees[mode] = shapely.STRtree(flat), good.astype(np.int32)
        return self._trees[mode]

    def _leads(self, usable: Flags) -> Flags:
        """Tell which links belong to a piece of the graph that is large enough to lead somewhere."""
        ends = self.ends[usable]
        size = len(self.nodes)
        graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
        _, piece = connected_components(graph, directed=False)
        sizes = np.bincount(piece)
        leads: Flags = sizes[piece[self.ends[:, 0]]] >= min(SMALLEST_ISLAND, int(sizes.max(initial=0)))
        return leads

    def _metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        shrink = np.cos(np.radians(self.middle.lat))
        return (lon - self.middle.lon) * METRES_A_DEGREE * shrink, (lat - self.middle.lat) * METRES_A_DEGREE


@njit(cache=True, nogil=True)
def _rows(links: Any, along: Any, cuts: Any) -> Any:  # pragma: no cover  # compiled
    count = 0
    for link in links:
        count += cuts[link + 1] - cuts[link]
    rows, at = np.empty(count, np.int64), 0
    for n in range(len(links)):
        first, after = cuts[links[n]], cuts[links[n] + 1]
        for k in range(after - first):
            rows[at] = first + k if along[n] else after - 1 - k
            at += 1
    return rows


def _lengths(said: Sequence[Mapping[str, Any]], shapes: NDArray[np.object_], middle: LonLat) -> Floats:
    """Give every link's metres: as the data says, else along its line."""
    if not len(said):
        return np.zeros(0)
    scale = np.array([METRES_A_DEGREE * np.cos(np.radians(middle.lat)), METRES_A_DEGREE])
    drawn = shapely.length(shapely.transform(shapes, lambda p: p * scale))
    told = np.array([float(c.get("length_m") or 0.0) for c in said])
    # A length shorter than the straight line between the ends would promise minutes that are not there.
    straight = shapely.distance(
        shapely.transform(shapely.get_point(shapes, 0), lambda p: p * scale),
        shapely.transform(shapely.get_point(shapes, -1), lambda p: p * scale),
    )
    found: Floats = np.where(told > 0, np.maximum(told, 0.99 * straight), drawn)
    return found


def _text(said: Any) -> str:
    return str(said).strip() if said is not None else ""


def _yes(said: Any) -> bool:
    return _text(said).lower() in YES


def _barred(said: Mapping[str, Any]) -> bool:
    """Tell a road that nobody may walk along: a motor road, a dam's crest, a works' own road."""
    foot = _text(said.get("foot")).lower()
    return foot == "no" or (_text(said.get("access")).lower() == "no" and foot not in MAY_WALK)


def _under(said: Mapping[str, Any]) -> bool:
    """Tell an underpass: a tunnel, or a layer below the ground."""
    layer = _text(said.get("layer"))
    return _text(said.get("tunnel")) not in {"", "no"} or layer.startswith("-")


def _oneway(said: Mapping[str, Any]) -> int:
    way = _text(said.get("oneway")).lower()
    return 1 if way in YES else -1 if way in BACK else 0
