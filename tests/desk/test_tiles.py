"""Tiles: what is drawn is where the zone is, within a pixel; holes stay holes; what is not known stays not known."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity

from disaster_hub.desk import tiles
from disaster_hub.desk.drawing import RING, Legend, coarser, draw, joined
from disaster_hub.desk.tile_cut import EXTENT, PIXEL, cut
from disaster_hub.desk.tiles import PUBLIC, Atlas
from disaster_hub.store import places
from disaster_hub.store.session import Store
from disaster_hub.terms.place import Feature
from tests.desk.tile_reader import filled, on_tile, over, read


@pytest.fixture(autouse=True)
def drawn_to_the_end() -> Iterator[None]:
    """Wait for what is drawn in the background: it reads the store that the next test takes away."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("tiles "):
            thread.join(30)


LON, LAT = 139.3, 38.9
ZONE = {"hazard": "flood", "scale": "maximum", "rank": 2, "rank_kind": "depth", "river": "みなも川"}


def star(lon: float, lat: float, radius: float, corners: int, rough: list[float]) -> Polygon:
    turn = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    far = radius * (1 + 0.4 * np.resize(rough, corners))
    return Polygon(np.stack([lon + far * np.cos(turn), lat + 0.8 * far * np.sin(turn)], axis=1))


def tile_of(shape: shapely.Geometry, zoom: int, x: int, y: int) -> list[np.ndarray]:
    """Cut one shape's tile as the atlas does: through two simplifications."""
    one = draw(np.array([shape], object), np.zeros(1, np.int32))
    for finer in (zoom + 2, zoom):
        one = coarser(one, finer)
    return [part for _, _, parts in read(cut(one, Legend((), [()]), zoom, x, y)) for part in parts]


zones = st.builds(
    star, st.floats(139.25, 139.35), st.floats(38.85, 38.95), st.floats(0.0005, 0.03), st.integers(5, 300),
    st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=40),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(zone=zones, zoom=st.integers(8, 16), share=st.floats(0, 1), turn=st.floats(0, 6.28))
def test_a_spot_in_a_zone_is_in_its_tile_within_a_pixel(zone: Polygon, zoom: int, share: float, turn: float) -> None:
    zone = shapely.make_valid(zone)
    west, south, east, north = zone.bounds
    spot = Point(
        (west + east) / 2 + share * (east - west) * math.cos(turn),
        (south + north) / 2 + share * (north - south) * math.sin(turn),
    )
    x, y = over(spot.x, spot.y, zoom)
    place = Point(on_tile(spot.x, spot.y, zoom, x, y))
    drawn = filled(tile_of(zone, zoom, x, y))
    if zone.covers(spot):
        assert drawn.distance(place) <= PIXEL
    elif drawn.covers(place):
        degrees = PIXEL / EXTENT / (1 << zoom) * 360
        assert zone.distance(spot) <= 1.5 * degrees  # a pixel aslant


def test_a_hole_stays_a_hole() -> None:
    ring = star(LON, LAT, 0.02, 90, [0.0]).difference(star(LON, LAT, 0.008, 60, [0.0]))
    for zoom in (9, 12, 14):
        x, y = over(LON, LAT, zoom)
        drawn = filled(tile_of(ring, zoom, x, y))
        assert not drawn.covers(Point(on_tile(LON, LAT, zoom, x, y)))


@settings(max_examples=25, deadline=None)
@given(waves=st.lists(st.floats(-1, 1), min_size=2, max_size=30), zoom=st.integers(9, 15))
def test_neighbours_leave_no_gap_wider_than_a_pixel(waves: list[float], zoom: int) -> None:
    east = np.linspace(LON - 0.02, LON + 0.02, 120)
    border = np.stack([east, LAT + 0.002 * np.resize(waves, 120)], axis=1)
    above = Polygon([*border, (LON + 0.02, LAT + 0.02), (LON - 0.02, LAT + 0.02)])
    below = Polygon([*border[::-1], (LON - 0.02, LAT - 0.02), (LON + 0.02, LAT - 0.02)])
    x, y = over(LON, LAT, zoom)
    both = shapely.union_all([filled(tile_of(part, zoom, x, y)) for part in (above, below)])
    seen = shapely.box(0, 0, EXTENT, EXTENT)
    west, north = on_tile(LON - 0.02, LAT + 0.02, zoom, x, y)
    right, south = on_tile(LON + 0.02, LAT - 0.02, zoom, x, y)
    whole = shapely.box(west + PIXEL, north + PIXEL, right - PIXEL, south - PIXEL).intersection(seen)
    gaps = whole.difference(both)
    assert gaps.buffer(-PIXEL / 2 - 1).is_empty


