"""The city's page of plans: how many, by town, hazard, channel and age; the same as CSV and as a map layer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from flask import render_template
from werkzeug.wrappers import Response

from disaster_hub.planning import census, veil
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store.tallies import Tally
from disaster_hub.terms.role import Right

room = Room("hq_plans", __name__, door=Right.SEE, url_prefix="/hq")
SINGLE = (census.ALL, census.TOWNS, census.CHANNEL, census.REVIEW)


@room.get("/plans")
def plans() -> str:
    """Show the counts."""
    said = _census()
    hazards = {name: rows for name, rows in said.shown.items() if name not in SINGLE}
    towns = {name: number for name, number in said.shown[census.TOWNS].items() if number is not None}
    return render_template(
        "plans.html", said=said, hazards=hazards, account=signed_in(),
        total=said.shown[census.ALL][census.ALL], hidden=len(said.shown[census.TOWNS]) - len(towns),
        towns=sorted(towns.items(), key=lambda one: (-one[1], one[0])), step=veil.STEP, least=veil.ENTER,
    )  # fmt: skip


@room.get("/plans.csv")
def as_csv() -> Response:
    """Give every row of every table; what is hidden is empty."""
    said = _census()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("table", "row", "plans_about", "counted_at"))
    for table, rows in said.shown.items():
        for row, number in rows.items():
            writer.writerow((table, _safe(row), "" if number is None else number, said.at.isoformat()))
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=plans.csv"
    return answer


@room.get("/plans.geojson")
def as_layer() -> Response:
    """Give a point for each town of the open data with its count; no home is in it."""
    said = _census()
    features = list(_towns(desk(), said))
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return Response(body, mimetype="application/geo+json")


def _census() -> Tally:
    one = desk()
    return one.aside(census.census, one.shared.store, one.keys, one.planner.town.zones, one.now)


def _towns(one: Desk, said: Tally) -> Iterator[dict[str, object]]:
    with one.shared.store.read() as tx:
        known = census.towns(tx)
    for town in known.middles():
        number = said.shown[census.TOWNS].get(town.name)
        place = {"type": "Point", "coordinates": [round(town.spot.lon, 6), round(town.spot.lat, 6)]}
        about = {"name": town.name, "plans_about": number, "counted_at": said.at.isoformat()}
        yield {"type": "Feature", "geometry": place, "properties": about}


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a town's name for a formula."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text
