"""What changed for one household, in one line: a phrase and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from disaster_hub.terms.household import Kind
from disaster_hub.terms.way import Choice, LeaveBy, Outlook, Word

PHRASE = "@"
"""What a value begins with that is itself a phrase."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changed: a phrase and its values, so that every reader gets it in their language."""

    phrase: str
    """A key of `timelines.phrases`; `changed.plan` where nothing more particular is known."""
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)


def change(before: Outlook, after: Outlook, at: datetime, closed: Mapping[str, str]) -> Change:
    """Say the most urgent thing that changed; *closed* names the street of every link that has just been closed."""
    return (
        _word(before.leave, after.leave, at)
        or _place(before.first, after.first, at)
        or _way(before.first, after.first, at, closed)
        or _minute(before.leave, after.leave, at)
        or Change("changed.plan", at)
    )


def _word(before: LeaveBy, after: LeaveBy, at: datetime) -> Change | None:
    """Say a new word: go up, leave now, leave by a minute where there was none."""
    if before.word is after.word:
        return None
    time = {"time": after.at.isoformat()} if after.at is not None else {}
    level = {"level": str(after.level)} if after.level is not None else {}
    return Change(f"changed.{after.word.value}", at, time | level)


def _place(before: Choice | None, after: Choice | None, at: datetime) -> Change | None:
    """Say another place to go, and why the old one is none any more."""
    old, new = _name(before), _name(after)
    if old == new:
        return None
    if after is None:
        return Change("changed.no_place", at, {"old": old})
    return Change("changed.place", at, {"old": old, "new": new})


def _way(before: Choice | None, after: Choice | None, at: datetime, closed: Mapping[str, str]) -> Change | None:
    """Say another way to the same place, and the closed street where that is why."""
    old = before.way if before is not None else None
    new = after.way if after is not None else None
    if old is None or new is None or old.links == new.links:
        return None if (old is None) == (new is None) else Change("changed.way", at)
    shut = next((closed[link] for link in old.links if link in closed), None)
    minutes = {"minutes": str(round(new.minutes))}
    return (
        Change("changed.way", at, minutes)
        if not shut
        else Change("changed.road_closed", at, minutes | {"street": shut})
    )


def _minute(before: LeaveBy, after: LeaveBy, at: datetime) -> Change | None:
    """Say an earlier or a later minute."""
    if before.at is None or after.at is None or before.at == after.at or after.word is not Word.LEAVE_BY:
        return None
    phrase = "changed.earlier" if after.at < before.at else "changed.later"
    minutes = abs((after.at - before.at).total_seconds()) / 60
    return Change(phrase, at, {"time": after.at.isoformat(), "minutes": str(round(minutes))})


def _name(choice: Choice | None) -> str:
    """Name a place; one's own upper floor is a phrase, marked so that each reader gets it in their language."""
    if choice is None:
        return ""
    return PHRASE + "kind.upstairs" if choice.destination.kind is Kind.UPSTAIRS else choice.destination.name
