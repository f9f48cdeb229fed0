"""What to do now, in the order in which a frightened person reads: action, by when, way, why, who says so."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from disaster_hub.planning.changes import PHRASE, Change
from disaster_hub.portal.resident.talk import say, when
from disaster_hub.portal.resident.wording import distance, minutes
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.household import Kind, Plan
from disaster_hub.terms.way import LeaveBy, Outlook, Water, Word

URGENT = frozenset({Word.LEAVE_BY, Word.LEAVE_NOW, Word.GO_UP})
TIMES = frozenset({"time", "at", "issued_at"})


def view(outlook: Outlook, plan: Plan, now: datetime, level: int | None = None) -> dict[str, Any]:
    """Give the box on top of the plan."""
    leave = outlook.leave
    if leave.water is not None and leave.water.level is not None:
        level = max(level or 0, leave.water.level)
    goes = leave.word not in {Word.GO_UP, Word.STAY}
    return {
        "urgent": leave.word in URGENT,
        "level": level,
        "action": action(outlook, plan),
        "by": by(leave, now),
        "route": _route(outlook) if goes else "",
        "why": why(leave),
        "who": source(leave.water),
        "at": say("now.at", time=when(now)),
        **_counted(leave, plan, now),
    }


def _counted(leave: LeaveBy, plan: Plan, now: datetime) -> dict[str, str]:
    """Give what the page needs to let the minutes run down by itself, with or without a network."""
    end = leave.at if leave.word is Word.LEAVE_BY else leave.until
    if end is None:
        return {}
    counts = leave.word is Word.LEAVE_BY
    return {
        "until": end.isoformat(),
        "iso": now.isoformat(),
        "words": say("now.by", time=f"{end.astimezone(JAPAN):%H:%M}", minutes="{minutes}") if counts else "",
        "after": up(plan),
        "after_why": say(f"now.why_{Word.GO_UP.value}"),
    }


def up(plan: Plan) -> str:
    """Say that nobody goes out any more."""
    return say("now.go_up", floor=plan.home.storeys) if plan.home.storeys > 1 else say("now.go_up_here")


def action(outlook: Outlook, plan: Plan) -> str:
    """Say what to do first."""
    leave, first = outlook.leave, outlook.first
    name = ""
    if first is not None:
        name = say("kind.upstairs") if first.destination.kind is Kind.UPSTAIRS else first.destination.name
    if leave.word is Word.GO_UP:
        return up(plan)
    if leave.word is Word.STAY:
        return say("now.stay")
    if not name:
        return say("now.no_place")
    if leave.word is Word.LEAVE_NOW:
        return say("now.leave_now", place=name)
    return say("now.leave_by" if leave.word is Word.LEAVE_BY else "now.go", place=name)


def by(leave: LeaveBy, now: datetime) -> str:
    """Say until when; the minutes that are left are rounded down."""
    if leave.word is Word.LEAVE_BY and leave.at is not None:
        left = max(0, math.floor((leave.at - now).total_seconds() / 60))
        return say("now.by", time=f"{leave.at.astimezone(JAPAN):%H:%M}", minutes=left)
    if leave.word in {Word.LEAVE_AT_LEVEL, Word.NO_WAY_KNOWN} and leave.level is not None:
        return say("now.at_level", level=leave.level, name=say(f"level.{leave.level}.name"))
    return ""


def on_paper(leave: LeaveBy, plan: Plan) -> str:
    """Say when to leave as it can be printed: at which level."""
    if leave.word is Word.STAY:
        return ""
    level = leave.level or plan.leave_level
    return say("now.at_level", level=level, name=say(f"level.{level}.name"))


def tonight(outlook: Outlook, plan: Plan, now: datetime) -> Iterator[str]:
    """Say tonight's word with its day and time, where there is an urgent one; no minutes that run down."""
    leave = outlook.leave
    if leave.word in URGENT:
        until = f" {say('changed.leave_by', time=when(leave.at))}" if leave.at is not None else ""
        yield f"{say('now.at', time=when(now))}: {action(outlook, plan)}{until}"


def _route(outlook: Outlook) -> str:
    first = outlook.first
    if first is None:
        return ""
    if first.way is None:
        return say("now.no_way") if first.destination.kind is not Kind.UPSTAIRS else ""
    return say("way.short", minutes=minutes(first.way.minutes), metres=distance(first.way.metres))


def why(leave: LeaveBy) -> str:
    """Say why."""
    return say(f"now.why_{leave.word.value}")


def source(water: Water | None) -> str:
    """Say who says so and when; where nobody said anything, that."""
    if water is None or not water.issuer:
        return say("now.nobody_said")
    time = when(water.issued_at) if water.issued_at is not None else say("now.time_unknown")
    return say("now.source_stale" if water.stale else "now.source", issuer=water.issuer, time=time)


def assumptions(leave: LeaveBy) -> Iterator[str]:
    """Say everything that the minute rests on."""
    for key, value in leave.assumptions:
        yield say(f"assume.{key}", value=_value(value))


def _value(said: str) -> str:
    """Say a time as a time and a phrase as a phrase; anything else stands as it is."""
    if said.startswith(PHRASE):
        return say(said.removeprefix(PHRASE))
    try:
        return when(datetime.fromisoformat(said)) if "T" in said else said
    except ValueError:
        return said


def changed(change: Change | None) -> str:
    """Say in one line what changed last."""
    if change is None:
        return ""
    values = {k: _value(v) for k, v in change.values.items()}
    return say("changed.line", time=when(change.at), what=say(change.phrase, **values))
