"""LINE against its stand-in: the same key is one message, 409 is success, and the two meanings of 429 are told apart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.config import Config
from disaster_hub.config_outside import LineBot
from disaster_hub.configfile import load
from disaster_hub.rehearsal.twins.linebot import SECRET, TOKEN
from disaster_hub.rehearsal.twins.linebot import LineBot as Twin
from disaster_hub.rehearsal.twins.loopback import DROPPED
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.timelines.said import notice, outgoing
from timelines import phrases
from timelines.channel import Letter, Wired, channel
from timelines.channels.line import Line, Quota, judge, quota, retry_key, signed
from timelines.line_message import buttons, messages, tapped
from timelines.outside import Outside, Reply
from timelines.short import units

PORTAL = "https://bousai.city.example.jp"
TOKEN_22 = "AbCdEfGhIjKlMnOpQrStUv"
USERS = [f"U{number:032x}" for number in range(1, 1200)]
CONFIG = Path(__file__).parents[2] / "config.toml"


@pytest.fixture(name="twin")
def line_itself() -> Iterator[Twin]:
    with Twin() as twin:
        yield twin


def bot(twin: Twin, **settings: float) -> LineBot:
    return replace(LineBot(TOKEN, SECRET, twin.base), **settings)  # type: ignore[arg-type]


def ours(twin: Twin, world: WorldKind = WorldKind.REPLAY, timeout_s: float = 5, **settings: float) -> Line:
    return Line(bot(twin, **settings), world, Outside(outgoing(timeout_s=timeout_s)), PORTAL)


def order(number: int = 0, *, kind: str = "order", url: str = f"{PORTAL}/a/{TOKEN_22}") -> Notice:
    text = "今すぐ北小学校へ\n20:58までに出る\n道：東へ200m"
    one = notice(kind, WorldKind.REPLAY, key=f"alert:{number}", headline="今すぐ北小学校へ。20:58までに出る", text=text)
    return replace(one, alert=f"{number}", url=url)


def letters(count: int, *, url: str = "", language: str = "") -> list[Letter]:
    one = order(url=url)
    return [Letter(one, USERS[n], f"alert:0/line/contact:{n}", language) for n in range(count)]


def hand(line: Line, many: Sequence[Letter]) -> list[Undeliverable | None]:
    async def over() -> list[Undeliverable | None]:
        async with aiohttp.ClientSession() as wire:
            return await line.hand_over(many, wire)

    return asyncio.run(over())


def refused(line: Line, one: Notice, key: str = "k", to: str = USERS[0]) -> Undeliverable:
    with pytest.raises(Undeliverable) as fault:
        line.send(one, to, key)
    return fault.value


def test_a_push_has_the_words_the_link_and_four_buttons_that_stay(twin: Twin) -> None:
    ours(twin).send(order(), USERS[0], "k")
    (got,) = twin.inbox.shown()
    assert got["to"] == USERS[0]
    assert got["text"].startswith("【訓練】今すぐ北小学校へ\n20:58までに出る\n"), "the headline is not said twice"
    assert got["url"] == f"{PORTAL}/a/{TOKEN_22}"
    assert [one["label"] for one in got["buttons"]] == ["出た", "着いた", "助けて", "残る"]
    assert tapped(got["buttons"][0]["data"]) == (TOKEN_22, "left")


def test_what_asks_for_no_answer_has_no_buttons() -> None:
    for kind in ("cancel", "lift", "calm", "information", "helper"):
        assert [one["type"] for one in messages(order(kind=kind), PORTAL)] == ["text"], kind
    assert [one["type"] for one in messages(notice(), PORTAL)] == ["text"], "what the machine says about itself"


def test_the_same_key_again_is_one_message_and_409_is_success(twin: Twin) -> None:
    line = ours(twin)
    line.send(order(), USERS[0], "alert:0/line/contact:1")
    line.send(order(), USERS[0], "alert:0/line/contact:1")
    assert hand(line, [Letter(order(), USERS[0], "alert:0/line/contact:1")]) == [None]
    assert (twin.inbox.taken, twin.calls) == (1, 3)


def test_equal_words_go_in_one_request_up_to_500(twin: Twin) -> None:
    line = ours(twin)
    assert isinstance(line, Wired)
    assert line.together == 500
    assert hand(line, letters(500)) == [None] * 500
    assert (twin.calls, twin.inbox.taken) == (1, 500)
    assert hand(line, letters(500)) == [None] * 500
    assert (twin.calls, twin.inbox.taken, twin.used) == (2, 500, 500), "the same group is the same message"
    assert {tap["data"] for one in twin.inbox.shown()[:1] for tap in one["buttons"]} == {
        "a - left", "a - arrived", "a - help", "a - staying",
    }  # fmt: skip


def test_words_of_their_own_go_one_by_one_in_their_language(twin: Twin) -> None:
    many = [
        Letter(order(n, url=f"{PORTAL}/a/{TOKEN_22[:-1]}{n}"), USERS[n], f"alert:{n}/line/contact:{n}", language)
        for n, language in enumerate(("ja", "vi"))
    ]
    assert hand(ours(twin), many) == [None, None]
    assert twin.calls == 2
    assert [one["buttons"][0]["label"] for one in twin.inbox.shown() if one["to"] == USERS[1]] == ["Đã đi"]


def test_one_bad_address_keeps_no_other_from_being_told(twin: Twin) -> None:
    many = [*letters(3), Letter(order(url=""), "Unobody", "alert:0/line/contact:x")]
    ends = hand(ours(twin), many)
    assert ends[:3] == [None] * 3
    assert ends[3] is not None
    assert ends[3].forever
    assert twin.inbox.taken == 3


def test_whoever_line_refuses_in_a_group_is_asked_alone(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """LINE answers a group as a whole: 400 for one of its people is not to cost the other 499 their warning."""
    monkeypatch.setattr("disaster_hub.rehearsal.twins.linebot.USER", __import__("re").compile(r"U0{31}[12]"))
    ends = hand(ours(twin), letters(4))
    assert [end is None for end in ends] == [True, True, False, False]
    assert twin.inbox.taken == 2


def test_too_many_a_second_is_waited_for(twin: Twin) -> None:
    twin.per_second = 0
    fault = refused(ours(twin), order())
    assert not fault.forever
    assert fault.after_s == 2.0


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("", 2.0), ("soon", 2.0)])
def test_how_long_line_asks_us_to_wait_is_how_long_we_wait(twin: Twin, asked: str, waited: float) -> None:
    """LINE promises no Retry-After with its 429; where there is one it counts."""
    said = "The API rate limit has been exceeded. Try again later."
    twin.fail(429, said, **({"retry_after": asked} if asked else {}))
    fault = refused(ours(twin), order())
    assert (fault.forever, fault.after_s) == (False, waited)
    assert all(
        end is not None and (end.forever, end.after_s) == (False, waited) for end in hand(ours(twin), letters(2))
    )
    twin.fail(429, "You have reached your monthly limit.", **({"retry_after": asked} if asked else {}))
    assert refused(ours(twin), order()).forever, "no waiting brings the month back"


def test_a_multicast_that_is_too_fast_leaves_pushes_alone(twin: Twin) -> None:
    twin.multicast_per_second = 0
    ends = hand(ours(twin), letters(3))
    assert [(end.forever, end.after_s) for end in ends if end] == [(False, 2.0)] * 3
    ours(twin).send(order(), USERS[0], "k")
    assert twin.inbox.taken == 1


def test_a_retry_key_is_known_for_a_day(twin: Twin) -> None:
    now = [datetime(2026, 9, 18, 11, 58, tzinfo=UTC)]
    twin.wall = lambda: now[0]
    for hours, taken in ((0, 1), (23, 1), (25, 2)):
        now[0] = datetime(2026, 9, 18, 11, 58, tzinfo=UTC) + timedelta(hours=hours)
        ours(twin).send(order(), USERS[0], "k")
        assert twin.inbox.taken == taken


def test_a_month_that_is_used_up_is_said_and_never_tried_again(twin: Twin) -> None:
    twin.quota, twin.used = 2, 2
    fault = refused(ours(twin), order())
    assert fault.forever
    assert not fault.gone
    assert "monthly limit" in str(fault)
    ends = hand(ours(twin), letters(3))
    assert all(end is not None and end.forever and "monthly limit" in str(end) for end in ends)
    assert twin.calls == 2, "the group is not taken apart: no single one of it could go either"


@pytest.mark.parametrize(
    ("status", "forever"),
    [(400, True), (401, False), (403, False), (404, True), (410, True), (413, True), (415, True), (409, False),
     (500, False), (502, False), (503, False), (DROPPED, False)],
)  # fmt: skip
def test_what_each_answer_means(twin: Twin, status: int, forever: bool) -> None:
    twin.fail(status, "no")
    fault = refused(ours(twin), order())
    assert fault.forever is forever
    assert not fault.gone
    assert USERS[0] not in str(fault)
    assert TOKEN not in str(fault)
    (end,) = hand(ours(twin), letters(1))
    assert end is not None
    assert end.forever is forever


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(twin: Twin) -> None:
    """LINE took the group, the line broke before its answer: the next try gets 409, nobody gets it twice."""
    taking, lost = twin.answer, [True]

    def answer(asked: object) -> object:
        said = taking(asked)  # type: ignore[arg-type]
        return replace(said, status=DROPPED) if lost and lost.pop() else said

    twin.answer = answer  # type: ignore[assignment]
    assert hand(ours(twin), letters(20)) == [None] * 20
    assert (twin.calls, twin.inbox.taken, twin.used) == (2, 20, 20)


def test_a_person_who_blocked_us_looks_like_any_other(twin: Twin) -> None:
    twin.blocked.add(USERS[0])
    ours(twin).send(order(), USERS[0], "k")
    assert twin.inbox.taken == 0


def test_another_world_is_refused_before_anything_leaves(twin: Twin) -> None:
    assert refused(ours(twin, WorldKind.REAL), order()).forever
    assert all(end is not None and end.forever for end in hand(ours(twin, WorldKind.DRILL), letters(3)))
    assert twin.calls == 0


def test_multicasts_keep_their_own_pace(twin: Twin) -> None:
    async def twice() -> float:
        line = ours(twin, multicast_per_second=10)
        async with aiohttp.ClientSession() as wire:
            begun = asyncio.get_running_loop().time()
            for start in range(0, 9, 3):
                assert await line.hand_over(letters(12)[start : start + 3], wire) == [None] * 3
            return asyncio.get_running_loop().time() - begun

    assert asyncio.run(twice()) >= 0.19


def test_neither_token_nor_person_is_logged(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ours(twin).send(order(), USERS[0], "k")
        twin.fail(500)
        refused(ours(twin), order())
        hand(ours(twin), letters(2))
    assert USERS[0] not in caplog.text
    assert TOKEN not in caplog.text


def config(twin: Twin, folder: Path) -> Config:
    (folder / "config.toml").write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    return replace(load(folder / "config.toml", {}), line_bot=bot(twin), outgoing=outgoing())


def test_the_quota_is_what_line_says(twin: Twin, tmp_path: Path) -> None:
    mine = config(twin, tmp_path)
    outside = Outside(outgoing())
    assert quota(mine, outside) == Quota(None, 0)
    twin.quota, twin.used = 200, 150
    found = quota(mine, outside)
    assert found == Quota(200, 150)
    assert found is not None
    assert found.left == 50
    twin.fail(500)
    assert quota(mine, outside) is None
    assert quota(replace(mine, line_bot=None), outside) is None


def test_the_channel_comes_from_the_configuration(twin: Twin, tmp_path: Path) -> None:
    mine = config(twin, tmp_path)
    assert isinstance(channel("line", mine), Line)
    with pytest.raises(BadConfig, match="line_bot"):
        channel("line", replace(mine, line_bot=None))


def test_a_signature_is_over_the_very_bytes() -> None:
    body = b'{"events":[]}'
    good = "De5V8kCqZsGyHp7dD9JLY4nyipBSxGLzmQ1gYqJi4Wk="  # by openssl dgst -sha256 -hmac
    assert signed("twin-line-secret", body, good)
    assert not signed("twin-line-secret", body + b" ", good)
    assert not signed("another", body, good)
    assert not signed("", body, "")
    assert not signed(SECRET, body, "あ")


def test_a_reply_of_409_without_its_id_is_no_success() -> None:
    judge(Reply(409, {"x-line-accepted-request-id": "1"}, b""))
    with pytest.raises(Undeliverable):
        judge(Reply(409, {}, b""))
    assert retry_key("a") == retry_key("a") != retry_key("b")


@given(st.text(max_size=12_000), st.sampled_from(phrases.LANGUAGES))
def test_whatever_is_said_line_takes_it(text: str, language: str) -> None:
    one = replace(order(), text=text.replace("【", "").strip() or "x", headline="")
    said = messages(one, PORTAL, language)
    assert 0 < units(said[0]["text"]) <= 5_000
    assert said[0]["text"].endswith(TOKEN_22)
    assert said[0]["text"].encode("utf-8")


def test_the_buttons_fit_in_every_language() -> None:
    for language in phrases.LANGUAGES:
        shape = buttons(TOKEN_22, language)
        assert units(shape["altText"]) <= 400
        assert 0 < units(shape["template"]["text"]) <= 160
        assert all(units(one["label"]) <= 20 and len(one["data"]) <= 300 for one in shape["template"]["actions"])


def test_a_tap_is_read_and_nothing_else_is() -> None:
    assert tapped(f"a {TOKEN_22} help") == (TOKEN_22, "help")
    assert tapped("a - left") == ("", "left")
    for wrong in ("", "a", f"a {TOKEN_22} dance", "a ../../x left", f"b {TOKEN_22} left", f"a {TOKEN_22} left x"):
        assert tapped(wrong) is None


def test_the_question_above_the_buttons_bears_the_mark_too() -> None:
    for world, first in ((WorldKind.DRILL, True), (WorldKind.REAL, False)):
        text, asked = messages(replace(order(), world=world), PORTAL)
        for said in (text["text"], asked["altText"], asked["template"]["text"]):
            assert said.startswith("【訓練】") is first
