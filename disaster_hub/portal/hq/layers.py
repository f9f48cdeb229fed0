"""The departments' own maps: brought as a file, replaced, taken off; and the desk's tiles, which show them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden, NotFound

from disaster_hub.desk.tiles import DESK, Sheet
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.api.tiles import spot_of
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hub import hub
from disaster_hub.portal.layers import collection, feature, fine
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.guard import form_token
from disaster_hub.portal.tiles import answer
from disaster_hub.store import own_layers
from disaster_hub.store.own_layers import LINES, PATTERNS, SEEN_BY, OwnLayer
from disaster_hub.store.own_tables import own_shape
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.role import Right, Role
from sensors.datasets import any_layer

OWN = "own-"
SMALL = 3000
"""A layer of at most so many shapes is given as GeoJSON too; a larger one as tiles alone."""
LARGEST = any_layer.MOST_BYTES + 64 * 1024
NEAR_DEG = 0.01
KEPT = ("name", "department", "line", "pattern", "seen_by", "instead_of")
room = Room("hq_layers", __name__, door=Right.LAYERS, url_prefix="/hq")


@room.record_once
def _prepare(state: Any) -> None:
    """Ask for the token of the form with a file ourselves, once the larger limit holds."""
    state.app.extensions["csrf"].exempt(upload)


@room.get("/layers")
def layers() -> str:
    """List the maps that whoever is signed in sees, with the form for another."""
    return _page({"department": _me().department, "instead_of": request.args.get("instead_of", "")})


@room.post("/layers")
def upload() -> Any:
    """Take a file as a layer, whole or not at all."""
    request.max_content_length = LARGEST
    form_token()
    said = {name: request.form.get(name, "").strip() for name in KEPT}
    shared, me = hub(current_app), _me()
    layer = OwnLayer(said["name"], said["department"], said["line"], said["pattern"], said["seen_by"])
    try:
        _may_bring(layer, said["instead_of"])
        made = desk().aside(_taken, shared.store, layer, _file(), me.name, shared.now, said["instead_of"])
    except BadInput as fault:
        return _page(said, str(fault)), 400
    odd = f"直したところ：{'、'.join(made.problems)}。" if made.problems else ""
    flash(f"「{made.name}」（{made.shapes:,}件）を地図に加えました。{odd}", "saved:layer")
    return redirect(url_for("hq_layers.layers"), 303)


@room.post("/layers/<identity>/retire")
def retire(identity: str) -> Any:
    """Take a layer off the map."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        known = _seen(own_layers.find(tx, identity))
    if not _mine(known):
        raise Forbidden
    with shared.store.write() as tx:
        own_layers.retire(tx, identity, _me().name, shared.now)
    flash(f"「{known.name}」を地図から外しました。")
    return redirect(url_for("hq_layers.layers"), 303)


@room.get("/layers.json")
@only(Right.SEE)
def listed() -> Response:
    """Name the layers for the map, with their looks and addresses."""
    with hub(current_app).store.read() as tx:
        found = [one for one in own_layers.layers(tx) if _sees(one)]
    root = request.script_root
    rows = [
        {
            "id": one.id, "name": one.name, "department": one.department, "line": one.line, "pattern": one.pattern,
            "shapes": one.shapes, "tiles": f"{root}/hq/tiles/{one.id}/{OWN}{one.id}/",
            "url": f"{root}/hq/layers/{one.id}.geojson" if one.shapes <= SMALL else None,
        }
        for one in found
    ]  # fmt: skip
    answer_ = jsonify({"layers": rows})
    answer_.headers["Cache-Control"] = "no-store"
    return answer_


