"""The latest minute to issue: whose time it rests on, what it never does, and what the room's log hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from disaster_hub.desk.decide_by import MOST_SLOWEST, Resident, decided, held
from disaster_hub.desk.household_minutes import Leaving
from disaster_hub.store.decide_bys import Said
from disaster_hub.terms.decision import DELIVERY_MIN, DecideBy, DecideByBasis, EvacuationArea
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Basis, Water

HERE = LonLat(139.3, 38.9)
NOON = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
"""12:00 in Japan; the sun sets at about 17:45."""
NIGHT = NOON + timedelta(hours=8)
FLOOD, INLAND = Hazard.FLOOD, Hazard.INLAND


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def area(day: int | None = None, night: int | None = None) -> EvacuationArea:
    return EvacuationArea("R1", "右岸", box(139.2, 38.8, 139.4, 39.0), frozenset({FLOOD}), day, night)


def water(zero: datetime | None, **more: object) -> Water:
    basis = Basis.UNKNOWN if zero is None else Basis.FORECAST
    return Water(FLOOD, "990099000100", zero, basis, "台", **more)  # type: ignore[arg-type]


def home(
    name: str, out: datetime | None, prepare: int = 30, by: Hazard = FLOOD, *, stuck: bool = False, goes: bool = True
) -> Resident:
    return Resident(name, Leaving(goes, frozenset({FLOOD}), by, out, prepare, stuck), frozenset({FLOOD, INLAND}))


def said(one: EvacuationArea, zero: datetime | None, *homes: Resident, now: datetime = NOON) -> DecideBy:
    return decided(one, FLOOD, water(zero), homes, now, HERE)[0]


def test_the_slowest_household_decides_and_getting_ready_and_being_told_are_in_it() -> None:
    slow, quick = home("slow", NOON + hours(2), 45), home("quick", NOON + hours(2), 10)
    found = said(area(), NOON + hours(3), quick, slow)
    assert found.at == NOON + hours(2) - timedelta(minutes=45 + DELIVERY_MIN)
    assert (found.basis, found.homes, found.late, found.night) == (DecideByBasis.PLANS, 2, 0, False)
    assert [name for name, _ in found.slowest] == ["slow", "quick"]
    assert "最も遅い家" in found.why


def test_without_plans_the_citys_own_time_counts_by_day_and_by_night() -> None:
    by_day = said(area(40, 60), NOON + hours(3))
    assert by_day.at == NOON + hours(3) - timedelta(minutes=40 + DELIVERY_MIN)
    assert (by_day.basis, by_day.night) == (DecideByBasis.CITY, False)
    by_night = said(area(40, 60), NIGHT)
    assert by_night.at == NIGHT - timedelta(minutes=60 + DELIVERY_MIN)
    assert by_night.night
    assert "夜 60 分" in by_night.why
    dusk = said(area(40, 60), NOON + hours(6))
    assert dusk.at == NOON + hours(6) - timedelta(minutes=60 + DELIVERY_MIN), (
        "whoever arrives in the dark walks by night"
    )


def test_a_time_for_the_day_says_nothing_of_the_night_and_one_for_the_night_will_do_by_day() -> None:
    found = said(area(40, None), NIGHT)
    assert (found.at, found.basis) == (None, DecideByBasis.NOT_KNOWN)
    assert "夜の避難所要時間" in found.why
    assert said(area(None, 60), NOON + hours(3)).at == NOON + hours(3) - timedelta(minutes=60 + DELIVERY_MIN)


def test_of_both_the_earlier_wins_and_both_are_said() -> None:
    plans = said(area(40, 60), NOON + hours(3), home("a", NOON + hours(1)))
    assert plans.basis is DecideByBasis.PLANS
    city = said(area(170, 170), NOON + hours(3), home("a", NOON + hours(2)))
    assert city.basis is DecideByBasis.CITY
    assert city.at == NOON + hours(3) - timedelta(minutes=170 + DELIVERY_MIN)
    for found in (plans, city):
        assert "最も遅い家" in found.why
        assert "市の避難所要時間" in found.why


@pytest.mark.parametrize("stale", [True, False])
def test_without_official_word_there_is_no_minute_and_the_reason_is_said(stale: bool) -> None:
    found, _ = decided(area(40, 60), FLOOD, water(None, stale=stale), [home("a", None)], NOON, HERE)
    assert (found.at, found.basis, found.zero, found.homes) == (None, DecideByBasis.NOT_KNOWN, None, 1)
    assert ("届いていない" if stale else "公式に発表されていない") in found.why


def test_who_stays_needs_no_minute_and_who_has_no_way_is_late_at_once() -> None:
    stays = home("stays", NOON, goes=False)
    found = said(area(), NOON + hours(3), stays, home("stuck", None, stuck=True), home("a", NOON + hours(2)))
    assert (found.homes, found.late) == (2, 1)
    assert found.at == NOON + hours(2) - timedelta(minutes=30 + DELIVERY_MIN)


def test_late_are_those_whose_own_minute_has_passed() -> None:
    homes = [home(f"{n}", NOON + timedelta(minutes=35 + n), 30) for n in range(10)]
    assert said(area(), NOON + hours(3), *homes, now=NOON).late == 0
    assert said(area(), NOON + hours(3), *homes, now=NOON + timedelta(minutes=5, seconds=1)).late == 6


def test_a_home_whose_way_ends_by_other_water_counts_there_and_is_late_here_too() -> None:
    rain = home("rain", NOON + timedelta(minutes=20), by=INLAND)
    found = said(area(), NOON + hours(3), rain, home("a", NOON + hours(2)))
    assert found.at == NOON + hours(2) - timedelta(minutes=30 + DELIVERY_MIN)
    assert found.late == 1
    alone = Resident("rain", rain.leaving, frozenset({FLOOD}))
    found = said(area(), NOON + hours(3), alone, home("a", NOON + hours(2)))
    assert found.at == NOON + timedelta(minutes=20 - 30 - DELIVERY_MIN), "no other row stands for it"
    assert "内水氾濫で先に切れます" in found.why


def test_no_more_than_twenty_are_named() -> None:
    homes = [home(f"{n:03}", NOON + timedelta(minutes=n)) for n in range(50)]
    found = said(area(), NOON + hours(3), *homes)
    assert [name for name, _ in found.slowest] == [f"{n:03}" for n in range(MOST_SLOWEST)]


def test_an_area_without_shape_or_times_says_what_is_missing() -> None:
    bare = EvacuationArea("R1", "右岸", None, frozenset({FLOOD}))
    assert "区域の形が読み込まれておらず" in said(bare, NOON + hours(3)).why


MINUTE = st.integers(-300, 300).map(lambda n: NOON + timedelta(minutes=n))
WORDS = st.sampled_from(["first", "newer", "newest"])


@given(st.lists(st.tuples(WORDS, st.none() | MINUTE), min_size=1, max_size=12))
def test_the_minute_never_grows_longer_without_newer_word(looks: list[tuple[str, datetime | None]]) -> None:
    before: Said | None = None
    for word, at in looks:
        basis = DecideByBasis.NOT_KNOWN if at is None else DecideByBasis.PLANS
        new = held(before, DecideBy("R1", FLOOD, at, basis, False), word)
        assert at is None or (new.at is not None and new.at <= at), "what is reckoned now is never left out"
        if before is not None and before.word == word and before.decide_by.at is not None:
            assert new.at is not None
            assert new.at <= before.decide_by.at
        elif before is None or before.word != word:
            assert new.at == at
        before = Said(new, word, NOON)


@given(
    st.lists(st.tuples(MINUTE, st.integers(0, 120)), min_size=1, max_size=30),
    st.tuples(MINUTE, st.integers(0, 120)),
    st.none() | st.integers(1, 200),
    MINUTE,
)
def test_one_more_home_or_a_longer_time_never_lengthens_it(
    outs: list[tuple[datetime, int]], more: tuple[datetime, int], city: int | None, now: datetime
) -> None:
    homes = [home(f"{n}", out, prepare) for n, (out, prepare) in enumerate(outs)]
    zero = NOON + hours(4)
    before = said(area(city, city), zero, *homes, now=now)
    with_more = said(area(city, city), zero, *homes, home("more", *more), now=now)
    slower = said(area(city and city + 10, city and city + 10), zero, *homes, now=now)
    assert before.at is not None
    assert with_more.at is not None
    assert slower.at is not None
    assert with_more.at <= before.at
    assert slower.at <= before.at
    assert with_more.late >= before.late
    if now <= before.at:
        assert before.late == 0, "before its minute nobody is late"
