"""Who may enter which room: every route is behind a door, and one without a door stays shut."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal import accounts
from disaster_hub.terms.role import Right, may

View = TypeVar("View", bound=Callable[..., Any])
CHANGE = "hq_password.password"
"""Where a password that somebody else knows is replaced; before that, no other door opens."""


class Door(StrEnum):
    """The doors that ask for no particular right."""

    ANYONE = "anyone"
    STAFF = "staff"
    """Whoever is signed in."""


class Room(Blueprint):
    """A blueprint with a door."""

    def __init__(self, name: str, import_name: str, *, door: Door | Right, **settings: Any) -> None:
        super().__init__(name, import_name, **settings)
        self.door = door


def only(door: Right) -> Callable[[View], View]:
    """Put another door before one view than its room has; it stands between the route and the function."""

    def mark(view: View) -> View:
        view.door = door  # type: ignore[attr-defined]
        return view

    return mark


def door_of(app: Flask, endpoint: str) -> Door | Right | None:
    """Give the door before *endpoint*; None where nobody has said one, and then it stays shut."""
    found = getattr(app.view_functions.get(endpoint), "door", None)
    if isinstance(found, Right):
        return found
    room = app.blueprints.get(endpoint.rpartition(".")[0])
    return room.door if isinstance(room, Room) else None


def watch(app: Flask) -> None:
    """Put a doorkeeper before every request of *app*."""

    @app.before_request
    def _enter() -> Response | None:
        if request.endpoint is None:
            return None  # nothing lives at this address; the 404 page says so
        door = door_of(app, request.endpoint)
        if door is None:
            abort(403)
        if door is Door.ANYONE:
            return None
        account = accounts.signed_in()
        if account is None:
            wish = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("entrance.sign_in", next=wish))
        if account.must_change and request.endpoint != CHANGE and CHANGE in app.view_functions:
            return redirect(url_for(CHANGE), 303)
        if isinstance(door, Right) and not may(account.role, door):
            abort(403)
        return None
