"""What the desk's map shows besides the public facts: silences, cameras, drawings, closed roads, and the past."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from flask import Flask, Response, request
from shapely.geometry import mapping

from disaster_hub.config import Camera
from disaster_hub.desk import decisions, gauges
from disaster_hub.desk.gauges import Line
from disaster_hub.desk.past import SPAN
from disaster_hub.desk.past import past as past_of
from disaster_hub.desk.rounds import tonight
from disaster_hub.portal.hub import Hub
from disaster_hub.portal.layers import collection, feature, fine
from disaster_hub.portal.packed import Packed, pack
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.rules.gauges import Standing
from disaster_hub.store import conditions, drawn_areas, journal, places, pulse, sketches, stills
from disaster_hub.store.pulse import SourcePulse
from disaster_hub.store.session import Transaction
from disaster_hub.store.stills import Still
from disaster_hub.terms.clock import local
from disaster_hub.terms.level import ORDER_WORDS
from disaster_hub.terms.rounds import Due

KEPT_S = 60
MOMENT_S = 5.0
HEADERS = (("Cache-Control", "private, no-cache"), ("X-Content-Type-Options", "nosniff"))
Said = dict[str, Any]
SILENT = frozenset({Standing.SILENT_DANGER, Standing.SILENT})


@dataclass(slots=True)
class Shelf:
    """Answers that take a while, kept as long as their stamp holds; each is made by one at a time, for everybody."""

    held: dict[str, tuple[str, Packed]] = field(default_factory=dict)
    locks: dict[str, threading.Lock] = field(default_factory=dict)

    def give(self, name: str, stamp: str, make: Callable[[], Packed]) -> Packed:
        """Give what was made for *stamp*, or make it."""
        with self.locks.setdefault(name, threading.Lock()):
            if self.held.get(name, ("",))[0] != stamp:
                self.held[name] = (stamp, make())
            return self.held[name][1]


def shelf(app: Flask) -> Shelf:
    """Give the shelf of *app*."""
    found: Shelf = app.extensions.setdefault("desk_map", Shelf())
    return found


def now(kept: Shelf, shared: Hub) -> Packed:
    """Give silences, cameras, orders and drawings, made again when anything was committed or a moment has passed."""
    beat = int(shared.now.timestamp() // (MOMENT_S * shared.config.world.speed))
    make = partial(_packed, shared)
    return kept.give("now", f"{shared.store.version()} {beat}", make)


def _packed(shared: Hub) -> Packed:
    return pack(msgspec.json.encode(_now(shared)), "application/json; charset=utf-8", HEADERS)


def _now(shared: Hub) -> Said:
    zone, at = shared.config.city.zone, shared.now
    with shared.store.read() as tx:
        silent = {one.station: silence(one, zone) for one in lines(tx, shared) if one.look.standing in SILENT}
        pictures = stills.newest(tx)
        pulses = {p.source: p for p in pulse.sources(tx)}
        drawn = sketches.standing(tx)
        orders = decisions.in_force(tx, shared.config)
        grounds = drawn_areas.of(tx, {one.area for one in orders})
    return {
        "now": local(at, zone),
        "silent": silent,
        "cameras": [
            camera_row(shared, one, pictures.get(one.id), pulses.get(f"camera:{one.id}"))
            for one in shared.config.cameras
        ],
        "sketches": [
            {"id": s.id, "kind": s.kind, "label": s.label, "spots": s.spots, "who": s.who, "at": local(s.made_at, zone)}
            for s in drawn
        ],
        "orders": [
            {
                "id": one.area, "area": one.area, "area_name": one.area_name, "level": one.level, "by": one.by,
                "words": ORDER_WORDS.get(one.level, ""), "since": local(one.since, zone),
                "hazard_word": HAZARD_WORDS.get(one.hazard.value, ""),
                "outline": mapping(grounds[one.area].shape) if one.area in grounds else None,
            }
            for one in orders
        ],
    }  # fmt: skip


def lines(tx: Transaction, shared: Hub, only: str | None = None) -> list[Line]:
    """Give every gauge against its thresholds, or one of them."""
    facts = shared.board.facts()
    words = [word for spoken in facts.officials.values() for word in spoken]
    points = [p for p in facts.points if only is None or p.station.id == only]
    return gauges.board(tx, points, words, shared.now)


def silence(line: Line, zone: ZoneInfo) -> Said:
    """Say since when a gauge is silent, whether that counts as danger, and why."""
    since = None if line.look.since is None else local(line.look.since, zone)
    return {"since": since, "danger": line.look.standing is Standing.SILENT_DANGER, "reason": line.look.reason}


def camera_row(shared: Hub, camera: Camera, picture: Still | None, heard: SourcePulse | None) -> Said:
    """Say what is known of a camera: where it stands, its newest picture's own time, whether that is old."""
    zone, now_ = shared.config.city.zone, shared.now
    taken = None if picture is None else picture.taken_at
    spot = (camera.lon, camera.lat)
    if camera.lon is None:
        beside = next((p.station for p in shared.board.facts().points if p.station.id == camera.station), None)
        spot = (None, None) if beside is None else (beside.lon, beside.lat)
    failing = heard is not None and heard.failures > 0
    return {
        "id": camera.id, "name": camera.name, "station": camera.station, "lon": spot[0], "lat": spot[1],
        "still": None if picture is None else picture.id,
        "taken": None if taken is None else local(taken, zone),
        "received": None if picture is None else local(picture.received_at, zone),
        "basis": "unknown" if picture is None else picture.basis, "stale_after_s": camera.stale_after_s,
        "stale": taken is None or now_ - taken > timedelta(seconds=camera.stale_after_s),
        "silent": failing,
        "heard": local(heard.last_success, zone) if heard is not None and heard.last_success is not None else None,
        "why": heard.last_reason if heard is not None and failing else "",
    }  # fmt: skip


