"""Bulletins: what an office said, as it said it; whether it is in force is judged in `rules`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Control/Status of a telegram: 通常, 訓練, 試験."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class InfoType(StrEnum):
    """Head/InfoType of a telegram: 発表, 訂正, 遅延, 取消."""

    ISSUE = "issue"
    CORRECTION = "correction"
    DELAY = "delay"
    CANCEL = "cancel"


class Hazard(StrEnum):
    """What a warning warns of."""

    RAIN = "rain"
    FLOOD = "flood"
    LANDSLIDE = "landslide"
    SURGE = "surge"
    WIND = "wind"
    BLIZZARD = "blizzard"
    WAVE = "wave"
    SNOW = "snow"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AreaWarning:
    """One kind of warning for one municipality (7-digit *area*), level 1 to 5 or None."""

    area: str
    area_name: str
    hazard: Hazard
    code: str
    name: str
    level: int | None
    active: bool
    change: str
    """Kind/Status as written."""


@dataclass(frozen=True, slots=True)
class RiverWarning:
    """One flood forecast area (12-digit *area*); *name* is the kind's."""

    area: str
    area_name: str
    code: str
    name: str
    level: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One telegram: its envelope and, for the types that are read, what its body says."""

    type: str | None
    """`VPWW55`, `VXKO`, `VXWW50` …; None where only the envelope is read."""
    title: str
    status: Status
    info_type: InfoType
    office: str
    reported_at: datetime
    sent_at: datetime
    """Control/DateTime: the last word in ordering, since a correction repeats ReportDateTime and Serial."""
    event_id: str | None
    serial: str | None
    headline: str
    head_title: str = ""
    valid_until: datetime | None = None
    warnings: tuple[AreaWarning, ...] = field(default_factory=tuple)
    rivers: tuple[RiverWarning, ...] = field(default_factory=tuple)
