"""The round of the check points: what is overdue on top, one tap says "nothing unusual", something odd is a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from disaster_hub.desk import rounds
from disaster_hub.desk.call import parted
from disaster_hub.portal import seen
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import checkpoints, persons, photos, reports
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.report import KIND_NAMES, Report, ReportKind, ReportSource, ReportState
from disaster_hub.terms.role import Right, Role, may
from disaster_hub.terms.rounds import UNDO_WITHIN, CheckPoint, Look

MOST_LETTERS = 200
ODD = (
    ReportKind.LEVEE, ReportKind.FLOODED_ROAD, ReportKind.BLOCKED_ROAD, ReportKind.FLOODED_HOUSE,
    ReportKind.LANDSLIDE, ReportKind.DAMAGE, ReportKind.RESCUE, ReportKind.OTHER,
)  # fmt: skip
room = Room("hq_checks", __name__, door=Right.SEE, url_prefix="/hq")
room.after_request(seen.allow)


@room.record_once
def _prepare(state: Any) -> None:
    """Let the views ask for the token: what waited for a network bears our header, for its token has grown old."""
    for view in (tick, undo, odd):
        state.app.extensions["csrf"].exempt(view)


@room.get("/checks")
def checks() -> str:
    """Show the round; the script asks for its live part alone."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = rounds.tonight(tx, shared.config, shared.now)
    account = signed_in()
    page = {
        "round": found,
        "now": shared.now,
        "mine": account.name if account else "",
        "may_tick": account is not None and may(account.role, Right.CHECK),
        "may_edit": account is not None and may(account.role, Right.HANDLE),
        "undo_s": _undo_within().total_seconds(),
    }
    return render_template("hq/checks_part.html" if "X-Part" in request.headers else "hq/checks.html", **page)


@room.get("/checks/<identity>")
def point(identity: str) -> str:
    """Show one check point: who looked when, and what it was before."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = _found(checkpoints.find(tx, identity))
        said = {"looks": checkpoints.looks(tx, identity), "versions": checkpoints.versions(tx, identity)}
    account = signed_in()
    may_tick = account is not None and may(account.role, Right.CHECK)
    return render_template("hq/check.html", point=found, may_tick=may_tick, now=shared.now, **said)


@room.post("/checks/<identity>/look")
@only(Right.CHECK)
def tick(identity: str) -> Any:
    """Write that somebody looked and saw nothing unusual."""
    seen.with_photo()
    seen.ours()
    try:
        look = _look(identity, fine=True)
        said = _keep(look, seen.photo(), None)
    except BadInput as fault:
        return _refused(str(fault))
    return seen.answer(said, url_for("hq_checks.checks"), f"check {identity}", look=look.id)


@room.post("/checks/looks/<look>/undo")
@only(Right.CHECK)
def undo(look: str) -> Any:
    """Take back a tick of the last minute."""
    seen.ours()
    shared = hub(current_app)
    account = signed_in()
    assert account is not None  # the door asked
    try:
        with shared.store.write() as tx:
            at = seen.moment(shared.now, "at")
            checkpoints.undo(tx, look, account.name, at, shared.now, _undo_within())
    except BadInput as fault:
        return _refused(str(fault))
    return seen.answer("取り消しました。記録には両方が残ります。", url_for("hq_checks.checks"))


@room.route("/checks/<identity>/odd", methods=["GET", "POST"])
@only(Right.CHECK)
def odd(identity: str) -> Any:
    """Something is wrong there: a report of it, seen at the check point, and the look that it was seen by."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = _found(checkpoints.find(tx, identity))
    if request.method == "GET":
        return render_template("hq/check_odd.html", point=found, kinds=_kinds(), wrong="")
    seen.with_photo()
    seen.ours()
    try:
        said = _keep(_look(identity, fine=False), seen.photo(), found)
    except BadInput as fault:
        if seen.by_script():
            return seen.refused(str(fault))
        return render_template("hq/check_odd.html", point=found, kinds=_kinds(), wrong=str(fault)), 400
    return seen.answer(said, url_for("hq_checks.checks"), f"odd {identity}")


def _keep(look: Look, photo: bytes | None, odd_at: CheckPoint | None) -> str:
    """Write look, photo and report in one transaction, once; give the sentence that says so."""
    shared = hub(current_app)
    with shared.store.write() as tx:
        known = checkpoints.look(tx, look.id)
        if known is not None:
            return "記録してあります。"
        point = _found(checkpoints.find(tx, look.point))
        fields: dict[str, Any] = {}
        if photo is not None:
            fields["photo"] = photos.put(tx, photo, f"look {look.id}", shared.now)
        number = ""
        # Telephone numbers are personal: of something odd they go sealed, and no look keeps them.
        fields["said"], numbers = parted(look.said)
        look = replace(look, said=fields["said"])
        if odd_at is not None:
            person = persons.keep(tx, desk().keys, {"phone": "、".join(numbers)}) if numbers else ""
            told = replace(_report(look, odd_at, fields.get("photo", "")), person=person)
            made = reports.add(tx, told, shared.now)
            fields["report"], number = made.id, f"（報告 {made.number}）"
        checkpoints.tick(tx, Look(**_fields(look) | fields))
    return f"{point.name}：{'異常なし' if look.fine else '異常あり'}{number}を記録しました。"


def _look(identity: str, *, fine: bool) -> Look:
    shared = hub(current_app)
    account = signed_in()
    assert account is not None  # the door asked
    now = shared.now
    return Look(
        seen.identity(), identity, seen.moment(now), now, account.name, fine,
        seen.text("said", MOST_LETTERS), seen.spot(),
    )  # fmt: skip


def _report(look: Look, point: CheckPoint, photo: str) -> Report:
    account = signed_in()
    field = account is not None and account.role == Role.FIELD
    kind = request.form.get("kind", "")
    if kind not in ODD:
        raise BadInput("何がありましたか。1つ選んでください")
    return Report(
        id=look.id, number=0, kind=ReportKind(kind), state=ReportState.RECEIVED,
        source=ReportSource.FIELD if field else ReportSource.DEPARTMENT, spot=point.spot,
        place=point.name, said=look.said, seen_at=look.seen_at, received_at=look.received_at, who=look.who,
        photos=(photo,) if photo else (),
    )  # fmt: skip


def _fields(look: Look) -> dict[str, Any]:
    return {name: getattr(look, name) for name in Look.__dataclass_fields__}


def _found(point: CheckPoint | None) -> CheckPoint:
    if point is None:
        raise NotFound("この重点確認箇所はありません")
    return point


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, KIND_NAMES[kind]) for kind in ODD]


def _undo_within() -> Any:
    return UNDO_WITHIN * max(1.0, hub(current_app).config.world.speed)


def _refused(said: str) -> Any:
    if seen.by_script():
        return seen.refused(said)
    flash(said)
    return redirect(url_for("hq_checks.checks"), 303)
