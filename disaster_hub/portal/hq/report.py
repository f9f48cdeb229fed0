"""One report: what stands now, what became of it, its photos, and the roads that it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from disaster_hub.desk import call as calls
from disaster_hub.desk import roads
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.reporting import conflict_words, kind_of, seen_at, spot_of, typed, version, who
from disaster_hub.portal.hq.reports import DEPARTMENTS, NAMES
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import persons
from disaster_hub.store import reports as kept
from disaster_hub.store.reports import Conflict
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.report import OPEN_STATES, ROAD_KINDS, Report, ReportKind, ReportState
from disaster_hub.terms.role import Right, may

STATES = (
    ReportState.RECEIVED, ReportState.CONFIRMED, ReportState.WORKING, ReportState.DONE, ReportState.CLOSED,
    ReportState.MISTAKEN,
)  # fmt: skip
PICTURE_M = 150.0
WORDS = ("kind", "place", "said", "seen", "lon", "lat")
room = Room("hq_report", __name__, door=Right.SEE, url_prefix="/hq/reports")
Act = Callable[[Transaction, Report], Report]


@room.get("/<identity>")
def report(identity: str) -> Any:
    """Show one report; the live part alone where the script asks for it."""
    return _page(identity, {})


@room.post("/<identity>/state")
@only(Right.HANDLE)
def state(identity: str) -> Any:
    """Say how far it is."""

    def act(tx: Transaction, known: Report) -> Report:
        wish = request.form.get("state", "")
        if wish not in STATES:
            raise BadInput("状態を選んでください。")
        return kept.change(tx, known.id, version(), who().name, _now(), state=ReportState(wish), joined_to="")

    return _done(identity, act, "記録しました。")


@room.post("/<identity>/department")
@only(Right.HANDLE)
def department(identity: str) -> Any:
    """Give it to a department."""
    wish = request.form.get("department", "").strip()[:40]
    return _done(
        identity, lambda tx, known: kept.change(tx, known.id, version(), who().name, _now(), department=wish),
        f"担当を {wish or 'なし'} にしました。",
    )  # fmt: skip


@room.post("/<identity>/words")
@only(Right.HANDLE)
def words(identity: str) -> Any:
    """Put right what was written, or where or when it was seen."""

    def act(tx: Transaction, known: Report) -> Report:
        said: dict[str, Any] = {"kind": kind_of(request.form.get("kind", known.kind.value))}
        place, numbers = calls.parted(request.form.get("place", "").strip()[: calls.LONGEST_PLACE])
        text, more = calls.parted(request.form.get("said", "").strip()[: calls.LONGEST_TEXT])
        said |= {"place": place, "said": text}
        if (numbers or more) and not known.person:
            said["person"] = persons.keep(tx, desk().keys, {"phone": "、".join([*numbers, *more])})
        spot = spot_of(request.form.get("lon", ""), request.form.get("lat", ""))
        said |= {"spot": spot} if spot is not None else {}
        moment = seen_at(request.form.get("seen", ""), known.seen_at)
        if moment is not None and f"{_there(known):%H:%M}" != request.form["seen"]:
            said["seen_at"] = moment
        return kept.change(tx, known.id, version(), who().name, _now(), **said)

    return _done(identity, act, "書き直しました。", f"report-{identity}")


@room.post("/<identity>/join")
@only(Right.HANDLE)
def join(identity: str) -> Any:
    """Say that it tells of the same thing as another, or that it stands for itself again."""

    def act(tx: Transaction, known: Report) -> Report:
        if request.form.get("part"):
            return kept.part(tx, known.id, version(), who().name, _now())
        number = request.form.get("number", "").strip().removeprefix("報告")
        head = kept.numbered(tx, int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else None
        if head is None:
            raise BadInput(f"報告「{number[:20]}」はありません。番号を入れてください。")
        if known.id in {head.id, head.joined_to}:
            raise BadInput("その報告は、この報告にまとめてあります。")
        return kept.join(tx, known.id, version(), head.id, who().name, _now())

    return _done(identity, act, "記録しました。")


@room.post("/<identity>/roads")
@only(Right.HANDLE)
def close_roads(identity: str) -> Any:
    """Close the chosen stretches of road because of it, or open them again."""
    links = request.form.getlist("link")[:50]

    def act(tx: Transaction, known: Report) -> Report:
        if request.form.get("open"):
            return roads.open_again(tx, known, version(), links, who().name, _now())
        return roads.close(tx, known, version(), links, who().name, _now())

    return _done(identity, act, "通行止めを解除しました。" if request.form.get("open") else "通行止めにしました。")


@room.post("/<identity>/forget")
@only(Right.PERSONAL)
def forget(identity: str) -> Any:
    """Destroy the caller's name and number for good; the report stays."""

    def act(tx: Transaction, known: Report) -> Report:
        if known.person:
            persons.empty(tx, desk().keys, known.person)
        return kept.forgotten(tx, known, who().name, _now())

    return _done(identity, act, "連絡先を消しました。")


