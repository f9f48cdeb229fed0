"""What the store holds now, read in one snapshot and put beside what the configuration says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.config import Config, Gauge, Sensor
from disaster_hub.desk import decisions
from disaster_hub.planning.source import official_source
from disaster_hub.rules import water
from disaster_hub.rules.health import SKEW
from disaster_hub.rules.situation import Source
from disaster_hub.rules.water import Own
from disaster_hub.store import journal, levels, observations, places, pulse, shelter_desk, stations, witness
from disaster_hub.store import sensors as registry
from disaster_hub.store.pulse import Heartbeat, SourcePulse
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import local
from disaster_hub.terms.decision import Order
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation, Station, StationKind
from disaster_hub.terms.quantity import QUANTITIES

TREND_SPAN = timedelta(minutes=65)
OWN_SPAN = timedelta(hours=6)
"""How far back the begin of "met since" is looked for."""
DOUBT_SPAN = timedelta(hours=48)
"""A gauge whose last reading is doubted and that is silent since stays doubtful for so long."""
DAY_S = 86_400.0
"""A cheap gauge below its start height may speak once a day (facts.md 4.3)."""
MAIN = {
    StationKind.RAIN: ("rainfall",),
    StationKind.RIVER: ("water_level", "discharge"),
    StationKind.TIDE: ("water_level",),
    StationKind.SENSOR: ("water_level", "rainfall", "distance", "temperature"),
}
"""Which of its quantities a station shows first."""


Latest = Mapping[str, Sequence[Observation]]


@dataclass(frozen=True, slots=True)
class Point:
    """One station with its newest reading, as the map needs it."""

    station: Station
    name_en: str
    source: str
    own: Own
    mine: bool
    """True for the city's own devices."""
    quantity: str
    unit: str
    last: Observation | None
    at: str | None
    trend: str | None
    interval_s: float
    seen: Sequence[Observation]
    """The last hours of the city's own devices, which alone are judged."""
    hour: Sequence[Observation] = ()
    """The last hour of what it shows first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One snapshot of everything the situation is judged from."""

    officials: Mapping[str, Sequence[Official]]
    source: Source
    points: Sequence[Point]
    pulses: Sequence[SourcePulse]
    heartbeats: Sequence[Heartbeat]
    newest: datetime | None
    """The newest reading of all, which may lie in the future where a clock is wrong."""
    places: str
    """Changes when open data was loaded."""
    shelters: str
    """Changes when a shelter's word changed; empty while nobody said anything."""
    desk: int
    """Number of the journal's newest row: changes with whatever anybody did."""
    orders: Sequence[Order] = ()
    """The city's own orders in force, the highest first."""


def read(tx: Transaction, config: Config, now: datetime) -> Facts:
    """Read everything in one snapshot at the world's time *now*."""
    words: dict[str, list[Official]] = {}
    for word in levels.officials(tx):
        words.setdefault(word.area, []).append(word)
    pulses = pulse.sources(tx)
    latest, newest = _newest(tx, now)
    return Facts(
        officials=words,
        source=official_source(config.feeds, pulses),
        points=_points(tx, config, now, latest),
        pulses=pulses,
        heartbeats=pulse.heartbeats(tx),
        newest=newest,
        places=places.stamp(tx),
        shelters=shelter_desk.stamp(tx),
        desk=journal.newest(tx),
        orders=decisions.in_force(tx, config),
    )


def _newest(tx: Transaction, now: datetime) -> tuple[Latest, datetime | None]:
    """Give the newest readings up to now, and the time of the newest of all; the future is shown to nobody."""
    found = observations.latest(tx)
    newest = max((o.at for seen in found.values() for o in seen), default=None)
    if newest is not None and newest > now + SKEW:
        found = observations.latest(tx, now + SKEW)
    return found, newest


