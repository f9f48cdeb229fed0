"""k.river.go.jp: cheap gauges (危機管理型水位計); only those above their start height are listed, some long dead."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Findings, Kind
from disaster_hub.terms.observation import Observation, Station

LIMITS = {"startLevel": "start", "warnLevel": "warn", "fladLevel": "flood"}
LISTS = ("obss", "items")
"""The live file lists `obss`, the archive of hourly files `items`, with other names for the position."""


def read(body: bytes) -> Findings:
    """Read a file of gauges; an entry that cannot be read is a problem, the others are kept."""
    try:
        said = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        return Findings(None, problems=(f"not JSON: {fault}",))
    return read_said(said)


def fits(said: Any) -> bool:
    """Tell whether parsed JSON is a file of gauges."""
    return isinstance(said, dict) and any(isinstance(said.get(name), list) for name in LISTS)


def read_said(said: Any) -> Findings:
    """Read parsed JSON."""
    if not fits(said):
        return Findings(None, problems=("neither obss[] nor items[]: not a file of k.river",))
    name = next(name for name in LISTS if isinstance(said.get(name), list))
    stations: dict[str, Station] = {}
    observations: list[Observation] = []
    problems: list[str] = []
    for number, item in enumerate(said[name]):
        try:
            station, seen = _gauge(item)
        except BadInput as fault:
            problems.append(f"{name}[{number}].{fault}")
            continue
        stations[station.id] = station
        observations.append(seen)
    return Findings(
        Kind.RIVER, stations=tuple(stations.values()), observations=tuple(observations), problems=tuple(problems)
    )


def _gauge(item: Any) -> tuple[Station, Observation]:
    if not isinstance(item, dict):
        raise BadInput("not an object")
    code, name = item.get("code"), item.get("name")
    if not isinstance(code, str) or not code:
        raise BadInput("code: missing")
    if not isinstance(name, str):
        raise BadInput(f"name: missing ({code[:20]})")
    level = _number(item, "level", code)
    if level is None:
        raise BadInput(f"level: missing ({code[:20]})")
    try:
        at = aware(str(item.get("obsTime")))
    except BadInput as fault:
        raise BadInput(f"obsTime: {fault} ({code[:20]})") from None
    limits = {word: value for key, word in LIMITS.items() if (value := _number(item, key, code)) is not None}
    lon = _number(item, "lon" if "lon" in item else "longitude", code)
    lat = _number(item, "lat" if "lat" in item else "latitude", code)
    town = item.get("townCode")
    station = Station(
        code,
        unicodedata.normalize("NFKC", name).strip(),
        lon=lon,
        lat=lat,
        thresholds=limits,
        town=town if isinstance(town, str) else None,
    )
    return station, Observation(code, "water_level", at, level, "m")


def _number(item: dict[str, Any], key: str, code: str) -> float | None:
    """Give a finite number, None where it is null or absent; anything else raises BadInput naming the field."""
    value = item.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e5 < value < 1e5:
        raise BadInput(f"{key}: {str(value)[:20]!r} is no number ({code[:20]})")
    return float(value)
