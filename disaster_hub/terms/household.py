"""Households and their plans: who lives where, where they will go, what they do at which level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from disaster_hub.terms.place import LonLat


class Structure(StrEnum):
    """What the house is built of."""

    WOOD = "wood"
    STEEL = "steel"
    CONCRETE = "concrete"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """How the household goes."""

    FOOT = "foot"
    WHEELCHAIR = "wheelchair"
    CAR = "car"


class Need(StrEnum):
    """What decides which steps and how much time a household needs; nothing more is asked."""

    INFANT = "infant"
    CHILD = "child"
    ELDER = "elder"
    CARE = "care"
    PREGNANT = "pregnant"
    PET = "pet"
    CAR = "car"
    MEDICINE = "medicine"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Home:
    """One home: the confirmed point, its address in words, its house."""

    spot: LonLat
    address: str = ""
    storeys: int = 1
    floor: int = 1
    """The floor on which the household lives; 1 is the ground floor."""
    structure: Structure = Structure.UNKNOWN


@dataclass(frozen=True, slots=True)
class Household:
    """Who goes, and how fast the slowest of them is."""

    people: int = 1
    needs: frozenset[Need] = frozenset()
    mode: Mode = Mode.FOOT
    ten_minutes_m: int | None = None
    """How far the slowest member gets in ten minutes, metres; None is not known: the slowest is reckoned with."""
    stairs: bool = True
    """True where everybody can climb stairs."""
    pram: bool = False
    prepare_min: int = 30
    """From deciding to leaving the door, minutes."""
    endure_hours: int | None = None
    """For how long water, food, medicine and power last at home; None is not known."""


class Kind(StrEnum):
    """Where a household goes."""

    SHELTER = "shelter"
    RELATIVES = "relatives"
    UPSTAIRS = "upstairs"


@dataclass(frozen=True, slots=True)
class Destination:
    """One place to go; a shelter by its id, relatives by a name and, where they said it, a point."""

    kind: Kind
    shelter: str | None = None
    name: str = ""
    spot: LonLat | None = None
    upper_floors: bool = False
    """True where only its upper floors stay dry, which is said wherever it is named."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A My-Timeline: everything the household chose; frozen, and every change is a new version."""

    home: Home
    household: Household = field(default_factory=Household)
    first: Destination | None = None
    second: Destination | None = None
    leave_level: int = 3
    """3 or 4, never 5."""
    steps: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Level (1 to 5) → ids of the town's choices (`timelines.steps`); at 5 only what remains."""
    own_words: Mapping[int, str] = field(default_factory=dict)
    """Level → free text."""
    made_for: str = "self"
    """`self` or `parent` (made by family for somebody far away)."""
    seen_by: frozenset[str] = frozenset()
    """Who may see this household's 安否: `family`, `neighbours`; nobody unless chosen."""
    helper: str = ""
    """Who helps, in the household's own words; empty is nobody."""
    language: str = "ja"
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One saved version of a plan."""

    household: str
    """Random id; says nothing about anybody."""
    number: int
    at: datetime
    plan: Plan


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer from a phone, with the time and place at which it was given, not at which it arrived."""

    id: str
    """Random, made on the phone: the same answer sent twice is one."""
    word: str
    """`received` (a test arrived), `left`, `arrived`, `help` or `staying`."""
    given_at: datetime
    spot: LonLat | None = None
    about: str = ""
    """Key of the notice that it answers; empty where it answers none."""
