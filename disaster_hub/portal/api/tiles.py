"""The public layers as tiles, and what the hazard zones say of one spot."""

from __future__ import annotations

import math

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from disaster_hub.desk.tiles import PUBLIC
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.layers import SHOWN
from disaster_hub.portal.tiles import answer
from disaster_hub.store import places
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import HubError
from disaster_hub.terms.place import LonLat

room = Room("tiles", __name__, door=Door.ANYONE, url_prefix="/api")


@room.get("/tiles/<stamp>/<layer>/<int:zoom>/<int:x>/<int:y>")
def tile(stamp: str, layer: str, zoom: int, x: int, y: int) -> Response:
    """Give one tile; `places` of the live word is the stamp under which it is kept for ever."""
    if layer not in PUBLIC:
        raise NotFound(f"no tiles of {layer[:40]!r}; there are {', '.join(PUBLIC)}")
    now = hub(current_app).board.places
    return answer(layer, PUBLIC[layer], now, stamp, (zoom, x, y), whose="public")


@room.get("/zones")
def zones() -> Response:
    """Give the hazard zones that cover `at=lon,lat`, from the store's own shapes, every corner of them."""
    shared = hub(current_app)
    spot = spot_of(request.args.get("at", ""))
    found = shared.aside(_zones, shared.store, spot)
    if isinstance(found, HubError):
        raise found
    said = jsonify({"at": [spot.lon, spot.lat], "loaded": found[0], "zones": found[1]})
    said.headers["Cache-Control"] = "no-cache"
    return said


def spot_of(text: str) -> LonLat:
    """Read `lon,lat`; anything else is a bad request."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # what degrees are
        raise BadRequest("at: wanted are degrees, at=lon,lat")
    return LonLat(lon, lat)


def _zones(store: Store, spot: LonLat) -> tuple[bool, list[dict[str, object]]] | HubError:
    """Look the spot up aside; also tell whether any zone is loaded at all: nothing loaded is not "none"."""
    try:
        with store.read() as tx:
            found = places.containing(tx, "hazards", spot)
            loaded = bool(found) or places.any_of(tx, "hazards")
    except HubError as fault:
        return fault
    return loaded, [{name: one.columns.get(name) for name in SHOWN["hazards"]} | {"id": one.id} for one in found]
