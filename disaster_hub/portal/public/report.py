"""Residents' reports: one page for a frightened person's phone, behind a gate; nothing typed is ever lost."""

from __future__ import annotations

import math
import secrets
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import shapely
from flask import current_app, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from disaster_hub.desk.call import parted
from disaster_hub.desk.gate import gate
from disaster_hub.portal import seen
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.limits import Bucket, Limits, network
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.neighbourhood import around, ground
from disaster_hub.portal.resident.pin import PIN
from disaster_hub.portal.said import said
from disaster_hub.portal.words import _
from disaster_hub.store import persons, photos, places, reports
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.gate import Gate
from disaster_hub.terms.place import LonLat, Plane, flat, metres_between
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState

MOST_LETTERS = 300
NEAR_M = 2_000.0
"""So far outside the city's border a report is still taken: the border runs through the river."""
FAR_M = 30_000.0
"""The same from the city's middle where no border is loaded."""
MAP_M = 300.0
PHONE, A_DAY_S = "report_phone", 86_400
PHONES, STREETS, EVERYBODY = Bucket(6, 1 / 120), Bucket(60, 0.1), Bucket(1200, 2)
"""How much one phone may send, one address (a whole street may stand behind it) and everybody together."""
PICTURES = Bucket(60, 0.1)
"""How many photos of one address are looked at, good or not: looking is the dear part, and comes before the rest."""
GLANCE_S = 5
NAME = "disaster_hub.reports"
room = Room("report", __name__, door=Door.ANYONE)
room.after_request(seen.allow)


@room.record_once
def _prepare(state: Any) -> None:
    """Let the view ask for the token: what waited for a network bears our header instead."""
    state.app.extensions["csrf"].exempt(send)
    state.app.extensions[NAME] = Limits(time.monotonic)


def kinds() -> list[tuple[str, str]]:
    """Give what can be told, in words for everybody; the pictures stand in the template."""
    return [
        (ReportKind.FLOODED_ROAD, _("道に水がある")),
        (ReportKind.FLOODED_HOUSE, _("家に水が入った")),
        (ReportKind.LANDSLIDE, _("がけ・山がくずれた")),
        (ReportKind.LEVEE, _("川・つつみが危ない")),
        (ReportKind.BLOCKED_ROAD, _("道が通れない")),
        (ReportKind.RESCUE, _("人を助けてほしい")),
        (ReportKind.POWER, _("電気が止まった")),
        (ReportKind.OTHER, _("そのほか")),
    ]


@room.get("/report")
def report() -> Any:
    """Show the form while the gate is open; else whom to call."""
    found = standing()
    return _page(found) if found.open else _shut(found, {})


@room.get("/report/open")
def is_open() -> Response:
    """Tell whether the gate is open, for the map's link."""
    found = standing()
    answer = jsonify({"open": found.open})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@room.get("/report/done")
def done() -> str:
    """Say that it arrived, with the number that the script was told."""
    return _thanked(request.args.get("n", 0, int))


@room.get("/report/map")
def here() -> Any:
    """Give the streets around one place with the pin in them."""
    try:
        spot = LonLat(float(request.args["lon"]), float(request.args["lat"]))
    except (KeyError, ValueError):
        return "", 400
    city = hub(current_app).config.city
    if not metres_between(LonLat(city.lon, city.lat), spot) < FAR_M:
        return "", 404
    with hub(current_app).store.read() as tx:
        return str(_picture(tx, spot)), 200, {"Cache-Control": "no-store"}


@room.post("/report")
def send() -> Any:
    """Take a report; the same one sent again is the same."""
    seen.with_photo()
    typed = {name: request.form.get(name, "")[:1000] for name in ("kind", "said", "town", "lon", "lat", "id")}
    try:
        seen.ours()
    except CSRFError:
        return _again(typed, _("この画面は古くなっていました。内容は残っています。もう一度「送る」を押してください。"))
    found = standing()
    if not found.open:
        return _shut(found, typed)
    if request.form.get("website"):
        return _thanks(0)  # only a program fills in what nobody sees
    try:
        made, new = _taken(typed)
    except Refused as fault:
        return _again(typed, str(fault), fault.status)
    return _thanks(made.number if made else 0, new=new)


