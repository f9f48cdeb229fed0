"""The board of those who have not answered (未回答): least minutes first; answers by telephone, helpers by a tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from disaster_hub.alerts import answering, helping
from disaster_hub.alerts.helping import Candidate
from disaster_hub.alerts.unanswered import Board
from disaster_hub.desk import call_sheet
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.opening import opened
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hq.unheard import unheard
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.unanswered import Unheard, Window
from disaster_hub.store import help_calls, journal
from disaster_hub.store import unanswered as facts
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import OPEN, CallState, HelpCall
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, may

SHOWN = 200
PROPOSED = 40
"""Rows beside which the next helper stands already; the others have one behind a tap."""
OUTSIDE = "none"
"""How the filter calls homes that lie in no evacuation area."""
LEFT_OUT = frozenset({CallState.CANNOT, CallState.SILENT, CallState.MISSING})
WINDOWS: Mapping[str, str] = {
    "shut": "時刻を過ぎた", "closing": "30分以内", "not_known": "時刻不明", "open": "30分より先",
    "stays": "屋内にいる計画",
}  # fmt: skip
room = Room("hq_board", __name__, door=Right.BOARD, url_prefix="/hq")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page; nothing of it says who they are."""

    said: Unheard
    place: str
    left: int | None
    """Whole minutes that are left."""
    window: Window
    call: HelpCall | None = None
    words: str = ""
    """How the helper stands."""
    next: Candidate | None = None


@room.get("/board")
def board() -> str:
    """Show the board, of one area or of all; the script asks for its live part alone."""
    found, area = unheard(), request.args.get("area")
    code = "" if area == OUTSIDE else area
    mine = found.of(code)
    part = "X-Part" in request.headers
    return render_template(
        "hq/board_part.html" if part else "hq/board.html", said=found, now=found.now, area=area, outside=OUTSIDE,
        rows=_rows(found, mine[:SHOWN]), rest=max(0, len(mine) - SHOWN), total=len(mine),
        help=_rows(found, [one for one in found.help if code is None or one.area == code]),
        buckets=found.buckets(), windows=WINDOWS, words=answering.WORDS, Window=Window,
        places=sorted(found.areas.items(), key=lambda one: -one[1]), may_open=may(who().role, Right.PERSONAL),
    )  # fmt: skip


@room.get("/board/<household>")
def one(household: str) -> str:
    """Show one household's line: what helpers said, whom to ask next, what it said by telephone."""
    found = unheard()
    said = _found(found, household)
    shared = hub(current_app)
    with shared.store.read() as tx:
        calls = [call for call in help_calls.of_household(tx, household) if call.root == said.root]
        others = _one_of_each(helping.candidates(tx, desk().keys, said))
        failed = facts.failed_channels(tx, [one.alert.id for one in found.asking], household)
    return render_template(
        "hq/board_one.html", row=_rows(found, [said])[0], now=found.now, calls=calls, others=others, failed=failed,
        states=helping.SAID, words=answering.WORDS, Window=Window, may_open=may(who().role, Right.PERSONAL),
        short=short(household), names={each.helper: each.words for each in others},
    )  # fmt: skip


@room.post("/board/<household>/answer")
def answer(household: str) -> Any:
    """Write an answer down that came by telephone or by word of mouth."""
    said, word = _found(unheard(), household), request.form.get("word", "")
    if word not in answering.WORDS:
        abort(400)
    shared = hub(current_app)
    with shared.store.write() as tx:
        now = shared.now
        taken = answering.take(tx, desk().keys, said.alert, household, word, now, now, "desk")
    flash(
        f"{short(household)}：「{answering.WORDS[word]}」を記録しました。"
        if taken
        else "この世帯の計画は消されています。"
    )
    return redirect(url_for("hq_board.board"), 303)


