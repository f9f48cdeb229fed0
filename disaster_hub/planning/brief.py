"""The brief of a plan: the few things of it that a message says, taken out of the plan and of what was reckoned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from disaster_hub.terms.alert import Brief
from disaster_hub.terms.hazard import Danger, Hazard, Known
from disaster_hub.terms.household import Kind, PlanVersion
from disaster_hub.terms.way import Outlook, Turn, Word

FIRST_TURNS = 3
"""So many turns from the door, and the last one: the paper and the page have them all."""


def brief_of(saved: PlanVersion, found: Outlook, cause: str, unknown: Collection[Hazard] = ()) -> Brief:
    """Take the brief out of a plan and its outlook, reckoned in the state of the digest *cause*."""
    plan, leave = saved.plan, found.leave
    first = found.first
    there = first is not None and first.destination.kind is not Kind.UPSTAIRS
    way = first.way if first is not None and there else None
    return Brief(
        version=saved.number,
        language=plan.language,
        word=leave.word,
        leave_at=leave.at,
        leave_level=plan.leave_level,
        place=first.destination.name if first is not None and there else "",
        upper_floors=first is not None and there and first.destination.upper_floors,
        turns=_few(way.turns) if way is not None else (),
        metres=way.metres if way is not None else 0.0,
        minutes=way.minutes if way is not None else 0.0,
        hazards=tuple(found.hazards),
        needs=tuple(sorted(plan.household.needs)),
        people=plan.household.people,
        helper=bool(plan.helper.strip()),
        until=leave.until,
        upstairs_ok=found.upstairs.allowed,
        cause=cause,
        storeys=plan.home.storeys,
        unknown=tuple(h for h in Hazard if h in unknown and h not in found.hazards),
    )


def not_reckoned(saved: PlanVersion) -> Brief:
    """Give the brief of a plan for which nothing was reckoned: every hazard may concern it, no minute is known."""
    plan = saved.plan
    return Brief(
        version=saved.number,
        language=plan.language,
        word=Word.NO_WAY_KNOWN,
        leave_level=plan.leave_level,
        needs=tuple(sorted(plan.household.needs)),
        people=plan.household.people,
        helper=bool(plan.helper.strip()),
        storeys=plan.home.storeys,
        unknown=tuple(Hazard),
    )


def without_minute(brief: Brief) -> Brief:
    """Give the brief of a plan that may be reckoned for another state: no minute of it is said.

    The earliest of its minutes still turns the word to "up, not out": it may only come sooner than that.
    """
    if brief.leave_at is None and brief.until is None:
        return brief
    word = Word.LEAVE_NOW if brief.word is Word.LEAVE_BY else brief.word
    until = min((moment for moment in (brief.until, brief.leave_at) if moment is not None), default=None)
    return replace(brief, word=word, leave_at=None, until=until, unsure=True)


def unknown_of(dangers: Sequence[Danger]) -> frozenset[Hazard]:
    """Name the hazards of which no zone is loaded around a home."""
    return frozenset(one.hazard for one in dangers if one.known is Known.NO_DATA)


def _few(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    return tuple(turns) if len(turns) <= FIRST_TURNS + 1 else (*turns[:FIRST_TURNS], turns[-1])
