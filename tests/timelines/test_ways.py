"""Roads, paces, wet links, turns, refusals and the paper trail of one way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from disaster_hub.config import Governs
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination, Home, Household, Kind, Mode, Need, Plan
from disaster_hub.terms.place import LonLat
from tests.timelines.square import (
    CITY,
    FLOOD,
    GOVERNS,
    NOW,
    RIVER,
    arrival,
    link,
    shelter,
    spot,
    square,
    town,
    zone,
)
from timelines.home import ZoneIndex
from timelines.outlook import Asked, State, outlook, route_table
from timelines.pace import NEVER, pace, tenths
from timelines.plan import refusals
from timelines.roads import DRY, Roads
from timelines.shelters import Shelters
from timelines.wet import Source, wet

QUICK = Household(ten_minutes_m=600)
WATER = Source(Hazard.FLOOD, RIVER)


@pytest.mark.parametrize(
    ("household", "night", "speed"),
    [
        (QUICK, False, 0.9),
        (QUICK, True, 0.72),
        (Household(), False, 0.44),
        (Household(needs=frozenset({Need.ELDER}), ten_minutes_m=900), False, 0.44),
        (Household(ten_minutes_m=120), False, 0.18),
        (Household(pram=True, ten_minutes_m=600), False, 0.8),
        (Household(mode=Mode.CAR), True, 2.16),
    ],
)
def test_the_slowest_counts_and_night_and_rain_slow_down(household: Household, night: bool, speed: float) -> None:
    assert pace(household, night=night).flat == pytest.approx(speed)


def test_no_household_is_as_slow_as_standing_still() -> None:
    assert pace(Household(ten_minutes_m=0), night=True).flat > 0


def test_a_car_keeps_to_oneway_streets_and_off_footways() -> None:
    roads = Roads.build(
        [
            link("a", (0, 0), (1, 0), oneway="yes"),
            link("b", (1, 0), (2, 0), oneway="-1"),
            link("c", (2, 0), (3, 0), highway="footway"),
            link("d", (3, 0), (4, 0), highway="motorway"),
        ]
    )
    along, against = tenths(roads, pace(Household(mode=Mode.CAR), night=False))
    assert [t == NEVER for t in along.tolist()] == [False, True, True, False]
    assert [t == NEVER for t in against.tolist()] == [True, False, True, False]
    along, against = tenths(roads, pace(QUICK, night=False))
    assert [t == NEVER for t in along.tolist()] == [False, False, False, True]
    assert along.tolist() == against.tolist()


def test_stairs_are_slow_and_for_some_no_way_at_all() -> None:
    roads = Roads.build([link("a", (0, 0), (1, 0)), link("b", (1, 0), (2, 0), highway="steps", steps=True)])
    flat, stairs = tenths(roads, pace(QUICK, night=False))[0].tolist()
    assert stairs > 2 * flat
    assert tenths(roads, pace(Household(stairs=False), night=False))[0][1] == NEVER


def test_a_point_meets_the_nearest_road_that_leads_somewhere() -> None:
    island = [link("island", (1, 1), (2, 1), block=70.0)]
    roads = Roads.build(
        [*square(4), *[replace(f, columns={**f.columns, "from_node": -1, "to_node": -2}) for f in island]]
    )
    snaps = roads.snap([spot(105, 71), spot(150, -30), spot(150, -900)])
    assert roads.street[snaps.link[0]] in {"r1", "c1"}
    assert roads.street[snaps.link[1]] == "r0"
    assert snaps.metres[1] == pytest.approx(30, rel=0.01)
    assert snaps.share[1] == pytest.approx(0.5, abs=0.01)
    assert snaps.link[2] == -1


def test_a_told_length_is_never_shorter_than_the_straight_line() -> None:
    roads = Roads.build([link("a", (0, 0), (1, 0), length_m=1.0), link("b", (1, 0), (2, 0), length_m=None)])
    assert (roads.length > 98).all()


def watered(arrivals: list[object] | None = None, **columns: object) -> tuple[Roads, dict[Source, list[int]]]:
    """Reckon the wet links of one row of five streets; *columns* are the second's."""
    links = [link("r", (x, 0), (x + 1, 0), **(columns if x == 1 else {})) for x in range(5)]
    roads = Roads.build(links)
    found = wet(roads, ZoneIndex.build([FLOOD]), arrivals or [], GOVERNS, CITY)  # type: ignore[arg-type]
    return roads, {source: row.tolist() for source, row in found.links.items()}


def test_without_arrival_times_the_whole_zone_is_wet_at_once() -> None:
    assert watered()[1] == {WATER: [0, 0, 0, DRY, DRY]}


