"""What stands on top of the watch board, and which page comes first for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disaster_hub.desk.watch import DecideLine
from disaster_hub.portal.hq import nav
from disaster_hub.portal.hq.watch import chosen_deadlines
from disaster_hub.terms.decision import DecideBy, DecideByBasis
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.role import Role

NOW = datetime(2026, 9, 18, 11, 35, tzinfo=UTC)


def line(minutes: int, level: int = 4) -> DecideLine:
    at = NOW + timedelta(minutes=minutes)
    said = DecideBy(f"A{minutes}", Hazard.FLOOD, at, DecideByBasis.PLANS, night=True)
    return DecideLine(said, said.area, "洪水", level, None)


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        ((-40, -30, -20, -10, 5, 25), (-40, -30, 5)),
        ((-40, -30, -20), (-40, -30, -20)),
        ((-40, 5, 25, 50), (-40, 5, 25)),
        ((5,), (5,)),
        ((), ()),
    ],
)
def test_the_next_minute_that_can_be_met_is_always_on_top(minutes: tuple[int, ...], shown: tuple[int, ...]) -> None:
    assert chosen_deadlines([line(m) for m in minutes], NOW) == [line(m) for m in shown]


def test_of_minutes_that_are_over_the_gravest_stands_first() -> None:
    late, worst = line(-200), line(-20, 5)
    assert chosen_deadlines([late, line(-100), worst], NOW)[:2] == [worst, late]


@pytest.mark.parametrize(
    ("role", "first"), [(Role.FIELD, True), (Role.LEADER, True), (Role.AUTHOR, False), (None, False)]
)
def test_on_the_road_the_form_for_what_one_sees_comes_first(role: Role | None, first: bool) -> None:
    found = [nav.Page("hq_watch.watch", "監視盤"), nav.Page(nav.FIELD, "現場の報告", kept=True)]
    ordered = nav.in_order(found, role)
    assert (ordered[0].endpoint == nav.FIELD, ordered[0].kept) == (first, False)
