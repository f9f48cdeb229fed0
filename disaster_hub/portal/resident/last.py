"""Step 8: the plan is saved; a test goes out and the phone says that it came; the sheet is printed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.asking import page
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import LAST
from disaster_hub.portal.resident.enrol import hint, offered
from disaster_hub.portal.resident.talk import say, when
from disaster_hub.portal.resident.visit import at_home
from disaster_hub.store import enrolment, households
from disaster_hub.store.households import Contact
from timelines import vapid

LIFF = Path(__file__).parents[1] / "static/npm/liff.js"
TOLD = (
    "sent_mail", "sent_push", "failed", "too_often", "bad_mail", "no_channel", "sent_sms", "sent_voice", "bad_number",
    "bad_code", "received", "removed", "too_many",
)  # fmt: skip


def ask() -> str | Response:
    """Show that the plan is saved, and how this phone can be proved to be reached."""
    at, here = at_home(), desk()
    with here.shared.store.read() as tx:
        saved = households.latest(tx, here.keys, at.household)
        known = households.contacts(tx, here.keys, at.household)
        waiting = enrolment.waiting(tx, at.household, here.now)
    if saved is None:
        return redirect(address_of(at.draft.next_step), 303)
    told = request.args.get("told", "")
    config = here.shared.config
    return page(
        at,
        LAST,
        say("last.question"),
        template="resident/last.html",
        saved_at=when(saved.at),
        told=say(f"told.{told}") if told in TOLD else "",
        got=any(one.confirmed_at is not None for one in known),
        push_key=_push_key(here),
        mail=config.mail is not None,
        line=config.line.liff if config.line is not None and _has_liff() else "",
        line_code=config.line_bot is not None,
        numbers=offered(here),
        channels=[_way(one, waiting) for one in known],
    )


def _way(one: Contact, waiting: Collection[str]) -> dict[str, Any]:
    """Give what the page shows of one way: never the address itself."""
    state = "good" if one.confirmed_at else "ended" if one.ended_at else "waiting"
    text = say(f"channel.{one.channel}_{state}")
    return {"id": one.id, "text": text, "hint": hint(one), "waiting": one.id in waiting and state != "good"}


def _push_key(here: Desk) -> str:
    config = here.shared.config
    return vapid.ensure(config.keys.folder).public if config.push is not None else ""


def _has_liff() -> bool:
    """Tell whether LINE's script was built from its package; without it the page works without LINE."""
    return LIFF.is_file()
