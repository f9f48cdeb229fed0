"""Messages: the action first, then the minute; every kind, level, word, language and form has words, and none invents any."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.config import City
from disaster_hub.planning.brief import without_minute
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Brief
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.way import Turn, Word
from disaster_hub.terms.world import WorldKind
from timelines import phrases, present_brief
from timelines.mark import marked
from timelines.message_lines import as_it_stands, clock
from timelines.messages import Form, Written, language_for, missing_reviews, write
from timelines.messages import phrases as phrases_of
from timelines.phrases import LANGUAGES, Reviews

NOW = datetime(2026, 9, 18, 11, 29, tzinfo=UTC)
CITY = City("みなも市", "Minamo", "0620300", "060000", 139.8, 38.7, 12, ZoneInfo("Asia/Tokyo"))
TURNS = (Turn("start", "", 50), Turn("left", "中央通り", 320), Turn("bridge", "みなも橋", 1200))
LEVELS: dict[AlertKind, tuple[int | None, ...]] = {
    AlertKind.ORDER: (3, 4, 5), AlertKind.LIFT: (3, 4, 5), AlertKind.AUTOMATIC: (None, 1, 2, 3, 4, 5),
    AlertKind.CALM: (None, 3, 4, 5), AlertKind.UPDATE: (None, 3, 4, 5), AlertKind.CANCEL: (None, 3, 4, 5),
    AlertKind.INFORMATION: (None,), AlertKind.HELPER: (None,),
}  # fmt: skip
PART = 70
"""Characters of one part of a text message in Japanese."""
MINE = "minutes", "分", "phút", "분", "min"


def alert(kind: AlertKind = AlertKind.ORDER, level: int | None = 4, **more: Any) -> Alert:
    made = Alert(
        "a1", WorldKind.DRILL, kind, ("X1",), "北部・東部", Audience(), "みなも市", "川の水位が上がっています", NOW,
        NOW + timedelta(hours=6), 7, level,
    )  # fmt: skip
    return replace(made, **more)


def brief(word: Word = Word.LEAVE_BY, **more: Any) -> Brief:
    leave = NOW + timedelta(minutes=29) if word is Word.LEAVE_BY else None
    made = Brief(
        1, "ja", word, leave, place="みなも第三小学校", turns=TURNS, metres=900, minutes=14.2, hazards=(Hazard.FLOOD,),
        storeys=2,
    )  # fmt: skip
    return replace(made, **more)


def every() -> Iterator[tuple[Alert, Brief | None]]:
    for kind, levels in LEVELS.items():
        for level, order in product(levels, (None, 4) if kind is AlertKind.AUTOMATIC else (None,)):
            one = alert(kind, level, city_order=order, rule="r@1" if kind is AlertKind.AUTOMATIC else "", note="追記")
            yield one, None
            for word, leave_level, place in product(Word, (3, 4), ("", "みなも第三小学校")):
                yield one, brief(word, leave_level=leave_level, place=place, storeys=leave_level - 2)


def first(said: Written, form: Form) -> str:
    return said.headline if form is Form.PUSH else said.text.split("\n")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_said_has_words(language: str) -> None:
    for one, plan in every():
        mine = replace(plan, language=language) if plan is not None else None
        for form, replies in product(Form, (False, True)):
            said = write(one, mine, form, NOW, CITY, language=language, replies=replies)
            assert said.language == language
            for line in (said.headline, *said.text.split("\n")):
                assert line.strip(), (one.kind, one.level, form)
                assert "{" not in line
                assert "}" not in line
                assert "None" not in line
            assert first(said, form).startswith(said.headline[:8])


ACTIONS = re.compile(r"へ|離れる|避難|支度|確かめ|家にいる|外へ出ない|命|近づかない|読んで|誤り")


def test_the_first_line_is_what_to_do() -> None:
    for one, plan in every():
        for form in Form:
            assert ACTIONS.search(first(write(one, plan, form, NOW, CITY), form)), (one.kind, one.level, plan)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", list(Word))
def test_at_level_5_nobody_is_told_to_go_out(language: str, word: Word) -> None:
    for form, storeys, kind in product(Form, (0, 1, 2), (AlertKind.ORDER, AlertKind.UPDATE, AlertKind.AUTOMATIC)):
        said = write(alert(kind, 5), brief(word, language=language, storeys=storeys), form, NOW, CITY)
        both = f"{said.headline}\n{said.text}"
        assert "みなも第三小学校" not in both
        assert "20:58" not in both
        key = "msg.life_up" if storeys > 1 else "msg.life_up_here"
        if form is not Form.VOICE:
            assert (
                phrases.say(key, language, floor=storeys) in both if storeys > 1 else phrases.say(key, language) in both
            )


def test_the_official_terms_stand_as_the_law_has_them() -> None:
    for level, name in ((3, "高齢者等避難"), (4, "避難指示"), (5, "緊急安全確保")):
        for form in Form:
            assert f"警戒レベル{level} {name}：北部・東部" in write(alert(level=level), brief(), form, NOW, CITY).text
    assert "命の危険 直ちに安全確保" in write(alert(level=5), brief(), Form.MAIL, NOW, CITY).text
    assert "危険な場所から全員避難" in write(alert(level=4), None, Form.MAIL, NOW, CITY).headline
    assert "危険な場所から高齢者等は避難" in write(alert(level=3), None, Form.MAIL, NOW, CITY).headline


def test_an_automatic_one_is_no_order_and_says_which_order_there_is() -> None:
    for level in (3, 4, 5):
        said = write(alert(AlertKind.AUTOMATIC, level, rule="r@1"), brief(), Form.SMS, NOW, CITY).text
        assert "市の避難情報は出ていません" in said
        assert f"警戒レベル{level}に相当する情報" in said
        assert not any(name in said for name in ("避難指示", "高齢者等避難", "緊急安全確保"))
    said = write(alert(AlertKind.AUTOMATIC, 4, rule="r@1", city_order=3), brief(), Form.CHAT, NOW, CITY).text
    assert "市からは警戒レベル3 高齢者等避難が出ています" in said
    assert "出ていません" not in said


def test_the_lines_come_in_their_order() -> None:
    said = write(alert(), brief(), Form.MAIL, NOW, CITY, replies=True).text
    lines = [
        "今すぐみなも第三小学校へ", "20:58までに出る", "道：15 分・900 m", "返信で答える：1 出た 2 着いた 3 助けて 4 残る",
        "警戒レベル4 避難指示", "みなも市 9月18日(金) 20:29 発表", "理由：川の水位が上がっています",
        "9月18日(金) 20:29 に書いた文です",
    ]  # fmt: skip
    assert [said.index(line) for line in lines] == sorted(said.index(line) for line in lines)


def test_a_plan_that_leaves_at_4_gets_ready_at_3_and_a_known_minute_holds_all_the_same() -> None:
    at_4 = brief(Word.LEAVE_AT_LEVEL, leave_level=4)
    assert write(alert(level=3), at_4, Form.SMS, NOW, CITY).text.startswith(
        "みなも第三小学校へ行く支度をする\n警戒レベル4"
    )
    assert write(alert(level=4), at_4, Form.SMS, NOW, CITY).text.startswith("今すぐみなも第三小学校へ")
    known = write(alert(level=3), brief(leave_level=4), Form.SMS, NOW, CITY).text
    assert known.startswith("支度をして、みなも第三小学校へ\n20:58までに出る")
    assert write(alert(level=3), brief(Word.LEAVE_NOW, leave_level=4), Form.SMS, NOW, CITY).text.startswith("今すぐ")


@settings(max_examples=300, deadline=None)
@given(st.integers(-5, 90), st.integers(0, 60), st.sampled_from(list(Form)), st.sampled_from(LANGUAGES))
def test_writing_later_never_gives_more_time(first_at: int, more: int, form: Form, language: str) -> None:
    early, late = NOW + timedelta(minutes=first_at), NOW + timedelta(minutes=first_at + more)
    plan = brief(language=language)

    def leave(at: datetime) -> datetime:
        said = (
            write(alert(), plan, form, at, CITY).headline + write(alert(), plan, Form.SMS, at, CITY).text.split("\n")[1]
        )
        if "20:58" in said:
            return NOW + timedelta(minutes=29)
        return datetime.min.replace(tzinfo=UTC)

    assert leave(late) <= leave(early)
    if late > NOW + timedelta(minutes=29):
        assert leave(late) == datetime.min.replace(tzinfo=UTC), "once the minute is over nobody is sent out"
        assert "みなも第三小学校" not in write(alert(), plan, form, late, CITY).text


def test_no_message_counts_minutes_that_would_be_wrong_when_it_is_read() -> None:
    for at in (0, 7, 20):
        said = write(alert(), brief(), Form.MAIL, NOW + timedelta(minutes=at), CITY).text
        assert not re.search(r"あと ?\d+ ?分", said)
        assert f"20:{29 + at} に書いた文です" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_part_of_a_text_message_holds_action_and_time(language: str) -> None:
    long = "みなも市立みなも第三小学校体育館及び北側校舎の二階より上の教室"
    for one, plan in every():
        if plan is None:
            continue
        mine = replace(plan, language=language, place=long if plan.place else "")
        said = write(replace(one, area_name="北部・東部・" * 20), mine, Form.SMS, NOW, CITY, replies=True).text
        notice = Notice("k", WorldKind.DRILL, "order", "x", said, NOW, NOW, 7)
        part = marked(notice, said)[:PART]
        assert said.split("\n")[0] in part, (one.kind, one.level, plan.word, said)
        if "20:58" in said and one.level != 5:
            assert "20:58" in part
        assert len(said) <= 6 * PART


def test_a_push_says_action_and_minute_in_its_title_and_does_not_repeat_them() -> None:
    said = write(alert(), brief(), Form.PUSH, NOW, CITY)
    assert said.headline == "今すぐみなも第三小学校へ。20:58までに出る"
    assert "今すぐ" not in said.text
    assert len(said.text.encode()) < 2000


def test_a_lift_is_no_cancel_and_neither_says_that_all_is_well() -> None:
    lifted = write(alert(AlertKind.LIFT), brief(), Form.MAIL, NOW, CITY).text
    wrong = write(alert(AlertKind.CANCEL, why="区域をまちがえました"), brief(), Form.SMS, NOW, CITY).text
    assert "解除" in lifted
    assert "誤り" not in lifted
    assert wrong.startswith("さきほどの知らせは誤りです")
    assert "区域をまちがえました" in wrong
    assert "警戒レベル4 避難指示" in wrong
    for said in (lifted, wrong):
        assert "20:58" not in said
        assert "みなも第三小学校" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_says_that_a_place_is_safe(language: str) -> None:
    safe = re.compile(
        r"\bsafe\b|\bseguro\b|\ban toàn\b|안전합니다|危険はありません|危険がない|安全です|没有危险|沒有危險",
        re.IGNORECASE,
    )
    keys = {key for one, plan in every() for key in phrases_of(one, plan)} - {"now.why_stay", "level.5.name"}
    assert len(keys) > 60
    for key in keys:
        assert not safe.search(phrases.table(language)[key].text), key


def test_what_comes_from_outside_stays_one_line_and_breaks_nothing() -> None:
    wild = alert(why="a{b}\nc", note="{0}\u2028x", issuer="み{な}も\t市", area_name="北{部}\n")
    said = write(wild, brief(place="{place}\n小学校"), Form.MAIL, NOW, CITY).text
    assert "理由：a{b} c" in said
    assert said.split("\n")[0] == "今すぐ{place} 小学校へ"


def test_the_city_is_named_in_letters_that_the_reader_knows() -> None:
    one = alert(note="追記")
    assert "From Minamo (in Japanese): 追記" in write(one, brief(language="en"), Form.MAIL, NOW, CITY).text
    assert "みなも市から：追記" in write(one, brief(), Form.MAIL, NOW, CITY).text


def test_a_voice_says_no_reading_twice_and_asks_for_no_tap() -> None:
    said = write(alert(), brief(language="ja-easy"), Form.VOICE, NOW, CITY)
    assert "今すぐ" in said.headline
    assert "いま" not in said.headline
    assert "\n" not in said.text
    assert "押" not in said.text


def test_only_reviewed_words_go_out_as_actual(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.toml")
    real, plan = alert(world=WorldKind.REAL), brief(language="en")
    assert language_for(alert(), plan, reviews) == "en", "an exercise may go out unreviewed"
    assert language_for(real, plan, reviews) is None
    keys = sorted(phrases_of(real, plan))
    reviews.sign("佐藤", "ja", keys)
    assert language_for(real, plan, reviews) == "ja"
    reviews.sign("佐藤", "en", keys[1:])
    assert language_for(real, plan, reviews) == "ja", "one phrase alone that nobody read keeps a language back"
    reviews.sign("佐藤", "en", keys)
    assert language_for(real, plan, reviews) == "en"
    assert language_for(real, replace(plan, language="xx"), reviews) == "ja"


def test_what_is_written_was_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()
    say = phrases.say

    def listen(key: str, language: str, /, **values: Any) -> str:
        said.add(key)
        return say(key, language, **values)

    monkeypatch.setattr(phrases, "say", listen)
    for one, plan in every():
        for form, replies, at in product(
            Form, (False, True), (NOW, NOW + timedelta(minutes=28), NOW + timedelta(hours=1))
        ):
            said.clear()
            write(replace(one), plan, form, at, CITY, replies=replies)
            assert said <= phrases_of(one, plan), said - phrases_of(one, plan)


@pytest.mark.parametrize("word", [Word.LEAVE_NOW, Word.LEAVE_BY, Word.NO_WAY_KNOWN, Word.GO_UP])
def test_a_plan_of_another_state_is_said_without_any_minute(word: Word) -> None:
    until = NOW + timedelta(minutes=20)
    old = without_minute(brief(word, until=until))
    sooner = min(moment for moment in (old.until, until) if moment is not None)
    for form in Form:
        said = write(alert(), old, form, NOW, CITY)
        assert clock(sooner) not in said.headline + said.text
    assert as_it_stands(old, until + timedelta(minutes=1))[0] is Word.GO_UP, "who reads it late is not sent out"
    fresh = replace(old, unsure=False, cause="now", until=until - timedelta(minutes=5))
    same = replace(old, unsure=False, leave_level=4)
    assert [one and one.unsure for one in (present_brief.of(old, p, NOW) for p in (fresh, same))] == [False, True]


def test_the_composer_learns_how_many_phrases_are_missing(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.toml")
    before = missing_reviews(reviews, AlertKind.ORDER, 4)
    assert set(before) == set(LANGUAGES)
    assert min(before.values()) > 20
    reviews.sign("佐藤", "en", sorted(phrases_of(alert(), brief()) | phrases_of(alert(), None)))
    after = missing_reviews(reviews, AlertKind.ORDER, 4)
    assert after["en"] == 0
    assert after["ja"] == before["ja"]


def test_a_newer_plan_never_gives_more_time() -> None:
    minutes = (None, 5, 29, 60)
    plans = [
        brief(word, leave_at=NOW + timedelta(minutes=n) if n is not None and word is Word.LEAVE_BY else None, cause=str(n))
        for word, n in product(Word, minutes)
        if (n is not None) == (word is Word.LEAVE_BY)
    ]  # fmt: skip
    for sent, present in product(plans, plans):
        shown = present_brief.of(sent, present, NOW)
        assert shown is not None
        assert present_brief.PRESSING[shown.word] >= present_brief.PRESSING[sent.word]
        if shown.word is Word.LEAVE_BY and sent.leave_at is not None:
            assert shown.leave_at is not None
            assert shown.leave_at <= sent.leave_at


@pytest.mark.slow
def test_a_hundred_thousand_are_written_in_seconds() -> None:
    one = alert()
    plans = [brief(place=f"{n}番小学校", leave_at=NOW + timedelta(minutes=n % 90)) for n in range(1000)]
    begun = time.perf_counter()
    for n in range(100_000):
        write(one, plans[n % 1000], Form.PUSH, NOW, CITY)
    assert time.perf_counter() - begun < 30


def test_a_way_of_which_turns_were_left_out_says_so() -> None:
    start, left, right = Turn("start", "桐通り", 100), Turn("left", "中央通り", 200), Turn("right", "萩小路", 100)
    there = Turn("arrive", "", 0)

    def way(form: Form, *turns: Turn, metres: float) -> str:
        said = write(alert(), brief(turns=turns, metres=metres), form, NOW, CITY)
        return next(line for line in said.text.split("\n") if line.startswith("道："))

    assert "…" not in way(Form.MAIL, start, left, there, metres=300)
    assert way(Form.MAIL, start, left, right, there, metres=1100).endswith("萩小路を進む（100 m） → … → 着きました"), (
        "nobody has arrived after 400 of 1,100 m"
    )
    assert way(Form.PUSH, start, left, right, there, metres=400).endswith("中央通りを進む（200 m） → …")


@pytest.mark.parametrize("form", Form)
def test_a_drill_says_so_in_letters_that_its_reader_knows(form: Form) -> None:
    for world, mark in ((WorldKind.DRILL, "Drill: "), (WorldKind.REPLAY, "Drill: "), (WorldKind.REAL, "")):
        said = write(alert(world=world), brief(Word.GO_UP, language="en"), form, NOW, CITY)
        lines = [first(said, form), *said.text.split("\n")[1:]]
        if form is Form.SMS and mark:
            assert lines[:2] == ["Do not go outside. Go up to floor 2", "Drill"]
        else:
            assert lines[0].startswith(f"{mark}Do not go outside")
    assert first(write(alert(), brief(Word.GO_UP), form, NOW, CITY), form).startswith("外へ出ない"), "the mark says it"
