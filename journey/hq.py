"""Journey 5.1: an evening of the headquarters at human speed: scenes 1 to 7, 12 and 14."""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from journey.person import Person
from journey.stage import Demo, Missing, browser, demo

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 780}
READ_IN_S = 5.0
CALL_S = 15.0
PLANS_S = 30.0
SILENT = "かや野橋"
MAIN = "みなも橋"
WORD = "みなも橋"


def walk(out: Path) -> int:
    """Walk it; 1 where a scene was late or took too many taps, 3 where there is no Chromium."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    try:
        with demo(DEMO_SPEED="1", DEMO_START="17:00") as town, browser() as opened:
            officer = Person(signed_in(opened, town, "honbu", DESK), out, wide=True)
            _evening(officer, town, opened)
    except Missing as fault:
        print(fault, file=sys.stderr)
        return 3
    return 0 if officer.report() else 1


def _evening(officer: Person, town: Demo, opened: Browser) -> None:
    _watch(officer, town)
    town.jump("17:10")
    _gauge(officer)
    town.jump("17:46")
    _silence(officer, town)
    _call(officer)
    _log(officer)
    town.jump("18:11")
    _round(officer, town, opened)
    town.jump("18:41")
    _decide_by(officer, town)
    town.jump("19:40")
    _shelter_and_road(officer, town, opened)
    town.jump("22:00")
    _hand_over(officer, town)


def signed_in(opened: Browser, town: Demo, name: str, size: dict[str, int]) -> Page:
    """Open a browser of somebody's own and sign in there."""
    context = opened.new_context(viewport=size, locale="ja-JP", is_mobile=size is PHONE, has_touch=size is PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{town.url}/hq/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", town.password(name))
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".desk-nav, main h1").first).to_be_visible()
    return page


def _open(person: Person, title: str) -> None:
    """Go to a page of the desk by its name."""
    person.tap(person.page.locator(".desk-nav a").get_by_text(title, exact=True))


def _watch(officer: Person, town: Demo) -> None:
    page = officer.page
    with officer.step("1 watch board at level 2: drawn to be read in 5 s", READ_IN_S):
        page.goto(f"{town.url}/hq/watch")
        expect(page.locator(".areas-lines .line .lv").first).to_be_visible()
        expect(page.locator(".gauge-lines .line time").first).to_be_visible()
        expect(page.locator(".deadlines").first).to_be_visible()
        _at_level(page, 2)


def _at_level(page: Page, level: int) -> None:
    first = page.locator(".areas-lines .line .lv").first
    said = first.get_attribute("data-level")
    if said != str(level):
        raise RuntimeError(f"the board's first line stands at level {said}, not {level}")


def _gauge(officer: Person) -> None:
    """From the watch board to the curve, its marks, camera and neighbours."""
    page = officer.page
    with officer.step("2 gauge detail: curve, thresholds, forecast, camera, neighbours", None, taps=2):
        _open(officer, "地図")
        officer.tap(page.locator("#stations button").filter(has_text=MAIN).first)
        detail = page.locator("#detail")
        expect(detail.locator("svg.chart")).to_be_visible()
        expect(detail.locator("svg.chart .limit").first).to_be_attached()  # a level line has no height to be seen by
        expect(detail.locator("svg.chart .seen").first).to_be_attached()
        expect(detail.locator("img").first).to_be_visible()
        expect(detail.locator(".neighbours li").first).to_be_visible()


def _silence(officer: Person, town: Demo) -> None:
    page = officer.page
    with officer.step("3 a gauge fell silent while rising: 不明＝危険側 within 2 intervals", None):
        page.goto(f"{town.url}/hq/watch")
        line = page.locator(".gauge-lines .line.dark").filter(has_text=SILENT)
        expect(line).to_be_visible(timeout=20_000)
        expect(line).to_contain_text("不明＝危険側")
        officer.read(line)


def _call(officer: Person) -> None:
    """Take a call: 「みなも橋の下が冠水」."""
    page = officer.page
    with officer.step("4 call box: place by one word, kind, done", CALL_S):
        _open(officer, "電話受付")
        place = page.locator("#place")
        expect(place).to_be_focused()
        place.press_sequentially(WORD, delay=300)
        expect(page.locator("#found li").first).to_be_visible()
        time.sleep(0.3)
        place.press("Enter")
        expect(page.locator("#spot[data-known]")).to_be_visible()
        officer.tap(page.locator("label:has(input[name=kind][value=flooded_road])"))
        officer.tap(page.locator("#done"))
        expect(page.locator("[data-saved=call]")).to_be_visible()
        expect(page.locator(".last")).to_contain_text("道路冠水")


