"""Drafts of what the city is about to say: one officer writes, another approves, and soon they are too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.alert import AlertKind, Status
from disaster_hub.terms.decision import DRAWN, EvacuationArea
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.world import WorldKind


class DraftState(StrEnum):
    """What became of a draft; too old is none of these, the clock alone says it."""

    DRAFTED = "drafted"
    ALONE_FIRST = "alone_first"
    """Its author is alone and has confirmed it once."""
    SENT_BACK = "sent_back"
    """By an approver, or taken back by its author."""
    APPROVED = "approved"


class Whom(StrEnum):
    """Which homes inside the areas a draft is for."""

    ALL = "all"
    HAZARD = "hazard"
    """Those that lie in a zone of its hazard."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft as it stands."""

    id: str
    status: Status
    world: WorldKind
    kind: AlertKind
    areas: tuple[str, ...]
    """Codes of evacuation areas; of an update the ones of the alert that it speaks of."""
    area_name: str
    """What the approver types: 「北部・東部」."""
    author: str
    made_at: datetime
    expires_at: datetime
    """From then on nobody can approve it any more."""
    level: int | None = None
    """Of an order; of a lift the highest that it ends."""
    hazard: Hazard | None = None
    whom: Whom = Whom.ALL
    note: str = ""
    """What the officer says beside the words of the template; goes out."""
    why: str = ""
    """In one sentence; goes into the log and into every message."""
    decisions: tuple[str, ...] = ()
    """Ids of the proposals that it answers."""
    earlier: str = ""
    """Id of the alert that an update corrects."""
    state: DraftState = DraftState.DRAFTED
    version: int = 1
    approver: str = ""
    reason: str = ""
    """Why it was sent back, or why one officer sent it alone."""
    alone_at: datetime | None = None
    """By the wall's clock: when one officer alone confirmed it for the first time."""
    decided_at: datetime | None = None
    issued: tuple[str, ...] = ()
    """Ids of the decisions that it put in force."""
    ended: tuple[str, ...] = ()
    """Ids of the orders that it took the place of, or lifted."""
    alert: str = ""
    """Id of the alert that it became; empty before."""
    seen_by: str = ""
    """The approver who has looked at what one officer sent alone; empty: nobody yet."""

    drawn: BaseGeometry | None = None
    """Lon/lat: what its author drew on the map, an area of its own beside those that the town has loaded."""
    drawn_name: str = ""
    """As the author named it."""
    leave_levels: tuple[int, ...] = ()
    """Only plans that leave at one of these levels; none: all."""
    needs: tuple[Need, ...] = ()
    """Only households with one of these; none: all."""

    @property
    def drawn_area(self) -> EvacuationArea | None:
        """Give what was drawn as an area; None where nothing was."""
        if self.drawn is None:
            return None
        hazards = frozenset() if self.hazard is None else frozenset({self.hazard})
        return EvacuationArea(f"{DRAWN}{self.id}", self.drawn_name, self.drawn, hazards)

    @property
    def open(self) -> bool:
        """Tell whether it still waits for somebody; whether there is time left is another question."""
        return self.state in {DraftState.DRAFTED, DraftState.ALONE_FIRST}

    @property
    def alone(self) -> bool:
        """Tell whether it went out on the word of one officer."""
        return self.state is DraftState.APPROVED and self.approver == self.author

    def expired(self, now: datetime) -> bool:
        """Tell whether it waited for too long; from then on it says what once was."""
        return self.open and now >= self.expires_at
