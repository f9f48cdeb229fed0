"""The zero hour: pessimistic, from official word alone, and never later without newer official word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.rules.zero_hour import Gauge, held, water, worst
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Basis as Seen
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality
from disaster_hub.terms.way import Basis, Water

NOON = datetime(2026, 9, 18, 3, tzinfo=UTC)
RIVER = "990099000100"
DANGER = 4.6


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def seen(minutes: float, value: float | None) -> Observation:
    quality = Quality.OK if value is not None else Quality.MISSING
    return Observation("g", "water_level", at(minutes), value, "m", quality)


def ahead(issued: float, *values: float | None) -> list[Observation]:
    return [
        Observation(
            "g", "water_level", at(issued + 60 * hour), value, "m",
            Quality.OK if value is not None else Quality.NOT_COMPUTED, Seen.FORECAST, at(issued),
        )
        for hour, value in enumerate(values, 1)
    ]  # fmt: skip


def word(level: int | None, since: float, *, confirmed: float | None = None, hazard: str = "flood") -> Official:
    return Official(
        RIVER, "みなも川", AreaKind.RIVER, hazard, level, f"レベル{level}", "河川事務所", at(since),
        at(since if confirmed is None else confirmed), None, "x",
    )  # fmt: skip


def flood(gauge: Gauge | None, now: float, *words: Official, stale: bool = False) -> Water:
    return water(Hazard.FLOOD, RIVER, words, gauge, at(now), stale=stale)


def test_nobody_said_anything_and_no_minute_is_invented() -> None:
    said = flood(Gauge("g", "橋", DANGER, [seen(-10, 4.0), seen(0, 4.5)]), 1, word(3, -60))
    assert (said.zero, said.basis, said.level) == (None, Basis.UNKNOWN, 3)


def test_a_forecast_counts_from_the_step_before_the_first_at_danger() -> None:
    gauge = Gauge("g", "橋", DANGER, [seen(0, 4.0)], ahead(0, 4.3, 4.5, 4.6, 5.0))
    said = flood(gauge, 5, word(3, 0))
    assert (said.zero, said.basis, said.issued_at) == (at(120), Basis.FORECAST, at(0))
    assert said.issuer == "河川事務所"


def test_a_forecast_that_starts_at_danger_counts_from_the_last_reading() -> None:
    gauge = Gauge("g", "橋", DANGER, [seen(-4, 4.5)], ahead(0, 4.9))
    assert flood(gauge, 5).zero == at(-4)


def test_a_missing_step_lengthens_nothing() -> None:
    gauge = Gauge("g", "橋", DANGER, [seen(0, 4.0)], ahead(0, 4.3, None, None, 5.0))
    assert flood(gauge, 5).zero == at(60)


def test_reached_counts_from_the_last_reading_below_and_outlives_silence() -> None:
    gauge = Gauge("g", "橋", DANGER, [seen(0, 4.5), seen(10, 4.7), seen(20, 5.0), seen(30, None)])
    said = flood(gauge, 500)
    assert (said.zero, said.basis) == (at(0), Basis.REACHED)


def test_a_level_in_force_counts_though_the_gauge_says_nothing() -> None:
    assert flood(Gauge("g", "橋", None), 30, word(4, 20)).zero == at(20)
    assert flood(Gauge("g", "橋", None), 30, word(3, 20)).zero is None
    assert flood(None, 30, word(3, 20)).zero == at(20), "no gauge governs it: one level sooner"
    assert water(Hazard.LANDSLIDE, "9920100", [word(3, 5, hazard="landslide")], None, at(9), stale=False).zero == at(5)


def test_a_forecast_that_did_not_come_true_is_let_go_by_a_reading() -> None:
    steps = ahead(0, 4.7)
    assert flood(Gauge("g", "橋", DANGER, [seen(0, 4.0), seen(50, 4.2)], steps), 55).zero == at(0)
    assert flood(Gauge("g", "橋", DANGER, [seen(0, 4.0), seen(70, 4.2)], steps), 75).zero is None


def test_what_was_said_holds_until_newer_official_word() -> None:
    first = flood(Gauge("g", "橋", DANGER, [seen(0, 4.0)], ahead(0, 4.3, 4.8)), 5, word(3, 0))
    assert first.zero == at(60)
    silent = flood(Gauge("g", "橋", DANGER), 90, stale=True)
    assert held(first, silent).zero == at(60), "silence is not dryness"
    later = flood(Gauge("g", "橋", DANGER, [seen(30, 4.1)], ahead(30, 4.2, 4.3, 4.8)), 31, word(3, 0))
    assert held(first, later).zero == later.zero == at(150), "a newer forecast may postpone"
    older = replace(later, issued_at=at(-1))
    assert held(first, older).zero == at(60)


def test_a_rise_of_the_level_never_moves_the_beginning() -> None:
    four = flood(Gauge("g", "橋", DANGER), 21, word(4, 20))
    five = flood(Gauge("g", "橋", DANGER), 61, word(5, 60))
    assert held(four, five).zero == at(20)
    assert held(four, five).level == 5


def test_lifted_and_read_below_is_dry_again() -> None:
    four = flood(Gauge("g", "橋", DANGER, [seen(10, 4.7)]), 21, word(4, 20))
    calm = flood(Gauge("g", "橋", DANGER, [seen(10, 4.7), seen(200, 4.0)]), 201, word(2, 190))
    assert held(four, calm).zero is None


VALUES = st.lists(st.one_of(st.none(), st.floats(1, 7)), min_size=1, max_size=6)


@given(VALUES, VALUES, st.floats(0, 3))
def test_more_water_never_comes_later(readings: list[float | None], steps: list[float | None], more: float) -> None:
    def gauge(rise: float) -> Gauge:
        up = [None if v is None else v + rise for v in readings]
        on = [None if v is None else v + rise for v in steps]
        return Gauge("g", "橋", DANGER, [seen(10 * n - 60, v) for n, v in enumerate(up)], ahead(0, *on))

    low, high = flood(gauge(0), 5), flood(gauge(more), 5)
    assert low.zero is None or (high.zero is not None and high.zero <= low.zero)


def test_a_later_step_still_counts_where_an_earlier_one_did_not_come_true() -> None:
    gauge = Gauge("g", "橋", DANGER, [seen(0, 4.0), seen(70, 4.5)], ahead(0, 4.7, 4.9, 5.2))
    said = flood(gauge, 75, word(3, 0))
    assert (said.zero, said.basis) == (at(70), Basis.FORECAST)


def test_a_forecast_without_values_takes_nothing_back() -> None:
    first = flood(Gauge("g", "橋", DANGER, [seen(0, 4.0)], ahead(0, 4.3, 4.8)), 5, word(3, 0))
    for steps in (ahead(30, None, None), ahead(30, 4.2, None), []):
        gauge = Gauge("g", "橋", DANGER, [seen(0, 4.0), seen(35, 4.1)], steps)
        now = flood(gauge, 36, word(3, 0, confirmed=34))
        assert now.zero is None
        assert held(first, now, [gauge]).zero == at(60), steps
    whole = Gauge("g", "橋", DANGER, [seen(35, 4.1)], ahead(30, 4.2, 4.1))
    assert held(first, flood(whole, 36, word(3, 0, confirmed=34)), [whole]).zero is None
    past = Gauge("g", "橋", DANGER, [seen(170, 4.1)], ahead(30, 4.2, None))
    assert held(first, flood(past, 171, word(3, 0)), [past]).zero is None, "read below, after all that was forecast"


def test_a_level_in_force_since_nobody_knows_when_is_sooner_than_a_forecast() -> None:
    first = flood(Gauge("g", "橋", DANGER, [seen(0, 4.0)], ahead(0, 4.3, 4.8)), 5)
    four = replace(word(4, 0), since=None, confirmed=None)
    assert held(first, flood(Gauge("g", "橋", DANGER), 30, four)).basis is Basis.REACHED


def test_of_several_gauges_the_worst_counts() -> None:
    low = flood(Gauge("low", "下", DANGER, [seen(20, 3.0)]), 25, word(3, 0))
    high = flood(Gauge("high", "上", DANGER, [seen(10, 4.0), seen(20, 4.8)]), 25, word(3, 0))
    for said in ([low, high], [high, low]):
        assert (worst(said).zero, worst(said).gauge, worst(said).level) == (at(10), "high", 3)
    calm = flood(Gauge("high", "上", DANGER, [seen(15, 4.0)]), 25)
    assert worst([low, calm]).issued_at == calm.issued_at == at(15), "dryness is as old as its oldest witness"
