"""The situation as the contract writes it: every watched area and every station, judged at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from disaster_hub.config import Config
from disaster_hub.desk import decisions
from disaster_hub.portal.facts import Facts, Point
from disaster_hub.rules import situation as rule
from disaster_hub.rules import water
from disaster_hub.terms.clock import local
from disaster_hub.terms.decision import Order
from disaster_hub.terms.level import AreaKind
from disaster_hub.terms.quantity import Quality

Row = dict[str, Any]


def areas(facts: Facts, config: Config, now: datetime) -> list[Row]:
    """Give every watched area with its level, the city's order and the city's own observation side by side."""
    city = config.city
    watched = [(city.area, city.name, AreaKind.MUNICIPALITY)]
    watched += [(a.code, a.name, AreaKind.MUNICIPALITY) for a in config.areas if a.code != city.area]
    watched += [(r.code, r.name, AreaKind.RIVER) for r in config.rivers]
    observed = own_observation(facts.points, config, now)
    return [
        _area(facts, config, now, code, name, kind, observed if code == city.area else [])
        for code, name, kind in watched
    ]


def own_observation(points: Sequence[Point], config: Config, now: datetime) -> list[Row]:
    """Judge the city's own devices against the city's own marks, those without marks left out."""
    found = []
    for point in points:
        if point.mine and (point.own.near is not None or point.own.met is not None):
            said = water.judge(point.own, point.seen, now)
            since = None if said.since is None else local(said.since, config.city.zone)
            found.append({"station": point.station.id, "state": said.state.value, "since": since})
    return found


def stations(facts: Facts, now: datetime) -> list[Row]:
    """Give every station with its newest reading; ages are filled in by `with_ages`."""
    return [_station(point, now) for point in facts.points]


def with_ages(rows: Sequence[Row], points: Sequence[Point], now: datetime) -> None:
    """Write how old each station's reading is at *now* (seconds of this world)."""
    for row, point in zip(rows, points, strict=True):
        if point.last is not None:
            row["age_s"] = max(0, int((now - point.last.at).total_seconds()))


def world(config: Config) -> Mapping[str, str]:
    """Say which world this is."""
    return {"kind": config.world.kind.value, "name": config.world.name}


def _area(
    facts: Facts, config: Config, now: datetime, code: str, name: str, kind: AreaKind, observed: list[Row]
) -> Row:
    zone = config.city.zone
    said = rule.highest(facts.officials.get(code, ()), facts.source, now, zone)
    return {
        "code": code,
        "name": name,
        "kind": kind.value,
        "level": said.level,
        "issuer": said.issuer,
        "since": None if said.since is None else local(said.since, zone),
        "until": None if said.until is None else local(said.until, zone),
        "reason": said.reason,
        "age_s": None if said.age_s is None else int(said.age_s),
        "order": _order(facts.orders, config) if code == config.city.area else None,
        "observed": observed,
    }


def _order(orders: Sequence[Order], config: Config) -> Row | None:
    """Give the highest order that the city has in force in any of its evacuation areas; its level is only its own."""
    top = decisions.highest(orders)
    return None if top is None else {"level": top.level, "since": local(top.since, config.city.zone), "by": top.by}


def _station(point: Point, now: datetime) -> Row:
    station, last = point.station, point.last
    return {
        "id": station.id,
        "name": station.name,
        "kind": station.kind.value,
        "lon": station.lon,
        "lat": station.lat,
        "value": None if last is None or last.quality is Quality.SUSPECT else last.value,
        "unit": point.unit,
        "at": point.at,
        "age_s": None,
        "stale": water.stale(None if last is None else last.at, point.interval_s, now),
        "trend": point.trend,
        "thresholds": station.thresholds,
    }
