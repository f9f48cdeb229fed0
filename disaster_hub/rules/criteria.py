"""The town's own criteria for its evacuation orders, as data: which conditions, for which areas, for which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.report import ReportKind

STAGES = ("警戒体制", "第1次配備", "第2次配備", "第3次配備")
"""配備体制 of a town that has not written down its own."""


@dataclass(frozen=True, slots=True)
class LevelReached:
    """An office's own word: the official level of an area has come to *level*."""

    area: str
    """12-digit forecast area or 7-digit municipality."""
    hazard: str
    """JMA's hazard (`rain`, `flood`, `landslide`, `surge`, `tsunami`); empty for the highest of all."""
    level: int


@dataclass(frozen=True, slots=True)
class GaugeReached:
    """A gauge stands at or above a threshold, and rises where the town says so."""

    station: str
    mark: str | float
    """A threshold's name at its source (`judgement`, `danger` …), or a number in the gauge's unit."""
    rising: float | None = None
    """At least so much higher than 60 minutes ago."""
    near: float | None = None
    """So far below the mark is near; None takes the house's margin."""


@dataclass(frozen=True, slots=True)
class ForecastReached:
    """The official forecast of a gauge comes to a threshold within some hours."""

    station: str
    mark: str | float
    hours: float
    area: str = ""
    """Forecast area: while its office says level 0, no forecast is nothing unknown."""
    error: float = 0.0
    """What the issuer states as the forecast's error; it is added, never taken off."""
    near: float | None = None


@dataclass(frozen=True, slots=True)
class RainFallen:
    """So much rain has fallen at a gauge within some hours."""

    station: str
    mm: float
    hours: float
    near: float | None = None


@dataclass(frozen=True, slots=True)
class SensorSays:
    """One of the city's own devices stands at one of the city's own two thresholds."""

    station: str
    state: Judgement = Judgement.MET


@dataclass(frozen=True, slots=True)
class ReportConfirmed:
    """Somebody saw it and the headquarters confirmed it."""

    kind: ReportKind
    anywhere: bool = False
    """True counts a report anywhere in the city, else within the area or *metres* of it."""
    metres: float = 500.0
    hours: float = 24.0


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """The clock stands between two times of day: so an order can come before the dark does."""

    begins: time
    ends: time


Condition = LevelReached | GaugeReached | ForecastReached | RainFallen | SensorSays | ReportConfirmed | TimeOfDay


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which every one must be met, or any one."""

    every: bool
    members: tuple[Condition | Group, ...]

    def conditions(self) -> Iterator[Condition]:
        """Give every condition in here, in the order in which they are written."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.conditions()
            else:
                yield member


@dataclass(frozen=True, slots=True)
class Criterion:
    """When the town means to issue one order for some of its areas."""

    id: str
    order: int
    """3 高齢者等避難, 4 避難指示, 5 緊急安全確保."""
    hazard: Hazard
    title: str
    areas: tuple[str, ...]
    """Codes of evacuation areas; empty stands for every area that this hazard can reach."""
    rule: Group
    note: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Everything that one version of the town's criteria says."""

    criteria: tuple[Criterion, ...]
    stages: tuple[str, ...] = STAGES
