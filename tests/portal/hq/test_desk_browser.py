"""The watch board and the chronology in a real browser: read from three metres, live, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from disaster_hub.store import journal
from disaster_hub.terms.notice import JournalEntry
from tests.portal import evening, town
from tests.portal.conftest import Served, served

pytestmark = [pytest.mark.chromium, pytest.mark.slow]
SMALL = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.getElementById("board"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const box = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !box.checkVisibility() || box.closest(".for-readers")) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    if (size < 24) found.push(`${size} ${walk.currentNode.textContent.trim()}`);
  }
  return found;
}"""


@pytest.fixture(name="desk", scope="module")
def a_served_evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with served(folder) as made:
        evening.fill(made.store)
        evening.account(made.store, "author", "author")
        yield made


def page_of(chromium: Any, desk: Served, width: int = 1280, height: int = 800, *, dark: bool = False) -> Any:
    scheme = "dark" if dark else "light"
    size = {"width": width, "height": height}
    context = chromium.new_context(viewport=size, color_scheme=scheme, locale="ja-JP")
    page = context.new_page()
    page.goto(f"{desk.url}/hq/sign-in")
    page.fill("input[name=name]", "author")
    page.fill("input[name=password]", evening.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("#board")
    return page


def write(desk: Served, what: str) -> None:
    with desk.store.write() as tx:
        journal.add(tx, JournalEntry(town.NOW, "note", "other", what))


def serious(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/hq/watch?wall=1", "/hq/watch"])
def test_on_a_wall_nothing_is_smaller_than_24_px(chromium: Any, desk: Served, path: str, dark: bool) -> None:
    page = page_of(chromium, desk, 1920, 1080, dark=dark)
    page.goto(desk.url + path)
    page.wait_for_selector(".deadline .t")
    assert page.evaluate(SMALL) == []
    for first in (".deadline .t", ".areas-lines .lv", ".gauge-lines .unknown"):
        assert page.locator(first).first.bounding_box()["y"] < 1080, "what is most urgent is on the first screen"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_the_wall_has_no_navigation(chromium: Any, desk: Served) -> None:
    page = page_of(chromium, desk, 1920, 1080)
    assert page.locator(".desk-nav").is_visible()
    page.goto(f"{desk.url}/hq/watch?wall=1")
    assert not page.locator(".desk-nav").is_visible()
    page.context.close()


@pytest.mark.parametrize("path", ["/hq/watch", "/hq/log", "/hq/numbers"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone_nothing_is_cut_and_axe_finds_no_serious_fault(
    chromium: Any, desk: Served, path: str, dark: bool
) -> None:
    page = page_of(chromium, desk, 360, 740, dark=dark)
    page.goto(desk.url + path)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    assert serious(page) == []
    page.context.close()


def test_marks_of_what_changed_stay_away_once_they_were_seen(chromium: Any, desk: Served) -> None:
    page = page_of(chromium, desk)
    assert page.locator("[data-change]:visible").count() > 3
    page.click("#saw")
    assert page.locator("[data-change]:visible").count() == 0
    page.reload()
    expect(page.locator("[data-change]:visible")).to_have_count(0)
    write(desk, "あとから来たもの")
    page.locator("text=あとから来たもの").wait_for(timeout=30_000)
    expect(page.locator("[data-change]:visible")).to_have_count(1)
    page.context.close()


def test_what_another_writes_comes_by_itself_and_what_is_typed_stays(chromium: Any, desk: Served) -> None:
    page = page_of(chromium, desk)
    page.goto(f"{desk.url}/hq/log")
    page.fill("#log-text", "書きかけの文")
    page.fill("#log-place", "大橋")
    write(desk, "ほかの人の記入")
    page.locator("text=ほかの人の記入").wait_for(timeout=30_000)
    assert page.input_value("#log-text") == "書きかけの文"
    page.reload()
    expect(page.locator("#log-text")).to_have_value("書きかけの文")
    expect(page.locator("#log-place")).to_have_value("大橋")
    page.click(".log-form button[type=submit]")
    page.locator("ol.log-list >> text=書きかけの文").wait_for(timeout=30_000)
    expect(page.locator("#log-text"), "kept by the server now").to_have_value("")
    page.context.close()


def test_a_cut_network_is_said_with_its_minute_and_caught_up_without_a_reload(chromium: Any, desk: Served) -> None:
    page = page_of(chromium, desk)
    page.wait_for_selector('#live[data-state="live"]')
    page.evaluate("window.notReloaded = true")
    page.context.set_offline(True)
    page.locator("#blind:not([hidden])").wait_for(timeout=60_000)
    said = page.inner_text("#blind")
    assert "から更新が届いていません" in said
    write(desk, "切れているあいだの記入")
    page.wait_for_timeout(3000)
    assert page.locator("text=切れているあいだの記入").count() == 0
    page.context.set_offline(False)
    page.locator("text=切れているあいだの記入").wait_for(timeout=30_000)
    page.locator("#blind").wait_for(state="hidden", timeout=30_000)
    assert page.evaluate("window.notReloaded") is True
    page.context.close()


def test_a_part_that_does_not_come_is_said_though_the_hub_answers(chromium: Any, desk: Served) -> None:
    page = page_of(chromium, desk)
    page.wait_for_selector('#live[data-state="live"]')
    page.route("**/part*", lambda route: route.fulfill(status=503, body=""))
    write(desk, "部分だけが来ないあいだの記入")
    page.locator("#blind:not([hidden])").wait_for(timeout=30_000)
    assert "この画面を新しくできません" in page.inner_text("#blind")
    page.unroute("**/part*")
    page.locator("text=部分だけが来ないあいだの記入").wait_for(timeout=30_000)
    page.locator("#blind").wait_for(state="hidden", timeout=30_000)
    page.context.close()
