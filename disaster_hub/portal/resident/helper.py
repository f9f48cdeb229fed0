"""Helpers: the household asks somebody, they agree on a page of their own, and say by one tap whether they can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from flask import abort, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from disaster_hub.alerts import answering, helping
from disaster_hub.portal.resident import helper_way
from disaster_hub.portal.resident.asking import words
from disaster_hub.portal.resident.contact import MAIL
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.guard import only_ours
from disaster_hub.portal.resident.talk import chosen, say
from disaster_hub.portal.resident.visit import at_home
from disaster_hub.store import alerts, enrolment, help_calls, household_helpers
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import OPEN, CallState, HelpCall, Helper

T = TypeVar("T")
LONGEST, LONGEST_CALLED = 200, 40
TAPS = (CallState.GOING, CallState.TOGETHER, CallState.CANNOT)
CHANGEABLE = OPEN | {CallState.CANNOT, CallState.SILENT}
ASKED = "helper asked"


@dataclass(frozen=True, slots=True)
class Named:
    """One helper, as the household sees them."""

    id: str
    called: str
    state: str
    link: str
    """To hand to somebody who has not agreed yet; empty once they have."""


def ask(wrong: str = "") -> str:
    """Show whom the household asked, and ask for one more."""
    at, here = at_home(), desk()
    with here.shared.store.read() as tx:
        found = [_named(here, one) for one in household_helpers.of_household(tx, here.keys, at.household)]
    mail = here.shared.config.mail is not None
    return render_template("resident/helper.html", found=found, wrong=wrong, mail=mail, most=LONGEST_CALLED)


def take() -> str | Response:
    """Name a helper; where a mail address is given, they are asked by mail."""
    at, here = at_home(), desk()
    mail, called = request.form.get("mail", "").strip()[:LONGEST], words("called", LONGEST_CALLED).replace("\n", " ")
    if mail and not (MAIL.fullmatch(mail) and mail.isascii() and here.shared.config.mail is not None):
        return ask(say("told.bad_mail"))
    keys = f"{at.household} {ASKED}", f"{request.remote_addr or '?'} {ASKED}"
    if here.shared.throttle.wait_s(*keys) > 0:
        return ask(say("told.too_often"))
    here.shared.throttle.wrong(*keys)
    channel = "email" if mail else ""
    try:
        with here.shared.store.write() as tx:
            made, _ = household_helpers.invite(
                tx, here.keys, at.household, here.now, channel=channel, address=mail, called=called
            )  # fmt: skip
            if mail:
                helping.invite(tx, here.keys, made, here.planner.config, chosen(), here.now)
    except BadInput:
        return ask(say("helper.too_many"))
    return redirect(url_for("resident.helper"), 303)


def remove() -> Response:
    """Take a helper away."""
    at, here = at_home(), desk()
    with here.shared.store.write() as tx:
        household_helpers.remove(tx, at.household, request.form.get("id", ""))
    return redirect(url_for("resident.helper"), 303)


def consent(token: str) -> str | Response:
    """Show a helper what they would be told; only a press chooses a way, proves it, declines or stops."""
    here = desk()
    one = _whose(here, token)
    if request.method == "GET" or one.stopped_at is not None:
        return _consent(one)
    go = request.form.get("go", "")
    if go == "code":
        return _proved(here, one, token)
    if go in {"yes", helper_way.LINE} and not one.ready:
        return _chosen(here, one, token, go)
    if go in {"no", "stop"}:
        with here.shared.store.write() as tx:
            household_helpers.stop(tx, here.keys, one, here.now)
    return _back(token)


def push(token: str) -> Response:
    """Take this browser's subscription (JSON, from our own script), and send it its test."""
    only_ours()
    here = desk()
    one = _whose(here, token)
    said = request.get_json(silent=True)
    if one.ready or one.stopped_at is not None:
        abort(409)
    try:
        kind, address = helper_way.subscribed(here)
    except BadInput:
        abort(400)
    others = isinstance(said, dict) and said.get("others") is True
    wrong = helper_way.test(here, one, kind, address, 2 if others else 1)
    answer = jsonify({"told": wrong or "sent"})
    answer.status_code = 502 if wrong else 200
    return answer


