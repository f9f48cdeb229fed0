"""The one way to personal data for staff: who may, why, and a row in the journal before anything is shown.

A view calls `opened("通報者の連絡先", identity)`. Where no reason was typed yet, the visitor gets a page that asks for
it, in place of the view's own; its form comes back to the same address by POST, so the view takes GET and POST.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, current_app, make_response, render_template, request, session
from werkzeug.exceptions import NotFound

from disaster_hub.portal import accounts
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import journal, persons, reports
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, may

KIND = "personal_viewed"
SHORTEST, LONGEST = 5, 100
REMEMBERED_S = 15 * 60.0
MOST_REMEMBERED = 3
"""The reasons lie in the session's cookie, which has room for a few."""
NUMBER = re.compile(r"\d[\d()\- ‐－ー]{7,}\d|[^\s@]+@[^\s@]+\.[^\s@]+")
"""A telephone number or a mail address: what must not stand in the journal."""
Read = Callable[[Transaction, Keyring, str], Any]
NAMES = {"name": "氏名", "phone": "電話", "said": "内容", "address": "住所", "mail": "メール"}
room = Room("hq_opening", __name__, door=Right.PERSONAL, url_prefix="/hq")


@room.route("/open/<what>/<about>", methods=["GET", "POST"])
def reason(what: str, about: str) -> Any:
    """Ask why, then show what is sealed behind a report (`report`) or an entry of the chronology (`note`)."""
    words, identity, back = _behind(what, about)
    found = opened(words, identity)
    rows = [(NAMES.get(key, key), text) for key, text in (found or {}).items()]
    return render_template("hq/opened.html", what=words, rows=rows, gone=found is None, back=back)


def _behind(what: str, about: str) -> tuple[str, str, str]:
    """Give what it is in words, the random id of what is sealed, and the page to go back to."""
    if what == "note":
        return "クロノロジーの氏名・連絡先", about, "hq_log.log"
    if what != "report":
        raise NotFound
    with hub(current_app).store.read() as tx:
        report = reports.find(tx, about)
    if report is None or not report.person:
        raise NotFound
    return f"報告 {report.number} の連絡先", report.person, "hq_reports.reports"


def opened(what: str, about_id: str, read: Read = persons.read) -> Any:
    """Give the personal data of *about_id*; None where they were deleted.

    Demands the right, and a typed reason that counts for the same id for 15 minutes. Each view is a row of the
    journal (who, *what*, why, the random id), in the same transaction: what cannot be written down is not shown.
    """
    account = accounts.signed_in()
    if account is None or not may(account.role, Right.PERSONAL):
        abort(403)
    reason = _reason(what, about_id)
    row = JournalEntry(hub(current_app).now, KIND, account.name, f"個人情報を見た：{what}", about_id, reason)
    one = desk()
    return one.aside(_written, one.shared.store, one.keys, row, read)


def _written(store: Store, keys: Keyring, row: JournalEntry, read: Read) -> Any:
    with store.write() as tx:
        journal.add(tx, row)
        return read(tx, keys, str(row.where))


def _reason(what: str, about_id: str) -> str:
    """Give the reason that was typed now or a little while ago; ask for it where there is none."""
    wall = hub(current_app).wall()
    kept: dict[str, Any] = {one: why for one, why in (session.get("reasons") or {}).items() if _fresh(why, wall)}
    if request.method != "POST" or "reason" not in request.form:
        if about_id in kept:
            return str(kept[about_id][0])
        _ask(what, "", None)
    typed = " ".join(request.form["reason"].split())
    wrong = fault(typed)
    if wrong:
        _ask(what, typed, wrong)
    remember(about_id, typed)
    return typed


def remember(about_id: str, typed: str) -> None:
    """Let a reason that was found good count for *about_id* for a while; whoever calls has asked for it."""
    wall = hub(current_app).wall()
    kept: dict[str, Any] = {one: why for one, why in (session.get("reasons") or {}).items() if _fresh(why, wall)}
    kept.pop(about_id, None)
    kept[about_id] = (typed, wall.timestamp())
    session["reasons"] = dict(list(kept.items())[-MOST_REMEMBERED:])


def fault(reason: str) -> str | None:
    """Say what is wrong with a reason; None where nothing is."""
    if len(reason) < SHORTEST:
        return f"理由を{SHORTEST}文字以上で書いてください。"
    if len(reason) > LONGEST:
        return f"理由は{LONGEST}文字までです（いま{len(reason)}文字）。"
    if NUMBER.search(reason):
        return "理由に電話番号やメールアドレスを書かないでください。この文は記録に残ります。"
    return None


def _fresh(kept: Any, wall: datetime) -> bool:
    return 0 <= wall.timestamp() - float(kept[1]) < REMEMBERED_S


def _ask(what: str, typed: str, wrong: str | None) -> None:
    page = render_template(
        "hq/reason.html", what=what, typed=typed, wrong=wrong, longest=LONGEST, back=request.full_path.rstrip("?")
    )
    abort(make_response(page, 400 if wrong else 200))
