"""What can happen at a home: covered, on the border, outside, and not known; many at once is the same as one by one."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.terms.hazard import Danger, Depth, Hazard, Hours, Known, Scale
from disaster_hub.terms.place import Feature, LonLat
from timelines.home import ZoneIndex, dangers, dangers_many

LON, LAT = 139.3, 38.9
HERE = LonLat(LON, LAT)


def zone(
    identity: str,
    *,
    at: tuple[float, float] = (LON, LAT),
    half: float = 0.01,
    river: str | None = "みなも川",
    **columns: Any,
) -> Feature:
    """Give a square zone around a point."""
    said = {"hazard": "flood", "scale": "maximum", "rank": 2, "rank_kind": "depth", "river": river} | columns
    x, y = at
    return Feature("hazards", identity, shapely.box(x - half, y - half, x + half, y + half), said)


def one(hazard: Hazard, *features: Feature, spot: LonLat = HERE) -> Danger:
    found = dangers(ZoneIndex.build(features), spot)
    assert [d.hazard for d in found] == list(Hazard)
    return next(d for d in found if d.hazard is hazard)


def flood(*features: Feature, spot: LonLat = HERE) -> Danger:
    return one(Hazard.FLOOD, *features, spot=spot)


def test_nothing_loaded_is_no_data_and_never_outside() -> None:
    found = dangers(ZoneIndex.build([]), HERE)
    assert [d.hazard for d in found] == list(Hazard)
    assert {d.known for d in found} == {Known.NO_DATA}


def test_a_rank_is_a_class_reckoned_at_its_upper_end() -> None:
    said = flood(zone("a"))
    assert (said.known, said.maximum, said.planned) == (Known.INSIDE, Depth(0.5, 3.0), None)
    assert said.reckoned == 3.0
    assert flood(zone("a", rank=6)).reckoned == math.inf


def test_metres_are_said_only_where_the_data_has_them() -> None:
    said = flood(zone("a", rank=2, low_m=0.5, high_m=3.0, depth_m=1.2))
    assert said.maximum == Depth(0.5, 3.0, 1.2)
    assert said.reckoned == 1.2


def test_classes_that_the_reader_gave_go_before_the_rank() -> None:
    said = one(Hazard.TSUNAMI, zone("t", hazard="tsunami", rank=None, low_m=0.3, high_m=1.0, river=None))
    assert said.maximum == Depth(0.3, 1.0)
    assert not said.depth_unknown


@pytest.mark.parametrize("hazard", ["tsunami", "surge", "inland"])
def test_a_rank_of_another_hazard_is_not_read_with_the_flood_table(hazard: str) -> None:
    said = one(Hazard(hazard), zone("t", hazard=hazard, rank=1))
    assert said.depth_unknown
    assert said.reckoned == math.inf


def test_an_empty_rank_is_the_worst_and_not_the_shallowest() -> None:
    said = flood(zone("a", rank=None), zone("b", rank=1))
    assert said.depth_unknown
    assert said.reckoned == math.inf
    assert flood(zone("d", rank_kind="duration", rank=None), zone("b")).hours == Hours(0.0, None)


def test_planned_and_maximum_stay_apart_and_the_worst_of_overlapping_rivers_counts() -> None:
    said = flood(
        zone("p1", scale="planned", rank=1),
        zone("p2", scale="planned", rank=2, river="こがね川"),
        zone("m1", rank=2),
        zone("m2", rank=3, river="こがね川"),
    )
    assert (said.planned, said.maximum) == (Depth(0.5, 3.0), Depth(3.0, 5.0))
    assert said.rivers == ("こがね川", "みなも川")
    assert said.planned_known


def test_outside_the_planned_flood_alone_is_no_data() -> None:
    away = LonLat(LON + 0.02, LAT)
    said = flood(zone("p", scale="planned"), spot=away)
    assert said.known is Known.NO_DATA
    assert said.planned_known
    assert flood(zone("m"), spot=away).known is Known.OUTSIDE
    assert flood(zone("m"), spot=away).rivers == ("みなも川",)


def test_a_file_says_nothing_about_another_part_of_the_country() -> None:
    tsuruoka, numazu = LonLat(139.83, 38.73), (138.86, 35.1)
    said = flood(zone("m", at=numazu, river="狩野川"), spot=tsuruoka)
    assert said.known is Known.NO_DATA
    assert said.rivers == ()


def test_duration_and_collapse_are_known_only_where_such_layers_are_loaded() -> None:
    bare = flood(zone("m"))
    assert (bare.hours, bare.duration_known, bare.collapse, bare.collapse_known) == (None, False, (), False)
    said = flood(
        zone("m"),
        zone("d", rank_kind="duration", rank=3),
        zone("d2", rank_kind="duration", rank=1),
        zone("c", rank_kind="collapse", rank=1, at=(LON + 0.05, LAT)),
    )
    assert (said.hours, said.duration_known) == (Hours(24.0, 72.0), True)
    assert (said.collapse, said.collapse_known) == ((), True)
    both = flood(zone("m"), *(zone(f"c{n}", rank_kind="collapse", rank=n) for n in (1, 2)))
    assert both.collapse == ("bank", "flow")
    assert flood(zone("c", rank_kind="collapse", rank=None)).collapse == ("bank", "flow")


def test_a_wet_home_beside_the_zones_of_duration_has_no_known_duration() -> None:
    said = flood(zone("m"), zone("d", rank_kind="duration", at=(LON + 0.05, LAT)))
    assert not said.duration_known


def test_only_a_collapse_zone_at_the_home_means_depth_unknown_not_dry() -> None:
    said = flood(zone("c", rank_kind="collapse", rank=2))
    assert said.inside
    assert said.depth_unknown


@pytest.mark.parametrize(("rank", "special"), [(1, False), (2, True), (3, False), (4, True)])
def test_special_landslide_zones_are_two_and_four(rank: int, special: bool) -> None:
    said = one(
        Hazard.LANDSLIDE,
        zone("l", hazard="landslide", scale=None, rank_kind="landslide", rank=rank, phenomenon="土石流", river=None),
    )
    assert (said.special, said.phenomena, said.depth_unknown) == (special, ("土石流",), False)


@pytest.mark.parametrize("spot", [(0.01, 0.0), (-0.01, 0.01), (0.0, -0.01)])
def test_a_point_on_the_border_lies_inside(spot: tuple[float, float]) -> None:
    square = Feature("hazards", "a", shapely.box(-0.01, -0.01, 0.01, 0.01), zone("x").columns)
    assert flood(square, spot=LonLat(*spot)).inside


def test_a_hole_is_outside_and_its_rim_is_not() -> None:
    ring = shapely.box(-1, -1, 1, 1).difference(shapely.box(-0.5, -0.5, 0.5, 0.5))
    feature = Feature("hazards", "a", shapely.multipolygons([ring]), zone("x").columns)
    assert flood(feature, spot=LonLat(0, 0)).known is Known.OUTSIDE
    assert flood(feature, spot=LonLat(0.5, 0)).inside


def test_what_is_no_hazard_known_here_is_left_out() -> None:
    assert ZoneIndex.build([zone("v", hazard="volcano")]).zones == ()
    empty = Feature("hazards", "e", shapely.Polygon(), zone("x").columns)
    assert ZoneIndex.build([empty]).zones == ()


def test_loaded_says_which_layers_exist_at_all() -> None:
    index = ZoneIndex.build([zone("a"), zone("l", hazard="landslide", scale=None, rank_kind="landslide", rank=1)])
    assert index.loaded == {(Hazard.FLOOD, "depth", Scale.MAXIMUM), (Hazard.LANDSLIDE, "landslide", None)}


def crowd(count: int, seed: int) -> list[Feature]:
    """Give overlapping round zones all over a small country."""
    chance = np.random.default_rng(seed)
    found = []
    for n in range(count):
        x, y, wide = chance.uniform(0, 0.2), chance.uniform(0, 0.2), chance.uniform(0.005, 0.03)
        shape = shapely.Point(x, y).buffer(wide, quad_segs=6)
        found.append(Feature("hazards", str(n), shape, dict(zone("x", rank=n % 6 + 1).columns)))
    return found


@given(st.integers(0, 2**32), st.integers(0, 40))
def test_many_at_once_find_what_covers_finds(seed: int, homes: int) -> None:
    index = ZoneIndex.build(crowd(30, seed))
    lon, lat = np.random.default_rng(seed + 1).uniform(0, 0.2, (2, homes))
    pairs = set(zip(*(part.tolist() for part in index.at_many(lon, lat)), strict=True))
    shapes = index.shapes
    brute = {(h, z) for h in range(homes) for z in range(30) if shapes[z].covers(shapely.Point(lon[h], lat[h]))}
    assert pairs == brute
    for home in range(homes):
        alone = [z.id for z in index.at(LonLat(lon[home], lat[home]))]
        assert alone == [index.zones[z].id for h, z in sorted(brute) if h == home]


def test_many_homes_in_two_threads_are_the_same_as_one_by_one() -> None:
    index = ZoneIndex.build(crowd(200, 1))
    spots = [LonLat(*xy) for xy in np.random.default_rng(2).uniform(0, 0.2, (1500, 2)).tolist()]
    assert dangers_many(index, spots) == [dangers(index, spot) for spot in spots]


def test_several_threads_may_ask_a_cold_index() -> None:
    spots = [LonLat(*xy) for xy in np.random.default_rng(3).uniform(0, 0.2, (400, 2)).tolist()]
    right = [ZoneIndex.build(crowd(60, 4)).at(spot) for spot in spots[:1]]
    cold = ZoneIndex.build(crowd(60, 4))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(cold.at, spots))
    assert found[0] == right[0]
    assert found == [cold.at(spot) for spot in spots]


def test_another_rivers_collapse_or_duration_layer_says_nothing_of_this_one() -> None:
    away = (LON + 0.05, LAT)
    mine = zone("m", river="a")
    other = [
        zone("c", rank_kind="collapse", rank=1, river="b", at=away),
        zone("d", rank_kind="duration", rank=1, river="b"),
    ]
    said = flood(mine, *other)
    assert (said.collapse_known, said.duration_known) == (False, False)
    own = [
        zone("c", rank_kind="collapse", rank=1, river="a", at=away),
        zone("d", rank_kind="duration", rank=1, river="a"),
    ]
    said = flood(mine, *own)
    assert (said.collapse_known, said.duration_known) == (True, True)
