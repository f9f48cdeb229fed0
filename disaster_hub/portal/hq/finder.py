"""The desk's search for places: `/hq/places?q=` gives JSON while somebody types; the same for a touch on the map."""

from __future__ import annotations

import threading
from typing import Any

from flask import current_app, jsonify, request
from werkzeug.exceptions import BadRequest

from disaster_hub.desk.gazetteer import Finder, Gazetteer, Place
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.role import Right

NAME = "disaster_hub.finder"
MOST = 8
_one_at_a_time = threading.Lock()
room = Room("hq_places", __name__, door=Right.SEE, url_prefix="/hq")


@room.get("/places")
def places() -> Any:
    """Give the places that a word may mean, best first."""
    found = gazetteer().find(request.args.get("q", ""), MOST)
    return jsonify({"places": [_said(one) for one in found]})


@room.get("/places/at")
def at() -> Any:
    """Give the address next to a touched spot."""
    try:
        spot = LonLat(float(request.args["lon"]), float(request.args["lat"]))
    except (KeyError, ValueError):
        raise BadRequest("lon and lat are needed") from None
    return jsonify({"name": gazetteer().address(spot)})


def gazetteer() -> Gazetteer:
    """Give the gazetteer of the application at hand; made beside the others' work where it is not there yet."""
    shared = hub(current_app)
    finder: Finder | None = current_app.extensions.get(NAME)
    if finder is None:
        with _one_at_a_time:
            finder = current_app.extensions.setdefault(NAME, Finder(shared.store, shared.board.config))
    found: Gazetteer = shared.aside(finder.gazetteer)
    return found


def _said(one: Place) -> dict[str, Any]:
    lon, lat = round(one.spot.lon, 6), round(one.spot.lat, 6)
    return {"id": one.id, "name": one.name, "what": one.what, "near": one.near, "lon": lon, "lat": lat}
