"""Findings: what one file or answer turned out to hold, whole or in part, with what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.bulletin import Bulletin
from disaster_hub.terms.observation import Observation, Station


class Kind(StrEnum):
    """What a file is."""

    TELEGRAM = "telegram"
    FEED = "feed"
    RIVER = "river"
    UPLINK = "uplink"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a feed: *id* is the telegram's address."""

    id: str
    title: str
    updated: datetime
    office: str
    content: str


@dataclass(frozen=True, slots=True)
class Uplink:
    """The envelope of one device message: who, when the network heard it, which port, which bytes."""

    device: str
    """DevEUI in lower case, or the plain-JSON device id."""
    network: str
    """`chirpstack`, `ttn` or `plain`."""
    received_at: datetime
    f_cnt: int | None
    f_port: int | None
    payload: bytes


@dataclass(frozen=True, slots=True)
class Findings:
    """What one file holds; *problems* each name an element, field or offset, empty when all was understood."""

    kind: Kind | None
    title: str | None = None
    updated: datetime | None = None
    """A feed's own time of making."""
    bulletin: Bulletin | None = None
    stations: tuple[Station, ...] = field(default_factory=tuple)
    observations: tuple[Observation, ...] = field(default_factory=tuple)
    series: tuple[tuple[Station, tuple[Observation, ...]], ...] = field(default_factory=tuple)
    """Each of *stations* with those of *observations* that its source put beside it: JMA's samples give one
    code to several stations."""
    entries: tuple[Entry, ...] = field(default_factory=tuple)
    uplink: Uplink | None = None
    problems: tuple[str, ...] = field(default_factory=tuple)
