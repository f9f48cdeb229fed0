"""The tiles in a real browser: drawn where the zones are, at every zoom, anew after a loading; points that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shapely import box

from disaster_hub.store import journal, places
from disaster_hub.terms.place import Feature
from tests.portal import town
from tests.portal.conftest import Served, served
from tests.portal.test_browser import page_of
from tests.portal.town import LAT, LON

pytestmark = [pytest.mark.chromium, pytest.mark.slow]
DONE = """() => new Promise((good, bad) => {
  const begun = Date.now();
  const look = () => {
    if (hub.map.zones && hub.map.zones.done) requestAnimationFrame(good);
    else if (Date.now() - begun > 15000) bad(new Error("not drawn"));
    else setTimeout(look, 20);
  };
  look();
})"""
UNKNOWN = """([lng, lat]) => new Promise((good, bad) => {
  const begun = Date.now();
  const look = () => {
    if (hub.map.zones.done && hub.map.zones.at({ lat, lng }).some((p) => p.rank === null)) requestAnimationFrame(good);
    else if (Date.now() - begun > 20000) bad(new Error("not drawn anew"));
    else setTimeout(look, 20);
  };
  look();
})"""
PIXEL = """([lon, lat]) => {
  const zones = hub.map.zones; const ratio = devicePixelRatio;
  const at = hub.map.map.latLngToLayerPoint([lat, lon]).subtract(zones._bounds.min);
  return [...zones._ctx.getImageData(at.x * ratio, at.y * ratio, 1, 1).data];
}"""
POINTS = """async () => {
  const { Points } = await import("../hq/map/points.js".replace("..", new URL(document.querySelector('script[type=module]').src).pathname.replace(/\\/js\\/main.js$/, "")));
  const drawn = [];
  const points = new Points({ urgent: (r) => r.urgent, draw: (ctx, thing) => drawn.push(thing.id) });
  const many = Array.from({ length: 5000 }, (_, id) => ({ id, lon: (id % 50) / 10, lat: 5, urgent: id === 7 }));
  points.set([...many, { id: "lost", lon: null, lat: null }]);
  const begun = performance.now();
  const ctx = document.createElement("canvas").getContext("2d");
  const spots = points.draw(ctx, (lon, lat) => ({ x: lon * 100, y: lat }), { contains: () => true }, { paper: "#fff", ink: "#000" });
  return { ms: performance.now() - begun, drawn, all: spots.reduce((sum, s) => sum + s.things.length, 0), spots: spots.length, near: points.near({ x: 70, y: 5 }).things.map((r) => r.id) };
}"""


@pytest.fixture(name="page", scope="module")
def a_page(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with served(Path(tmp_path_factory.mktemp("tiles"))) as portal, page_of(chromium, portal) as page:
        page.portal = portal
        page.evaluate("document.querySelector('[data-layer=depth]').click()")
        page.evaluate(DONE)
        yield page


def test_a_zone_is_drawn_where_it_is_and_nowhere_else(page: Any) -> None:
    spot = town.river_line().interpolate(0.5, normalized=True)
    for zoom in (10, 12, 12.5, 13.75, 16):
        page.evaluate(
            "([lat, lon, zoom]) => { hub.map.map.setView([lat, lon], zoom, { animate: false }); }",
            [spot.y, spot.x, zoom],
        )
        page.evaluate(DONE)
        red, _, blue, alpha = page.evaluate(PIXEL, [spot.x, spot.y])
        assert alpha > 150
        assert blue > red + 40
        ranks = page.evaluate(
            "([lat, lon]) => hub.map.zones.at({ lat, lng: lon }).map((p) => p.rank)", [spot.y, spot.x]
        )
        assert {1, 2, 3} <= set(ranks)
    page.evaluate("([lat, lon]) => { hub.map.map.setView([lat, lon], 12, { animate: false }); }", [LAT, LON])
    page.evaluate(DONE)
    assert page.evaluate(PIXEL, [LON - 0.03, LAT + 0.06])[3] == 0


def test_what_is_not_known_is_hatched_and_a_loading_is_drawn_by_itself(page: Any) -> None:
    portal: Served = page.portal
    zone = {"hazard": "flood", "scale": "maximum", "rank": None, "rank_kind": "depth"}
    with portal.store.write() as tx:
        places.replace(
            tx,
            "hazards",
            "ksj-a31:y",
            [Feature("hazards", "n", box(LON - 0.04, LAT + 0.055, LON - 0.02, LAT + 0.065), zone)],
        )
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "y: hazards", because="ksj-a31:y"))
    page.evaluate(UNKNOWN, [LON - 0.03, LAT + 0.06])
    seen = {page.evaluate(PIXEL, [LON - 0.03 + n * 1e-4, LAT + 0.06])[3] for n in range(30)}
    assert 0 in seen
    assert max(seen) > 100
    assert [word for word in page.said if "error" in word] == []


def test_points_that_overlap_are_one_but_never_the_urgent(page: Any) -> None:
    said = page.evaluate(POINTS)
    assert said["drawn"] == [7]
    assert said["all"] == 5000
    assert said["near"] == [7]
    assert said["spots"] < 60
    assert said["ms"] < 500
