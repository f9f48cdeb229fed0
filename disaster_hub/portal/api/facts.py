"""Public facts: the situation, the layers, one area's reasons, one station's curve, the live wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import NotFound

from disaster_hub.portal.board import LAYERS
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.packed import Packed
from disaster_hub.store import levels, observations, witness
from disaster_hub.terms.bulletin import Hazard
from disaster_hub.terms.clock import local
from disaster_hub.terms.observation import Basis, Observation

HOURS = 24
MOST_HOURS = 72
CHANGES_SHOWN = 20

room = Room("api", __name__, door=Door.ANYONE, url_prefix="/api")


@room.get("/situation")
def situation() -> Response:
    """Give the situation; under the server the short cut answers before Flask."""
    return _answer(hub(current_app).board.situation())


@room.get("/layers/<name>.geojson")
def layer(name: str) -> Response:
    """Give one layer as GeoJSON."""
    if name not in LAYERS:
        raise NotFound(f"no layer {name[:40]!r}; there are {', '.join(LAYERS)}")
    shared = hub(current_app)
    return _answer(shared.aside(shared.board.layer, name))


@room.get("/live")
def live() -> Response:
    """Give the live wire as server-sent events; with `?once` its present word alone, for pages that must ask."""
    shared = hub(current_app)
    if "once" in request.args:
        if not shared.board.watched:
            shared.board.refresh()
        return Response(shared.board.word(), content_type="application/json", headers={"Cache-Control": "no-store"})
    if shared.wire.full():
        return Response("", 503, {"Retry-After": "5"})
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(shared.wire.listen(), content_type="text/event-stream; charset=utf-8", headers=headers)


@room.get("/areas/<code>")
def area(code: str) -> Response:
    """Give the reasons of one area: each hazard's official word, and how the level came about."""
    shared = hub(current_app)
    row = next((a for a in shared.board.rows()["areas"] if a["code"] == code), None)
    if row is None:
        raise NotFound(f"no watched area {code[:20]!r}")
    zone = shared.config.city.zone
    words: list[dict[str, Any]] = [
        {
            "hazard": word.hazard,
            "level": word.level,
            "name": word.name,
            "issuer": word.issuer,
            "since": None if word.since is None else local(word.since, zone),
            "confirmed": None if word.confirmed is None else local(word.confirmed, zone),
            "until": None if word.until is None else local(word.until, zone),
            "unknown": word.unknown,
        }
        for word in shared.board.facts().officials.get(code, ())
    ]
    with shared.store.read() as tx:
        changes = levels.changes(tx, code)[-CHANGES_SHOWN:]
    history = [
        {"at": local(c.at, zone), "before": c.before, "after": c.after, "issuer": c.issuer, "reason": c.reason}
        for c in reversed(changes)
    ]
    order = {hazard.value: number for number, hazard in enumerate(Hazard)}
    words.sort(key=lambda w: (-(w["level"] or 0), order.get(str(w["hazard"]), 99)))
    return _fresh({"area": row, "words": words, "changes": history})


@room.get("/stations/<path:identity>/series")
def series(identity: str) -> Response:
    """Give one station's curve: observed for the last `hours` (24), and the newest forecast, apart."""
    shared = hub(current_app)
    point = next((p for p in shared.board.facts().points if p.station.id == identity), None)
    if point is None:
        raise NotFound(f"no station {identity[:40]!r}")
    hours = min(MOST_HOURS, max(1, request.args.get("hours", HOURS, int)))
    now = shared.now
    with shared.store.read() as tx:
        seen = observations.of_station(tx, identity, point.quantity, now - timedelta(hours=hours))
        seen = witness.marked(seen, witness.marks(tx, now - timedelta(hours=hours), (identity,)))
    return _fresh({
        "station": identity,
        "now": local(now, shared.config.city.zone),
        "hours": hours,
        "quantity": point.quantity,
        "unit": point.unit,
        "interval_s": point.interval_s,
        "thresholds": dict(point.station.thresholds),
        "observed": [_value(o, shared.config.city.zone) for o in seen if o.basis is Basis.OBSERVED],
        "forecast": [_value(o, shared.config.city.zone) for o in seen if o.basis is Basis.FORECAST],
    })  # fmt: skip


def _value(seen: Observation, zone: Any) -> dict[str, Any]:
    said = {"at": local(seen.at, zone), "value": seen.value, "quality": seen.quality.value}
    return said if seen.issued_at is None else said | {"issued_at": local(seen.issued_at, zone)}


def _answer(packed: Packed) -> Response:
    encodings, known = (request.headers.get(h, "") for h in ("Accept-Encoding", "If-None-Match"))
    status, headers, body = packed.answer(encodings, known)
    return Response(body, status, headers)


def _fresh(said: dict[str, Any]) -> Response:
    answer = jsonify(said)
    answer.headers["Cache-Control"] = "no-store"
    return answer
