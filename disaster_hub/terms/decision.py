"""Decisions: what the town's own criteria say, by which minute to decide, what was decided, and for how many people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement

DELIVERY_MIN = 5
"""From the order to the moment at which a household knows it; our own, to be measured when alerts are sent."""


DRAWN = "drawn-"
"""What the code of an area begins with that an officer drew for one draft, and that no town has loaded."""


def is_drawn(code: str) -> bool:
    """Tell whether an area was drawn for a draft: its code means nothing to anybody else's program."""
    return code.startswith(DRAWN)


@dataclass(frozen=True, slots=True)
class EvacuationArea:
    """One area (避難区域) that an order can name, as the town has drawn it or listed its blocks."""

    code: str
    name: str
    shape: BaseGeometry | None
    """Lon/lat; None where the town listed blocks of which no shape is loaded."""
    hazards: frozenset[Hazard]
    day_min: int | None = None
    """Minutes that the town reckons its people need from order to safety, by day; None: it has not said."""
    night_min: int | None = None
    blocks: tuple[str, ...] = ()
    """The 町丁目 that the town listed; none where it drew the area."""
    approximate: bool = False
    """True where the shape was put together from the points of its blocks, and is not the town's own line."""


@dataclass(frozen=True, slots=True)
class Affected:
    """How many live in an area: from plans, and from the statistics that the town loaded; None is not known."""

    plans: int
    """Homes with a plan inside."""
    planned_people: int
    """The people of those plans."""
    households: int | None = None
    people: int | None = None
    elderly: int | None = None
    """75 and more."""
    as_of: date | None = None
    """Of the statistics."""
    partly: bool = False
    """True where only part of the area has statistics: the numbers are at least these."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of a criterion and how it stands, in words that an officer checks against the town's own plan."""

    text: str
    verdict: Judgement
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """How one of the town's criteria stands for one evacuation area."""

    criterion: str
    order: int
    """3 高齢者等避難, 4 避難指示, 5 緊急安全確保."""
    hazard: Hazard
    area: str
    area_name: str
    verdict: Judgement
    reasons: tuple[Reason, ...]
    since: datetime | None = None
    title: str = ""
    """Of the criterion, in the town's words."""


class DecideByBasis(StrEnum):
    """On whose times the minute rests."""

    PLANS = "plans"
    CITY = "city"
    """The evacuation time that the city set for the area."""
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class DecideBy:
    """The latest minute to issue so that the slowest household still arrives dry; *at* None: nobody can say it."""

    area: str
    hazard: Hazard
    at: datetime | None
    basis: DecideByBasis
    night: bool
    zero: datetime | None = None
    """When the water begins, by official word alone."""
    issuer: str = ""
    why: str = ""
    """In words: whose time, which water, or why no minute can be said."""
    homes: int = 0
    """Homes with a plan that must go."""
    late: int = 0
    """Homes that would not arrive dry if the order came now."""
    slowest: tuple[tuple[str, datetime], ...] = ()
    """Random household id and its own latest minute, the tightest first; names stand behind another door."""


class DecisionState(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    WAITING = "waiting"
    """Looked at, not yet: it comes back at a time."""
    DRAFTED = "drafted"
    """One officer says it was issued; another has not confirmed."""
    ISSUED = "issued"
    DECLINED = "declined"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Decision:
    """One proposal for one area and what people made of it; the system proposes, people issue."""

    id: str
    order: int
    hazard: Hazard
    area: str
    area_name: str
    state: DecisionState
    opened_at: datetime
    because: str
    """The criterion and its reasons at that moment; `hand` where an officer began it."""
    who: str = ""
    approver: str = ""
    note: str = ""
    decided_at: datetime | None = None
    look_again_at: datetime | None = None
    version: int = 1
    criterion: str = ""
    """Which criterion proposed it; empty where an officer began it."""
    lifting_by: str = ""
    """Who drafted the end (解除) of an issued order; another has not confirmed."""
    ended_at: datetime | None = None
    """When the order was lifted."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the city in force: who said it, confirmed by another, since when."""

    area: str
    area_name: str
    hazard: Hazard
    level: int
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Posture:
    """本部設置 and 配備体制: which stage, since when, who is in."""

    stage: str
    since: datetime
    headquarters: bool
    """True while the 災害対策本部 is set up."""
    present: tuple[str, ...] = ()
    who: str = ""
