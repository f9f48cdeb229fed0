"""When each link must not be used any more, counted from its water's zero hour; by loaded arrival times, else by zone.

Where arrival times are loaded for the forecast area that governs a water, a link is wet from its earliest minute, and a
link that they do not name stays dry (they come from the greatest flood). Where none are, every link that touches a zone
is wet from the zero hour on. A bridge that no arrival names goes by its zone: whether its deck stays dry is not known.
So does a river none of whose own roads is named, and every river where a named link is not among the loaded roads: the
arrival times are then of other water, or of other roads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from disaster_hub.terms.hazard import Hazard, Zone
from disaster_hub.terms.place import Feature, LonLat
from timelines.home import ZoneIndex
from timelines.roads import DRY, TENTHS, Roads

Ints = NDArray[np.int32]

ARRIVAL_MARGIN_MIN = 10.0
"""Water is taken to come this much sooner than arrival times say, but not for that before the zero hour; our own.

What is said to be wet before the zero hour (a brook that rises before the river does) is wet before it.
"""
UNDERPASS_LEAD_MIN = 30.0
"""Rain fills an underpass before any river comes; our own."""
FLOODED_BY = (Hazard.FLOOD, Hazard.INLAND, Hazard.SURGE)


class Governs(Protocol):
    """A row of the configuration: which area's word a river's zones follow."""

    @property
    def hazard(self) -> str:
        """Name the hazard."""

    @property
    def area(self) -> str:
        """Give the area's code."""

    @property
    def river(self) -> str:
        """Name the river; empty governs every other zone of the hazard."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One water: a hazard, and the area whose official word says when it begins."""

    hazard: Hazard
    area: str


@dataclass(frozen=True)
class Wet:
    """For each water the tenths of a second after its zero hour from which each link is wet; DRY where never."""

    rows: Mapping[tuple[str, str], str]
    city: str
    links: Mapping[Source, Ints]
    arrived: frozenset[Source] = frozenset()
    """Waters for which arrival times are loaded."""
    cells: Mapping[Source, tuple[shapely.STRtree, Ints]] = field(default_factory=dict)
    untold: frozenset[tuple[Source, str | None]] = frozenset()
    """Rivers of such waters that the arrival times do not speak of."""
    early: Mapping[Source, NDArray[np.bool_]] = field(default_factory=dict)
    """The links that are said to be wet before the zero hour."""

    def source(self, zone: Zone) -> Source:
        """Name the water that a zone follows."""
        return _source(self.rows, self.city, zone.hazard, zone.river)

    def city_source(self, hazard: Hazard) -> Source:
        """Name the water that speaks for a hazard where no zone says which."""
        return _source(self.rows, self.city, hazard, None)

    def home(self, zones: Sequence[Zone], spot: LonLat, link: int) -> dict[Source, int]:
        """Give the tenths from each water's zero hour until a home in *zones*, beside *link*, is wet itself."""
        found: dict[Source, int] = {}
        untold = {self.source(zone) for zone in zones if (self.source(zone), zone.river) in self.untold}
        for source in {self.source(zone) for zone in zones}:
            if source not in self.arrived:
                found[source] = 0
                continue
            beside = int(self.links[source][link]) if link >= 0 and source in self.links else DRY
            tree, minutes = self.cells.get(source, (None, None))
            if tree is not None and minutes is not None:
                inside = tree.query(spot.point, predicate="intersects")
                beside = min(beside, int(minutes[inside].min(initial=DRY)))
            found[source] = min(beside, 0) if source in untold else beside
        return found


def wet(roads: Roads, zones: ZoneIndex, arrivals: Iterable[Feature], governs: Sequence[Governs], city: str) -> Wet:
    """Reckon for every link, water by water, from when on it is wet."""
    rows = {(g.hazard, g.river): g.area for g in governs}
    rivers = shapely.STRtree(roads.shapes)
    by_river = _zones(roads, rivers, zones, rows, city)
    inside: dict[Source, NDArray[np.bool_]] = {}
    for (source, _), mask in by_river.items():
        inside[source] = inside[source] | mask if source in inside else mask
    first, cells, strange = _arrivals(roads, rivers, arrivals, rows, city, inside)
    untold = _untold(by_river, first, strange)
    links: dict[Source, Ints] = {}
    for source in sorted({*inside, *first}):
        in_zone = inside.get(source, np.zeros(len(roads), bool))
        by_zone = np.where(in_zone, 0, DRY).astype(np.int32)
        row = by_zone
        if source in first:
            known = first[source]
            unsaid = in_zone & roads.bridge
            for name in untold:
                unsaid |= by_river[name] if name[0] == source else False
            row = np.where((known == DRY) & unsaid, by_zone, known).astype(np.int32)
        if source.hazard in FLOODED_BY:
            low = roads.under & (in_zone | (row < DRY))
            row = np.where(low, np.minimum(row, 0) - _tenths(UNDERPASS_LEAD_MIN), row).astype(np.int32)
        links[source] = row
    early = {source: known < 0 for source, known in first.items() if (known < 0).any()}
    return Wet(rows, city, links, frozenset(first), cells, untold, early)


