"""The answer page in a real browser: read at a glance, pressed once, kept without a network; a push and what replaces it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.store import alerts, briefs, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import open_store
from disaster_hub.terms.alert import Alert, AlertAnswer, AlertKind, Audience, Because, Told
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.notice import Notice
from journey.person import until
from tests.portal.resident.alerted import BRIEF
from tests.portal.resident.stage import Stage, kept, shelf, stage_of, walk
from tests.portal.resident.test_browser import DESK, NARROW, PHONE, page_of
from timelines.channels.webpush import payload

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
SEEN = os.environ.get("PICTURES", "")


@pytest.fixture(name="stage")
def a_stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_of(tmp_path) as made:
        yield made


def alert(stage: Stage, name: str = "a1", kind: AlertKind = AlertKind.ORDER) -> Alert:
    now = stage.world.now(utc_now())
    return Alert(
        name, stage.world.kind, kind, ("X1",), "北部・東部", Audience(), "みなも市", "川の水位が上がっています", now,
        now + timedelta(hours=6), 7, 4,
    )  # fmt: skip


def spread(stage: Stage, one: Alert, minutes: float = 29.5) -> str:
    """Write what the spread writes for the one household, and give the path of its page."""
    store, keys = open_store(stage.config.store), Keyring.open(stage.config.keys.folder)
    try:
        with store.write() as tx:
            ((home, _),) = households.everyone(tx, keys)
            key = keys.key(home)
            sent = replace(BRIEF, leave_at=one.decided_at + timedelta(minutes=minutes))
            token = briefs.answer_token(key, one.id)
            alerts.add(tx, one)
            sealed = briefs.sealed_brief(key, home, sent)
            alerts.tell(tx, [Told(one.id, home, Because.CHOSEN, 1, sealed, briefs.token_hash(token))])
    finally:
        store.close()
    return f"/a/{token}"


def given(stage: Stage, name: str = "a1") -> AlertAnswer | None:
    store = open_store(stage.config.store)
    try:
        with store.read() as tx:
            found = alerts.answers(tx, [name])
    finally:
        store.close()
    return next(iter(found.values()), None)


def soon(true: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for the thing itself, in the store."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_page_is_read_at_a_glance_and_accessible(chromium: Any, stage: Stage) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with page_of(chromium) as page:
        walk(page, stage.url)
    path = spread(stage, alert(stage))
    for size, scheme in ((PHONE, "light"), (NARROW, "light"), (DESK, "dark")):
        with page_of(chromium, size, color_scheme=scheme) as page:
            page.goto(stage.url + path)
            page.get_by_text("今すぐ北小学校へ").wait_for()
            assert "あと 29 分" in page.inner_text(".by") or "あと 28 分" in page.inner_text(".by")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0
            boxes = [button.bounding_box() for button in page.locator("#answers button").all()]
            assert len(boxes) == 4
            assert all(box["height"] >= 60 for box in boxes)
            assert boxes[-1]["y"] + boxes[-1]["height"] <= size[1], "all four answers are on the first screen"
            violations = axe.run(page).response["violations"]
            assert not violations, [(v["id"], v["nodes"][0]["html"][:100]) for v in violations]
            if SEEN:
                page.screenshot(path=f"{SEEN}/reply-{size[0]}.png", full_page=True)
            assert not [line for line in page.said if line.startswith("error")]
    assert given(stage) is None, "looking counts for nothing"


def test_a_tap_counts_and_can_be_changed_and_two_quick_ones_are_one(chromium: Any, stage: Stage) -> None:
    with page_of(chromium) as page:
        walk(page, stage.url)
    path = spread(stage, alert(stage))
    with page_of(chromium) as page:
        page.goto(stage.url + path)
        page.locator("#answers button[value=left]").dblclick()
        soon(lambda: given(stage) is not None)
        until(page, "document.getElementById('answer-said').textContent.includes('記録しました')")
        assert [one.word for one in stage.answers()] == ["left"], "a double tap is one answer"
        page.locator("#answers button[value=help]").click()
        soon(lambda: (one := given(stage)) is not None and one.word == "help")
        page.goto(stage.url + path)
        page.get_by_text("「助けて」を市の災害対策本部に伝えました").wait_for()
        if SEEN:
            page.screenshot(path=f"{SEEN}/reply-answered.png", full_page=True)
    with page_of(chromium, java_script_enabled=False) as page:
        page.goto(stage.url + path)
        page.locator("#answers button[value=arrived]").click()
        page.get_by_text("「着いた」を記録しました").wait_for()
    found = given(stage)
    assert found is not None
    assert found.word == "arrived"


def test_without_a_network_the_answer_waits_on_the_phone_with_its_own_time(chromium: Any, stage: Stage) -> None:
    with page_of(chromium) as page:
        walk(page, stage.url)
        path = spread(stage, alert(stage))
        page.goto(stage.url + path)
        page.locator("#answers button[value=left]").wait_for()
        stage.down()
        page.locator("#answers button[value=left]").click()
        until(page, "document.getElementById('answer-said').textContent.includes('つながった時に')")
        (row,) = shelf(page)
        assert row["to"] == path
        at = stage.world.now(utc_now())
        stage.up()
        page.goto(f"{stage.url}/my/plan")  # any page of ours carries what waits
        soon(lambda: given(stage) is not None)
    found = given(stage)
    assert found is not None
    assert (found.word, found.via) == ("left", "link")
    assert found.given_at <= at < found.received_at


def test_a_push_shows_two_answers_and_what_withdraws_it_takes_its_place(chromium: Any, stage: Stage) -> None:
    with page_of(chromium, permissions=["notifications"]) as page:
        walk(page, stage.url)
        page.goto(f"{stage.url}/my/plan")
        kept(page)
        path = spread(stage, alert(stage))
        wire = page.context.new_cdp_session(page)
        found: list[str] = []
        wire.on("ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(
            r["registrationId"] for r in e["registrations"]))  # fmt: skip
        wire.send("ServiceWorker.enable")
        until_found(page, found)
        for key, kind, title in (
            ("alert:a1:a1", "order", "今すぐ北小学校へ"),
            ("alert:a1:a1~cancel2", "cancel", "誤りです"),
        ):
            now = stage.world.now(utc_now())
            notice = Notice(key, stage.world.kind, kind, title, "本文", now, now + timedelta(hours=1), 7,
                            url=f"{stage.url}{path}", alert=key.rpartition(":")[2])  # fmt: skip
            said = payload(notice, key).decode()
            assert [one["action"] for one in json.loads(said).get("actions", [])] == (
                ["left", "help"] if kind == "order" else []
            )
            wire.send("ServiceWorker.deliverPushMessage",
                      {"origin": stage.url, "registrationId": found[-1], "data": said})  # fmt: skip
            until(
                page,
                "async (title) => (await (await navigator.serviceWorker.ready).getNotifications())"
                ".map((n) => n.title).filter((one) => one.includes(title)).length === 1",
                arg=title,
            )
        titles = page.evaluate(
            "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => n.title)"
        )
        assert titles == ["【訓練】誤りです"]


def test_a_tap_on_a_pushs_button_answers_without_opening_anything_first(chromium: Any, stage: Stage) -> None:
    with page_of(chromium, permissions=["notifications"]) as page:
        walk(page, stage.url)
        page.goto(f"{stage.url}/my/plan")
        kept(page)
        path = spread(stage, alert(stage))
        (worker,) = page.context.service_workers
        worker.evaluate(
            """async (url) => {
              await self.registration.showNotification("x", { tag: "t", data: { url, kind: "order", id: "1" } });
              const [shown] = await self.registration.getNotifications();
              self.dispatchEvent(new NotificationEvent("notificationclick", { notification: shown, action: "help" }));
            }""",
            f"{stage.url}{path}",
        )
        soon(lambda: (one := given(stage)) is not None and one.word == "help")
    found = given(stage)
    assert found is not None
    assert found.via == "link"


def until_found(page: Any, found: list[str]) -> None:
    """Let the browser tell of its worker."""
    end = time.monotonic() + 90
    while not found:
        assert time.monotonic() < end
        page.wait_for_timeout(50)
