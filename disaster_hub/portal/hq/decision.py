"""One decision: why, how many people, by when; it is put off or declined here, and issued in the composer alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import composing, deciding, decisions
from disaster_hub.desk.acting import Act
from disaster_hub.desk.decision_cards import cards
from disaster_hub.desk.say_decisions import about
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.acting import Wrong, attempt
from disaster_hub.portal.hq.decisions import WORDS, allowed, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import decisions as kept
from disaster_hub.store import drafts
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import Decision
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

room = Room("hq_decision", __name__, door=Right.SEE, url_prefix="/hq/decisions")
WAITS = {"15": "15分後", "30": "30分後", "60": "1時間後", "120": "2時間後"}


@room.get("/<identity>")
def one(identity: str) -> Any:
    """Show one decision; the script asks for its live part alone."""
    return _page(identity, None)


@room.post("/<identity>/decide")
@only(Right.DECIDE)
def decide(identity: str) -> Any:
    """Take one of the acts of who decides."""
    return _act(identity)


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


ACTS = {"wait": _wait, "decline": _decline}


def _act(identity: str) -> Any:
    done = attempt(identity, ACTS)
    if isinstance(done, Wrong):
        return _page(identity, done)
    flash(done.said, f"saved:decision-{identity}-{done.name}")
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
            pending = [one for one in drafts.waiting(tx, now) if identity in one.decisions]
            sent = drafts.of_decision(tx, found)
            return {"card": card, "d": found, "steps": kept.steps(tx, identity), "pending": pending, "sent": sent}

    page = shared.aside(read)
    if page is None:
        abort(404)
    live = "X-Part" in request.headers
    said = render_template(
        "hq/decision_part.html" if live else "hq/decision.html", **page, **WORDS, now=now, me=who(),
        wrong=wrong, typed=request.form, waits=WAITS,
        may_decide=allowed(Right.DECIDE), title=composing.title,
    )  # fmt: skip
    return said, 200 if wrong is None else wrong.status
