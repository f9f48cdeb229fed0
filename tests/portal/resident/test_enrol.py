"""Numbers and LINE: each is proved by its own test, ended by a press, and stands in no address and no log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.portal.app import create_app
from tests.portal import town
from tests.portal.resident.hamlet import Phone, config_for, make_store
from tests.portal.resident.outside import HANA, TARO, Outside, outside_of

NUMBER, E164 = "090-1234-5678", "+819012345678"


@pytest.fixture(name="out")
def the_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with outside_of(tmp_path, monkeypatch) as made:
        made.hamlet.app.config["WTF_CSRF_ENABLED"] = False
        yield made


@pytest.fixture(name="phone")
def a_phone(out: Outside) -> Phone:
    phone = out.hamlet.phone()
    phone.walk()
    return phone


def told(answer: Any) -> str:
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def text_of(phone: Phone) -> str:
    return str(phone.get("/my/8").get_data(as_text=True))


def code_of(out: Outside) -> str:
    return re.sub(r"[^0-9]", "", re.findall(r"(?:番号：|番号は、)([0-9、]+)", out.gateway.inbox.items[-1].text)[-1])


def line_code(phone: Phone) -> str:
    page = phone.post("/my/line-code").get_data(as_text=True)
    found = re.search(r'id="line-code">([0-9 ]+)<', page)
    assert found is not None, page
    return found[1]


def test_a_text_is_proved_by_its_code(out: Outside, phone: Phone) -> None:
    assert "told=sent_sms" in told(phone.post("/my/number", kind="sms", number=NUMBER))
    (got,) = out.gateway.inbox.items
    assert (got.to, got.channel) == (E164, "sms")
    assert got.text.startswith("【訓練】【テスト】")
    (one,) = out.contacts()
    assert one.confirmed_at is None
    page = text_of(phone)
    assert "SMS：まだ確かめていません" in page
    assert "…78" in page
    assert "9012345678" not in page
    assert "told=bad_code" in told(phone.post("/my/proof", contact=one.id, code="0000000"))
    assert "told=received" in told(phone.post("/my/proof", contact=one.id, code=f" {code_of(out)} "))
    assert out.contacts()[0].confirmed_at is not None
    assert "SMS：届くことを確かめました" in text_of(phone)


@pytest.mark.parametrize("word", ["届いた", "OK", "code"])
def test_a_text_is_proved_by_a_reply(out: Outside, phone: Phone, word: str) -> None:
    phone.post("/my/number", kind="sms", number=NUMBER)
    assert out.gateway.reply("+819099999999", "OK") == 200
    assert out.gateway.reply(E164, "1") == 200, "an answer to an alert proves nothing"
    assert out.contacts()[0].confirmed_at is None
    assert out.gateway.reply(E164, code_of(out) if word == "code" else word) == 200
    assert out.contacts()[0].confirmed_at is not None


def test_a_call_is_proved_by_a_key_or_by_its_code(out: Outside, phone: Phone) -> None:
    assert "told=sent_voice" in told(phone.post("/my/number", kind="voice", number="0234-56-7890"))
    assert out.gateway.inbox.items[-1].text.count("1を押してください") == 2
    assert out.gateway.reply("+81234567890", "1", "voice") == 200
    assert out.contacts()[0].confirmed_at is not None
    phone.post("/my/number", kind="voice", number="0234-56-7891")
    (other,) = [one for one in out.contacts() if one.address.endswith("7891")]
    assert "told=received" in told(phone.post("/my/proof", contact=other.id, code=code_of(out)))


def test_what_is_no_number_is_told_and_kept_nowhere(out: Outside, phone: Phone) -> None:
    for kind, number in (
        ("sms", "03-1234-5678"),
        ("sms", "+1 212 555 0100"),
        ("sms", "110"),
        ("voice", "x"),
        ("sms", ""),
        ("voice", "119"),
    ):
        assert "told=bad_number" in told(phone.post("/my/number", kind=kind, number=number))
    assert phone.post("/my/number", kind="fax", number=NUMBER).status_code == 400
    assert out.contacts() == []


def test_nobody_is_rung_without_end(out: Outside, phone: Phone) -> None:
    """Another household that types the same number does not ring it on."""
    ends = [told(phone.post("/my/number", kind="sms", number=NUMBER)) for _ in range(7)]
    assert "too_often" in ends[-1]
    other = out.hamlet.phone()
    other.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    other.walk()
    assert "too_often" in told(other.post("/my/number", kind="sms", number=NUMBER))
    assert out.gateway.calls == 5


def test_a_gateway_that_is_down_is_said(out: Outside, phone: Phone) -> None:
    out.gateway.fail(503)
    assert "told=failed" in told(phone.post("/my/number", kind="sms", number=NUMBER))


def test_line_is_proved_by_the_code_that_a_person_sends(
    out: Outside, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        code = line_code(phone)
        assert out.bot.say(HANA, "12345678") == 200
        assert out.contacts() == []
        assert out.bot.say(HANA, f" {code} ") == 200
        (one,) = out.contacts()
        assert (one.channel, one.address) == ("line", HANA)
        assert one.confirmed_at is not None
        assert "LINE：届くことを確かめました" in text_of(phone)
        assert out.bot.inbox.wait(2, 30)
        assert "つながりました" in out.bot.inbox.to(HANA)[0].text
        assert out.bot.inbox.to(HANA)[0].text.startswith("【訓練】")
        assert out.bot.say(TARO, code) == 200, "it holds once"
    assert len(out.contacts()) == 1
    assert HANA not in caplog.text
    assert code.replace(" ", "") not in caplog.text


def test_who_guesses_codes_is_not_listened_to(out: Outside, phone: Phone) -> None:
    for _ in range(6):
        out.bot.say(TARO, "00000000")
    out.bot.say(TARO, line_code(phone))
    assert out.contacts() == []
    out.bot.say(HANA, line_code(phone))
    assert len(out.contacts()) == 1


def test_whoever_blocks_the_account_is_shown_so_and_comes_back(out: Outside, phone: Phone) -> None:
    out.bot.say(HANA, line_code(phone))
    out.bot.follow(HANA, gone=True)
    (one,) = out.contacts()
    assert one.confirmed_at is None
    assert one.ended_at is not None
    assert "ブロックされています" in text_of(phone)
    out.bot.follow(HANA)
    assert out.contacts()[0].confirmed_at is not None


def test_each_way_is_ended_by_its_own_household_alone(out: Outside, phone: Phone) -> None:
    phone.post("/my/number", kind="sms", number=NUMBER)
    (one,) = out.contacts()
    other = out.hamlet.phone()
    other.walk()
    other.post("/my/remove", contact=one.id)
    other.post("/my/proof", contact=one.id, code=code_of(out))
    assert [c.confirmed_at for c in out.contacts()] == [None]
    assert "told=removed" in told(phone.post("/my/remove", contact=one.id))
    assert out.contacts() == []
    assert out.gateway.reply(E164, "届いた") == 200
    assert out.contacts() == []


def test_a_household_has_only_so_many_ways(out: Outside, phone: Phone) -> None:
    for n in range(13):
        out.hamlet.later(minutes=30)
        out.hamlet.app.extensions["disaster_hub"].throttle.seen.clear()
        end = told(phone.post("/my/number", kind="sms", number=f"090-1234-56{n:02d}"))
    assert "too_many" in end
    assert len(out.contacts()) == 12


def test_strangers_have_no_business_here(out: Outside) -> None:
    new = out.hamlet.phone()
    for path in ("/my/number", "/my/proof", "/my/remove", "/my/line-code"):
        assert new.post(path, kind="sms", number=NUMBER).status_code == 404
    begun = out.hamlet.phone()
    begun.begin()
    assert begun.post("/my/line-code").status_code == 404, "a plan that is not saved is told nothing"
    assert begun.post("/my/number", kind="sms", number=NUMBER).status_code == 404
    assert out.gateway.calls == 0


def test_without_gateway_and_line_nothing_of_it_is_offered(tmp_path: Path) -> None:
    config = replace(config_for(tmp_path), line_bot=None, gateways=())
    store = make_store(config)
    app = create_app(config, store, wall=lambda: town.NOW)
    app.config["WTF_CSRF_ENABLED"] = False
    phone = Phone(app.test_client())
    phone.walk()
    page = phone.get("/my/8").get_data(as_text=True)
    assert 'name="number"' not in page
    assert "line-code" not in page
    assert phone.post("/my/line-code").status_code == 404
    assert phone.post("/my/number", kind="sms", number=NUMBER).status_code == 400
    assert app.test_client().post("/api/line", data=b"{}").status_code == 404
    assert app.test_client().post("/api/gateway/sms", data=b"{}").status_code == 404
    store.close()
