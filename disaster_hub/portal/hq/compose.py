"""The composer: what, for which hazard, where; actual, exercise or test is chosen, and people are counted at once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from disaster_hub.alerts.ledger_words import NEEDS
from disaster_hub.config import Config
from disaster_hub.desk import composing, drawn, grounds, preview, saying
from disaster_hub.desk.composing import KINDS, LONGEST_NOTE, LONGEST_WHY, Made, Wish
from disaster_hub.desk.narrowing import LEAVE_WORDS
from disaster_hub.desk.say_decisions import ORDERS
from disaster_hub.desk.which_world import STATUS_WORDS, leaves_as
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.decisions import who
from disaster_hub.portal.hq.quota import remaining
from disaster_hub.portal.hub import hub
from disaster_hub.portal.layers import collection, feature
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.store import decisions as kept
from disaster_hub.store import drafts, drawn_areas, leader_areas, worlds
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import AlertKind, Status
from disaster_hub.terms.decision import Decision, DecisionState, EvacuationArea, is_drawn
from disaster_hub.terms.draft import Draft, Whom
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import CHANNEL_WORDS
from disaster_hub.terms.role import Right

room = Room("hq_compose", __name__, door=Right.DECIDE, url_prefix="/hq")
MET = re.compile(r"\[✓\] ([^／]+)")
TEXTS = ("status", "kind", "hazard", "whom", "why", "note", "corners", "drawn_name")
FINE = 2e-5
"""Degrees: two metres are more than a small map shows."""
WORDS = {
    "orders": ORDERS, "hazards": HAZARD_WORDS, "kinds": KINDS, "statuses": STATUS_WORDS, "Whom": Whom,
    "AlertKind": AlertKind, "longest_note": LONGEST_NOTE, "longest_why": LONGEST_WHY, "title": composing.title,
    "kind_words": composing.kind_words, "channel_words": CHANNEL_WORDS,
    "leave_words": LEAVE_WORDS, "need_words": NEEDS, "longest_name": drawn.LONGEST_NAME,
    "language_words": saying.LANGUAGE_WORDS, "form_word": saying.form_word,
}  # fmt: skip


@room.get("/compose")
def compose() -> str:
    """Show the form, filled in where proposals or an area lead here, and the drafts that wait."""
    return _page(_begun())


@room.post("/compose")
def draft() -> Any:
    """Keep a draft; or only count and show the words, which the script asks for while somebody chooses."""
    wish, shared = _wish(), hub(current_app)
    if request.form.get("do") == "look":
        if "X-Part" in request.headers:
            return render_template("hq/compose_look.html", **_look(wish), **WORDS)
        return _page(wish)
    try:
        made = composing.compose(shared.store, wish, shared.config, who(), shared.wall())
    except BadInput as fault:
        return _page(wish, f"{fault}。"), 400
    flash(_kept(made), "saved:compose")
    if made.place.sibling is None:
        return redirect(url_for("hq_draft.one", identity=made.draft.id), 303)
    return redirect(url_for("hq_compose.elsewhere", status=made.place.status.value, identity=made.draft.id), 303)


@room.get("/compose/elsewhere/<status>/<identity>")
def elsewhere(status: str, identity: str) -> Any:
    """Say in which other world a draft lies, and lead there."""
    shared = hub(current_app)
    found = next((one for one in shared.config.siblings if one.status == status), None)
    if found is None or not identity.isalnum():
        return redirect(url_for("hq_compose.compose"))
    with shared.store.read() as tx:
        said = leaves_as(Status(status), shared.config, worlds.current(tx))
    return render_template(
        "hq/compose_elsewhere.html", sibling=found, status=status, identity=identity, leaves=said, **WORDS
    )


@room.get("/compose/areas.geojson")
def areas() -> Response:
    """Give the areas as shapes for the small map; *draft*: with the one that this draft draws."""
    shared, wanted = hub(current_app), request.args.get("draft", "")

    def shapes() -> bytes:
        with shared.store.read() as tx:
            mine = drafts.find(tx, wanted) if wanted else None
            found = grounds.every(tx, shared.config)
            if mine is not None:
                found = list(grounds.of(tx, mine, shared.config).values())
        return collection(
            feature(_fine(area), {"code": area.code, "name": area.name, "drawn": is_drawn(area.code)}, area.code)
            for area in found
            if area.shape is not None
        )

    return Response(shared.aside(shapes), mimetype="application/geo+json", headers={"Cache-Control": "no-cache"})


def _fine(area: EvacuationArea) -> BaseGeometry:
    """Give the outline for a small map: the town's simplified, the drawn one corner by corner."""
    assert area.shape is not None
    return area.shape if is_drawn(area.code) else area.shape.simplify(FINE)


def _wish() -> Wish:
    """Read the form as it was typed."""
    said = request.form
    text = {name: said.get(name, "") for name in TEXTS}
    return Wish(
        areas=tuple(dict.fromkeys(said.getlist("areas"))), leave_levels=tuple(said.getlist("leave_levels")),
        needs=tuple(said.getlist("needs")), **text,
    )  # fmt: skip


