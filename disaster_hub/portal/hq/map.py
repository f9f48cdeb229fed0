"""The desk's map: one page, what each person wants shown on it, what stands on it now and how it stood before."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as BaseResponse

from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq import map_facts, map_gauge
from disaster_hub.portal.hub import hub
from disaster_hub.portal.public.pages import data_credits
from disaster_hub.store import places, preferences, sketches, stills
from disaster_hub.store.layers import LAYERS
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right, may

WISHES = "map"
OWN_LAYERS = ("blocks", "water_points")
"""Place layers that the desk's map shows and the public one does not."""
FOUND_BY = {
    "reports": "/hq/reports.geojson", "checks": "/hq/checks.geojson", "shelter_words": "/hq/shelters.geojson",
    "places": "/hq/places", "own": "/hq/layers.json",
}  # fmt: skip
"""What other rooms of the house give; one that is not built shows nothing."""

room = Room("hq_map", __name__, door=Right.SEE, url_prefix="/hq")


@room.get("/map")
def desk_map() -> str:
    """Show the map with its list."""
    shared = hub(current_app)
    account = signed_in()
    assert account is not None  # the door let somebody in
    with shared.store.read() as tx:
        wishes = preferences.recall(tx, account.name, WISHES) or {}
        loaded = places.count(tx)
    rules = {rule.rule for rule in current_app.url_map.iter_rules()}
    settings = {
        "me": account.name, "draws": may(account.role, Right.LOG), "wishes": wishes,
        "sources": {name: request.script_root + path for name, path in FOUND_BY.items() if path in rules},
        "loaded": [name for name in OWN_LAYERS if loaded.get(name)], "cameras": bool(shared.config.cameras),
    }  # fmt: skip
    return render_template("hq/map.html", settings=settings, credits=data_credits())


@room.put("/map/wishes")
def wishes() -> Response:
    """Remember what this person wants shown."""
    said = request.get_json(silent=True)
    account = signed_in()
    if not isinstance(said, dict) or account is None:
        raise BadRequest("wishes: not a JSON object")
    try:
        with hub(current_app).store.write() as tx:
            preferences.remember(tx, account.name, WISHES, said)
    except BadInput as fault:
        raise BadRequest(str(fault)) from None
    return Response("", 204)


@room.get("/map/now.json")
def now() -> Response:
    """Give what stands on the desk's map besides the public facts."""
    shared = hub(current_app)
    return map_facts.answer(shared.aside(map_facts.now, map_facts.shelf(current_app), shared))


@room.get("/map/past.json")
def past() -> Response:
    """Give the last 24 hours in frames of a quarter of an hour."""
    shared = hub(current_app)
    return map_facts.answer(shared.aside(map_facts.past, map_facts.shelf(current_app), shared))


@room.get("/map/stations/<path:identity>.json")
def station(identity: str) -> Response:
    """Give what the detail of a gauge says beyond the public curve."""
    shared = hub(current_app)
    found = shared.aside(map_gauge.detail, shared, identity)
    if found is None:
        raise NotFound(f"no station {identity[:40]!r}")
    return _fresh(found)


@room.get("/roads.geojson")
def roads() -> Response:
    """Give the closed roads as lines, with who closed them and when."""
    shared = hub(current_app)
    return Response(
        map_facts.closed(shared), content_type="application/geo+json", headers={"Cache-Control": "no-store"}
    )


@room.get("/checks.geojson")
def checks() -> Response:
    """Give the check points of tonight's round."""
    headers = {"Cache-Control": "no-store"}
    return Response(map_facts.checks(hub(current_app)), content_type="application/geo+json", headers=headers)


@room.get("/map/reopened.geojson")
def reopened() -> Response:
    """Give the roads that were closed within the last day and are open again."""
    headers = {"Cache-Control": "no-store"}
    return Response(map_facts.reopened(hub(current_app)), content_type="application/geo+json", headers=headers)


@room.get("/layers-of/<name>.geojson")
def layer_of(name: str) -> Response:
    """Give a place layer that the public map does not show."""
    if name not in OWN_LAYERS or name not in LAYERS:
        raise NotFound(f"no layer {name[:40]!r}")
    shared = hub(current_app)
    return map_facts.answer(shared.aside(map_facts.layer, map_facts.shelf(current_app), shared, name))


@room.get("/cameras/<identity>/still.jpg")
def still(identity: str) -> BaseResponse:
    """Give the newest picture of a camera, or the one that stood there `at` a time."""
    at = None
    if "at" in request.args:
        try:
            at = aware(request.args["at"])
        except BadInput as fault:
            raise BadRequest(str(fault)) from None
    with hub(current_app).store.read() as tx:
        found = stills.find(tx, identity, at)
    if found is None:
        raise NotFound(f"camera {identity[:40]!r}: no picture")
    answer = Response(found[1], content_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})
    answer.set_etag(str(found[0].id))
    return answer.make_conditional(request)


@room.post("/map/sketches")
@only(Right.LOG)
def draw() -> tuple[Response, int]:
    """Keep a drawing for the room."""
    said = request.get_json(silent=True)
    account, shared = signed_in(), hub(current_app)
    assert account is not None
    try:
        kind, label, spots = _drawing(said)
        with shared.store.write() as tx:
            made = sketches.draw(tx, kind, label, spots, account.name, shared.now)
    except BadInput as fault:
        raise BadRequest(str(fault)) from None
    answer = jsonify({"id": made.id})
    answer.headers["Location"] = url_for("hq_map.now")
    return answer, 201


@room.delete("/map/sketches/<identity>")
@only(Right.LOG)
def erase(identity: str) -> Response:
    """Take a drawing of one's own off the map; the journal keeps that it was there."""
    account, shared = signed_in(), hub(current_app)
    assert account is not None
    try:
        with shared.store.write() as tx:
            sketches.remove(tx, identity, account.name, shared.now)
    except BadInput as fault:
        raise BadRequest(str(fault)) from None
    return Response("", 204)


def _drawing(said: Any) -> tuple[str, str, list[tuple[float, float]]]:
    """Read a drawing; anything else than a kind, a label and corners raises BadInput."""
    if not isinstance(said, dict) or not isinstance(said.get("spots"), list):
        raise BadInput("drawing: kind, label and spots are wanted")
    try:
        spots = [(float(lon), float(lat)) for lon, lat in said["spots"]]
    except (TypeError, ValueError):
        raise BadInput("drawing: spots are pairs of degrees") from None
    return str(said.get("kind", "")), str(said.get("label", "")), spots


def _fresh(said: dict[str, Any]) -> Response:
    answer = jsonify(said)
    answer.headers["Cache-Control"] = "no-store"
    return answer
