"""The record and what stands after an answer, in a real browser: accessible, narrow, and true without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.store import alerts
from disaster_hub.store.session import open_store
from disaster_hub.terms.alert import AlertKind
from journey.person import until
from tests.portal.resident.stage import Stage, stage_of, walk
from tests.portal.resident.test_browser import NARROW, PHONE, page_of
from tests.portal.resident.test_reply_browser import alert, given, soon, spread

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SEEN = os.environ.get("PICTURES", "")
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(name="stage")
def a_stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_of(tmp_path) as made:
        yield made


def answered(stage: Stage, word: str) -> bool:
    """Tell whether the newest answer that is kept is this one."""
    found = given(stage)
    return found is not None and found.word == word


def looked_at(axe: Any, page: Any, name: str) -> list[str]:
    """Give what is wrong with the page as it stands; a picture is kept where one is wished for."""
    if SEEN:
        page.screenshot(path=f"{SEEN}/{name}.png", full_page=True)
    wrong = [f"{name} {v['id']}: {v['nodes'][0]['html'][:100]}" for v in axe.run(page).response["violations"]]
    return wrong + ([f"{name}: too wide"] if page.evaluate(WIDE) > 0 else [])


def test_the_record_is_accessible_on_a_narrow_phone_in_light_and_dark(chromium: Any, stage: Stage) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    wrong: list[str] = []
    with page_of(chromium) as page:
        walk(page, stage.url)
        for name in ("a1", "a2", "a3"):
            spread(stage, alert(stage, name, AlertKind.INFORMATION if name == "a2" else AlertKind.ORDER))
        store = open_store(stage.config.store)
        with store.write() as tx:
            alerts.cancelled(tx, "a1")
        store.close()
        for size, scheme in ((NARROW, "light"), (PHONE, "dark")):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(color_scheme=scheme)
            for language in ("ja", "en", "vi"):
                page.goto(f"{stage.url}/my/record?lang={language}")
                page.locator("article.came").nth(2).wait_for()
                wrong += looked_at(axe, page, f"record-{size[0]}-{scheme}-{language}")
        page.goto(f"{stage.url}/my/record?lang=ja")
        page.locator("#then button").click()
        page.locator("#then h3").wait_for()
        wrong += looked_at(axe, page, "record-then")
        assert not [line for line in page.said if line.startswith("error")]
    assert not wrong


def test_every_state_after_an_answer_is_accessible(chromium: Any, stage: Stage) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    wrong: list[str] = []
    with page_of(chromium) as page:
        walk(page, stage.url)
    path = spread(stage, alert(stage))
    with page_of(chromium, NARROW) as page:
        for word in ("left", "arrived", "help", "staying"):
            page.goto(stage.url + path)
            page.locator(f"#answers button[value={word}]").click()
            soon(partial(answered, stage, word))
            for language in ("ja", "en"):
                page.goto(f"{stage.url}{path}?lang={language}")
                page.locator(f"[data-word={word}] .action").wait_for()
                wrong += looked_at(axe, page, f"after-{word}-{language}")
        store = open_store(stage.config.store)
        with store.write() as tx:
            alerts.cancelled(tx, "a1")
        store.close()
        page.goto(f"{stage.url}{path}?lang=ja")
        page.locator(".now.past").wait_for()
        wrong += looked_at(axe, page, "after-cancelled")
    assert not wrong


def test_a_tap_changes_the_page_at_once_and_says_that_the_city_knows_only_once_it_does(
    chromium: Any, stage: Stage
) -> None:
    with page_of(chromium) as page:
        walk(page, stage.url)
        path = spread(stage, alert(stage))
        page.goto(stage.url + path)
        page.get_by_text("今すぐ北小学校へ").wait_for()
        stage.down()
        page.locator("#answers button[value=arrived]").click()
        page.get_by_text("そのまま、そこにいてください").wait_for()
        assert not page.get_by_text("今すぐ北小学校へ").is_visible()
        until(page, "document.getElementById('answer-said').textContent.includes('つながった時に')")
        assert "伝わっています" not in page.inner_text("#answered")
        stage.up()
        page.evaluate("dispatchEvent(new Event('online'))")
        until(page, "document.getElementById('answer-said').textContent.includes('伝わっています')")
        assert page.locator("#answers button[value=help]").is_visible(), "help stays one tap away"
    found = given(stage)
    assert found is not None
    assert found.word == "arrived"