def _done(identity: str, act: Act, said: str, form: str = "") -> Any:
    """Do one thing to a report; where somebody was faster or something is wrong, nothing that was typed is lost."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            known = kept.find(tx, identity)
            if known is None:
                raise NotFound
            act(tx, known)
    except Conflict as fault:
        return _page(identity, typed(*WORDS) if form else {}, conflict_words(fault)), 409
    except BadInput as fault:
        return _page(identity, typed(*WORDS) if form else {}, str(fault)), 400
    flash(said, f"saved:{form}" if form else "message")
    return redirect(url_for("hq_report.report", identity=identity), 303)


def _page(identity: str, form: dict[str, Any], wrong: str = "") -> Any:
    shared = hub(current_app)
    with shared.store.read() as tx:
        known = kept.find(tx, identity)
        if known is None:
            raise NotFound
        page = {
            "report": known,
            "history": kept.history(tx, identity),
            "joined": kept.joined(tx, identity),
            "head": kept.find(tx, known.joined_to) if known.joined_to else None,
            "similar": _similar(tx, known),
        } | _roads(tx, known)
    account = who()
    part = "X-Part" in request.headers
    return render_template(
        "hq/report_part.html" if part else "hq/report.html", **NAMES, **page, form=form, wrong=wrong, states=STATES,
        departments=DEPARTMENTS, now=shared.now, kinds=list(ReportKind), seen=_there(known), proposal=_proposal(),
        may_handle=may(account.role, Right.HANDLE), may_open=may(account.role, Right.PERSONAL),
        may_report="hq_opening.reason" in current_app.view_functions,
    )  # fmt: skip


def _similar(tx: Transaction, known: Report) -> list[Report]:
    if known.state not in OPEN_STATES:
        return []
    near = kept.near(tx, known.spot, known.kind, calls.SAME_M, known.seen_at - calls.SAME_WITHIN)
    return [one for one in near if one.id != known.id][:3]


def _roads(tx: Transaction, known: Report) -> dict[str, Any]:
    """Give what the part about roads shows: the links nearby, and what the closing did to the plans."""
    if known.kind not in ROAD_KINDS and not known.links:
        return {"links": [], "ground": [], "acted": None, "plans": None}
    acted = roads.acted_at(tx, known)
    return {
        "links": roads.links_near(tx, known.spot, also=known.links),
        "ground": roads.around(tx, known.spot, PICTURE_M),
        "acted": acted,
        "plans": None if acted is None else roads.plans_changed(tx, acted),
    }


def _proposal() -> dict[str, str]:
    """Give what a photo's own record said and somebody asked to take over; it is only filled into the form."""
    return {name: request.args.get(f"photo_{name}", "")[:20] for name in ("lon", "lat", "seen")}


def _there(known: Report) -> Any:
    return known.seen_at.astimezone(hub(current_app).config.city.zone)


def _now() -> Any:
    return hub(current_app).now
