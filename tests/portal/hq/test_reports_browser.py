"""The call box within fifteen seconds by a person of human speed; nothing typed is lost; reports from a dead zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.portal import accounts
from disaster_hub.store import reports
from disaster_hub.store.session import open_store
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState
from disaster_hub.terms.role import Role
from journey.person import Person
from tests.portal import town
from tests.portal.conftest import Served, served
from tests.portal.resident.stage import Stage
from tests.portal.staff import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
DESK, PHONE = (1280, 800), (360, 740)


def enter(page: Any, url: str, name: str) -> None:
    page.goto(f"{url}/hq/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit], form button[type=submit]").last.click()
    page.wait_for_url(lambda there: "sign-in" not in there)


@pytest.fixture(name="desk")
def a_desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as portal:
        for role in ("author", "field", "leader"):
            accounts.add(portal.store, role, PASSWORD, Role(role), town.NOW)
        yield portal


@contextmanager
def at_desk(chromium: Any, portal: Served, size: tuple[int, int] = DESK, **settings: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="ja-JP", **settings)
    page = context.new_page()
    page.said = []
    page.on("console", lambda m: page.said.append(f"{m.type}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: page.said.append(f"error: {e}"))
    enter(page, portal.url, "author")
    yield page
    context.close()


def all_of(portal: Served | Stage) -> list[Report]:
    store = open_store(portal.config.store)
    with store.read() as tx:
        found = sorted(reports.reports(tx), key=lambda one: one.number)
    store.close()
    return found


def test_a_call_is_a_word_a_key_and_done_or_three_taps(chromium: Any, desk: Served, tmp_path: Path) -> None:
    with at_desk(chromium, desk) as page:
        page.goto(f"{desk.url}/hq/call")
        person = Person(page, tmp_path)
        page.keyboard.type("大橋の下", delay=50)
        page.keyboard.press("Enter")
        page.wait_for_selector("#spot[data-known]")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_selector(".said")
        assert "道路冠水 大橋の下（電話） を記録しました" in page.locator(".said").inner_text()
        assert page.said == []
        box = page.locator("#map").bounding_box()
        page.mouse.click(box["x"] + 200, box["y"] + 150)
        person.tap(page.locator(".kind-grid label", has_text="停電"))
        person.tap(page.locator("#done"))
        page.wait_for_selector(".said >> text=停電")
    one, other = all_of(desk)
    assert (one.place, one.kind) == ("大橋の下", "flooded_road")
    assert other.kind == "power"
    assert one.spot != other.spot


def test_a_reload_in_the_middle_keeps_the_words_and_the_pin(chromium: Any, desk: Served) -> None:
    with at_desk(chromium, desk) as page:
        page.goto(f"{desk.url}/hq/call")
        page.fill("#place", "大橋")
        page.press("#place", "Enter")
        page.wait_for_selector("#spot[data-known]")
        page.locator(".kind-grid label", has_text="堤防").click()
        page.locator("#more summary").click()
        page.fill("#told", "土のうが足りない")
        page.fill("#phone", "090-1234-5678")
        page.reload()
        page.wait_for_selector("#map .pin")
        assert page.input_value("#told") == "土のうが足りない"
        assert page.input_value("#place") == "大橋"
        assert page.locator("input[value=levee]").is_checked()
        page.locator("#done").click()
        page.wait_for_selector(".said")
        page.goto(f"{desk.url}/hq/call")
        assert page.input_value("#place") == ""
        assert page.evaluate("Object.keys(sessionStorage).filter((k) => k.startsWith('draft:')).length") == 0
    assert [(r.said, r.kind) for r in all_of(desk)] == [("土のうが足りない", "levee")]


def test_a_duplicate_is_offered_while_typing_and_joined(chromium: Any, desk: Served) -> None:
    with at_desk(chromium, desk) as page:
        for _ in range(2):
            page.goto(f"{desk.url}/hq/call")
            page.fill("#place", "大橋")
            page.press("#place", "Enter")
            page.wait_for_selector("#spot[data-known]")
            if page.locator(".same-one").count() == 0 and all_of(desk):
                page.wait_for_selector(".same-one")
            page.locator(".kind-grid label", has_text="道路冠水").click()
            if all_of(desk):
                assert "報告1 道路冠水 大橋" in page.locator(".same-one").inner_text()
                page.locator(".same-one button").click()
            else:
                page.locator("#done").click()
            page.wait_for_selector(".said")
    first, second = all_of(desk)
    assert second.joined_to == first.id


PAGES = ("/hq/call", "/hq/reports", "/hq/reports/new", "/hq/field", "report")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_wide_enough_and_axe_finds_nothing(
    chromium: Any, desk: Served, size: tuple[int, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    from tests.portal.test_browser import judge

    with at_desk(chromium, desk, size, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(f"{desk.url}/hq/call")
        page.fill("#place", "大橋")
        page.press("#place", "Enter")
        page.wait_for_selector("#spot[data-known]")
        page.locator(".kind-grid label", has_text="道路冠水").click()
        page.locator("#done").click()
        page.wait_for_selector(".said")
        for path in PAGES:
            where = f"/hq/reports/{all_of(desk)[0].id}" if path == "report" else path
            page.goto(f"{desk.url}{where}")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            judge(axe, page)
            small = page.evaluate(
                "[...document.querySelectorAll('main button, main a.button, main summary, main select, main input')]"
                ".filter((e) => e.offsetParent && !['radio', 'checkbox', 'file'].includes(e.type))"
                ".filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 80))"
            )
            assert small == [], path


def test_a_reload_in_the_middle_of_a_correction_hides_nobody_else_s(chromium: Any, desk: Served) -> None:
    store = open_store(desk.config.store)
    with store.write() as tx:
        plain = Report(
            "report-1", 0, ReportKind.FLOODED_ROAD, ReportState.RECEIVED, ReportSource.CALL,
            LonLat(town.LON, town.LAT), "大橋の下", "膝まで水", town.NOW, town.NOW, "sato",
        )  # fmt: skip
        reports.add(tx, plain, town.NOW)
    with at_desk(chromium, desk) as page:
        page.goto(f"{desk.url}/hq/reports/report-1")
        page.fill("#told", "流れが速い")
        with store.write() as tx:
            reports.change(tx, "report-1", 1, "tanaka", town.NOW, place="大橋の北側")
        page.reload()
        assert page.input_value("#told") == "流れが速い"
        page.click("#words-form button[type=submit]")
        page.wait_for_selector(".wrong[role=alert]")
        assert "tanaka さんがこの報告を変えました" in page.inner_text(".wrong[role=alert]")
        assert all_of(desk)[0].place == "大橋の北側"
        assert page.input_value("#told") == "流れが速い"
        page.click("#words-form button[type=submit]")
        page.wait_for_selector(".wrong[role=alert]", state="detached")
    assert all_of(desk)[0].said == "流れが速い", "said once, the second time is meant"
    store.close()


LAY_TWO = """async ([to, spot]) => {
  const page = document.querySelector("script[src*='hq/field/']").src;
  const { lay, sendAll, waiting } = await import(page.replace(/[^/]+$/, "queue.js"));
  for (const maker of ["field", "author"]) {
    const fields = { id: `report-of-${maker}`, kind: "levee", said: maker, maker, ...spot };
    await lay({ title: maker, fields, photos: [] });
  }
  return [await sendAll(to), (await waiting()).map((one) => one.title)];
}"""


def test_what_waits_for_another_s_sign_in_holds_up_nobody_else_s(chromium: Any, desk: Served) -> None:
    with at_desk(chromium, desk, PHONE) as page:
        page.goto(f"{desk.url}/hq/field")
        spot = {"lon": str(town.LON), "lat": str(town.LAT)}
        how, left = page.evaluate(LAY_TWO, [f"{desk.url}/hq/field/reports", spot])
        assert (how, left) == ("another", ["field"])
    assert [one.said for one in all_of(desk)] == ["author"]
