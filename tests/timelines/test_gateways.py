"""SMS, calls and other people's programs: templates that nothing breaks out of, numbers, lengths, signatures."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.config_outside import Gateway, Webhook
from disaster_hub.rehearsal.twins.loopback import DROPPED, Answer, Asked, Loopback
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from disaster_hub.terms.errors import BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.timelines.said import notice, outgoing
from timelines.channel import Letter, Wired
from timelines.channels.sms import Sms
from timelines.channels.voice import Voice
from timelines.channels.webhook import ToPrograms, written
from timelines.gateway import ByGateway, filled, signature, signed
from timelines.outside import Outside
from timelines.phone_number import hinted, national, number
from timelines.short import units

PORTAL = "https://bousai.city.example.jp"
NUMBER = "090-1234-5678"
E164 = "+819012345678"
LINK = "/a/AbCdEfGhIjKlMnOpQrStUv"


@pytest.fixture(name="twin")
def the_gateway() -> Iterator[SmsGateway]:
    with SmsGateway() as twin:
        yield twin


def ours(kind: type[ByGateway], twin: SmsGateway, **settings: object) -> ByGateway:
    made = replace(Gateway(f"{twin.base}/{kind.kind}", kind.kind), **settings)  # type: ignore[arg-type]
    return kind(made, WorldKind.REPLAY, Outside(outgoing(timeout_s=2)), PORTAL)


def order(text: str = "今すぐ北小学校へ\n20:58までに出る", url: str = LINK) -> Notice:
    return notice("order", WorldKind.REPLAY, key="alert:1", headline="今すぐ北小学校へ", text=text, url=url)


def hand(one: ByGateway | ToPrograms, *letters: Letter) -> list[Undeliverable | None]:
    async def over() -> list[Undeliverable | None]:
        async with aiohttp.ClientSession() as wire:
            return await one.hand_over(letters, wire)

    return asyncio.run(over())


def refused(one: ByGateway | ToPrograms, to: str = NUMBER, said: Notice | None = None) -> Undeliverable:
    with pytest.raises(Undeliverable) as fault:
        one.send(said or order(), to, "k")
    return fault.value


def test_a_text_has_the_action_first_and_the_link_last(twin: SmsGateway) -> None:
    ours(Sms, twin).send(order(), NUMBER, "alert:1/sms/contact:1")
    (got,) = twin.inbox.shown()
    assert (got["channel"], got["to"]) == ("sms", E164)
    assert got["text"].split("\n")[0] == "【訓練】今すぐ北小学校へ"
    assert got["text"].endswith(f"{PORTAL}{LINK}")


def test_a_long_text_loses_its_end_and_never_its_link(twin: SmsGateway) -> None:
    text = ours(Sms, twin, most=120).text(order("今すぐ北小学校へ\n20:58までに出る\n" + "道" * 900))
    assert units(text) <= 120
    assert text.startswith("【訓練】今すぐ北小学校へ\n20:58までに出る\n")
    assert text.endswith(f"…\n{PORTAL}{LINK}")


def test_a_call_reads_the_short_text_twice_and_no_link(twin: SmsGateway) -> None:
    voice = ours(Voice, twin, most=200)
    voice.send(order("今すぐ北小学校へ。20:58までに出る。"), "0234-56-7890", "k")
    (got,) = twin.inbox.shown()
    assert got["to"] == "+81234567890"
    assert got["text"].count("今すぐ北小学校へ。20:58までに出る") == 2
    assert "くりかえします" in got["text"]
    assert "http" not in got["text"]
    long = voice.text(order("今すぐ北小学校へ。" + "水" * 400))
    assert units(long) <= 200
    assert long.count("今すぐ北小学校へ") == 2


def test_the_same_key_again_is_one_message(twin: SmsGateway) -> None:
    sms = ours(Sms, twin)
    for _ in range(3):
        sms.send(order(), NUMBER, "k")
    assert (twin.calls, twin.inbox.taken) == (3, 1)


@pytest.mark.parametrize("kind", [Sms, Voice])
@pytest.mark.parametrize(
    ("status", "forever"),
    [(400, True), (404, True), (410, True), (422, True), (401, False), (403, False), (429, False), (500, False),
     (503, False), (302, False), (DROPPED, False)],
)  # fmt: skip
def test_what_each_answer_means(twin: SmsGateway, kind: type[ByGateway], status: int, forever: bool) -> None:
    twin.fail(status, retry_after="7")
    one = ours(kind, twin)
    fault = refused(one)
    assert fault.forever is forever
    assert not fault.gone, "a number is the household's, and stays until they take it off"
    assert E164 not in str(fault)
    assert "9012345678" not in str(fault)
    (end,) = hand(one, Letter(order(), NUMBER, "k"))
    assert end is not None
    assert (end.forever, end.after_s) == (fault.forever, fault.after_s)
    if status in {429, 503}:
        assert fault.after_s == 7.0


def test_an_unknown_number_is_refused_once_for_all(twin: SmsGateway) -> None:
    twin.unknown.add(E164)
    assert refused(ours(Sms, twin)).forever


def test_the_operators_own_words_and_key(twin: SmsGateway) -> None:
    twin.key = "s3cret"
    assert "our fault" in str(refused(ours(Sms, twin)))
    sms = ours(Sms, twin, form=True, body="to={to}&text={text}&key={key}", headers={"X-Api-Key": "s3cret"})
    sms.send(order("今すぐ & 北小学校=へ + {to}", url=""), NUMBER, "k")
    assert twin.inbox.shown()[0]["text"].endswith("今すぐ & 北小学校=へ + {to}")
    ends = hand(sms, Letter(order(), NUMBER, "a"), Letter(order(), "03", "b"), Letter(order(), NUMBER, "c"))
    assert [end is None for end in ends] == [True, False, True]
    assert isinstance(sms, Wired)


def test_another_world_is_refused_before_anything_leaves(twin: SmsGateway) -> None:
    assert refused(ours(Sms, twin), said=replace(order(), world=WorldKind.REAL)).forever
    assert twin.calls == 0


def test_no_number_stands_in_a_log(twin: SmsGateway, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ours(Sms, twin).send(order(), NUMBER, "k")
        twin.fail(500)
        refused(ours(Sms, twin))
        hand(ours(Sms, twin), Letter(order(), NUMBER, "k"))
    assert "9012345678" not in caplog.text


@given(st.text(), st.text())
def test_nothing_breaks_out_of_a_template(text: str, key: str) -> None:
    values = {"to": E164, "national": "09012345678", "text": text, "key": key}
    body = '{"to": {to}, "more": {"a": [{text}, {national}]}, "key": {key}}'
    try:
        said = json.loads(filled(body, values, form=False))
    except UnicodeEncodeError:
        return  # half a pair of surrogates is no text
    assert said == {"to": E164, "more": {"a": [text, "09012345678"]}, "key": key}
    form = parse_qs(filled("to={to}&text={text}", values, form=True).decode(), keep_blank_values=True)
    assert set(form) == {"to", "text"}
    assert form["text"] == [text]


@pytest.mark.parametrize(
    ("typed", "kind", "known"),
    [
        ("090-1234-5678", "sms", "+819012345678"), ("０８０１２３４５６７８", "sms", "+818012345678"),
        ("+81 (0)70 1234 5678", "sms", "+817012345678"), ("+819012345678", "voice", "+819012345678"),
        ("0234-56-7890", "voice", "+81234567890"), ("03（1234）5678", "voice", "+81312345678"),
        ("010 1 212 555 0100", "voice", "+12125550100"), ("+1 212 555 0100", "sms", "+12125550100"),
    ],
)  # fmt: skip
def test_a_number_as_people_write_it(typed: str, kind: str, known: str) -> None:
    assert number(typed, kind) == known


@pytest.mark.parametrize(
    "typed", ["", "110", "119", "0120-123-456", "0570-000-000", "0990-123456", "090-1234", "abc", "+", "0" * 30,
              "090-1234-5678;ext=1", "\x00", "+81110"],
)  # fmt: skip
def test_what_nobody_has_at_home_is_no_number(typed: str) -> None:
    for kind in ("sms", "voice"):
        with pytest.raises(BadInput) as fault:
            number(typed, kind)
        assert not typed or typed not in str(fault.value)


def test_a_landline_gets_no_text() -> None:
    with pytest.raises(BadInput):
        number("03-1234-5678", "sms")
    assert national("+819012345678") == "09012345678"
    assert national("+12125550100") == "+12125550100"
    assert hinted("+819012345678") == "…78"


class Program(Loopback):
    """Somebody else's program: keeps what it got."""

    def __init__(self) -> None:
        super().__init__("program", self._take)
        self.got: list[Asked] = []

    def _take(self, asked: Asked) -> Answer:
        self.got.append(asked)
        return Answer(204)


