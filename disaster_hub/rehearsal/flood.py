"""Writing flood forecasts (VXKO): headline, affected districts, observed and forecast series, thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from disaster_hub.rehearsal.city import (
    MINAMO,
    OFFICE,
    OFFICE_NAME,
    PREFECTURE,
    RIVER,
    RIVER_CODE,
    STATIONS,
    TANIKAWA,
    Station,
    minutes,
)
from disaster_hub.rehearsal.envelope import FULL_WIDTH, REGION_CODES, Envelope, area, closed, kind, opened, put
from disaster_hub.rehearsal.stage import RIVER as RIVER_STAGE
from disaster_hub.rehearsal.stage import RIVER_UNBROKEN, along, rain
from disaster_hub.terms.clock import JAPAN, local

NAMES = {
    "10": "レベル２氾濫注意報解除", "20": "レベル２氾濫注意報", "22": "レベル２氾濫注意報（警報解除）",
    "30": "レベル３氾濫警報", "40": "レベル４氾濫危険警報", "41": "レベル４氾濫危険警報", "51": "レベル５氾濫特別警報",
}  # fmt: skip
LEVELS = {"10": 0, "20": 2, "22": 2, "30": 3, "40": 4, "41": 4, "51": 5}
STATION_CODES = "水位観測所"
CRITERIA = (
    "レベル１水防団待機水位", "レベル２氾濫注意水位", "レベル３避難判断水位", "レベル４氾濫危険水位",
    "レベル４計画高水位等",
)  # fmt: skip
HOURS = 6
DISTRICTS = {
    STATIONS[0].code: (MINAMO.name, MINAMO.area, "芦原 かや野 新町 駅西 本町 下浜"),
    STATIONS[1].code: (TANIKAWA.name, TANIKAWA.area, "-"),
    STATIONS[2].code: (MINAMO.name, MINAMO.area, "下浜"),
}


@dataclass(frozen=True, slots=True)
class Flood:
    """One flood forecast: its kind's code and how often the stations have to be silent."""

    envelope: Envelope
    code: str
    text: str


def write(flood: Flood) -> bytes:
    """Write one VXKO telegram whole."""
    root, headline, body = opened(flood.envelope)
    _headline(headline, flood)
    _warning(body, flood)
    _rainfall(body, flood)
    _series(body, flood)
    _office(body)
    _criteria(body)
    return closed(root)


def prefix(code: str) -> str:
    """Begin a headline with the level it stands for."""
    level = LEVELS[code]
    if level == 0:
        return ""
    digit = str(level).translate(FULL_WIDTH)
    return f"【警戒レベル{digit}情報［洪水］】" if level == 2 else f"【警戒レベル{digit}相当情報［洪水］】"


def _headline(headline: Any, flood: Flood) -> None:
    """Append the three Information blocks: forecast area, river, prefecture."""
    rows = (
        ("予報区域", "指定河川洪水予報（予報区域）", RIVER, RIVER_CODE),
        ("河川", "河川", RIVER, RIVER_CODE[:10]),
        ("府県予報区等", REGION_CODES, PREFECTURE, OFFICE),
    )
    name = NAMES[flood.code]
    for block, codes, place, code in rows:
        item = put(put(headline, "Information", type=f"指定河川洪水予報（{block}）"), "Item")
        kind(item, name, flood.code, f"{name}（{'継続' if '継続' in flood.text else '発表'}）")
        area(put(item, "Areas", codeType=codes), place, code)


def _warning(body: Any, flood: Flood) -> None:
    """Append the main sentence of the river, and the districts that may be flooded."""
    warning = put(body, "Warning", type="指定河川洪水予報")
    item = put(warning, "Item")
    prop = put(put(item, "Kind"), "Property")
    put(prop, "Type", "主文")
    put(prop, "Text", f"{prefix(flood.code)}{flood.text}。市町村からの避難情報に十分注意してください。")
    area(put(item, "Areas", codeType="河川"), RIVER, RIVER_CODE[:10])
    _station(put(item, "Stations"), STATIONS[0])
    item = put(warning, "Item")
    broken = flood.code == "51"
    word = "氾濫による浸水が想定される地区※"
    element = kind(item, "浸水想定地区", "2" if broken else "1")
    put(element, "Status", "対象地域")
    prop = put(element, "Property")
    put(prop, "Type", "浸水想定地区")
    put(prop, "Text", word)
    areas = put(item, "Areas")
    for station in STATIONS:
        city, code, districts = DISTRICTS[station.code]
        element = put(areas, "Area", codeType=STATION_CODES)
        for name, text in (
            ("Name", station.name), ("Code", station.code), ("Prefecture", PREFECTURE), ("PrefectureCode", "99000"),
            ("City", city), ("CityCode", code), ("SubCityList", districts),
        ):  # fmt: skip
            put(element, name, text)


def _station(parent: Any, station: Station) -> None:
    """Append Station with its 17-digit code and place."""
    element = put(parent, "Station")
    put(element, "Name", station.name)
    put(element, "Code", station.code, type=STATION_CODES)
    put(element, "Location", station.location)


