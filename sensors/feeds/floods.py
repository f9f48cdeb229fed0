"""Flood forecasts of designated rivers (VXKO): areas, gauges, thresholds; observed and forecast apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isfinite

from lxml import etree

from disaster_hub.terms.bulletin import RiverWarning
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.observation import Basis, Observation, Station
from disaster_hub.terms.quantity import QUANTITIES, Quality, to_house_unit
from sensors.feeds.codes import RIVER_ALL_CLEAR, RIVER_LEVELS, THRESHOLDS
from sensors.feeds.xml import BASIS, HEAD, METEOROLOGY, words

AREAS = "指定河川洪水予報（予報区域）"
LEVELS = "水位・流量情報"
NOW = "現況"
LATER = "後"
"""１時間後, １０分後 …: the names of the times to come."""
QUANTITY_OF = {f"{BASIS}WaterLevel": "water_level", f"{BASIS}Discharge": "discharge"}
VALUE_TYPES = {"水位": "water_level", "流量": "discharge"}
LEVEL_TYPE = "レベル"
"""The level that goes with each value; the thresholds say the same."""
CONDITIONS = {
    **dict.fromkeys(("", "正常", "上昇", "一定", "下降"), Quality.OK),
    "欠測": Quality.MISSING,
    "未計算": Quality.NOT_COMPUTED,
}
M = METEOROLOGY
CRITERIA, ITEM, STATION, AREA, NAME, CODE = (
    M + name for name in ("Criteria", "Item", "Station", "Area", "Name", "Code")
)
Key = tuple[str, str]
"""Code and name of a station: JMA's own samples give one code to several."""
Times = dict[str, tuple[datetime, Basis]]


@dataclass(slots=True)
class Gauges:
    """What one telegram says about gauges, gathered from its two places."""

    river: str | None
    issued: datetime
    problems: list[str]
    stations: dict[Key, Station] = field(default_factory=dict)
    values: dict[Key, list[Observation]] = field(default_factory=dict)

    @property
    def series(self) -> tuple[tuple[Station, tuple[Observation, ...]], ...]:
        """Each station with its own values, in the order of the telegram."""
        return tuple((station, tuple(self.values.get(key, ()))) for key, station in self.stations.items())


def rivers(head: etree._Element, problems: list[str]) -> tuple[RiverWarning, ...]:
    """Read the forecast areas of the headline."""
    found: list[RiverWarning] = []
    for information in head.iter(f"{HEAD}Information"):
        if information.get("type") == AREAS:
            for item in information.iterchildren(f"{HEAD}Item"):
                found.extend(_areas(item, problems))
    if not found:
        problems.append(f"Headline/Information: no area in a block {AREAS}")
    return tuple(found)


def _areas(item: etree._Element, problems: list[str]) -> Iterator[RiverWarning]:
    name = words(item.find(f"{HEAD}Kind/{HEAD}Name"))
    code = words(item.find(f"{HEAD}Kind/{HEAD}Code"))
    if code not in RIVER_LEVELS:
        problems.append(f"Headline/Information/Item/Kind/Code: {code or 'empty'!r} ({name or 'no name'}) is not known")
    for area in item.iter(f"{HEAD}Area"):
        river = words(area.find(f"{HEAD}Code"))
        if not river:
            problems.append("Headline/Information/Item/Areas/Area/Code: empty")
            continue
        area_name = words(area.find(f"{HEAD}Name"))
        level = RIVER_LEVELS.get(code)
        yield RiverWarning(river, area_name, code, name, level, active=code != RIVER_ALL_CLEAR)


def gauges(body: etree._Element, river: str | None, issued: datetime, problems: list[str]) -> Gauges:
    """Read the series of water levels and flows, and the thresholds of each station."""
    found = Gauges(river, issued, problems)
    for information in body.iterchildren(f"{M}MeteorologicalInfos"):
        if information.get("type") == LEVELS:
            for series in information.iterchildren(f"{M}TimeSeriesInfo"):
                _series(series, found)
    for part in body.iterfind(f"{M}AdditionalInfo/{M}FloodForecastAddition/{M}HydrometricStationPart"):
        _thresholds(part, found)
    return found


def _series(series: etree._Element, found: Gauges) -> None:
    times = dict(_times(series, found))
    for item in series.iterchildren(ITEM):
        key = _key(item.find(STATION))
        if key is None:
            found.problems.append(f"{LEVELS}/Item/Station/Code: empty")
            continue
        values = list(_values(item, key[0], times, found))
        found.values.setdefault(key, []).extend(values)
        quantity = values[0].quantity if values else "water_level"
        found.stations.setdefault(key, Station(*key, quantity=quantity, river=found.river))