class Refused(Exception):
    """Why it is not taken, in the person's own language."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def _taken(typed: dict[str, str]) -> tuple[Report | None, bool]:
    """Check everything, and write it once."""
    shared = hub(current_app)
    try:
        identity = seen.identity()
    except BadInput:
        identity = secrets.token_hex(16)
    with shared.store.read() as tx:
        known = reports.find(tx, identity)
    if known is not None:
        return known, False
    made = _report(typed, identity, shared.now)
    body = _photo()
    _within_limits()
    said, numbers = parted(made.said)
    with shared.store.write() as tx:
        reports.lock(tx)  # sent twice at once, the second neither seals a number nor keeps a photo again
        known = reports.find(tx, identity)
        if known is not None:
            return known, False
        photo = () if body is None else (photos.put(tx, body, f"report {identity}", shared.now),)
        person = persons.keep(tx, desk().keys, {"phone": "、".join(numbers)}) if numbers else ""
        kept = reports.add(tx, replace(made, said=said, photos=photo, person=person), shared.now)
    return kept, True


def _within_limits() -> None:
    """Count one more report, which is good; sent again it costs nothing, and a refused one neither."""
    street = network()
    phone = request.cookies.get(PHONE, "")[:64] or f"none {street}"
    _counted(((f"phone {phone}", PHONES), (f"street {street}", STREETS), ("all", EVERYBODY)))


def _counted(asked: tuple[tuple[str, Bucket], ...]) -> None:
    """Take a token of each; Refused says in how many minutes there is one again."""
    limits: Limits = current_app.extensions[NAME]
    wait = max(limits.take(key, bucket) for key, bucket in asked)
    if wait > 0:
        minutes = int(wait // 60) + 1
        raise Refused(
            _(
                "続けて送れる数をこえました。あと %(n)s 分お待ちください。危険なときは 119 に電話してください。",
                n=minutes,
            ),
            429,
        )


def _report(typed: dict[str, str], identity: str, now: datetime) -> Report:
    if typed["kind"] not in {kind for kind, _words in kinds()}:
        raise Refused(_("何がありましたか。絵を1つ選んでください。"))
    if len(typed["said"].strip()) > MOST_LETTERS:
        raise Refused(_("文が長すぎます。%(n)s 文字までにしてください。", n=MOST_LETTERS))
    book = desk().addresses
    town = book.town(typed["town"]) if typed["town"] else None
    spot = seen.spot()
    if spot is None and town is not None:
        spot = book.blocks(town.id)[0].spot
    if spot is None:
        raise Refused(_("どこで見ましたか。「いまいる場所」を押すか、町の名前を選んでください。"))
    with hub(current_app).store.read() as tx:
        if not _near(tx, spot):
            raise Refused(_("この場所は市の外です。地図のしるしを確かめてください。"))
    try:
        at = seen.moment(now)
    except BadInput:
        at = now
    return Report(
        id=identity, number=0, kind=ReportKind(typed["kind"]), state=ReportState.RECEIVED,
        source=ReportSource.RESIDENT, spot=spot, place=town.name if town else _nearest(spot),
        said=typed["said"].strip(), seen_at=at, received_at=now, who="resident",
    )  # fmt: skip


def _photo() -> bytes | None:
    if request.files.get("photo"):
        _counted(((f"photo {network()}", PICTURES),))
    try:
        return seen.photo()
    except BadInput:
        raise Refused(_("この写真は読めませんでした。別の写真にするか、写真なしで送ってください。")) from None


def _near(tx: Transaction, spot: LonLat) -> bool:
    """Tell whether *spot* is in the city or near its border."""
    city = hub(current_app).config.city
    if metres_between(LonLat(city.lon, city.lat), spot) > FAR_M:
        return False
    own = [f.geometry for f in places.features(tx, "areas") if f.columns.get("code") == city.area]
    if not own:
        return True
    apart = shapely.shortest_line(shapely.union_all(own), spot.point)
    return bool(flat(apart).length <= NEAR_M)


def _nearest(spot: LonLat) -> str:
    """Name the town around *spot*, so that the room can say where it is."""
    plane = Plane(spot)
    apart = (
        (math.hypot(*plane.metres(one.spot.lon, one.spot.lat)), one.label) for one in desk().addresses.by_id.values()
    )
    far, label = min(apart, default=(NEAR_M, ""))
    return f"{label}付近" if far < NEAR_M else ""


def standing() -> Gate:
    """Give the gate, looked at anew when the store or the hour has changed: a whole city may ask at once."""
    shared = hub(current_app)
    now = shared.now
    key = (shared.store.version(), int(now.timestamp() // GLANCE_S))
    held: tuple[object, Gate] | None = current_app.extensions.get(f"{NAME}.gate")
    if held is not None and held[0] == key:
        return held[1]
    with shared.store.read() as tx:
        found = gate(tx, shared.config, now)
    current_app.extensions[f"{NAME}.gate"] = (key, found)
    return found


def _page(found: Gate, typed: dict[str, str] | None = None, wrong: str = "") -> Any:
    typed = typed or {}
    city = hub(current_app).config.city
    book = desk().addresses
    spot = seen.spot() if request.method == "POST" else None
    with hub(current_app).store.read() as tx:
        picture = _picture(tx, spot or LonLat(city.lon, city.lat))
    towns = [(town.id, town.name, book.blocks(town.id)[0].spot) for row in book.rows().values() for town in row]
    made = make_response(render_template(
        "public/report.html", gate=found, kinds=kinds(), towns=towns, typed=typed, wrong=wrong, picture=picture,
        placed=spot is not None, new_id=typed.get("id") or secrets.token_hex(16), most=MOST_LETTERS, said=said(),
    ))  # fmt: skip
    made.headers["Cache-Control"] = "no-store"
    if not request.cookies.get(PHONE):
        path = request.script_root or "/"
        made.set_cookie(
            PHONE, secrets.token_hex(16), A_DAY_S, path=path, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return made


def _again(typed: dict[str, str], wrong: str, status: int = 400) -> Any:
    if seen.by_script():
        return seen.refused(wrong, status)
    return _page(standing(), typed, wrong), status


def _shut(found: Gate, typed: dict[str, str]) -> Any:
    status = 409 if request.method == "POST" else 200
    if seen.by_script():
        return seen.refused(_("いまは受け付けていません。書いた文は、この画面に残っています。"), 409)
    page = render_template("public/report_shut.html", gate=found, typed=typed, said=said())
    return page, status, {"Cache-Control": "no-store"}


def _thanks(number: int, *, new: bool = True) -> Any:
    if seen.by_script():
        return jsonify({"number": number, "new": new, "page": url_for("report.report")})
    return _thanked(number)


def _thanked(number: int) -> str:
    return render_template("public/report_done.html", number=max(0, number), said=said())


def _picture(tx: Transaction, spot: LonLat) -> Markup:
    shapes = around(tx, spot, MAP_M * 1.3)
    pin = PIN.format(x=0, y=0, size=MAP_M / 150 * 1.3)
    half, side = MAP_M, 2 * MAP_M
    return Markup(  # noqa: S704  # our own shapes; names are escaped in `ground`
        f'<svg class="street-map" viewBox="{-half:.0f} {-half:.0f} {side:.0f} {side:.0f}" role="img" '
        f'aria-labelledby="pin-name" data-lon="{spot.lon}" data-lat="{spot.lat}">'
        f'<title id="pin-name">{escape(_("まわりの道の地図。しるしを動かせます。"))}</title>'
        f"{ground(shapes, scale=2)}{pin}</svg>"
    )
