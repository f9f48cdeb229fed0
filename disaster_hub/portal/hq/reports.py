"""The list of reports, the quick table of the departments, and the reports as a layer of the map."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import call as calls
from disaster_hub.desk.call import Call
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.reporting import fresh_id, kind_of, named_role, place_of, seen_at, spot_of, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.packed import Packed, pack
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import reports as kept
from disaster_hub.store.reports import Wish
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.report import (
    KIND_NAMES,
    SOURCE_NAMES,
    STATE_NAMES,
    Report,
    ReportKind,
    ReportSource,
    ReportState,
)
from disaster_hub.terms.role import Right, may

PAGE = 50
LAYER = "disaster_hub.reports_layer"
ROWS, MOST_ROWS = 5, 12
LINE = ("id", "place", "lon", "lat", "kind", "said", "seen")
DEPARTMENTS = ("総務部", "土木部", "消防", "福祉部", "上下水道部", "農林部", "教育委員会")
NAMES = {"kind_names": KIND_NAMES, "state_names": STATE_NAMES, "source_names": SOURCE_NAMES}
room = Room("hq_reports", __name__, door=Right.SEE, url_prefix="/hq")


@room.get("/reports")
def reports() -> str:
    """Show the reports, the most urgent first; the live part alone where the script asks for it."""
    wish, page = _wish(), max(1, request.args.get("page", 1, int))
    shared = hub(current_app)
    with shared.store.read() as tx:
        total = kept.count(tx, wish)
        found = kept.listed(tx, wish, PAGE, PAGE * (page - 1))
        heads = kept.several(tx, {one.joined_to for one in found if one.joined_to})
        states = kept.by_state(tx)
        departments = kept.departments(tx)
    part = "X-Part" in request.headers
    return render_template(
        "hq/reports_part.html" if part else "hq/reports.html", **NAMES, found=found, total=total, page=page,
        last=max(1, -(-total // PAGE)), states=states, wish=wish, now=shared.now, heads=heads,
        departments=departments, args=request.args.to_dict(), may_write=may(who().role, Right.HANDLE),
    )  # fmt: skip


@room.get("/reports.geojson")
def as_layer() -> Response:
    """Give every report that stands for itself as a point; nothing about persons is in it."""
    shared = hub(current_app)
    held: tuple[str, Packed] | None = current_app.extensions.get(LAYER)
    with shared.store.read() as tx:
        stamp = kept.stamp(tx)
        if held is None or held[0] != stamp:
            features = [_feature(one) for one in kept.reports(tx) if one.state is not ReportState.JOINED]
            body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
            held = stamp, pack(body, "application/geo+json", (("Cache-Control", "private, no-cache"),))
            current_app.extensions[LAYER] = held
    asked = (request.headers.get(name, "") for name in ("Accept-Encoding", "If-None-Match"))
    status, headers, said = held[1].answer(*asked)
    return Response(said, status, headers)


@room.get("/reports/new")
@only(Right.HANDLE)
def new() -> str:
    """Show the table of a department's quick entry."""
    lines = [{"id": fresh_id()} for _ in range(ROWS)]
    return _table(lines, named_role(who()))


@room.post("/reports/new")
@only(Right.HANDLE)
def entered() -> Any:
    """Save every line that was filled, all of them or none."""
    lines, department = _lines(), request.form.get("department", "").strip()[:40]
    if request.form.get("more"):
        return _table([*lines, *({"id": fresh_id()} for _ in range(min(ROWS, MOST_ROWS - len(lines))))], department)
    filled = [(n, line) for n, line in enumerate(lines, 1) if line["place"].strip() or line["said"].strip()]
    if not filled:
        return _table(lines, department, "1行も入っていません。場所と種別を入れてください。"), 400
    shared = hub(current_app)
    try:
        said = [_call(n, line, department) for n, line in filled]
        with shared.store.write() as tx:
            made = [calls.take(tx, desk().keys, one, who().name, shared.now) for one in said]
    except BadInput as fault:
        return _table(lines, department, str(fault)), 400
    flash(f"{len(made)}件を記録しました（{'、'.join(f'報告{r.number}' for r in made)}）。", "saved:new-reports")
    return redirect(url_for("hq_reports.reports"), 303)


def _wish() -> Wish:
    """Read the filters; a word that no filter knows narrows nothing."""
    said = request.args
    kinds = frozenset(kind for kind in ReportKind if kind.value in said.getlist("kind"))
    states = frozenset(state for state in ReportState if state.value in said.getlist("state"))
    return Wish("all" not in said and not states, kinds, states, said.get("department", "")[:40])


def _lines() -> list[dict[str, str]]:
    columns = {name: request.form.getlist(name)[:MOST_ROWS] for name in LINE}
    number = len(columns["id"])
    return [{name: values[n] if n < len(values) else "" for name, values in columns.items()} for n in range(number)]


def _call(number: int, line: dict[str, str], department: str) -> Call:
    """Read one line; what is wrong with it is said with its number."""
    try:
        spot = spot_of(line["lon"], line["lat"]) or place_of(line["place"]).spot
        return Call(
            line["id"], kind_of(line["kind"]), spot, ReportSource.DEPARTMENT, line["place"], line["said"],
            seen_at(line["seen"]), department=department,
        )  # fmt: skip
    except BadInput as fault:
        raise BadInput(f"{number}行目：{fault}") from fault


def _table(lines: list[Any], department: str, wrong: str = "") -> str:
    return render_template(
        "hq/reports_new.html", lines=lines, department=department, departments=DEPARTMENTS, wrong=wrong,
        most=MOST_ROWS, **NAMES,
    )  # fmt: skip


def _feature(one: Report) -> dict[str, Any]:
    zone = hub(current_app).config.city.zone
    about = {
        "id": one.id, "number": one.number, "kind": one.kind.value, "kind_name": KIND_NAMES[one.kind],
        "state": one.state.value, "state_name": STATE_NAMES[one.state], "source": one.source.value,
        "seen_at": one.seen_at.astimezone(zone).isoformat(timespec="seconds"), "place": one.place, "said": one.said,
        "department": one.department, "photos": len(one.photos), "closed": bool(one.links),
        "received_at": one.received_at.astimezone(zone).isoformat(timespec="seconds"),
        "changed_at": (one.changed_at or one.received_at).astimezone(zone).isoformat(timespec="seconds"),
    }  # fmt: skip
    place = {"type": "Point", "coordinates": [round(one.spot.lon, 6), round(one.spot.lat, 6)]}
    return {"type": "Feature", "id": one.id, "geometry": place, "properties": about}
