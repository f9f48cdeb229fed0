"""A gauge against its thresholds: the time to the next one, silence when high or rising, crossings up and down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.rules.gauges import Above, Ahead, Gauge, Standing, crossings, look
from disaster_hub.rules.water import Own
from disaster_hub.terms.observation import Basis, Observation
from disaster_hub.terms.quantity import Quality

NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
MARKS = {"standby": 1.0, "advisory": 2.0, "judgement": 2.5, "danger": 3.0}
OWN = Own(600)


def seen(minutes: float, value: float | None, quality: Quality = Quality.OK) -> Observation:
    return Observation("g", "water_level", NOW - timedelta(minutes=minutes), value, "m", quality)


def ahead(minutes: float, value: float | None, *, issued: float = 20) -> Observation:
    at, by = NOW + timedelta(minutes=minutes), NOW - timedelta(minutes=issued)
    return Observation("g", "water_level", at, value, "m", basis=Basis.FORECAST, issued_at=by)


def gauge(*values: float, last: float = 5, **more) -> Gauge:
    hour = [seen(last + 10 * n, value) for n, value in enumerate(reversed(values))][::-1]
    return Gauge(more.pop("own", OWN), more.pop("marks", MARKS), hour[-1], hour, **more)


def test_the_next_mark_is_the_lowest_one_above_the_reading() -> None:
    said = look(gauge(1.5), NOW)
    assert (said.reached, said.mark, said.standing) == ("standby", "advisory", Standing.MEASURED)
    assert said.distance == pytest.approx(0.5)


def test_official_words_go_before_the_rule_of_thumb() -> None:
    one = gauge(1.2, 1.4, 1.6, 1.8, ahead=[ahead(60, 1.9), ahead(120, 2.1)])
    said = look(one, NOW)
    assert said.basis is Ahead.FORECAST
    assert said.at == NOW + timedelta(minutes=60), "it may be there from the step before"
    assert said.by == NOW + timedelta(minutes=120)


def test_an_official_forecast_that_stays_below_is_said_and_no_thumb_is_held_against_it() -> None:
    said = look(gauge(1.2, 1.4, 1.6, 1.8, ahead=[ahead(60, 1.9), ahead(120, 1.9)]), NOW)
    assert (said.standing, said.at, said.beyond) == (Standing.MEASURED, None, NOW + timedelta(minutes=120))


def test_steps_that_are_missing_do_not_say_that_it_stays_below() -> None:
    said = look(gauge(1.5, ahead=[ahead(60, None), ahead(120, 1.9)]), NOW)
    assert said.beyond is None
    assert said.basis is Ahead.NONE


def test_without_a_forecast_the_last_hours_rise_is_drawn_out() -> None:
    said = look(gauge(1.4, 1.5, 1.6, 1.7, 1.8), NOW)
    assert said.basis is Ahead.GUIDE
    assert said.at == NOW + timedelta(minutes=15), "0.2 m more at 0.1 m in ten minutes, from the reading on"


@pytest.mark.parametrize("values", [(1.8, 1.7, 1.6), (1.8, 1.8, 1.8), (1.8,), (1.78, 1.8)])
def test_what_does_not_rise_for_long_enough_gives_no_time(values) -> None:
    assert look(gauge(*values), NOW).at is None


def test_above_every_mark_it_says_so() -> None:
    said = look(gauge(3.2), NOW)
    assert (said.standing, said.reached, said.mark) == (Standing.ABOVE_ALL, "danger", None)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (gauge(2.1, last=21), Standing.SILENT_DANGER),
        (gauge(0.2, 0.4, 0.6, last=21), Standing.SILENT_DANGER),
        (gauge(0.2, 0.2, 0.2, last=21), Standing.SILENT),
        (gauge(2.1, last=19), Standing.MEASURED),
        (gauge(0.6, last=21, own=Own(600, 86_400, 0.5)), Standing.SILENT_DANGER),
        (gauge(0.4, last=60 * 23, own=Own(600, 86_400, 0.5)), Standing.MEASURED),
        (gauge(0.1, 0.2, 0.4, last=60 * 49, own=Own(600, 86_400, 0.5)), Standing.SILENT),
        (gauge(2.1, last=21, own=Own(600, maintained=True)), Standing.AT_WORK),
    ],
    ids=["high", "rising", "low", "not late yet", "above start", "a low day", "two low days", "at work"],
)
def test_silence_is_danger_when_high_or_rising_and_normal_when_low(one: Gauge, standing: Standing) -> None:
    assert look(one, NOW).standing is standing


def test_the_board_puts_unknown_danger_first_then_the_shortest_time() -> None:
    silent = look(gauge(2.1, last=21), NOW)
    over, soon = look(gauge(3.5), NOW), look(gauge(1.4, 1.6, 1.8), NOW)
    later, near, far = look(gauge(1.2, 1.3, 1.4), NOW), look(gauge(1.9), NOW), look(gauge(1.1), NOW)
    assert sorted([far, near, later, soon, over, silent], key=lambda one: one.key()) == [
        silent, over, soon, later, near, far,
    ]  # fmt: skip


def test_a_mark_is_crossed_once_up_and_once_down_and_a_small_dip_is_none() -> None:
    above = Above()
    values = [1.9, 2.0, 1.98, 2.01, 1.94, 2.0]
    found = crossings(above, {"advisory": 2.0, "start": 0.5}, [seen(60 - 10 * n, v) for n, v in enumerate(values)])
    assert [(one.mark, one.up, one.seen.value) for one in found] == [
        ("advisory", True, 2.0), ("advisory", False, 1.94), ("advisory", True, 2.0),
    ]  # fmt: skip


def test_a_reading_that_is_no_good_crosses_nothing() -> None:
    assert crossings(Above(), MARKS, [seen(10, 26.48, Quality.SUSPECT), seen(5, None)]) == []


@given(st.lists(st.floats(0, 4), min_size=1, max_size=30), st.integers(0, 30))
def test_crossings_do_not_depend_on_how_the_readings_were_cut(values: list[float], cut: int) -> None:
    readings = [seen(300 - n, v) for n, v in enumerate(values)]
    whole, parts = Above(), Above()
    at_once = crossings(whole, MARKS, readings)
    in_parts = crossings(parts, MARKS, readings[:cut]) + crossings(parts, MARKS, readings[cut:])
    assert at_once == in_parts
    assert whole == parts