def _points(tx: Transaction, config: Config, now: datetime, newest: Latest) -> list[Point]:
    doubts = witness.marks(tx, now - DOUBT_SPAN)
    recent = observations.recent(tx, now - TREND_SPAN)
    devices = registry.current(tx, config.sensors)
    at_work = registry.maintained(tx, now)
    sensors = {sensor.id: sensor for sensor in devices}
    gauges = {gauge.id: gauge for gauge in config.gauges}
    known = {stored.station.id: (stored.station, stored.source) for stored in stations.all_stations(tx)}
    for sensor in devices:
        known[sensor.id] = (_as_station(sensor, known.get(sensor.id)), "mqtt")
    points = []
    for identity, (station, source) in sorted(known.items()):
        own, name_en = _own(station, sensors.get(identity), gauges.get(identity), maintained=identity in at_work)
        placed = _placed(station, gauges.get(identity))
        last = _main(station, witness.marked(newest.get(identity, ()), doubts))
        near = [o for o in recent.get(identity, ()) if last is not None and o.quantity == last.quantity]
        near = witness.marked(near, doubts)
        seen = witness.marked(_hours(tx, sensors.get(identity), last, now), doubts)
        points.append(_point(placed, source, identity in sensors, own, name_en, last, near, seen, config, now))
    return points


def _point(
    station: Station,
    source: str,
    mine: bool,
    own: Own,
    name_en: str,
    last: Observation | None,
    near: Sequence[Observation],
    seen: Sequence[Observation],
    config: Config,
    now: datetime,
) -> Point:
    quantity = last.quantity if last is not None else station.quantity
    level = quantity in {"water_level", "discharge"}
    return Point(
        station=station,
        name_en=name_en,
        source=source,
        own=own,
        mine=mine,
        quantity=quantity,
        unit=last.unit if last is not None else QUANTITIES[quantity].unit if quantity in QUANTITIES else "",
        last=last,
        at=None if last is None else local(last.at, config.city.zone),
        trend=water.trend(near, now) if level else None,
        interval_s=water.expected_interval_s(own, last),
        seen=seen,
        hour=near,
    )


def _hours(tx: Transaction, sensor: Sensor | None, last: Observation | None, now: datetime) -> Sequence[Observation]:
    if sensor is None or last is None or (sensor.met is None and sensor.near is None):
        return ()
    seen = observations.of_station(tx, sensor.id, last.quantity, now - OWN_SPAN)
    return [o for o in seen if o.issued_at is None] or (last,)


def _as_station(sensor: Sensor, stored: tuple[Station, str] | None) -> Station:
    kind = StationKind(sensor.kind)
    thresholds = {name: v for name, v in (("near", sensor.near), ("met", sensor.met)) if v is not None}
    quantity = stored[0].quantity if stored else MAIN[kind][0]
    return Station(sensor.id, sensor.name, kind, sensor.lon, sensor.lat, thresholds, quantity)


def _own(station: Station, sensor: Sensor | None, gauge: Gauge | None, *, maintained: bool) -> tuple[Own, str]:
    if sensor is not None:
        marks = (sensor.start_m, sensor.near, sensor.met)
        own = Own(sensor.interval_s, sensor.interval_low_s, *marks, maintained=maintained)
        return own, sensor.name_en
    start = station.thresholds.get("start")
    own = Own(gauge.interval_s if gauge else 600.0, None if start is None else DAY_S, start)
    return own, gauge.name_en if gauge else ""


def _placed(station: Station, gauge: Gauge | None) -> Station:
    """Let the configuration say what the source does not: a gauge's place, and a name where it has none."""
    if gauge is None:
        return station
    here = (gauge.lon, gauge.lat) if gauge.lon is not None else (station.lon, station.lat)
    return Station(
        station.id, station.name or gauge.name, station.kind, *here, station.thresholds,
        station.quantity, station.town, station.river,
    )  # fmt: skip


def _main(station: Station, newest: Iterable[Observation]) -> Observation | None:
    """Choose the reading that the map shows of all that a station measures."""
    by_quantity = {o.quantity: o for o in newest}
    for quantity in (station.quantity, *MAIN[station.kind]):
        if quantity in by_quantity:
            return by_quantity[quantity]
    return None