def _rainfall(body: Any, flood: Flood) -> None:
    """Append the rain of the last six hours and the rain expected in the next three."""
    at = flood.envelope.reported_at.astimezone(JAPAN)
    now = minutes(at)
    past = sum(rain(now - 60 * n) for n in range(1, 7))
    soon = sum(rain(now + 60 * n) for n in range(1, 4))
    series = put(put(body, "MeteorologicalInfos", type="雨量情報"), "TimeSeriesInfo")
    defines = put(series, "TimeDefines")
    for number, start, hours, word in (("1", at - timedelta(hours=6), 6, ""), ("2", at, 3, "の見込み")):
        define = put(defines, "TimeDefine", timeId=number)
        put(define, "DateTime", local(start))
        put(define, "Duration", f"PT{hours}H")
        put(define, "Name", f"{hours}時間の流域平均雨量{word}".translate(FULL_WIDTH))
    item = put(series, "Item")
    element = put(item, "Kind")
    put(element, "Name", "雨量")
    prop = put(element, "Property")
    put(prop, "Type", "雨量")
    part = put(prop, "PrecipitationPart")
    for number, amount in (("1", past), ("2", soon)):
        put(part, "eb:Precipitation", str(round(amount)), type="流域平均雨量", unit="ミリ", refID=number)
    put(put(item, "Area"), "Name", f"{RIVER}流域")


def _series(body: Any, flood: Flood) -> None:
    """Append the level now and in one to six hours, for every station."""
    at = flood.envelope.reported_at.astimezone(JAPAN)
    series = put(put(body, "MeteorologicalInfos", type="水位・流量情報"), "TimeSeriesInfo")
    defines = put(series, "TimeDefines")
    for hour in range(HOURS + 1):
        define = put(defines, "TimeDefine", timeId=str(hour + 1))
        put(define, "DateTime", local(at + timedelta(hours=hour)))
        put(define, "Name", "現況" if hour == 0 else f"{hour}時間後".translate(FULL_WIDTH))
    for station in STATIONS:
        item = put(series, "Item")
        element = put(item, "Kind")
        put(element, "Name", "水位")
        prop = put(element, "Property")
        put(prop, "Type", "水位")
        part = put(prop, "WaterLevelPart")
        for hour, (value, word) in enumerate(values(station, minutes(at))):
            number = str(hour + 1)
            text = None if value is None else f"{value:.2f}"
            put(part, "eb:WaterLevel", text, type="水位", refID=number, unit="m", condition=word)
            rank = None if value is None else str(_rank(station, value))
            put(part, "eb:WaterLevel", rank, type="レベル", refID=number)
        _station(item, station)


def values(station: Station, now: float) -> Iterator[tuple[float | None, str]]:
    """Give the observed level and six forecasts, with 欠測 and 未計算 where a real night has them."""
    chance = np.random.default_rng([int(station.code[-1]), int(now)])
    silent = station is STATIONS[2] and chance.random() < 0.35
    seen = float(along(RIVER_STAGE, now - station.lag_min)) * station.scale
    yield (None, "欠測") if silent else (round(seen, 2), "正常")
    # A forecast goes on from what is seen, errs by more the further it looks, and knows of no breach.
    start = float(along(RIVER_UNBROKEN, now - station.lag_min)) * station.scale
    for hour in range(1, HOURS + 1):
        later = float(along(RIVER_UNBROKEN, now + 60 * hour - station.lag_min)) * station.scale
        fade = max(0.0, 1 - hour / 4)
        error = float(chance.normal(0, 0.04 * hour))
        absent = silent or (station is not STATIONS[0] and hour > 3 and chance.random() < 0.5)
        value = later + (seen - start) * fade + error
        yield (None, "未計算") if absent else (round(max(value, 0.2), 2), "正常")


def _rank(station: Station, value: float) -> int:
    """Give the level 0 to 4 whose threshold *value* has reached."""
    return sum(value >= threshold for threshold in station.thresholds[:4] if threshold is not None)


def _office(body: Any) -> None:
    """Append who answers for it."""
    info = put(body, "OfficeInfo")
    for role, name in (("水位関係", "架空県河川課"), ("気象関係", OFFICE_NAME)):
        office = put(info, "Office", type=role)
        put(office, "Name", name)
        put(office, "ContactInfo", f"{name}（架空）")


def _criteria(body: Any) -> None:
    """Append the stations' thresholds; one that is 無効 has no value."""
    addition = put(put(body, "AdditionalInfo"), "FloodForecastAddition")
    for station in STATIONS:
        part = put(addition, "HydrometricStationPart")
        element = put(part, "Area", codeType=STATION_CODES)
        city, _, districts = DISTRICTS[station.code]
        for name, text in (
            ("Name", station.name), ("Code", station.code), ("SubCityList", f"{PREFECTURE}{city}{districts}"),
            ("Location", station.location),
        ):  # fmt: skip
            put(element, name, text)
        put(part, "ChargeSection", f"{RIVER} {station.location}付近")
        criteria = put(part, "Criteria")
        for name, value in zip(CRITERIA, station.thresholds, strict=True):
            valid = value is not None
            put(
                criteria, "eb:WaterLevel", f"{value:.2f}" if valid else None,
                type=name, unit="m", condition="有効" if valid else "無効",
            )  # fmt: skip
