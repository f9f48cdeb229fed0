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


KIND_NAMES = {
    ReportKind.FLOODED_ROAD: "道路冠水",
    ReportKind.BLOCKED_ROAD: "道路通行不可",
    ReportKind.FLOODED_HOUSE: "家屋浸水",
    ReportKind.LANDSLIDE: "土砂崩れ",
    ReportKind.LEVEE: "堤防・河川の異常",
    ReportKind.RESCUE: "救助要請",
    ReportKind.FIRE: "火災",
    ReportKind.POWER: "停電",
    ReportKind.WATER_SUPPLY: "断水",
    ReportKind.DAMAGE: "建物・設備の被害",
    ReportKind.OTHER: "その他",
}
"""What the desk calls each kind."""
STATE_NAMES = {
    ReportState.RECEIVED: "受付",
    ReportState.CONFIRMED: "確認済",
    ReportState.WORKING: "対応中",
    ReportState.DONE: "対応済",
    ReportState.CLOSED: "終了",
    ReportState.JOINED: "他の報告と同じ",
    ReportState.MISTAKEN: "誤報",
}
SOURCE_NAMES = {
    ReportSource.CALL: "電話",
    ReportSource.FIELD: "現場",
    ReportSource.DEPARTMENT: "各部",
    ReportSource.LEADER: "自主防災組織",
    ReportSource.RESIDENT: "住民",
}
URGENT = frozenset(
    {ReportKind.RESCUE, ReportKind.FIRE, ReportKind.LANDSLIDE, ReportKind.LEVEE, ReportKind.FLOODED_HOUSE}
)
"""Kinds where somebody may be in danger."""
ROAD_KINDS = frozenset({ReportKind.FLOODED_ROAD, ReportKind.BLOCKED_ROAD, ReportKind.LANDSLIDE})
"""Kinds for which a road may have to be closed."""
_FAMILIES = (
    frozenset({ReportKind.FLOODED_ROAD, ReportKind.BLOCKED_ROAD}),
    frozenset({ReportKind.FLOODED_ROAD, ReportKind.FLOODED_HOUSE}),
    frozenset({ReportKind.BLOCKED_ROAD, ReportKind.LANDSLIDE}),
    frozenset({ReportKind.LEVEE, ReportKind.FLOODED_HOUSE}),
)


def akin(kind: ReportKind) -> frozenset[ReportKind]:
    """Give the kinds by whose names two callers may speak of one and the same thing."""
    return frozenset({kind}).union(*(family for family in _FAMILIES if kind in family))


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
    accuracy_m: float | None = None
    """How far off the phone thought its position to be; None where a person pointed at the place."""

    @property
    def line(self) -> str:
        """Give the one line by which the room's log and its people know it; no free text is in it."""
        place = f" {self.place}" if self.place else ""
        return f"報告{self.number} {KIND_NAMES[self.kind]}{place}（{SOURCE_NAMES[self.source]}）"
