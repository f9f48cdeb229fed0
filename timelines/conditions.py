"""What official words mean for the roads now: each water's zero hour on one scale of time, and what is closed.

A water whose zero hour nobody has said begins in a far tier of its own: no minute is invented for it, yet a way that
stays dry longer in it is still the better way. Where no zero hour is known at all, every way is judged in that tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import Basis, ShelterState, Water
from timelines.pace import Pace
from timelines.roads import DRY, TENTHS, Ints, Roads
from timelines.wet import Source, Wet

FAR = DRY // 2
"""Tenths at which the unsaid zero hours stand: one and a half years, and half way to never."""
UNSAID_FROM = FAR // 2
NEVER_FROM = FAR + FAR // 2
LONGEST = timedelta(days=200)
EARLY_WET = 3
"""The official level from which a link that gets wet before the zero hour is not used any more; our own."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class State:
    """Everything outside a household that its outlook depends on; *now* is the world's time."""

    now: datetime
    night: bool = False
    closed: frozenset[str] = frozenset()
    """Ids of road links."""
    shelters: Mapping[str, ShelterState] = ()  # type: ignore[assignment]
    waters: tuple[Water, ...] = ()

    def __post_init__(self) -> None:
        """Make an empty mapping of what was left out."""
        object.__setattr__(self, "shelters", dict(self.shelters))


@dataclass(frozen=True, slots=True)
class Class:
    """Households for which one search serves: how they go, and which water and shelters are theirs."""

    pace: Pace
    hazards: frozenset[Hazard]
    """What a shelter must be right for."""
    tsunami: bool = False
    soft: bool = False
    """They stand in a landslide zone for which a level is in force: the zone is left as soon as may be, not shunned."""


class Conditions:
    """One state's words as numbers; the same for every household."""

    def __init__(self, roads: Roads, wet: Wet, state: State) -> None:
        self.roads = roads
        self.wet = wet
        self.words = {Source(w.hazard, w.area): w for w in state.waters}
        zeros = [zero for w in state.waters if (zero := _zero(w, state.now)) is not None]
        self.start = min(zeros, default=EPOCH)
        """The minute that the scale counts from."""
        self.offsets = {source: self._offset(w, state.now) for source, w in self.words.items()}
        shut = np.zeros(len(roads), dtype=bool)
        shut[[roads.number[name] for name in state.closed if name in roads.number]] = True
        for source, early in wet.early.items():
            # It is wet some time before a zero hour that nobody has said: from level 3 on it may be so already.
            if not self.said(source) and self.level([source]) >= EARLY_WET:
                shut |= early
        self.closed = np.flatnonzero(shut).astype(np.int32)

    def offset(self, source: Source, *, soft: bool = False) -> int:
        """Give the tenths at which a water's zero hour stands; FAR where nobody has said one."""
        if soft and source.hazard is Hazard.LANDSLIDE:
            return FAR
        return self.offsets.get(source, FAR)

    def said(self, source: Source) -> bool:
        """Tell whether a zero hour is known."""
        return self.offset(source) < UNSAID_FROM

    def dry(self, *, tsunami: bool, soft: bool) -> Ints:
        """Give for each link the tenths until it is wet, over all waters; *tsunami* for homes that have to flee one."""
        until = np.full(len(self.roads), DRY, np.int64)
        for source, row in self.wet.links.items():
            if source.hazard is Hazard.TSUNAMI and not (tsunami or self.said(source)):
                continue
            until = np.minimum(until, np.where(row == DRY, DRY, row.astype(np.int64) + self.offset(source, soft=soft)))
        return until.astype(np.int32)

    def at(self, tenths: int) -> datetime | None:
        """Give the time of a place on the scale; None where nobody has said when that is."""
        return self.start + timedelta(seconds=tenths / TENTHS) if tenths < UNSAID_FROM else None

    def who(self, link: int, *, tsunami: bool, soft: bool) -> tuple[Source, int] | None:
        """Name the water that wets a link first, and the tenths after its zero hour; None where none does."""
        found: list[tuple[int, Source, int]] = []
        for source, row in self.wet.links.items():
            if source.hazard is Hazard.TSUNAMI and not (tsunami or self.said(source)):
                continue
            if (after := int(row[link])) < DRY:
                found.append((after + self.offset(source, soft=soft), source, after))
        if not found:
            return None
        _, source, after = min(found)
        return source, after

    def level(self, sources: Iterable[Source]) -> int:
        """Give the highest official level in force; 0 where none is known."""
        return max((w.level or 0 for s in sources if (w := self.words.get(s)) is not None), default=0)

    def _offset(self, water: Water, now: datetime) -> int:
        zero = _zero(water, now)
        if zero is None:
            return FAR
        return int(min(zero - self.start, LONGEST).total_seconds() * TENTHS)


def key(state: State) -> tuple[object, ...]:
    """Give what the numbers depend on, the time of day left out."""
    zeros = tuple((w.hazard, w.area, _zero(w, state.now)) for w in state.waters)
    levels = tuple(replaced(w) for w in state.waters)
    return state.closed, zeros, levels, tuple(sorted(state.shelters.items()))


def replaced(water: Water) -> tuple[object, ...]:
    """Give a water's words."""
    return water.level, water.basis, water.issuer, water.issued_at, water.stale, water.gauge


def _zero(water: Water, now: datetime) -> datetime | None:
    """Read a zero hour; one that is reached and whose time nobody said was reached a day ago."""
    if water.zero is None and water.basis is Basis.REACHED:
        return now - timedelta(days=1)
    return water.zero
