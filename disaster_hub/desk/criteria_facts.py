"""What the town's criteria are held against, read from the store in one snapshot: levels, gauges, devices, reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disaster_hub.config import Config, Sensor
from disaster_hub.planning.source import official_source
from disaster_hub.rules import water
from disaster_hub.rules.conditions import Device, Facts
from disaster_hub.rules.criteria import (
    Condition,
    Criteria,
    ForecastReached,
    GaugeReached,
    LevelReached,
    RainFallen,
    ReportConfirmed,
    SensorSays,
)
from disaster_hub.rules.readings import Gauge
from disaster_hub.store import evacuation_areas, levels, observations, pulse, reports, sensors, stations, witness
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation, Station
from disaster_hub.terms.quantity import QUANTITIES
from disaster_hub.terms.report import Report

DAY = timedelta(hours=24)
DEVICE_BACK = timedelta(hours=26)
"""A cheap gauge may speak once a day while it is low."""
DAY_S = 86_400.0
GAUGE_S = 600.0


@dataclass(frozen=True, slots=True)
class _Book:
    """What is known of places that measure: stations as their sources tell of them, devices as the city does."""

    stations: Mapping[str, Station]
    devices: Mapping[str, Sensor]


def gather(tx: Transaction, config: Config, said: Criteria, now: datetime, further: timedelta = timedelta()) -> Facts:
    """Read what *said* needs, as it stands at the world's time *now*; *further* reads so much more of the past."""
    wanted = [c for criterion in said.criteria for c in criterion.rule.conditions()]
    book = _book(tx, config)
    words: dict[str, list[Official]] = {}
    for word in levels.officials(tx):
        words.setdefault(word.area, []).append(word)
    return Facts(
        now=now,
        zone=config.city.zone,
        source=official_source(config.feeds, pulse.sources(tx)),
        watched=frozenset(watched(config)),
        words=words,
        gauges=_gauges(tx, config, wanted, book, words, now, DAY + further),
        rains=_rains(tx, config, wanted, book, now, further),
        devices=_devices(tx, wanted, book, now, DEVICE_BACK + further),
        reports=_reports(tx, wanted, now - further),
        names=names(config, book.stations, book.devices),
    )


def areas(tx: Transaction, config: Config) -> list[EvacuationArea]:
    """Give the evacuation areas; where the town has loaded none, the whole city is one."""
    city = config.city
    return evacuation_areas.all_areas(tx) or [EvacuationArea(city.area, f"{city.name}全域", None, frozenset())]


def watched(config: Config) -> dict[str, str]:
    """Give code and name of every area and river whose official levels are judged."""
    found = {config.city.area: config.city.name} | {a.code: a.name for a in config.areas}
    return found | {r.code: r.name for r in config.rivers}


def names(config: Config, known: Mapping[str, Station], devices: Mapping[str, Sensor]) -> dict[str, str]:
    """Give the name of every area and station that a criterion can speak of."""
    found = {code: station.name for code, station in known.items() if station.name}
    found |= {gauge.id: gauge.name for gauge in config.gauges if gauge.name and gauge.id not in found}
    return found | {code: device.name for code, device in devices.items()} | watched(config)


def all_names(tx: Transaction, config: Config) -> dict[str, str]:
    """Give the same, read from the store."""
    book = _book(tx, config)
    return names(config, book.stations, book.devices)


def unheard(tx: Transaction, config: Config, said: Criteria) -> list[str]:
    """Say what the criteria name and this hub does not know: such a condition would stay "not known" for ever."""
    book, here = _book(tx, config), {area.code for area in evacuation_areas.all_areas(tx)}
    found = []
    for criterion in said.criteria:
        for one in criterion.rule.conditions():
            if isinstance(one, LevelReached) and one.area not in watched(config):
                found.append(f"基準 {criterion.id}：区域 {one.area} の気象情報・洪水予報は受け取っていません")
            elif isinstance(one, GaugeReached | ForecastReached) and one.station in book.devices:
                found.append(f'基準 {criterion.id}：{one.station} は市のセンサーです。kind = "sensor" を使ってください')
            elif isinstance(one, GaugeReached | ForecastReached | RainFallen) and not _known(one.station, book):
                found.append(f"基準 {criterion.id}：観測所 {one.station} をまだ知りません")
            elif isinstance(one, SensorSays) and one.station not in book.devices:
                found.append(f"基準 {criterion.id}：センサー {one.station} は登録されていません")
        found += [
            f"基準 {criterion.id}：避難区域 {code} は読み込まれていません"
            for code in criterion.areas
            if code not in here
        ]
    return list(dict.fromkeys(found))


