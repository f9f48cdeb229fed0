"""How a helper is reached: mail, SMS, this browser or LINE; nothing counts on a way before its test has arrived."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass

from flask import current_app, request, url_for

from disaster_hub.portal.limits import Limits
from disaster_hub.portal.resident.contact import MAIL
from disaster_hub.portal.resident.desk import Desk
from disaster_hub.portal.resident.enrol import ALL_TESTS, CODE, GOOD_FOR, PATIENCE, URGENCY
from disaster_hub.portal.resident.talk import chosen, say, when
from disaster_hub.store import enrolment, household_helpers
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.helping import Helper
from disaster_hub.terms.notice import Notice
from timelines import phone_number, vapid
from timelines.channel import channel
from timelines.subscription import subscription

log = logging.getLogger("disaster_hub.web")
LONGEST = 200
LINE = "line"


@dataclass(frozen=True, slots=True)
class LineCode:
    """What a helper's page shows where LINE is chosen: it stands in no address."""

    code: str
    steps: list[str]
    add: str


def offered(here: Desk) -> dict[str, bool]:
    """Give which ways there are."""
    config = here.shared.config
    return {
        "mail": config.mail is not None, "phone": any(one.kind == "sms" for one in config.gateways),
        "line": config.line_bot is not None,
    }  # fmt: skip


def push_key(here: Desk) -> str:
    """Give the key with which a browser subscribes; empty where there is no web push."""
    config = here.shared.config
    return vapid.ensure(config.keys.folder).public if config.push is not None else ""


def written(here: Desk) -> tuple[str, str]:
    """Read the mail address or the number of the form; BadInput where it is neither, or there is no such way."""
    there = offered(here)
    mail, phone = (request.form.get(name, "").strip()[:LONGEST] for name in ("mail", "phone"))
    if mail and there["mail"] and MAIL.fullmatch(mail) and mail.isascii():
        return "email", mail
    if phone and there["phone"]:
        to = phone_number.number(phone)
        if to.startswith(phone_number.JAPAN):
            return "sms", to
    raise BadInput("helper: no address")


def subscribed(here: Desk) -> tuple[str, str]:
    """Read the push subscription that our own script sent; BadInput where there is none that we would send to."""
    config, said = here.shared.config, request.get_json(silent=True)
    push = said.get("push") if isinstance(said, dict) else None
    if config.push is None or not isinstance(push, dict):
        raise BadInput("helper: no subscription")
    return "webpush", subscription(json.dumps(push), config.push, config.world.kind).text()


def test(here: Desk, one: Helper, kind: str, address: str, load: int) -> str:
    """Keep the way and send its test with a code; give what went wrong as a phrase's key, empty where nothing did."""
    keys = [f"{about} {PATIENCE}" for about in (one.id, request.remote_addr or "?", address)]
    limits: Limits = current_app.extensions["disaster_hub.limits"]
    if here.shared.throttle.wait_s(*keys) > 0 or limits.take(PATIENCE, ALL_TESTS) > 0:
        return "told.too_often"
    here.shared.throttle.wrong(*keys)
    code = _offer(here, one, kind, address, load)
    if code is None:
        return "helper.failed"
    notice = _notice(here, one, kind, code)
    try:
        here.aside(_send, here, kind, notice, address)
    except HubError as fault:
        log.warning("a helper's test by %s was not sent: %s", kind, type(fault).__name__)
        return "helper.failed"
    return ""


def line(here: Desk, one: Helper, load: int) -> LineCode | None:
    """Make a code: whoever sends it to the city's LINE account is this helper. None where they had stopped."""
    bot = here.shared.config.line_bot
    code = _offer(here, one, LINE, "", load) if bot is not None else None
    if bot is None or code is None:
        return None
    add = bot.add if bot.add.startswith("https://") else ""
    steps = say("line.how", time=when(here.now + GOOD_FOR)).splitlines()
    return LineCode(f"{code[:4]} {code[4:]}", steps, add)


def prove(here: Desk, one: Helper) -> bool:
    """Take the code that arrived: from now on they are told."""
    said = "".join(request.form.get("code", "")[:40].split())
    if not CODE.fullmatch(said) or one.channel == LINE:
        return False
    with here.shared.store.write() as tx:
        if not enrolment.prove(tx, here.keys, one.household, one.channel, one.id, said, here.now):
            return False
        way = {"channel": one.channel, "address": one.address, "language": one.language}
        return household_helpers.confirm(tx, here.keys, one, here.now, **way, load=one.load)


def _offer(here: Desk, one: Helper, kind: str, address: str, load: int) -> str | None:
    """Keep the way, not proved yet, and make its code; what was offered before holds no longer."""
    with here.shared.store.write() as tx:
        if not household_helpers.choose(
            tx, here.keys, one, channel=kind, address=address, language=chosen(), load=load
        ):  # fmt: skip
            return None
        enrolment.drop_all(tx, one.household, one.id)
        until = here.now + GOOD_FOR
        return enrolment.offer(tx, here.keys, one.household, kind, one.id, until, finds=kind == LINE)


def _notice(here: Desk, one: Helper, kind: str, code: str) -> Notice:
    token = household_helpers.page_token(here.keys, one)
    url = "" if kind == "sms" else url_for("resident.consent", token=token, _external=True)
    key, world = f"test:{secrets.token_hex(16)}", here.shared.config.world.kind
    text = say("helper.test", code=code)
    return Notice(key, world, "test", say("test.headline"), text, here.now, here.now + GOOD_FOR, URGENCY, url)


def _send(here: Desk, kind: str, notice: Notice, address: str) -> None:
    channel(kind, here.planner.config, here.shared.wall).send(notice, address, notice.key)
