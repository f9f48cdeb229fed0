"""The 15-second call box: a place by one word or one touch, a kind, done."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for

from disaster_hub.desk import call as calls
from disaster_hub.desk.call import Call
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.finder import gazetteer
from disaster_hub.portal.hq.reporting import KEYS, fresh_id, kind_of, place_of, seen_at, spot_of, typed, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import reports
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.report import KIND_NAMES, Report, ReportKind, ReportSource
from disaster_hub.terms.role import Right

FIELDS = ("id", "place", "lon", "lat", "kind", "said", "seen", "name", "phone")
LAST = 5
room = Room("hq_call", __name__, door=Right.HANDLE, url_prefix="/hq")


@room.get("/call")
def call() -> Any:
    """Show the empty box, with the last calls beside it."""
    return _page({"id": fresh_id()})


@room.post("/call")
def taken() -> Any:
    """Save the call; where the clerk said so, as one more word about a report that is there."""
    form = typed(*FIELDS)
    shared = hub(current_app)
    try:
        said = _read(form)
        with shared.store.write() as tx:
            made = calls.take(tx, desk().keys, said, who().name, shared.now)
            head = _joined(tx, made) if request.form.get("join") else None
    except BadInput as fault:
        return _page(form, str(fault)), 400
    words = f"{made.line} を記録しました。"
    if head is not None:
        words = f"報告{made.number} を 報告{head.number} にまとめました。"
    flash(words, "saved:call")
    return redirect(url_for("hq_call.call"), 303)


@room.get("/call/same")
def same() -> Any:
    """Give the reports that may tell of the same thing; asked while the clerk is still typing."""
    spot = spot_of(request.args.get("lon", ""), request.args.get("lat", ""))
    if spot is None:
        return jsonify({"same": []})
    kind = next((one for one in ReportKind if one.value == request.args.get("kind", "")), None)
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = calls.candidates(tx, spot, kind, shared.now)[:3]
    zone = shared.config.city.zone
    return jsonify({
        "same": [
            {"id": r.id, "line": r.line, "said": r.said[:60], "seen_at": r.seen_at.astimezone(zone).isoformat()}
            for r in found
        ]
    })  # fmt: skip


def _read(form: dict[str, Any]) -> Call:
    """Read the form; a word that nobody picked from the list means its first place."""
    kind = kind_of(form["kind"])
    spot, place = spot_of(form["lon"], form["lat"]), form["place"]
    if spot is None:
        spot = place_of(place).spot
    place = place.strip() or gazetteer().address(spot)
    person = {"name": form["name"], "phone": form["phone"]}
    return Call(
        form["id"], kind, spot, ReportSource.CALL, place, form["said"], seen_at(form["seen"]), person
    )  # fmt: skip


def _joined(tx: Any, made: Report) -> Report | None:
    """Join what was just entered; sent twice, it is joined already."""
    if not made.joined_to:
        made = reports.join(tx, made.id, made.version, request.form["join"], who().name, hub(current_app).now)
    return reports.find(tx, made.joined_to)


def _page(form: dict[str, Any], wrong: str = "") -> str:
    shared = hub(current_app)
    with shared.store.read() as tx:
        last = reports.newest(tx, LAST)
    kinds = [(kind, KIND_NAMES[kind], key) for kind, key in zip(ReportKind, KEYS, strict=True)]
    return render_template("hq/call.html", form=form, kinds=kinds, wrong=wrong, last=last, now=shared.now)
