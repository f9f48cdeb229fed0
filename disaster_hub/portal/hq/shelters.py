"""The shelters' desk: four big buttons, heads, needs; for one hand in a school's entrance and for the room."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from disaster_hub.desk import named, shelters
from disaster_hub.desk.shelters import Facility, Fit
from disaster_hub.planning.plans import Planner
from disaster_hub.portal import seen
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import conditions, shelter_desk
from disaster_hub.store.session import Transaction
from disaster_hub.store.shelter_desk import Changed
from disaster_hub.terms.clock import local
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right, Role, may
from disaster_hub.terms.shelter import GOODS_WORDS, NEED_WORDS, STATE_WORDS, Goods, Need, NeedState
from disaster_hub.terms.way import ShelterState

MOST_LETTERS = 60
NAME = "disaster_hub.shelters"
room = Room("hq_shelters", __name__, door=Right.SEE, url_prefix="/hq")


@dataclass(frozen=True, slots=True)
class Words:
    """What templates call things."""

    states = STATE_WORDS
    goods = GOODS_WORDS
    needs = NEED_WORDS


@room.get("/shelters", endpoint="shelters")
def shelters_page() -> str:
    """Show every shelter, the fullest first; the script asks for the live part alone."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = shelters.shelf(tx, shared.now)
    mine = _mine()
    page = {
        "shelf": found, "now": shared.now, "words": Words, "states": list(ShelterState),
        "mine": [one for one in found.all if mine and one.name == mine],
    }  # fmt: skip
    return render_template("hq/shelters_part.html" if "X-Part" in request.headers else "hq/shelters.html", **page)


@room.get("/shelters/<identity>")
def shelter(identity: str) -> str:
    """Show one shelter with its buttons."""
    return _shelter(identity)


@room.post("/shelters/<identity>/state")
@only(Right.SHELTER)
def state(identity: str) -> Any:
    """Say how the shelter stands; what it means for plans is reckoned by the clock, nobody waits for it."""
    shared = hub(current_app)
    wish = request.form.get("state", "")
    if wish not in {one.value for one in ShelterState}:
        return _again(identity, "開設・混んでいる・満員・閉鎖のどれかを選んでください")
    new = ShelterState(wish)
    with shared.store.write() as tx:
        one = _allowed(tx, identity)
        conditions.set_shelter(tx, one.id, new, _who(), shared.now, twins=one.twins)
    flash(f"{one.name}：{STATE_WORDS[new]}にしました。地図と、この避難所を選んだ計画に伝わります。")
    if new is ShelterState.CLOSED or request.form.get("known") == "1":
        return _to(one.id)
    for doubt in _doubts(one):
        flash(f"注意：{doubt}。開けるかどうかは人が決めます。", "doubt")
    return _to(one.id)


@room.post("/shelters/<identity>/count")
@only(Right.SHELTER)
def count(identity: str) -> Any:
    """Write how many people, and how many households, are there."""
    shared = hub(current_app)
    try:
        people = _whole("people", "人数")
        households = _whole("households", "世帯数") if request.form.get("households", "").strip() else None
        with shared.store.write() as tx:
            one = _allowed(tx, identity)
            shelter_desk.count(tx, one.id, people, households, _who(), shared.now)
    except BadInput as fault:
        return _again(identity, str(fault))
    flash(f"{one.name}：{people}人を記録しました。", f"saved:count {one.id}")
    return _to(one.id)


@room.post("/shelters/<identity>/capacity")
@only(Right.SHELTER)
def capacity(identity: str) -> Any:
    """Write how many the shelter takes."""
    shared = hub(current_app)
    try:
        people = _whole("capacity", "定員")
        with shared.store.write() as tx:
            one = _allowed(tx, identity)
            shelter_desk.set_capacity(tx, one.id, people, _who(), shared.now)
    except BadInput as fault:
        return _again(identity, str(fault))
    flash(f"{one.name}：定員を{people}人にしました。", f"saved:capacity {one.id}")
    return _to(one.id)


@room.post("/shelters/<identity>/needs")
@only(Right.SHELTER)
def ask(identity: str) -> Any:
    """Ask for goods."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            one = _allowed(tx, identity)
            need = _need(one, shared.now)
            shelter_desk.ask(tx, need)
    except BadInput as fault:
        return _again(identity, str(fault))
    flash(f"{one.name}：{GOODS_WORDS[need.goods]} {need.quantity} を要請しました。", f"saved:need {one.id}")
    return _to(one.id)


@room.post("/shelters/<identity>/needs/<need>")
@only(Right.SHELTER)
def move(identity: str, need: str) -> Any:
    """Say that goods are on their way, have arrived or are not needed."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            one = _allowed(tx, identity)
            moved = shelter_desk.move_need(tx, need, *_moved(), _who(), shared.now)
    except BadInput as fault:
        return _again(identity, str(fault), 409 if isinstance(fault, Changed) else 400)
    flash(f"{one.name}：{GOODS_WORDS[moved.goods]} → {NEED_WORDS[moved.state]}")
    return _to(one.id)


