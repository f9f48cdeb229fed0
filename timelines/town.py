"""The town as plans see it: zones, roads, shelters, arrival times; and what a state of things means for all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Mode
from disaster_hub.terms.place import Feature, LonLat
from timelines.conditions import Class, Conditions, State, key
from timelines.home import ZoneIndex
from timelines.reach import Ground, Reach, reach
from timelines.roads import Roads, Snaps
from timelines.shelters import Shelters
from timelines.wet import Governs, Wet, wet

KEEP = 4
"""Places that a search keeps for every crossing: first and second choice, and two more to look at."""
MOST_SEARCHES = 24
MOST_STATES = 2
THREADS = 2
T = TypeVar("T")


class Kept:
    """The newest few of what was reckoned; several threads may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable, make: Callable[[], T]) -> T:
        """Give what is kept under *name*, made where it is not there."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._held[name] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


class Town:
    """One city's loaded open data, ready to be asked."""

    def __init__(self, zones: ZoneIndex, roads: Roads, shelters: Shelters, water: Wet) -> None:
        self.zones = zones
        self.roads = roads
        self.shelters = shelters
        self.wet = water
        self._places = Kept(len(Mode))
        self._situations = Kept(MOST_STATES)

    @classmethod
    def build(
        cls,
        zones: Iterable[Feature],
        roads: Iterable[Feature],
        shelters: Iterable[Feature],
        arrivals: Iterable[Feature],
        governs: Sequence[Governs],
        city: str = "",
    ) -> Town:
        """Take what was loaded; *city* is the area whose word holds where no row of *governs* names another."""
        index, graph = ZoneIndex.build(zones), Roads.build(roads)
        return cls(index, graph, Shelters.build(shelters, index), wet(graph, index, arrivals, governs, city))

    def streets(self, links: Iterable[str]) -> Mapping[str, str]:
        """Name the street of each link that is known; empty where it has no name."""
        numbers = self.roads.number
        return {link: self.roads.street[numbers[link]] for link in links if link in numbers}

    def places(self, mode: Mode) -> Snaps:
        """Put every shelter on the road."""
        return self._places.get(mode, lambda: self.roads.snap(self.shelters.spots, mode))

    def situation(self, state: State) -> Situation:
        """Give what *state* means here; kept for the states asked last."""
        return self._situations.get(key(state), lambda: Situation(self, state))


class Situation:
    """One state of things in one town, with the searches made in it."""

    def __init__(self, town: Town, state: State) -> None:
        self.town = town
        self.shelters = state.shelters
        self.conditions = Conditions(town.roads, town.wet, state)
        self._grounds = Kept(MOST_SEARCHES)
        self._reaches = Kept(MOST_SEARCHES)
        self._fitting = Kept(64)

    def fitting(self, hazards: frozenset[Hazard]) -> tuple[int, ...]:
        """Give the shelters that fit these hazards now."""
        return self._fitting.get(hazards, lambda: self.town.shelters.fitting(hazards, self.shelters))

    def ground(self, of: Class) -> Ground:
        """Give the roads as households of a class meet them."""
        return self._grounds.get(
            (of.pace, of.tsunami, of.soft),
            lambda: Ground.of(
                self.town.roads,
                of.pace,
                self.conditions.dry(tsunami=of.tsunami, soft=of.soft),
                self.conditions.closed,
            ),
        )

    def reach(self, of: Class) -> Reach:
        """Search from every shelter that fits."""
        which = self.fitting(of.hazards)
        return self._reaches.get((of.pace, of.tsunami, of.soft, which), lambda: self._search(of, which))

    def prepare(self, classes: Iterable[Class]) -> None:
        """Make the searches that several classes need, two at a time: the compiled search lets go of Python's lock."""
        with ThreadPoolExecutor(THREADS) as pool:
            each = {(c.pace, c.tsunami, c.soft, self.fitting(c.hazards)): c for c in classes}
            list(pool.map(self.reach, each.values()))

    def to(self, of: Class, spot: LonLat, homes: Snaps) -> Reach:
        """Search from one place that somebody wished for, as far as their homes."""
        return reach(self.ground(of), self.town.roads.snap([spot], of.pace.mode), 1, homes)

    def _search(self, of: Class, which: tuple[int, ...]) -> Reach:
        places = self.town.places(of.pace.mode)[np.array(which, dtype=np.int64)]
        return reach(self.ground(of), places, KEEP)
