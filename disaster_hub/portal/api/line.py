"""LINE's webhook: whatever LINE signs is taken once, and answered before anything slow is done."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from flask import Response, abort, request

from disaster_hub.alerts import hearing, helping, sirens
from disaster_hub.alerts.hearing import Heard, Incoming, Outcome
from disaster_hub.config_outside import LineBot
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.limits import costs
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store import enrolment
from disaster_hub.terms.errors import HubError, Undeliverable
from timelines import answer_words, phrases
from timelines.channels.line import USER, reply, signed
from timelines.line_message import GOT, buttons, tapped
from timelines.mark import EXERCISE
from timelines.outside import Outside

log = logging.getLogger("disaster_hub.web")
CODE = re.compile(r"[0-9]{8}")
SPACES = re.compile(r"[\s-]+")
MOST_EVENTS = 200
WRONG = "line code"

room = Room("api_line", __name__, door=Door.ANYONE, url_prefix="/api")


@room.record_once
def _prepare(state: Any) -> None:
    """Ask for no form token: LINE has no session, and its signature is what proves it."""
    state.app.extensions["csrf"].exempt(take)


@room.post("/line")
@costs(0)
def take() -> Response:
    """Take what LINE brings: the signature is over the very bytes, and is looked at before they are read."""
    here = desk()
    bot = here.shared.config.line_bot
    if bot is None:
        abort(404)
    body = request.get_data(cache=False)
    if not signed(bot.secret, body, request.headers.get("x-line-signature", "")):
        abort(403)
    for token, words in [one for event in _events(body) if (one := _event(here, event))]:
        # Nobody waits for it: LINE stops calling a server that answers late.
        Thread(target=_say, args=(bot, Outside(here.shared.config.outgoing), token, words), daemon=True).start()
    return Response("", 200)


def _events(body: bytes) -> list[Mapping[str, Any]]:
    """Read the events; LINE's own test sends none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        abort(400)
    events = said.get("events") if isinstance(said, dict) else None
    return [one for one in (events or [])[:MOST_EVENTS] if isinstance(one, dict)]


