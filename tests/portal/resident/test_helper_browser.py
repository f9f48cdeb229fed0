"""A helper's own page in a real browser: this phone is subscribed, its test is proved; small, wide, and read aloud."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.rehearsal.twins.pushservice import PushService
from tests.portal.resident.stage import stage_of, walk
from tests.portal.resident.test_browser import SMALLEST_TARGET, SMALLEST_TYPE, TOO_SMALL, page_of
from timelines import vapid

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SIZES = ((360, 740), (1280, 800))
STUB = """
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async () => ({ toJSON: () => (%s) });
"""


def test_this_phone_is_proved_as_a_helpers(chromium: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    expect = pytest.importorskip("playwright.sync_api").expect
    wrong: list[str] = []

    def look(page: Any) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong.extend(f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in axe.run(page).response["violations"])
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong.extend([f"{wide} px too wide at {width}"] if wide > 0 else [])
            wrong.extend(page.evaluate(TOO_SMALL, [SMALLEST_TARGET, SMALLEST_TYPE]))

    with PushService() as service, stage_of(tmp_path) as stage:
        with page_of(chromium) as page:
            walk(page, stage.url)
            page.wait_for_url("**/my/8")
            page.goto(f"{stage.url}/my/helper")
            page.get_by_label("呼び名").fill("となりの佐藤さん")
            page.get_by_role("button", name="お願いする").click()
            expect(page.get_by_text("返事を待っています")).to_be_visible()
            link = page.locator("input[id^=link-]").input_value()
        mine = json.loads(service.subscribe(vapid.ensure(stage.config.keys.folder).public))
        with page_of(chromium, permissions=["notifications"]) as page:
            page.add_init_script(STUB % json.dumps(mine))
            page.goto(re.sub(r"^https?://[^/]+", stage.url, link))
            expect(page.get_by_role("button", name="この電話に知らせてもらう")).to_be_visible()
            look(page)
            page.get_by_role("button", name="この電話に知らせてもらう").click()
            expect(page.get_by_label("届いた6けたの番号")).to_be_visible()
            look(page)
            (said,) = service.read(mine["endpoint"])
            assert said["title"].startswith("【訓練】【テスト】")
            code = re.search(r"番号：(\d{6})", said["body"])
            assert code is not None
            page.get_by_label("届いた6けたの番号").fill(code[1])
            page.get_by_role("button", name="確かめる").click()
            expect(page.get_by_text("引き受けました")).to_be_visible()
            look(page)
            assert not [one for one in page.said if one.startswith("error")], page.said
            assert all(url.startswith(stage.url) for url in page.asked), "nothing is asked of anybody else"
    assert not wrong, "\n".join(wrong)
