"""The page of decisions: proposals, orders in force, how the town's criteria stand, the posture; and new ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import composing, deciding
from disaster_hub.desk.criteria_facts import areas
from disaster_hub.desk.decision_cards import Card, by_verdict, cards
from disaster_hub.desk.decisions import stages, standing
from disaster_hub.desk.say_decisions import MARKS, ORDERS, STATES, VERDICTS, posture_words
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.store import decisions as kept
from disaster_hub.store import drafts, staff
from disaster_hub.store import posture as postures
from disaster_hub.terms.decision import DecisionState, EvacuationArea, Posture
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.role import Right, Role, may

room = Room("hq_decisions", __name__, door=Right.SEE, url_prefix="/hq")
DAY = timedelta(hours=24)
IN_THE_ROOM = frozenset({Role.AUTHOR, Role.APPROVER, Role.DEPARTMENT})
WORDS = {
    "orders": ORDERS, "states": STATES, "verdicts": VERDICTS, "marks": MARKS, "hazards": HAZARD_WORDS,
    "posture_words": posture_words,
}  # fmt: skip


@room.get("/decisions")
def decisions() -> str:
    """Show everything; the script asks for the live part alone."""
    return render_template("hq/decisions_part.html" if "X-Part" in request.headers else "hq/decisions.html", **_page())


@room.route("/decisions/new", methods=["GET", "POST"])
@only(Right.DECIDE)
def new() -> Any:
    """Begin a decision by hand."""
    shared = hub(current_app)
    wrong = ""
    with shared.store.read() as tx:
        here = areas(tx, shared.config)
    if request.method == "POST":
        try:
            level, hazard, area = _chosen(here)
            with shared.store.write() as tx:
                one = deciding.begin(
                    tx, level, hazard, area, request.form.get("note", ""), who(), shared.now
                )  # fmt: skip
        except BadInput as fault:
            wrong = str(fault)
        else:
            flash("案を起こしました。発令するには、起案し、もう一人が承認します。", "saved:decision-new")
            return redirect(url_for("hq_decision.one", identity=one.id), 303)
    page = render_template("hq/decision_new.html", areas=here, wrong=wrong, typed=request.form, **WORDS)
    return page, 400 if wrong else 200


@room.route("/posture", methods=["GET", "POST"])
@only(Right.DECIDE)
def posture() -> Any:
    """Change 本部 and 配備体制."""
    shared = hub(current_app)
    wrong = ""
    with shared.store.read() as tx:
        known_stages, current = stages(tx), postures.current(tx)
        history = postures.history(tx, 20)
        people = [account.shown for account in staff.accounts(tx) if account.role in IN_THE_ROOM]
    if request.method == "POST":
        try:
            said = _posture(known_stages)
            with shared.store.write() as tx:
                deciding.take_posture(tx, said, request.form.get("note", ""), shared.now)
        except BadInput as fault:
            wrong = str(fault)
        else:
            flash(f"体制を記録しました：{posture_words(said)}", "saved:posture")
            return redirect(url_for("hq_decisions.decisions"), 303)
    known = list(dict.fromkeys((*people, *(name for one in history for name in one.present))))
    page = render_template(
        "hq/posture.html", stages=known_stages, current=current, history=history, known=known, wrong=wrong,
        typed=request.form, **WORDS,
    )  # fmt: skip
    return page, 400 if wrong else 200


def _chosen(here: list[EvacuationArea]) -> tuple[int, Hazard, EvacuationArea]:
    """Read which order, for what, where; BadInput where something was not chosen."""
    area = next((a for a in here if a.code == request.form.get("area")), None)
    if area is None:
        raise BadInput("区域を選んでください")
    hazard, order = request.form.get("hazard", ""), request.form.get("order", "")
    if hazard not in HAZARD_WORDS:
        raise BadInput("災害の種類を選んでください")
    return int(order) if order in {"3", "4", "5"} else 0, Hazard(hazard), area


def who() -> str:
    """Give the account that acts."""
    account = signed_in()
    assert account is not None  # the door has let them in
    return account.name


def allowed(right: Right) -> bool:
    """Tell whether whoever looks has *right*."""
    account = signed_in()
    return account is not None and may(account.role, right)


def _page() -> dict[str, Any]:
    shared, keys = hub(current_app), desk().keys
    now = shared.now

    def read() -> dict[str, Any]:
        with shared.store.read() as tx:
            board = standing(tx, shared.config, now)
            found = cards(tx, shared.config, keys, board, (*board.open, *board.issued))
            ended = kept.ended(tx, now - DAY)
            drafted = drafts.waiting(tx, now)
        waiting = [c for c in found if c.decision.id not in {d.id for d in board.issued}]
        waiting.sort(key=lambda card: card.urgency)
        issued = [c for c in found if c.decision.id in {d.id for d in board.issued}]
        pending = {name for one in drafted for name in one.decisions}
        return {
            "board": board, "cards": waiting, "issued": issued, "ended": ended, "waiting": drafted, "pending": pending,
            "together": _together(waiting, pending),
        }  # fmt: skip

    page: dict[str, Any] = shared.aside(read)
    found = by_verdict(page["board"].assessments)
    return page | WORDS | {
        "title": composing.title,
        "standing": {verdict.value: rows for verdict, rows in found.items()}, "now": now, "me": who(),
        "may_decide": allowed(Right.DECIDE), "may_approve": allowed(Right.APPROVE),
        "may_edit": allowed(Right.CRITERIA),
    }  # fmt: skip


def _together(found: Sequence[Card], pending: Collection[str]) -> list[tuple[int, Hazard, list[str]]]:
    """Put proposals of the same order and hazard together, so that many areas need one draft and one approval."""
    groups: dict[tuple[int, Hazard], list[str]] = {}
    for card in found:
        one = card.decision
        if card.above is None and one.state is not DecisionState.WAITING and one.id not in pending:
            groups.setdefault((one.order, one.hazard), []).append(one.id)
    return [(*key, ids) for key, ids in groups.items() if len(ids) > 1]


def _posture(known: tuple[str, ...]) -> Posture:
    form, now = request.form, hub(current_app).now
    if form.get("headquarters") not in {"yes", "no"}:
        raise BadInput("災害対策本部を設置しているかどうかを選んでください")
    stage = form.get("stage", "")
    if stage and stage not in known:
        raise BadInput("配備体制を選んでください")
    names = deciding.present(form.getlist("present"), form.get("names", ""))
    return Posture(stage, _clock_time(form.get("since", ""), now), form["headquarters"] == "yes", names, who())


def _clock_time(text: str, now: datetime) -> datetime:
    """Read 17:05 as the last time the city's clocks said so; nothing is now."""
    if not text.strip():
        return now
    zone = hub(current_app).config.city.zone
    try:
        hour = time.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("開始の時刻は 17:05 の形で書いてください") from None
    here = now.astimezone(zone)
    moment = here.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return (moment if moment <= here else moment - timedelta(days=1)).astimezone(now.tzinfo)
