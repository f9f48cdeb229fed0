"""How this household is reached: the phone, a mail address or LINE, each proved by a test that somebody confirmed."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import LAST
from disaster_hub.portal.resident.guard import only_ours
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import Visit, at_home, keep
from disaster_hub.store import household_doors, households
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import Notice
from timelines.channel import channel
from timelines.line_login import LineLogin
from timelines.outside import Outside
from timelines.subscription import subscription

MAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z0-9-]{2,60}")
GOOD_FOR = timedelta(hours=1)
URGENCY = 3
MOST_TESTS = 8
PATIENCE = "test"


def take() -> Response:
    """Take a push subscription (JSON, from our own script) or a mail address (a form), and send the test."""
    at = at_home()
    if request.is_json:
        only_ours()
        return _push(at)
    only_ours()
    mail = request.form.get("mail", "").strip()
    here = desk()
    if here.shared.config.mail is None or not MAIL.fullmatch(mail) or not mail.isascii():
        return redirect(url_for("resident.step", step=LAST, told="bad_mail"), 303)
    return redirect(url_for("resident.step", step=LAST, told=_test(here, at, "email", mail)), 303)


def again() -> Response:
    """Send the test once more to every way that is known."""
    at, here = at_home(), desk()
    with here.shared.store.read() as tx:
        known = households.contacts(tx, here.keys, at.household)
    told = "no_channel"
    for one in known:
        if one.channel in {"email", "webpush"}:
            told = _test(here, at, one.channel, one.address)
    return redirect(url_for("resident.step", step=LAST, told=told), 303)


def _push(at: Visit) -> Response:
    here = desk()
    config = here.shared.config
    said = request.get_json(silent=True)
    if config.push is None or not isinstance(said, dict):
        abort(400)
    try:
        address = subscription(_json(said.get("push")), config.push, config.world.kind).text()
    except BadInput:
        abort(400)
    told = _test(here, at, "webpush", address)
    answer = jsonify({"told": told})
    answer.status_code = 200 if told.startswith("sent") else 502
    return answer


def _json(said: Any) -> str:
    return json.dumps(said) if isinstance(said, dict) else ""


def _test(here: Desk, at: Visit, kind: str, address: str) -> str:
    """Keep the address and send a message that is marked as a test; give what became of it."""
    keys = f"{at.household} {PATIENCE}", f"{request.remote_addr or '?'} {PATIENCE}"
    if here.shared.throttle.wait_s(*keys) > 0:
        return "too_often"
    here.shared.throttle.wrong(*keys)
    with here.shared.store.write() as tx:
        mail = kind == "email"
        made = households.add_contact(tx, here.keys, at.household, kind, address, here.now)
        until = here.now + GOOD_FOR
        token = household_doors.give_door(tx, at.household, "mail", until) if mail else ""
    key = f"test:{secrets.token_hex(16)}"
    tests = dict([*at.draft.tests.items(), (mark(key), made)][-MOST_TESTS:])
    keep(replace(at.draft, tests=tests))
    notice = _notice(here, key, kind, token)
    try:
        here.aside(_send, here, kind, notice, address)
    except HubError:
        return "failed"
    return "sent_mail" if kind == "email" else "sent_push"


def _send(here: Desk, kind: str, notice: Notice, address: str) -> None:
    channel(kind, here.planner.config, here.shared.wall).send(notice, address, notice.key)


def mark(key: str) -> str:
    """Give the name under which the phone knows a message (see `channels.webpush.payload`)."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _notice(here: Desk, key: str, kind: str, token: str) -> Notice:
    mail = kind == "email"
    url = url_for("resident.mailed", token=token, _external=True) if mail else address_of(LAST)
    text = say("test.mail", url=url) if mail else say("test.push")
    return Notice(
        key,
        here.shared.config.world.kind,
        "test",
        say("test.headline"),
        text,
        here.now,
        here.now + GOOD_FOR,
        URGENCY,
        url,
    )


def line() -> Response:
    """Take the id token of a page opened inside LINE; LINE itself says whose it is."""
    at, here = at_home(), desk()
    only_ours()
    said = request.get_json(silent=True)
    settings = here.shared.config.line
    token = said.get("token") if isinstance(said, dict) else None
    if settings is None or not isinstance(token, str):
        abort(400)
    login = LineLogin(settings, Outside(here.shared.config.outgoing))
    try:
        who = here.aside(login.verify, token, here.shared.wall())
    except HubError:
        abort(403)
    with here.shared.store.write() as tx:
        made = households.add_contact(tx, here.keys, at.household, "line", who, here.now)
        households.confirm_contact(tx, here.keys, at.household, made, here.now)
    return jsonify({"told": "line"})
