"""How fast a channel goes: never more than it allows, a rest where it asks for one, and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from disaster_hub.jobs.pace import DOUBTED_S, FIRST_REST_S, LONGEST_REST_S, Bucket, Rest, Steady

NOON = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)


def test_without_a_limit_nobody_waits() -> None:
    bucket = Bucket(0)
    assert [bucket.take(0.0) for _ in range(10_000)] == [0.0] * 10_000


@given(rate=some.floats(0.2, 5000), gaps=some.lists(some.floats(0, 3, allow_nan=False), min_size=1, max_size=200))
def test_never_more_than_a_burst_and_the_rate(rate: float, gaps: list[float]) -> None:
    bucket, now, used = Bucket(rate), 100.0, []
    for gap in gaps:
        now += gap
        now += bucket.take(now)
        used.append(now)
    full = max(1.0, rate)
    for n, begin in enumerate(used):
        for m in range(n, len(used)):
            assert m - n + 1 <= full + rate * (used[m] - begin) + 1.001


def test_what_was_not_used_counts_for_a_second_only() -> None:
    bucket = Bucket(10)
    assert [bucket.take(0.0) for _ in range(10)] == [0.0] * 10
    assert bucket.take(0.0) == pytest.approx(0.1)
    assert bucket.take(1000.0) == 0.0
    assert sum(bucket.take(1000.0) == 0.0 for _ in range(20)) == 9


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    bucket = Bucket(10)
    for _ in range(10):
        bucket.take(50.0)
    assert bucket.take(0.0) == pytest.approx(0.1)


class TestRest:
    def test_it_is_as_long_as_was_asked_but_nobody_silences_a_channel_for_good(self) -> None:
        rest = Rest()
        rest.begin(0.0, 7)
        assert (rest.left(0.0), rest.left(6.0), rest.left(8.0)) == (7.0, 1.0, 0.0)
        rest.begin(10.0, 1e9)
        assert rest.left(10.0) == LONGEST_REST_S

    def test_it_grows_where_nothing_was_asked_and_ends_with_the_first_success(self) -> None:
        rest, now, seen = Rest(), 0.0, []
        for _ in range(9):
            rest.begin(now, None)
            seen.append(rest.left(now))
            now = rest.until
        assert seen[:4] == [FIRST_REST_S * 2**n for n in range(4)]
        assert seen[-1] == LONGEST_REST_S
        assert rest.knocking
        rest.over()
        assert (rest.knocking, rest.left(now)) == (False, 0.0)
        rest.begin(now, None)
        assert rest.left(now) == FIRST_REST_S

    def test_those_who_were_under_way_together_count_once(self) -> None:
        rest = Rest()
        for _ in range(50):
            rest.begin(1.0, None)
        assert rest.left(1.0) == FIRST_REST_S


class Clock:
    """A wall clock that can be put forward and back, beside ticks that cannot."""

    def __init__(self) -> None:
        self.tick, self.off = 0.0, timedelta(0)
        self.steady = Steady(self.wall, lambda: self.tick)

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.tick) + self.off

    def seen(self, seconds: float) -> timedelta:
        """Give how far the steady clock is from true time after so many seconds, looking often."""
        for _ in range(int(seconds * 4)):
            self.tick += 0.25
            last = self.steady.now()
        return last - NOON - timedelta(seconds=self.tick)


def test_a_glitch_is_not_believed_and_a_lasting_jump_is() -> None:
    clock = Clock()
    assert clock.seen(5) == timedelta(0)
    for jump in (timedelta(hours=7), -timedelta(hours=7)):
        clock.off = jump
        assert clock.seen(DOUBTED_S - 1) == timedelta(0)
        clock.off = timedelta(0)
        assert clock.seen(60) == timedelta(0)
    clock.off = -timedelta(hours=1)
    assert clock.seen(DOUBTED_S + 1) == -timedelta(hours=1)
    assert clock.steady.went_back


def test_a_clock_that_is_set_right_slowly_is_followed() -> None:
    clock = Clock()
    for n in range(100):
        clock.off = timedelta(seconds=n / 10)
        assert abs(clock.seen(1) - clock.off) < timedelta(seconds=1)
    assert not clock.steady.went_back
