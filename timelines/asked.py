"""What is asked for one household, and what its place means: zones, hazards, waters, the class it searches in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from disaster_hub.terms.hazard import Danger, Hazard, Known, Zone
from disaster_hub.terms.household import Destination, Home, Household
from disaster_hub.terms.place import LonLat
from timelines.conditions import State
from timelines.home import dangers_many
from timelines.pace import pace
from timelines.shelters import DEFAULT
from timelines.town import Class, Situation, Town
from timelines.wet import DRY, Source


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

    def until(self, situation: Situation, link: int) -> int:
        """Give the tenths until the door itself is wet."""
        now = situation.conditions
        after = situation.town.wet.home(self.zones, self.asked.spot, link)
        found = [now.offset(s, soft=self.of.soft) + t for s, t in after.items() if t < DRY]
        return min(found, default=DRY)


def doors_of(town: Town, asked: Sequence[Asked], state: State, situation: Situation) -> list[Door]:
    """Look at every household's place, all at once."""
    spots = [one.spot for one in asked]
    here = dangers_many(town.zones, spots)
    home = here
    if any(one.start is not None for one in asked):
        home = dangers_many(town.zones, [one.home.spot for one in asked])
    zones = _zones(town, spots)
    return [_door(town, situation, state, one, home[n], here[n], zones[n]) for n, one in enumerate(asked)]


def _door(
    town: Town,
    situation: Situation,
    state: State,
    asked: Asked,
    home: tuple[Danger, ...],
    here: tuple[Danger, ...],
    zones: tuple[Zone, ...],
) -> Door:
    inside = frozenset(d.hazard for d in (*home, *here) if d.inside)
    sources = tuple(sorted({town.wet.source(zone) for zone in zones}))
    unknown = {town.wet.city_source(d.hazard) for d in (*home, *here) if d.known is Known.NO_DATA}
    now = situation.conditions
    of = Class(
        pace(asked.household, night=state.night),
        inside or DEFAULT,
        Hazard.TSUNAMI in inside,
        soft=any(s.hazard is Hazard.LANDSLIDE and now.said(s) for s in sources),
    )
    return Door(asked, home, here, zones, of, sources, tuple(sorted({*sources, *unknown})))


def _zones(town: Town, spots: Sequence[LonLat]) -> list[tuple[Zone, ...]]:
    """Give the zones over each point."""
    lon, lat = np.array([s.lon for s in spots]), np.array([s.lat for s in spots])
    which, zones = town.zones.at_many(lon, lat)
    order = np.lexsort((zones, which))
    which, zones = which[order], zones[order]
    cuts = np.searchsorted(which, np.arange(len(spots) + 1))
    every = town.zones.zones
    return [tuple(every[z] for z in zones[a:b]) for a, b in pairwise(cuts)]
