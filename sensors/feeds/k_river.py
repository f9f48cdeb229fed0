"""k.river.go.jp: cheap gauges (危機管理型水位計); only those above their start height are listed, some long dead.

How old a row may be is judged in `rules`, never here: each row keeps its own time.
"""

from __future__ import annotations

from typing import Any

from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Findings, Kind
from disaster_hub.terms.observation import Observation, Station
from disaster_hub.terms.quantity import Quality
from sensors.parsed import parsed, text

LIMITS = {"startLevel": "start", "warnLevel": "warn", "fladLevel": "flood"}
LISTS = ("obss", "items")
"""The live file lists `obss`, the archive of hourly files `items`, with other names for the position."""
HIGHEST_M = 10_000.0


def read(body: bytes) -> Findings:
    """Read a file of gauges; an entry that cannot be read is a problem, the others are kept."""
    try:
        said = parsed(body)
    except BadInput as fault:
        return Findings(None, problems=(str(fault),))
    return read_said(said)


def fits(said: Any) -> bool:
    """Tell whether parsed JSON is a file of gauges."""
    if not isinstance(said, dict):
        return False
    if isinstance(said.get("obss"), list):
        return True
    items = said.get("items")
    if not isinstance(items, list):
        return False
    return "hourPath" in said or any(isinstance(item, dict) and "obsTime" in item for item in items)


def read_said(said: Any) -> Findings:
    """Read parsed JSON."""
    if not fits(said):
        return Findings(None, problems=("neither obss[] nor items[] of gauges: not a file of k.river",))
    name = next(name for name in LISTS if isinstance(said.get(name), list))
    series: list[tuple[Station, tuple[Observation, ...]]] = []
    problems: list[str] = []
    for number, item in enumerate(said[name]):
        try:
            series.append(_gauge(item, f"{name}[{number}]", problems))
        except BadInput as fault:
            problems.append(f"{name}[{number}].{fault}")
    return Findings(
        Kind.RIVER,
        stations=tuple({station.id: station for station, _ in series}.values()),
        observations=tuple(seen for _, values in series for seen in values),
        series=tuple(series),
        problems=tuple(problems),
    )


def _gauge(item: Any, where: str, problems: list[str]) -> tuple[Station, tuple[Observation, ...]]:
    """Read one row; what only describes the gauge may fail without losing the reading."""
    if not isinstance(item, dict):
        raise BadInput("…: not an object")
    code = text(item.get("code"), "code", longest=40)
    name = text(item.get("name"), "name")
    try:
        at = aware(text(item.get("obsTime"), "obsTime", longest=40))
    except BadInput as fault:
        raise BadInput(f"obsTime: {fault}" if "obsTime" not in str(fault) else str(fault)) from None
    if "level" not in item:
        raise BadInput("level: missing")
    level = _number(item, "level")
    lon, lat = _place(item, where, problems)
    station = Station(code, name, lon=lon, lat=lat, thresholds=_limits(item, where, problems), town=_town(item))
    quality = Quality.MISSING if level is None else Quality.OK
    return station, (Observation(code, "water_level", at, level, "m", quality),)


def _limits(item: dict[str, Any], where: str, problems: list[str]) -> dict[str, float]:
    """Give the thresholds; one that is null is not defined, which says nothing about the others."""
    limits: dict[str, float] = {}
    for key, word in LIMITS.items():
        try:
            value = _number(item, key)
        except BadInput as fault:
            problems.append(f"{where}.{fault}")
            continue
        if value is not None:
            limits[word] = value
    return limits


def _place(item: dict[str, Any], where: str, problems: list[str]) -> tuple[float | None, float | None]:
    try:
        lon = _number(item, "lon" if "lon" in item else "longitude", most=180.0)
        lat = _number(item, "lat" if "lat" in item else "latitude", most=90.0)
    except BadInput as fault:
        problems.append(f"{where}.{fault}")
        return None, None
    return (lon, lat) if lon is not None and lat is not None else (None, None)


def _town(item: dict[str, Any]) -> str | None:
    town = item.get("townCode")
    return town if isinstance(town, str) and len(town) == 5 and town.isascii() and town.isdigit() else None


def _number(item: dict[str, Any], key: str, *, most: float = HIGHEST_M) -> float | None:
    """Give a number between -*most* and *most*, None where it is null; anything else raises BadInput."""
    value = item.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise BadInput(f"{key}: {str(value)[:20]!r} is no number that can be")
    return float(value)
