"""Journey 5.1, scenes 8 to 11, 13 and 15: orders go out, answers come back, a wrong one is taken back in time."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from journey.hq import DESK, PHONE, signed_in
from journey.person import Person, until
from journey.stage import Demo, Missing, browser, demo
from timelines.phrases import LANGUAGES as SPOKEN
from timelines.phrases import say

COMPOSE_S, APPROVE_S, FIRST_MINUTE_S, LEVEL_4_S, CANCEL_S = 60.0, 30.0, 60.0, 60.0, 120.0
AREA = "みなも川右岸・芦原"
WRONG = "みなも川左岸・川原町"
DOORS_OPEN = "19:25"
"""Scene 13 is played while some homes of the area can still go and others cannot: at 20:29 of this night none can."""
MINUTE, GO_UP = "までに出る", "外へ出ない。"
TAKEN_BACK = frozenset(say("msg.cancel", language) for language in SPOKEN)
LANGUAGES = 5
MOVES_S = 90.0
JUMPED_S = 240.0
"""After a jump over hours the clock of the replay has to catch up before it spreads anything."""


def walk(out: Path) -> int:
    """Walk it; 1 where a scene was late, 3 where there is no Chromium."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    try:
        with demo(DEMO_SPEED="1", DEMO_START="18:40") as town, browser() as opened:
            night = _Night(out, town, opened)
            night.play()
    except Missing as fault:
        print(fault, file=sys.stderr)
        return 3
    return 0 if night.author.report() else 1


