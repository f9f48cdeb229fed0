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
from disaster_hub.portal.words import _
from disaster_hub.store import journal
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.notice import JournalEntry

LONGEST = 200
log = logging.getLogger("disaster_hub.web")
room = Room("entrance", __name__, door=Door.ANYONE, url_prefix="/hq")


@room.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Ask for name and password; every wrong answer sounds the same, and many of them cost time."""
    wish = local_path(request.args.get("next"))
    if request.method == "GET":
        return render_template("sign_in.html", name="", wrong=None)
    shared = hub(current_app)
    name, password = request.form.get("name", "")[:LONGEST], request.form.get("password", "")[:LONGEST]
    keys = _keys(name)
    wait = shared.throttle.wait_s(*keys)
    if wait > 0:
        wrong = _("間違いが続いたため、あと %(n)s 秒は受け付けません。", n=int(wait) + 1)
        page = render_template("sign_in.html", name=name, wrong=wrong)
        return page, 429, {"Retry-After": str(int(wait) + 1)}
    account = shared.aside(accounts.check, shared.store, name, password)
    if account is None:
        shared.throttle.wrong(*keys)
        wrong = _("名前またはパスワードが違います。何も変わっていません。もう一度入力してください。")
        return render_template("sign_in.html", name=name, wrong=wrong), 401
    shared.throttle.right(*keys)
    accounts.enter(account)
    _journal("signed_in", account.name)
    return redirect(wish or url_for("hq.status"))


@room.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    account = accounts.signed_in()
    if account is not None:
        _journal("signed_out", account.name)
    accounts.leave()
    return redirect(url_for("public.unified_map"))


def local_path(wish: str | None) -> str | None:
    """Give *wish* only where it is a path of this portal: a sign-in never leads to another host."""
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or "\\" in wish:
        return None
    parts = urlsplit(wish)
    if parts.scheme or parts.netloc or any(ord(c) < 0x20 for c in wish):
        return None
    return f"{request.script_root}{wish}"


def _keys(name: str) -> tuple[str, ...]:
    """Count tries by address, and by address with name: nobody can lock another's door from afar."""
    address = request.remote_addr or "?"
    return f"{address} {name[:100]}", f"{address} *"


def _journal(kind: str, name: str) -> None:
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            journal.add(tx, JournalEntry(shared.now, kind, name, f"portal {kind}"))
    except Unreachable as fault:  # a full disk is the very moment at which staff must get in
        log.warning("%s of %s is not in the journal: %s", kind, name, fault)
