"""What is asked for one household, and what its place means: zones, hazards, waters, the class it searches in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from disaster_hub.terms.hazard import Danger, Hazard, Known, Zone
from disaster_hub.terms.household import Destination, Home, Household
from disaster_hub.terms.place import LonLat
from timelines.conditions import Class, Conditions
from timelines.home import ZoneIndex, dangers_many
from timelines.pace import pace
from timelines.roads import DRY
from timelines.shelters import DEFAULT
from timelines.wet import Source


@dataclass(frozen=True, slots=True)
class Asked:
    """One household that asks for its outlook."""

    home: Home
    household: Household
    wishes: tuple[Destination | None, Destination | None] = (None, None)
    leave_level: int | None = None
    start: LonLat | None = None
    """Where they are, if not at home."""

    @property
    def spot(self) -> LonLat:
        """Give the point they set out from."""
        return self.start or self.home.spot


@dataclass(frozen=True, slots=True)
class Door:
    """One household at the point it sets out from."""

    asked: Asked
    home: tuple[Danger, ...]
    """What can happen at the home."""
    here: tuple[Danger, ...]
    """What can happen where they set out."""
    zones: tuple[Zone, ...]
    of: Class
    sources: tuple[Source, ...]
    """The waters whose zones cover the point."""
    heard: tuple[Source, ...]
    """Those and the waters of hazards that nothing is known of: their levels count too."""

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """Give the hazards it lies in."""
        return tuple(h.hazard for h, other in zip(self.home, self.here, strict=True) if h.inside or other.inside)

    @property
    def outside(self) -> bool:
        """Tell whether every hazard's zones are loaded and none covers it."""
        return all(d.known is Known.OUTSIDE for d in (*self.home, *self.here))

    def until(self, now: Conditions, link: int) -> int:
        """Give the tenths until the door itself is wet."""
        after = now.wet.home(self.zones, self.asked.spot, link)
        found = [now.offset(s, soft=self.of.soft) + t for s, t in after.items() if t < DRY]
        return min(found, default=DRY)


def doors_of(index: ZoneIndex, now: Conditions, asked: Sequence[Asked], *, night: bool) -> list[Door]:
    """Look at every household's place, all at once."""
    spots = [one.spot for one in asked]
    here = dangers_many(index, spots)
    home = here
    if any(one.start is not None for one in asked):
        home = dangers_many(index, [one.home.spot for one in asked])
    zones = _zones(index, spots)
    # Thousands of homes share a few grounds; what each means is put together once.
    grounds: dict[tuple[int, int, tuple[int, ...]], _Ground] = {}
    doors = []
    for n, one in enumerate(asked):
        name = (id(home[n]), id(here[n]), zones[n])
        if name not in grounds:
            grounds[name] = _ground(index, now, home[n], here[n], zones[n])
        ground = grounds[name]
        going = pace(one.household, night=night)
        of = Class(going, ground.inside or DEFAULT, Hazard.TSUNAMI in ground.inside, ground.soft)
        doors.append(Door(one, home[n], here[n], ground.zones, of, ground.sources, ground.heard))
    return doors


@dataclass(frozen=True, slots=True)
class _Ground:
    """What one combination of zones means."""

    zones: tuple[Zone, ...]
    inside: frozenset[Hazard]
    sources: tuple[Source, ...]
    heard: tuple[Source, ...]
    soft: bool


def _ground(
    index: ZoneIndex, now: Conditions, home: tuple[Danger, ...], here: tuple[Danger, ...], which: tuple[int, ...]
) -> _Ground:
    zones = tuple(index.zones[z] for z in which)
    inside = frozenset(d.hazard for d in (*home, *here) if d.inside)
    sources = tuple(sorted({now.wet.source(zone) for zone in zones}))
    unknown = {now.wet.city_source(d.hazard) for d in (*home, *here) if d.known is Known.NO_DATA}
    soft = any(s.hazard is Hazard.LANDSLIDE and now.said(s) for s in sources)
    return _Ground(zones, inside, sources, tuple(sorted({*sources, *unknown})), soft)


def _zones(index: ZoneIndex, spots: Sequence[LonLat]) -> list[tuple[int, ...]]:
    """Give the numbers of the zones over each point."""
    lon, lat = np.array([s.lon for s in spots], dtype=float), np.array([s.lat for s in spots], dtype=float)
    which, zones = index.at_many(lon, lat)
    order = np.lexsort((zones, which))
    which, zones = which[order], zones[order]
    cuts = np.searchsorted(which, np.arange(len(spots) + 1)).tolist()
    every = zones.tolist()
    return [tuple(every[a:b]) for a, b in pairwise(cuts)]
