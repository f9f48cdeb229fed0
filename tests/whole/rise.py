"""A simulated rise over the demo city: people who walk what they were told, and the last dry way by brute force.

Nothing here asks `timelines` how long a way takes or when a link gets wet: lengths come from the city's own streets,
times from the stated speed, water from the true water's own code.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import shapely

from disaster_hub.rehearsal import rises, zones
from disaster_hub.rehearsal.city import METRES_PER_LAT, METRES_PER_LON, ORIGIN_LAT, ORIGIN_LON
from disaster_hub.rehearsal.streets import Link, Point, streets
from disaster_hub.rehearsal.terrain import Ground
from disaster_hub.terms.household import Mode
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Way

BESIDE_MS = 0.5
"""Nobody goes faster than this between the door and the road."""
OFF_ROAD = frozenset({"steps", "footway"})


@dataclass(frozen=True, slots=True)
class Going:
    """How somebody goes, as it was stated: m/s on the flat and on steps."""

    mode: Mode
    flat: float
    stairs: float

    def seconds(self, link: Link, metres: float) -> float | None:
        """Give the seconds for so many metres of a link; None where they cannot go."""
        kind = link.tags.get("highway", "")
        if kind == "steps":
            return metres / self.stairs if self.mode is Mode.FOOT and self.stairs else None
        return None if self.mode is Mode.CAR and kind in OFF_ROAD else metres / self.flat


def metres(spot: LonLat) -> Point:
    """Give metres east and north of the city's corner."""
    return (spot.lon - ORIGIN_LON) * METRES_PER_LON, (spot.lat - ORIGIN_LAT) * METRES_PER_LAT


class City:
    """The city's streets as its maker knows them, metres."""

    def __init__(self) -> None:
        self.ground = Ground()
        self.links = {link.id: link for link in streets().links()}
        self.lines = {name: shapely.LineString(link.points) for name, link in self.links.items()}
        self.reach = zones.depth(self.ground, "maximum") > 0

    @cached_property
    def ends(self) -> Mapping[Point, list[str]]:
        """Give the links that meet at each crossing."""
        found: dict[Point, list[str]] = defaultdict(list)
        for name, link in self.links.items():
            found[link.points[0]].append(name)
            found[link.points[-1]].append(name)
        return found

    def wet(self, one: rises.Rise) -> dict[str, float]:
        """Give the minute after noon at which the true water reaches each link that gets wet."""
        after = rises.first_wet(one, self.ground, self.links.values(), self.reach)
        return {name: one.danger + minutes for name, minutes in after.items()}

    def steps(self, way: Way, home: LonLat, goal: LonLat, going: Going) -> list[tuple[str, float]]:
        """Give each link of a way, with the minutes after setting out at which it is left behind."""
        start, end = shapely.Point(metres(home)), shapely.Point(metres(goal))
        spent = start.distance(self.lines[way.links[0]]) / min(going.flat, BESIDE_MS)
        found = []
        for n, name in enumerate(way.links):
            line = self.lines[name]
            enter = line.project(start) if n == 0 else self._at(name, way.links[n - 1])
            leave = line.project(end) if n == len(way.links) - 1 else self._at(name, way.links[n + 1])
            seconds = going.seconds(self.links[name], abs(leave - enter))
            assert seconds is not None, f"{name} cannot be gone by {going}"
            spent += seconds
            found.append((name, spent / 60))
        return found

    def _at(self, name: str, other: str) -> float:
        """Give the metres along a link at which it meets another."""
        mine, theirs = self.links[name].points, self.links[other].points
        if mine[-1] in {theirs[0], theirs[-1]}:
            return float(self.lines[name].length)
        assert mine[0] in {theirs[0], theirs[-1]}, f"{name} and {other} do not meet"
        return 0.0

    def last(self, goals: Iterable[LonLat], wet: Mapping[str, float], going: Going) -> dict[Point, float]:
        """Give for each crossing the latest minute at which somebody may set out there and arrive dry; brute force."""
        heap: list[tuple[float, Point]] = []
        for goal in goals:
            name, line = self.nearest(goal)
            if wet.get(name, math.inf) == math.inf:
                at = line.project(shapely.Point(metres(goal)))
                for point, far in ((self.links[name].points[0], at), (self.links[name].points[-1], line.length - at)):
                    seconds = going.seconds(self.links[name], far)
                    if seconds is not None:
                        heap.append((-math.inf, point))
        heapq.heapify(heap)
        best: dict[Point, float] = {}
        while heap:
            latest, here = heapq.heappop(heap)
            if here in best:
                continue
            best[here] = -latest
            for name in self.ends[here]:
                link = self.links[name]
                seconds = going.seconds(link, float(self.lines[name].length))
                other = link.points[0] if link.points[-1] == here else link.points[-1]
                if seconds is not None and other not in best:
                    heapq.heappush(heap, (-(min(best[here], wet.get(name, math.inf)) - seconds / 60), other))
        return best

    def cut(
        self, home: LonLat, last: Mapping[Point, float], wet: Mapping[str, float], going: Going, door: str
    ) -> float:
        """Give the minute at which the last dry way from a home that opens to the link *door* is cut."""
        line, point = self.lines[door], shapely.Point(metres(home))
        at, link = line.project(point), self.links[door]
        found = [-math.inf]
        for end, far in ((link.points[0], at), (link.points[-1], line.length - at)):
            seconds = going.seconds(link, far)
            if seconds is not None and end in last:
                found.append(min(last[end], wet.get(door, math.inf)) - seconds / 60)
        return max(found)

    def nearest(self, spot: LonLat) -> tuple[str, shapely.LineString]:
        """Give the nearest link and its line."""
        name = self._names[int(self._tree.nearest(shapely.Point(metres(spot))))]
        return name, self.lines[name]

    @cached_property
    def _names(self) -> list[str]:
        return list(self.lines)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(list(self.lines.values()))
