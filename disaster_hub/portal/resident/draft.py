"""A plan in the making: what was answered so far, kept after every page so that nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Destination, Home, Household, Plan
from disaster_hub.terms.place import LonLat

LAST = 8
"""The steps of the journey, as the progress counts them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers so far, and which of the eight questions have been answered."""

    plan: Plan
    done: frozenset[int] = frozenset()
    place: str = ""
    """Id of the chosen block in the address book; empty where the phone's position or the pin said it."""
    typed: str = ""
    """What was typed to find the address, until a block is chosen."""
    near: LonLat | None = None
    """Where the address or the phone put the pin, before it was moved."""
    number: int | None = None
    """Version of the saved plan that is being changed; None for a new one."""
    tests: Mapping[str, str] = field(default_factory=dict)
    """Test messages on their way: the name under which the phone knows one → the contact that it proves."""

    @property
    def next_step(self) -> int:
        """Give the first question that is not answered yet."""
        return next((n for n in range(1, LAST) if n not in self.done), LAST)

    def after(self, step: int, plan: Plan | None = None, **changes: Any) -> Draft:
        """Give the draft after *step* was answered with *plan*."""
        return replace(self, plan=plan or self.plan, done=self.done | {step}, **changes)

    def at_home(self, **changes: Any) -> Plan:
        """Give the plan with another home."""
        return replace(self.plan, home=replace(self.plan.home, **changes))

    def of_people(self, **changes: Any) -> Plan:
        """Give the plan with another household."""
        return replace(self.plan, household=replace(self.plan.household, **changes))


def begin(middle: LonLat, language: str, made_for: str = "self") -> Draft:
    """Begin a draft; its point is the city's middle until the pin is confirmed (step 2)."""
    return Draft(Plan(Home(middle), Household(), made_for=made_for, language=language))


def of_plan(plan: Plan, number: int) -> Draft:
    """Open a saved plan for changing: every question is answered already."""
    return Draft(plan, frozenset(range(1, LAST + 1)), number=number)


def write(draft: Draft) -> dict[str, Any]:
    """Give the draft as plain JSON values."""
    said: dict[str, Any] = msgspec.to_builtins(draft, str_keys=True)
    return said


def read(said: Mapping[str, Any]) -> Draft:
    """Read what `write` gave; fields that a later version added are passed over."""
    try:
        return msgspec.convert(dict(said), Draft, str_keys=True, strict=False)
    except msgspec.ValidationError as fault:
        raise BadInput(f"draft: {fault}") from fault


def same_place(one: Destination | None, other: Destination | None) -> bool:
    """Tell whether two wishes mean the same place."""
    if one is None or other is None:
        return one is other
    return (one.kind, one.shelter, one.name) == (other.kind, other.shelter, other.name)
