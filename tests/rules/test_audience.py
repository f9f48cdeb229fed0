"""Whom an alert is for: each question settles it alone, and what is not known keeps nobody's message away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from disaster_hub.rules.audience import Facts, because
from disaster_hub.terms.alert import Audience, Because, Brief
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.way import Word

BRIEF = Brief(1, "ja", Word.LEAVE_NOW, hazards=(Hazard.FLOOD,), needs=(Need.ELDER,), leave_level=3)
HERE = Facts(inside=True, brief=BRIEF, channels=("line",))
NOW = datetime(2026, 9, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "facts", "reason"),
    [
        (Audience(), HERE, Because.CHOSEN),
        (Audience(), replace(HERE, channels=()), Because.NO_CHANNEL),
        (Audience(), replace(HERE, inside=False), Because.OUTSIDE),
        (Audience(), replace(HERE, planned=False, brief=None), Because.NO_PLAN),
        (Audience(), replace(HERE, brief=None), Because.UNREADABLE),
        (Audience(hazards=frozenset({Hazard.FLOOD})), HERE, Because.CHOSEN),
        (Audience(hazards=frozenset({Hazard.SURGE})), HERE, Because.HAZARD),
        (Audience(leave_levels=frozenset({4})), HERE, Because.PLAN_LEVEL),
        (Audience(leave_levels=frozenset({3, 4})), HERE, Because.CHOSEN),
        (Audience(needs=frozenset({Need.ELDER, Need.CARE})), HERE, Because.CHOSEN),
        (Audience(needs=frozenset({Need.CARE})), HERE, Because.NEEDS),
        (Audience(), replace(HERE, told=True), Because.DOUBLE),
        (Audience(), replace(HERE, told=True, channels=()), Because.DOUBLE),
    ],
)
def test_each_question_settles_it(wanted: Audience, facts: Facts, reason: Because) -> None:
    assert because(wanted, facts) is reason


def test_a_hazard_of_which_no_zone_is_loaded_keeps_nobody_out() -> None:
    unknown = replace(BRIEF, hazards=(), unknown=(Hazard.SURGE,))
    wanted = Audience(hazards=frozenset({Hazard.SURGE}))
    assert because(wanted, replace(HERE, brief=unknown)) is Because.CHOSEN
    assert because(wanted, replace(HERE, brief=replace(unknown, unknown=()))) is Because.HAZARD
