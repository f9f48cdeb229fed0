"""What was sent: how far it came on each channel, what came back, what corrects it; and the way to take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.alerts import answering
from disaster_hub.desk import composing, outgoing
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.compose import WORDS
from disaster_hub.portal.hq.decisions import allowed, who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import alerts as kept
from disaster_hub.store import drafts, outbox
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Because
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right
from timelines.message_lines import PERSONAL

room = Room("hq_alerts", __name__, door=Right.ALERTS, url_prefix="/hq/alerts")
BACK = timedelta(days=7)
STATES = {
    "sent": "送った", "due": "待っている", "retry": "送り直す", "refused": "届かなかった", "expired": "期限切れ",
    "withdrawn": "取りやめた", "held": "止めた",
}  # fmt: skip
ENDED = frozenset({AlertKind.CANCEL, AlertKind.LIFT, AlertKind.CALM, AlertKind.HELPER})
"""What nobody can take back or correct any more."""


@room.get("")
def alerts() -> str:
    """List what was sent in the last days, the newest first; the script asks for the live part alone."""
    shared, now = hub(current_app), hub(current_app).now
    with shared.store.read() as tx:
        found = [one for one in kept.since(tx, now - BACK) if one.kind is not AlertKind.HELPER]
        rows = [(one, _sums(tx, one), drafts.of_alert(tx, one.id)) for one in found]
        waiting, unseen = drafts.waiting(tx, now), drafts.unseen(tx)
    return render_template(
        "hq/alerts_part.html" if "X-Part" in request.headers else "hq/alerts.html", rows=rows, now=now, **WORDS,
        waiting=waiting, unseen=unseen, AlertState=AlertState, may_decide=allowed(Right.DECIDE), me=who(),
    )  # fmt: skip


@room.get("/<identity>")
def one(identity: str) -> Any:
    """Show one alert; the script asks for its live part alone."""
    return _page(identity, "")


@room.post("/<identity>/cancel")
@only(Right.DECIDE)
def cancel(identity: str) -> Any:
    """Take a wrong alert back at once, on the word of one officer."""
    shared, form = hub(current_app), request.form

    said = form.get("typed", ""), form.get("why", "")
    try:
        with shared.store.write() as tx:
            made = outgoing.cancel(tx, identity, *said, shared.config, who(), shared.now, shared.wall())
    except BadInput as fault:
        return _page(identity, f"{fault}。"), 400
    what = f"{composing.sent_title(made)}：取消を出しました。まだ送っていなかった分は止めました。"
    flash(f"{what}届いた人には、同じ経路でいちばん先に取消が届きます。", f"saved:cancel-{identity}")
    return redirect(url_for("hq_alerts.one", identity=made.id), 303)


@room.post("/<identity>/update")
@only(Right.DECIDE)
def update(identity: str) -> Any:
    """Draft other words for exactly those who got this one; another person approves them."""
    shared, form = hub(current_app), request.form

    said = form.get("why", ""), form.get("note", "")
    with shared.store.read() as tx:
        earlier = kept.find(tx, identity)
    if earlier is None:
        abort(404)
    try:
        with shared.store.write() as tx:
            made = composing.correction(tx, earlier, *said, shared.config, who(), shared.now)
    except BadInput as fault:
        return _page(identity, f"{fault}。"), 400
    flash("訂正を起案しました。もう一人の承認者が確認すると、同じ人たちに送られます。", f"saved:update-{identity}")
    return redirect(url_for("hq_draft.one", identity=made.id), 303)


def _page(identity: str, wrong: str) -> Any:
    shared, now = hub(current_app), hub(current_app).now

    def read() -> dict[str, Any] | None:
        with shared.store.read() as tx:
            found = kept.find(tx, identity)
            if found is None:
                return None
            given = kept.answers(tx, [identity])
            return {
                "a": found, "progress": outbox.progress(tx, identity), "reasons": kept.reasons(tx, identity),
                "answers": Counter(one.word for one in given.values()), "after": kept.after(tx, identity),
                "earlier": kept.find(tx, found.earlier) if found.earlier else None,
                "draft": drafts.of_alert(tx, identity),
                "again": [one for one in drafts.waiting(tx, now) if one.earlier == identity],
            }  # fmt: skip

    page = desk().aside(read)
    if page is None:
        abort(404)
    found: Alert = page["a"]
    over = found.state is AlertState.CANCELLED or found.kind in ENDED or any(x.kind in ENDED for x in page["after"])
    live = "X-Part" in request.headers
    return render_template(
        "hq/alert_part.html" if live else "hq/alert.html", **page, **WORDS, now=now, wrong=wrong, typed=request.form,
        states=STATES, endpoints=current_app.view_functions, answer_words=answering.WORDS, Because=Because,
        AlertState=AlertState, over=over, may_decide=allowed(Right.DECIDE), may_approve=allowed(Right.APPROVE),
        asks=found.kind in PERSONAL, me=who(), confirm=outgoing.CONFIRM, sums=_added(page["progress"]),
        shown=list(STATES),
    )  # fmt: skip


def _sums(tx: Transaction, one: Alert) -> Mapping[str, int]:
    """Count for the list: homes it was for, messages by state."""
    reasons = kept.reasons(tx, one.id)
    homes = reasons.get(Because.CHOSEN, 0) + reasons.get(Because.NO_CHANNEL, 0)
    return {"homes": homes, "no_channel": reasons.get(Because.NO_CHANNEL, 0), **_added(outbox.progress(tx, one.id))}


def _added(progress: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for states in progress.values():
        found.update(states)
    return found
