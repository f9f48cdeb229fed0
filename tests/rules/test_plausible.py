"""Recorded and made-up series of one gauge: what is doubted, what is believed, and that no gauge alone is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.rules.plausible import interesting, judge, possible_rain, seeded
from disaster_hub.rules.witnesses import Around, Neighbour, Post
from disaster_hub.terms.doubt import By, DoubtKind, Look, Trust
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Observation, StationKind
from disaster_hub.terms.quantity import Quality
from tests.rules.said import RIVER, at

AKUI = Post("g1", "鮎喰川", {"advisory": 2.4, "danger": 3.4}, river=RIVER)
BROOK = Post("fe99000000000001", "柳橋", {"near": 1.0, "met": 1.5}, start=0.5, hangs=4.0)
TIDE = Post("t1", "広島港", {"advisory": 2.0, "danger": 2.6}, StationKind.TIDE)


def seen(minutes: float, value: float | None, station: str = "g1", quantity: str = "water_level") -> Observation:
    return Observation(station, quantity, at(minutes), value, "m" if quantity == "water_level" else "mm")


def series(values: Iterable[float], every: float = 10, begin: float = 0) -> list[Observation]:
    return [seen(begin + n * every, value) for n, value in enumerate(values)]


def still(value: float = 0.6, station: str = "n1", hours: float = 8) -> Neighbour:
    """A neighbour that speaks every ten minutes and does not move."""
    return Neighbour(station, "上流", [seen(n * 10.0 - 240, value, station) for n in range(int(hours * 6) + 24)])


def rising(begin: float, metres: float, minutes: float = 20, every: float = 2) -> Neighbour:
    values = []
    for n in range(200):
        t = n * every - 180
        part = min(max((t - begin) / minutes, 0.0), 1.0)
        values.append(seen(t, 0.8 + metres * part, "n2"))
    return Neighbour("n2", "上の橋", values)


def rain(mm: float, station: str = "r1") -> Neighbour:
    """Rain of so many millimetres every ten minutes."""
    return Neighbour(station, "雨量計", [seen(n * 10.0 - 240, mm, station, "rainfall") for n in range(90)])


def run(
    post: Post, readings: Sequence[Observation], around: Around | None = None, *, live: bool = False
) -> list[Trust]:
    """Judge a series one by one, each with what was known when it came in."""
    found: list[Trust] = []
    trust: Trust | None = None
    for n, one in enumerate(readings):
        known = around or Around()
        own = tuple(o for o in readings[: n + 1] if o.at > one.at - timedelta(hours=4))
        cut = [Neighbour(k.station, k.name, [o for o in k.seen if o.at <= one.at]) for k in known.neighbours]
        wet = [Neighbour(k.station, k.name, [o for o in k.seen if o.at <= one.at]) for k in known.rains]
        here = Around(cut, wet, known.words, known.look, known.tilted, own)
        trust = judge(trust, one, post, here, one.at if live else None)
        assert trust is not None
        found.append(trust)
    return found


def kinds(found: Iterable[Trust]) -> list[str]:
    return ["" if one.doubt is None else one.doubt.kind.value for one in found]


def word(level: int, area: str = RIVER, hazard: str = "flood") -> Official:
    return Official(area, "みなも川", AreaKind.RIVER, hazard, level, "氾濫注意情報", "気象台", at(0), at(0), None, "e1")


def test_the_spike_of_26_m_is_doubted_and_the_next_good_reading_is_not() -> None:
    wet = Around([rising(0, 0.5)], [rain(8.0)], [word(3)])
    found = run(AKUI, series([0.9, 0.92, 26.48, 26.48, 0.95]), wet)
    assert kinds(found) == ["", "", "range", "range", ""]
    assert not any(one.believed for one in found[2:4]), "rain, a rising neighbour and a telegram do not make it true"
    assert not found[2].danger, "it was low, and no river stands there"


def test_the_spike_on_a_gauge_that_was_high_is_not_known_and_danger() -> None:
    found = run(AKUI, series([2.6, 2.7, 26.48]), Around([rising(0, 0.5)], [rain(4.0)]))
    assert found[-1].doubt is not None
    assert found[-1].danger


def test_cleaning_without_maintenance_runs_up_and_is_believed_by_nobody() -> None:
    found = run(TIDE, series([1.2, 1.4, 1.7, 2.0, 2.3, 2.7, 2.9]), Around([still(1.2)], [rain(0.0)]))
    assert not any(one.believed for one in found)
    assert kinds(found)[-1] == "alone"
    assert found[-1].danger, "what it says is not known; whether it is high is for people to find out"


def test_a_tide_that_rises_everywhere_bears_out_no_cleaning() -> None:
    slow = Neighbour("t2", "呉", [seen(n * 10.0 - 60, 1.0 + 0.02 * n, "t2") for n in range(30)])
    found = run(TIDE, series([1.2, 1.4, 1.7, 2.0, 2.3, 2.7, 2.9]), Around([slow]))
    assert not any(one.believed for one in found if one.value >= 2.0), (
        "the tide is the tide, and 1.7 m in an hour is not"
    )


def test_cleaning_in_maintenance_is_not_even_looked_at() -> None:
    at_work = Post(**{f: getattr(TIDE, f) for f in ("station", "name", "marks", "kind")}, maintained=True)
    before = run(TIDE, series([1.2]))[0]
    assert judge(before, seen(10, 9.0), at_work, Around()) == before


def test_a_moved_gauge_is_never_believed_either_way() -> None:
    moved = Post("g1", "椋川", {"advisory": 2.0, "danger": 3.0}, moved=True)
    found = run(moved, series([0.9, 1.9, 2.2]), Around([rising(0, 1.0)], [rain(10.0)], [word(4)]))
    assert kinds(found) == ["moved"] * 3
    assert not any(one.believed for one in found)
    assert [one.danger for one in found] == [False, False, True]


def test_a_flat_line_beside_a_rising_river_is_stuck_and_danger() -> None:
    found = run(AKUI, series([2.5] * 12), Around([rising(30, 1.2, minutes=60)]))
    assert kinds(found)[-1] == "stuck"
    assert found[-1].danger
    low = run(AKUI, series([0.4] * 12), Around([rising(30, 1.2, minutes=60)], [rain(0.0)]))
    assert kinds(low) == [""] * 12, "a dry brook stands still beside a river that rises"
    wet = run(AKUI, series([0.4] * 30), Around([rising(30, 1.2, minutes=60)], [rain(5.0)]))
    assert "stuck" in kinds(wet), "but not in the rain"


def test_noise_that_is_gone_is_a_hanging_instrument() -> None:
    noisy = [0.80 + 0.01 * (n % 3) for n in range(20)]
    found = run(AKUI, series([*noisy, *[0.83] * 14]))
    assert kinds(found)[-1] == "stuck"
    assert kinds(found)[:30] == [""] * 30


def test_calm_water_of_a_gauge_that_never_moves_is_no_doubt() -> None:
    assert kinds(run(AKUI, series([0.35] * 60))) == [""] * 60


def test_a_tilted_device_is_doubted_until_it_hangs_straight() -> None:
    before = run(BROOK, series([0.6]))[0]
    tilted = judge(before, seen(10, 0.7), BROOK, Around(tilted=True))
    assert tilted is not None
    assert tilted.doubt is not None
    assert tilted.doubt.kind is DoubtKind.TILT
    mended = judge(tilted, seen(20, 0.7), BROOK, Around())
    assert mended is not None
    assert mended.doubt is None


def test_a_clock_nine_hours_off_is_told_and_a_backlog_is_not() -> None:
    trust: Trust | None = run(BROOK, series([0.6]))[0]
    for n in range(1, 5):
        one = seen(n * 10, 1.6)
        trust = judge(trust, one, BROOK, Around([rising(0, 1.0)]), one.at + timedelta(hours=9))
    assert trust is not None
    assert trust.doubt is not None
    assert trust.doubt.kind is DoubtKind.CLOCK
    assert not trust.believed
    backlog: Trust | None = run(BROOK, series([0.6]))[0]
    for n in range(1, 20):
        backlog = judge(backlog, seen(n * 10, 0.6), BROOK, Around(), at(200))
    assert backlog is not None
    assert backlog.doubt is None


def test_the_same_reading_234_times_is_one() -> None:
    first = run(BROOK, series([0.6, 0.7]))[-1]
    trust: Trust | None = first
    for _ in range(234):
        trust = judge(trust, seen(10, 0.7), BROOK, Around())
    assert trust is not None
    assert (trust.same, trust.doubt) == (first.same, None)


def test_an_older_reading_changes_nothing() -> None:
    now = run(BROOK, series([0.6, 1.6], every=60))[-1]
    assert judge(now, seen(30, 0.2), BROOK, Around()) == now


def test_a_true_flash_rise_with_neighbours_and_rain_is_believed_at_its_first_reading() -> None:
    rise = [0.6, 0.6, 0.7, 2.4, 3.1, 3.3]
    readings = [seen(n * 2.0, value) for n, value in enumerate(rise)]
    found = run(BROOK, readings, Around([rising(2, 1.5, minutes=8)], [rain(6.0)]))
    first = next(n for n, one in enumerate(found) if one.value >= 1.5)
    begun = readings[first].at
    believed = next(one.at for one in found[first:] if one.believed)
    assert believed - begun <= timedelta(minutes=2)


def test_the_same_rise_alone_waits_and_is_danger_and_a_later_neighbour_frees_it() -> None:
    readings = [seen(n * 2.0, value) for n, value in enumerate([0.6, 0.6, 0.7, 2.4, 3.1, 3.3])]
    found = run(BROOK, readings)
    assert kinds(found) == ["", "", "", "leap", "leap", "leap"]
    assert found[3].danger
    assert not any(one.believed for one in found)
    again = judge(found[-1], readings[-1], BROOK, Around([rising(4, 1.5, minutes=5)], own=tuple(readings)))
    assert again is not None
    assert again.believed


def test_rain_alone_frees_a_leap_only_when_it_is_heavy_and_said_twice() -> None:
    readings = [seen(n * 2.0, value) for n, value in enumerate([0.6, 0.7, 2.4, 2.6])]
    assert kinds(run(BROOK, readings, Around(rains=[rain(6.0)]))) == ["", "", "leap", ""]
    assert kinds(run(BROOK, readings, Around(rains=[rain(2.0)]))) == ["", "", "leap", "leap"]


def test_an_officer_who_looked_is_a_witness_for_an_hour() -> None:
    readings = [seen(n * 10.0, value) for n, value in enumerate([0.6, 2.4, 2.5])]
    looked = Look(BROOK.station, at(11), "当直")
    found = run(BROOK, readings, Around(look=looked))
    assert found[-1].witness is not None
    assert found[-1].witness.by is By.LOOK
    late = judge(found[-1], seen(90, 2.6), BROOK, Around(look=looked))
    assert late is not None
    assert not late.believed


def test_a_telegram_bears_out_high_water_but_no_leap() -> None:
    slow = run(AKUI, series([2.0, 2.2, 2.4, 2.6]), Around(words=[word(2)]))
    assert slow[-1].witness is not None
    assert slow[-1].witness.by is By.TELEGRAM
    assert kinds(run(AKUI, series([0.9, 3.5]), Around(words=[word(4)]))) == ["", "leap"]
    assert not run(AKUI, series([2.0, 2.2, 2.4]), Around(words=[word(1)]))[-1].believed


def test_a_sudden_fall_from_high_is_no_all_clear() -> None:
    found = run(AKUI, series([2.9, 3.2, 3.5, 0.2, 0.2]), Around([rising(0, 1.0)], [rain(5.0)]))
    assert kinds(found)[-2:] == ["leap", "leap"]
    assert found[-1].danger


def test_water_above_the_instrument_is_impossible() -> None:
    assert kinds(run(BROOK, series([3.7, 4.2]), Around([rising(0, 2.0)])))[-1] == "range"


def test_what_the_device_itself_doubts_is_not_judged() -> None:
    before = run(BROOK, series([0.6]))[0]
    odd = Observation(BROOK.station, "water_level", at(10), 9.9, "m", Quality.SUSPECT)
    assert judge(before, odd, BROOK, Around()) == before


def test_a_past_that_is_read_at_the_start_is_judged_and_believed_by_nobody() -> None:
    trust = seeded(AKUI, series([2.0, 2.2, 2.5, 2.8]))
    assert trust is not None
    assert (trust.doubt, trust.believed) == (None, False)


@pytest.mark.parametrize(("mm", "every", "possible"), [(20.0, 600, True), (150.0, 3600, True), (250.0, 600, False), (-1, 600, False)])  # fmt: skip
def test_rain_that_cannot_have_fallen(mm: float, every: float, *, possible: bool) -> None:
    assert possible_rain(mm, every) is possible


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-50, 50, allow_nan=False) | st.just(2.0),
            st.floats(-30, 120, allow_nan=False),
            st.booleans(),
        ),
        max_size=40,
    ),
    st.sampled_from([AKUI, BROOK, TIDE]),
)
def test_no_sequence_of_readings_of_one_gauge_alone_is_ever_believed(
    steps: list[tuple[float, float, bool]], post: Post
) -> None:
    """However it rises, hangs, repeats itself or comes late: nothing but a second witness makes it count."""
    trust: Trust | None = None
    minutes = 0.0
    past: list[Observation] = []
    for value, further, live in steps:
        minutes += further
        one = seen(minutes, value, post.station)
        past.append(one)
        trust = judge(trust, one, post, Around(own=tuple(past)), at(minutes) if live else None)
        assert trust is None or not trust.believed


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=30))
def test_what_was_high_and_is_doubted_is_always_danger(values: list[float]) -> None:
    trust: Trust | None = None
    for n, value in enumerate(values):
        before = trust
        trust = judge(trust, seen(n * 10.0, value), AKUI, Around())
        assert trust is not None
        if before is not None and before.doubt is None and before.value >= 2.4 and trust.doubt is not None:
            assert trust.danger


def test_what_is_low_and_quiet_needs_nobody_around_it() -> None:
    quiet = run(AKUI, series([0.5, 0.52, 0.51]))[-1]
    assert not interesting(quiet, seen(30, 0.53), AKUI)
    assert interesting(quiet, seen(30, 2.5), AKUI)
    assert interesting(quiet, seen(30, 1.4), AKUI)
    assert not interesting(None, seen(30, 0.53), AKUI)
