"""Observations: one value of one station at one time; observed and forecast never mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.quantity import Quality


class Basis(StrEnum):
    """Whether a value was seen or is expected by its issuer."""

    OBSERVED = "observed"
    FORECAST = "forecast"


class StationKind(StrEnum):
    """What stands at a station, as the map draws it."""

    RIVER = "river"
    SENSOR = "sensor"
    RAIN = "rain"
    TIDE = "tide"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value: *station* is a gauge code or a device id, *at* aware UTC, *value* in the house unit."""

    station: str
    quantity: str
    at: datetime
    value: float | None
    unit: str
    quality: Quality = Quality.OK
    basis: Basis = Basis.OBSERVED
    issued_at: datetime | None = None
    """When a forecast was issued; None for what was observed."""


@dataclass(frozen=True, slots=True)
class Station:
    """A gauge as its source describes it; *thresholds* in metres or m3/s, in the source's own words."""

    id: str
    name: str
    kind: StationKind = StationKind.RIVER
    lon: float | None = None
    lat: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    quantity: str = "water_level"
    town: str | None = None
    """5-digit municipality code where the source says so."""
    river: str | None = None
    """12-digit forecast area that the station belongs to, where the source says so."""