def closed(shared: Hub) -> bytes:
    """Give the closed roads as a FeatureCollection."""
    zone = shared.config.city.zone
    with shared.store.read() as tx:
        words = {word.place: word for word in conditions.closures(tx)}
        lines = places.named(tx, "roads", list(words))
    out = []
    for line in lines:
        word = words[line.id]
        said = {"id": line.id, "name": line.columns.get("name") or "名前のない道", "at": local(word.at, zone)}
        out.append(feature(fine(line.geometry), said | {"who": word.who, "because": word.because}, line.id))
    return collection(out)


def checks(shared: Hub) -> bytes:
    """Give the check points with who goes, when it was last seen and how it stands."""
    zone = shared.config.city.zone
    with shared.store.read() as tx:
        rows = tonight(tx, shared.config, shared.now).rows
    out = []
    for row in rows:
        look = row.last
        said: Said = {
            "id": row.point.id, "name": row.point.name, "who": row.point.goes, "what": row.point.look_at,
            "due": row.due.value, "overdue": row.due in {Due.NEVER, Due.OVERDUE},
            "seen_at": None if look is None else local(look.seen_at, zone),
            "seen_by": None if look is None else look.who,
            "said": None if look is None else "異常なし" if look.fine else look.said,
        }  # fmt: skip
        out.append(feature(fine(row.point.spot.point), said, row.point.id))
    return collection(out)


def reopened(shared: Hub) -> bytes:
    """Give the roads that were closed within the last day and are open now: the past shows them."""
    since = shared.now - SPAN
    with shared.store.read() as tx:
        shut = {word.place for word in conditions.closures(tx)}
        said = journal.entries(tx, since=since, kinds=("road_closed", "road_opened"), limit=5000)
        lines = places.named(tx, "roads", [e.where for e in said if e.where and e.where not in shut])
    name = "名前のない道"
    return collection(
        feature(fine(one.geometry), {"id": one.id, "name": one.columns.get("name") or name}, one.id) for one in lines
    )


def past(kept: Shelf, shared: Hub) -> Packed:
    """Give the last 24 hours, made at most once a minute of this world."""

    def make() -> Packed:
        at = shared.now
        facts, rows = shared.board.facts(), shared.board.rows()
        shown = {p.station.id: p.quantity for p in facts.points}
        areas = {row["code"]: row["level"] for row in rows["areas"]}
        with shared.store.read() as tx:
            said = past_of(tx, shown, areas, at, shared.config.city.zone)
        return pack(msgspec.json.encode(said), "application/json; charset=utf-8", HEADERS)

    step = KEPT_S * max(1.0, shared.config.world.speed / KEPT_S)
    return kept.give("past", str(shared.now.timestamp() // step), make)


def layer(kept: Shelf, shared: Hub, name: str) -> Packed:
    """Give a place layer as GeoJSON, made again when open data was loaded."""

    def make() -> Packed:
        with shared.store.read() as tx:
            return pack(places.geojson(tx, name), "application/geo+json", HEADERS)

    return kept.give(name, shared.board.facts().places, make)


def answer(packed: Packed) -> Response:
    """Give what was packed as the asker takes it."""
    encodings, known = (request.headers.get(h, "") for h in ("Accept-Encoding", "If-None-Match"))
    status, headers, body = packed.answer(encodings, known)
    return Response(body, status, headers)
