"""知らせの記録: what came to this household, by which way, what became of it; for any minute, why or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import render_template, request

from disaster_hub.alerts import ledger
from disaster_hub.alerts.answering import REACHED
from disaster_hub.portal.resident import afterwards
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.reply import LIFE
from disaster_hub.portal.resident.talk import chosen, say, when
from disaster_hub.portal.resident.visit import at_home
from disaster_hub.store import alerts, briefs
from disaster_hub.store import ledger as kept
from disaster_hub.store.keyring import KeyGone
from disaster_hub.store.ledger import Passage
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Because, Brief, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import WorldKind
from timelines import messages
from timelines.message_lines import PERSONAL

SHOWN = 30
"""Alerts on one page; what is older is found by its time."""
MOST_STEPS = 20
"""Of corrections, one after the other."""
MINUTE = "%Y-%m-%dT%H:%M"
KINDS: Mapping[AlertKind, str] = {
    AlertKind.ORDER: "record.kind_order", AlertKind.AUTOMATIC: "record.kind_automatic",
    AlertKind.INFORMATION: "record.kind_information", AlertKind.UPDATE: "record.kind_update",
    AlertKind.CANCEL: "record.kind_cancel", AlertKind.LIFT: "record.kind_lift", AlertKind.CALM: "record.kind_calm",
}  # fmt: skip
"""What goes to helpers is none of a household's own messages."""
STATES = frozenset({"due", "sent", "refused", "expired", "withdrawn", "held", "unknown"})
WAYS = frozenset({"email", "line", "sms", "voice", "webpush"})
LOST = "returned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as the page shows it."""

    kind: str
    level: int | None
    drill: bool
    headline: str
    area: str
    who: str
    ways: tuple[str, ...]
    over: str
    """What became of it: cancelled, replaced, lifted; empty while it holds."""
    why: str
    came: bool
    answered: str = ""
    token: str = ""
    differs: bool = False
    enrol: bool = False
    """True where it did not come because no proved way of reaching this household is known."""


def record() -> str:
    """Show what came, the newest first; and for the minute that is asked for, why each alert came or did not."""
    at, here = at_home(), desk()
    wish = request.args.get("at", "")
    moment = _minute(here, wish)
    with here.shared.store.read() as tx:
        rows, more = _came(tx, here, at.household)
        then = [] if moment is None else _then(tx, here, at.household, moment)
    local = here.now.astimezone(here.shared.config.city.zone)
    return render_template(
        "resident/record.html",
        rows=rows,
        more=more,
        asked=bool(wish),
        at="" if moment is None else when(moment),
        then=then,
        typed=wish if moment is not None else local.strftime(MINUTE),
        latest=local.strftime(MINUTE),
    )


def _came(tx: Transaction, here: Desk, household: str) -> tuple[list[Entry], bool]:
    """Give what was for this household, the newest first, and whether there is more than one page shows."""
    told = {one.alert: one for one in alerts.of_household(tx, household) if one.because in REACHED}
    found = [one for one in alerts.some(tx, told) if one.kind in KINDS]
    shown = found[:SHOWN]
    ways = _ways(tx, household, [one.id for one in shown])
    return [_entry(tx, here, one, told[one.id], ways.get(one.id, [])) for one in shown], len(found) > SHOWN


def standing(tx: Transaction, here: Desk, household: str) -> tuple[str, Entry] | None:
    """Give id and entry of the gravest word to this household that still holds; None: there is none."""
    told = {one.alert: one for one in alerts.of_household(tx, household) if one.because in REACHED}
    found = [one for one in alerts.some(tx, told) if one.kind in PERSONAL and one.expires_at > here.now]
    for one in sorted(found, key=lambda one: (one.level or 0, one.decided_at), reverse=True):
        entry = _entry(tx, here, one, told[one.id], ())
        if not entry.over:
            return one.id, entry
    return None


def _entry(tx: Transaction, here: Desk, alert: Alert, told: Told, ways: Sequence[Passage]) -> Entry:
    ended = afterwards.ended(tx, alert, told.household, here.now)
    last = alerts.answer_of(tx, alert.id, told.household)
    key = _key(here, told.household)
    brief = _brief(key, told)
    live = told.token is not None and here.now < alert.expires_at + LIFE
    return Entry(
        kind=say(KINDS[alert.kind]),
        level=_level(alert),
        drill=alert.world is not WorldKind.REAL,
        headline=messages.action(alert, brief, told.at or alert.decided_at, chosen()),
        area=alert.area_name,
        who=_who(here, alert),
        ways=tuple(_said(ways, told.because)),
        over=ended.title if ended is not None else "",
        why=sentence(alert, told.because),
        came=told.because is Because.CHOSEN,
        answered=say("answer.last", time=when(last.given_at), word=say(f"answer.{last.word}")) if last else "",
        token=briefs.answer_token(key, alert.id) if key is not None and live else "",
    )


