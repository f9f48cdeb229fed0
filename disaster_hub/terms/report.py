"""Reports (被害・状況報告): what somebody saw, where it was seen, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.place import LonLat


class ReportKind(StrEnum):
    """What was seen."""

    FLOODED_ROAD = "flooded_road"
    BLOCKED_ROAD = "blocked_road"
    """Fallen trees, a broken surface, a collapsed bridge."""
    FLOODED_HOUSE = "flooded_house"
    LANDSLIDE = "landslide"
    LEVEE = "levee"
    """Overflow, leaking or anything odd at a levee."""
    RESCUE = "rescue"
    FIRE = "fire"
    POWER = "power"
    WATER_SUPPLY = "water_supply"
    DAMAGE = "damage"
    OTHER = "other"


class ReportState(StrEnum):
    """From received to closed."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    WORKING = "working"
    DONE = "done"
    CLOSED = "closed"
    JOINED = "joined"
    """The same thing as another report, which goes on."""
    MISTAKEN = "mistaken"


class ReportSource(StrEnum):
    """Who told us."""

    CALL = "call"
    FIELD = "field"
    DEPARTMENT = "department"
    LEADER = "leader"
    RESIDENT = "resident"


OPEN_STATES = frozenset({ReportState.RECEIVED, ReportState.CONFIRMED, ReportState.WORKING})


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it stands now; every change of it is a row of the journal."""

    id: str
    """Random, made where the report was made: sent twice, it is one."""
    number: int
    """Short, for people to say aloud."""
    kind: ReportKind
    state: ReportState
    source: ReportSource
    spot: LonLat
    """Where it was *seen*, not where the phone was when it found the network again."""
    place: str
    """The same in words."""
    said: str
    """Free text without names or numbers of persons; those go to *person*."""
    seen_at: datetime
    received_at: datetime
    who: str
    """The account that entered it; `resident` where it came through the gate."""
    department: str = ""
    joined_to: str = ""
    version: int = 1
    """The version that was edited must be given back: a second editor is told."""
    person: str = ""
    """Random id of sealed personal data (caller's name, number); deletion empties it."""
    photos: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Road links (way/segment) that are closed because of it."""
    changed_at: datetime | None = None
