"""How a household is told, in a real browser: small, narrow, wide, and read aloud."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from tests.portal.resident.stage import stage_of, walk
from tests.portal.resident.test_browser import SMALLEST_TARGET, SMALLEST_TYPE, TOO_SMALL, page_of

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SIZES = ((360, 740), (1280, 800))


def test_a_number_is_entered_proved_and_ended(chromium: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    expect = pytest.importorskip("playwright.sync_api").expect
    wrong: list[str] = []

    def look(page: Any) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong.extend(
                f"{page.url} {v['id']}: {v['nodes'][0]['html'][:120]}" for v in axe.run(page).response["violations"]
            )
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong.extend([f"{page.url}: {wide} px too wide at {width}"] if wide > 0 else [])
            wrong.extend(f"{page.url}: {said}" for said in page.evaluate(TOO_SMALL, [SMALLEST_TARGET, SMALLEST_TYPE]))

    with SmsGateway() as gateway, stage_of(tmp_path, gateway=gateway.base) as stage, page_of(chromium) as page:
        walk(page, stage.url)
        page.wait_for_url("**/my/8")
        page.get_by_label("電話番号", exact=True).fill("090-1234-5678")
        page.get_by_role("button", name="SMSで受け取る").click()
        page.wait_for_url("**/my/8?told=sent_sms")
        expect(page.get_by_text("テストのSMSを送りました")).to_be_visible()
        assert gateway.inbox.wait(1, 30)
        look(page)
        found = re.search(r"番号：(\d{6})", gateway.inbox.items[0].text)
        assert found is not None
        page.get_by_label("届いた6けたの番号").fill(found[1])
        page.get_by_role("button", name="確かめる").click()
        page.wait_for_url("**/my/8?told=received")
        expect(page.get_by_text("SMS：届くことを確かめました")).to_be_visible()
        look(page)
        page.get_by_role("button", name="LINEに番号を送ってつなぐ").click()
        page.wait_for_url("**/my/line-code")
        expect(page.locator("#line-code")).to_have_text(re.compile(r"^\d{4} \d{4}$"))
        look(page)
        page.get_by_role("link", name="戻る").last.click()
        page.wait_for_url("**/my/8")
        page.get_by_role("button", name=re.compile("やめる: SMS")).click()
        page.wait_for_url("**/my/8?told=removed")
        expect(page.locator("#ways")).to_have_count(0)
        assert "12345678" not in "".join(page.asked)
    assert not wrong, "\n".join(wrong)