@room.get("/shelters.geojson")
def as_layer() -> Response:
    """Give every shelter that has a place, with its state, for the desk's map."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = shelters.shelf(tx, shared.now)
    zone = shared.config.city.zone
    features = [_feature(one, zone) for one in found.all if one.spot is not None]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return Response(body, mimetype="application/geo+json", headers={"Cache-Control": "no-store"})


def _feature(one: Facility, zone: Any) -> dict[str, Any]:
    assert one.spot is not None  # the caller looked
    about = {
        "id": one.id, "name": one.name, "address": one.address, "emergency": one.emergency,
        "state": one.word.state.value if one.word else None,
        "state_name": STATE_WORDS[one.word.state] if one.word else "不明",
        "state_since": local(one.word.at, zone) if one.word else None, "who": one.word.who if one.word else None,
        "stale": one.stale, "people": one.count.people if one.count else None,
        "counted_at": local(one.count.at, zone) if one.count else None,
        "capacity": one.capacity, "needs": len(one.needs), "url": url_for("hq_shelters.shelter", identity=one.id),
    }  # fmt: skip
    place = {"type": "Point", "coordinates": [round(one.spot.lon, 6), round(one.spot.lat, 6)]}
    return {"type": "Feature", "id": one.id, "geometry": place, "properties": about}


def _shelter(identity: str, wrong: str = "") -> str:
    shared, here = hub(current_app), desk()
    with shared.store.read() as tx:
        one = _one(tx, identity)
        done = named.renewed(tx, one.word.at) if one.word else None
    fits = here.aside(_fits, here.planner, one.id, shared.now)
    counter, whole = here.aside(_plans, here.planner, _named())
    account = signed_in()
    page = {
        "one": one, "now": shared.now, "words": Words, "states": list(ShelterState), "goods": list(Goods),
        "fits": fits, "doubts": shelters.doubts(fits, emergency=one.emergency),
        "plans": named.said(counter[one.id]), "whole": whole, "renewed": done, "wrong": wrong,
        "may_change": account is not None and may(account.role, Right.SHELTER) and _may(one),
        "new_id": secrets.token_hex(16),
    }  # fmt: skip
    return render_template("hq/shelter_part.html" if "X-Part" in request.headers else "hq/shelter.html", **page)


def _again(identity: str, wrong: str, status: int = 400) -> Any:
    return _shelter(identity, wrong), status


def _to(identity: str) -> Response:
    return redirect(url_for("hq_shelters.shelter", identity=identity), 303)


def _doubts(one: Facility) -> list[str]:
    here = desk()
    return shelters.doubts(here.aside(_fits, here.planner, one.id, here.now), emergency=one.emergency)


def _fits(planner: Planner, shelter: str, now: datetime) -> tuple[Fit, ...]:
    with planner.store.read() as tx:
        return shelters.fits(planner, tx, shelter, now)


def _plans(planner: Planner, known: named.Named) -> tuple[Counter[str], bool]:
    with planner.store.read() as tx:
        return known.count(tx, planner.keys)


def _one(tx: Transaction, identity: str) -> Facility:
    for one in shelters.shelf(tx, hub(current_app).now).all:
        if identity == one.id or identity in one.twins:
            return one
    raise NotFound("この避難所は読み込まれていません")


def _allowed(tx: Transaction, identity: str) -> Facility:
    """Give the shelter that this account may speak for: in the field only its own, where it has one."""
    one = _one(tx, identity)
    if not _may(one):
        abort(403)
    return one


def _may(one: Facility) -> bool:
    mine = _mine()
    return not mine or mine == one.name


def _mine() -> str:
    """Name the shelter that this account of the field is assigned to; empty where it is to none."""
    account = signed_in()
    if account is None or account.role != Role.FIELD:
        return ""
    department = str(getattr(account, "department", "") or "")
    with hub(current_app).store.read() as tx:
        names = {one.name for one in shelters.shelf(tx, hub(current_app).now).all}
    return department if department in names else ""


def _named() -> named.Named:
    """Give the count of plans by shelter that this process keeps."""
    found = current_app.extensions.setdefault(NAME, named.Named())
    assert isinstance(found, named.Named)
    return found


def _need(one: Facility, now: datetime) -> Need:
    goods, said = request.form.get("goods", ""), seen.text("said", MOST_LETTERS)
    if goods not in {known.value for known in Goods}:
        raise BadInput("何が要りますか。1つ選んでください")
    if goods == Goods.OTHER and not said:
        raise BadInput("「その他」のときは、何が要るかを書いてください")
    quantity = _whole("quantity", "数")
    return Need(seen.identity(), one.id, Goods(goods), quantity, said, NeedState.ASKED, now, now, _who())


def _moved() -> tuple[int, NeedState]:
    wish, version = request.form.get("state", ""), request.form.get("version", "")
    if wish not in {one.value for one in NeedState} or not version.isascii() or not version.isdigit():
        raise BadInput("要請の状態を選んでください")
    return int(version), NeedState(wish)


def _whole(field: str, name: str) -> int:
    said = request.form.get(field, "").strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if not said.isascii() or not said.isdigit() or len(said) > 6:
        raise BadInput(f"{name}：数字で入れてください")
    return int(said)


def _who() -> str:
    account = signed_in()
    assert account is not None  # the door asked
    return account.name
