"""The detail of one gauge for the headquarters: who forecasts, what stands beside it, how its thresholds changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from disaster_hub.desk import river_order
from disaster_hub.desk.gauges import Line
from disaster_hub.portal.facts import Point
from disaster_hub.portal.hq.map_facts import SILENT, camera_row, lines, silence
from disaster_hub.portal.hub import Hub
from disaster_hub.rules.gauges import Ahead
from disaster_hub.store import pulse, stations, stills
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import local
from disaster_hub.terms.observation import StationKind
from disaster_hub.terms.place import LonLat, metres_between

BESIDE_M = 400.0
"""A camera this near belongs to the gauge even where the configuration does not say so."""
NEIGHBOURS = 2
"""On either side."""
Said = dict[str, Any]


def detail(shared: Hub, identity: str) -> Said | None:
    """Give what is said of a station beyond its public curve; None where there is no such station."""
    points = {p.station.id: p for p in shared.board.facts().points}
    point = points.get(identity)
    if point is None:
        return None
    zone = shared.config.city.zone
    with shared.store.read() as tx:
        line = next(iter(lines(tx, shared, identity)), None)
        history = stations.threshold_history(tx, identity)
        cameras = _cameras(tx, shared, point)
        beside = _neighbours(tx, shared, point, points)
    return {
        "silence": None if line is None or line.look.standing not in SILENT else silence(line, zone),
        "next": None if line is None else ahead(line, zone),
        "thresholds": [{"since": local(since, zone), "marks": marks} for since, marks in history],
        "cameras": cameras,
        "neighbours": beside,
        "issuer": next((f.issuer for f in shared.config.feeds if f.name == point.source), ""),
        "maintained": bool(getattr(point.own, "maintained", False)),
    }  # fmt: skip


def ahead(line: Line, zone: ZoneInfo) -> Said | None:
    """Say which threshold is next and when: by the official forecast, else by a rule of thumb that is called one."""
    look = line.look
    if look.mark is None or look.distance is None:
        return None
    said: Said = {"basis": look.basis.value, "mark": look.mark, "height": look.height, "words": ""}
    rest = f"あと{look.distance:.2f} {line.unit}"
    issued = "" if look.issued_at is None else f"{_clock(look.issued_at, zone)}発表"
    who = f"{line.issuer or '公式'}の予測（{issued}）。発表者の誤差の明示なし。"
    if look.basis is Ahead.FORECAST and look.at is not None:
        return said | {"rest_words": f"{rest}・早ければ{_clock(look.at, zone)}", "words": who}
    if look.basis is Ahead.FORECAST and look.beyond is not None:
        return said | {"rest_words": f"{rest}・{_clock(look.beyond, zone)}までは届かない予測", "words": who}
    if look.basis is Ahead.GUIDE and look.at is not None:
        words = "直近1時間の上がり方をそのまま延ばした目安です。予測ではありません。"
        return said | {"rest_words": f"{rest}・目安 {_clock(look.at, zone)}ごろ", "words": words}
    return said | {"rest_words": rest}


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def _cameras(tx: Transaction, shared: Hub, point: Point) -> list[Said]:
    """Give the cameras of this station: those that name it, else those that stand beside it."""
    here = point.station
    rows = stills.newest(tx)
    heard = {p.source: p for p in pulse.sources(tx)}
    mine = [c for c in shared.config.cameras if c.station == here.id]
    if not mine and here.lon is not None and here.lat is not None:
        spot = LonLat(here.lon, here.lat)
        near = [
            (metres_between(spot, LonLat(c.lon, c.lat)), c)
            for c in shared.config.cameras
            if c.lon is not None and c.lat is not None
        ]
        mine = [c for far, c in sorted(near, key=lambda pair: pair[0]) if far <= BESIDE_M][:1]
    return [camera_row(shared, c, rows.get(c.id), heard.get(f"camera:{c.id}")) for c in mine]


def _neighbours(tx: Transaction, shared: Hub, point: Point, points: dict[str, Point]) -> list[Said]:
    """Give the stations up- and downstream, the nearest of each first; without a river the nearest of all."""
    levels = [p.station for p in points.values() if p.station.kind in {StationKind.RIVER, StationKind.SENSOR}]
    found = river_order.beside(tx, point.station, levels, NEIGHBOURS)
    out = []
    for one in found:
        other = points[one.station]
        stale = other.last is None or shared.now - other.last.at > timedelta(seconds=2 * other.interval_s)
        out.append({
            "id": one.station, "name": other.station.name, "side": one.side,
            "metres": round(one.metres), "river": one.river,
            "value": None if other.last is None else other.last.value, "unit": other.unit, "at": other.at,
            "stale": stale, "trend": other.trend, "thresholds": dict(other.station.thresholds),
        })  # fmt: skip
    return out
