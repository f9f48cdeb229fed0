"""The entrance: signing in and out."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal import accounts
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.limits import DOOR, costs
from disaster_hub.portal.words import _
from disaster_hub.store import journal
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right, may

LONGEST = 200
log = logging.getLogger("disaster_hub.web")
room = Room("entrance", __name__, door=Door.ANYONE, url_prefix="/hq")


@room.route("/sign-in", methods=["GET", "POST"])
@costs(1, bucket=DOOR)
def sign_in() -> Any:
    """Ask for name and password; every wrong answer sounds the same, and many of them cost time."""
    wish = local_path(request.args.get("next"))
    if request.method == "GET":
        return _page("", None)
    shared = hub(current_app)
    name, password = request.form.get("name", "").strip()[:LONGEST], request.form.get("password", "")[:LONGEST]
    mark = accounts.mark_of(name)
    keys = _keys(name, known=accounts.came_before(shared.store, name, mark, shared.wall()))
    wait = shared.throttle.wait_s(*keys)
    if wait > 0:
        wrong = _("間違いが続いたため、あと %(n)s 秒は受け付けません。", n=int(wait) + 1)
        return _page(name, wrong), 429, {"Retry-After": str(int(wait) + 1)}
    account = shared.aside(accounts.check, shared.store, name, password, mark, shared.wall(), shared.now)
    if account is None:
        shared.throttle.wrong(*keys)
        wrong = _("名前またはパスワードが違います。何も変わっていません。もう一度入力してください。")
        return _page(name, wrong, many=True), 401
    shared.throttle.right(*keys)
    return begin(account, wish)


def begin(account: Account, wish: str | None) -> Response:
    """Let somebody in, write it down, and lead them where they wanted to go."""
    accounts.enter(account)
    _journal("signed_in", account, "サインイン")
    return redirect(wish or url_for(first_page(account)))


def first_page(account: Account) -> str:
    """Name the page to begin with: a leader of a neighbourhood has only the form for what they see."""
    if may(account.role, Right.SEE):
        return "hq.first_page"
    field = "hq_field.field" in current_app.view_functions and may(account.role, Right.REPORT)
    return "hq_field.field" if field else "hq_password.password"


@room.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    account = accounts.signed_in()
    if account is not None:
        _journal("signed_out", account, "サインアウト")
    accounts.leave()
    return redirect(url_for("public.unified_map"))


def refused(wrong: str, status: int) -> Any:
    """Show the sign-in page with one sentence that says why another way in did not lead in."""
    return _page("", wrong), status


def _page(name: str, wrong: str | None, *, many: bool = False) -> str:
    oidc = hub(current_app).config.oidc
    return render_template("sign_in.html", name=name, wrong=wrong, many=many, oidc=oidc)


def local_path(wish: str | None) -> str | None:
    """Give *wish* only where it is a path of this portal: a sign-in never leads to another host."""
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or "\\" in wish:
        return None
    parts = urlsplit(wish)
    if parts.scheme or parts.netloc or any(ord(c) < 0x20 for c in wish):
        return None
    return f"{request.script_root}{wish}"


def _keys(name: str, *, known: bool) -> tuple[str, ...]:
    """Count tries by address with name, and by address alone: nobody can lock another's door from afar.

    An account that came from this network before is not held up by a neighbour's wrong tries.
    """
    address = request.remote_addr or "?"
    return (f"{address} {name[:100]}",) if known else (f"{address} {name[:100]}", f"{address} *")


def _journal(kind: str, account: Account, what: str) -> None:
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            journal.add(tx, JournalEntry(shared.now, kind, account.name, f"{account.shown} が{what}"))
    except Unreachable as fault:  # a full disk is the very moment at which staff must get in
        log.warning("%s of %s is not in the journal: %s", kind, account.name, fault)
