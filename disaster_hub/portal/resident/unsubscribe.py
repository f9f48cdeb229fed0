"""One click ends one address (RFC 8058): the mail programme posts, a person sees a button; looking ends nothing."""

from __future__ import annotations

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.reply import quiet, refuse
from disaster_hub.portal.resident.talk import NAMES, chosen
from disaster_hub.store import contacts, households, unsubscribe
from disaster_hub.store.households import Contact


def ask(token: str) -> Response:
    """Show the button; a mail programme that looks at links ends nothing."""
    household, _ = _found(token)
    _speak(desk(), household)
    return quiet(make_response(render_template("resident/unsubscribe.html", token=token, done=False)))


def end(token: str) -> Response:
    """End this address, and no other of the household; again says the same."""
    household, known = _found(token)
    here = desk()
    with here.shared.store.write() as tx:
        contacts.end(tx, here.keys, household, known, here.now)
    _speak(here, household)
    return quiet(make_response(render_template("resident/unsubscribe.html", token=token, done=True)))


def _found(token: str) -> tuple[str, Contact]:
    here = desk()
    with here.shared.store.read() as tx:
        found = unsubscribe.whose(tx, here.keys, token)
    if found is None:
        refuse(here, "unsubscribe")
    return found


def _speak(here: Desk, household: str) -> None:
    """Speak the household's language, unless the reader has just chosen another."""
    if request.args.get("lang") in NAMES:
        return
    with here.shared.store.read() as tx:
        saved = households.latest(tx, here.keys, household)
    g.tongue = saved.plan.language if saved is not None and saved.plan.language in NAMES else chosen()
