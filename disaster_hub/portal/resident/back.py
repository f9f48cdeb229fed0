"""A lost or new phone gets its plan back: from the paper's code (a photo or its text), or by a mailed link."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from threading import Thread

from flask import abort, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.resident import photo
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import LAST, Draft
from disaster_hub.portal.resident.guard import form_token
from disaster_hub.portal.resident.talk import chosen, say
from disaster_hub.portal.resident.visit import YEAR, arrive, enter, keep
from disaster_hub.store import household_doors, households
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import Notice
from timelines import phrases, qrtext
from timelines.channel import channel

log = logging.getLogger("disaster_hub.web")
LONGEST = 8_000
HOUR = timedelta(hours=1)
URGENCY = 4
QUESTIONS = frozenset(range(1, LAST))


def ask(wrong: str = "", told: str = "") -> str:
    """Offer the two ways back."""
    mail = desk().shared.config.mail is not None
    return render_template("resident/back.html", wrong=wrong, told=told, mail=mail, photos=photo.readable())


def found() -> str | Response:
    """Take the text, a photo of the code, or a mail address."""
    request.max_content_length = photo.LARGEST
    form_token()
    if "photo" in request.files:
        text = desk().aside(photo.read, request.files["photo"].read())
        if request.accept_mimetypes.best == "application/json":
            return jsonify({"text": text})
        return _opened(text) if text else ask(wrong=say("back.no_code"))
    return by_mail() if "mail" in request.form else _opened(request.form.get("text", ""))


def _opened(text: str) -> str | Response:
    """Read the plan from the text of the paper's code; it is looked through once more before it is saved."""
    try:
        plan = qrtext.read(text[:LONGEST])
    except BadInput:
        return ask(wrong=say("back.unreadable"))
    at = arrive()
    if at.draft.number is not None:
        return ask(wrong=say("back.has_plan"))
    keep(Draft(plan, QUESTIONS - {LAST - 1}))
    return redirect(address_of(2), 303)


def by_mail() -> str | Response:
    """Mail a link to the address that the household gave; the page says the same whether there is one or not."""
    here = desk()
    keys = (f"{request.remote_addr or '?'} back",)
    if here.shared.throttle.wait_s(*keys) > 0:
        return ask(wrong=say("told.too_often"))
    here.shared.throttle.wrong(*keys)
    mail = request.form.get("mail", "").strip()[:200]
    language = here.language(chosen(), ("back.mail", "back.headline"))
    if language is None:
        return ask(wrong=say("told.not_reviewed"))
    with here.shared.store.read() as tx:
        household = households.find_contact(tx, here.keys, "email", mail)
    if household is not None:
        with here.shared.store.write() as tx:
            token = household_doors.give_door(tx, household, "mail", here.now + HOUR)
        notice = _notice(here, language, url_for("resident.mailed", token=token, _external=True))
        # Nobody waits for it: how long the page takes must not tell a stranger whether an address is known.
        Thread(target=_send, args=(here, mail, notice), daemon=True).start()
    return ask(told=say("back.mailed"))


def _notice(here: Desk, language: str, url: str) -> Notice:
    world, key = here.shared.config.world.kind, f"back:{secrets.token_hex(16)}"
    headline, text = phrases.say("back.headline", language), phrases.say("back.mail", language, url=url)
    return Notice(key, world, "back", headline, text, here.now, here.now + HOUR, URGENCY, url)


def _send(here: Desk, mail: str, notice: Notice) -> None:
    try:
        channel("email", here.planner.config, here.shared.wall).send(notice, mail, notice.key)
    except HubError as fault:
        log.warning("a link to a plan was not mailed: %s", fault)


def mailed(token: str) -> str | Response:
    """Open the plan on this phone from a mailed link; only a press uses it up, for mail programs look at links."""
    if request.method == "GET":
        return render_template("resident/mailed.html", token=token)
    household = enter(token, {"mail"}, once=True)
    here = desk()
    with here.shared.store.write() as tx:
        g.give_token = household_doors.give_door(tx, household, "phone", here.now + YEAR)
        for one in households.contacts(tx, here.keys, household):
            if one.channel == "email":
                households.confirm_contact(tx, here.keys, household, one.id, here.now)
        saved = households.latest(tx, here.keys, household)
    if saved is None:
        abort(404)
    return redirect(url_for("resident.plan", told="back"), 303)
