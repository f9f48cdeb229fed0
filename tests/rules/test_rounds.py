"""The order of a round: never seen first, then the longest overdue; nothing rests while the level is not known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from disaster_hub.rules import shelters
from disaster_hub.rules.rounds import round_of, standing
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.rounds import CheckPoint, Due, Look
from disaster_hub.terms.shelter import Headcount, Word
from disaster_hub.terms.way import ShelterState

MINUTE = timedelta(minutes=1)


def point(name: str, every: int = 60, level: int = 2, turn: int = 0) -> CheckPoint:
    return CheckPoint(name, name, LonLat(139.3, 38.9), "", "", every, level, turn)


def look(name: str, at: datetime, *, fine: bool = True) -> Look:
    return Look(f"l-{name}", name, at, at, "yamada", fine)


def test_what_nobody_has_seen_comes_first_then_the_longest_overdue(now: datetime) -> None:
    points = [point(name, turn=n) for n, name in enumerate(("seen", "late", "later", "odd", "never", "rests"))]
    points[5] = point("rests", level=4)
    looks = {
        "seen": look("seen", now - 10 * MINUTE),
        "late": look("late", now - 70 * MINUTE),
        "later": look("later", now - 100 * MINUTE),
        "odd": look("odd", now - 5 * MINUTE, fine=False),
    }
    rows = round_of(points, looks, 3, now - 720 * MINUTE, now)
    assert [(row.point.name, row.due) for row in rows] == [
        ("never", Due.NEVER), ("later", Due.OVERDUE), ("late", Due.OVERDUE), ("odd", Due.ODD),
        ("seen", Due.SEEN), ("rests", Due.RESTING),
    ]  # fmt: skip


@pytest.mark.parametrize(("level", "due"), [(1, Due.RESTING), (2, Due.NEVER), (5, Due.NEVER), (None, Due.NEVER)])
def test_the_level_wakes_a_check_point_and_not_known_wakes_it_too(now: datetime, level: int | None, due: Due) -> None:
    assert standing(point("p"), None, level, None, now).due is due


def test_what_was_seen_before_this_event_says_nothing_about_tonight(now: datetime) -> None:
    row = standing(point("p", every=1440), look("p", now - 800 * MINUTE), 3, now - 720 * MINUTE, now)
    assert row.due is Due.NEVER
    assert row.last is not None, "it is still shown when it was last seen"


def test_on_the_minute_it_is_not_late_yet(now: datetime) -> None:
    assert standing(point("p"), look("p", now - 60 * MINUTE), 3, None, now).due is Due.SEEN
    assert standing(point("p"), look("p", now - 61 * MINUTE), 3, None, now).due is Due.OVERDUE


def test_an_open_shelter_that_is_silent_for_an_hour_is_stale_and_a_shut_one_is_not(now: datetime) -> None:
    word = Word(ShelterState.OPEN, now - 90 * MINUTE, "yamada")
    count = Headcount(40, None, now - 10 * MINUTE, "yamada")
    assert shelters.stale(word, None, now)
    assert not shelters.stale(word, count, now), "a count is a sign of life too"
    assert shelters.old_count(word, Headcount(40, None, now - 61 * MINUTE, "yamada"), now)
    assert not shelters.stale(Word(ShelterState.CLOSED, now - 600 * MINUTE, "yamada"), None, now)
    assert not shelters.stale(None, None, now), "nothing was said: not known, which is shown as that"
