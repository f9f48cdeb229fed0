"""More ways to reach a household: a telephone number by text or call, LINE by a code; and an end to each of them."""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta

from flask import abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.limits import Bucket, Limits
from disaster_hub.portal.resident.asking import page
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import LAST
from disaster_hub.portal.resident.talk import say, when
from disaster_hub.portal.resident.visit import Visit, at_home
from disaster_hub.store import enrolment, households
from disaster_hub.store.households import Contact
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import Notice
from timelines import phone_number
from timelines.channel import channel

log = logging.getLogger("disaster_hub.web")
KINDS = ("sms", "voice")
GOOD_FOR = timedelta(minutes=30)
URGENCY = 3
MOST = 12
"""Ways to one household: enough for a large family's phones."""
CODE = re.compile(r"[0-9]{4,8}")
PATIENCE = "test"
ALL_TESTS = Bucket(300, 0.2)
"""Of everybody together: a school hall may enrol in one evening, and nobody may run up the city's bill."""


def number() -> Response:
    """Take a telephone number and have it rung, or written to, with a code."""
    at, here = at_home(), desk()
    kind = request.form.get("kind", "")
    if kind not in offered(here):
        abort(400)
    try:
        to = phone_number.number(request.form.get("number", "")[:40], kind)
    except BadInput:
        return _back("bad_number")
    if not to.startswith(phone_number.JAPAN):
        return _back("bad_number")  # texts abroad are what those live on who make others send them
    # The number itself too: nobody is rung again and again by somebody who typed it.
    keys = [f"{at.household} {PATIENCE}", f"{request.remote_addr or '?'} {PATIENCE}", f"{to} {PATIENCE}"]
    limits: Limits = current_app.extensions["disaster_hub.limits"]
    if here.shared.throttle.wait_s(*keys) > 0 or limits.take(PATIENCE, ALL_TESTS) > 0:
        return _back("too_often")
    here.shared.throttle.wrong(*keys)
    with here.shared.store.write() as tx:
        if households.latest(tx, here.keys, at.household) is None:
            abort(404)
        known = households.contacts(tx, here.keys, at.household)
        if len(known) >= MOST and (kind, to) not in {(one.channel, one.address) for one in known}:
            return _back("too_many")
        made = households.add_contact(tx, here.keys, at.household, kind, to, here.now)
        code = enrolment.offer(tx, here.keys, at.household, kind, made, here.now + GOOD_FOR)
    try:
        here.aside(_send, here, kind, _notice(here, kind, code), to)
    except HubError as fault:
        log.warning("a test by %s was not sent: %s", kind, fault)
        return _back("failed")
    return _back(f"sent_{kind}")


def proof() -> Response:
    """Take the code that arrived."""
    at, here = at_home(), desk()
    said = "".join(request.form.get("code", "")[:40].split())
    contact = _mine(here, at, request.form.get("contact", ""))
    if contact is None or not CODE.fullmatch(said):
        return _back("bad_code")
    with here.shared.store.write() as tx:
        good = enrolment.prove(tx, here.keys, at.household, contact.channel, contact.id, said, here.now)
        if good:
            households.confirm_contact(tx, here.keys, at.household, contact.id, here.now)
    return _back("received" if good else "bad_code")


def remove() -> Response:
    """End one way: nothing goes there from now on, and what is on its way finds nobody."""
    at, here = at_home(), desk()
    contact = _mine(here, at, request.form.get("contact", ""))
    if contact is not None:
        with here.shared.store.write() as tx:
            enrolment.drop(tx, at.household, contact.channel, contact.id)
            households.remove_contact(tx, at.household, contact.id)
    return _back("removed")


def line_code() -> str:
    """Show a code: whoever sends it to the city's LINE account is reached there. It stands in no address."""
    at, here = at_home(), desk()
    bot = here.shared.config.line_bot
    if bot is None:
        abort(404)
    until = here.now + GOOD_FOR
    with here.shared.store.write() as tx:
        if households.latest(tx, here.keys, at.household) is None:
            abort(404)
        code = enrolment.offer(tx, here.keys, at.household, "line", "", until)
    steps = say("line.how", time=when(until)).splitlines()
    shown = f"{code[:4]} {code[4:]}"
    add = bot.add if bot.add.startswith("https://") else ""
    return page(
        at, LAST, say("last.line_code"), template="resident/line_code.html", steps=steps, code=shown, add=add
    )  # fmt: skip


def offered(here: Desk) -> list[str]:
    """Give the kinds of numbers for which there is a gateway."""
    there = {one.kind for one in here.shared.config.gateways}
    return [kind for kind in KINDS if kind in there]


def hint(one: Contact) -> str:
    """Tell two of a kind apart without showing either to whoever looks over a shoulder."""
    if one.channel in KINDS:
        return phone_number.hinted(one.address)
    if one.channel == "email":
        name, _, domain = one.address.partition("@")
        return f"{name[:1]}…@{domain}"
    return ""


def _mine(here: Desk, at: Visit, identity: str) -> Contact | None:
    """Give this household's own contact; another's is not there."""
    with here.shared.store.read() as tx:
        return next((one for one in households.contacts(tx, here.keys, at.household) if one.id == identity), None)


def _notice(here: Desk, kind: str, code: str) -> Notice:
    spoken = "、".join(code) if kind == "voice" else code
    key, world, until = f"test:{secrets.token_hex(16)}", here.shared.config.world.kind, here.now + GOOD_FOR
    text = say(f"test.{kind}", code=spoken)
    return Notice(key, world, "test", say("test.headline"), text, here.now, until, URGENCY)


def _send(here: Desk, kind: str, notice: Notice, to: str) -> None:
    channel(kind, here.planner.config, here.shared.wall).send(notice, to, notice.key)


def _back(told: str) -> Response:
    return redirect(url_for("resident.step", step=LAST, told=told), 303)