@pytest.fixture(name="program")
def a_program() -> Iterator[Program]:
    with Program() as made:
        yield made


def to_it(program: Program) -> ToPrograms:
    hook = Webhook("signage", f"{program.base}/in", "s3cret")
    return ToPrograms([hook], WorldKind.REPLAY, Outside(outgoing(timeout_s=2)), PORTAL)


def test_a_program_is_told_signed_and_learns_of_nobody(program: Program) -> None:
    to_it(program).send(order(url=LINK), "webhook:signage", "alert:1/webhook/webhook:signage")
    (asked,) = program.got
    mark = asked.headers["X-Hub-Signature-256"]
    assert mark == f"sha256={signature('s3cret', asked.body)}"
    assert signed("s3cret", asked.body, mark)
    assert not signed("s3cret", asked.body + b" ", mark)
    assert not signed("", asked.body, signature("", asked.body)), "no secret believes nobody"
    said = json.loads(asked.body)
    assert said["headline"] == "【訓練】今すぐ北小学校へ"
    assert said["actual"] is False
    assert said["url"] == "", "an answer page is somebody's own"
    assert json.loads(written(order(url="/"), "k", PORTAL))["url"] == f"{PORTAL}/"


@pytest.mark.parametrize(("status", "forever"), [(400, True), (410, True), (401, False), (404, False), (500, False),
                                                 (DROPPED, False)])  # fmt: skip
def test_what_a_program_answers(program: Program, status: int, forever: bool) -> None:
    program.failing = Answer(status)
    assert refused(to_it(program), "webhook:signage").forever is forever
    (end,) = hand(to_it(program), Letter(order(), "webhook:signage", "k"))
    assert end is not None
    assert end.forever is forever


def test_an_unknown_program_is_refused(program: Program) -> None:
    assert refused(to_it(program), "webhook:other").forever
    assert hand(to_it(program), Letter(order(), "webhook:signage", "k")) == [None]
    assert len(program.got) == 1
