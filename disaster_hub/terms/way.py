"""Ways: from a door to a place that stays dry, and the latest minute to set out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination
from disaster_hub.terms.place import LonLat


class ShelterState(StrEnum):
    """What the city says of a shelter now."""

    OPEN = "open"
    FILLING = "filling"
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Shelter:
    """One designated place; *state* None is not known, which is neither open nor closed."""

    id: str
    name: str
    spot: LonLat
    designated: frozenset[Hazard]
    """The hazards it is designated for; an empty flag is not designated."""
    emergency: bool = True
    """True for 指定緊急避難場所; a mere 指定避難所 is for staying, not for escaping."""
    state: ShelterState | None = None
    address: str = ""
    floors: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the list of turns."""

    go: str
    """`start`, `straight`, `left`, `right`, `slight_left`, `slight_right`, `back`, `stairs`, `bridge`, `arrive`."""
    street: str
    metres: float


@dataclass(frozen=True, slots=True)
class Flooding:
    """Where a way floods first: the link, its street, and minutes after the danger level (negative: from then on)."""

    link: str
    street: str
    spot: LonLat
    after_min: float | None
    """Minutes after 氾濫危険水位; 0 where the whole zone counts as wet from then on; None where by level."""
    at: datetime | None = None
    """The same as a time, where an official forecast or reading gives one."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way on foot, by wheelchair or by car."""

    links: tuple[str, ...]
    line: tuple[tuple[float, float], ...]
    """Lon/lat points from the start to the end, the bits to and from the road included."""
    metres: float
    minutes: float
    """At the household's own speed, everything reckoned in."""
    turns: tuple[Turn, ...] = ()
    floods: Flooding | None = None
    slack_s: float | None = None
    """Latest set-out, seconds after the water's zero hour (`Water.zero`); None where the way never gets wet."""


class Basis(StrEnum):
    """From what the water's zero hour is known."""

    UNKNOWN = "unknown"
    FORECAST = "forecast"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Water:
    """What officials say about one governed area's water: the minute from which its zones flood.

    *zero* is when 氾濫危険水位 is reached or officially forecast to be, read pessimistically; for landslide, inland
    and surge zones when level 3 came into force. None: nobody has said it, and no minute is invented.
    """

    hazard: Hazard
    area: str
    zero: datetime | None = None
    basis: Basis = Basis.UNKNOWN
    issuer: str = ""
    issued_at: datetime | None = None
    gauge: str = ""
    gauge_name: str = ""
    level: int | None = None
    """The official level in force for this hazard; None is not known."""
    stale: bool = False


class Word(StrEnum):
    """What to do, in one word; the screen and the messages put it into a sentence."""

    LEAVE_BY = "leave_by"
    LEAVE_NOW = "leave_now"
    LEAVE_AT_LEVEL = "leave_at_level"
    GO_UP = "go_up"
    STAY = "stay"
    NO_WAY_KNOWN = "no_way_known"
    """No roads are loaded: no way and no minute can be reckoned."""


@dataclass(frozen=True, slots=True)
class LeaveBy:
    """When this household must leave, and everything that was assumed."""

    word: Word
    at: datetime | None = None
    """The latest safe minute to walk out of the door, rounded down."""
    level: int | None = None
    """The level at which to leave where no minute is known."""
    water: Water | None = None
    """Whose word the minute rests on."""
    assumptions: tuple[tuple[str, str], ...] = ()
    """(phrase key, value) pairs, such as ("speed", "0.5")."""
    until: datetime | None = None
    """The minute after which the word is no longer to go out but up; None where nobody has said it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One place to go with its way, or why it is none."""

    destination: Destination
    way: Way | None
    state: ShelterState | None = None
    why_not: tuple[str, ...] = ()
    """Of `not_designated`, `not_emergency`, `in_zone`, `closed`, `full`, `no_way`, `no_dry_way`; none: it fits."""
    notes: tuple[str, ...] = ()
    """`upper_floors`, `state_not_known`, `zones_not_loaded`, `roads_not_loaded`, `filling`."""


@dataclass(frozen=True, slots=True)
class Upstairs:
    """Whether staying upstairs (屋内安全確保) is allowed: all three conditions must hold and be known."""

    allowed: bool
    collapse_ok: bool | None
    above_water: bool | None
    endures: bool | None
    other_hazard: bool = False
    """True where landslide or tsunami forbids it whatever the water does."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands before one household now: where to go, how, and until when."""

    first: Choice | None
    second: Choice | None
    others: tuple[Choice, ...]
    upstairs: Upstairs
    leave: LeaveBy
    hazards: tuple[Hazard, ...]
    """The hazards that count for this home, the ones it lies in; several must all be fit for."""
    digest: str = ""
    """Same digest, same outlook: byte for byte."""