def test_with_arrival_times_a_link_is_wet_from_its_own_minute() -> None:
    times = [arrival(40, "0.0/1.0"), arrival(15, "3.0/4.0"), arrival(4, "2.0/3.0")]
    assert watered(times)[1][WATER] == [30 * 600, DRY, 0, 5 * 600, DRY]


def test_of_several_cells_the_earliest_counts() -> None:
    cells = [arrival(m, west=w, south=-50, east=w + 100, north=50) for m, w in ((60, -50), (30, 50))]
    assert watered(cells)[1][WATER][:3] == [20 * 600, 20 * 600, DRY]


def test_a_bridge_that_no_arrival_names_goes_by_its_zone() -> None:
    assert watered([arrival(40, "0.0/1.0")], bridge="yes")[1][WATER][1] == 0


def test_an_underpass_fills_half_an_hour_sooner() -> None:
    assert watered(tunnel="yes")[1][WATER][1] == -30 * 600
    assert watered(layer="-1")[1][WATER][1] == -30 * 600


def test_zones_of_another_river_and_hazard_follow_their_own_area() -> None:
    other = zone(280, -50, 600, 50, river="別の川")
    inland = zone(280, -50, 600, 50, "inland")
    links = Roads.build([link("r", (x, 0), (x + 1, 0)) for x in range(5)])
    rows = (*GOVERNS, Governs("flood", "990099000200", "別の川"))
    found = wet(links, ZoneIndex.build([FLOOD, other, inland]), [], rows, CITY)
    assert set(found.links) == {WATER, Source(Hazard.FLOOD, "990099000200"), Source(Hazard.INLAND, CITY)}


def test_turns_name_streets_and_join_what_goes_straight_on() -> None:
    found = outlook(town(zones=[]), Home(spot(5, 0)), QUICK, State(NOW), (Destination(Kind.SHELTER, "east"), None))
    assert found.first is not None
    assert found.first.way is not None
    turns = found.first.way.turns
    assert turns[0].go == "start"
    assert turns[-1].go == "arrive"
    assert {t.go for t in turns[1:-1]} <= {"left", "right"}
    assert sum(t.metres for t in turns) == pytest.approx(found.first.way.metres, abs=20)


def test_turning_right_is_right() -> None:
    roads = [
        link("東へ", (0, 0), (1, 0)),
        link("南へ", (1, 0), (1, -1)),
        link("段", (1, -1), (2, -1), steps=True),
        link("坂", (2, -1), (3, -1)),
    ]
    here = town(zones=[], roads=roads, shelters=[shelter("s", 270, -102)])
    found = outlook(here, Home(spot(20, 2)), QUICK, State(NOW))
    assert found.first is not None
    assert found.first.way is not None
    assert [(t.go, t.street) for t in found.first.way.turns] == [
        ("start", "東へ"), ("right", "南へ"), ("stairs", "段"), ("straight", "坂"), ("arrive", ""),
    ]  # fmt: skip


def test_the_line_runs_from_door_to_door_without_a_gap() -> None:
    found = outlook(town(), Home(spot(130, 60)), QUICK, State(NOW))
    assert found.first is not None
    assert found.first.way is not None
    line = np.array(found.first.way.line)
    assert line[0] == pytest.approx([spot(130, 60).lon, spot(130, 60).lat], abs=1e-6)
    assert line[-1] == pytest.approx([spot(510, 200).lon, spot(510, 200).lat], abs=1e-6)
    metres = np.hypot(np.diff(line[:, 0]) * 86_500, np.diff(line[:, 1]) * 111_195)
    assert metres.max() < 110
    assert metres.sum() == pytest.approx(found.first.way.metres, rel=0.08)
    assert all(type(x) is float for point in found.first.way.line for x in point)


def test_a_place_that_stands_there_twice_is_one_emergency_shelter() -> None:
    twice = [shelter("s", 0, 0, designation="evacuation"), shelter("s", 0, 0)]
    found = Shelters.build(twice, ZoneIndex.build([]))
    assert [one.emergency for one in found.all] == [True]


def test_a_collapse_zone_is_no_place_for_a_shelter() -> None:
    washed = replace(zone(300, 300, 400, 400), columns={"hazard": "flood", "rank_kind": "collapse", "rank": 1})
    found = Shelters.build([shelter("s", 350, 350, "landslide", floors=9)], ZoneIndex.build([washed]))
    assert "in_zone" in found.why_not(0, frozenset({Hazard.LANDSLIDE}), {})


