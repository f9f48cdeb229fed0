"""Texts to hand over: each with its length and its limit, to copy, to load, and to tick once it is handed over."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, flash, redirect, render_template, url_for

from disaster_hub.alerts import releases as desk
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.decisions import allowed, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.talk import NAMES, tag
from disaster_hub.store import alerts, releases
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.release import FORM_WORDS, Form
from disaster_hub.terms.role import Right

room = Room("hq_releases", __name__, door=Right.ALERTS, url_prefix="/hq/releases")
BY_PROGRAM = frozenset({Form.WEB, Form.CAP})
"""These are public by themselves; nobody hands them over."""


@room.get("/<alert>")
def texts(alert: str) -> str:
    """Show the texts of one alert."""
    return render_template("hq/releases.html", **_shown(alert))


@room.get("/<alert>/part")
def part(alert: str) -> str:
    """Give the texts alone, for the live page."""
    return render_template("hq/releases_part.html", **_shown(alert))


@room.get("/<alert>/<form>/file")
def file(alert: str, form: str) -> Response:
    """Give one text as its file."""
    with hub(current_app).store.read() as tx:
        one = releases.find(tx, alert, Form(form)) if form in set(Form) else None
    if one is None:
        abort(404)
    made = Response(one.content.encode(), content_type=f"{one.media}; charset=utf-8")
    made.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(one.file)}"
    made.headers["Cache-Control"] = "no-store"
    return made


@room.post("/<alert>/<form>/handed")
@only(Right.LOG)
def handed(alert: str, form: str) -> Any:
    """Write down that whoever taps has handed this text over."""
    shared = hub(current_app)
    if form not in set(Form) - BY_PROGRAM:
        abort(404)
    with shared.store.write() as tx:
        if releases.find(tx, alert, Form(form)) is None:
            abort(404)
        fresh = desk.hand(tx, alert, Form(form), who(), shared.now)
    word = FORM_WORDS[Form(form)]
    flash(f"{word}に渡したことを記録しました。" if fresh else f"{word}には、ほかの人がもう渡しています。")
    return redirect(url_for("hq_releases.texts", alert=alert), 303)


def _shown(identity: str) -> dict[str, Any]:
    shared = hub(current_app)
    with shared.store.read() as tx:
        alert, found = alerts.find(tx, identity), releases.of_alert(tx, identity)
    if alert is None or alert.kind is AlertKind.HELPER:
        abort(404)
    return {
        "alert": alert, "rows": found, "words": FORM_WORDS, "by_program": BY_PROGRAM, "now": shared.now,
        "may_hand": allowed(Right.LOG), "tongues": NAMES, "tag": tag, "there": current_app.view_functions,
    }  # fmt: skip
