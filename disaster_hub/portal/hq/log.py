"""The chronology (クロノロジー): what happened and what people wrote, newest on top; nothing can be taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.desk import chronology, log_paper
from disaster_hub.desk.chronology import Note
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import journal
from disaster_hub.store.chronology import CORRECTED, Wish
from disaster_hub.terms.chronology import BY_HAND, GROUP_WORDS, HIDDEN, Group, of_group
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, may

room = Room("hq_log", __name__, door=Right.SEE, url_prefix="/hq/log")
PAGE = 100
SLIP_FROM, SLIP = timedelta(minutes=1), timedelta(hours=2)
FILTERS = ("group", "who", "word", "from", "to", "pinned", "hand", "all", "before")


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody typed into the form, to be shown again where it could not be kept."""

    text: str = ""
    at: str = ""
    place: str = ""
    person: str = ""
    error: str = ""


@room.get("")
def log() -> str:
    """Show the log."""
    return _page(Form())


@room.get("/part")
def part() -> str:
    """Give the rows alone, for the live page."""
    return render_template("hq/log_part.html", **_rows())


@room.post("")
@only(Right.LOG)
def write() -> Response | tuple[str, int]:
    """Write a note."""
    said = Form(*(request.form.get(name, "") for name in ("text", "at", "place", "person")))
    one, now = desk(), hub(current_app).now
    try:
        note = Note(said.text, _happened(said.at, now), said.place, said.person)
        with one.shared.store.write() as tx:
            chronology.write(tx, one.keys, note, _me(), now)
    except BadInput as fault:
        return _page(Form(said.text, said.at, said.place, said.person, str(fault))), 400
    flash("記入しました。", "saved:log")
    return redirect(url_for("hq_log.log"), 303)


@room.get("/<int:number>/correct")
@only(Right.LOG)
def correcting(number: int) -> str | tuple[str, int]:
    """Show the form that corrects one row."""
    return _correction(number, "", "")


@room.post("/<int:number>/correct")
@only(Right.LOG)
def correct(number: int) -> Response | tuple[str, int]:
    """Write a correction; the row that it corrects stays."""
    text = request.form.get("text", "")
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            chronology.correct(tx, number, text, _me(), shared.now)
    except BadInput as fault:
        return _correction(number, text, str(fault)), 400
    flash(f"#{number} を訂正しました。もとの文も残っています。", f"saved:correct-{number}")
    return redirect(url_for("hq_log.log"), 303)


