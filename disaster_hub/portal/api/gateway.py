"""What the SMS or telephone gateway tells us: replies, pressed keys and receipts, each signed and taken once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, jsonify, request

from disaster_hub.alerts import hearing, sirens, unreached
from disaster_hub.alerts.hearing import Incoming
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.limits import costs
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store import contacts, enrolment, households
from disaster_hub.terms.errors import BadInput
from timelines import answer_words, phone_number
from timelines.gateway import signed

CODE = re.compile(r"[0-9]{6}")
STATES: Mapping[str, str] = {"delivered": "received", "failed": "failed", "unknown_number": "failed"}
"""What a receipt says → what is written beside the delivery."""
GONE = "unknown_number"

room = Room("api_gateway", __name__, door=Door.ANYONE, url_prefix="/api")


@room.record_once
def _prepare(state: Any) -> None:
    """Ask for no form token: a gateway has no session, and its signature is what proves it."""
    state.app.extensions["csrf"].exempt(take)


@room.post("/gateway/<kind>")
@costs(0)
def take(kind: str) -> Response:
    """Take one reply or receipt; without a secret nobody is believed."""
    here = desk()
    gateway = next((one for one in here.shared.config.gateways if one.kind == kind and one.secret), None)
    if gateway is None:
        abort(404)
    body = request.get_data(cache=False)
    if not signed(gateway.secret, body, request.headers.get("X-Signature", "")):
        abort(403)
    said = _read(body)
    identity = said.get("id")
    if not isinstance(identity, str) or not identity:
        identity = hashlib.sha256(body).hexdigest()
    with here.shared.store.write() as tx:
        if enrolment.hear(tx, kind, identity, here.now):
            if "key" in said:
                _receipt(here, tx, said, here.now)
            else:
                _reply(here, tx, kind, identity, said, here.now)
    return jsonify({"taken": True})


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(said, dict):
        abort(400)
    return said


def _receipt(here: Desk, tx: Any, said: Mapping[str, Any], now: datetime) -> None:
    """Write a receipt down; a number that nobody has is ended, and its household sees that on its page."""
    state = str(said.get("state", ""))
    if state not in STATES:
        return
    if state == GONE:
        unreached.lost(tx, here.keys, str(said["key"]), now)
    contact = contacts.received(tx, str(said["key"]), STATES[state], f"the gateway says: {state}", now)
    if contact and state == GONE:
        found = households.contact(tx, here.keys, contact)
        if found is not None:
            contacts.end(tx, here.keys, found[0], found[1], now)


def _reply(here: Desk, tx: Any, kind: str, identity: str, said: Mapping[str, Any], now: datetime) -> None:
    """Take an answer, or the proof that a test arrived: its code, or a word that says so."""
    try:
        number = phone_number.number(str(said.get("from", "")), kind)
    except BadInput:
        return
    one = Incoming(kind, number, identity, now)
    text = str(said.get("text", said.get("digits", ""))).strip()
    if sirens.receipt(tx, text, here.shared.wall()):
        return
    known = hearing.reached(tx, here.keys, one)
    if CODE.fullmatch(text):
        for home, contact in known:
            if enrolment.prove(tx, here.keys, home, kind, contact.id, text, now):
                households.confirm_contact(tx, here.keys, home, contact.id, now)
                return
        return
    word = answer_words.digit(text) if kind == "voice" else answer_words.read(text)
    # Whoever is being called for the first time hears "press 1": that key answers the test and no alert.
    if word == answer_words.RECEIVED or (kind == "voice" and not any(c.confirmed_at for _, c in known)):
        hearing.proved(tx, here.keys, one, now)
    elif word is not None:
        hearing.by_address(tx, here.keys, one, word, now)
