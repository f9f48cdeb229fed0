"""The eight questions in a real browser: readable, reachable, light, and without JavaScript too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from journey.person import until
from tests.portal.resident.stage import Stage, go, stage_of, walk

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
PHONE, NARROW, DESK = (360, 740), (320, 640), (1280, 800)
FIRST_VIEW = 300_000
SMALLEST_TARGET, SMALLEST_TYPE = 44, 16


@pytest.fixture(name="stage", scope="module")
def a_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_of(tmp_path_factory.mktemp("hamlet")) as made:
        yield made


@contextmanager
def page_of(chromium: Any, size: tuple[int, int] = PHONE, **settings: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="ja-JP", **settings)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda m: page.said.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda e: page.said.append(f"error: {e}"))
    page.on("request", lambda r: page.asked.append(r.url))
    yield page
    context.close()


def test_every_step_is_accessible_and_fits_a_narrow_phone(chromium: Any, stage: Stage) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    wrong: list[str] = []

    def look(page: Any) -> None:
        result = axe.run(page)
        wrong.extend(f"{page.url} {v['id']}: {v['nodes'][0]['html'][:120]}" for v in result.response["violations"])
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong.extend([f"{page.url}: {wide} px too wide"] if wide > 0 else [])
        wrong.extend(f"{page.url}: {said}" for said in page.evaluate(TOO_SMALL, [SMALLEST_TARGET, SMALLEST_TYPE]))

    with page_of(chromium, NARROW) as page:
        walk(page, stage.url, look=look)
        page.goto(f"{stage.url}/my/plan")
        for details in page.locator("summary").all():
            details.click()
        look(page)
        for path in ("/my/back", "/my/delete", "/s/nothing"):
            page.goto(stage.url + path)
            look(page)
        assert not wrong, "\n".join(wrong)
        assert not [s for s in page.said if s.startswith("error") and "404" not in s], page.said
        assert all(url.startswith(stage.url) for url in page.asked), "nothing is asked of anybody else"


TOO_SMALL = """([target, type]) => {
  const out = [];
  for (const one of document.querySelectorAll("main button, main a.button, main a.go, main label, main summary, header a, footer a")) {
    const box = one.getBoundingClientRect();
    if (box.width && box.height && (box.height < target || box.width < target) && !one.matches("label.field"))
      out.push(`${one.textContent.trim().slice(0, 30)}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
  }
  for (const one of document.querySelectorAll("main p, main label, main li, main dd, main button"))
    if (parseFloat(getComputedStyle(one).fontSize) < type) out.push(`small type: ${one.textContent.trim().slice(0, 30)}`);
  return out;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh-Hant", "vi"])
def test_the_plan_reads_in_other_languages_by_day_and_night(
    chromium: Any, stage: Stage, scheme: str, lang: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with page_of(chromium, DESK, color_scheme=scheme) as page:
        walk(page, stage.url)
        for path in ("/my/plan", "/my/3", "/my/5", "/my/8"):
            page.goto(f"{stage.url}{path}?lang={lang}")
            assert page.locator("html").get_attribute("lang") == lang
            violations = axe.run(page).response["violations"]
            assert not violations, f"{path}: {[(v['id'], v['nodes'][0]['html'][:100]) for v in violations]}"


def test_the_first_view_is_light(chromium: Any, stage: Stage) -> None:
    with page_of(chromium, service_workers="block") as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        seen: list[float] = []
        wire.on("Network.loadingFinished", lambda said: seen.append(said["encodedDataLength"]))
        page.goto(f"{stage.url}/my?lang=ja")
        page.wait_for_load_state("networkidle")
        first = sum(seen)
        walk(page, stage.url)
        seen.clear()
        page.goto(f"{stage.url}/my/plan")
        page.wait_for_load_state("networkidle")
        print(f"first view {first / 1000:.0f} kB, the plan page {sum(seen) / 1000:.0f} kB")
        assert 2_000 < first <= FIRST_VIEW
        assert sum(seen) <= FIRST_VIEW


def test_all_of_it_works_without_javascript(chromium: Any, stage: Stage) -> None:
    with page_of(chromium, java_script_enabled=False) as page:
        walk(page, stage.url)
        page.goto(f"{stage.url}/my/plan")
        page.locator("button[value=left]").click()
        assert "told=left" in page.url
        assert page.locator("main svg").count() >= 1


def test_the_pin_follows_the_finger_and_the_arrows(chromium: Any, stage: Stage) -> None:
    with page_of(chromium) as page:
        walk(page, stage.url, to="/my/2")
        before = page.input_value("#pin input[name=lat]")
        box = page.locator("#pinmap svg").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 40, steps=4)
        page.mouse.up()
        dragged = page.input_value("#pin input[name=lat]")
        assert float(dragged) > float(before)
        page.locator("button[name=move][value=n]").click()
        assert "/my/2" in page.url
        pushed = float(page.input_value("#pin input[name=lat]"))
        assert pushed > float(dragged)
        go(page)
        page.wait_for_url(lambda url: not url.endswith("/my/2"))
        page.locator(
            "h1"
        ).first.wait_for()  # going back while the next page is still arriving is an error of the browser
        page.go_back()
        assert float(page.input_value("#pin input[name=lat]")) == pytest.approx(pushed, abs=1e-6), "back keeps the pin"


def test_the_phones_position_is_asked_for_only_when_pressed(chromium: Any, stage: Stage) -> None:
    here = {"longitude": 139.3005, "latitude": 38.8995}
    with page_of(chromium, geolocation=here, permissions=["geolocation"]) as page:
        page.goto(f"{stage.url}/my?lang=ja")
        page.locator("button[name=for][value=self]").click()
        page.locator("#locate").click()
        page.wait_for_url("**/my/2")
        assert float(page.input_value("#pin input[name=lon]")) == pytest.approx(here["longitude"])
        assert not [url for url in page.asked if "139." in url or "38." in url], "no address bar holds a place"


def test_a_page_can_be_answered_with_the_keyboard_alone(chromium: Any, stage: Stage) -> None:
    with page_of(chromium) as page:
        walk(page, stage.url, to="/my/4/way")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "mode":
                break
        page.keyboard.press("ArrowDown")
        assert page.locator("input[value=wheelchair]").is_checked()
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "go":
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/my/4/ready")


def test_a_push_is_shown_as_a_test_and_its_tap_is_the_answer(chromium: Any, stage: Stage) -> None:
    with page_of(chromium, permissions=["notifications"]) as page:
        walk(page, stage.url)
        wire = page.context.new_cdp_session(page)
        found: list[str] = []
        wire.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(
            r["registrationId"] for r in said["registrations"]))  # fmt: skip
        wire.send("ServiceWorker.enable")
        until(page, "async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
        page.wait_for_timeout(200)
        said = (
            '{"kind":"test","title":"【訓練】【テスト】知らせ","body":"届いたら","url":"/my/8","tag":"t","id":"%s"}'
            % ("ab" * 16)
        )
        wire.send("ServiceWorker.deliverPushMessage", {"origin": stage.url, "registrationId": found[-1], "data": said})
        page.wait_for_selector("#got:not([hidden])")
        shown = page.evaluate(
            "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => [n.title, n.body])"
        )
        assert shown == [["【訓練】【テスト】知らせ", "届いたら"]]
        page.locator("#got button").click()
        page.wait_for_url("**/my/8")
        assert [a.word for a in stage.answers() if a.about == "ab" * 16] == ["received"]
