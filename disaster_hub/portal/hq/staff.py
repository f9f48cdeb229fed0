"""The accounts of staff: who may sign in as what; for administrators alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from disaster_hub.portal import accounts, passwords
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.store import journal, staff, staff_locks, staff_sessions
from disaster_hub.store.session import Transaction
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, Role

LONGEST = 60
ROLES = {
    Role.ADMINISTRATOR: "管理者",
    Role.AUTHOR: "本部（起案）",
    Role.APPROVER: "本部（確認）",
    Role.DEPARTMENT: "各部",
    Role.FIELD: "現場",
    Role.LEADER: "自主防災組織",
    Role.VIEWER: "閲覧",
}
LAST = "最後の管理者です。先に、ほかの人を管理者にしてください。"
room = Room("hq_staff", __name__, door=Right.STAFF, url_prefix="/hq/staff")


@room.get("", endpoint="staff")
def staff_list() -> str:
    """Show everybody who may sign in."""
    return _page()


@room.post("")
def add() -> Any:
    """Add an account; its first password is shown once, and must be replaced at the first sign-in."""
    form = {key: request.form.get(key, "").strip()[:LONGEST] for key in ("name", "shown", "department", "role")}
    wrong = _wrong(form)
    password = passwords.made()
    if not wrong:
        shared, more = hub(current_app), (form["department"], form["shown"])
        try:
            accounts.add(
                shared.store, form["name"], password, form["role"], shared.now, *more, must_change=True, by=_me().name
            )
        except BadInput:
            wrong = f"「{form['name']}」はもう使われています。別の名前にしてください。"
    if wrong:
        return _page(form, wrong), 400
    return _page(handed=(form["name"], password))


@room.post("/<name>/change")
def change(name: str) -> Any:
    """Change role, department or shown name."""
    form = {key: request.form.get(key, "").strip()[:LONGEST] for key in ("shown", "department", "role")}
    if form["role"] not in set(Role):
        return _page(wrong="役割を選んでください。"), 400
    what = f"職員 {name} を変更（{ROLES[Role(form['role'])]}・{form['department'] or '部署なし'}）"

    def do(tx: Transaction, known: Account) -> None:
        if known.role == Role.ADMINISTRATOR and form["role"] != Role.ADMINISTRATOR:
            _not_the_last(tx, name)
        staff.change(tx, name, hub(current_app).now, **form)

    return _done(name, what, do)


@room.post("/<name>/disable")
def disable(name: str) -> Any:
    """Let somebody in no more; what they did stays written under their name."""

    def do(tx: Transaction, known: Account) -> None:
        if known.role == Role.ADMINISTRATOR:
            _not_the_last(tx, name)
        staff.change(tx, name, hub(current_app).now, disabled_at=hub(current_app).now)
        staff_sessions.end_all(tx, name, hub(current_app).wall())

    return _done(name, f"職員 {name} を停止", do)


@room.post("/<name>/enable")
def enable(name: str) -> Any:
    """Let somebody in again."""
    return _done(
        name, f"職員 {name} を再開", lambda tx, _known: staff.change(tx, name, hub(current_app).now, disabled_at=None)
    )


@room.post("/<name>/unlock")
def unlock(name: str) -> Any:
    """Open a lock that wrong passwords shut."""
    return _done(name, f"職員 {name} のロックを解除", lambda tx, _known: staff_locks.unlock(tx, name))


@room.post("/<name>/end")
def end(name: str) -> Any:
    """End every session of somebody."""
    return _done(
        name,
        f"職員 {name} のサインインをすべて終わらせた",
        lambda tx, _known: staff_sessions.end_all(tx, name, hub(current_app).wall()),
    )


@room.post("/<name>/reset")
def reset(name: str) -> Any:
    """Make a new password, shown once; it ends every session, and must be replaced at the next sign-in."""
    shared, password = hub(current_app), passwords.made()
    hashed = shared.aside(passwords.hashed, password)

    def do(tx: Transaction, _known: Account) -> None:
        staff.set_password(tx, name, hashed, shared.now, must_change=True)
        staff_locks.unlock(tx, name)
        staff_sessions.end_all(tx, name, shared.wall())

    wrong = _write(name, f"職員 {name} のパスワードを作り直した", do)
    return (_page(wrong=wrong), 409) if wrong else _page(handed=(name, password))


def _me() -> Account:
    account = accounts.signed_in()
    if account is None:  # the door has seen to it
        raise NotFound
    return account


def _not_the_last(tx: Transaction, name: str) -> None:
    if staff.other_administrators(tx, name) == 0:
        raise BadInput(LAST)


def _done(name: str, what: str, do: Any) -> Response | tuple[str, int]:
    wrong = _write(name, what, do)
    if wrong:
        return _page(wrong=wrong), 409
    flash(f"{what}。")
    return redirect(url_for("hq_staff.staff"), 303)


def _write(name: str, what: str, do: Any) -> str | None:
    """Do one thing to an account and write it in the journal, or say in a sentence why not."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            known = staff.find(tx, name)
            if known is None:
                raise NotFound
            do(tx, known)
            journal.add(tx, JournalEntry(shared.now, "staff_changed", _me().name, what))
    except BadInput as fault:
        return str(fault)
    return None


def _wrong(form: dict[str, str]) -> str | None:
    if not accounts.NAME.fullmatch(form["name"]):
        return "名前は2〜60文字の文字・数字・. @ - _ で、空白を入れずに書いてください。"
    return None if form["role"] in set(Role) else "役割を選んでください。"


def _page(form: dict[str, str] | None = None, wrong: str | None = None, handed: tuple[str, str] | None = None) -> str:
    shared = hub(current_app)
    wall = shared.wall()
    with shared.store.read() as tx:
        everybody = staff.accounts(tx)
        used = staff_sessions.in_use(tx, wall - timedelta(minutes=shared.config.portal.session_minutes))
    sessions: dict[str, list[Any]] = {}
    for one in used:
        sessions.setdefault(one.name, []).append(one)
    return render_template(
        "hq/staff.html", everybody=everybody, sessions=sessions, roles=ROLES, form=form or {}, wrong=wrong,
        handed=handed, wall=wall, me=_me(), longest=LONGEST,
    )  # fmt: skip
