"""What the page of an alert says after an answer, or once the alert is over: what holds now, never the old word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.alerts import lapsed
from disaster_hub.alerts.answering import REACHED
from disaster_hub.alerts.following import ENDS
from disaster_hub.alerts.hearing import HELP
from disaster_hub.portal.resident.asking import ANSWERS
from disaster_hub.portal.resident.talk import chosen, say
from disaster_hub.store import alerts
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Brief
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.helping import CallState, HelpCall
from disaster_hub.terms.way import Word
from timelines import message_lines, messages
from timelines.message_lines import ALL, LAST

OUT = frozenset({Word.LEAVE_NOW, Word.LEAVE_BY})
INSTEAD = frozenset({"left", "arrived", "help"})
"""After these the plan's own word is no longer the first thing to read; who stays is still told to go."""
FIRST_TURNS = 4
COMING: Mapping[CallState, str] = {
    CallState.ASKED: "reply.helper_asked", CallState.GOING: "reply.helper_going",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """An alert that holds no more: what became of it, and what to do now."""

    title: str
    lines: tuple[str, ...]
    newer: bool = False
    """A newer one speaks now: that one is to be read."""


def ended(tx: Transaction, alert: Alert, household: str, now: datetime) -> Ended | None:
    """Say what became of an alert for one household; None while it holds there."""
    if alert.state is AlertState.CANCELLED:
        return Ended(say("reply.cancelled"), (say("release.do_cancel"), say("reply.not_safe_yet")))
    last = _last(tx, alert, household)
    if last is not None and last.kind is AlertKind.LIFT:
        return Ended(say("msg.lift"), (say("msg.way_home"),))
    if last is not None and last.kind is AlertKind.CALM:
        return Ended(say("msg.calm"), (say("reply.not_safe_yet"),))
    # An order that was raised or lifted here is spoken of no more, though nothing names it as its earlier one.
    if last is not None or lapsed.homes(tx, alert, [household]):
        return Ended(say("reply.newer"), (say("reply.newer_do"),), newer=True)
    if now >= alert.expires_at:
        return Ended(say("reply.over"), (say("reply.not_safe_yet"),))
    return None


def _last(tx: Transaction, alert: Alert, household: str) -> Alert | None:
    """Give the last word on an alert; an end counts only where this household was told: it may be over elsewhere."""
    for one in reversed(alerts.after(tx, alert.id)):
        if one.kind is AlertKind.HELPER or one.state is AlertState.CANCELLED:
            continue
        told = alerts.told(tx, one.id, household) if one.kind in ENDS else None
        if one.kind not in ENDS or (told is not None and told.because in REACHED):
            return one
    return None


def told(word: str) -> str:
    """Say that an answer was taken, and that the city knows it; a call for help has words of its own for that."""
    return say("told.help") if word == HELP else f"{say(f'told.{word}')} {say('reply.known')}"


def meanings(alert: Alert, brief: Brief | None, now: datetime, calls: Sequence[HelpCall]) -> dict[str, list[str]]:
    """Say for each answer what to do after it, the action first; all four, for a phone may answer without a network."""
    said = {
        "left": _left(alert, brief, now), "arrived": _arrived(), "help": _help(brief, calls),
        "staying": _staying(alert, brief, now),
    }  # fmt: skip
    return {word: list(said[word]) for word in ANSWERS}


def _left(alert: Alert, brief: Brief | None, now: datetime) -> Iterator[str]:
    if _up(alert, brief, now):
        # The minute has passed while somebody is on the way: the house is no goal any more, nor is the long way.
        yield say("reply.left_late")
    elif brief is not None and brief.place:
        yield say("reply.left_go", place=brief.place)
    else:
        yield say("reply.left_go_here")
    if brief is not None and (brief.turns or brief.metres) and not _up(alert, brief, now):
        way = brief.minutes, brief.metres, brief.turns[:FIRST_TURNS]
        yield message_lines.say(("msg.way", {"way": way}), chosen())
    yield say("reply.left_water")
    yield say("reply.left_then")


def _arrived() -> Iterator[str]:
    yield say("reply.arrived_stay")
    yield say("reply.arrived_home")
    yield say("reply.arrived_tell")
    yield say("reply.arrived_move")


def _help(brief: Brief | None, calls: Sequence[HelpCall]) -> Iterator[str]:
    storeys = 0 if brief is None else brief.storeys
    yield say("reply.help_up", floor=storeys) if storeys > 1 else say("reply.help_up_here")
    if brief is not None and Hazard.LANDSLIDE in brief.hazards:
        yield say("msg.stay_higher")
    yield say("reply.help_call")
    found = {one.state for one in calls}
    yield from (say(key) for state, key in COMING.items() if state in found)
    yield say("reply.help_change")


def _staying(alert: Alert, brief: Brief | None, now: datetime) -> Iterator[str]:
    if _goes(alert, brief, now):
        yield say("reply.staying_go")
    else:
        yield say("reply.staying_in")
    yield say("reply.staying_change")


def _up(alert: Alert, brief: Brief | None, now: datetime) -> bool:
    """Tell whether nobody goes out on the long way any more."""
    return alert.level == LAST or (brief is not None and messages.as_it_stands(brief, now)[0] is Word.GO_UP)


def _goes(alert: Alert, brief: Brief | None, now: datetime) -> bool:
    """Tell whether the plan, or the order where none can be read, still says: go."""
    level = alert.level or 0
    if _up(alert, brief, now):
        return False
    if brief is None:
        return level >= ALL
    word = messages.as_it_stands(brief, now)[0]
    return word is not Word.STAY and (word in OUT or level >= brief.leave_level)
