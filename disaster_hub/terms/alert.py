"""Alerts: what is said to which households, why it came or did not, and what each of them is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.way import Turn, Word
from disaster_hub.terms.world import WorldKind


class AlertKind(StrEnum):
    """What an alert is."""

    ORDER = "order"
    """避難情報 of the city: level 3, 4 or 5; two people have said it."""
    LIFT = "lift"
    """解除: an order ends; it is no cancel."""
    AUTOMATIC = "automatic"
    """The town's own rule over official levels or gauges; no order of the city."""
    CALM = "calm"
    """What an automatic one spoke of is over."""
    UPDATE = "update"
    """訂正: other words for those who got the earlier one."""
    CANCEL = "cancel"
    """取消: the earlier one was wrong; to exactly those who got it, first."""
    INFORMATION = "information"
    """お知らせ without a level."""
    HELPER = "helper"
    """To the helper whom a household named: no answer yet from them."""


class AlertState(StrEnum):
    """How far an alert has come."""

    SPREADING = "spreading"
    """Its households are being chosen, part by part."""
    SPREAD = "spread"
    CANCELLED = "cancelled"
    """A later one took it back; what was still waiting never goes."""


class Status(StrEnum):
    """What an officer must choose for every draft; there is no default."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an alert is for; everything that is set must hold."""

    shape: BaseGeometry | None = None
    """Lon/lat; None is everybody in this hub."""
    hazards: frozenset[Hazard] = frozenset()
    """The home lies in a zone of one of these; none: all homes."""
    leave_levels: frozenset[int] = frozenset()
    """Plans that leave at one of these levels; none: all."""
    needs: frozenset[Need] = frozenset()
    """Households with one of these; none: all."""
    same_as: str = ""
    """Exactly those to whom this earlier alert went, on the same channels; nothing else counts then."""
    households: tuple[str, ...] = ()
    """Exactly these; nothing else counts then."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it was decided; frozen, and whatever comes after it is another one."""

    id: str
    world: WorldKind
    kind: AlertKind
    areas: tuple[str, ...]
    """Codes of evacuation areas, or of the municipality, river or gauge that a rule speaks of."""
    area_name: str
    """As it is read aloud: 「北部・東部」."""
    audience: Audience
    issuer: str
    """Who says so: the city, or the office whose word an automatic one passes on."""
    why: str
    """In one sentence, without anything personal."""
    decided_at: datetime
    expires_at: datetime
    """Nothing of it is sent from then on."""
    urgency: int
    """9 goes before 1; a cancel is 9, level 5 is 8, level 4 is 7, level 3 is 6."""
    level: int | None = None
    """Of an order 3 to 5; of an automatic one the official level that it passes on."""
    hazard: Hazard | None = None
    note: str = ""
    """What the officer added, in Japanese; shown after our own words, never instead."""
    revision: int = 1
    earlier: str = ""
    """Id of the alert that this one updates, cancels, lifts or calms."""
    author: str = ""
    approver: str = ""
    rule: str = ""
    """`name@version` of the automatic rule; empty where people decided."""
    evidence: str = ""
    """What it rests on: the telegram, the crossing, the decisions (ids, separated by spaces)."""
    city_order: int | None = None
    """The highest order of the city in force in the areas when it was decided; None: there is none, and it is said."""
    state: AlertState = AlertState.SPREADING


@dataclass(frozen=True, slots=True)
class Brief:
    """What messages need of one household's plan and outlook, and no more; kept sealed, frozen with each alert."""

    version: int
    """Of the plan."""
    language: str
    word: Word
    leave_at: datetime | None = None
    """The latest safe minute to walk out of the door; None where nobody can say it."""
    leave_level: int = 3
    place: str = ""
    """Name of where they go; empty where they stay upstairs or no place is known."""
    upper_floors: bool = False
    turns: tuple[Turn, ...] = ()
    """The first few of the way, for line 3."""
    metres: float = 0.0
    minutes: float = 0.0
    hazards: tuple[Hazard, ...] = ()
    """The zones that the home lies in."""
    needs: tuple[Need, ...] = ()
    people: int = 1
    helper: bool = False
    """True where the household named a helper."""
    until: datetime | None = None
    """From then on the word is up, not out."""
    upstairs_ok: bool | None = None
    """Whether staying upstairs is allowed; None is not known."""
    cause: str = ""
    """Digest of the state in which it was reckoned (`planning.cause`)."""
    storeys: int = 0
    """Floors of the home, for "up to floor 2"; 0 is not known: then the highest place in the house is named."""
    unknown: tuple[Hazard, ...] = ()
    """Hazards of which nobody has loaded a zone around here: whoever is not known to be outside is told too."""
    unsure: bool = False
    """True where *until* was reckoned in another state: it still turns the word, and nobody is told it."""


class Because(StrEnum):
    """Why an alert came to a household, or why it did not."""

    CHOSEN = "chosen"
    """It went out on every confirmed channel."""
    NO_CHANNEL = "no_channel"
    """Chosen, but nobody there has confirmed any channel: on the board at once."""
    HAZARD = "hazard"
    """The home lies in no zone of the hazards that it is for."""
    PLAN_LEVEL = "plan_level"
    NEEDS = "needs"
    UNREADABLE = "unreadable"
    """The plan cannot be opened any more."""
    NO_PLAN = "no_plan"
    """A household without a saved plan: no place to reckon with."""
    DOUBLE = "double"
    """The same was told already by another alert in force (same or higher level, same hazard)."""
    OUTSIDE = "outside"
    """Never written: whoever has no row was outside the shape (kept with the alert) or had no plan yet."""


@dataclass(frozen=True, slots=True)
class Told:
    """One household that an alert was held against."""

    alert: str
    household: str
    because: Because
    version: int
    """Of the plan that was looked at."""
    sealed: bytes | None = None
    """The brief as it was, sealed by the household's key."""
    token: bytes | None = None
    """SHA-256 of what opens the answer page."""
    at: datetime | None = None
    """When it was found so; a household that confirms a channel later is looked at again."""


@dataclass(frozen=True, slots=True)
class AlertAnswer:
    """What a household said to an alert; the newest by *given_at* counts."""

    id: str
    alert: str
    household: str
    word: str
    """`left`, `arrived`, `help` or `staying`."""
    given_at: datetime
    received_at: datetime
    via: str
    """`link`, `plan`, `line`, `mail`, `sms`, `leader`, `desk`."""
