"""One's own password, and ending one's own sessions elsewhere."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from disaster_hub.portal import accounts, passwords
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hq import entrance
from disaster_hub.portal.hub import hub
from disaster_hub.portal.limits import DOOR, costs
from disaster_hub.store import journal, staff_sessions
from disaster_hub.store.staff import Account
from disaster_hub.terms.notice import JournalEntry

room = Room("hq_password", __name__, door=Door.STAFF, url_prefix="/hq")


@room.route("/password", methods=["GET", "POST"])
@costs(2, bucket=DOOR)
def password() -> Any:
    """Replace one's own password; every session but this one ends."""
    account = accounts.signed_in()
    if account is None:  # the door has seen to it
        return redirect(url_for("entrance.sign_in"))
    if request.method == "GET":
        return _page(account, None)
    new = request.form.get("new", "")
    wrong = _wrong(account, request.form.get("old", ""), new)
    if wrong:
        return _page(account, wrong), 400
    shared = hub(current_app)
    accounts.set_password(shared.store, account.name, new, shared.now)
    with shared.store.write() as tx:
        journal.add(
            tx, JournalEntry(shared.now, "staff_changed", account.name, f"{account.shown} が自分のパスワードを変えた")
        )
    fresh = accounts.known(shared.store, account.name)
    accounts.enter(fresh or account)
    flash("パスワードを変えました。ほかの端末のサインインは終わりました。")
    return redirect(url_for(entrance.first_page(account)), 303)


@room.post("/password/end")
def end_everywhere() -> Any:
    """End every session of one's own, this one included."""
    account = accounts.signed_in()
    shared = hub(current_app)
    if account is not None:
        with shared.store.write() as tx:
            staff_sessions.end_all(tx, account.name, shared.wall())
            what = f"{account.shown} がすべての端末のサインインを終わらせた"
            journal.add(tx, JournalEntry(shared.now, "signed_out", account.name, what))
    accounts.leave()
    return redirect(url_for("entrance.sign_in"), 303)


def _wrong(account: Account, old: str, new: str) -> str | None:
    shared = hub(current_app)
    key = f"password {account.name}"
    wait = shared.throttle.wait_s(key)
    if wait > 0:
        return f"間違いが続いたため、あと{int(wait) + 1}秒お待ちください。"
    if not shared.aside(passwords.fits, account.password, old[: passwords.LONGEST]):
        shared.throttle.wrong(key)
        return "いまのパスワードが違います。何も変わっていません。"
    shared.throttle.right(key)
    flaw = passwords.flaw(new, account.name)
    if flaw is not None:
        return passwords.SAID[flaw]
    if new == old:
        return "いまと同じパスワードです。別のものにしてください。"
    return None if new == request.form.get("again", "") else "新しいパスワードの二つの欄が同じではありません。"


def _page(account: Account, wrong: str | None) -> str:
    elsewhere = account.password.startswith(passwords.NO_PASSWORD)
    return render_template(
        "hq/password.html", me=account, wrong=wrong, elsewhere=elsewhere, shortest=passwords.SHORTEST
    )
