"""Which shelters are right: designated for every hazard of the home, open, and dry themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from disaster_hub.terms.hazard import Danger, Hazard, Known, Zone
from disaster_hub.terms.household import Destination, Kind
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.way import Shelter, ShelterState
from timelines.home import ZoneIndex, dangers
from timelines.upstairs import WATERS, dry_floor

DEFAULT = frozenset({Hazard.FLOOD, Hazard.LANDSLIDE})
"""What a shelter must be designated for where a home lies in no known zone."""
SHUT = frozenset({ShelterState.CLOSED, ShelterState.FULL})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one shelter stands: the zones over it, hazards that nothing is known of there, and its dry floors."""

    inside: frozenset[Hazard]
    never: bool
    """In a zone where houses collapse, or in a special landslide zone."""
    unknown: frozenset[Hazard]
    upper: frozenset[Hazard]
    """Waters over which it has a dry upper floor."""


@dataclass(frozen=True)
class Shelters:
    """All designated places of a city, and where each stands."""

    all: tuple[Shelter, ...]
    standing: tuple[Standing, ...]

    @classmethod
    def build(cls, features: Iterable[Feature], zones: ZoneIndex) -> Shelters:
        """Take open data's shelters; a place that stands there twice, as both kinds, is one emergency shelter."""
        found: dict[str, Shelter] = {}
        for feature in features:
            if feature.geometry is None or feature.geometry.is_empty:
                continue
            one = shelter(feature)
            before = found.get(one.id)
            if before is None or (one.emergency and not before.emergency):
                found[one.id] = one
        every = tuple(found.values())
        return cls(every, tuple(_standing(zones, one) for one in every))

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Give the place of each id."""
        return {one.id: n for n, one in enumerate(self.all)}

    @cached_property
    def spots(self) -> list[LonLat]:
        """Give every shelter's point."""
        return [one.spot for one in self.all]

    def why_not(self, n: int, hazards: frozenset[Hazard], states: Mapping[str, ShelterState]) -> tuple[str, ...]:
        """Name every reason against a shelter; none: it fits, or only its upper floors do."""
        one, here = self.all[n], self.standing[n]
        state = states.get(one.id)
        reasons = {
            "not_emergency": not one.emergency,
            "not_designated": not hazards <= one.designated,
            "in_zone": here.never or bool((hazards & here.inside) - here.upper),
            "closed": state is ShelterState.CLOSED,
            "full": state is ShelterState.FULL,
        }
        return tuple(reason for reason, holds in reasons.items() if holds)

    def upper_only(self, n: int, hazards: frozenset[Hazard]) -> bool:
        """Tell whether only its upper floors stay dry."""
        here = self.standing[n]
        return bool(hazards & here.inside & here.upper)

    def notes(self, n: int, hazards: frozenset[Hazard], states: Mapping[str, ShelterState]) -> tuple[str, ...]:
        """Say what is not known of a shelter, or must be known about it."""
        state = states.get(self.all[n].id)
        holds = {
            "upper_floors": self.upper_only(n, hazards),
            "state_not_known": state is None,
            "filling": state is ShelterState.FILLING,
            "zones_not_loaded": bool(hazards & self.standing[n].unknown),
        }
        return tuple(note for note, said in holds.items() if said)

    def fitting(self, hazards: frozenset[Hazard], states: Mapping[str, ShelterState]) -> tuple[int, ...]:
        """Give the shelters that fit; those with only dry upper floors where there is no other."""
        good = [n for n in range(len(self.all)) if not self.why_not(n, hazards, states)]
        dry = tuple(n for n in good if not self.upper_only(n, hazards))
        return dry or tuple(good)

    def destination(self, n: int, hazards: frozenset[Hazard]) -> Destination:
        """Name a shelter as a place to go."""
        one = self.all[n]
        return Destination(Kind.SHELTER, one.id, one.name, one.spot, upper_floors=self.upper_only(n, hazards))

    @cached_property
    def _degrees(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([(s.lon, s.lat) for s in self.spots]).reshape(-1, 2)

    def nearest(self, spot: LonLat, among: Sequence[int]) -> list[int]:
        """Sort shelters by the straight line from *spot*."""
        which = np.array(among, dtype=np.int64)
        # One scale for all: scaled by its own latitude, each shelter would be shifted by kilometres.
        east, north = (self._degrees[which] - (spot.lon, spot.lat)).T if len(which) else (np.zeros(0), np.zeros(0))
        away = np.hypot(east * math.cos(math.radians(spot.lat)), north)
        return [int(n) for n in which[np.lexsort((which, away))]]


def shelter(feature: Feature) -> Shelter:
    """Read one feature of the layer `shelters`; an empty flag is not designated."""
    said = feature.columns
    point = feature.geometry.representative_point()
    designated = frozenset(h for h in Hazard if said.get(h.value) is True)
    floors = said.get("floors")
    return Shelter(
        feature.id,
        str(said.get("name") or ""),
        LonLat(float(point.x), float(point.y)),
        designated,
        emergency=said.get("designation") != "evacuation",
        address=str(said.get("address") or ""),
        floors=int(floors) if isinstance(floors, int | float) else None,
    )


def _standing(zones: ZoneIndex, one: Shelter) -> Standing:
    """Look at the ground under a shelter."""
    here: tuple[Zone, ...] = zones.at(one.spot)
    said = dangers(zones, one.spot)
    upper = frozenset(d.hazard for d in said if d.inside and d.hazard in WATERS and _has_dry_floor(d, one.floors))
    return Standing(
        frozenset(d.hazard for d in said if d.inside),
        any(d.collapse or d.special for d in said) or any(z.kind == "collapse" for z in here),
        frozenset(d.hazard for d in said if d.known is Known.NO_DATA),
        upper,
    )


def _has_dry_floor(water: Danger, floors: int | None) -> bool:
    """Tell whether a floor over the ground floor stays dry; a depth or a height that is not known is a no."""
    depths = [depth for depth in (water.planned, water.maximum) if depth is not None]
    if not floors or water.depth_unknown or not depths:
        return False
    return (dry_floor(depths, floors) or 0) > 1
