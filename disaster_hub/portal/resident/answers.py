"""Answers from phones: what was pressed, when and where it was pressed, taken once however often it is sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.alerts import answering
from disaster_hub.portal.resident.asking import ANSWERS
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.draft import LAST
from disaster_hub.portal.resident.guard import only_ours
from disaster_hub.portal.resident.proof import confirm
from disaster_hub.portal.resident.visit import Visit, at_home
from disaster_hub.store import households
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Answer
from disaster_hub.terms.place import LonLat

RECEIVED = "received"
ID = re.compile(r"[0-9a-f]{32}")
ABOUT = re.compile(r"[0-9A-Za-z:._-]{0,100}")
MOST = 200
LON_LAT, HALF_TURN = 2, 180
AHEAD = timedelta(days=1)
"""A phone's clock may be wrong; one that is further ahead than this is not believed at all."""


def take() -> Response:
    """Take one answer of a form, or the queue of a phone that was offline."""
    at = at_home()
    only_ours()
    if not request.is_json:
        word = request.form.get("word", "")
        if word not in ANSWERS:
            abort(400)
        here = desk()
        _keep(at, [Answer(secrets.token_hex(16), word, here.now)])
        return redirect(url_for("resident.plan", told=word), 303)
    said = request.get_json(silent=True)
    rows = said.get("answers") if isinstance(said, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST:
        abort(400)
    good, bad = [], []
    for row in rows:
        try:
            good.append(read(row, desk().shared.wall()))
        except BadInput:
            bad.append(str(row.get("id", ""))[:64] if isinstance(row, dict) else "")
    world = desk().shared.board.world
    # An exercise has its own clock: what the phone's clock said is told in the time of this world.
    _keep(at, [replace(answer, given_at=world.now(answer.given_at)) for answer in good])
    # What can never be taken leaves the phone's queue too: it would hold up what comes after it.
    return jsonify({"taken": [answer.id for answer in good] + bad, "refused": bad})


def received() -> Response:
    """Take "it arrived" from the page of the last step."""
    at = at_home()
    only_ours()
    about = request.form.get("about", "")
    if not ID.fullmatch(about):
        abort(400)
    _keep(at, [Answer(about, RECEIVED, desk().now, about=about)])
    return redirect(url_for("resident.step", step=LAST), 303)


def read(row: object, wall: datetime) -> Answer:
    """Read one queued answer as a phone sends it; BadInput names what is wrong."""
    if not isinstance(row, Mapping):
        raise BadInput("answer: not an object")
    identity, word, about = (str(row.get(name) or "") for name in ("id", "word", "about"))
    if not ID.fullmatch(identity):
        raise BadInput("answer: id is not 32 hexadecimal digits")
    if word not in {*ANSWERS, RECEIVED} or not ABOUT.fullmatch(about):
        raise BadInput("answer: an unknown word")
    try:
        at = datetime.fromisoformat(str(row.get("at")))
    except ValueError:
        raise BadInput("answer: `at` is no time") from None
    if at.tzinfo is None or at - wall > AHEAD:
        raise BadInput("answer: `at` has no zone or lies in the future")
    return Answer(identity, word, at.astimezone(UTC), _spot(row.get("spot")), about)


def _spot(said: Any) -> LonLat | None:
    """Read the place; an answer without a readable one is still an answer."""
    if not isinstance(said, Mapping):
        return None
    degrees = [n for n in (said.get("lon"), said.get("lat")) if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(degrees) != LON_LAT or not (abs(degrees[0]) <= HALF_TURN and abs(degrees[1]) <= HALF_TURN / 2):
        return None
    return LonLat(float(degrees[0]), float(degrees[1]))


def _keep(at: Visit, answers: list[Answer]) -> None:
    here = desk()
    with here.shared.store.write() as tx:
        for answer in answers:
            if answer.word == RECEIVED:
                households.add_answer(tx, here.keys, at.household, answer, here.now)
            else:
                answering.take_general(tx, here.keys, at.household, answer, here.now)
    for answer in answers:
        if answer.word == RECEIVED:
            confirm(at, answer.about)