class _Night:
    """Two officers at their desks, and a phone."""

    def __init__(self, out: Path, town: Demo, opened: Browser) -> None:
        self.town = town
        self.author = Person(signed_in(opened, town, "honbu", DESK), out, wide=True)
        self.approver = Person(signed_in(opened, town, "shonin", DESK), out, self.author.steps, wide=True)
        context = opened.new_context(viewport=PHONE, locale="ja-JP", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
        self.home = Person(context.new_page(), out, self.author.steps)

    def play(self) -> None:
        """Play the scenes in their order."""
        self.town.jump("18:50")
        with self.author.step("8 compose 高齢者等避難: area, homes, text in five languages, 訓練 chosen", COMPOSE_S):
            self._compose("高齢者等避難", AREA, languages=LANGUAGES)
        with self.approver.step("9 the second person sees it, types the area's name, approves", APPROVE_S):
            self._approve(AREA)
        with self.approver.step("10 sent, reached and failed per channel; nothing waits any more", FIRST_MINUTE_S):
            self._delivered()
        self._answers()
        self._unanswered()
        self.town.jump(DOORS_OPEN)
        with self.author.step("13a compose 避難指示", COMPOSE_S):
            self._compose("避難指示", AREA)
        with self.home.step("13b approved: a home has its own minute on its phone", LEVEL_4_S):
            self._approve(AREA)
            self._told(MINUTE)
        with self.home.step("13c a home with no dry way left is told to go up", LEVEL_4_S):
            self._told(GO_UP)
        self.town.jump("23:30")
        self._compose("避難指示", WRONG)
        self._approve(WRONG)
        self._delivered(JUMPED_S)
        with self.author.step("15 a wrong area: taken back, same people, same channels, first", CANCEL_S):
            self._take_back()
        with self.home.step("15b the phone that got it: what was wrong, and that other messages still hold", None):
            self._told(say("msg.cancel", "ja"), "取り消したもの")

    def _open(self, person: Person, title: str) -> None:
        person.tap(person.page.locator(".desk-nav a").get_by_text(title, exact=True))

    def _compose(self, what: str, area: str, languages: int = 1) -> None:
        """Fill the form in: every choice is one tap."""
        person, page = self.author, self.author.page
        self._open(person, "発令・送信")
        form = page.locator("#compose")
        person.tap(form.locator("label:has(input[name=status][value=exercise])"))
        person.tap(form.locator(".kinds label", has_text=what))
        person.tap(form.locator("label:has(input[name=hazard][value=flood])"))
        person.tap(form.locator(".area-boxes li", has_text=area).locator("label"))
        look = page.locator("#look")
        expect(look).to_contain_text("世帯", timeout=15_000)
        expect(look.locator("h2", has_text="文面")).to_be_visible(timeout=15_000)
        for number in range(1, languages):
            person.tap(look.locator(".languages label").nth(number))
            expect(look.locator(".languages input").nth(number)).to_be_checked()
        person.tap(page.locator("button[name=do][value=draft]"))
        expect(page.locator("[data-saved=compose]")).to_be_visible(timeout=15_000)

    def _approve(self, area: str) -> None:
        """Find what waits, look at it, type the area's name."""
        person, page = self.approver, self.approver.page
        self._open(person, "発令・送信")
        person.tap(page.locator(".waiting a").filter(has_text=area).first)
        form = page.locator("form", has=page.locator("input[name=do][value=approve]"))
        person.write(form.locator("input[name=typed]"), area)
        person.tap(form.locator("button[type=submit]"))
        expect(page.locator("#alert")).to_be_visible(timeout=15_000)

    def _delivered(self, seconds: float = FIRST_MINUTE_S) -> None:
        page = self.approver.page
        table = page.locator("#alert table.progress")
        expect(table).to_be_visible(timeout=seconds * 1000)
        until(page, SETTLED, seconds=seconds)

    def _answers(self) -> None:
        """On the stand-in handsets: a push opens the answer page, LINE has its buttons."""
        page = self.home.page
        phone = self._phone("webpush")
        with self.home.step("10b the message on a phone: what to do, until when, which way", None):
            page.goto(f"{self.town.handsets}/phone/{phone['phone']}")
            said = page.locator("article.said").filter(has_text="高齢者等避難").first
            expect(said).to_be_visible()
            self.home.read(said)
        with self.home.step("10c one tap, and a second: the answer is in", None, taps=2):
            self.home.tap(said.get_by_role("link", name="開く"))
            self.home.tap(page.locator("#answers button[value=left]"))
            expect(page.locator("#answer-said, .noted").first).to_be_visible(timeout=10_000)
        other = self._phone("line")
        with self.home.step("10d the same by LINE: one tap", None, taps=1):
            page.goto(f"{self.town.handsets}/phone/{other['phone']}")
            self.home.tap(page.locator("article.said form button").first)
            expect(page.locator("main[data-phone]")).to_be_visible()

    def _unanswered(self) -> None:
        person, page = self.author, self.author.page
        with person.step("11 the unanswered by minutes left; the board moves as answers come in", MOVES_S):
            self._open(person, "未回答")
            expect(page.locator(".unheards li").first).to_be_visible(timeout=20_000)
            before = _waiting(page)
            until(page, f"{WAITING} < {before}", seconds=MOVES_S)
        with person.step("11b another helper is asked by a tap; the line of the home says who and when", None, taps=2):
            line = page.locator(".unheards li:is([data-window=open], [data-window=not_known])")
            line = line.filter(has=page.locator("form.next button")).first
            home = line.get_attribute("data-household", timeout=20_000) or ""
            person.tap(page.locator(f"li[data-household='{home}'] form.next button"))
            expect(page.locator("main")).to_contain_text("支援者に連絡します", timeout=15_000)
            person.tap(page.locator(f"li[data-household='{home}'] a.where"))
            expect(page.locator(".steps li").last).to_contain_text("連絡", timeout=15_000)

    def _told(self, words: str, word: str = "警戒レベル4 避難指示") -> None:
        """Read, on a phone of the area, the message with *word* that has these words in its first lines."""
        page = self.home.page
        one = self._phone("webpush", word, words)
        page.goto(f"{self.town.handsets}/phone/{one['phone']}")
        said = page.locator("article.said").filter(has_text=word).first
        expect(said).to_contain_text(words)
        self.home.read(said.locator("h2"))

    def _take_back(self) -> None:
        person, page = self.author, self.author.page
        self._open(person, "送った知らせ")
        person.tap(page.locator("#alerts a").filter(has_text=WRONG).first)
        person.tap(page.locator("#take-back summary"))
        form = page.locator("#take-back form")
        person.write(form.locator("input[name=why]"), "区域の誤り")
        person.write(form.locator("input[name=typed]"), "取消")
        person.tap(form.locator("button[type=submit]"))
        expect(page.locator("#alert")).to_contain_text("取消", timeout=15_000)
        until(page, SETTLED, seconds=CANCEL_S)
        self._same_people()

    def _same_people(self) -> None:
        """Wait until every phone that got the wrong order got, on the same channel, that it was wrong; nobody else."""
        end = time.monotonic() + CANCEL_S
        while time.monotonic() < end:
            rows = self.home.page.request.get(f"{self.town.handsets}/messages").json()
            here = [one for one in rows if WRONG in one["text"] and "試験用" not in one["name"]]
            taken_back = [one for one in here if any(words in one["title"] + one["text"] for words in TAKEN_BACK)]
            wrong = {(one["phone"], one["channel"]) for one in here if one not in taken_back}
            if wrong and wrong == {(one["phone"], one["channel"]) for one in taken_back}:
                return
            time.sleep(0.3)
        raise RuntimeError(f"who got the wrong order of {WRONG} is not who was told that it was wrong")

    def _phone(self, channel: str, word: str = "高齢者等避難", words: str = "") -> dict[str, Any]:
        """Give the newest message with *word*, titled *words*, of a phone of *channel*; RuntimeError: none came."""
        end = time.monotonic() + FIRST_MINUTE_S
        while time.monotonic() < end:
            rows = self.home.page.request.get(f"{self.town.handsets}/messages").json()
            found = [
                one
                for one in rows
                if one["channel"] == channel
                and word in one["title"] + one["text"]
                and words in one["title"]
                and "試験用" not in one["name"]
            ]
            if found:
                return dict(found[0])
            time.sleep(0.3)
        raise RuntimeError(f"no phone got {word} {words} by {channel}")


WAITING = "Number(document.querySelector('.tile-box:nth-child(2) .v').textContent.split('/')[0])"
SETTLED = (
    "() => { const t = document.querySelector('#alert table.progress'); if (!t) return false;"
    " const heads = [...t.querySelectorAll('thead th')].map((h) => h.textContent);"
    " const due = heads.findIndex((h) => h.includes('待'));"
    " return [...t.querySelectorAll('tbody tr')].every((r) => due < 0 || r.children[due].textContent.trim() === '0'); }"
)


def _waiting(page: Page) -> int:
    return int(page.evaluate(WAITING))
