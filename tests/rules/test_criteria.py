"""The town's criteria: what each condition says, that unknown is never safe, that a sensor never decides alone."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from disaster_hub.desk.decisions import TEMPLATE
from disaster_hub.rules import assess
from disaster_hub.rules.assess import RANK, joined
from disaster_hub.rules.conditions import Device, Facts, reason
from disaster_hub.rules.criteria import Criteria, Criterion, Group, LevelReached, SensorSays
from disaster_hub.rules.criteria_text import read
from disaster_hub.rules.readings import Gauge
from disaster_hub.rules.situation import Source
from disaster_hub.rules.water import Own
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import AreaKind, Judgement, Official
from disaster_hub.terms.observation import Basis, Observation
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.quantity import Quality
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState

MET, NEAR, NOT_MET, NOT_KNOWN = Judgement.MET, Judgement.NEAR, Judgement.NOT_MET, Judgement.NOT_KNOWN
NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
"""18:00 in Japan."""
CITY, RIVER, BRIDGE, BROOK, RAIN = "9920100", "990099000100", "99009900010000001", "fe99000000000001", "rain"
AREA = EvacuationArea("A1", "本町", box(139.29, 38.89, 139.31, 38.91), frozenset({Hazard.FLOOD}))
FRESH = Source(NOW, healed=True, stale_after_s=600)
MARKS = {"advisory": 2.5, "judgement": 2.8, "danger": 3.1}


def official(level: int | None, hazard: str = "landslide", area: str = CITY, **more) -> Official:
    at = NOW - timedelta(minutes=30)
    word = Official(area, "", AreaKind.MUNICIPALITY, hazard, level, f"レベル{level}", "気象台", at, at, None, "t")
    return replace(word, **more)


def seen(*values: float | None, station: str = BRIDGE, quantity: str = "water_level", last: datetime = NOW):
    """Readings ten minutes apart, the last one at *last*."""
    first = last - timedelta(minutes=10) * (len(values) - 1)
    quality = {True: Quality.MISSING, False: Quality.OK}
    return [
        Observation(station, quantity, first + timedelta(minutes=10 * n), v, "m", quality[v is None])
        for n, v in enumerate(values)
    ]


def ahead(*values: float | None, issued: datetime = NOW - timedelta(minutes=10)):
    """Forecast steps an hour apart, the first an hour after it was issued."""
    return [
        Observation(
            BRIDGE, "water_level", issued + timedelta(hours=n), v, "m",
            Quality.NOT_COMPUTED if v is None else Quality.OK, Basis.FORECAST, issued,
        )
        for n, v in enumerate(values, 1)
    ]  # fmt: skip


def gauge(*values: float | None, forecast=(), last: datetime = NOW) -> Gauge:
    return Gauge("みなも橋", "m", 600, MARKS, seen(*values, last=last), forecast, "みなも河川事務所")


def facts(**more) -> Facts:
    plain = Facts(NOW, JAPAN, FRESH, frozenset({CITY, RIVER}), reports=(), names={CITY: "みなも市", BRIDGE: "みなも橋"})
    return replace(plain, **more)


def condition(text: str):
    said = f'[[criteria]]\nid = "x"\norder = 3\nhazard = "flood"\ntitle = "t"\narea = "{RIVER}"\nany = [{{ {text} }}]'
    return next(read(said).criteria[0].rule.conditions())


def verdict(text: str, **more) -> Judgement:
    return reason(condition(text), facts(**more), AREA.shape).verdict


LEVEL = f'kind = "level", area = "{CITY}", hazard = "landslide", level = 4'


@pytest.mark.parametrize(
    ("words", "source", "said"),
    [
        ([official(4)], FRESH, MET),
        ([official(5)], FRESH, MET),
        ([official(3)], FRESH, NEAR),
        ([official(2)], FRESH, NOT_MET),
        ([official(0)], FRESH, NOT_MET),
        ([], FRESH, NOT_MET),
        ([official(None, unknown=True)], FRESH, NOT_KNOWN),
        ([official(4)], Source(None, healed=False, stale_after_s=600), MET),
        ([official(3)], replace(FRESH, last_success=NOW - timedelta(hours=1)), NEAR),
        ([official(2)], replace(FRESH, last_success=NOW - timedelta(hours=1)), NOT_KNOWN),
        ([], replace(FRESH, healed=False), NOT_KNOWN),
        ([official(4, until=NOW - timedelta(minutes=1))], FRESH, NOT_MET),
        ([official(5, hazard="rain")], FRESH, NOT_MET),
        ([official(None, hazard="other", unknown=True)], FRESH, NOT_KNOWN),
    ],
)
def test_an_official_level(words: list[Official], source: Source, said: Judgement) -> None:
    assert verdict(LEVEL, words={CITY: words}, source=source) is said


def test_what_reaches_nobody_here_is_not_known() -> None:
    assert verdict(f'kind = "level", area = "{CITY}", hazard = "tsunami", level = 3') is NOT_KNOWN
    assert verdict('kind = "level", area = "9999999", level = 3') is NOT_KNOWN


AT = f'kind = "gauge", station = "{BRIDGE}", threshold = "judgement"'


@pytest.mark.parametrize(
    ("one", "more", "said"),
    [
        (gauge(2.7, 2.8), "", MET),
        (gauge(2.4, 2.5), "", NEAR),
        (gauge(2.3, 2.4), "", NOT_MET),
        (gauge(2.3, 2.4), ", near = 0.5", NEAR),
        (gauge(2.3, None), "", NOT_MET),  # the reading before is ten minutes old
        (gauge(2.9, last=NOW - timedelta(minutes=30)), "", NOT_KNOWN),
        (gauge(), "", NOT_KNOWN),
        (None, "", NOT_KNOWN),
        (gauge(1.0, forecast=ahead(2.9)), "", NEAR),
        (gauge(forecast=ahead(2.9)), "", NEAR),
        (gauge(1.0, forecast=ahead(2.0, 2.9)), "", NEAR),  # the water may be there from the step before, in 50 minutes
        (gauge(1.0, forecast=ahead(2.0, 2.0, 2.9)), "", NOT_MET),
        (gauge(2.6, *[2.7] * 5, 2.9), ", rising = 0.3", MET),
        (gauge(2.8, *[2.8] * 5, 2.9), ", rising = 0.3", NEAR),
        (gauge(2.9), ", rising = 0.3", NEAR),
    ],
)
def test_a_gauge(one: Gauge | None, more: str, said: Judgement) -> None:
    assert verdict(AT + more, gauges={BRIDGE: one} if one else {}) is said


def test_a_reading_from_the_future_is_no_reading() -> None:
    assert verdict(AT, gauges={BRIDGE: gauge(3.0, last=NOW + timedelta(hours=1))}) is NOT_KNOWN


def test_a_threshold_that_the_source_does_not_have_is_not_known() -> None:
    assert verdict(AT.replace("judgement", "design_high"), gauges={BRIDGE: gauge(9.0)}) is NOT_KNOWN


IN3 = f'kind = "forecast", station = "{BRIDGE}", threshold = "danger", hours = 3'
FLOOD = {RIVER: [official(3, "flood", RIVER)]}


@pytest.mark.parametrize(
    ("steps", "more", "said"),
    [
        (ahead(2.0, 2.5, 3.2), "", MET),
        (ahead(2.0, 2.1, 2.2, 3.2), "", MET),  # from the step before it on
        (ahead(2.0, 2.1, 2.2, 2.3, 3.2), "", NEAR),
        (ahead(2.0, 2.5, 2.9), "", NEAR),
        (ahead(2.0, 2.5, 2.6), "", NOT_MET),
        (ahead(2.0, 2.5, 2.9), ", error = 0.3", MET),
        (ahead(2.0), "", NOT_KNOWN),
        (ahead(2.0, None, 2.0), "", NOT_KNOWN),
        (ahead(2.0, None, 3.2), "", MET),
        ((), "", NOT_KNOWN),
        (ahead(2.0, 2.0, 2.0, issued=NOW - timedelta(hours=4)), "", NOT_KNOWN),
    ],
)
def test_an_official_forecast_is_read_pessimistically(steps, more: str, said: Judgement) -> None:
    assert verdict(IN3 + more, gauges={BRIDGE: gauge(1.0, forecast=steps)}, words=FLOOD) is said


def test_readings_alone_never_foretell() -> None:
    """The water rises a metre an hour, and no office has said anything: the future is not known."""
    rising = gauge(*[1.0 + n / 6 for n in range(12)])
    assert verdict(IN3, gauges={BRIDGE: rising}, words=FLOOD) is NOT_KNOWN


def test_no_forecast_is_calm_only_while_the_office_says_so() -> None:
    calm = {BRIDGE: gauge(1.0)}
    assert verdict(IN3, gauges=calm, words={RIVER: [official(0, "flood", RIVER)]}) is NOT_MET
    assert verdict(IN3, gauges=calm) is NOT_MET
    assert verdict(IN3, gauges=calm, source=replace(FRESH, healed=False)) is NOT_KNOWN


FALLEN = f'kind = "rain", station = "{RAIN}", mm = 50, hours = 1'


@pytest.mark.parametrize(
    ("values", "said"),
    [([10.0] * 7, MET), ([7.0] * 7, NEAR), ([5.0] * 7, NOT_MET), ([], NOT_KNOWN), ([5.0, None, None, None, 5.0], NOT_KNOWN)],
)  # fmt: skip
def test_rain(values: list[float | None], said: Judgement) -> None:
    one = Gauge("丘", "mm", 600, {}, seen(*values, station=RAIN, quantity="rainfall"))
    assert verdict(FALLEN, rains={RAIN: one}) is said


def test_rain_that_is_missing_never_hides_rain_that_fell() -> None:
    one = Gauge("丘", "mm", 600, {}, seen(60.0, None, None, None, 0.0, station=RAIN, quantity="rainfall"))
    assert verdict(FALLEN, rains={RAIN: one}) is MET


def brook(value: float | None) -> dict[str, Device]:
    return {BROOK: Device("柳橋", Own(600, near=1.0, met=1.5), seen(value, station=BROOK) if value else ())}


@pytest.mark.parametrize(("value", "said"), [(1.6, MET), (1.2, NEAR), (0.5, NOT_MET), (None, NOT_KNOWN)])
def test_an_own_sensor(value: float | None, said: Judgement) -> None:
    assert verdict(f'kind = "sensor", station = "{BROOK}"', devices=brook(value)) is said


def report(state: ReportState, lon: float = 139.3, kind: ReportKind = ReportKind.LANDSLIDE) -> Report:
    return Report("r", 7, kind, state, ReportSource.CALL, LonLat(lon, 38.9), "谷口", "", NOW, NOW, "sato")


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([report(ReportState.CONFIRMED)], MET),
        ([report(ReportState.RECEIVED)], NEAR),
        ([report(ReportState.MISTAKEN)], NOT_MET),
        ([report(ReportState.CONFIRMED, lon=139.5)], NOT_MET),
        ([report(ReportState.CONFIRMED, kind=ReportKind.FIRE)], NOT_MET),
        ([], NOT_MET),
        (None, NOT_KNOWN),
    ],
)
def test_a_report(reports: list[Report] | None, said: Judgement) -> None:
    assert verdict('kind = "report", report = "landslide"', reports=reports) is said


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [("17:00", "19:00", MET), ("18:30", "20:00", NEAR), ("20:00", "21:00", NOT_MET), ("17:00", "02:00", MET)],
)
def test_a_time_of_day(begins: str, ends: str, said: Judgement) -> None:
    assert verdict(f'kind = "clock", from = "{begins}", to = "{ends}"') is said


TWO = f"""[[criteria]]
id = "b"
order = ORDER
hazard = "flood"
title = "t"
area = "{CITY}"
any = [{{ kind = "sensor", station = "{BROOK}" }}, {{ kind = "level", hazard = "rain", level = 4 }}]"""


def test_a_sensor_alone_never_meets_an_order_of_4_or_5() -> None:
    for order, said in ((3, MET), (4, NEAR), (5, NEAR)):
        criteria = read(TWO.replace("ORDER", str(order)))
        found = assess.assess(criteria, facts(devices=brook(2.0)), [AREA])[0]
        assert found.verdict is said, order
    both = facts(devices=brook(2.0), words={CITY: [official(4, "rain")]})
    assert assess.assess(read(TWO.replace("ORDER", "4")), both, [AREA])[0].verdict is MET
    with pytest.raises(BadInput, match="センサーだけでは"):
        read(TWO.replace("ORDER", "4").replace(', { kind = "level", hazard = "rain", level = 4 }', ""))


def test_all_means_all_of_its_areas() -> None:
    other = EvacuationArea("A2", "山手", None, frozenset({Hazard.LANDSLIDE}))
    criteria = read(TWO.replace("ORDER", "3"))
    assert [a.area for a in assess.assess(criteria, facts(), [AREA, other])] == ["A1"]
    named = read(TWO.replace("ORDER", "3").replace('area = "9920100"', 'area = "9920100"\nareas = ["A2", "A9"]'))
    assert [(a.area, a.area_name) for a in assess.assess(named, facts(), [AREA, other])] == [
        ("A2", "山手"),
        ("A9", "A9"),
    ]


# Laws, whatever the criteria are.

VERDICTS = st.sampled_from(list(Judgement))
LEAVES = [LevelReached(CITY, "rain", n) for n in range(1, 6)]


@st.composite
def groups(draw, depth: int = 1) -> Group:
    leaf = st.sampled_from(LEAVES)
    member = leaf if depth == 0 else leaf | groups(depth - 1)
    return Group(draw(st.booleans()), tuple(draw(st.lists(member, min_size=1, max_size=4))))


GIVEN = st.tuples(*[VERDICTS] * len(LEAVES)).map(lambda said: dict(zip(LEAVES, said, strict=True)))


@given(groups(), GIVEN, st.sampled_from(LEAVES))
def test_unknown_is_never_safe_where_a_value_could_have_met(group: Group, said: dict, leaf: LevelReached) -> None:
    if joined(group, (said | {leaf: MET}).__getitem__) is MET:
        assert joined(group, (said | {leaf: NOT_KNOWN}).__getitem__) is not NOT_MET


@given(groups(), GIVEN, st.sampled_from(LEAVES), VERDICTS)
def test_a_higher_verdict_of_a_condition_never_lowers_the_whole(group: Group, said: dict, leaf, higher) -> None:
    if RANK[higher] >= RANK[said[leaf]]:
        before, after = joined(group, said.__getitem__), joined(group, (said | {leaf: higher}).__getitem__)
        assert RANK[after] >= RANK[before]


@given(st.booleans(), st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4), GIVEN)
def test_the_order_of_conditions_does_not_matter(every: bool, leaves: list, said: dict) -> None:
    found = {joined(Group(every, order), said.__getitem__) for order in itertools.permutations(leaves)}
    assert len(found) == 1


@given(st.lists(st.floats(0, 6), min_size=1, max_size=8), st.floats(0, 3), st.sampled_from(["", ", rising = 0.2"]))
def test_more_water_never_lowers_a_verdict(values: list[float], more: float, rising: str) -> None:
    higher = [*values[:-1], values[-1] + more]
    before, after = (verdict(AT + rising, gauges={BRIDGE: gauge(*said)}) for said in (values, higher))
    assert RANK[after] >= RANK[before]


@given(st.lists(st.floats(0, 6), min_size=0, max_size=6), st.floats(0, 3), st.integers(0, 5))
def test_a_higher_forecast_never_lowers_a_verdict(values: list[float], more: float, at: int) -> None:
    higher = [value + more if n == at else value for n, value in enumerate(values)]
    before, after = (
        verdict(IN3, gauges={BRIDGE: gauge(1.0, forecast=ahead(*said))}, words=FLOOD) for said in (values, higher)
    )
    assert RANK[after] >= RANK[before]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(3, 5), st.sampled_from([None, 0.5, 1.2, 1.6]))
def test_a_higher_level_never_lowers_an_assessment(one: int, other: int, order: int, value: float | None) -> None:
    criteria = read(TWO.replace("ORDER", str(order)))
    low, high = sorted((one, other))
    found = [
        assess.assess(criteria, facts(devices=brook(value), words={CITY: [official(n, "rain")]}), [AREA])[0]
        for n in (low, high)
    ]
    assert RANK[found[1].verdict] >= RANK[found[0].verdict]


def test_a_sensor_never_lowers_an_assessment() -> None:
    rule = Group(False, (SensorSays(BROOK), LevelReached(CITY, "rain", 4)))
    criteria = Criteria((Criterion("b", 4, Hazard.FLOOD, "t", (), rule),))
    found = [assess.assess(criteria, facts(devices=brook(v)), [AREA])[0].verdict for v in (0.5, 1.2, 1.6)]
    assert found == [NOT_MET, NEAR, NEAR]


# The text.

GOOD = TWO.replace("ORDER", "3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "基準がありません"),
        ("[[criteria]\n", "1行目"),
        (GOOD + "\nx = 1", "基準 b：x：知らない項目"),
        (GOOD.replace("order = 3", "order = 2"), "2行目、基準 b：order 2"),
        (GOOD.replace("order = 3", "order = true"), "order True"),
        (GOOD.replace('"flood"', '"fire"'), "hazard 'fire'"),
        (GOOD.replace('"b"', '"み"'), "1番目の基準：id 'み'"),
        (GOOD + "\n" + GOOD, "id が2回"),
        (GOOD.replace("level = 4", "level = 4.5"), "基準 b の条件2：level 4.5"),
        (GOOD.replace("level = 4", 'level = "4"'), "level '4'"),
        (GOOD.replace('kind = "level"', 'kind = "levle"'), "kind 'levle'"),
        (GOOD.replace('area = "9920100"', 'area = "99"'), "条件2：area"),
        (GOOD.replace("any = [", "any = [[], "), "any：条件を"),
        (GOOD.replace("level = 4", "level = 4, near = 1"), "（level）：near：知らない項目"),
        (GOOD.replace("any = [", 'any = [{ any = [{ any = [{ kind = "clock", from = "1:00" }] }] }, '), "1段まで"),
        ('[posture]\nstages = "x"\n' + GOOD, "posture：stages"),
        ("x" * 300_000, "長すぎます"),
        (GOOD + "\nall = []", "any か all"),
    ],
)
def test_a_mistake_is_one_clear_sentence(text: str, said: str) -> None:
    with pytest.raises(BadInput) as fault:
        read(text)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


@given(st.text(max_size=60), st.integers(0, 400))
def test_whatever_is_typed_is_read_or_refused(noise: str, at: int) -> None:
    with contextlib.suppress(BadInput):
        assert read(GOOD[:at] + noise + GOOD[at:]).criteria


def test_the_template_is_good_and_all_of_its_kinds_are_known() -> None:
    said = read(TEMPLATE.read_text(encoding="utf-8"))
    assert {(c.hazard, c.order) for c in said.criteria} >= {
        (hazard, order) for hazard in (Hazard.FLOOD, Hazard.LANDSLIDE, Hazard.SURGE) for order in (3, 4, 5)
    }
    assert len(said.stages) == 4
