"""What LINE and the gateway bring: believed only signed, taken once, counted to the right alert."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.store import alerts, contacts, households, journal, outbox
from disaster_hub.store.tables import attempt
from disaster_hub.terms.alert import AlertAnswer, AlertKind
from disaster_hub.terms.notice import Notice, of_contact
from tests.portal.resident.alerted import alert_of, desk_of, household_of, spread
from tests.portal.resident.outside import HANA, TARO, Outside, outside_of

E164 = "+819012345678"


@pytest.fixture(name="out")
def the_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """Forms are protected here: what comes from outside must not need their token."""
    with outside_of(tmp_path, monkeypatch) as made:
        made.hamlet.app.config["WTF_CSRF_ENABLED"] = False
        made.hamlet.phone().walk()
        made.hamlet.app.config["WTF_CSRF_ENABLED"] = True
        yield made


def join(out: Outside, channel: str, address: str, household: str = "") -> str:
    here = desk_of(out.hamlet)
    home = household or household_of(out.hamlet)
    with out.hamlet.store.write() as tx:
        made = households.add_contact(tx, here.keys, home, channel, address, here.now)
        households.confirm_contact(tx, here.keys, home, made, here.now)
    return made


def given(out: Outside, alert: str = "a1") -> dict[tuple[str, str], AlertAnswer]:
    with out.hamlet.store.read() as tx:
        return alerts.answers(tx, [alert])


def word(out: Outside, alert: str = "a1") -> str | None:
    return next((one.word for one in given(out, alert).values()), None)


@pytest.fixture(name="token")
def a_token(out: Outside) -> str:
    join(out, "line", HANA)
    join(out, "sms", E164)
    return spread(out.hamlet, alert_of(out.hamlet))


def test_a_tap_is_an_answer_and_is_thanked_for(out: Outside, token: str) -> None:
    out.hamlet.later(minutes=5)
    assert out.bot.tap(HANA, f"a {token} left") == 200
    (answer,) = given(out).values()
    assert (answer.word, answer.via) == ("left", "line")
    assert answer.given_at == out.hamlet.wall[0]
    assert out.bot.inbox.wait(1, 30)
    assert out.bot.inbox.items[0].text == "【訓練】「出た」を記録しました。"


def test_the_same_event_again_counts_once(out: Outside, token: str) -> None:
    tap = {"type": "postback", "postback": {"data": f"a {token} left"}}
    out.hamlet.later(minutes=1)
    assert out.bot.event(HANA, tap, identity="01JSAME") == 200
    assert out.bot.tap(HANA, f"a {token} arrived") == 200
    assert out.bot.event(HANA, tap, identity="01JSAME", again=True) == 200
    assert word(out) == "arrived", "an old tap that is brought again is not the newest"
    assert out.bot.inbox.wait(2, 30)
    assert out.bot.inbox.taken == 2


@pytest.mark.parametrize(("typed", "answer"), [("1", "left"), ("着いた", "arrived"), ("動けない、助けて", "help")])
def test_what_is_typed_is_an_answer_too(out: Outside, token: str, typed: str, answer: str) -> None:
    assert token
    out.hamlet.later(minutes=1)
    assert out.bot.say(HANA, typed) == 200
    assert word(out) == answer


def test_what_cannot_be_read_gets_the_buttons(out: Outside, token: str) -> None:
    assert token
    assert out.bot.say(HANA, "ありがとう") == 200
    assert word(out) is None
    assert out.bot.inbox.wait(1, 30)
    assert [one.data for one in out.bot.inbox.items[0].buttons] == [
        "a - left",
        "a - arrived",
        "a - help",
        "a - staying",
    ]
    out.hamlet.later(minutes=1)
    assert out.bot.tap(HANA, "a - staying") == 200
    assert word(out) == "staying"


def test_a_stranger_counts_for_nobody(out: Outside, token: str) -> None:
    assert token
    for data in ("a - left", "a AAAAAAAAAAAAAAAAAAAAAA left", "x", "got"):
        assert out.bot.tap(TARO, data) == 200
    assert out.bot.say(TARO, "1") == 200
    assert word(out) is None


@pytest.mark.parametrize("signature", ["", "AAAA", "あ"])
def test_what_line_did_not_sign_is_not_read(out: Outside, token: str, signature: str) -> None:
    body = {"events": [{"type": "postback", "webhookEventId": "1", "source": {"type": "user", "userId": HANA},
                        "postback": {"data": f"a {token} left"}}]}  # fmt: skip
    with out.hamlet.app.test_client() as client:
        headers = {"x-line-signature": signature.encode().decode("latin-1")}
        assert client.post("/api/line", data=json.dumps(body), headers=headers).status_code == 403
        assert client.post("/api/line", data=json.dumps(body)).status_code == 403
    assert word(out) is None


@pytest.mark.parametrize(
    "said",
    [
        b"", b"[]", b"null", b"{", b'"x"', b"\xff", {"events": None}, {"events": [1, None, "x", []]}, {"events": [{}]},
        {"events": [{"type": "postback", "webhookEventId": 1, "source": {"userId": HANA}}]},
        {"events": [{"type": "postback", "webhookEventId": "a", "source": {"userId": HANA}, "postback": []}]},
        {"events": [{"type": "postback", "webhookEventId": "b", "source": {"userId": HANA}, "postback": {"data": {}}}]},
        {"events": [{"type": "message", "webhookEventId": "c", "source": {"userId": HANA}, "message": {"type": "text"}}]},
        {"events": [{"type": "message", "webhookEventId": "d", "source": [], "message": 1}]},
        {"events": [{"type": "unsend", "webhookEventId": "e", "source": {"userId": HANA}, "timestamp": 1e300}]},
        {"events": [{"type": "follow", "webhookEventId": "f" * 9000, "source": {"userId": HANA}, "timestamp": True}]},
    ],
)  # fmt: skip
def test_odd_events_break_nothing(out: Outside, token: str, said: Any) -> None:
    assert token
    assert out.bot.send(said) in {200, 400}
    assert word(out) is None


def test_many_events_of_one_request_are_each_taken(out: Outside, token: str) -> None:
    rows = [
        {"type": "postback", "webhookEventId": f"e{n}", "source": {"type": "user", "userId": HANA}, "replyToken": "x",
         "timestamp": int(out.hamlet.wall[0].timestamp() * 1000) + n, "postback": {"data": f"a {token} {said}"}}
        for n, said in enumerate(("left", "help", "arrived"))
    ]  # fmt: skip
    out.hamlet.later(minutes=1)
    assert out.bot.send({"events": rows}) == 200
    assert word(out) == "arrived"


def test_a_person_with_two_homes_must_say_which_but_never_for_help(out: Outside, token: str) -> None:
    assert token
    here = desk_of(out.hamlet)
    with out.hamlet.store.write() as tx:
        other = households.create(tx, here.keys, None, here.now).household
    join(out, "line", HANA, other)
    from_both = alert_of(out.hamlet, "a2")
    spread(out.hamlet, from_both)
    with out.hamlet.store.write() as tx:
        row = alerts.told(tx, "a2", household_of(out.hamlet))
        assert row is not None
        alerts.tell(tx, [replace(row, household=other, token=b"2" * 32)])
    out.hamlet.later(minutes=1)
    out.bot.say(HANA, "1")
    assert given(out, "a2") == {}
    out.bot.say(HANA, "助けて")
    assert {one.word for one in given(out, "a2").values()} == {"help"}
    assert len(given(out, "a2")) == 2


def test_a_reply_by_text_and_a_key_that_was_pressed(out: Outside, token: str) -> None:
    assert token
    join(out, "voice", "+81234567890")
    out.hamlet.later(minutes=1)
    assert out.gateway.reply(E164, "２ 着いた") == 200
    (answer,) = given(out).values()
    assert (answer.word, answer.via) == ("arrived", "sms")
    assert out.gateway.reply("+81234567890", "3", "voice") == 200
    assert word(out) == "help"
    assert out.gateway.reply("+819000000000", "1") == 200
    assert out.gateway.reply("not a number", "1") == 200
    assert word(out) == "help"


def test_a_gateway_that_does_not_sign_is_not_believed(out: Outside, token: str) -> None:
    assert token
    said = {"id": "1", "from": E164, "text": "1"}
    for signature in ("", "0" * 64, "sha256="):
        assert out.gateway.send("sms", said, signature=signature) == 403
    with out.hamlet.app.test_client() as client:
        assert client.post("/api/gateway/fax", data=b"{}").status_code == 404
        assert client.get("/api/gateway/sms").status_code == 405
        assert client.get("/api/line").status_code == 405
    assert word(out) is None
    for odd in ([], "x", {"from": None}, {"from": [E164], "text": {}}, {"key": None, "state": 1}, {"key": "a/b/c"}):
        assert out.gateway.send("sms", odd) in {200, 400}


def test_a_receipt_is_kept_and_a_dead_number_is_ended(out: Outside, token: str) -> None:
    assert token
    here = desk_of(out.hamlet)
    (contact,) = [one.id for one in out.contacts() if one.channel == "sms"]
    one = Notice(
        "alert:a1", out.hamlet.config.world.kind, "order", "x", "y", here.now, here.now + timedelta(hours=1), 7
    )
    with out.hamlet.store.write() as tx:
        outbox.enqueue(tx, one, [("sms", of_contact(contact))])
    key = f"alert:a1/sms/{of_contact(contact)}"
    assert out.gateway.receipt(key, "delivered") == 200
    assert out.gateway.receipt(key, "dancing") == 200
    assert out.gateway.receipt(key, "unknown_number") == 200
    with out.hamlet.store.read() as tx:
        assert sorted(row.outcome for row in tx.execute(attempt.select())) == ["failed", "received"]
        (known,) = [one for _, one in contacts.behind(tx, here.keys, "sms", E164)]
    assert known.confirmed_at is None
    assert known.ended_at is not None


def test_no_address_is_logged_or_journalled(out: Outside, token: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        out.hamlet.later(minutes=1)
        out.bot.fail(500)
        out.bot.tap(HANA, f"a {token} left")
        out.gateway.reply(E164, "2")
    assert HANA not in caplog.text
    assert "9012345678" not in caplog.text
    assert token not in caplog.text
    with out.hamlet.store.read() as tx:
        rows = str(journal.entries(tx, limit=500))
    assert HANA not in rows
    assert "9012345678" not in rows


def test_an_ended_alert_waits_for_no_answer(out: Outside, token: str) -> None:
    assert token
    join(out, "line", TARO)
    spread(out.hamlet, alert_of(out.hamlet, "a3", kind=AlertKind.INFORMATION))
    out.hamlet.later(hours=7)
    assert out.bot.say(TARO, "2") == 200
    assert given(out, "a1") == {}
    assert given(out, "a3") == {}
