"""How tiles are answered: for ever under the stamp of what they were drawn from, 503 while a layer is being drawn."""

from __future__ import annotations

import gzip
import logging

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import NotFound

from disaster_hub.desk.tile_cut import DEEPEST
from disaster_hub.desk.tiles import LEAST_ZOOM, PUBLIC, Atlas, Sheet
from disaster_hub.portal.hub import hub
from disaster_hub.terms.errors import HubError

log = logging.getLogger("disaster_hub.web")
NAME = "disaster_hub.atlas"
KIND = "application/vnd.disaster-hub.tile"
A_YEAR = "max-age=31536000, immutable"


def atlas() -> Atlas:
    """Give the atlas of the application at hand."""
    app = current_app
    found: Atlas = app.extensions.setdefault(NAME, Atlas(hub(app).store))
    return found


def answer(name: str, sheet: Sheet, now: str, asked: str, place: tuple[int, int, int], *, whose: str) -> Response:
    """Give one tile of the layer *name*, whose stamp is *now*; *whose* is `public` or `private`, for caches."""
    zoom, x, y = place
    if not (LEAST_ZOOM <= zoom <= DEEPEST and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise NotFound("no such tile")
    held = atlas()
    body = held.known(name, now, *place)
    if body is None:
        found = hub(current_app).aside(_made, held, name, now, sheet, place)
        if isinstance(found, HubError):
            raise found
        body = found
    if body is None:
        return Response("", 503, {"Retry-After": "1", "Cache-Control": "no-store"})
    headers = {"Cache-Control": f"{whose}, {A_YEAR}" if asked == now else "no-store", "Content-Type": KIND}
    if not body:
        return Response("", 204, headers)
    headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(gzip.decompress(body), 200, headers)
    return Response(body, 200, headers | {"Content-Encoding": "gzip"})


def _made(held: Atlas, name: str, stamp: str, sheet: Sheet, place: tuple[int, int, int]) -> bytes | HubError | None:
    """Cut a tile aside; a large layer that is not drawn yet is begun, and whoever asked asks again."""
    try:
        if not held.ready(name, stamp):
            if not held.small(sheet):
                held.begin(name, stamp, sheet)
                return None
            held.prepare(name, stamp, sheet)
        return held.tile(name, stamp, sheet, *place)
    except HubError as fault:
        return fault


def warm(app: Flask) -> None:
    """Draw the hazard zones, the one large public layer, before anybody asks for them."""
    with app.app_context():
        atlas().prepare("hazards", hub(current_app).board.places, PUBLIC["hazards"])
