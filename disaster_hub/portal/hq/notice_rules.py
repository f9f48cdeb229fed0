"""The town's rules of automatic notices: as sentences, how each stands, the dry run over last month, and the editor."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import automatic, rules_desk, rules_past
from disaster_hub.desk.criteria_desk import Outrun
from disaster_hub.desk.rules_past import Compared
from disaster_hub.desk.say_decisions import VERDICTS
from disaster_hub.desk.trusting import places
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.decisions import allowed, who
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.rules.notice_rules import NoticeRule
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.store import notice_rules as versions
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.versions import Version
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

LONGEST_NUMBER = 9
room = Room("hq_rules", __name__, door=Right.ALERTS, url_prefix="/hq/rules")
ACTS = {"issue": "知らせ", "calm": "終わりの知らせ", "waited": "送らない（裏付け待ち・疑わしい）"}
WHERE = {"both": "同じ", "new": "この文だけ", "saved": "いまの版だけ"}


@room.get("")
def rules() -> str:
    """Show the rules that hold, each with how it stands now; the script asks for its live part alone."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        newest, standing = versions.newest(tx), versions.standings(tx)
        known = places(tx, shared.config, shared.now)
        rows = [
            (rule, rules_desk.aloud(tx, shared.config, rule, known), standing.get((rule.id, rule.subject)))
            for rule in automatic.ruling(tx)
        ]
        log = versions.evaluations(tx, limit=30)
        every = versions.versions(tx)
    page = "hq/notice_rules_part.html" if "X-Part" in request.headers else "hq/notice_rules.html"
    return render_template(
        page, rows=rows, titles={rule.id: rule.title for rule, _, _ in rows}, newest=newest, log=log,
        versions=every, may_edit=allowed(Right.CRITERIA), verdicts=VERDICTS, hazards=HAZARD_WORDS, now=shared.now,
    )  # fmt: skip


@room.get("/month")
def month() -> str:
    """Show who would have got what last month under the rules that hold; nothing is sent."""
    shared, keys = hub(current_app), desk().keys
    rows = desk().aside(_month, shared, keys, None)
    return render_template("hq/notice_rules_month.html", rows=rows, acts=ACTS, where=None, now=shared.now)


@room.route("/edit", methods=["GET", "POST"])
@only(Right.CRITERIA)
def edit() -> Any:
    """Edit the rules: check, try on last month beside those that hold, save as a new version."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        newest = versions.newest(tx)
    page: dict[str, Any] = {"wrong": "", "warnings": None, "rows": None, "said": (), "read": None}
    status, standing = 200, 0 if newest is None else newest.number
    text = newest.text if newest is not None else rules_desk.TEMPLATE.read_text(encoding="utf-8")
    if request.method == "POST":
        text = request.form.get("text", "").replace("\r\n", "\n")
        try:
            saved = _do(request.form.get("do", ""), text, page)
        except BadInput as fault:
            page["wrong"], status = f"{fault}。", 400
        except Outrun as fault:
            page["wrong"], status = f"{fault}。あなたの文は残っています。確かめてから、もう一度保存してください。", 409
        else:
            if saved is not None:
                flash(f"第{saved.number}版を保存しました。すぐに使われます。", f"saved:rules-{standing}")
                return redirect(url_for("hq_rules.rules"), 303)
        if status != 409:  # told that somebody was faster, one goes on from what stands now
            standing = _base(standing)
    return render_template(
        "hq/notice_rules_edit.html", text=text, newest=newest, expected=standing, acts=ACTS, where=WHERE,
        note=request.form.get("note", ""), **page,
    ), status  # fmt: skip


def _do(act: str, text: str, page: dict[str, Any]) -> Version | None:
    """Check, try or save; what was found goes into *page*."""
    shared = hub(current_app)
    if act == "save":
        with shared.store.write() as tx:
            note = request.form.get("note", "")
            return rules_desk.save(tx, text, note, who(), shared.now, expected=_base(0))
    with shared.store.read() as tx:
        page["read"], page["warnings"] = rules_desk.check(tx, shared.config, text, shared.now)
        known = places(tx, shared.config, shared.now)
        page["said"] = [(rule, rules_desk.aloud(tx, shared.config, rule, known)) for rule in page["read"]]
    if act == "try":
        page["rows"] = desk().aside(_month, shared, desk().keys, page["read"])
    return None


def _base(standing: int) -> int:
    """Give the version from which the editor began."""
    expected = request.form.get("expected", "")
    return int(expected) if expected.isdecimal() and len(expected) < LONGEST_NUMBER else standing


def _month(shared: Hub, keys: Keyring, new: tuple[NoticeRule, ...] | None) -> list[Compared]:
    """Hold the saved rules, and an edited text beside them, against last month; the snapshot cannot be written."""
    with shared.store.read() as tx:
        newest = versions.newest(tx)
        saved = () if newest is None else read(newest.text)
        old = rules_past.last_month(tx, shared.config, keys, saved, shared.now)
        fresh = old if new is None else rules_past.last_month(tx, shared.config, keys, new, shared.now)
    return rules_past.compared(old, fresh)
