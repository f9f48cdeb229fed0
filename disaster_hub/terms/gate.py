"""The gate before residents' reports: open while it is dangerous, or while the headquarters says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

OPENS_AT_LEVEL = 3


@dataclass(frozen=True, slots=True)
class GateWord:
    """The headquarters' newest word on the gate."""

    opened: bool
    at: datetime
    until: datetime | None
    """The end of an opening; there is always one."""
    who: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether residents' reports are taken now, and why."""

    open: bool
    by_level: int | None
    """The official level that holds it open; None where no level does."""
    place: str = ""
    """Where that level is in force."""
    word: GateWord | None = None
    """The headquarters' word where that holds it open."""
