"""Helpers of those who have not answered: asked in time, the next one proposed, nobody is sent where it is too late."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from disaster_hub.alerts.unanswered import Board
from disaster_hub.config import Config
from disaster_hub.rules import helping as rules
from disaster_hub.rules.unanswered import Unheard
from disaster_hub.store import help_calls, household_helpers, households, journal, leader_areas, outbox, staff
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import NAMED, OPEN, STAFF, UNFINISHED, CallState, HelpCall, Helper
from disaster_hub.terms.notice import JournalEntry, Notice
from disaster_hub.terms.role import Role
from timelines.phrases import FIRST, Reviews, say, when

KIND = "helper"
"""Of a notice to a helper: its address is the helper's id, opened under the household's key only to send it."""
ADDRESS = "helper:"
INVITATION = "helper_invitation"
URGENCY, INVITATION_URGENCY = 7, 2
INVITED_FOR = timedelta(days=7)
CALLING = ("msg.helper", "msg.helper_what", "msg.helper_self", "helper.by", "helper.by_unknown", "helper.open_link")
INVITING = ("helper.invite_headline", "helper.invite_text", "helper.consent_stop")
THANKING = ("helper.thanks", "helper.consent_what", "helper.consent_stop")
UNKNOWN_GOOD_FOR = timedelta(minutes=30)
LEADERS_LOAD = 10
"""Households that a leader looks after at once."""
MOST_A_STEP = 300
NEIGHBOURS = "neighbours"
SAID: Mapping[CallState, str] = {
    CallState.ASKED: "連絡した・返事待ち", CallState.GOING: "見に行く", CallState.TOGETHER: "一緒に出た",
    CallState.CANNOT: "会えない", CallState.SILENT: "支援者から返事なし", CallState.ENDED: "終わり",
    CallState.MISSING: "未割当",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could look after a household."""

    helper: str
    """As a call names them: `helper:<id>` or `staff:<name>`."""
    words: str
    load: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one look brought."""

    asked: int = 0
    silent: int = 0
    ended: int = 0
    missing: int = 0


def look(tx: Transaction, keys: Keyring, board: Board, config: Config, now: datetime) -> Step:
    """Ask whoever is to be asked now, and end what is over; the same look again changes nothing."""
    waiting = {one.household: one for one in (*board.rows, *board.help)}
    roots = {one.root for one in waiting.values()}
    ended = _end(tx, waiting, now)
    silent = _silent(tx, now)
    calls = by_household(help_calls.of(tx, roots))
    ready = household_helpers.ready(tx)
    asked_at = {one.alert.id: one.alert.decided_at for one in board.asking}
    calling = {one.household for one in board.help}
    told: list[Unheard] = []
    missing: list[Unheard] = []
    for one in (*board.help, *board.rows):
        if len(told) + len(missing) >= MOST_A_STEP:
            break
        mine = [call for call in calls.get(one.household, ()) if call.root == one.root]
        if any(call.state in OPEN for call in mine) or rules.too_late(one, now):
            continue
        if one.household not in calling and not rules.due(one, asked_at.get(one.alert, now), now):
            continue
        named = [f"{NAMED}{name}" for name in ready.get(one.household, ())]
        left = [name for name in named if name not in {call.helper for call in mine}]
        if left and ask(tx, keys, one, left[0], config, now):
            told.append(one)
        elif not left and (one.named or one.needs or named) and _missing(tx, one, now):
            missing.append(one)
    if told or missing:
        _say(tx, board, {one.root for one in (*told, *missing)}, now)
    return Step(len(told), silent, ended, len(missing))


def ask(tx: Transaction, keys: Keyring, one: Unheard, helper: str, config: Config, now: datetime) -> bool:
    """Ask one helper for one household; False where they were asked before, or cannot be reached any more."""
    call = HelpCall(
        secrets.token_hex(16), one.root, one.household, helper, CallState.ASKED, now,
        one.minute if not rules.too_late(one, now) else None,
    )  # fmt: skip
    try:
        token = household_helpers.token_of(keys.key(one.household), f"call {call.id}")
    except KeyGone:
        return False
    if not helper.startswith(NAMED):
        return help_calls.add(tx, call, token)
    found = household_helpers.find(tx, keys, helper.removeprefix(NAMED))
    spoken = None if found is None else _language(config, found.language, CALLING)
    if found is None or spoken is None or not found.ready or not help_calls.add(tx, call, token):
        return False
    until = call.shuts_at or now + UNKNOWN_GOOD_FOR
    headline, text = words(call, spoken, config.city.zone)
    notice = Notice(
        help_calls.key_of(call.id), config.world.kind, KIND, headline, text, now, until, URGENCY
    )  # fmt: skip
    return outbox.enqueue(tx, notice, [(found.channel, f"{ADDRESS}{found.id}")])


def words(call: HelpCall, language: str, zone: ZoneInfo) -> tuple[str, str]:
    """Word the message to a helper: what to do, until when; where to, only behind the link that comes with it."""
    by = (
        say("helper.by", language, time=f"{call.shuts_at.astimezone(zone):%H:%M}")
        if call.shuts_at is not None
        else say("helper.by_unknown", language)
    )
    more = [say(key, language) for key in ("msg.helper_self", "helper.open_link")]
    lines = [say("msg.helper_what", language), by, *more, when(call.asked_at, language)]
    return say("msg.helper", language), "\n".join(lines)


def invite(tx: Transaction, keys: Keyring, identity: str, config: Config, language: str, now: datetime) -> bool:
    """Ask somebody by mail whether they would help; False where its phrases may not go out."""
    found = household_helpers.find(tx, keys, identity)
    spoken = _language(config, language, INVITING)
    if found is None or not found.channel or spoken is None:
        return False
    text = f"{say('helper.invite_text', spoken)}\n{say('helper.consent_stop', spoken)}"
    notice = Notice(
        f"invite:{identity}", config.world.kind, INVITATION, say("helper.invite_headline", spoken), text, now,
        now + INVITED_FOR, INVITATION_URGENCY,
    )  # fmt: skip
    return outbox.enqueue(tx, notice, [(found.channel, f"{ADDRESS}{identity}")])


def thank(tx: Transaction, keys: Keyring, identity: str, config: Config, now: datetime) -> bool:
    """Write to a helper who agreed, by the way that they chose: it shows that messages arrive, and how to stop."""
    found = household_helpers.find(tx, keys, identity)
    spoken = None if found is None else _language(config, found.language, THANKING)
    if found is None or not found.ready or spoken is None:
        return False
    text = f"{say('helper.consent_what', spoken)}\n{say('helper.consent_stop', spoken)}"
    key = f"thanks:{identity}:{int(now.timestamp())}"
    notice = Notice(
        key, config.world.kind, INVITATION, say("helper.thanks", spoken), text, now, now + INVITED_FOR,
        INVITATION_URGENCY,
    )  # fmt: skip
    return outbox.enqueue(tx, notice, [(found.channel, f"{ADDRESS}{identity}")])


def _language(config: Config, wish: str, keys: Collection[str]) -> str | None:
    """Choose the language of a message: the helper's, else Japanese; None where nobody has reviewed either."""
    source = config.source
    reviews = Reviews((source.parent if source is not None else Path()) / "reviews.toml")
    return next((one for one in (wish, FIRST) if reviews.sendable(keys, one, actual=config.real)), None)


