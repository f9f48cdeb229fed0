"""Reports from the field by phone: a photo, where and when it was seen; kept on the phone until there is a network."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for

from disaster_hub.desk import call as calls
from disaster_hub.desk.call import MOST_PHOTOS, Call
from disaster_hub.portal import seen
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.finder import gazetteer
from disaster_hub.portal.hq.report_photos import LARGEST, pictures
from disaster_hub.portal.hq.reporting import kind_of, named_role, spot_of, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import KIND_NAMES, ReportSource
from disaster_hub.terms.role import Right, Role

STATIC = Path(__file__).parents[1] / "static/hq/field"
SOURCES = {Role.FIELD: ReportSource.FIELD, Role.LEADER: ReportSource.LEADER, Role.DEPARTMENT: ReportSource.DEPARTMENT}
FARTHEST_M = 100_000.0
room = Room("hq_field", __name__, door=Right.REPORT, url_prefix="/hq")
room.after_request(seen.allow)


@room.record_once
def _prepare(state: Any) -> None:
    """Let in what waited on a phone: it comes with our header instead of a token that has grown old."""
    state.app.extensions["csrf"].exempt(taken)


@room.get("/field")
def field() -> str:
    """Show the page; the same for everybody, it opens without a network too."""
    return render_template("hq/field.html", kinds=KIND_NAMES, me=who().name, most=MOST_PHOTOS)


@room.post("/field/reports")
def taken() -> Any:
    """Take one report from a phone, however often it is sent."""
    request.max_content_length = LARGEST
    seen.ours()
    maker = request.form.get("maker", "")
    if maker and maker != who().name:
        return seen.refused(
            f"この報告は {maker[:40]} さんのものです。{maker[:40]} さんがサインインすると送られます。", 409
        )
    shared = hub(current_app)
    try:
        said = _read()
        with shared.store.write() as tx:
            made = calls.take(tx, desk().keys, said, who().name, shared.now)
    except BadInput as fault:
        return seen.refused(str(fault))
    return jsonify({"said": f"報告{made.number} として届きました。", "number": made.number, "id": made.id})


@room.get("/field/sw.js")
def worker() -> Response:
    """Give the service worker, one classic script: not every browser takes modules there."""
    root = f"const ROOT = {json.dumps(request.script_root)};\n"
    answer = Response(root + _script(), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = url_for("hq_field.field")
    return answer


@lru_cache(maxsize=1)
def _script() -> str:
    queue = (STATIC / "queue.js").read_text(encoding="utf-8").replace("export ", "")
    return queue + (STATIC / "sw.js").read_text(encoding="utf-8")


def _read() -> Call:
    form, account = request.form, who()
    spot = spot_of(form.get("lon", ""), form.get("lat", ""))
    kind = kind_of(form.get("kind", ""))
    found = pictures("photo")
    if spot is None:
        spot = next((p.spot for p in found if p.spot is not None), None)
    if spot is None:
        raise BadInput("場所がわかりません。地図で場所をさわってください。")
    return Call(
        seen.identity(), kind, spot, SOURCES.get(Role(account.role), ReportSource.FIELD),
        seen.text("place", calls.LONGEST_PLACE) or _near(spot), seen.text("said", calls.LONGEST_TEXT),
        seen.moment(hub(current_app).now), department=named_role(account) if account.role != Role.LEADER else "",
        accuracy_m=_accuracy(form.get("accuracy", "")), jpegs=[p.jpeg for p in found],
    )  # fmt: skip


def _near(spot: LonLat) -> str:
    name = gazetteer().address(spot)
    return f"{name}付近" if name else ""


def _accuracy(text: str) -> float | None:
    try:
        metres = float(text)
    except ValueError:
        return None
    return metres if 0 <= metres <= FARTHEST_M else None
