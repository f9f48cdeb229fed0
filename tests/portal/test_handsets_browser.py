"""A staff browser becomes a test handset: enrolled by its own button, proved by the very push that a canary is, removed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from disaster_hub.jobs.canary import Canaries
from disaster_hub.portal import accounts
from disaster_hub.store import handsets
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import open_store
from disaster_hub.store.tables import notice as notices
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.role import Role
from tests.jobs.test_handsets import BROWSER
from tests.portal import town
from tests.portal.resident.stage import Stage, stage_of
from tests.portal.resident.test_browser import PHONE, page_of
from tests.portal.staff import PASSWORD
from timelines.channels.webpush import payload

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SEEN = os.environ.get("PICTURES", "")
PAGE = "/hq/handsets"
SUBSCRIBED = f"""
    const said = {BROWSER};
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async () => ({{ toJSON: () => said }});
"""
"""A browser in a test reaches no push service: what one would give is given here, and its push is handed over below."""


@pytest.fixture(name="stage")
def a_stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_of(tmp_path) as made:
        yield made


def canary_of(stage: Stage) -> str:
    """Let the clock look once, and give the push that it would send."""
    store, keys = open_store(stage.config.store), Keyring.open(stage.config.keys.folder)
    config = replace(stage.config, portal=replace(stage.config.portal, address=stage.url))
    try:
        now = stage.world.now(utc_now())
        assert Canaries(store, config, keys).run(now, utc_now()) == 1
        with store.read() as tx:
            row = tx.execute(select(notices).where(notices.c.kind == "canary")).one()
    finally:
        keys.close()
        store.close()
    said = Notice(row.key, stage.world.kind, row.kind, row.headline, row.text, now, row.expires_at, 1, url=row.url)
    return payload(said, row.key).decode()


def registered(page: Any, wire: Any) -> str:
    """Give the registration of the worker that the enrolment made."""
    found: list[str] = []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda e: found.extend(r["registrationId"] for r in e["registrations"] if r["scopeURL"].endswith(PAGE)),
    )
    wire.send("ServiceWorker.enable")
    end = time.monotonic() + 20
    while not found:
        assert time.monotonic() < end
        page.wait_for_timeout(50)
    return found[-1]


def test_a_staff_browser_is_enrolled_proved_and_removed(chromium: Any, stage: Stage) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    store = open_store(stage.config.store)
    accounts.add(store, "kanri", PASSWORD, Role.ADMINISTRATOR, town.NOW)
    with page_of(chromium, PHONE, permissions=["notifications"]) as page:
        page.add_init_script(SUBSCRIBED)
        page.goto(f"{stage.url}/hq/sign-in?next={PAGE}")
        page.fill("input[name=name]", "kanri")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"**{PAGE}")
        page.fill("#name", "本部の試験スマホ")
        page.click("#handset button")
        row = page.locator("[data-handset]")
        expect(row).to_contain_text("未確認")
        violations = [v["id"] for v in axe.run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
        assert violations == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if SEEN:
            page.screenshot(path=f"{SEEN}/handset.png", full_page=True)
        wire = page.context.new_cdp_session(page)
        said = {"origin": stage.url, "registrationId": registered(page, wire), "data": canary_of(stage)}
        assert json.loads(said["data"])["kind"] == "canary"
        wire.send("ServiceWorker.deliverPushMessage", said)
        expect(row).to_contain_text("確認済み", timeout=20_000)
        with store.read() as tx:
            assert [one.proved_wall is not None for one in handsets.every(tx)] == [True]
        row.get_by_role("button", name="外す").click()
        expect(page.locator("[data-handset]")).to_have_count(0)
        assert not [line for line in page.said if line.startswith("error")]
    with store.read() as tx:
        assert handsets.every(tx) == []
    store.close()