def _event(here: Desk, event: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """Take one event; give what is to be answered and with which token, None where nothing is."""
    source, identity = event.get("source"), event.get("webhookEventId")
    user = source.get("userId") if isinstance(source, dict) else None
    if not isinstance(user, str) or not USER.fullmatch(user) or not isinstance(identity, str):
        return None
    now = here.now
    one = Incoming("line", user, identity, _given(here, event.get("timestamp"), now))
    with here.shared.store.write() as tx:
        if not enrolment.hear(tx, "line", identity, now):
            return None
        words = _take(here, tx, one, event, now)
    token = event.get("replyToken")
    return (token, words) if words and isinstance(token, str) else None


def _take(here: Desk, tx: Any, one: Incoming, event: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Do what the event asks for; give what is said to it."""
    kind = event.get("type")
    if kind == "unfollow":
        hearing.ended(tx, here.keys, one, now)
        return []
    if kind == "follow":
        known = hearing.resumed(tx, here.keys, one, now) or hearing.reached(tx, here.keys, one)
        return [] if known else _stranger(here, tx, one)
    if kind == "postback":
        data = event.get("postback")
        return _tap(here, tx, one, str(data.get("data", "")) if isinstance(data, dict) else "", now)
    message = event.get("message")
    if kind == "message" and isinstance(message, dict) and message.get("type") == "text":
        return _text(here, tx, one, str(message.get("text", "")), now)
    return []


def _tap(here: Desk, tx: Any, one: Incoming, data: str, now: datetime) -> list[dict[str, Any]]:
    if sirens.receipt(tx, data, here.shared.wall()):
        return []
    if data == GOT:
        return _answered(here, tx, one, hearing.proved(tx, here.keys, one, now), "received")
    found = tapped(data)
    if found is None:
        return []
    token, word = found
    if token:
        return _answered(here, tx, one, hearing.by_token(tx, here.keys, one, token, word, now), word)
    return _answered(here, tx, one, hearing.by_address(tx, here.keys, one, word, now), word)


def _text(here: Desk, tx: Any, one: Incoming, text: str, now: datetime) -> list[dict[str, Any]]:
    """Read what was written: a code, one of the answers, or nothing that a machine should guess at."""
    if sirens.receipt(tx, text, here.shared.wall()):
        return []
    code = SPACES.sub("", text)
    if CODE.fullmatch(code):
        return _code(here, tx, one, code, now)
    word = answer_words.read(text)
    if word == answer_words.RECEIVED:
        return _answered(here, tx, one, hearing.proved(tx, here.keys, one, now), word)
    if word is not None:
        return _answered(here, tx, one, hearing.by_address(tx, here.keys, one, word, now), word)
    known = hearing.reached(tx, here.keys, one)
    if not known:
        return _stranger(here, tx, one)
    wish = hearing.language(tx, here.keys, known[0][0])
    first = "" if here.shared.config.real else EXERCISE
    return [*_said(here, "line.unread", wish), buttons("-", wish or phrases.FIRST, first)]


def _code(here: Desk, tx: Any, one: Incoming, code: str, now: datetime) -> list[dict[str, Any]]:
    """Take a code; whoever tries many is not listened to for a while."""
    key = f"{one.address} {WRONG}"
    if here.shared.throttle.wait_s(key) > 0:
        return []
    heard = hearing.linked(tx, here.keys, one, code, now)
    if heard.outcome is not Outcome.PROVED:
        here.shared.throttle.wrong(key)
        return _said(here, "line.bad_code")
    if heard.helper is not None:
        helping.thank(tx, here.keys, heard.helper.id, here.planner.config, now)
        return _said(here, "helper.thanks", heard.helper.language)
    return _said(here, "line.linked", hearing.language(tx, here.keys, heard.household))


def _answered(here: Desk, tx: Any, one: Incoming, heard: Heard, word: str) -> list[dict[str, Any]]:
    """Say what became of an answer, in the language of the plan."""
    if heard.outcome is Outcome.NOBODY:
        return _stranger(here, tx, one)
    wish = hearing.language(tx, here.keys, heard.household)
    key = {
        Outcome.TAKEN: f"told.{word}", Outcome.PROVED: "told.received", Outcome.SEVERAL: "line.several",
    }.get(heard.outcome)  # fmt: skip
    return _said(here, key, wish) if key else []


def _stranger(here: Desk, tx: Any, one: Incoming) -> list[dict[str, Any]]:
    """Say to an account that no household is reached at how to go on; a helper's is told so."""
    found = next((each for each in hearing.helpers(tx, here.keys, one) if each.ready), None)
    return _said(here, "line.hello") if found is None else _said(here, "helper.line_known", found.language)


def _said(here: Desk, key: str, wish: str | None = None) -> list[dict[str, Any]]:
    """Give a text in the reader's language; what nobody reviewed is not said in the real world."""
    language = here.language(wish or phrases.FIRST, (key,))
    if language is None:
        return []
    first = "" if here.shared.config.real else EXERCISE
    return [{"type": "text", "text": first + phrases.say(key, language)}]


def _given(here: Desk, said: Any, now: datetime) -> datetime:
    """Give this world's time of the moment at which it was tapped; not later than now."""
    if not isinstance(said, int | float) or isinstance(said, bool):
        return now
    try:
        return min(here.shared.board.world.now(datetime.fromtimestamp(said / 1000, UTC)), now)
    except (ValueError, OverflowError, OSError):
        return now


def _say(bot: LineBot, outside: Outside, token: str, words: list[dict[str, Any]]) -> None:
    """Answer; where that fails nothing is lost but a courtesy."""
    try:
        reply(bot, outside, token, words)
    except (Undeliverable, HubError) as fault:
        log.warning("line: a reply was not sent: %s", fault)
