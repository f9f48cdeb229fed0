"""The nearest shelter is the nearest on the ground, wherever in the city one stands."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from disaster_hub.terms.place import Feature, LonLat, metres_between
from timelines.home import ZoneIndex
from timelines.shelters import Shelters

SPOTS = st.tuples(st.floats(139.5, 140.1), st.floats(38.4, 39.0))


@given(SPOTS, st.lists(SPOTS, min_size=1, max_size=8, unique=True))
def test_near_and_far_are_those_of_the_ground(here: tuple[float, float], places: list[tuple[float, float]]) -> None:
    features = [Feature("shelters", str(n), Point(lon, lat), {"name": str(n)}) for n, (lon, lat) in enumerate(places)]
    shelters = Shelters.build(features, ZoneIndex.build([]))
    spot = LonLat(*here)
    order = shelters.nearest(spot, range(len(places)))
    away = [metres_between(spot, shelters.all[n].spot) for n in order]
    assert all(one <= other * 1.01 + 20 for one, other in pairwise(away))
