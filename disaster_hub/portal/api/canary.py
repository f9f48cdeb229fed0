"""The receipt of a canary: a test handset says that the message came; opaque, and counted once."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, abort, current_app, render_template

from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.store import canary

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
room = Room("api_canary", __name__, door=Door.ANYONE, url_prefix="/api")


@room.record_once
def _prepare(state: Any) -> None:
    """Let a handset in without a form of ours: it has no session, and the token is what proves it."""
    state.app.extensions["csrf"].exempt(receipt)


@room.get("/canary/<token>")
def page(token: str) -> Response:
    """Show one button; opening counts for nothing, since programs on the way open links too."""
    if not TOKEN.fullmatch(token):
        abort(404)
    made = Response(render_template("public/canary.html", token=token))
    made.headers["Cache-Control"] = "no-store"
    made.headers["Referrer-Policy"] = "no-referrer"
    return made


@room.post("/canary/<token>")
def receipt(token: str) -> Response:
    """Count a receipt; the same again is well and changes nothing."""
    if not TOKEN.fullmatch(token):
        abort(404)
    shared = hub(current_app)
    with shared.store.write() as tx:
        fresh = canary.receive(tx, token, shared.wall())
    if fresh is None:
        abort(404)
    return Response(
        "受け取りを記録しました。" if fresh else "もう記録されています。", content_type="text/plain; charset=utf-8"
    )
