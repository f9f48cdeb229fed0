"""Rounds (重点確認箇所の見回り): the town's own list of places to look at, and who looked when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from disaster_hub.terms.place import LonLat

UNDO_WITHIN = timedelta(minutes=1)
"""How long a tick can be taken back; the trace of both stays."""


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """One place of the list as it stands now; every version of it is kept."""

    id: str
    name: str
    spot: LonLat
    look_at: str
    """What to look at: 橋脚の流木、側溝のつまり."""
    goes: str
    """The department or the account that goes there."""
    every_min: int
    """Minutes between two looks."""
    from_level: int = 2
    """The official level from which on it is looked at; below it, it rests."""
    turn: int = 0
    """Its place in the order of the round."""
    photo_wanted: bool = False
    closed_at: datetime | None = None
    """Set where the town took it off its list."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a check point."""

    id: str
    """Random, made on the phone: sent twice, it is one."""
    point: str
    seen_at: datetime
    """When it was *seen*, not when the phone found the network again."""
    received_at: datetime
    who: str
    fine: bool
    """True: nothing unusual (異常なし)."""
    said: str = ""
    spot: LonLat | None = None
    """Where the phone was; None where it did not say."""
    photo: str = ""
    report: str = ""
    """The report that was made of it, where something was wrong."""
    undone: bool = False


class Due(StrEnum):
    """How a check point stands; the first of these comes first on the list."""

    NEVER = "never"
    """Nobody has looked yet: not known, which is not fine."""
    OVERDUE = "overdue"
    ODD = "odd"
    """Something was wrong at the last look, which is not old."""
    SEEN = "seen"
    RESTING = "resting"
    """No round at this level."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One check point, the last look at it, and when the next is due."""

    point: CheckPoint
    due: Due
    last: Look | None
    next_at: datetime | None = None
