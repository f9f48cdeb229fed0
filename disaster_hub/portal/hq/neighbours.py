"""A leader's page (ご近所の返事): those who agreed to be seen, what they said, whom to look after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from disaster_hub.alerts import answering, helping
from disaster_hub.alerts.unanswered import Board
from disaster_hub.desk.neighbours import Neighbour, Neighbourhoods
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hq.unheard import unheard
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.unanswered import Window
from disaster_hub.store import evacuation_areas, help_calls, journal, leader_areas, staff
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import OPEN, STAFF, CallState, HelpCall
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, Role

NAME = "disaster_hub.neighbourhoods"
VIEWED = "personal_viewed"
A_LOOK_S = 15 * 60
"""Looking on counts as one look for so long."""
TAPS = (CallState.GOING, CallState.TOGETHER, CallState.CANNOT)
LEFT = "left"
room = Room("hq_neighbours", __name__, door=Right.NEIGHBOURS, url_prefix="/hq")


@room.get("/neighbours")
def neighbours() -> str:
    """Show the neighbourhood; the script asks for its live part alone."""
    found, shared = unheard(), hub(current_app)
    rows = _mine(found)
    calls = _calls()
    if rows or calls:
        _looked(len(rows) + len(calls), shared.now)
    with shared.store.read() as tx:
        areas = [found.names.get(code, code) for code in leader_areas.of(tx, who().name)]
    part = "X-Part" in request.headers
    return render_template(
        "hq/neighbours_part.html" if part else "hq/neighbours.html", rows=rows, calls=calls, areas=areas,
        now=found.now, asking=bool(found.asking), words=answering.WORDS, Window=Window, states=helping.SAID, taps=TAPS,
    )  # fmt: skip


@room.post("/neighbours/<household>/answer")
def answer(household: str) -> Any:
    """Write down what a neighbour said; only of those who agreed to be seen here."""
    row = next((one for one in _mine(unheard()) if one.household == household), None)
    word = request.form.get("word", "")
    if row is None:
        raise NotFound
    if word not in answering.WORDS or row.waiting is None:
        abort(400)
    shared = hub(current_app)
    with shared.store.write() as tx:
        now = shared.now
        answering.take(tx, desk().keys, row.waiting.alert, household, word, now, now, "leader")
    flash(f"{row.address}：「{answering.WORDS[word]}」を記録しました。")
    return redirect(url_for("hq_neighbours.neighbours"), 303)


@room.post("/neighbours/calls/<call>")
def tap(call: str) -> Any:
    """Say what becomes of a household that the headquarters asked to look after."""
    mine = next((one for one, _ in _calls() if one.id == call), None)
    if mine is None:
        raise NotFound
    try:
        state = CallState(request.form.get("state", ""))
    except ValueError:
        abort(400)
    take_tap(mine, state, "leader")
    flash(f"「{helping.SAID[state]}」を本部へ知らせました。")
    return redirect(url_for("hq_neighbours.neighbours"), 303)


@room.route("/neighbours/areas", methods=["GET", "POST"])
@only(Right.STAFF)
def areas() -> Any:
    """Say which evacuation areas are whose neighbourhood."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        names = evacuation_areas.names(tx)
        leaders = [one for one in staff.accounts(tx) if one.role == Role.LEADER]
        held = leader_areas.everyone(tx)
    if request.method == "GET":
        return render_template("hq/leader_areas.html", names=names, leaders=leaders, held=held)
    name, chosen = request.form.get("name", ""), request.form.getlist("area")
    if name not in {one.name for one in leaders} or not set(chosen) <= set(names):
        abort(400)
    with shared.store.write() as tx:
        leader_areas.put(tx, name, chosen)
        places = "・".join(names[code] for code in sorted(chosen)) or "なし"
        journal.add(tx, JournalEntry(shared.now, "staff_changed", who().name, f"職員 {name} の受け持ち区域：{places}"))
    flash(f"{name} の受け持ち区域を保存しました。")
    return redirect(url_for("hq_neighbours.areas"), 303)


def take_tap(call: HelpCall, state: CallState, via: str) -> None:
    """Keep a helper's tap; who left together with them has left."""
    shared, board = hub(current_app), unheard()
    found = next((one for one in (*board.help, *board.rows) if one.household == call.household), None)
    alert = call.root if found is None else found.alert
    with shared.store.write() as tx:
        now = shared.now
        try:
            taken = helping.answer(tx, call, state, now)
        except BadInput:
            abort(400)
        if taken and state is CallState.TOGETHER:
            answering.take(tx, desk().keys, alert, call.household, LEFT, now, now, via, id=f"help-{call.id}")


def _mine(found: Board) -> list[Neighbour]:
    held: Neighbourhoods | None = current_app.extensions.get(NAME)
    if held is None:
        held = current_app.extensions.setdefault(NAME, Neighbourhoods(desk().keys))
    return desk().aside(_look, hub(current_app).store, held, who().name, found)


def _look(store: Store, held: Neighbourhoods, name: str, found: Board) -> list[Neighbour]:
    with store.read() as tx:
        return held.of(tx, name, found)


def _calls() -> list[tuple[HelpCall, str]]:
    """Give the calls to this leader that wait, each with the address where the household agreed."""
    name = f"{STAFF}{who().name}"
    with hub(current_app).store.read() as tx:
        mine = [one for one in help_calls.still_open(tx) if one.helper == name and one.state in OPEN]
        return [(one, helping.address_for(tx, desk().keys, one) or "") for one in mine]


def _looked(count: int, now: datetime) -> None:
    """Write down that a leader saw who agreed to it: once in a quarter of an hour."""
    name = who().name
    key = f"neighbours:{name}:{int(now.timestamp()) // A_LOOK_S}"
    what = f"個人情報を見た：ご近所の返事（同意のある{count}世帯）"
    with hub(current_app).store.write() as tx:
        journal.add(tx, JournalEntry(now, VIEWED, name, what, because="本人の同意", key=key))