def _begun() -> Wish:
    """Fill the form in from what led here; the status is never filled in."""
    shared, asked = hub(current_app), request.args
    with shared.store.read() as tx:
        live = {one.id: one for one in kept.live(tx)}
    chosen = [live[name] for name in asked.getlist("decision") if name in live]
    first = max(chosen, key=lambda one: one.order, default=None)
    if first is None:
        kind, hazard = asked.get("kind", ""), asked.get("hazard", "")
        here, old = _again(asked.getlist("area"))
        return Wish(
            kind=kind if kind in KINDS else "", hazard=hazard if hazard in HAZARD_WORDS else "", areas=here,
            corners=old[0], drawn_name=old[1],
        )  # fmt: skip
    same = [one for one in chosen if (one.order, one.hazard) == (first.order, first.hazard)]
    lift = first.state is DecisionState.ISSUED
    return Wish(
        kind="lift" if lift else str(first.order), hazard=first.hazard.value,
        areas=tuple(dict.fromkeys(one.area for one in same)), why="" if lift else because(first),
    )  # fmt: skip


def _again(codes: list[str]) -> tuple[tuple[str, ...], tuple[str, str]]:
    """Give the areas that a link names; what was drawn for a draft that never went out is drawn anew."""
    with hub(current_app).store.read() as tx:
        standing = drawn_areas.standing(tx)
        old = [area for code, area in drawn_areas.of(tx, codes).items() if code not in standing]
    there = tuple(code for code in codes if not is_drawn(code) or code in standing)
    first = next((area for area in old if isinstance(area.shape, Polygon)), None)
    if first is None or not isinstance(first.shape, Polygon):
        return there, ("", "")
    return there, (drawn.corners_of(first.shape), first.name)


def because(one: Decision) -> str:
    """Give the reason of a proposal in one short sentence, for the field that goes out with the message."""
    if one.because == "hand":
        return one.note[:LONGEST_WHY]
    found = MET.search(one.because)
    return found[1].strip()[:LONGEST_WHY] if found else ""


def _page(wish: Wish, wrong: str = "") -> str:
    shared = hub(current_app)
    with shared.store.read() as tx:
        here = grounds.every(tx, shared.config)
        live = kept.live(tx)
        waiting = drafts.waiting(tx, shared.now)
        groups = _groups(tx, here)
        leaves = {one.value: leaves_as(one, shared.config, worlds.current(tx)) for one in STATUS_WORDS}
    return render_template(
        "hq/compose.html", wish=wish, wrong=wrong, areas=here, standing=_standing(live, here), waiting=waiting,
        now=shared.now, leaves=leaves, groups=groups, me=who(), **_look(wish), **WORDS,
    )  # fmt: skip


def _groups(tx: Transaction, here: list[EvacuationArea]) -> dict[str, list[str]]:
    """Give the areas of each neighbourhood association (自治会・町会) that has a leader here, by the leader's name."""
    loaded = {area.code for area in here}
    found = {name: [code for code in codes if code in loaded] for name, codes in leader_areas.everyone(tx).items()}
    return {name: codes for name, codes in found.items() if codes}


def _standing(live: list[Decision], here: list[EvacuationArea]) -> dict[str, dict[str, list[Decision]]]:
    """Give for each area what is in force there and what is proposed, the highest first."""
    found: dict[str, dict[str, list[Decision]]] = {area.code: {"orders": [], "proposals": []} for area in here}
    for one in live:
        if one.area in found:
            found[one.area]["orders" if one.state is DecisionState.ISSUED else "proposals"].append(one)
    return found


def _look(wish: Wish) -> dict[str, Any]:
    """Count and word what is chosen so far; what is missing is said, not refused."""
    shared, keys, me, now = hub(current_app), desk().keys, who(), hub(current_app).now
    language, line = request.form.get("language", ""), remaining()

    def read() -> dict[str, Any]:
        with shared.store.read() as tx:
            drawn, missing = _so_far(tx, wish, shared.config, me, now)
            found = None if drawn is None else preview.look(tx, drawn, shared.config, keys)
            words = None
            if drawn is not None and not missing:
                words = saying.words(tx, drawn, shared.config, now, language)
        return {"look": found, "missing": missing, "said": words, "quota": line.look()}

    return desk().aside(read)


def _so_far(tx: Transaction, wish: Wish, config: Config, me: str, now: datetime) -> tuple[Draft | None, str]:
    """Give what can be said of the form as it stands, and what it still needs."""
    if not wish.areas and not wish.corners.strip():
        return None, "区域を選ぶと、人数と文面がここに出ます"
    try:
        return composing.begun(tx, wish, config, me, now), ""
    except BadInput as fault:
        missing = str(fault)
    try:
        name = wish.drawn_name.strip() or drawn.UNNAMED
        bare = Wish(kind="information", areas=wish.areas, why="－", corners=wish.corners, drawn_name=name)
        return composing.begun(tx, bare, config, me, now), missing
    except BadInput:
        return None, missing


def _kept(made: Made) -> str:
    said = composing.title(made.draft)
    return f"{said} を起案しました。まだ何も送られていません。もう一人の承認者が確認すると送られます。"