@room.post("/<int:number>/pin")
@only(Right.LOG)
def pin(number: int) -> Response:
    """Pin a row to the top, or take the pin away."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            chronology.pin(tx, number, _me(), shared.now, on=request.form.get("on") == "1")
    except BadInput as fault:
        flash(str(fault), "wrong")
    return redirect(url_for("hq_log.log"), 303)


@room.get("/log.csv")
def as_csv() -> Response | tuple[str, int]:
    """Give a span of the log as a sheet."""
    return _exported("csv")


@room.get("/log.pdf")
def as_pdf() -> Response | tuple[str, int]:
    """Give a span of the log as a paper."""
    return _exported("pdf")


def _exported(kind: str) -> Response | tuple[str, int]:
    one = desk()
    shared = one.shared
    now, who = shared.now, _me()
    try:
        wish, words = _wish(request.args), filters(request.args)
        asked = log_paper.Asked(wish, words, shared.config.city.name, shared.config.world, now, who)
        body = one.aside(_make, kind, one, asked)
    except BadInput as fault:
        return _page(Form(error=str(fault))), 400
    with shared.store.write() as tx:
        what = f"クロノロジーを書き出しました（{kind.upper()}、{'・'.join(asked.filters) or '条件なし'}）"
        journal.add(tx, JournalEntry(now, "exported", who, what))
    made = Response(body, mimetype="text/csv; charset=utf-8" if kind == "csv" else "application/pdf")
    stamp = f"{now.astimezone(_zone()):%Y%m%d-%H%M}"
    made.headers["Content-Disposition"] = f"attachment; filename=chronology-{stamp}.{kind}"
    made.headers["Cache-Control"] = "no-store"
    return made


def _make(kind: str, one: Any, asked: log_paper.Asked) -> bytes:
    with one.shared.store.read() as tx:
        lines = log_paper.lines(tx, one.keys, asked)
    zone = one.shared.config.city.zone
    return log_paper.sheet(lines, zone) if kind == "csv" else log_paper.paper(lines, asked, zone)


def _page(form: Form) -> str:
    account = signed_in()
    writes = account is not None and may(account.role, Right.LOG)
    return render_template("hq/log.html", form=form, groups=GROUP_WORDS, args=request.args, **_rows(writes=writes))


def _rows(*, writes: bool | None = None) -> dict[str, Any]:
    """Read one page of rows; a filter that cannot be read filters nothing and says so."""
    one, args = desk(), request.args
    account = signed_in()
    if writes is None:
        writes = account is not None and may(account.role, Right.LOG)
    wrong = ""
    try:
        wish = _wish(args)
    except BadInput as fault:
        wish, wrong = Wish(without=HIDDEN), str(fault)
    before = int(args["before"]) if args.get("before", "").isdigit() and len(args["before"]) < 18 else None
    with one.shared.store.read() as tx:
        found, more = chronology.read(tx, one.keys, wish, limit=PAGE, before=before)
        top = chronology.pinned(tx, one.keys) if before is None and not wish.pinned else []
    now = one.now
    return {
        "lines": found, "more": more, "top": top, "now": now, "writes": writes, "wrong": wrong, "before": before,
        "asked": {name: args[name] for name in FILTERS if args.get(name)}, "filters": filters(args),
        "corrected_kind": CORRECTED, "notes": {"note", CORRECTED}, "today": now.astimezone(_zone()).date(),
        "zone": _zone(), "opens": account is not None and may(account.role, Right.PERSONAL),
    }  # fmt: skip


def _correction(number: int, text: str, error: str) -> str:
    one = desk()
    with one.shared.store.read() as tx:
        there = chronology.find_line(tx, one.keys, number)
    return render_template("hq/log_correct.html", line=there, number=number, text=text, error=error)


def _wish(args: Mapping[str, str]) -> Wish:
    """Read the filters of the address; BadInput names the one that cannot be read."""
    now, zone = hub(current_app).now, _zone()
    group = args.get("group", "")
    if group and group not in set(Group):
        raise BadInput(f"種類 {group[:20]!r} はありません。")
    kinds: list[str] = of_group(Group(group)) if group else []
    if args.get("hand"):
        kinds = [kind for kind in kinds or BY_HAND if kind in BY_HAND]
    shown = bool(args.get("all") or args.get("pinned"))
    return Wish(
        kinds=kinds,
        without=() if shown else HIDDEN,
        who=args.get("who", "").strip()[:80],
        word=args.get("word", "").strip()[:80],
        since=moment(args.get("from", ""), now, zone),
        until=moment(args.get("to", ""), now, zone),
        pinned=bool(args.get("pinned")),
    )


def filters(args: Mapping[str, str]) -> list[str]:
    """Say the filters in words, as the page and the paper name them."""
    said = []
    if args.get("group") in set(Group):
        said.append(f"種類：{GROUP_WORDS[Group(args['group'])]}")
    for name, word in (("who", "記入者"), ("word", "語"), ("from", "から"), ("to", "まで")):
        if args.get(name):
            said.append(f"{word}：{args[name][:80].replace('T', ' ')}")
    said += [
        word for name, word in (("pinned", "固定のみ"), ("hand", "手入力のみ"), ("all", "すべて")) if args.get(name)
    ]
    return said


def moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Read a time of the city: `18:05` of the last 24 hours, or a day with it; None where nothing is said."""
    said = text.strip()
    if not said:
        return None
    try:
        if len(said) <= 5:
            hour, minute = (int(part) for part in said.split(":"))
            there = now.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
            late = there > now.astimezone(zone) + timedelta(minutes=1)
            return (there - timedelta(days=1) if late else there).astimezone(now.tzinfo)
        return datetime.fromisoformat(said).replace(tzinfo=zone).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        raise BadInput(f"時刻 {said[:20]!r} が読めません。18:05 のように書いてください。") from None


def _happened(text: str, now: datetime) -> datetime:
    """Read when something happened; a time only just ahead is a slip of the hand, and no word of yesterday."""
    at = moment(text, now, _zone()) or now
    if len(text.strip()) <= 5 and SLIP_FROM < at + timedelta(days=1) - now <= SLIP:
        raise BadInput(f"起きた時刻 {text.strip()[:5]} が、いまより先です。昨日のことなら、日付から書いてください。")
    return at


def _zone() -> ZoneInfo:
    return hub(current_app).config.city.zone


def _me() -> str:
    account = signed_in()
    assert account is not None  # the door let nobody else in
    return account.name
