"""Three hours without a network: the plan opens, five answers are given, and five arrive (product.md 4, test 9)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey.person import until
from tests.portal.resident.stage import Stage, browser_of, kept, shelf, stage_of, walk

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
WORDS = ("staying", "help", "left", "left", "arrived")


def place(context: Any, n: int) -> tuple[float, float]:
    spot = {"longitude": 139.3 + n / 1000, "latitude": 38.9 + n / 1000}
    context.set_geolocation(spot)
    return spot["longitude"], spot["latitude"]


def press(page: Any, word: str, waiting: int) -> None:
    page.locator(f"#answers button[value={word}]").click()
    until(
        page,
        "n => document.getElementById('offline').textContent.replaceAll(' ', '').includes(`${n}件`)",
        arg=waiting,
        seconds=15,
    )


def test_five_answers_of_three_hours_without_a_network_arrive_once(tmp_path: Path) -> None:
    begun = datetime.now(UTC).replace(microsecond=0)
    given: list[tuple[str, datetime, tuple[float, float]]] = []
    with stage_of(tmp_path) as stage:
        # A plan made in peace: Chromium writes its cookies down within half a minute, or when it is closed.
        with browser_of(tmp_path / "profile", gently=True) as context:
            page = context.new_page()
            walk(page, stage.url)
            page.goto(f"{stage.url}/my/plan")
            kept(page)
        stage.down()
        with browser_of(tmp_path / "profile") as context:
            context.grant_permissions(["geolocation"], origin=stage.url)
            page = context.new_page()
            page.goto(f"{stage.url}/my/plan")
            for n, word in enumerate(WORDS):
                moment = begun + timedelta(minutes=45 * n)
                page.clock.set_fixed_time(moment)
                page.reload()
                page.wait_for_selector("#offline:not([hidden])")
                spot = place(context, n)
                press(page, word, n + 1)
                given.append((word, moment, spot))
            assert len(shelf(page)) == len(WORDS)
        # The browser was killed with five answers on the shelf; it comes back first without, then with a network.
        with browser_of(tmp_path / "profile") as context:
            page = context.new_page()
            page.goto(f"{stage.url}/my/plan")
            assert "北小学校" in page.inner_text("main")
            until(page, "document.getElementById('offline').textContent.replaceAll(' ', '').includes('5件')")
            stage.up()
            page.reload()
            arrived(stage)
        with browser_of(tmp_path / "profile") as context:
            page = context.new_page()
            page.goto(f"{stage.url}/my/plan")
            page.reload()
            page.wait_for_load_state("networkidle")
            assert shelf(page) == []
            page.wait_for_selector("#offline", state="hidden")
        found = stage.answers()
        world = stage.world
    assert [(a.word, a.given_at) for a in found] == [(word, world.now(at)) for word, at, _ in given]
    places = [(a.spot.lon, a.spot.lat) for a in found if a.spot is not None]
    assert places == [pytest.approx(spot) for _, _, spot in given]


def arrived(stage: Stage) -> None:
    end = time.monotonic() + 90
    while len(stage.answers()) < len(WORDS):
        assert time.monotonic() < end, f"only {len(stage.answers())} arrived"
        time.sleep(0.2)


def test_the_offline_banner_says_since_when_and_goes_again(tmp_path: Path) -> None:
    with stage_of(tmp_path) as stage, browser_of(tmp_path / "profile") as context:
        page = context.new_page()
        walk(page, stage.url)
        page.goto(f"{stage.url}/my/plan")
        kept(page)
        stage.down()
        page.goto(f"{stage.url}/my/4/who")
        until(page, "document.getElementById('offline').textContent.includes('つながっていません')")
        assert page.inner_text("main").count("北小学校"), "whatever page is asked for, the plan opens"
        assert page.locator("main svg").count() >= 1, "the map is there too"
        stage.up()
        page.reload()
        page.wait_for_load_state("networkidle")
        assert not page.locator("#offline").is_visible()


def test_a_deleted_plan_leaves_nothing_on_the_phone(tmp_path: Path) -> None:
    with stage_of(tmp_path) as stage, browser_of(tmp_path / "profile") as context:
        page = context.new_page()
        walk(page, stage.url)
        page.goto(f"{stage.url}/my/plan")
        kept(page)
        page.goto(f"{stage.url}/my/delete")
        page.locator("#forget button").click()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("async () => (await caches.keys()).length") == 0
