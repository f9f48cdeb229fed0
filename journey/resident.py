"""Journey 5.2: a resident makes a plan on a phone: eight steps, five minutes, a test message that arrives."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

from journey.person import Person, until
from journey.stage import Demo, Missing, browser, demo

PHONE = {"width": 390, "height": 780}
LIMIT_S = 300.0
MAIL = "h@a.example"
ROW, TOWN = "あ", "芦原"


def walk(out: Path) -> int:
    """Walk it; 1 where a step or the whole was late, 3 where there is no Chromium."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    try:
        with demo(DEMO_SPEED="1") as town, browser() as opened:
            context = opened.new_context(viewport=PHONE, locale="ja-JP", is_mobile=True, has_touch=True)
            person = Person(context.new_page(), out)
            _all(person, town)
    except Missing as fault:
        print(fault, file=sys.stderr)
        return 3
    whole = sum(step.seconds for step in person.steps)
    in_time = person.report() and whole <= LIMIT_S
    print(f"{whole:6.1f} s of {LIMIT_S:3.0f}  the whole{'' if in_time else '  LATE'}")
    return 0 if in_time else 1


def _all(person: Person, town: Demo) -> None:
    page = person.page
    with person.step("1 QR on the leaflet", 10):
        page.goto(f"{town.url}/my")
        person.tap(page.locator("button[name=for][value=self]"))
        expect(page.locator("main form").first).to_be_visible()
    with person.step("2 address and pin", 40):
        _address(person)
    with person.step("3 own danger in three lines", 20):
        person.read(page.locator("ul.lines").first)
        _next(person)
    with person.step("4 who lives here", 60):
        _people(person)
    with person.step("5 where to go", 50):
        _place(person)
    with person.step("6 steps by level", 60):
        _steps(person)
    with person.step("7 who may see", 30):
        _next(person)
    with person.step("8 test message, saved offline, paper", 30):
        _test(person, town)


def _address(person: Person) -> None:
    """Choose the town, then the block, then confirm the pin."""
    page = person.page
    person.tap(page.locator("nav.rows a").filter(has_text=ROW).first)
    person.tap(page.locator("button[name=town]").filter(has_text=TOWN).first)
    if page.locator("button[name=block]").count():
        person.tap(page.locator("button[name=block]").first)
    expect(page.locator("#pinmap")).to_be_visible()
    person.tap(page.locator("form#pin button.go"))
    expect(page.locator("ul.lines").first).to_be_visible()


def _people(person: Person) -> None:
    page = person.page
    person.tap(page.locator("input[name=people][value='2']").locator("xpath=.."))
    person.tap(page.locator("input[name=needs][value=elder]").locator("xpath=.."))
    _next(person)
    person.tap(page.locator("input[name=ten]").nth(1).locator("xpath=.."))
    _next(person)
    person.tap(page.locator("input[name=mode][value=foot]").locator("xpath=.."))
    _next(person)
    person.tap(page.locator("input[name=prepare]").nth(1).locator("xpath=.."))
    _next(person)


def _place(person: Person) -> None:
    """Read what is proposed, and take it."""
    person.read(person.page.locator("fieldset").first)
    expect(person.page.locator("section.card svg, figure svg").first).to_be_visible()
    _next(person)


def _steps(person: Person) -> None:
    """Look through the levels; at one of them write a word of one's own."""
    page = person.page
    for level in range(1, 5):
        if level == 3:
            person.write(page.locator("textarea").first, "ねこをよぶ")
        _next(person)


def _test(person: Person, town: Demo) -> None:
    """Ask for a test mail, open it as the phone's mail program would, and say that it came."""
    page = person.page
    person.write(page.locator("input[type=email]"), MAIL)
    person.tap(page.locator("form:has(#mail) button").first)
    expect(page.locator("p.said[role=status]").first).to_be_visible()
    link = _mailed(town)
    page.goto(link)
    person.tap(page.locator("main button.go").first)
    expect(page.locator("h1").first).to_be_visible()
    _offline(page)
    sheet = page.request.get(f"{town.url}/my/plan.pdf")
    if sheet.status != 200 or not sheet.body().startswith(b"%PDF"):
        raise RuntimeError(f"no sheet to print: {sheet.status}")
    (person.folder / "plan.pdf").write_bytes(sheet.body())


def _mailed(town: Demo) -> str:
    """Give the link of the newest mail in the twin's mailbox."""
    log = (town.folder / "demo.log").read_text(encoding="utf-8")
    found = re.search(r"mailbox\s+(http://\S+)", log)
    if found is None:
        raise RuntimeError("the demo does not say where its mailbox is")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{found[1]}mails", timeout=5) as answer:
            mails = json.load(answer)
        links = re.findall(r"https?://\S+", mails[0]["text"]) if mails else []
        if links:
            if not re.search("訓練|テスト", mails[0]["subject"]):
                raise RuntimeError("the test mail does not say that it is one")
            return str(links[0])
        time.sleep(0.2)
    raise RuntimeError("no test mail came")


def _offline(page: Page) -> None:
    """Wait until the plan is kept on the phone."""
    until(page, "navigator.serviceWorker && navigator.serviceWorker.controller !== null", seconds=15)


def _next(person: Person) -> None:
    person.tap(person.page.locator("main button.go").last)
