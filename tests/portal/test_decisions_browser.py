"""The pages of decisions as people see them: on a phone and at the desk, dark and light, live, without serious faults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disaster_hub.desk import criteria_desk, deciding
from disaster_hub.desk.deciding import Act
from disaster_hub.desk.decisions import TEMPLATE
from disaster_hub.jobs.decide import decide
from disaster_hub.portal import accounts
from disaster_hub.store import decisions as kept
from disaster_hub.terms.role import Role
from tests.portal import town
from tests.portal.conftest import Served
from tests.portal.staff import PASSWORD

pytestmark = pytest.mark.slow
SIZES = [(360, 740, "dark"), (1280, 800, "light")]


@pytest.fixture(name="ruled")
def a_portal_with_proposals(portal: Served) -> Served:
    accounts.add(portal.store, "sato", PASSWORD, Role.AUTHOR, town.NOW)
    with portal.store.write() as tx:
        criteria_desk.save(tx, TEMPLATE.read_text(encoding="utf-8"), "はじめの版", "admin", town.NOW)
    decide(portal.store, portal.config, town.NOW)
    return portal


def page_of(chromium, portal: Served, width: int, height: int, scheme: str):
    page = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.goto(f"{portal.url}/hq/sign-in?next=/hq/decisions")
    page.fill("input[name=name]", "sato")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/hq/decisions")
    return page


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
def test_every_page_fits_and_has_no_serious_fault(
    chromium, ruled: Served, width: int, height: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = page_of(chromium, ruled, width, height, scheme)
    with ruled.store.read() as tx:
        one = kept.live(tx)[0]
    for path in ("/hq/decisions", f"/hq/decisions/{one.id}", "/hq/decisions/new", "/hq/posture", "/hq/criteria"):
        page.goto(ruled.url + path)
        page.wait_for_selector("#live[data-state=live]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = axe.run(page).response["violations"]
        assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == [], path
    small = page.evaluate(
        "[...document.querySelectorAll('main .button')].filter((b) => b.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def test_typed_words_stay_and_one_is_told_that_somebody_was_faster(chromium, ruled: Served) -> None:
    page = page_of(chromium, ruled, 1280, 800, "light")
    with ruled.store.read() as tx:
        one = kept.live(tx)[0]
    page.goto(f"{ruled.url}/hq/decisions/{one.id}")
    page.wait_for_selector("#live[data-state=live]")
    page.fill("form:has(input[value=decline]) textarea", "川は静か")
    page.keyboard.press("Tab")
    with ruled.store.write() as tx:
        deciding.wait(tx, Act(one.id, one.version, "ito", town.NOW), town.NOW + timedelta(minutes=30), "待つ", "18:30")
    page.wait_for_selector("#moved:not([hidden])")
    page.click("#moved a")
    page.wait_for_selector("text=あとで見直す 18:30に")
    assert page.input_value("form:has(input[value=decline]) textarea") == "川は静か"
