"""The city's own readings, and what their silence means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.rules import water
from disaster_hub.rules.water import Own, OwnState, judge, trend
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality
from tests.rules.said import at

OWN = Own(interval_s=600, interval_low_s=86_400, start=0.5, near=1.0, met=1.5)
RANK = {Judgement.NOT_MET: 0, Judgement.NEAR: 1, Judgement.MET: 2}


def reading(minutes: float, value: float | None, quality: Quality = Quality.OK) -> Observation:
    return Observation("fe99000000000001", "water_level", at(minutes), value, "m", quality)


def rank(state: OwnState) -> float:
    """How worried a person should be: silence when high above everything."""
    if state.state is Judgement.NOT_KNOWN:
        return 3 if state.danger else 0.5
    return RANK[state.state]


@pytest.mark.parametrize(
    ("value", "state"), [(0.2, Judgement.NOT_MET), (1.0, Judgement.NEAR), (1.49, Judgement.NEAR), (1.5, Judgement.MET)]
)
def test_thresholds_are_reached_at_their_value(value: float, state: Judgement) -> None:
    assert judge(OWN, [reading(0, value)], at(5)).state is state


def test_since_is_the_begin_of_the_unbroken_run() -> None:
    seen = [reading(0, 1.6), reading(10, 1.2), reading(20, 1.5), reading(30, None, Quality.MISSING), reading(40, 1.7)]
    assert judge(OWN, seen, at(41)).since == at(20)
    assert judge(OWN, seen[::-1], at(41)).since == at(20)


def test_silence_when_high_is_danger_after_two_intervals() -> None:
    seen = [reading(0, 1.2)]
    assert judge(OWN, seen, at(20)).state is Judgement.NEAR
    silent = judge(OWN, seen, at(20.1))
    assert (silent.state, silent.danger, silent.since) == (Judgement.NOT_KNOWN, True, at(0))
    assert "1.20" in silent.reason


def test_silence_above_the_start_height_is_danger_though_no_threshold_is_met() -> None:
    assert judge(OWN, [reading(0, 0.6)], at(21)).danger


def test_silence_when_low_is_normal_for_a_day() -> None:
    seen = [reading(0, 0.2)]
    assert judge(OWN, seen, at(0) + timedelta(hours=47)).state is Judgement.NOT_MET
    silent = judge(OWN, seen, at(0) + timedelta(hours=49))
    assert (silent.state, silent.danger) == (Judgement.NOT_KNOWN, False)


def test_a_device_without_thresholds_raises_no_alarm_by_its_silence() -> None:
    silent = judge(Own(600), [reading(0, 12.0)], at(60))
    assert (silent.state, silent.danger) == (Judgement.NOT_KNOWN, False)


def test_a_reading_from_the_future_does_not_keep_a_dead_device_alive() -> None:
    seen = [reading(0, 1.6), reading(60 * 24 * 365, 0.1)]
    assert judge(OWN, seen, at(5)).state is Judgement.MET
    assert judge(OWN, seen, at(30)).danger


def test_what_is_not_ok_is_not_a_value() -> None:
    assert judge(OWN, [reading(0, None, Quality.MISSING)], at(1)).state is Judgement.NOT_KNOWN
    assert judge(OWN, [reading(0, 9.9, Quality.SUSPECT)], at(1)).state is Judgement.NOT_KNOWN
    assert judge(OWN, [], at(1)).since is None


def test_trend() -> None:
    assert trend([reading(0, 1.0), reading(30, 1.2)], at(40)) == "rising"
    assert trend([reading(0, 1.2), reading(30, 1.0)], at(40)) == "falling"
    assert trend([reading(0, 1.0), reading(30, 1.02)], at(40)) == "steady"
    assert trend([reading(0, 1.0)], at(1)) is None
    assert trend([reading(0, 1.0), reading(30, 1.2)], at(95)) is None


LEVEL = st.floats(-1, 5, allow_nan=False)
AGE = st.floats(0, 60 * 24 * 4)


@given(LEVEL, st.floats(0, 3), AGE)
def test_more_water_is_never_less_danger(value: float, more: float, age: float) -> None:
    low, high = (judge(OWN, [reading(0, v)], at(age)) for v in (value, value + more))
    assert rank(high) >= rank(low)


@given(LEVEL, AGE, AGE)
def test_silence_never_lowers_danger(value: float, age: float, longer: float) -> None:
    seen = [reading(-10, value), reading(0, value)]
    assert rank(judge(OWN, seen, at(age + longer))) >= rank(judge(OWN, seen, at(age)))


@given(st.lists(st.tuples(st.integers(0, 300), LEVEL), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(pairs: list[tuple[int, float]], random) -> None:
    seen = [reading(m, v) for m, v in dict(pairs).items()]
    shuffled = random.sample(seen, k=len(seen))
    assert judge(OWN, shuffled, at(310)) == judge(OWN, seen, at(310))


def test_stale_is_older_than_twice_the_interval() -> None:
    assert not water.stale(at(0), 600, at(20))
    assert water.stale(at(0), 600, at(20.01))
    assert water.stale(None, 600, at(0))


def test_a_sensor_that_is_worked_on_counts_for_nothing() -> None:
    own = replace(OWN, maintained=True)
    for value in (0.1, 99.0):
        said = judge(own, [reading(0, value)], at(0))
        assert (said.state, said.danger) == (Judgement.NOT_KNOWN, False)
    silent = judge(own, [reading(0, 2.0)], at(600))
    assert (silent.state, silent.danger) == (Judgement.NOT_KNOWN, False)
