"""A phone on the round, in a real browser: one tap, also without a network; a shelter's staff with one thumb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from disaster_hub.portal import accounts
from disaster_hub.store import checkpoints, conditions, places, reports, shelter_desk
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.role import Role
from disaster_hub.terms.rounds import CheckPoint
from disaster_hub.terms.way import ShelterState
from tests.portal import town
from tests.portal.conftest import Served, served
from tests.portal.staff import PASSWORD

pytestmark = [pytest.mark.chromium, pytest.mark.slow]
HERE = {"longitude": town.LON + 0.0101, "latitude": town.LAT + 0.0002}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(name="site", scope="module")
def a_served_town(tmp_path_factory: Any) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("rounds")
    with served(folder) as made:
        accounts.add(made.store, "yamada", PASSWORD, Role.FIELD, town.NOW)
        with made.store.write() as tx:
            for n in range(3):
                spot = LonLat(town.LON + 0.01 + n / 1000, town.LAT)
                checkpoints.add(tx, CheckPoint(f"p{n}", f"橋{n}", spot, "流木", "土木", 60, 2, n), "sato", town.NOW)
        yield made


@contextmanager
def phone(chromium: Any, site: Served) -> Iterator[Any]:
    settings = {"viewport": PHONE, "locale": "ja-JP", "geolocation": HERE, "permissions": ["geolocation"]}
    context = chromium.new_context(**settings)
    page = context.new_page()
    page.said = []
    page.on("pageerror", lambda e: page.said.append(str(e)))
    yield page
    context.close()


def sign_in(page: Any, site: Served, path: str) -> None:
    page.goto(f"{site.url}/hq/sign-in?next={path}")
    page.fill("[name=name]", "yamada")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("#main h1")


def narrow(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def serious(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [v["id"] for v in found if v["impact"] in {"serious", "critical"}]


def looks(site: Served, point: str) -> list[Any]:
    with site.store.read() as tx:
        return checkpoints.looks(tx, point)


def test_one_tap_is_a_tick_with_time_and_place(chromium: Any, site: Served) -> None:
    with phone(chromium, site) as page:
        sign_in(page, site, "/hq/checks")
        assert narrow(page)
        assert serious(page) == []
        page.wait_for_timeout(300)  # the phone says where it is
        page.click('li[data-point="p0"] button.fine')
        page.wait_for_selector('li[data-point="p0"][data-due="seen"]')
        assert page.locator("ol.round > li").last.get_attribute("data-point") == "p0"
        one = looks(site, "p0")[0]
        assert one.spot == LonLat(HERE["longitude"], HERE["latitude"])
        page.click("#ticked button")
        page.wait_for_selector('li[data-point="p0"][data-due="never"]')
        assert [look.undone for look in looks(site, "p0")] == [True]
        assert page.said == []


def test_without_a_network_a_tick_waits_on_the_phone_and_comes_once_as_it_was_seen(chromium: Any, site: Served) -> None:
    with phone(chromium, site) as page:
        sign_in(page, site, "/hq/checks")
        page.route("**/look", lambda route: route.abort())
        page.click('li[data-point="p1"] button.fine')
        page.wait_for_selector("#queue:not([hidden])")
        assert "送信待ち 1件" in page.inner_text("#queue")
        assert looks(site, "p1") == []
        page.unroute("**/look")
        page.reload()
        page.wait_for_selector('li[data-point="p1"][data-due="seen"]')
        assert len(looks(site, "p1")) == 1
        assert page.locator("#queue").is_hidden()


def test_something_odd_is_three_touches_away_from_a_report(chromium: Any, site: Served) -> None:
    with phone(chromium, site) as page:
        sign_in(page, site, "/hq/checks")
        page.click('li[data-point="p2"] a.button:has-text("異常あり")')
        assert narrow(page)
        page.click("label:has-text('堤防')")
        page.click("main button[type=submit]")
        page.wait_for_selector('li[data-point="p2"][data-due="odd"]')
        with site.store.read() as tx:
            assert [r.place for r in reports.reports(tx)] == ["橋2"]


def test_a_shelter_fills_by_one_thumb(chromium: Any, site: Served) -> None:
    with site.store.read() as tx:
        first = next(places.features(tx, "shelters")).id
    with phone(chromium, site) as page:
        sign_in(page, site, f"/hq/shelters/{first}")
        assert narrow(page)
        assert serious(page) == []
        for button in page.locator(".four .set").all():
            assert button.bounding_box()["height"] >= 56
        page.click('.four .set[data-state="full"]')
        page.wait_for_selector('.now-state .st[data-state="full"]')
        page.click('[data-step="10"]')
        page.click('[data-step="1"]')
        page.click(".heads-form button.go")
        page.wait_for_selector(".people .number")
        with site.store.read() as tx:
            assert conditions.shelter_states(tx)[first] is ShelterState.FULL
            assert shelter_desk.counts(tx)[first].people == 11
        page.goto(site.url)
        page.wait_for_selector("#shelters li")
        assert "満員" in page.inner_text("#shelters li")
        assert page.said == []


def test_a_resident_tells_with_a_picture_a_touch_and_a_press(chromium: Any, site: Served) -> None:
    with phone(chromium, site) as page:
        page.goto(f"{site.url}/report")
        assert narrow(page)
        assert serious(page) == []
        page.click("label:has-text('道に水がある')")
        page.click("#here")
        page.wait_for_selector("#pinmap svg #pin-mark")
        page.fill("#words", "ひざまで水")
        page.route("**/report", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        page.click("#send")
        page.wait_for_selector("#kept:has-text('残っています')")
        page.unroute("**/report")
        page.reload()
        assert page.input_value("#words") == "ひざまで水", "a reload loses nothing"
        page.click("#send")
        page.wait_for_selector("h1:has-text('市に届きました')")
        with site.store.read() as tx:
            made = [r for r in reports.reports(tx) if r.who == "resident"]
        assert [r.said for r in made] == ["ひざまで水"]
        assert abs(made[0].spot.lon - HERE["longitude"]) < 1e-5
        assert page.said == []
