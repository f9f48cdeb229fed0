"""Drawing in a browser: corners by touch and by keyboard, undone, closed, kept over a reload and over a refusal."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from disaster_hub.store import alerts
from disaster_hub.terms.decision import is_drawn
from tests.portal import town
from tests.portal.conftest import Served
from tests.portal.test_compose_browser import SIZES, a_portal_with_two_officers, fits, officer

pytestmark = pytest.mark.slow
__all__ = ["a_portal_with_two_officers"]
CORNERS = [(0.2, 0.35), (0.6, 0.35), (0.6, 0.7), (0.2, 0.7)]


def opened(chromium: Browser, staffed: Served, size: tuple[int, int, str]) -> Page:
    page = officer(chromium, staffed, "sato", size, "/hq/compose")
    expect(page.locator("#area-map canvas").first).to_be_visible()
    expect(page.locator("#draw-tools")).to_be_visible()
    return page


def touch(page: Page, x: float, y: float, corners: int) -> None:
    """Touch the map at a part of its width and height, and see the corner counted."""
    ground = page.locator("#area-map")
    box = ground.bounding_box()
    assert box is not None
    ground.click(position={"x": box["width"] * x, "y": box["height"] * y})
    expect(page.locator("textarea[name=corners]")).to_have_attribute("data-corners", str(corners))


def typed(page: Page) -> list[str]:
    return page.locator("textarea[name=corners]").input_value().split("\n")


@pytest.mark.parametrize("size", SIZES)
def test_an_area_is_drawn_named_and_approved_by_that_name(
    chromium: Browser, staffed: Served, size: tuple[int, int, str]
) -> None:
    author = opened(chromium, staffed, size)
    for word in ("訓練", "避難指示", "洪水"):
        author.locator("label", has_text=word).first.click()
    author.locator("#draw").click()
    expect(author.locator("#draw")).to_have_attribute("aria-pressed", "true")
    expect(author.locator("#draw-help")).to_be_visible()
    fits(author)
    for n, (x, y) in enumerate(CORNERS, 1):
        touch(author, x, y, n)
    touch(author, 0.3, 0.9, 5)
    author.locator("#undo").click()
    expect(author.locator("textarea[name=corners]")).to_have_attribute("data-corners", "4")
    assert not author.locator("input[name=areas]:checked").count(), "while one draws, a touch chooses no area"
    author.locator("#close").click()
    expect(author.locator("#draw")).to_have_attribute("aria-pressed", "false")
    expect(author.locator("input[name=drawn_name]")).to_be_focused()
    expect(author.locator("#look")).to_contain_text("名前を付けてください")
    expect(author.locator("#look .reach .big")).not_to_have_text("0")
    author.locator("button[value=draft]").click()
    expect(author.locator(".wrong[role=alert]")).to_contain_text("名前を付けてください")
    assert len(typed(author)) == 4, "what was drawn survives a refusal"
    author.locator("input[name=drawn_name]").fill("橋の下流")
    expect(author.locator("#look")).to_contain_text("橋の下流")
    fits(author)
    author.locator("button[value=draft]").click()
    author.wait_for_url(re.compile(r"/hq/compose/[0-9a-f]+$"))

    approver = officer(chromium, staffed, "ito", size, "/hq/compose")
    approver.get_by_role("link", name=re.compile("避難指示 橋の下流")).click()
    approver.wait_for_url(re.compile(r"/hq/compose/[0-9a-f]+$"))
    expect(approver.locator("#area-map canvas").first).to_be_visible()
    expect(approver.locator(".leaves")).to_contain_text("【訓練】")
    fits(approver)
    approver.locator("form.first input[name=typed]").fill("橋の下流")
    approver.locator("form.first button").click()
    approver.wait_for_url(re.compile(r"/hq/alerts/"))
    with staffed.store.read() as tx:
        (alert,) = alerts.since(tx, town.NOW)
    assert is_drawn(alert.areas[0])
    assert alert.audience.shape is not None


def test_a_keyboard_draws_as_well_and_a_reload_loses_nothing(chromium: Browser, staffed: Served) -> None:
    page = opened(chromium, staffed, SIZES[1])
    page.locator("#draw").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#area-map")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("textarea[name=corners]")).to_have_attribute("data-corners", "1")
    page.keyboard.press("Backspace")
    expect(page.locator("textarea[name=corners]")).to_have_attribute("data-corners", "0")
    page.keyboard.press("Escape")
    expect(page.locator("#draw")).to_be_focused()
    page.locator("#corner-list summary").click()
    west, south = town.LON, town.LAT
    page.locator("textarea[name=corners]").fill(
        f"{south}, {west}\n{south}, {west + 0.018}\n{south + 0.02}, {west + 0.018}\n{south + 0.02}, {west}"
    )
    page.locator("input[name=drawn_name]").fill("橋の下流")
    expect(page.locator("#look .reach .big")).to_have_text("3")
    page.reload()
    expect(page.locator("textarea[name=corners]")).to_have_attribute("data-corners", "4")
    expect(page.locator("input[name=drawn_name]")).to_have_value("橋の下流")
    expect(page.locator("#look .reach .big")).to_have_text("3")
    page.locator("#clear").click()
    expect(page.locator("textarea[name=corners]")).to_have_value("")
    expect(page.locator("#look")).to_contain_text("区域を選ぶと")