def _known(code: str, book: _Book) -> bool:
    return code in book.stations or code in book.devices


def _book(tx: Transaction, config: Config) -> _Book:
    known = {stored.station.id: stored.station for stored in stations.all_stations(tx)}
    return _Book(known, {sensor.id: sensor for sensor in sensors.current(tx, config.sensors)})


def _gauges(
    tx: Transaction,
    config: Config,
    wanted: Iterable[Condition],
    book: _Book,
    words: Mapping[str, list[Official]],
    now: datetime,
    back: timedelta,
) -> dict[str, Gauge]:
    """Read the gauges; one of the city's own devices is none, nor is one on which somebody works."""
    found = {}
    at_work = sensors.maintained(tx, now)
    for code in {c.station for c in wanted if isinstance(c, GaugeReached | ForecastReached)} - book.devices.keys():
        station = book.stations.get(code)
        if station is not None and code not in at_work:
            gauge = _gauge(tx, config, station, station.quantity, now - back, now)
            found[code] = replace(gauge, issuer=_issuer(station, words))
    return found


def _rains(
    tx: Transaction,
    config: Config,
    wanted: Iterable[Condition],
    book: _Book,
    now: datetime,
    further: timedelta,
) -> dict[str, Gauge]:
    """Read the rain gauges, as far back as a condition looks."""
    back: dict[str, float] = {}
    for one in wanted:
        if isinstance(one, RainFallen):
            back[one.station] = max(one.hours, back.get(one.station, 0.0))
    found = {}
    for code, hours in back.items():
        station, device = book.stations.get(code), book.devices.get(code)
        if device is not None:
            station = Station(code, device.name)
        if station is not None:
            gauge = _gauge(tx, config, station, "rainfall", now - timedelta(hours=hours) - further, now)
            found[code] = gauge if device is None else replace(gauge, interval_s=device.interval_s)
    return found


def _gauge(tx: Transaction, config: Config, station: Station, quantity: str, since: datetime, now: datetime) -> Gauge:
    series = _series(tx, station.id, quantity, since)
    seen = [o for o in series if o.issued_at is None and o.at <= now + water.SKEW]
    ahead = [o for o in series if o.issued_at is not None]
    marks = dict(station.thresholds)
    usual = next((gauge.interval_s for gauge in config.gauges if gauge.id == station.id), GAUGE_S)
    own = water.Own(usual, None if "start" not in marks else DAY_S, marks.get("start"))
    unit = QUANTITIES[quantity].unit if quantity in QUANTITIES else ""
    return Gauge(station.name, unit, water.expected_interval_s(own, _last(seen)), marks, seen, ahead)


def _series(tx: Transaction, station: str, quantity: str, since: datetime) -> list[Observation]:
    """Read a series; its doubted readings are marked, and count neither as met nor as not met."""
    seen = observations.of_station(tx, station, quantity, since)
    return witness.marked(seen, witness.marks(tx, since, (station,)))


def _issuer(station: Station | None, words: Mapping[str, list[Official]]) -> str:
    """Give the office that speaks for the station's river; its forecast is its own."""
    if station is None or station.river is None:
        return ""
    return next((w.issuer for w in words.get(station.river, ()) if w.issuer), "")


def _devices(
    tx: Transaction, wanted: Iterable[Condition], book: _Book, now: datetime, back: timedelta
) -> dict[str, Device]:
    at_work = sensors.maintained(tx, now)
    found = {}
    for code in {c.station for c in wanted if isinstance(c, SensorSays)} & book.devices.keys():
        one = book.devices[code]
        quantity = "rainfall" if one.kind == "rain" else "water_level"
        series = _series(tx, code, quantity, now - back)
        seen = [o for o in series if o.issued_at is None and o.at <= now + water.SKEW]
        marks = (one.start_m, one.near, one.met)
        own = water.Own(one.interval_s, one.interval_low_s, *marks, maintained=code in at_work)
        found[code] = Device(one.name, own, seen)
    return found


def _reports(tx: Transaction, wanted: Iterable[Condition], now: datetime) -> list[Report]:
    hours = [c.hours for c in wanted if isinstance(c, ReportConfirmed)]
    return reports.reports(tx, since=now - timedelta(hours=max(hours))) if hours else []


def _last(seen: list[Observation]) -> Observation | None:
    return next((o for o in reversed(seen) if o.value is not None), None)
