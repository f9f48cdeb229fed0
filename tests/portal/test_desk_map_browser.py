"""The desk's map in a real browser: two clicks to a gauge, the past never mistaken, wishes remembered, true metres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from disaster_hub.portal import accounts
from disaster_hub.store import conditions
from journey.person import until
from tests.portal import town
from tests.portal.conftest import Served

pytestmark = [pytest.mark.chromium, pytest.mark.slow]
DESK, WALL, PHONE, NARROW = (1280, 800), (1920, 1080), (390, 780), (360, 740)
PASSWORD = "a long way down the river"
UNTIL = """([what, limit]) => new Promise((good, bad) => {
  const begun = Date.now();
  const all = {drawn: () => window.hub && hub.drawn, past: () => hub.past.shown, now: () => !hub.past.shown,
    detail: () => document.querySelector("#detail .chart"), found: () => document.querySelectorAll("#found li").length,
    kept: () => document.getElementById("groups").dataset.kept, sketch: () => hub.things.sketches.length};
  const look = () => {
    if (all[what]()) good(Date.now() - begun);
    else if (Date.now() - begun > limit) bad(new Error("in vain: " + what));
    else setTimeout(look, 30);
  };
  look();
})"""
EMPTY_SPOT = """() => { const box = hub.map.map.getContainer().getBoundingClientRect(); return [box.left, box.top]; }"""


@pytest.fixture(name="desk")
def a_desk(portal: Served) -> Served:
    accounts.add(portal.store, "author", PASSWORD, "author", town.NOW)
    with portal.store.write() as tx:
        conditions.close_road(tx, "a1", "author", town.NOW - timedelta(hours=1), "冠水")
        conditions.close_road(tx, "b2", "author", town.NOW - timedelta(hours=3), "倒木")
        conditions.open_road(tx, "b2", "author", town.NOW - timedelta(hours=2))
    return portal


@contextmanager
def page_of(chromium: Any, desk: Served, size: tuple[int, int] = DESK, **settings: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="ja-JP", **settings)
    page = context.new_page()
    page.said = []
    page.on("console", lambda m: page.said.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda e: page.said.append(f"error: {e}"))
    page.goto(f"{desk.url}/hq/map")
    page.fill('input[name="name"]', "author")
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/hq/map")
    page.evaluate(UNTIL, ["drawn", 60_000])
    yield page
    context.close()


def slide(page: Any, frame: int) -> None:
    page.evaluate(
        "(n) => { const s = document.getElementById('past'); s.value = n; s.dispatchEvent(new Event('input')); }", frame
    )


def test_a_gauge_s_detail_is_one_click_away_and_its_neighbour_one_more(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.click('#stations li[data-id="99009900010000001"] button')
        page.evaluate(UNTIL, ["detail", 60_000])
        said = page.locator("#detail").inner_text()
        for words in ("次：避難判断水位", "発表者の誤差の明示なし", "零点", "いま", "近く"):
            assert words in said or words in page.locator("#detail .chart").text_content()
        page.locator("#detail .neighbours button").first.click()
        page.evaluate(UNTIL, ["detail", 60_000])
        assert page.locator("#detail h2").inner_text() != "上みなも"
        spot = page.evaluate("hub.map.spots.find((s) => s.kind === 'station' && s.thing.id === 'fe99000000000001')")
        assert spot is not None
        assert page.said == []


def test_the_silent_gauge_is_hatched_on_map_list_and_detail(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        row = page.locator('#stations li[data-id="fe99000000000002"]')
        assert row.locator(".value.hatched").count() == 1
        assert "不明＝危険側：高いまま途絶" in row.inner_text()
        assert page.evaluate("hub.map.stations.find((s) => s.id === 'fe99000000000002').danger").startswith(
            "不明＝危険側"
        )
        row.locator("button").click()
        page.evaluate(UNTIL, ["detail", 60_000])
        assert "不明＝危険側" in page.locator("#detail .danger").inner_text()
        assert page.locator("#detail .big-value.hatched").count() == 1


def test_the_past_says_so_and_one_tap_leads_back(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.evaluate("document.querySelector('[data-layer=closed]').closest('details').open = true")
        slide(page, 86)
        page.evaluate(UNTIL, ["past", 60_000])
        assert page.locator("#past-words").inner_text() == "過去 15:30 を表示中"
        assert page.locator("body.in-past #pastbar").is_visible()
        assert page.evaluate(f"hub.seen.areas.find((a) => a.code === '{town.CITY}').level") == 2
        until(page, "hub.seen.things.closed.map((r) => r.id).join() === 'b2'")
        assert page.locator("#stations .changed").count() == 0
        page.locator('#stations li[data-id="99009900010000001"] button').click()
        assert "過去 15:30 の表示です" in page.locator("#detail").inner_text()
        page.click("#past-end")
        page.evaluate(UNTIL, ["now", 60_000])
        assert page.evaluate(f"hub.seen.areas.find((a) => a.code === '{town.CITY}').level") == 4
        assert page.evaluate("hub.seen.things.closed.map((r) => r.id)") == ["a1"]
        assert not page.locator("#pastbar").is_visible()
        assert page.said == []


def test_what_a_person_chose_is_there_after_the_next_sign_in(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.click("#layers summary")
        page.uncheck('[data-layer="rivers"]')
        page.check('[data-layer="depth"]')
        page.evaluate(UNTIL, ["kept", 60_000])
        page.select_option("#filter", "3600")
        page.wait_for_timeout(800)
    with page_of(chromium, desk) as page:
        shown = page.evaluate("[...hub.map.shown]")
        assert "rivers" not in shown
        assert "depth" in shown
        assert page.locator("#filter").input_value() == "3600"
        assert "警戒レベルと水位は絞っていません" in page.locator("#filter-words").inner_text()
        assert page.locator("#layers").get_attribute("open") is not None


def test_a_search_leads_there(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.fill("#find", "柳")
        page.evaluate(UNTIL, ["found", 60_000])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        centre = page.evaluate("(() => { const c = hub.map.map.getBounds(); return c.contains([38.904, 139.312]); })()")
        assert centre is True
        page.evaluate(UNTIL, ["detail", 60_000])
        assert "柳橋" in page.locator("#detail h2").inner_text()


def test_a_kilometre_measures_a_kilometre(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.click('[data-tool="distance"]')
        # 1000 m along the parallel of 38.9° north on GRS 80 are 0.011531 degrees.
        page.evaluate("hub.map.tool.add([139.3, 38.9]); hub.map.tool.add([139.3 + 0.0115305, 38.9])")
        assert abs(float(page.locator("#tool").get_attribute("data-metres")) - 1000) < 2
        page.click("#tool-stop")
        page.click('[data-tool="area"]')
        page.evaluate(
            "for (const [x, y] of [[0, 0], [0.0115305, 0], [0.0115305, 0.0090079], [0, 0.0090079]]) hub.map.tool.add([139.3 + x, 38.9 + y])"
        )
        assert abs(float(page.locator("#tool").get_attribute("data-metres")) - 1e6) < 5e3


def test_a_drawing_is_kept_for_the_room(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        page.click('[data-tool="draw-line"]')
        left, top = page.evaluate(EMPTY_SPOT)
        page.mouse.click(left + 300, top + 120)
        page.mouse.click(left + 420, top + 160)
        page.click("#tool-save")
        assert "名前を入れてください" in page.locator("#tool").inner_text()
        page.fill("#tool input", "土のう 第3分団")
        page.click("#tool-save")
        page.evaluate(UNTIL, ["sketch", 60_000])
        assert "土のう 第3分団" in page.locator("#more-lists").inner_text()
        assert page.said == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (WALL, "dark"), (PHONE, "dark"), (NARROW, "light")])
def test_it_is_accessible_and_fits(chromium: Any, desk: Served, size: tuple[int, int], scheme: str) -> None:
    with page_of(chromium, desk, size, color_scheme=scheme, bypass_csp=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("#legend").is_visible()
        for step in ("", "detail", "past"):
            if step == "detail":
                page.locator("#stations button").first.click()
                page.evaluate(UNTIL, ["detail", 60_000])
            if step == "past":
                page.locator("#detail .square").click()
                slide(page, 80)
                page.evaluate(UNTIL, ["past", 60_000])
            found = [v for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
            assert not [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found], step


def test_many_reports_are_gathered_and_those_about_lives_never(chromium: Any, desk: Served) -> None:
    with page_of(chromium, desk) as page:
        found = page.evaluate("""() => new Promise((good) => {
          const { map } = hub; const { lat, lng } = map.map.getCenter();
          const one = (n, kind) => ({ id: `r${n}`, kind, state: "received", lon: lng + n * 1e-7, lat });
          map.put("reports", Array.from({ length: 500 }, (_, n) => one(n, n < 3 ? "rescue" : "power")));
          requestAnimationFrame(() => requestAnimationFrame(() => {
            const many = map.spots.filter((s) => s.kind === "many"); const zoom = map.map.getZoom();
            const alone = map.spots.filter((s) => s.kind === "report").map((s) => s.thing.kind);
            const sum = many.reduce((n, s) => n + s.thing.length, 0);
            map.onOpen("many", many[0].thing);
            good({ sum, alone, nearer: map.map.getZoom() > zoom });
          }));
        })""")
        assert found == {"sum": 497, "alone": ["rescue"] * 3, "nearer": True}