def answer(tx: Transaction, call: HelpCall, state: CallState, now: datetime) -> bool:
    """Take what a helper tapped; one who was given up may still say that they go."""
    if state not in {CallState.GOING, CallState.TOGETHER, CallState.CANNOT}:
        raise BadInput("helper: an unknown answer")
    return help_calls.move(tx, call.id, state, now, (*OPEN, CallState.SILENT, CallState.CANNOT))


def assign(tx: Transaction, keys: Keyring, one: Unheard, helper: str, config: Config, who: str, now: datetime) -> None:
    """Hand a household to another helper by a tap; BadInput says why it cannot be."""
    known = {each.helper: each for each in candidates(tx, keys, one)}
    if helper not in known:
        raise BadInput("この人には割り当てられません（同意・受け持ちの区域・人数を確かめてください）")
    if rules.too_late(one, now):
        raise BadInput("出る時刻を過ぎています。支援者を向かわせません")
    mine = [call for call in help_calls.of_household(tx, one.household) if call.root == one.root]
    for call in mine:
        if call.state in OPEN:
            help_calls.move(tx, call.id, CallState.ENDED, now)
            help_calls.withdraw(tx, [call.id])
    if not ask(tx, keys, one, helper, config, now):
        raise BadInput("この人には、もう連絡してあります")
    journal.add(
        tx, JournalEntry(now, "helper_changed", who, "返事のない世帯の支援者を変えました", one.area, one.household)
    )


def candidates(tx: Transaction, keys: Keyring, one: Unheard) -> list[Candidate]:
    """Give who could look after a household, the household's own first, then whoever has least to do.

    Only those whom it named, and where it chose to be seen by its neighbours, its leader and helpers of others: nobody
    learns of a household that did not agree.
    """
    asked = {call.helper for call in help_calls.of_household(tx, one.household) if call.root == one.root}
    loads = help_calls.loads(tx)
    try:
        own = [each for each in household_helpers.of_household(tx, keys, one.household) if each.ready]
        saved = households.latest(tx, keys, one.household)
    except (KeyGone, BadInput):
        return []
    found = [Candidate(f"{NAMED}{each.id}", "本人が決めた支援者", loads.get(f"{NAMED}{each.id}", 0)) for each in own]
    if saved is not None and NEIGHBOURS in saved.plan.seen_by:
        found += sorted(_neighbours(tx, one, loads), key=lambda each: (each.load, each.helper))
    return [each for each in found if each.helper not in asked]