@room.get("/layers/<identity>.geojson")
@only(Right.SEE)
def as_geojson(identity: str) -> Response:
    """Give a small layer whole, with what its file said."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        known = _seen(own_layers.find(tx, identity))
        if known.shapes > SMALL:
            raise NotFound(f"{known.shapes} shapes are given as tiles alone")
        said = [feature(fine(one.geometry), one.columns, one.id) for one in own_layers.features(tx, identity)]
    return Response(collection(said), content_type="application/geo+json", headers={"Cache-Control": "no-store"})


@room.get("/layers/<identity>/at")
@only(Right.SEE)
def spot(identity: str) -> Response:
    """Give what a layer says of a spot, `at=lon,lat`, and of what lies `within` so many degrees of it."""
    shared = hub(current_app)
    place = spot_of(request.args.get("at", ""))
    within = min(NEAR_DEG, max(0.0, request.args.get("within", 0.0, float)))
    with shared.store.read() as tx:
        _seen(own_layers.find(tx, identity))
    found = desk().aside(_near, shared.store, identity, place, within)
    return Response(json.dumps(found, ensure_ascii=False), mimetype="application/json")


@room.get("/tiles/<stamp>/<layer>/<int:zoom>/<int:x>/<int:y>")
@only(Right.SEE)
def tile(stamp: str, layer: str, zoom: int, x: int, y: int) -> Response:
    """Give one tile of what the desk sees: the place layers, and own ones to those who may see them."""
    shared = hub(current_app)
    if layer.startswith(OWN):
        with shared.store.read() as tx:
            known = _seen(own_layers.find(tx, layer.removeprefix(OWN)))
        sheet, now = Sheet(own_shape, (), ("source", known.id)), known.id
    elif layer in DESK:
        sheet, now = DESK[layer], shared.board.places
    else:
        raise NotFound(f"no tiles of {layer[:40]!r}")
    return answer(layer, sheet, now, stamp, (zoom, x, y), whose="private")


def _taken(store: Store, layer: OwnLayer, file: tuple[Path, str], who: str, now: Any, instead_of: str) -> OwnLayer:
    """Read the file and write the layer: slow work, done aside."""
    path, name = file
    try:
        read = any_layer.read(path, name)
    finally:
        path.unlink(missing_ok=True)
    filled = OwnLayer(
        layer.name, layer.department, layer.line, layer.pattern, layer.seen_by, file=name, problems=read.problems
    )
    with store.write() as tx:
        return own_layers.add(tx, filled, read.features, who, now, instead_of)


def _file() -> tuple[Path, str]:
    """Put the uploaded file where GDAL can open it, under a name that nobody else chose."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput("ファイルを選んでください")
    name = Path(file.filename.replace("\\", "/")).name[:80]
    with tempfile.NamedTemporaryFile(prefix="hub-own-", delete=False) as target:
        file.save(target)
    return Path(target.name), name


def _near(store: Store, identity: str, place: LonLat, within: float) -> list[dict[str, Any]]:
    with store.read() as tx:
        return [{"id": one.id, "says": dict(one.columns)} for one in own_layers.near(tx, identity, place, within)]


def _page(said: dict[str, str], wrong: str = "") -> str:
    with hub(current_app).store.read() as tx:
        found = [one for one in own_layers.layers(tx, gone=True) if _sees(one)]
    return render_template(
        "hq/layers.html", shown=[one for one in found if one.shown], gone=[one for one in found if not one.shown],
        mine=_mine, said=said, wrong=wrong, lines=LINES, patterns=PATTERNS, seen_by=SEEN_BY,
        megabytes=any_layer.MOST_BYTES // 10**6,
    )  # fmt: skip


def _me() -> Any:
    account = signed_in()
    assert account is not None  # the door let somebody in
    return account


def _sees(layer: OwnLayer) -> bool:
    return layer.seen(_me().department, every=_me().role == Role.ADMINISTRATOR)


def _seen(layer: OwnLayer | None) -> OwnLayer:
    """Give the layer to those who may see it; to the others it is not there."""
    if layer is None or not _sees(layer):
        raise NotFound("no such layer")
    return layer


def _mine(layer: OwnLayer) -> bool:
    """Tell whether whoever is signed in may replace it or take it off: a department its own, the others all."""
    return bool(_me().role != Role.DEPARTMENT or layer.department == _me().department)


def _may_bring(layer: OwnLayer, instead_of: str) -> None:
    """Refuse a layer in another department's name, and one that would replace what is not one's own."""
    if not _mine(layer):
        raise BadInput(f"部局は、あなたの部局「{_me().department}」にしてください")
    if instead_of:
        with hub(current_app).store.read() as tx:
            old = own_layers.find(tx, instead_of)
        if old is None or not _sees(old) or not _mine(old):
            raise BadInput("その地図は置きかえられません。一覧を開き直してください")
