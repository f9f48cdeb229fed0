"""The board in a real browser: it moves when an answer comes, fits a phone, and has no barrier that axe can find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from disaster_hub.alerts import answering
from disaster_hub.jobs.helping import Helping
from disaster_hub.portal import accounts
from disaster_hub.store import help_calls, household_helpers, worlds
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.role import Role
from tests.portal import town
from tests.portal.conftest import Served, served
from tests.portal.hq.test_reports_browser import at_desk, enter
from tests.portal.staff import PASSWORD
from tests.portal.unheard import Evening, fill_store

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SIZES = [(1280, 800), (360, 740)]


@pytest.fixture(name="night")
def a_night(tmp_path: Path) -> Iterator[tuple[Served, Evening, Keyring]]:
    with served(tmp_path) as portal:
        for name, role in (("author", "author"), ("sato", "leader"), ("admin2", "administrator")):
            accounts.add(portal.store, name, PASSWORD, Role(role), town.NOW)
        keys = Keyring.open(portal.config.keys.folder)
        with portal.store.read() as tx:
            now = worlds.current(tx).now(utc_now())
        evening = fill_store(portal.store, keys, now)
        Helping(portal.store, portal.config, keys).run(now)
        yield portal, evening, keys
        keys.close()


def barriers(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in {"serious", "critical"}]


def fits(page: Any, width: int) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_it_fits_and_has_no_barrier(
    chromium: Any, night: tuple[Served, Evening, Keyring], size: tuple[int, int], tmp_path: Path
) -> None:
    portal, evening, keys = night
    with portal.store.read() as tx:
        (call,) = (one for one in help_calls.of_household(tx, evening.homes["helped"]) if one.helper)
        helper = household_helpers.find(tx, keys, evening.helper)
        assert helper is not None
        waiting, token = helper, household_helpers.page_token(keys, helper)
    with portal.store.write() as tx:
        _, fresh = household_helpers.invite(tx, keys, waiting.household, waiting.invited_at)  # type: ignore[arg-type]
    go = household_helpers.token_of(keys.key(call.household), f"call {call.id}")
    paths = {
        "author": ["/hq/board", f"/hq/board/{evening.homes['helped']}", f"/hq/board/{evening.homes['soon']}/open",
                   "/hq/watch"],
        "sato": ["/hq/neighbours"], "admin2": ["/hq/neighbours/areas"],
        "": [f"/h/{token}", f"/h/{fresh}", f"/h/go/{go}"],
    }  # fmt: skip
    wrong = []
    for who, mine in paths.items():
        with at_desk(chromium, portal, size) as page:
            if who:
                enter(page, portal.url, who)
            for n, path in enumerate(mine):
                page.goto(f"{portal.url}{path}")
                expect(page.locator("h1").first).to_be_attached()
                page.screenshot(path=tmp_path / f"{who or 'helper'}{n}-{size[0]}.png", full_page=True)
                wrong += [f"{path}: {one}" for one in barriers(page)]
                wrong += [] if fits(page, size[0]) else [f"{path}: wider than {size[0]}"]
            assert not page.said
    assert not wrong, "\n".join(wrong)


def test_an_answer_moves_the_board(chromium: Any, night: tuple[Served, Evening, Keyring]) -> None:
    portal, evening, keys = night
    with at_desk(chromium, portal) as page:
        enter(page, portal.url, "author")
        page.goto(f"{portal.url}/hq/board")
        row = page.locator(f"[data-household='{evening.homes['soon']}']")
        expect(row).to_have_count(1)
        with portal.store.write() as tx:
            now = worlds.current(tx).now(utc_now())
            assert answering.take(tx, keys, evening.alert.id, evening.homes["soon"], "left", now, now, "link")
        expect(row).to_have_count(0, timeout=15_000)
