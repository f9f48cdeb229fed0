"""Test handsets (試験用の端末): an administrator makes the browser in hand one, sees it proved, takes it away again."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.visit import cookie
from disaster_hub.store import contacts, handsets, household_doors, household_helpers, journal
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import CHANNEL_WORDS, JournalEntry
from disaster_hub.terms.role import Right
from disaster_hub.terms.siren import Handset
from timelines import vapid
from timelines.subscription import subscription

CHANNEL = "webpush"
MOST, LONGEST = 10, 40
RESIDENT = "住民の計画か連絡先がある端末は、試験に使えません。市が持っている別の端末で登録してください。"
room = Room("hq_handsets", __name__, door=Right.STAFF, url_prefix="/hq/handsets")


@room.get("", endpoint="handsets")
def handset_list() -> str:
    """Show every test handset, and let the browser in hand become one."""
    return _page()


@room.post("")
def add() -> Any:
    """Make the browser that sends this a test handset; it counts once its first test has come."""
    shared, name = hub(current_app), " ".join(request.form.get("name", "").split())[:LONGEST]
    push = shared.config.push
    if push is None:
        abort(404)
    if not name:
        return _page("端末の名前を入れてください。", name), 400
    try:
        address = subscription(request.form.get("push", ""), push, shared.config.world.kind).text()
    except BadInput:
        return _page("このブラウザーから通知の登録を受け取れませんでした。", name), 400
    with shared.store.write() as tx:
        wrong = _refused(tx, name, address)
        made = None if wrong else handsets.add(tx, CHANNEL, address, name, who().name, shared.now, shared.wall())
        if made is not None:
            _write_down(tx, f"試験用の端末「{name}」を加えた")
    if made is None:
        return _page(wrong or "このブラウザーか、この名前の端末は、もう登録されています。", name), 409
    flash(f"「{name}」に試験の通知を送ります。届くと「確認済み」になります。")
    return redirect(url_for("hq_handsets.handsets"), 303)


@room.post("/<identity>/again")
def again(identity: str) -> Response:
    """Send the test once more to a handset that has not been proved."""
    shared = hub(current_app)
    with shared.store.write() as tx:
        known = _known(tx, identity)
        handsets.ask_again(tx, identity, shared.wall())
    flash(f"「{known.name}」に試験の通知をもう一度送ります。")
    return redirect(url_for("hq_handsets.handsets"), 303)


@room.post("/<identity>/remove")
def remove(identity: str) -> Response:
    """Take a handset away: its address is forgotten, and no channel is judged by it any more."""
    with hub(current_app).store.write() as tx:
        known = _known(tx, identity)
        handsets.remove(tx, identity)
        _write_down(tx, f"試験用の端末「{known.name}」を外した")
    flash(f"「{known.name}」を外しました。")
    return redirect(url_for("hq_handsets.handsets"), 303)


def _known(tx: Transaction, identity: str) -> Handset:
    found = handsets.find(tx, identity)
    if found is None:
        abort(404)
    return found


def _refused(tx: Transaction, name: str, address: str) -> str:
    """Say why this browser cannot be a test handset; a resident's never is one, whoever holds it just now."""
    shared = hub(current_app)
    token = request.cookies.get(cookie())
    if token and household_doors.look(tx, token[:200], shared.now) is not None:
        return RESIDENT
    keys = desk().keys
    if contacts.behind(tx, keys, CHANNEL, address) or household_helpers.behind(tx, keys, CHANNEL, address):
        return RESIDENT
    if any(one.name == name for one in shared.config.canaries):
        return "この名前の端末は config.toml にあります。別の名前にしてください。"
    return (
        f"登録できる端末は{MOST}台までです。使わないものを外してください。" if len(handsets.every(tx)) >= MOST else ""
    )


def _write_down(tx: Transaction, what: str) -> None:
    journal.add(tx, JournalEntry(hub(current_app).now, "handset_changed", who().name, what))


def _page(wrong: str = "", name: str = "") -> str:
    shared = hub(current_app)
    config = shared.config
    with shared.store.read() as tx:
        enrolled = handsets.every(tx)
    return render_template(
        "hq/handsets.html", enrolled=enrolled, set_up=config.canaries, wrong=wrong, name=name, longest=LONGEST,
        wall=shared.wall(), push_key=vapid.ensure(config.keys.folder).public if config.push is not None else "",
        exercise=config.world.exercise, channel_words=CHANNEL_WORDS,
    )  # fmt: skip