def _neighbours(tx: Transaction, one: Unheard, loads: Mapping[str, int]) -> Iterable[Candidate]:
    areas = leader_areas.everyone(tx)
    for account in staff.accounts(tx):
        name = f"{STAFF}{account.name}"
        mine = account.role == Role.LEADER and account.disabled_at is None and one.area in areas.get(account.name, ())
        if one.area and mine and loads.get(name, 0) < LEADERS_LOAD:
            yield Candidate(name, account.shown or account.name, loads.get(name, 0))
    for identity, _, load in household_helpers.for_others(tx):
        name = f"{NAMED}{identity}"
        if loads.get(name, 0) < load:
            yield Candidate(name, "ほかの世帯も助けるという支援者", loads.get(name, 0))


def address_for(tx: Transaction, keys: Keyring, call: HelpCall) -> str | None:
    """Give the address that a helper may know: of who named them, or of who chose to be seen; None otherwise."""
    try:
        saved = households.latest(tx, keys, call.household)
    except (KeyGone, BadInput):
        return None
    if saved is None:
        return None
    own = {f"{NAMED}{each.id}" for each in household_helpers.of_household(tx, keys, call.household) if each.ready}
    return saved.plan.home.address if call.helper in own or NEIGHBOURS in saved.plan.seen_by else None


def reached(tx: Transaction, keys: Keyring, address: str, notice_key: str) -> tuple[Helper, str] | None:
    """Give the helper behind the address of a delivery, and the path that its notice opens; None where it is gone."""
    found = household_helpers.find(tx, keys, address.removeprefix(ADDRESS))
    if found is None or not found.channel:
        return None
    if not notice_key.startswith(help_calls.KEY):
        return found, f"/h/{household_helpers.page_token(keys, found)}"
    call = help_calls.find(tx, notice_key.removeprefix(help_calls.KEY))
    if call is None:
        return None
    try:
        return found, f"/h/go/{household_helpers.token_of(keys.key(call.household), f'call {call.id}')}"
    except KeyGone:
        return None


def by_household(found: Iterable[HelpCall]) -> dict[str, list[HelpCall]]:
    """Put calls to their households, oldest first."""
    grouped: dict[str, list[HelpCall]] = {}
    for one in found:
        grouped.setdefault(one.household, []).append(one)
    return grouped


def _end(tx: Transaction, waiting: Mapping[str, Unheard], now: datetime) -> int:
    """End the calls of households that answered, that nothing asks any more, or whose window has shut."""
    over = [
        call for call in help_calls.still_open(tx)
        if call.household not in waiting
        or (call.state is not CallState.GOING and rules.too_late(waiting[call.household], now))
    ]  # fmt: skip
    ended = [call.id for call in over if help_calls.move(tx, call.id, CallState.ENDED, now, UNFINISHED)]
    help_calls.withdraw(tx, ended)
    return len(ended)


def _silent(tx: Transaction, now: datetime) -> int:
    late = [
        call for call in help_calls.still_open(tx)
        if call.state is CallState.ASKED and rules.silent(call.asked_at, call.shuts_at, now)
    ]  # fmt: skip
    return sum(help_calls.move(tx, call.id, CallState.SILENT, now, (CallState.ASKED,)) for call in late)


def _missing(tx: Transaction, one: Unheard, now: datetime) -> bool:
    row = HelpCall(secrets.token_hex(16), one.root, one.household, "", CallState.MISSING, now, one.minute)
    return help_calls.add(tx, row)


def _say(tx: Transaction, board: Board, roots: Collection[str], now: datetime) -> None:
    """Write how many by now, of each order: a row at 1, 2, 5, 10, 20 … households, and nobody's name."""
    alerts_ = {one.root: one.alert for one in reversed(board.asking)}
    for root in sorted(roots):
        calls = help_calls.of(tx, [root])
        missing = sum(call.state is CallState.MISSING for call in calls)
        about = f"（{alerts_[root].area_name}）" if root in alerts_ else ""
        for kind, what, count in (
            ("helper_told", "支援者へ連絡", len(calls) - missing), ("helper_missing", "支援者 未割当", missing),
        ):  # fmt: skip
            if count:
                row = JournalEntry(now, kind, "clock", f"{what} {count}世帯{about}", because=root)
                journal.add(tx, replace(row, key=f"{kind}:{root}:{_step(count)}"))


def _step(count: int) -> int:
    """Give the greatest of 1, 2, 5, 10, 20, 50 … that *count* has reached."""
    tens = int("1".ljust(len(str(count)), "0"))
    return max(step * tens for step in (1, 2, 5) if step * tens <= count)