@room.post("/board/<household>/helper")
def helper(household: str) -> Any:
    """Hand a household to another helper."""
    said, name = _found(unheard(), household), request.form.get("helper", "")
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            helping.assign(tx, desk().keys, said, name, shared.config, who().name, shared.now)
    except BadInput as fault:
        flash(str(fault))
        return redirect(url_for("hq_board.one", household=household), 303)
    flash(f"{short(household)}：支援者に連絡します。")
    return redirect(url_for("hq_board.board"), 303)


@room.route("/board/<household>/open", methods=["GET", "POST"])
@only(Right.PERSONAL)
def reveal(household: str) -> Any:
    """Show address and telephone of one household, to who says why."""
    _found(unheard(), household)
    found = opened("返事のない世帯の住所・電話", household, call_sheet.known)
    rows = [] if found is None else call_sheet.plainly(found)
    return render_template(
        "hq/opened.html", what="返事のない世帯", rows=rows, gone=found is None, back="hq_board.board"
    )


@room.route("/board-sheet", methods=["GET", "POST"])
@only(Right.PERSONAL)
def sheet() -> Any:
    """Print the call sheet: addresses and telephones of those who have not answered, to who says why."""
    found, area = unheard(), request.args.get("area")
    code = "" if area == OUTSIDE else area
    mine = [*(one for one in found.help if code is None or one.area == code), *found.of(code)][: call_sheet.MOST]
    place = "全区域" if area is None else found.names.get(area, "区域外")
    what = f"返事のない世帯の電話票（{place}・{len(mine)}世帯）"
    names = [one.alert.id for one in found.asking]
    made = opened(
        what, f"sheet:{area or 'all'}", lambda tx, keys, _: call_sheet.lines(tx, keys, found, mine, names)
    )  # fmt: skip
    shared = hub(current_app)
    head = call_sheet.Head(
        f"{shared.config.city.name} 災害対策本部", place, found.now, who().shown, shared.config.city.zone,
        "訓練" if shared.config.world.exercise else "",
    )  # fmt: skip
    with shared.store.write() as tx:
        journal.add(tx, JournalEntry(shared.now, "paper_made", who().name, f"{what}を印刷"))
    answer = Response(desk().aside(call_sheet.pdf, head, made), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = "inline; filename=denwa.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def short(household: str) -> str:
    """Give the few letters by which the room speaks of a household: random, and nobody's name."""
    return household[: call_sheet.LETTERS]


def _one_of_each(found: Sequence[Candidate]) -> list[Candidate]:
    """Offer one helper of each kind, the least busy: a dozen buttons that read the same are no choice."""
    return list({each.words: each for each in reversed(found)}.values())[::-1]


def _found(found: Board, household: str) -> Unheard:
    for one in (*found.help, *found.rows):
        if one.household == household:
            return one
    raise NotFound("この世帯は、もう返事をしたか、知らせが終わっています")


def _rows(found: Board, mine: Sequence[Unheard]) -> list[Row]:
    """Put helpers beside the lines."""
    if not mine:
        return []
    with hub(current_app).store.read() as tx:
        calls = helping.by_household(help_calls.of(tx, {one.root for one in mine}))
        return [_row(tx, found, one, calls.get(one.household, ()), n) for n, one in enumerate(mine)]


def _row(tx: Transaction, found: Board, one: Unheard, calls: Sequence[HelpCall], place: int) -> Row:
    now, window = found.now, one.window(found.now)
    mine = [call for call in calls if call.root == one.root]
    call = next((each for each in mine if each.state in OPEN), mine[-1] if mine else None)
    left = None if one.minute is None else int((one.minute - now).total_seconds() // 60)
    lost = call is not None and call.state in LEFT_OUT and window in {Window.OPEN, Window.NOT_KNOWN}
    others = helping.candidates(tx, desk().keys, one) if lost and place < PROPOSED else []
    words = "" if call is None else helping.SAID[call.state]
    name = found.names.get(one.area, "区域外")
    return Row(one, name, left, window, call, words, others[0] if others else None)
