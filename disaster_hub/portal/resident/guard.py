"""Requests that our own script sends: no form of another site can send one, so they need no token that grows old."""

from __future__ import annotations

from flask import abort, current_app, request

HEADER = "X-Hub"


def only_ours() -> None:
    """Let JSON pass that bears our header (a browser asks us before another site may send it); forms need the token."""
    if request.is_json:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if HEADER not in request.headers or site != "same-origin":
            abort(403)
        return
    form_token()


def form_token() -> None:
    """Ask for the token of our own form, where the check before every request was left to us."""
    if current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