def test_plans_are_refused_for_what_lasts() -> None:
    places = [shelter("good", 510, 500), shelter("fire", 510, 200, "tsunami"), shelter("wet", 100, 400)]
    here = town(shelters=places)
    home = Home(spot(100, 205))

    def why(**more: object) -> tuple[str, ...]:
        return refusals(here, Plan(home, **more))  # type: ignore[arg-type]

    assert why() == ()
    assert why(first=Destination(Kind.SHELTER, "good")) == ()
    assert why(first=Destination(Kind.SHELTER, "wet")) == ("refused.into_zone",)
    assert why(second=Destination(Kind.SHELTER, "fire")) == ("refused.not_designated",)
    assert why(first=Destination(Kind.SHELTER, "gone")) == ("refused.unknown_shelter",)
    assert why(first=Destination(Kind.UPSTAIRS)) == ("refused.upstairs",)
    assert why(first=Destination(Kind.RELATIVES, spot=spot(50, 300))) == ("refused.into_zone",)
    assert why(leave_level=5) == ("refused.level_5",)


def test_the_table_of_ways_names_whom_a_closed_link_touches() -> None:
    here, state = town(), State(NOW)
    asked = [Asked(Home(spot(41 * n % 500, 67 * n % 500)), QUICK) for n in range(30)]
    table = route_table(here, asked, state)
    closed = "3.2/4.2"
    hit = set(table.affected([here.roads.number[closed]]).tolist())
    shut = State(NOW, closed=frozenset({closed}))
    for n, one in enumerate(asked):
        before = outlook(here, one.home, one.household, state)
        after = outlook(here, one.home, one.household, shut)
        if n not in hit:
            assert after == before
        if before.first is not None and before.first.way is not None and closed in before.first.way.links:
            assert n in hit
            assert after.first is None or after.first.way is None or closed not in after.first.way.links
    assert 0 < len(hit) < 30


TACHIKAWA = Path(__file__).parents[3] / "shared/data/road_network/tachikawa.graphml"


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.skipif(not TACHIKAWA.exists(), reason="needs ../shared/data beside the checkout")
def test_ways_on_tachikawas_real_roads() -> None:
    from sensors.datasets import recognise
    from timelines.town import Town

    roads = [f for f in recognise.read(TACHIKAWA).features if f.layer == "roads"]
    graph = Roads.build(roads)
    chance = np.random.default_rng(1)
    nodes = chance.choice(len(graph.nodes), 60, replace=False)
    spots = [LonLat(float(graph.lon[n]), float(graph.lat[n])) for n in nodes]
    places = [replace(shelter(f"s{n}", 0, 0), geometry=at.point) for n, at in enumerate(spots[:10])]
    here = Town.build([], roads, places, [], [], "1320200")
    ways = [outlook(here, Home(at), QUICK, State(datetime(2026, 1, 1, tzinfo=UTC))).first for at in spots[10:]]
    found = [choice.way for choice in ways if choice is not None and choice.way is not None]
    assert len(found) == 50
    for way in found:
        line = np.array(way.line)
        straight = np.hypot((line[0, 0] - line[-1, 0]) * 90_400, (line[0, 1] - line[-1, 1]) * 111_195)
        assert straight * 0.98 <= way.metres < straight * 4 + 400
        assert way.minutes == pytest.approx(way.metres / 0.9 / 60, rel=0.3, abs=1)


def test_a_brook_that_rises_before_the_river_is_wet_before_the_zero_hour() -> None:
    times = [arrival(-20, "0.0/1.0"), arrival(0, "1.0/2.0"), arrival(30, "2.0/3.0")]
    assert watered(times)[1][WATER][:3] == [-30 * 600, 0, 20 * 600]


def test_arrival_times_for_roads_that_are_not_loaded_leave_the_zone_wet() -> None:
    assert watered([arrival(40, "0.0/1.0"), arrival(40, "77/3")])[1][WATER] == [30 * 600, 0, 0, DRY, DRY]


def test_arrival_times_of_one_river_say_nothing_of_anothers_zone() -> None:
    roads = Roads.build([link("r", (x, 0), (x + 1, 0)) for x in range(5)])
    zones = ZoneIndex.build([zone(-50, -50, 150, 50, river="a"), zone(350, -50, 550, 50, river="b")])
    found = wet(roads, zones, [arrival(40, "0.0/1.0")], GOVERNS, CITY)
    assert found.links[WATER].tolist() == [30 * 600, DRY, DRY, 0, 0]
    assert found.home(zones.at(spot(450, 0)), spot(450, 0), 4) == {WATER: 0}
    assert found.home(zones.at(spot(50, 0)), spot(50, 0), 0) == {WATER: 30 * 600}


def test_nobody_is_sent_on_foot_along_a_road_that_is_barred_to_walkers() -> None:
    said = [{"foot": "no"}, {"access": "no"}, {"access": "no", "foot": "yes"}, {"access": "private"}, {}]
    roads = Roads.build([link("r", (x, 0), (x + 1, 0), **columns) for x, columns in enumerate(said)])
    for mode in (Mode.FOOT, Mode.WHEELCHAIR):
        assert roads.allowed(mode).tolist() == [False, False, True, True, True]
