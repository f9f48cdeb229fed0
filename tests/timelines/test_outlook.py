"""What stands before a household: the word, the minute, the places, and why not the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination, Home, Household, Kind, Mode, Need
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Basis, LeaveBy, ShelterState, Water, Word
from tests.timelines.square import (
    CITY,
    FLOOD,
    NOW,
    RIVER,
    Every,
    arrival,
    flood,
    link,
    shelter,
    spot,
    square,
    town,
    zone,
)
from timelines.leave_by import as_of
from timelines.outlook import Asked, State, choices, outlook, outlooks

HOME = Home(spot(100, 205))
"""In the flood zone, on the column c1, beside the crossing with r2."""
QUICK = Household(ten_minutes_m=600)


def said(waters: tuple[Water, ...] = (), **more: object) -> State:
    return State(NOW, waters=waters, **more)  # type: ignore[arg-type]


def landslide(level: int | None = 3) -> Water:
    reached = level is not None and level >= 3
    zero, basis = (NOW - timedelta(minutes=20), Basis.REACHED) if reached else (None, Basis.UNKNOWN)
    return Water(Hazard.LANDSLIDE, CITY, zero, basis, level=level)


def test_without_an_official_word_no_minute_is_invented() -> None:
    found = outlook(town(), HOME, QUICK, said())
    assert (found.leave.word, found.leave.at, found.leave.level) == (Word.LEAVE_AT_LEVEL, None, 3)
    assert found.first is not None
    assert found.first.way is not None
    assert ("zero_unknown", "") in found.leave.assumptions
    assert found.hazards == (Hazard.FLOOD,)


def test_the_minute_is_the_forecasts_less_the_walk_and_the_margins() -> None:
    found = outlook(town(), HOME, QUICK, said((flood(60),)))
    assert found.first is not None
    assert found.first.way is not None
    assert found.leave.word is Word.LEAVE_BY
    assert found.leave.at is not None
    # The zone ends at 250 m, so the street from 200 to 300 m is wet: 200 m at 0.9 m/s, 5 + 5 minutes of margin.
    walk = 205 / 0.9
    latest = NOW + timedelta(minutes=50) - timedelta(seconds=walk)
    assert timedelta(0) <= latest - found.leave.at < timedelta(minutes=1.5)
    assert found.first.way.slack_s == pytest.approx(-walk, abs=10)
    assert found.leave.water is not None
    assert found.leave.water.gauge_name == "柳橋"


def test_every_reckoned_thing_is_said() -> None:
    leave = outlook(town(), HOME, Household(), said((flood(60),), night=True)).leave
    keys = {key for key, _ in leave.assumptions}
    assert {"speed", "night", "rain", "prepare", "slowest", "margin", "whole_zone", "zero_forecast"} <= keys
    assert dict(leave.assumptions)["speed"] == "0.36"


def test_go_up_when_no_dry_way_is_left() -> None:
    found = outlook(town(), HOME, QUICK, said((flood(5),)))
    assert found.leave.word is Word.GO_UP
    assert found.leave.at is None
    assert found.first is None
    assert all("no_dry_way" in c.why_not for c in found.others if c.destination.shelter in {"east", "north"})
    assert all(c.way is None for c in found.others)


def test_the_last_minute_is_now_and_then_it_is_over() -> None:
    by = outlook(town(), HOME, QUICK, said((flood(60),))).leave.at
    assert by is not None

    def word(seconds: float) -> Word:
        state = replace(said((flood(60),)), now=by + timedelta(seconds=seconds))
        return outlook(town(), HOME, QUICK, state).leave.word

    assert word(-61) is Word.LEAVE_BY
    assert word(-30) is Word.LEAVE_NOW
    assert word(61) is Word.GO_UP


def test_a_minute_said_earlier_runs_out_by_itself() -> None:
    leave = LeaveBy(Word.LEAVE_BY, NOW, 3)
    assert as_of(leave, NOW - timedelta(minutes=5)) == leave
    assert as_of(leave, NOW - timedelta(seconds=10)).word is Word.LEAVE_NOW
    assert as_of(leave, NOW + timedelta(seconds=1)).word is Word.GO_UP
    up = LeaveBy(Word.GO_UP)
    assert as_of(up, NOW) == up


def test_at_level_5_nobody_is_sent_out() -> None:
    assert outlook(town(), HOME, QUICK, said((flood(None, 5),))).leave.word is Word.GO_UP
    assert outlook(town(), HOME, QUICK, said((flood(90, 5),))).leave.word is Word.GO_UP


def test_the_level_reached_says_leave_now() -> None:
    assert outlook(town(), HOME, QUICK, said((flood(None, 3),))).leave.word is Word.LEAVE_NOW
    assert outlook(town(), HOME, QUICK, said((flood(None, 2),))).leave.word is Word.LEAVE_AT_LEVEL


def test_only_who_is_known_to_be_outside_everything_may_stay() -> None:
    hill = Home(spot(450, 305))
    known = town([FLOOD, *Every.far("flood")])
    assert outlook(known, hill, QUICK, said((flood(5),))).leave.word is Word.STAY
    half = town([FLOOD])
    assert outlook(half, hill, QUICK, said()).leave.word is Word.LEAVE_AT_LEVEL


def test_arrival_times_give_more_time_than_the_zone() -> None:
    late = [arrival(90, west=-50, south=-50, east=250, north=550)]
    by_zone = outlook(town(), HOME, QUICK, said((flood(60),))).leave.at
    by_time = outlook(town(arrivals=late), HOME, QUICK, said((flood(60),))).leave
    assert by_zone is not None
    assert by_time.at == by_zone + timedelta(minutes=80)
    assert ("arrival_margin", "10") in by_time.assumptions


def test_a_way_that_the_water_takes_later_is_preferred_to_a_short_one() -> None:
    """The streets east of the home are wet at once; those north of it after an hour."""
    wet = [arrival(10, west=150, south=-50, east=250, north=350), arrival(70, west=-50, south=-50, east=149, north=550)]
    found = outlook(town(arrivals=wet), HOME, QUICK, said((flood(30),)))
    assert found.first is not None
    assert found.first.way is not None
    assert "1.2/2.2" not in found.first.way.links
    assert found.first.way.slack_s is not None
    assert found.first.way.slack_s > 1800


def test_where_it_floods_first_is_on_the_way() -> None:
    wet = [arrival(10, west=150, south=-50, east=250, north=550), arrival(70, west=-50, south=-50, east=149, north=550)]
    found = outlook(town(arrivals=wet), HOME, QUICK, said((flood(60),)))
    assert found.first is not None
    assert found.first.way is not None
    floods = found.first.way.floods
    assert floods is not None
    assert floods.link in found.first.way.links
    assert floods.after_min == 0
    assert floods.at == NOW + timedelta(minutes=60)


def test_a_shelter_that_is_full_or_shut_is_not_proposed() -> None:
    for state, why in ((ShelterState.FULL, "full"), (ShelterState.CLOSED, "closed")):
        found = outlook(town(), HOME, QUICK, said(shelters={"east": state}))
        assert found.first is not None
        assert found.first.destination.shelter == "north"
        refused = next(c for c in found.others if c.destination.shelter == "east")
        assert refused.why_not == (why,)


def test_not_designated_in_a_zone_and_for_staying_are_named() -> None:
    places = [
        shelter("good", 510, 500),
        shelter("fire", 510, 200, "landslide"),
        shelter("wet", 100, 400),
        shelter("stay", 500, 300, designation="evacuation"),
    ]
    found = outlook(town(shelters=places), HOME, QUICK, said())
    assert found.first is not None
    assert found.first.destination.shelter == "good"
    assert found.second is None
    why = {c.destination.shelter: c.why_not for c in found.others}
    assert why == {"fire": ("not_designated",), "wet": ("in_zone",), "stay": ("not_emergency",)}


def test_upper_floors_only_where_nothing_else_is_and_said() -> None:
    school = shelter("school", 100, 400, floors=4)
    both = outlook(town(shelters=[school, shelter("dry", 510, 500)]), HOME, QUICK, said())
    assert both.first is not None
    assert both.first.destination.shelter == "dry"
    alone = outlook(town(shelters=[school]), HOME, QUICK, said())
    assert alone.first is not None
    assert alone.first.destination.upper_floors
    assert "upper_floors" in alone.first.notes


def test_the_households_own_place_comes_first_where_it_fits() -> None:
    wish = Destination(Kind.SHELTER, "north")
    found = outlook(town(), HOME, QUICK, said(), (wish, None))
    assert [c.destination.shelter for c in (found.first, found.second) if c] == ["north", "east"]
    second = outlook(town(), HOME, QUICK, said(), (None, wish))
    assert [c.destination.shelter for c in (second.first, second.second) if c] == ["east", "north"]


def test_a_place_that_does_not_fit_is_named_and_another_proposed() -> None:
    wet = [shelter("wet", 100, 400), shelter("dry", 510, 500)]
    found = outlook(town(shelters=wet), HOME, QUICK, said(), (Destination(Kind.SHELTER, "wet"), None))
    assert found.first is not None
    assert found.first.destination.shelter == "dry"
    assert found.others[0].destination.shelter == "wet"
    assert found.others[0].why_not == ("in_zone",)


def test_a_place_that_falls_away_makes_the_minute_no_later() -> None:
    wish = (Destination(Kind.SHELTER, "east"), None)
    before = outlook(town(), HOME, QUICK, said((flood(60),)), wish).leave
    after = outlook(town(), HOME, QUICK, said((flood(60),), shelters={"east": ShelterState.FULL}), wish)
    assert before.at is not None
    assert after.first is not None
    assert after.first.destination.shelter == "north"
    assert after.leave.at is not None
    assert after.leave.at <= before.at


def test_relatives_are_walked_to_where_they_said_where() -> None:
    aunt = Destination(Kind.RELATIVES, name="おば", spot=spot(505, 400))
    found = outlook(town(), HOME, QUICK, said(), (aunt, None))
    assert found.first is not None
    assert found.first.way is not None
    assert found.first.way.metres == pytest.approx(605, abs=40)
    unknown = outlook(town(), HOME, QUICK, said((flood(90),)), (Destination(Kind.RELATIVES, name="おば"), None))
    assert unknown.first is not None
    assert unknown.first.way is None
    assert unknown.leave.word is Word.LEAVE_NOW


def test_without_roads_places_are_named_and_nothing_is_reckoned() -> None:
    found = outlook(town(roads=[]), HOME, QUICK, said())
    assert found.leave.word is Word.NO_WAY_KNOWN
    assert found.first is not None
    assert found.first.way is None
    assert "roads_not_loaded" in found.first.notes
    assert found.second is not None


def test_without_zones_a_shelter_for_flood_and_landslide_is_named_and_said_so() -> None:
    found = outlook(town(zones=[]), HOME, QUICK, said())
    assert found.hazards == ()
    assert found.first is not None
    assert "zones_not_loaded" in found.first.notes
    assert found.leave.word is Word.LEAVE_AT_LEVEL


def test_a_landslide_zone_is_left_while_the_city_says_leave() -> None:
    steep = zone(-50, -50, 250, 550, "landslide")
    state = said((landslide(3),))
    assert outlook(town([steep]), HOME, QUICK, state).leave.word is Word.LEAVE_NOW
    assert outlook(town([steep]), HOME, QUICK, said((landslide(5),))).leave.word is Word.GO_UP
    assert outlook(town([steep]), HOME, QUICK, said((landslide(2),))).leave.word is Word.LEAVE_AT_LEVEL


def test_from_level_3_nobody_walks_into_a_landslide_zone() -> None:
    slide = zone(330, 150, 370, 250, "landslide")
    calm = outlook(town([FLOOD, slide]), HOME, QUICK, said((flood(60),)))
    assert calm.first is not None
    assert calm.first.way is not None
    assert "3.2/4.2" not in calm.first.way.links
    only = [link("r", (x, 2), (x + 1, 2)) for x in range(5)]
    shut = outlook(town([FLOOD, slide], roads=only), HOME, QUICK, said((flood(60), landslide(3))))
    assert shut.leave.word is Word.GO_UP


def test_a_wheelchair_takes_no_steps() -> None:
    stairs = [f if f.id != "1.2/2.2" else replace(f, columns={**f.columns, "steps": True}) for f in square()]
    walk = outlook(town(roads=stairs), HOME, QUICK, said())
    roll = outlook(town(roads=stairs), HOME, Household(mode=Mode.WHEELCHAIR), said())
    assert roll.first is not None
    assert roll.first.way is not None
    assert "1.2/2.2" not in roll.first.way.links
    assert walk.first is not None
    assert walk.first.way is not None
    assert roll.first.way.minutes > walk.first.way.minutes


def test_the_slow_leave_at_level_3() -> None:
    late = [arrival(300, west=-50, south=-50, east=250, north=550)]
    here = town(arrivals=late)
    assert outlook(here, HOME, QUICK, said()).leave.level == 4
    slow = Household(needs=frozenset({Need.ELDER}), ten_minutes_m=600)
    assert outlook(here, HOME, slow, said()).leave.level == 3
    assert outlook(here, HOME, QUICK, said(), leave_level=3).leave.level == 3


def test_from_here_is_another_way_to_the_same_places() -> None:
    away = outlook(town(), HOME, QUICK, said(), start=spot(405, 300))
    assert away.first is not None
    assert away.first.way is not None
    assert away.first.way.line[0] == pytest.approx((spot(405, 300).lon, spot(405, 300).lat), abs=1e-6)
    assert away.hazards == (Hazard.FLOOD,)


def test_one_and_many_are_the_same_to_the_byte() -> None:
    here = town()
    state = said((flood(40),), closed=frozenset({"2.2/3.2"}))
    wish = Destination(Kind.SHELTER, "north")
    asked = [
        Asked(Home(spot(37 * n % 500, 53 * n % 500)), QUICK if n % 3 else Household(), (wish if n % 2 else None, None))
        for n in range(40)
    ]
    many = outlooks(here, asked, state)
    for one, found in zip(asked, many, strict=True):
        assert outlook(town(), one.home, one.household, state, one.wishes) == found
        assert found.digest


def test_the_same_word_said_again_is_the_same_outlook() -> None:
    again = replace(flood(60), issued_at=NOW + timedelta(minutes=5))
    one = outlook(town(), HOME, QUICK, said((flood(60),)))
    assert outlook(town(), HOME, QUICK, said((again,))).digest == one.digest
    assert outlook(town(), HOME, QUICK, said((flood(55),))).digest != one.digest


def test_all_fitting_places_can_be_looked_at() -> None:
    found = choices(town(), Asked(HOME, QUICK), said())
    assert [c.destination.shelter for c in found] == ["east", "north"]
    assert all(c.way is not None for c in found)


def test_a_home_far_from_every_road_has_no_way() -> None:
    far = Home(LonLat(HOME.spot.lon - 0.02, HOME.spot.lat))
    assert outlook(town(), far, QUICK, said()).leave.word is Word.NO_WAY_KNOWN


def test_another_rivers_zone_waits_for_its_own_water() -> None:
    other = zone(-50, -50, 250, 550)
    named = replace(other, columns={**other.columns, "river": "別の川"})
    found = outlook(town([named]), HOME, QUICK, said((flood(60),)))
    # Only the row without a river governs here, so the one flood speaks for it too.
    assert found.leave.water is not None
    assert found.leave.water.area == RIVER


def test_a_road_over_a_brook_that_rises_first_is_left_before_it_does_and_closed_at_level_3() -> None:
    # The only way out to the east leads along r2; the brook there is wet half an hour before the danger level.
    roads = [link("r2", (x, 2), (x + 1, 2)) for x in range(5)]
    times = [arrival(-30, "2.2/3.2"), arrival(200, west=-50, south=-50, east=190, north=550)]
    here = town(roads=roads, arrivals=times, shelters=[shelter("east", 510, 200)])
    by = outlook(here, HOME, QUICK, said((flood(90),))).leave.at
    assert by is not None
    assert by < NOW + timedelta(minutes=90 - 30 - 10)
    assert outlook(here, HOME, QUICK, said((flood(None, 2),))).leave.word is Word.LEAVE_AT_LEVEL
    assert outlook(here, HOME, QUICK, said((flood(None, 3),))).leave.word is Word.GO_UP
    around = town(arrivals=times, shelters=[shelter("east", 510, 200)])
    found = outlook(around, HOME, QUICK, said((flood(None, 3),)))
    assert found.first is not None
    assert found.first.way is not None
    assert "2.2/3.2" not in found.first.way.links


def test_leave_now_is_over_when_its_last_minute_is() -> None:
    by = outlook(town(), HOME, QUICK, said((flood(60),))).leave.at
    assert by is not None
    last = outlook(town(), HOME, QUICK, replace(said((flood(60),)), now=by - timedelta(seconds=30))).leave
    assert (last.word, last.until) == (Word.LEAVE_NOW, by)
    assert as_of(last, by).word is Word.LEAVE_NOW
    assert as_of(last, by + timedelta(seconds=1)).word is Word.GO_UP


def test_without_roads_the_water_at_the_door_sends_up_though_nobody_reckons_anew() -> None:
    leave = outlook(town(roads=[]), HOME, QUICK, said((flood(30),))).leave
    assert leave.word is Word.NO_WAY_KNOWN
    assert as_of(leave, NOW + timedelta(minutes=29)).word is Word.NO_WAY_KNOWN
    assert as_of(leave, NOW + timedelta(minutes=31)).word is Word.GO_UP


def test_relatives_who_live_in_the_same_water_are_proposed_to_nobody() -> None:
    aunt = Destination(Kind.RELATIVES, name="aunt", spot=spot(150, 100))
    for state in (said(), said((flood(60),))):
        found = outlook(town(), HOME, QUICK, state, (aunt, None))
        assert found.first is not None
        assert found.first.destination.kind is Kind.SHELTER
        assert ("aunt", ("in_zone",)) in [(c.destination.name, c.why_not) for c in found.others]