def _log(officer: Person) -> None:
    page = officer.page
    with officer.step("5 the report stands in the chronology with time, who and source", None):
        _open(officer, "クロノロジー")
        row = page.locator(".log-row").filter(has_text="道路冠水").first
        expect(row).to_be_visible()
        expect(row).to_contain_text("本部 起案担当")
        officer.read(row)


def _round(officer: Person, town: Demo, opened: Browser) -> None:
    """Tick two check points on the road crew's phone."""
    page = signed_in(opened, town, "genba", PHONE)
    crew = Person(page, officer.folder, officer.steps)
    for number in (1, 2):
        page.goto(f"{town.url}/hq/checks")
        row = page.locator("li[data-due=never], li[data-due=overdue]").first
        expect(row).to_be_visible()
        name = str(row.get_attribute("data-point"))
        with crew.step(f"6 check point {number}: one tap", None, taps=1):
            crew.tap(row.locator("button.fine"))
            expect(page.locator(f"li[data-point='{name}'][data-due=seen]")).to_be_visible(timeout=10_000)
    officer.too_many += crew.too_many
    page.context.close()


def _decide_by(officer: Person, town: Demo) -> None:
    page = officer.page
    with officer.step("7 the decide-by clock and who is behind the minute", None):
        page.goto(f"{town.url}/hq/watch")
        minute = page.locator(".deadline[data-deadline]").first
        expect(minute).to_be_visible(timeout=30_000)
        officer.read(minute.locator("strong, .left").first)
        if not re.search(r"\d\d:\d\d", minute.inner_text()):
            raise RuntimeError("the decide-by clock says no minute")
        page.goto(f"{town.url}/hq/decisions")
        expect(page.locator("main h1")).to_be_visible()


def _shelter_and_road(officer: Person, town: Demo, opened: Browser) -> None:
    """Shelter A fills, a road is cut, B opens: the plans that name them are reckoned anew."""
    phone = signed_in(opened, town, "hinanjo", PHONE)
    staff = Person(phone, officer.folder, officer.steps)
    phone.goto(f"{town.url}/hq/shelters")
    with staff.step("12a shelter A is full: plans reckoned anew, the desk sees how many", PLANS_S):
        staff.tap(phone.get_by_role("link", name=re.compile("を開く")).first)
        staff.tap(phone.locator("button[value=full]"))
        expect(phone.get_by_text("計画を見直しました")).to_be_visible(timeout=30_000)
    page = officer.page
    with officer.step("12b a road is cut: plans reckoned anew, the desk sees how many", PLANS_S):
        _open(officer, "報告")
        officer.tap(page.get_by_role("link", name=re.compile("道路冠水")).first)
        officer.tap(page.locator("#close-roads"))
        expect(page.locator("#plans")).to_contain_text("通行止め")
        expect(page.locator("#plans")).to_contain_text(
            re.compile(r"計画 \d+ 件が変わりました|変わった計画はありません"), timeout=30_000
        )
    phone.context.close()
    page.goto(f"{town.url}/hq/shelters")
    with officer.step("12c shelter B opens", None):
        officer.tap(page.locator(".shelters a.open").filter(has_not_text="満員").nth(3))
        officer.tap(page.locator("button[value=open]"))
        expect(page.locator("main")).to_contain_text("開設")


def _hand_over(officer: Person, town: Demo) -> None:
    page = officer.page
    page.goto(f"{town.url}/hq/papers")
    with officer.step("14 shift hand-over: one page, one print", None, taps=1):
        link = page.get_by_role("link", name=re.compile("引継ぎ票"))
        time.sleep(1)
        sheet = page.request.get(f"{town.url}{link.get_attribute('href')}")
        officer.clicks += 1
        if sheet.status != 200 or not sheet.body().startswith(b"%PDF"):
            raise RuntimeError(f"no handover sheet: {sheet.status}")
        (officer.folder / "handover.pdf").write_bytes(sheet.body())
