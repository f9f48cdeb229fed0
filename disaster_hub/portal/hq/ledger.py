"""Why a message came to one household, or did not (送信の理由): for any minute, out of what was kept then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from disaster_hub.alerts import ledger, ledger_words
from disaster_hub.alerts.issuing import title
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.finder import gazetteer
from disaster_hub.portal.hq.opening import fault, opened, remember
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import alerts, contacts, home_points, journal
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Because
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.role import Right, may

BACK = timedelta(days=30)
SHOWN = 40
AROUND_M, MOST_HOMES = 60.0, 12
LONGEST = 200
CHANNELS = {"email": "メール", "line": "LINE", "sms": "SMS", "voice": "電話"}
WHAT = "知らせが届いた・届かなかった理由"
MINUTE = "%Y-%m-%dT%H:%M"
room = Room("hq_ledger", __name__, door=Right.LEDGER, url_prefix="/hq")


@room.get("/ledger")
def entrance() -> str:
    """Show how many households each alert came to and why not to others, and ask for one household."""
    return _page()


@room.post("/ledger/find")
@only(Right.PERSONAL)
def find() -> Any:
    """Look for one household by a contact or an address: nothing of that enters an address bar."""
    how, typed = request.form.get("how", ""), " ".join(request.form.get("said", "").split())[:LONGEST]
    why = " ".join(request.form.get("reason", "").split())
    wrong = fault(why) or ("" if typed else "連絡先か住所を入力してください。")
    if wrong:
        return _page(wrong=wrong, how=how, typed=typed, why=why), 400
    one = desk()
    names = one.aside(_households, one.shared.store, one.keys, how, typed, None if how != "address" else _spot(typed))
    what = f"個人情報を探した：{'連絡先' if how in CHANNELS else '住所'}から世帯（{len(names)}件）"
    entry = JournalEntry(hub(current_app).now, "personal_viewed", who().name, what, None, why)
    with one.shared.store.write() as tx:
        journal.add(tx, entry)
    if not names:
        return _page(
            wrong="当てはまる世帯はありません（計画がないか、連絡先の確認が済んでいません）。", how=how, why=why
        ), 404
    for name in names:
        remember(name, why)
    if len(names) == 1:
        return redirect(url_for("hq_ledger.household", household=names[0]), 303)
    return render_template("hq/ledger_which.html", names=names)


@room.route("/ledger/<household>", methods=["GET", "POST"])
@only(Right.PERSONAL)
def household(household: str) -> Any:
    """Tell of one household at one minute, to who says why they ask."""
    wish = request.args.get("at", "")
    at = _minute(wish)
    found: ledger.Account = opened(WHAT, household, lambda tx, keys, name: _account(tx, keys, name, at))
    said = [] if found is None else ledger_words.told(found)
    rules = [] if found is None else [ledger_words.rule(one) for one in found.quiet]
    return render_template(
        "hq/ledger_one.html", found=found, said=said, rules=rules, at=at, typed=_local(at), household=household
    )


def _account(tx: Transaction, keys: Keyring, household: str, at: datetime) -> ledger.Account | None:
    return ledger.account(tx, keys, household, at) if home_points.known(tx, household) else None


def _page(**more: Any) -> str:
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = alerts.since(tx, shared.now - BACK, SHOWN)
        rows = [(one, title(one), alerts.reasons(tx, one.id)) for one in found]
    return render_template(
        "hq/ledger.html", rows=rows, channels=CHANNELS, personal=may(who().role, Right.PERSONAL), reasons=list(Because),
        short=ledger_words.SHORT, **{"wrong": "", "how": "", "typed": "", "why": ""} | more,
    )  # fmt: skip


def _households(store: Any, keys: Keyring, how: str, typed: str, spot: LonLat | None) -> list[str]:
    """Name the households behind a contact, or around a spot."""
    with store.read() as tx:
        if how in CHANNELS:
            found = contacts.behind(tx, keys, how, _number(typed) if how in {"sms", "voice"} else typed)
            return list(dict.fromkeys(name for name, one in found if one.confirmed_at is not None))[:MOST_HOMES]
        return [] if spot is None else home_points.near(tx, spot, AROUND_M)[:MOST_HOMES]


def _number(typed: str) -> str:
    """Write a telephone number as contacts are kept: with the country in front."""
    digits = "".join(one for one in typed if one.isdecimal() or one == "+")
    return f"+81{digits[1:]}" if digits.startswith("0") else digits


def _spot(typed: str) -> LonLat | None:
    found = gazetteer().find(typed, 1)
    return found[0].spot if found else None


def _minute(typed: str) -> datetime:
    """Read the minute that is asked for; now where none is, or where it cannot be read."""
    shared = hub(current_app)
    try:
        # The whole minute is meant: what happened in it has happened.
        local = datetime.strptime(typed, MINUTE).replace(tzinfo=shared.config.city.zone)
        return min(local.astimezone(UTC) + timedelta(seconds=59, microseconds=999_999), shared.now)
    except (ValueError, OverflowError):
        return shared.now


def _local(at: datetime) -> str:
    return at.astimezone(hub(current_app).config.city.zone).strftime(MINUTE)