def _source(rows: Mapping[tuple[str, str], str], city: str, hazard: Hazard, river: str | None) -> Source:
    """Follow the row of the river, else the hazard's row for all others, else the municipality."""
    area = rows.get((hazard.value, river or "")) or rows.get((hazard.value, "")) or city
    return Source(hazard, area)


def _zones(
    roads: Roads, tree: shapely.STRtree, zones: ZoneIndex, rows: Mapping[tuple[str, str], str], city: str
) -> dict[tuple[Source, str | None], NDArray[np.bool_]]:
    """Tell for each water, river by river, which links touch one of its zones, and be it with one end."""
    found: dict[tuple[Source, str | None], NDArray[np.bool_]] = {}
    if not len(zones.zones):
        return found
    which, links = tree.query(zones.shapes, predicate="intersects")
    owners = [(_source(rows, city, z.hazard, z.river), z.river) for z in zones.zones]
    numbers = {name: n for n, name in enumerate(dict.fromkeys(owners))}
    owner = np.array([numbers[name] for name in owners], dtype=np.int32)
    for name, n in numbers.items():
        mask = np.zeros(len(roads), bool)
        mask[links[owner[which] == n]] = True
        found[name] = mask
    return found


def _untold(
    by_river: Mapping[tuple[Source, str | None], NDArray[np.bool_]], first: Mapping[Source, Ints], strange: set[Source]
) -> frozenset[tuple[Source, str | None]]:
    """Name the rivers that arrival times of their water do not speak of: not one road that is theirs alone is named."""
    found = set()
    for (source, river), mask in by_river.items():
        if source not in first:
            continue
        others = [m for (s, r), m in by_river.items() if s == source and r != river]
        own = mask & ~np.logical_or.reduce(others) if others else mask
        if source in strange or (others and own.any() and not (first[source][own] < DRY).any()):
            found.add((source, river))
    return frozenset(found)


def _arrivals(
    roads: Roads,
    tree: shapely.STRtree,
    arrivals: Iterable[Feature],
    rows: Mapping[tuple[str, str], str],
    city: str,
    inside: Mapping[Source, NDArray[np.bool_]],
) -> tuple[dict[Source, Ints], dict[Source, tuple[shapely.STRtree, Ints]], set[Source]]:
    """Give each link's earliest arrival for each water, the cells by water, and waters that name unknown links."""
    first: dict[Source, Ints] = {}
    strange: set[Source] = set()
    shapes: dict[Source, list[shapely.Geometry]] = {}
    minutes: dict[Source, list[int]] = {}
    one = _only_flood(rows, city, inside)
    for feature in arrivals:
        said, shape = feature.columns, feature.geometry
        area = str(said.get("area") or "")
        source = Source(Hazard.FLOOD, area) if area else one
        comes = _comes(float(said["minutes"]))
        row = first.setdefault(source, np.full(len(roads), DRY, np.int32))
        link = roads.number.get(str(said.get("link") or ""))
        if link is not None:
            row[link] = min(int(row[link]), comes)
        elif said.get("link"):
            strange.add(source)
        elif shape is not None and not shape.is_empty:
            shapes.setdefault(source, []).append(shape)
            minutes.setdefault(source, []).append(comes)
    cells = {}
    for source, drawn in shapes.items():
        when = np.array(minutes[source], dtype=np.int32)
        which, links = tree.query(np.array(drawn, dtype=object), predicate="intersects")
        np.minimum.at(first[source], links, when[which])
        cells[source] = shapely.STRtree(drawn), when
    return first, cells, strange


def _comes(minutes: float) -> int:
    """Take the margin off; only what is itself said to come before the zero hour does."""
    early = math.floor((minutes - ARRIVAL_MARGIN_MIN) * 60 * TENTHS)
    return early if minutes < 0 else max(0, early)


def _only_flood(rows: Mapping[tuple[str, str], str], city: str, inside: Mapping[Source, NDArray[np.bool_]]) -> Source:
    """Name the water of arrivals that name no area: the one flood that is governed here."""
    named = sorted({area for (hazard, _), area in rows.items() if hazard == Hazard.FLOOD.value})
    if len(named) == 1:
        return Source(Hazard.FLOOD, named[0])
    zoned = [s for s in sorted(inside) if s.hazard is Hazard.FLOOD]
    return zoned[0] if len(zoned) == 1 else Source(Hazard.FLOOD, city)


def _tenths(minutes: float) -> int:
    return int(minutes * 60 * TENTHS)
