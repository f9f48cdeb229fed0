"""Flood forecasts of designated rivers (VXKO): areas, gauges, thresholds; observed and forecast apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from disaster_hub.terms.bulletin import RiverWarning
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.observation import Basis, Observation, Station
from disaster_hub.terms.quantity import Quality, to_house_unit
from sensors.feeds.codes import RIVER_ALL_CLEAR, RIVER_LEVELS, THRESHOLDS
from sensors.feeds.xml import BASIS, HEAD, METEOROLOGY, words

AREAS = "指定河川洪水予報（予報区域）"
LEVELS = "水位・流量情報"
NOW = "現況"
VALUES = {f"{BASIS}WaterLevel": "water_level", f"{BASIS}Discharge": "discharge"}
QUALITIES = {"欠測": Quality.MISSING, "未計算": Quality.NOT_COMPUTED}
M = METEOROLOGY


@dataclass(slots=True)
class Gauges:
    """What one telegram says about gauges, gathered from its two places."""

    stations: dict[str, Station] = field(default_factory=dict)
    observations: list[Observation] = field(default_factory=list)


def rivers(head: etree._Element, problems: list[str]) -> tuple[RiverWarning, ...]:
    """Read the forecast areas of the headline."""
    found: list[RiverWarning] = []
    for information in head.iter(f"{HEAD}Information"):
        if information.get("type") == AREAS:
            for item in information.iterchildren(f"{HEAD}Item"):
                found.extend(_areas(item, problems))
    if not found:
        problems.append(f"Headline/Information: no block {AREAS}")
    return tuple(found)


def _areas(item: etree._Element, problems: list[str]) -> Iterator[RiverWarning]:
    name = words(item.find(f"{HEAD}Kind/{HEAD}Name"))
    code = words(item.find(f"{HEAD}Kind/{HEAD}Code"))
    if code not in RIVER_LEVELS:
        problems.append(f"Headline/Information/Item/Kind/Code: {code or 'empty'!r} ({name}) is not known")
    for area in item.iter(f"{HEAD}Area"):
        yield RiverWarning(
            area=words(area.find(f"{HEAD}Code")),
            area_name=words(area.find(f"{HEAD}Name")),
            code=code,
            name=name,
            level=RIVER_LEVELS.get(code),
            active=code != RIVER_ALL_CLEAR,
        )


def gauges(body: etree._Element, river: str | None, issued_at: datetime, problems: list[str]) -> Gauges:
    """Read the level and flow series, and the thresholds of each station."""
    found = Gauges()
    for part in body.iter(f"{M}HydrometricStationPart"):
        _criteria(part, river, found, problems)
    for information in body.iterchildren(f"{M}MeteorologicalInfos"):
        if information.get("type") == LEVELS:
            for series in information.iterchildren(f"{M}TimeSeriesInfo"):
                _series(series, river, issued_at, found, problems)
    return found


def _criteria(part: etree._Element, river: str | None, found: Gauges, problems: list[str]) -> None:
    area = part.find(f"{M}Area")
    code = words(area.find(f"{M}Code")) if area is not None else ""
    if area is None or not code:
        problems.append("FloodForecastAddition/HydrometricStationPart/Area/Code: empty")
        return
    limits: dict[str, float] = {}
    for element in part.iterfind(f"{M}Criteria/*"):
        kind, text = element.get("type", ""), words(element)
        if element.get("condition") == "無効" or not text:
            continue
        try:
            unit = "m3/s" if "流量" in kind else "m"
            limits[THRESHOLDS[kind]] = to_house_unit(float(text), element.get("unit", ""), _quantity(unit))
        except (KeyError, ValueError, BadInput) as fault:
            problems.append(f"HydrometricStationPart[{code}]/Criteria/{kind or 'no type'}: {fault}")
    quantity = (
        "discharge" if any("流量" in e.get("type", "") for e in part.iterfind(f"{M}Criteria/*")) else "water_level"
    )
    name = words(area.find(f"{M}Name"))
    found.stations[code] = Station(code, name, thresholds=limits, quantity=quantity, river=river)


def _quantity(unit: str) -> str:
    return "discharge" if unit == "m3/s" else "water_level"


def _series(series: etree._Element, river: str | None, issued: datetime, found: Gauges, problems: list[str]) -> None:
    times: dict[str, tuple[datetime, Basis]] = {}
    for define in series.iterfind(f"{M}TimeDefines/{M}TimeDefine"):
        try:
            at = aware(words(define.find(f"{M}DateTime")))
        except BadInput as fault:
            problems.append(f"{LEVELS}/TimeDefine[{define.get('timeId')}]/DateTime: {fault}")
            continue
        seen = words(define.find(f"{M}Name")) == NOW or (at <= issued and "後" not in words(define.find(f"{M}Name")))
        times[define.get("timeId", "")] = (at, Basis.OBSERVED if seen else Basis.FORECAST)
    for item in series.iterchildren(f"{M}Item"):
        station = item.find(f"{M}Station")
        code = words(station.find(f"{M}Code")) if station is not None else ""
        if station is None or not code:
            problems.append(f"{LEVELS}/Item/Station/Code: empty")
            continue
        values = list(_values(item, code, times, issued, problems))
        found.observations.extend(values)
        quantity = values[0].quantity if values else "water_level"
        name = words(station.find(f"{M}Name"))
        found.stations.setdefault(code, Station(code, name, quantity=quantity, river=river))


def _values(
    item: etree._Element,
    code: str,
    times: dict[str, tuple[datetime, Basis]],
    issued: datetime,
    problems: list[str],
) -> Iterator[Observation]:
    """Give a station's values; 欠測 and 未計算 are values without a number, never zero."""
    for element in item.iter(*VALUES):
        if element.get("type") not in {"水位", "流量"}:
            continue
        when = times.get(element.get("refID", ""))
        where = f"{LEVELS}/Item[{code}]/{etree.QName(element).localname}[{element.get('refID')}]"
        if when is None:
            problems.append(f"{where}: refID names no time")
            continue
        at, basis = when
        quantity = VALUES[str(element.tag)]
        text, condition = words(element), element.get("condition", "")
        quality = QUALITIES.get(condition, Quality.OK if text else Quality.MISSING)
        value = None
        try:
            if text and quality is Quality.OK:
                value = to_house_unit(float(text), element.get("unit", ""), quantity)
        except (ValueError, BadInput) as fault:
            problems.append(f"{where}: {fault}")
            continue
        unit = "m" if quantity == "water_level" else "m3/s"
        yield Observation(code, quantity, at, value, unit, quality, basis, issued if basis is Basis.FORECAST else None)
