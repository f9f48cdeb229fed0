"""Papers of the headquarters: the handover sheet, the situation report, the map as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.desk import form4, handover, map_picture, people, sheet, situation_report
from disaster_hub.desk.watch import Watch
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.watch import board_now
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import chronology, damage, evacuation_areas, journal
from disaster_hub.store.chronology import Wish
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.damage import ITEMS
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right

room = Room("hq_papers", __name__, door=Right.SEE, url_prefix="/hq/papers")
LONGEST_NOTE = 600


@room.get("")
def papers() -> str:
    """Show what can be printed, and the fields that people write themselves."""
    return _page()


@room.get("/handover.pdf")
def handover_pdf() -> Response:
    """Print the handover sheet."""
    return _pdf(_handover, "hikitsugi.pdf")


@room.get("/situation.pdf")
def situation_pdf() -> Response:
    """Print その1 of the situation report."""
    return _pdf(_overview, "yoshiki4-1.pdf")


@room.get("/damage.pdf")
def damage_pdf() -> Response:
    """Print その2 of the situation report."""
    return _pdf(_damage, "yoshiki4-2.pdf")


@room.get("/map.png")
def map_png() -> Response:
    """Give the map as a picture."""
    return _file(_made(_picture), "image/png", "map.png")


@room.post("/note")
@only(Right.LOG)
def note() -> Any:
    """Keep what the officer who goes wants to say."""
    shared, text = hub(current_app), request.form.get("note", "").strip().replace("\r\n", "\n")
    if not text or len(text) > LONGEST_NOTE:
        wrong = "申し送り: 空です" if not text else f"申し送り: {LONGEST_NOTE}字までにしてください（いま{len(text)}字）"
        return _page(wrong, note=text), 400
    with shared.store.write() as tx:
        journal.add(tx, JournalEntry(shared.now, handover.NOTE, _who(), text))
    flash("申し送りを記録しました。", "saved:handover-note")
    return redirect(url_for("hq_papers.papers"), 303)


@room.post("/situation")
@only(Right.LOG)
def situation() -> Any:
    """Keep the fields of the situation report that people write."""
    shared = hub(current_app)
    said = {kind: request.form.get(kind, "").replace("\r\n", "\n") for kind in situation_report.FIELDS}
    try:
        with shared.store.write() as tx:
            situation_report.write(tx, said, _who(), shared.now)
    except BadInput as fault:
        return _page(str(fault), typed=said), 400
    flash("報告書の記入を保存しました。", "saved:situation")
    return redirect(url_for("hq_papers.papers"), 303)


@room.post("/damage")
@only(Right.LOG)
def count_damage() -> Any:
    """Keep the damage counts that were changed."""
    shared = hub(current_app)
    form = request.form
    try:
        new = {i.key: _number(form.get(i.key, ""), f"{i.group} {i.word}") for i in ITEMS}
        before = {i.key: _number(form.get(f"old-{i.key}", ""), i.word) for i in ITEMS}
        with shared.store.write() as tx:
            damage.write(tx, new, before, _who(), shared.now)
    except (BadInput, damage.Counted) as fault:
        return _page(str(fault), counted=form), 409 if isinstance(fault, damage.Counted) else 400
    flash("被害の集計を保存しました。", "saved:damage")
    return redirect(url_for("hq_papers.papers"), 303)


def _page(
    wrong: str = "", note: str | None = None, typed: Mapping[str, str] | None = None,
    counted: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    with hub(current_app).store.read() as tx:
        notes = chronology.rows(tx, Wish(kinds=(handover.NOTE,)), limit=1)
        written, counts = situation_report.typed(tx), damage.counts(tx)
    groups = [(group, list(rows)) for group, rows in groupby(ITEMS, key=lambda item: item.group)]
    old = {key: str(count.value) for key, count in counts.items()}
    return render_template(
        "hq/papers.html", wrong=wrong, note=note if note is not None else "", last=notes[0] if notes else None,
        fields=situation_report.FIELDS, typed=typed or written, groups=groups, old=old, counted=counted or old,
    )  # fmt: skip


def _number(text: str, word: str) -> int | None:
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit():
        raise BadInput(f"{word}: {text[:20]!r} は0以上の整数ではありません")
    return int(plain)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a paper is made from; it is made in a thread, where no request is at hand."""

    shared: Hub
    watch: Watch
    keys: Keyring
    who: str


Maker = Callable[[Transaction, Asked], bytes]


def _handover(tx: Transaction, asked: Asked) -> bytes:
    board = Unanswered(asked.keys).board(tx, asked.watch.now)
    return sheet.pdf(handover.page(handover.gather(tx, asked.watch, asked.who, board), asked.shared.config))


def _overview(tx: Transaction, asked: Asked) -> bytes:
    return form4.overview_pdf(_situation(tx, asked))


def _damage(tx: Transaction, asked: Asked) -> bytes:
    return form4.damage_pdf(_situation(tx, asked))


def _picture(tx: Transaction, asked: Asked) -> bytes:
    return map_picture.png(tx, asked.shared.config, asked.watch)


def _situation(tx: Transaction, asked: Asked) -> situation_report.SituationReport:
    found = people.affected(tx, evacuation_areas.all_areas(tx), asked.keys)
    return situation_report.gather(tx, asked.shared.config, asked.watch, found, asked.who)


def _pdf(make: Maker, name: str) -> Response:
    return _file(_made(make), "application/pdf", name)


def _made(make: Maker) -> bytes:
    """Make a paper from one snapshot, beside the other requests."""
    shared, account = hub(current_app), signed_in()
    who = account.shown if account is not None else ""
    made: bytes = shared.aside(_work, make, Asked(shared, board_now(shared), desk().keys, who))
    return made


def _work(make: Maker, asked: Asked) -> bytes:
    with asked.shared.store.read() as tx:
        return make(tx, asked)


def _file(body: bytes, kind: str, name: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f"inline; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _who() -> str:
    account = signed_in()
    return account.name if account is not None else "?"
