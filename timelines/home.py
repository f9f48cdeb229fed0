"""What can happen at a home: the published zones that cover its point, hazard by hazard, and what is not known."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from disaster_hub.terms.hazard import Danger, Depth, Hazard, Hours, Known, Scale, Zone
from disaster_hub.terms.place import Feature, LonLat

DEPTHS: Mapping[int, tuple[float, float | None]] = {
    1: (0.0, 0.5), 2: (0.5, 3.0), 3: (3.0, 5.0), 4: (5.0, 10.0), 5: (10.0, 20.0), 6: (20.0, None),
}  # fmt: skip
"""A31's ranks of depth in metres, for files whose reader gave no metres: a rank is not a depth."""
HOURS: Mapping[int, tuple[float, float | None]] = {
    1: (0.0, 12.0), 2: (12.0, 24.0), 3: (24.0, 72.0), 4: (72.0, 168.0), 5: (168.0, 336.0), 6: (336.0, 672.0),
    7: (672.0, None),
}  # fmt: skip
"""A31's ranks of duration in hours."""
COLLAPSE = {1: "flow", 2: "bank"}
EITHER_COLLAPSE = ("bank", "flow")
SPECIAL_ZONES = frozenset({2, 4})
"""A33's 特別警戒区域, designated and about to be."""
REACH_DEG = 0.1
"""About 10 km: further from the box of a river's zones, a file says nothing about a place, neither wet nor dry."""
THREADS = 2
FEW = 5_000
"""Fewer pairs than this are tested in one thread."""

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Said:
    """One published layer of one river: of what, of which flood, whose."""

    hazard: Hazard
    kind: str
    scale: Scale | None
    river: str | None


