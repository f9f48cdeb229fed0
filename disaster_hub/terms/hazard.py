"""Hazards: which zones a place lies in, as classes where classes were published, and what is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Hazard(StrEnum):
    """What a zone or a shelter's designation is about."""

    FLOOD = "flood"
    LANDSLIDE = "landslide"
    SURGE = "surge"
    TSUNAMI = "tsunami"
    INLAND = "inland"


class Scale(StrEnum):
    """Of which flood a zone speaks: 計画規模 or 想定最大規模."""

    PLANNED = "planned"
    MAXIMUM = "maximum"


class Known(StrEnum):
    """What loaded data say about one place; nothing loaded is never the same as outside."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, order=True)
class Depth:
    """A class of water depth in metres as published; *high* is None where the class is open-ended."""

    low: float
    high: float | None
    exact: float | None = None
    """Metres, only where the data has metres."""

    @property
    def reckoned(self) -> float:
        """Give the depth to reckon with, in metres: the upper end of the class; inf where it is open-ended."""
        if self.exact is not None:
            return self.exact
        return math.inf if self.high is None else self.high


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A class of how long water stays, in hours; *high* is None where it is open-ended."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Zone:
    """One published zone that covers a place."""

    hazard: Hazard
    kind: str
    """`depth`, `duration`, `collapse` or `landslide`."""
    scale: Scale | None = None
    depth: Depth | None = None
    hours: Hours | None = None
    collapse: str | None = None
    """`flow` (氾濫流) or `bank` (河岸侵食)."""
    special: bool = False
    """True for 特別警戒区域, designated or about to be."""
    phenomenon: str | None = None
    river: str | None = None
    rank: int | None = None
    """The publisher's class; None where the file leaves it empty, which is not known and not shallow."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Danger:
    """One hazard at one place, put together from its zones."""

    hazard: Hazard
    known: Known
    planned: Depth | None = None
    maximum: Depth | None = None
    hours: Hours | None = None
    collapse: tuple[str, ...] = ()
    special: bool = False
    phenomena: tuple[str, ...] = ()
    rivers: tuple[str, ...] = ()
    """Rivers whose published zones cover the place; where outside, those whose zones were looked at."""
    depth_unknown: bool = False
    """True where a covering zone has no depth class: reckon with the worst."""
    duration_known: bool = False
    collapse_known: bool = False
    """False where no such layer is loaded: then it is not known, not "none"."""
    planned_known: bool = False

    @property
    def inside(self) -> bool:
        """Tell whether a zone of this hazard covers the place."""
        return self.known is Known.INSIDE

    @property
    def reckoned(self) -> float:
        """Give the depth to reckon with in metres (upper ends, worst scale); inf where a zone's depth is not known."""
        if self.depth_unknown:
            return math.inf
        return max((d.reckoned for d in (self.planned, self.maximum) if d is not None), default=0.0)
