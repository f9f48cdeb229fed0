"""The countdown never grows longer: more water, closed roads, a slower pace, a later now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.terms.household import Home, Household
from disaster_hub.terms.way import LeaveBy, Outlook, ShelterState, Word
from tests.timelines.square import NOW, arrival, flood, spot, square, town
from timelines.outlook import State, outlook
from timelines.town import Town

LINKS = [f.id for f in square()]
CELLS = [(x, y) for x in range(3) for y in range(3)]
SEVERE = {Word.LEAVE_BY: 0, Word.LEAVE_AT_LEVEL: 0, Word.LEAVE_NOW: 1, Word.GO_UP: 2}
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def times(minutes: list[int]) -> Town:
    """Build the town whose flood comes cell by cell."""
    cells = [
        arrival(m, west=100 * x - 50, south=200 * y - 50, east=100 * x + 50, north=200 * y + 150)
        for m, (x, y) in zip(minutes, CELLS, strict=True)
    ]
    return town(arrivals=cells)


MINUTES = st.lists(st.integers(0, 240), min_size=9, max_size=9)
SPOT = st.tuples(st.integers(0, 245), st.integers(0, 500))
CLOSED = st.frozensets(st.sampled_from(LINKS), max_size=6)


def look(here: Town, at: tuple[int, int], state: State, pace: int = 600) -> Outlook:
    return outlook(here, Home(spot(*at)), Household(ten_minutes_m=pace), state)


def no_longer(before: LeaveBy, after: LeaveBy) -> None:
    assert SEVERE[after.word] >= SEVERE[before.word], (before, after)
    if after.word is Word.LEAVE_BY and before.word is Word.LEAVE_BY:
        assert (after.at or LATEST) <= (before.at or LATEST)


@pytest.mark.slow
@given(MINUTES, SPOT, CLOSED, CLOSED, st.integers(0, 90))
@settings(max_examples=60, deadline=None)
def test_closed_roads(
    minutes: list[int], at: tuple[int, int], closed: frozenset[str], more: frozenset[str], zero: int
) -> None:
    here = times(minutes)
    state = State(NOW, closed=closed, waters=(flood(zero),))
    no_longer(look(here, at, state).leave, look(here, at, replace(state, closed=closed | more)).leave)


@pytest.mark.slow
@given(MINUTES, SPOT, CLOSED, st.integers(0, 90), st.sampled_from(["east", "north"]))
@settings(max_examples=40, deadline=None)
def test_closed_shelters(minutes: list[int], at: tuple[int, int], closed: frozenset[str], zero: int, shut: str) -> None:
    here = times(minutes)
    state = State(NOW, closed=closed, waters=(flood(zero),))
    after = replace(state, shelters={shut: ShelterState.FULL})
    no_longer(look(here, at, state).leave, look(here, at, after).leave)


@pytest.mark.slow
@given(MINUTES, SPOT, st.lists(st.integers(0, 60), min_size=9, max_size=9), st.integers(0, 90), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_more_water(minutes: list[int], at: tuple[int, int], sooner: list[int], zero: int, earlier: int) -> None:
    state = State(NOW, waters=(flood(zero),))
    worse = times([max(0, a - b) for a, b in zip(minutes, sooner, strict=True)])
    before = look(times(minutes), at, state).leave
    no_longer(before, look(worse, at, state).leave)
    no_longer(before, look(times(minutes), at, replace(state, waters=(flood(zero - earlier),))).leave)


@pytest.mark.slow
@given(MINUTES, SPOT, st.integers(0, 90), st.integers(0, 180), st.integers(100, 600), st.integers(0, 500))
@settings(max_examples=60, deadline=None)
def test_later_and_slower(
    minutes: list[int], at: tuple[int, int], zero: int, later: int, pace: int, slower: int
) -> None:
    here = times(minutes)
    state = State(NOW, waters=(flood(zero),))
    before = look(here, at, state, pace).leave
    no_longer(before, look(here, at, replace(state, now=NOW + timedelta(minutes=later)), pace).leave)
    no_longer(before, look(here, at, state, max(20, pace - slower)).leave)
    no_longer(before, look(here, at, replace(state, night=True), pace).leave)
