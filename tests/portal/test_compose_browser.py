"""The composer in a browser: areas touched on the map, counted at once; approved by another; a wrong one taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from disaster_hub.portal import accounts
from disaster_hub.store import alerts
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.role import Role
from journey.person import until
from tests.portal import town
from tests.portal.composed import furnish
from tests.portal.conftest import Served
from tests.portal.staff import PASSWORD

pytestmark = pytest.mark.slow
SIZES = [(360, 740, "dark"), (1280, 900, "light")]


@pytest.fixture(name="staffed")
def a_portal_with_two_officers(portal: Served) -> Served:
    accounts.add(portal.store, "sato", PASSWORD, Role.AUTHOR, town.NOW)
    accounts.add(portal.store, "ito", PASSWORD, Role.APPROVER, town.NOW)
    furnish(portal.store, portal.config)
    return portal


def officer(chromium: Browser, portal: Served, name: str, size: tuple[int, int, str], path: str) -> Page:
    width, height, scheme = size
    page = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.goto(f"{portal.url}/hq/sign-in?next={path}")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}")
    return page


def fits(page: Page) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    found = axe.run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == [], page.url
    small = "[...document.querySelectorAll('main .button')].filter((b) => b.offsetParent && b.offsetHeight < 44).length"
    assert page.evaluate(small) == 0, page.url


@pytest.mark.parametrize("size", SIZES)
def test_compose_approve_and_take_back(chromium: Browser, staffed: Served, size: tuple[int, int, str]) -> None:
    author = officer(chromium, staffed, "sato", size, "/hq/compose")
    expect(author.locator("#area-map")).to_be_visible()
    author.locator("label", has_text="訓練").first.click()
    author.locator("label", has_text="避難指示").click()
    author.locator("label", has_text="洪水").click()
    author.locator("label", has_text="北部").click()
    author.locator("label", has_text="東部").click()
    look = author.locator("#look")
    expect(look.locator(".reach .big")).to_have_text("5")
    expect(look).to_contain_text("【訓練】")
    look.locator("label", has_text="English").click()
    expect(look).to_contain_text("Leave by")
    fits(author)
    author.locator("button[value=draft]").click()
    author.wait_for_url(re.compile(r"/hq/compose/[0-9a-f]+$"))
    fits(author)

    approver = officer(chromium, staffed, "ito", size, "/hq/compose")
    approver.get_by_role("link", name=re.compile("避難指示 北部・東部")).click()
    approver.wait_for_url(re.compile(r"/hq/compose/[0-9a-f]+$"))
    expect(approver.locator("#draft [data-until]")).to_contain_text("あと")
    fits(approver)
    name = approver.locator("form.first input[name=typed]")
    name.fill("北部")
    approver.locator("form.first button").click()
    expect(approver.locator(".wrong[role=alert]").first).to_contain_text("「北部・東部」と入力してください")
    name.fill("北部 東部")
    approver.locator("form.first button").click()
    approver.wait_for_url(re.compile(r"/hq/alerts/"))
    expect(approver.locator("main")).to_contain_text("発信しました")

    author.goto(f"{staffed.url}/hq/alerts")
    author.get_by_role("link", name="北部・東部").click()
    author.wait_for_url(re.compile(r"/hq/alerts/[0-9a-f]+$"))
    fits(author)
    author.locator("#take-back summary").click()
    author.locator("#take-back input[name=why]").fill("東部は誤り")
    author.locator("#take-back input[name=typed]").fill("取消")
    author.locator("#take-back button").click()
    author.wait_for_url(re.compile(r"cancel"))
    expect(author.locator("main")).to_contain_text("取消を出しました")
    expect(approver.locator("#alert")).to_contain_text("取り消した")
    with staffed.store.read() as tx:
        found = alerts.since(tx, town.NOW)
    assert [one.kind for one in found] == [AlertKind.CANCEL, AlertKind.ORDER]


def test_the_map_chooses_and_what_was_chosen_outlives_a_reload(chromium: Browser, staffed: Served) -> None:
    page = officer(chromium, staffed, "sato", SIZES[1], "/hq/compose")
    expect(page.locator("#area-map canvas").first).to_be_visible()
    page.locator("#area-map").click()  # the middle of the three areas lies in the middle of the map
    expect(page.locator("input[name=areas][value=A2]")).to_be_checked()
    expect(page.locator("#look .reach .big")).to_have_text("2")
    page.locator("input[name=why]").fill("堤防から水がにじむ")
    page.locator("label", has_text="訓練").first.click()
    page.reload()
    expect(page.locator("input[name=areas][value=A2]")).to_be_checked()
    expect(page.locator("input[name=why]")).to_have_value("堤防から水がにじむ")
    expect(page.locator("input[name=status][value=exercise]")).to_be_checked()
    until(page, "() => document.querySelector('#look .reach .big')?.textContent === '2'")


def test_it_works_without_a_script(chromium: Browser, staffed: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{staffed.url}/hq/sign-in?next=/hq/compose")
    page.fill("input[name=name]", "sato")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/hq/compose")
    for word in ("避難指示", "洪水", "北部"):
        page.locator("label", has_text=word).click()
    page.locator("#look-button").click()
    expect(page.locator("#look .reach .big")).to_have_text("3")
    page.locator("button[value=draft]").click()
    expect(page.locator(".wrong[role=alert]")).to_contain_text("実際・訓練・試験のどれか")
    page.locator("label", has_text="訓練").first.click()
    page.locator("button[value=draft]").click()
    page.wait_for_url(re.compile(r"/hq/compose/[0-9a-f]+$"))
    context.close()
