"""Who may enter which room: every blueprint names its door, and one without a door stays shut."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal import accounts


class Door(StrEnum):
    """Who may pass."""

    ANYONE = "anyone"
    STAFF = "staff"


class Room(Blueprint):
    """A blueprint with a door."""

    def __init__(self, name: str, import_name: str, *, door: Door, **settings: Any) -> None:
        super().__init__(name, import_name, **settings)
        self.door = door


def watch(app: Flask) -> None:
    """Put a doorkeeper before every request of *app*."""

    @app.before_request
    def _enter() -> Response | None:
        if request.endpoint is None:
            return None  # nothing lives at this address; the 404 page says so
        room = app.blueprints.get(request.blueprint or "")
        if not isinstance(room, Room):
            abort(403)
        if room.door is Door.ANYONE or accounts.signed_in() is not None:
            return None
        wish = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("entrance.sign_in", next=wish))
