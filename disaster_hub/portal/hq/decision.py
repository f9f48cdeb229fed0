"""One decision: why, how many people, by when; and the acts of two people on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import deciding, decisions
from disaster_hub.desk.deciding import Act
from disaster_hub.desk.decision_cards import cards
from disaster_hub.desk.say_decisions import about
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.decisions import WORDS, allowed, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import decisions as kept
from disaster_hub.store.decisions import Conflict
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import Decision
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

room = Room("hq_decision", __name__, door=Right.SEE, url_prefix="/hq/decisions")
WAITS = {"15": "15分後", "30": "30分後", "60": "1時間後", "120": "2時間後"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be done, and with which status the page says so."""

    text: str
    status: int


@room.get("/<identity>")
def one(identity: str) -> Any:
    """Show one decision; the script asks for its live part alone."""
    return _page(identity, None)


@room.post("/<identity>/decide")
@only(Right.DECIDE)
def decide(identity: str) -> Any:
    """Take one of the acts of who decides."""
    return _act(identity, DECIDE)


@room.post("/<identity>/approve")
@only(Right.APPROVE)
def approve(identity: str) -> Any:
    """Take one of the acts of who confirms what another has drafted."""
    return _act(identity, APPROVE)


def _draft(tx: Transaction, act: Act) -> str:
    found = deciding.draft(tx, act, request.form.get("note", ""))
    return f"{about(found)} を起案しました。まだ発令されていません。もう一人の承認者が確認すると発令になります。"


def _wait(tx: Transaction, act: Act) -> str:
    minutes = request.form.get("minutes", "")
    if minutes not in WAITS:
        raise BadInput("いつ見直すかを選んでください")
    until = act.now + timedelta(minutes=int(minutes))
    said = f"{until.astimezone(hub(current_app).config.city.zone):%H:%M}"
    deciding.wait(tx, act, until, request.form.get("note", ""), said)
    return f"{said} に見直します。その時刻に一覧の上へ戻ります。"


def _decline(tx: Transaction, act: Act) -> str:
    found = deciding.decline(tx, act, request.form.get("note", ""))
    return f"{about(found)} の案を見送りました。"


def _lift(tx: Transaction, act: Act) -> str:
    found = deciding.draft_lift(tx, act, request.form.get("note", ""))
    return f"{about(found)} の解除を起案しました。承認されるまで発令は続きます。"


def _keep(tx: Transaction, act: Act) -> str:
    deciding.keep_in_force(tx, act, request.form.get("note", ""))
    return "解除の起案を取り下げました。発令は続いています。"


def _back(tx: Transaction, act: Act) -> str:
    deciding.send_back(tx, act, request.form.get("note", ""))
    return "起案を取り下げました。案として一覧に残っています。"


def _confirm(tx: Transaction, act: Act) -> str:
    found = deciding.confirm(tx, act, request.form.get("typed", ""))
    return f"{about(found)} を発令しました。公開の地図と監視盤に出ています。住民への配信はこの画面からは行われません。"


def _confirm_lift(tx: Transaction, act: Act) -> str:
    found = deciding.confirm_lift(tx, act, request.form.get("typed", ""))
    return f"{about(found)} を解除しました。"


Do = Callable[[Transaction, Act], str]
DECIDE: dict[str, Do] = {
    "draft": _draft, "wait": _wait, "decline": _decline, "lift": _lift, "keep": _keep, "back": _back,
}  # fmt: skip
APPROVE: dict[str, Do] = {"confirm": _confirm, "confirm-lift": _confirm_lift, "keep": _keep, "back": _back}


def _act(identity: str, acts: dict[str, Do]) -> Any:
    name = request.form.get("do", "")
    if name not in acts:
        abort(400)
    shared, version = hub(current_app), request.form.get("version", "")
    act = Act(identity, int(version) if version.isdecimal() else 0, who(), shared.now)
    try:
        with shared.store.write() as tx:
            said = acts[name](tx, act)
    except Conflict as fault:
        return _page(identity, Wrong(f"{fault}。書いた文は残っています。", 409))
    except BadInput as fault:
        return _page(identity, Wrong(f"{fault}。", 400))
    flash(said, f"saved:decision-{identity}-{name}")
    return redirect(url_for("hq_decision.one", identity=identity), 303)


def _page(identity: str, wrong: Wrong | None) -> Any:
    shared, keys = hub(current_app), desk().keys
    now = shared.now

    def read() -> dict[str, Any] | None:
        with shared.store.read() as tx:
            found: Decision | None = kept.find(tx, identity)
            if found is None:
                return None
            board = decisions.standing(tx, shared.config, now)
            card = cards(tx, shared.config, keys, board, [found])[0]
            return {"card": card, "d": found, "steps": kept.steps(tx, identity)}

    page = shared.aside(read)
    if page is None:
        abort(404)
    live = "X-Part" in request.headers
    said = render_template(
        "hq/decision_part.html" if live else "hq/decision.html", **page, **WORDS, now=now, me=who(),
        wrong=wrong, typed=request.form, waits=WAITS,
        may_decide=allowed(Right.DECIDE), may_approve=allowed(Right.APPROVE),
    )  # fmt: skip
    return said, 200 if wrong is None else wrong.status