def call(token: str) -> str | Response:
    """Show a helper where no answer came from, and take what they tap; looking at it counts for nothing."""
    here = desk()
    with here.shared.store.read() as tx:
        found = _knocked(here, help_calls.by_token(tx, token[:LONGEST]))
        over = found.state not in CHANGEABLE or (found.shuts_at is not None and found.shuts_at <= here.now)
        address = None if over else helping.address_for(tx, here.keys, found)
    if request.method == "POST":
        state = request.form.get("state", "")
        if state not in {one.value for one in TAPS}:
            abort(400)
        with here.shared.store.write() as tx:
            _tapped(tx, here, found, CallState(state))
        return redirect(url_for("resident.helper_call", token=token), 303)
    words_ = {one.value: say(f"helper.{one.value}") for one in TAPS}
    by = found.shuts_at.astimezone(here.shared.config.city.zone) if found.shuts_at is not None else None
    said = say("helper.noted", word=words_[found.state.value]) if found.state in TAPS else ""
    return render_template(
        "resident/helper_call.html", over=over, address=address, taps=words_, noted=said, until=found.shuts_at,
        by=say("helper.by", time=f"{by:%H:%M}") if by is not None else say("helper.by_unknown"),
    )  # fmt: skip


def _tapped(tx: Transaction, here: Desk, one: HelpCall, state: CallState) -> None:
    """Keep a tap; whoever left together with a helper has left."""
    if helping.answer(tx, one, state, here.now) and state is CallState.TOGETHER:
        known = {each.alert for each in alerts.of_household(tx, one.household)}
        mine = [each.id for each in alerts.in_force(tx, here.now) if each.id in known] or [one.root]
        answering.take(
            tx, here.keys, mine[0], one.household, "left", here.now, here.now, "helper", id=f"help-{one.id}"
        )  # fmt: skip


def _knocked(here: Desk, found: T | None) -> T:
    """Give what a token opens; whoever guesses has to wait."""
    key = f"{request.remote_addr or '?'} door"
    wait = here.shared.throttle.wait_s(key)
    if wait > 0:
        raise TooManyRequests(retry_after=int(wait) + 1)
    if found is None:
        here.shared.throttle.wrong(key)
        abort(404)
    return found


def _whose(here: Desk, token: str) -> Helper:
    with here.shared.store.read() as tx:
        return _knocked(here, household_helpers.by_token(tx, here.keys, token[:LONGEST]))


def _chosen(here: Desk, one: Helper, token: str, go: str) -> str | Response:
    """Take the way that a helper chose; LINE's code is shown at once and stands in no address."""
    load = 2 if request.form.get("others") == "yes" else 1
    if go == helper_way.LINE:
        code = helper_way.line(here, one, load)
        return _consent(one) if code is None else render_template("resident/helper_line.html", line=code, token=token)
    try:
        kind, address = helper_way.written(here)
    except BadInput:
        return _consent(one, say("helper.bad_address"))
    wrong = helper_way.test(here, one, kind, address, load)
    return _consent(_whose(here, token), say(wrong)) if wrong else _back(token)


def _proved(here: Desk, one: Helper, token: str) -> str | Response:
    """Take the code of the test; whoever agreed is written to once more, with the way to stop."""
    if one.ready:
        return _back(token)
    if not helper_way.prove(here, one):
        return _consent(one, say("told.bad_code"))
    with here.shared.store.write() as tx:
        helping.thank(tx, here.keys, one.id, here.planner.config, here.now)
    return _back(token)


def _back(token: str) -> Response:
    return redirect(url_for("resident.consent", token=token), 303)


def _consent(one: Helper, wrong: str = "") -> str:
    here = desk()
    with here.shared.store.read() as tx:
        waiting = one.channel != helper_way.LINE and one.id in enrolment.waiting(tx, one.household, here.now)
    token = household_helpers.page_token(here.keys, one)
    return render_template(
        "resident/helper_consent.html", one=one, wrong=wrong, waiting=waiting, push_key=helper_way.push_key(here),
        push=url_for("resident.helper_push", token=token), again=url_for("resident.consent", token=token),
        known=one.address if one.channel == "email" else "", **helper_way.offered(here),
    )  # fmt: skip


def _named(here: Desk, one: Helper) -> Named:
    ended = "ended" if one.ended_at is not None else "invited"
    state = "stopped" if one.stopped_at is not None else "ready" if one.ready else ended
    token = household_helpers.page_token(here.keys, one) if state == ended else ""
    link = url_for("resident.consent", token=token, _external=True) if token else ""
    return Named(one.id, one.called, say(f"helper.state_{state}"), link)