def test_what_is_smaller_than_a_pixel_does_not_vanish() -> None:
    houses = [affinity.translate(shapely.box(LON, LAT, LON + 1e-5, LAT + 1e-5), n * 2e-5, 0) for n in range(50)]
    one = coarser(draw(np.array(houses, object), np.zeros(50, np.int32)), 8)
    ((_, what, parts),) = read(cut(one, Legend((), [()]), 8, *over(LON, LAT, 8)))
    assert what == RING
    assert 1 <= len(parts) <= 3  # fifty in a pixel's width are one square


def test_lines_and_points_are_cut_too() -> None:
    road = LineString([(LON - 5, LAT), (LON + 5, LAT)])
    shapes = np.array(
        [road, Point(LON, LAT), shapely.GeometryCollection([road, shapely.MultiPoint([(LON, LAT)])])], object
    )
    x, y = over(LON, LAT, 15)
    groups = read(cut(draw(shapes, np.zeros(3, np.int32)), Legend((), [()]), 15, x, y))
    assert {what: len(parts) for _, what, parts in groups} == {1: 2, 2: 2}
    for _, what, parts in groups:
        for part in parts:
            assert abs(part).max() < 20_000
            if what == 2:
                assert part[:, 0].min() <= 0
                assert part[:, 0].max() >= EXTENT


def test_joined_nothing_is_nothing() -> None:
    assert cut(joined([]), Legend(()), 10, 1, 1) == b""


@pytest.fixture(name="loaded")
def a_store_with_zones(store: Store) -> Store:
    unknown = ZONE | {"rank": None, "owner": "みなも太郎", "phone": "000"}
    with store.write() as tx:
        places.replace(tx, "hazards", "a", [
            Feature("hazards", "z1", star(LON, LAT, 0.02, 300, [0.1, -0.2, 0.05]), ZONE),
            Feature("hazards", "z2", star(LON + 0.02, LAT, 0.01, 60, [0.0]), unknown),
        ])  # fmt: skip
    return store


@pytest.mark.parametrize("zoom", [6, 11, 15])
def test_the_atlas_draws_from_memory_and_from_the_store(loaded: Store, zoom: int) -> None:
    atlas = Atlas(loaded)
    sheet = PUBLIC["hazards"]
    assert atlas.tile("hazards", "1", sheet, zoom, 0, 0) is None  # not drawn yet
    atlas.prepare("hazards", "1", sheet)
    x, y = over(LON + 0.02, LAT, zoom)
    body = atlas.tile("hazards", "1", sheet, zoom, x, y)
    said = [is_ for is_, _, _ in read(body)]
    assert {"rank": None, "hazard": "flood"}.items() <= said[-1].items()
    assert all(set(is_) == set(sheet.columns) for is_ in said)
    assert "太郎" not in json.dumps(said, ensure_ascii=False)
    assert any(filled(parts).covers(Point(on_tile(LON + 0.02, LAT, zoom, x, y))) for _, _, parts in read(body))
    assert atlas.tile("hazards", "1", sheet, zoom, 3, 3) == b""


def test_a_new_loading_draws_anew(loaded: Store) -> None:
    atlas, sheet = Atlas(loaded), PUBLIC["hazards"]
    atlas.prepare("hazards", "1", sheet)
    x, y = over(LON, LAT, 11)
    assert atlas.tile("hazards", "1", sheet, 11, x, y)
    with loaded.write() as tx:
        places.clear(tx, "hazards", "a")
    assert atlas.tile("hazards", "2", sheet, 11, x, y) is None
    atlas.prepare("hazards", "2", sheet)
    assert atlas.tile("hazards", "2", sheet, 11, x, y) == b""
    assert atlas.known("hazards", "1", 11, x, y) is None


def test_memory_has_a_limit(loaded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "MOST_DRAWN", 3000)
    drawn = tiles.drawn_of(loaded, PUBLIC["hazards"])
    assert drawn.levels
    assert max(drawn.levels) < max(tiles.ZOOMS)
    monkeypatch.setattr(tiles, "MOST_CUT", 2000)
    atlas, sheet = Atlas(loaded), PUBLIC["hazards"]
    atlas.prepare("hazards", "1", sheet)
    for zoom in range(6, 17):
        atlas.tile("hazards", "1", sheet, zoom, *over(LON, LAT, zoom))
    assert atlas._weight <= 2000
    assert atlas.known("hazards", "1", 6, *over(LON, LAT, 6)) is None