def _then(tx: Transaction, here: Desk, household: str, moment: datetime) -> list[Entry]:
    """Give every alert that was in force at *moment*, and why it came to this household or did not."""
    found = ledger.account(tx, here.keys, household, moment)
    rows = []
    for line in found.lines:
        if line.alert.kind not in KINDS or _somebody_elses(tx, line.alert, household):
            continue
        reason = line.reason
        rows.append(
            Entry(
                kind=say(KINDS[line.alert.kind]),
                level=_level(line.alert),
                drill=line.alert.world is not WorldKind.REAL,
                headline="",
                area=line.alert.area_name,
                who=_who(here, line.alert),
                ways=tuple(_said([one for one in line.passages if not one.tried], reason)),
                over="",
                why=sentence(line.alert, reason, planned=found.version > 0),
                came=reason is Because.CHOSEN,
                differs=not line.agrees,
                enrol=reason is Because.NO_CHANNEL,
            )
        )
    return rows


def _somebody_elses(tx: Transaction, alert: Alert, household: str) -> bool:
    """Tell whether it, or what it follows, was for other households by name: nobody else learns of that."""
    one: Alert | None = alert
    for _ in range(MOST_STEPS):
        if one is None or not one.audience.same_as:
            break
        one = alerts.find(tx, one.audience.same_as)
    return one is not None and bool(one.audience.households) and household not in one.audience.households


def sentence(alert: Alert, because: Because | None, *, planned: bool = True) -> str:
    """Say in one plain sentence why an alert came, or why it did not."""
    area = alert.area_name or say("record.whole_city")
    key = "not_yet" if because is None else because.value
    if because is Because.CHOSEN:
        key = "same" if alert.audience.same_as else "named" if alert.audience.households else "chosen"
    elif because is Because.OUTSIDE and alert.audience.same_as:
        key = "outside_same"
    elif because is Because.OUTSIDE and not planned:
        key = "no_plan"
    return say(f"record.because_{key}", area=area)


def _level(alert: Alert) -> int | None:
    return alert.level if alert.kind is not AlertKind.AUTOMATIC and not alert.rule else None


def _who(here: Desk, alert: Alert) -> str:
    issuer = messages.issuer_name(here.shared.config.city, alert.issuer, chosen())
    return say("now.source", issuer=issuer, time=when(alert.decided_at))


def _ways(tx: Transaction, household: str, names: Sequence[str]) -> dict[str, list[Passage]]:
    """Give each alert's deliveries as they stand, with the time of the last try."""
    found: dict[str, list[Passage]] = {}
    for one in kept.deliveries(tx, household, names):
        found.setdefault(one.alert, []).append(one)
    return found


def _said(ways: Sequence[Passage], because: Because | None) -> Iterator[str]:
    """Say for each way what became of the message there: that it was handed over is not that somebody read it."""
    if because is Because.NO_CHANNEL:
        yield say("record.no_way")
        return
    if because is Because.CHOSEN and not ways:
        yield say("record.nothing_sent")
    for one in ways:
        if one.channel not in WAYS:
            continue
        state = "refused" if one.state == LOST else one.state if one.state in STATES else "unknown"
        text = say("record.state_sent", time=when(one.at)) if state == "sent" else say(f"record.state_{state}")
        yield f"{say(f'record.by_{one.channel}')}: {text}"


def _key(here: Desk, household: str) -> bytes | None:
    try:
        return here.keys.key(household)
    except KeyGone:
        return None


def _brief(key: bytes | None, told: Told) -> Brief | None:
    if key is None or told.sealed is None:
        return None
    try:
        return briefs.opened_brief(key, told.household, told.sealed)
    except BadInput:
        return None


def _minute(here: Desk, typed: str) -> datetime | None:
    """Read the minute that is asked for; None where none is, where it cannot be read or has not come yet."""
    try:
        local = datetime.strptime(typed[:16], MINUTE).replace(tzinfo=here.shared.config.city.zone)
        begun = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # The whole minute is meant: what happened in it has happened.
    return min(begun + timedelta(minutes=1, microseconds=-1), here.now) if begun <= here.now else None