def _key(station: etree._Element | None) -> Key | None:
    code = words(station.find(CODE)) if station is not None else ""
    return (code, words(station.find(NAME))) if station is not None and code else None


def _times(series: etree._Element, found: Gauges) -> Iterator[tuple[str, tuple[datetime, Basis]]]:
    """Give the moment of each column, and whether it had come when the telegram was issued."""
    for define in series.iterfind(f"{M}TimeDefines/{M}TimeDefine"):
        try:
            at = aware(words(define.find(f"{M}DateTime")))
        except BadInput as fault:
            found.problems.append(f"{LEVELS}/TimeDefine[{define.get('timeId')}]/DateTime: {fault}")
            continue
        name = words(define.find(NAME))
        seen = name == NOW or (LATER not in name and at <= found.issued)
        yield define.get("timeId", ""), (at, Basis.OBSERVED if seen else Basis.FORECAST)


def _values(item: etree._Element, code: str, times: Times, found: Gauges) -> Iterator[Observation]:
    """Give a station's values; 欠測 and 未計算 are values without a number, never zero."""
    for element in item.iter(*QUANTITY_OF):
        kind, column = element.get("type", ""), element.get("refID", "")
        if kind == LEVEL_TYPE:
            continue
        where = f"{LEVELS}/Item[{code}]/{etree.QName(element).localname}[{column}]"
        try:
            value = _value(element, code, times.get(column), found)
        except BadInput as fault:
            found.problems.append(f"{where}: {fault}")
            continue
        if value.quality is Quality.MISSING and element.get("condition") != "欠測":
            found.problems.append(f"{where}: empty, and no word why")
        yield value


def _value(element: etree._Element, code: str, when: tuple[datetime, Basis] | None, found: Gauges) -> Observation:
    """Read one value; a time, type, condition or number that is not understood raises BadInput."""
    quantity = QUANTITY_OF[str(element.tag)]
    kind, condition = element.get("type", ""), element.get("condition", "")
    if when is None:
        raise BadInput("refID names no time")
    if VALUE_TYPES.get(kind) != quantity:
        raise BadInput(f"type {kind[:20]!r} is not known")
    if condition not in CONDITIONS:
        raise BadInput(f"condition {condition[:20]!r} is not known")
    at, basis = when
    quality = CONDITIONS[condition]
    if quality is Quality.OK and not words(element):
        quality = Quality.MISSING
    value = _number(element, quantity) if quality is Quality.OK else None
    unit = QUANTITIES[quantity].unit
    issued = found.issued if basis is Basis.FORECAST else None
    return Observation(code, quantity, at, value, unit, quality, basis, issued)


def _number(element: etree._Element, quantity: str) -> float:
    """Give an element's number in the house unit; text that is none, or none at all, raises BadInput."""
    text = words(element)
    try:
        value = float(text)
    except ValueError:
        raise BadInput(f"{text[:20]!r} is no number") from None
    if not isfinite(value):
        raise BadInput(f"{text[:20]!r} is no number")
    return to_house_unit(value, element.get("unit", ""), quantity)


def _thresholds(part: etree._Element, found: Gauges) -> None:
    key = _key(part.find(AREA))
    if key is None:
        found.problems.append("FloodForecastAddition/HydrometricStationPart/Area/Code: empty")
        return
    limits: dict[str, float] = {}
    for element in part.iterfind(f"{CRITERIA}/*"):
        kind = element.get("type", "")
        if element.get("condition") == "無効":
            continue
        where = f"HydrometricStationPart[{key[0]}]/Criteria[{kind[:40]}]"
        if kind not in THRESHOLDS or element.tag not in QUANTITY_OF:
            found.problems.append(f"{where}: a threshold that is not known")
            continue
        try:
            limits[THRESHOLDS[kind]] = _number(element, QUANTITY_OF[element.tag])
        except BadInput as fault:
            found.problems.append(f"{where}: {fault}")
    flow = any("流量" in e.get("type", "") for e in part.iterfind(f"{CRITERIA}/*"))
    fresh = Station(*key, quantity="discharge" if flow else "water_level", river=found.river)
    same = _same_station(key, found)
    found.stations[same] = replace(found.stations.get(same, fresh), thresholds=limits)


def _same_station(key: Key, found: Gauges) -> Key:
    """Find the station of the series that thresholds belong to: by code and name, or by a code that only one has."""
    alike = [one for one in found.stations if one[0] == key[0]]
    return alike[0] if key not in alike and len(alike) == 1 else key