class ZoneIndex:
    """Every loaded zone in memory, asked by point; a border is inside. Several threads may ask at once."""

    def __init__(self, zones: Sequence[Zone], shapes: Sequence[shapely.Geometry]) -> None:
        """Take zones and their shapes, one for one; `build` makes both from open data."""
        self.zones = tuple(zones)
        self.shapes = np.array(list(shapes), dtype=object)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        self.loaded = frozenset((z.hazard, z.kind, z.scale) for z in self.zones)
        self._said, self._boxes = _layers(self.zones, self.shapes)
        # GEOS builds a prepared shape's own index at its first test, and not for two threads at once.
        self._warm = np.zeros(len(self.zones), dtype=bool)
        self._lock = threading.Lock()

    @classmethod
    def build(cls, features: Iterable[Feature]) -> ZoneIndex:
        """Index open data's hazard zones; what is no zone of a hazard that is known here is left out."""
        pairs = [(zone, feature.geometry) for feature in features if (zone := zone_of(feature)) is not None]
        return cls([zone for zone, _ in pairs], [shape for _, shape in pairs])

    def at(self, spot: LonLat) -> tuple[Zone, ...]:
        """Give the zones that cover *spot*, in the order of loading."""
        near = self.tree.query(shapely.points(spot.lon, spot.lat))
        if not len(near):
            return ()
        shapes = self.shapes.take(near)
        if self._warm.take(near).all():
            inside = shapely.intersects_xy(shapes, spot.lon, spot.lat)
        else:
            with self._lock:
                inside = shapely.intersects_xy(shapes, spot.lon, spot.lat)
                self._warm[near] = True
        found = near.compress(inside)
        found.sort()
        return tuple([self.zones[n] for n in found.tolist()])

    def at_many(self, lon: Floats, lat: Floats) -> tuple[Places, Places]:
        """Give every pair of a point and a zone that covers it, as two rows of numbers, sorted by zone."""
        dots = shapely.points(lon, lat)
        if len(dots) > len(self.zones):
            # Asked the other way round, the pairs come sorted by zone.
            near, points = shapely.STRtree(dots).query(self.shapes)
        else:
            points, near = self.tree.query(dots)
            order = np.argsort(near, kind="stable")
            points, near = points[order], near[order]
        with self._lock:
            inside = self._tested(near, lon[points], lat[points])
            self._warm[near] = True
        return points[inside], near[inside]

    def said_near(self, spot: LonLat) -> list[Said]:
        """Give the layers, river by river, that have a say at *spot*: loaded, and of this part of the country."""
        x, y = spot.lon, spot.lat
        west, south, east, north = self._boxes.T
        near = (west <= x + REACH_DEG) & (south <= y + REACH_DEG) & (east >= x - REACH_DEG) & (north >= y - REACH_DEG)
        return [self._said[n] for n in np.flatnonzero(near)]

    def _tested(self, near: Places, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Test pairs that are sorted by zone; each zone stays in one thread, and in the processor's cache."""
        shapes = self.shapes[near]
        if len(near) < FEW:
            return np.asarray(shapely.intersects_xy(shapes, lon, lat))
        cuts = [int(np.searchsorted(near, near[len(near) * n // THREADS])) for n in range(1, THREADS)]
        parts = [slice(a, b) for a, b in zip([0, *cuts], [*cuts, len(near)], strict=True)]

        def test(part: slice) -> NDArray[np.bool_]:
            return np.asarray(shapely.intersects_xy(shapes[part], lon[part], lat[part]))

        with ThreadPoolExecutor(THREADS) as pool:
            return np.concatenate(list(pool.map(test, parts)))


def zone_of(feature: Feature) -> Zone | None:
    """Read one feature of the layer `hazards`; None where it has no area or speaks of another hazard."""
    said = feature.columns
    name = said.get("hazard")
    if feature.geometry is None or feature.geometry.is_empty or name not in set(Hazard):
        return None
    kind = str(said.get("rank_kind") or "depth")
    rank = said.get("rank")
    scale = said.get("scale")
    return Zone(
        Hazard(name),
        kind,
        Scale(scale) if scale in set(Scale) else None,
        depth=_depth(said) if kind == "depth" else None,
        hours=_hours(said) if kind == "duration" else None,
        collapse=COLLAPSE.get(rank) if kind == "collapse" and rank else None,
        special=kind == "landslide" and rank in SPECIAL_ZONES,
        phenomenon=said.get("phenomenon"),
        river=said.get("river"),
        rank=rank,
        id=feature.id,
    )


def dangers(index: ZoneIndex, spot: LonLat) -> tuple[Danger, ...]:
    """Say what can happen at *spot*: one danger for each hazard, in the hazards' order."""
    return _dangers(index.at(spot), index.said_near(spot))


def _dangers(here: Sequence[Zone], said: Sequence[Said]) -> tuple[Danger, ...]:
    return tuple(
        _danger(hazard, [z for z in here if z.hazard is hazard], [s for s in said if s.hazard is hazard])
        for hazard in Hazard
    )


def dangers_many(index: ZoneIndex, spots: Sequence[LonLat]) -> list[tuple[Danger, ...]]:
    """Say the same for many spots, found all at once; spots with the same zones share one answer."""
    homes, zones = index.at_many(
        np.array([s.lon for s in spots], dtype=float), np.array([s.lat for s in spots], dtype=float)
    )
    order = np.lexsort((zones, homes))
    homes, zones = homes[order], zones[order]
    cuts = np.searchsorted(homes, np.arange(len(spots) + 1))
    known: dict[tuple[bytes, tuple[Said, ...]], tuple[Danger, ...]] = {}
    found = []
    for n, spot in enumerate(spots):
        mine = zones[cuts[n] : cuts[n + 1]]
        said = index.said_near(spot)
        key = (mine.tobytes(), tuple(said))
        if key not in known:
            known[key] = _dangers([index.zones[k] for k in mine], said)
        found.append(known[key])
    return found


def worst(depths: Iterable[Depth]) -> Depth | None:
    """Give the deepest of several classes: the one to reckon with where zones overlap."""
    return max(depths, key=lambda one: (one.reckoned, one.low), default=None)


def longest(hours: Iterable[Hours]) -> Hours | None:
    """Give the longest of several durations; an open-ended one is the longest."""
    return max(hours, key=lambda one: (float("inf") if one.high is None else one.high, one.low), default=None)


def _danger(hazard: Hazard, here: Sequence[Zone], said: Sequence[Said]) -> Danger:
    """Put one hazard together from the zones that cover the place and the layers that have a say there."""
    deep = [z for z in here if z.kind == "depth"]
    washed = [z for z in here if z.kind == "collapse"]
    stays = [z.hours or Hours(0.0, None) for z in here if z.kind == "duration"]
    sources: Sequence[Zone | Said] = here or [s for s in said if s.kind in {"depth", "landslide"}]
    return Danger(
        hazard,
        _known(hazard, here, said),
        planned=worst(z.depth for z in deep if z.depth and z.scale is Scale.PLANNED),
        maximum=worst(z.depth for z in deep if z.depth and z.scale is not Scale.PLANNED),
        hours=longest(stays),
        collapse=tuple(sorted({c for z in washed for c in ((z.collapse,) if z.collapse else EITHER_COLLAPSE)})),
        special=any(z.special for z in here),
        phenomena=tuple(sorted({z.phenomenon for z in here if z.phenomenon})),
        rivers=tuple(sorted({one.river for one in sources if one.river})),
        # Inside the water, yet no class: of a zone left empty, or of a place that only other layers cover.
        depth_unknown=any(z.depth is None for z in deep)
        or (bool(here) and not deep and hazard is not Hazard.LANDSLIDE),
        # A wet place that no zone of duration covers is not a place where water leaves at once.
        # And another river's layer says nothing of this river's water.
        duration_known=_speak([z for z in here if z.kind == "duration"], deep)
        if here
        else any(s.kind == "duration" for s in said),
        collapse_known=_speak([s for s in said if s.kind == "collapse"], deep),
        planned_known=any(s.kind == "depth" and s.scale is Scale.PLANNED for s in said),
    )


def _speak(layers: Sequence[Zone | Said], water: Sequence[Zone]) -> bool:
    """Tell whether *layers* are there for every river of *water*; one that names no river speaks for all."""
    named = {one.river for one in layers}
    return bool(named) and (None in named or {z.river for z in water if z.river} <= named)


def _known(hazard: Hazard, here: Sequence[Zone], said: Sequence[Said]) -> Known:
    """Say inside, outside or no data; outside the planned flood alone is not outside the greatest one."""
    if here:
        return Known.INSIDE
    if hazard is Hazard.LANDSLIDE:
        asked = any(s.kind == "landslide" for s in said)
    elif hazard is Hazard.FLOOD:
        asked = any(s.kind == "depth" and s.scale is Scale.MAXIMUM for s in said)
    else:
        asked = any(s.kind == "depth" for s in said)
    return Known.OUTSIDE if asked else Known.NO_DATA


def _depth(said: Mapping[str, Any]) -> Depth | None:
    """Read a depth: metres and class limits where the reader gave them, else A31's rank."""
    low, high, exact = said.get("low_m"), said.get("high_m"), said.get("depth_m")
    if low is not None or high is not None or exact is not None:
        least = low if low is not None else exact if exact is not None else 0.0
        return Depth(float(least), None if high is None else float(high), None if exact is None else float(exact))
    if said.get("hazard") != Hazard.FLOOD:
        return None
    found = DEPTHS.get(said.get("rank") or 0)
    return Depth(*found) if found else None


def _hours(said: Mapping[str, Any]) -> Hours | None:
    """Read a duration: hours where the reader gave them, else A31's rank."""
    low, high = said.get("low_h"), said.get("high_h")
    if low is not None or high is not None:
        return Hours(float(low or 0.0), None if high is None else float(high))
    found = HOURS.get(said.get("rank") or 0)
    return Hours(*found) if found else None


def _layers(zones: Sequence[Zone], shapes: NDArray[np.object_]) -> tuple[list[Said], Floats]:
    """Give each layer of each river once, with the box of its zones."""
    numbers: dict[Said, int] = {}
    of = np.array([numbers.setdefault(_said(zone), len(numbers)) for zone in zones], dtype=np.int64)
    boxes = np.tile([np.inf, np.inf, -np.inf, -np.inf], (len(numbers), 1))
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    np.minimum.at(boxes[:, :2], of, bounds[:, :2])
    np.maximum.at(boxes[:, 2:], of, bounds[:, 2:])
    return list(numbers), boxes


def _said(zone: Zone) -> Said:
    return Said(zone.hazard, zone.kind, zone.scale, zone.river)
