"""A household asks a helper; they choose a way on their own page, prove it by its test, and stop whenever they like."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.store import enrolment, household_helpers
from disaster_hub.store.tables import delivery, notice
from disaster_hub.terms.helping import Helper
from tests.portal.resident.hamlet import Hamlet, Phone, hamlet_of
from tests.portal.resident.outside import HANA, TARO, Outside, outside_of

MAIL = "sato@example.test"
NUMBER, E164 = "090-1234-5678", "+819012345678"


@pytest.fixture(name="out")
def the_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with outside_of(tmp_path, monkeypatch) as made:
        made.hamlet.app.config["WTF_CSRF_ENABLED"] = False
        yield made


def named(hamlet: Hamlet, token: str) -> Helper:
    with hamlet.store.read() as tx:
        found = household_helpers.by_token(tx, hamlet.app.extensions[NAME].keys, token)
    assert found is not None
    return found


def asked(phone: Phone, called: str = "となりの佐藤さん") -> str:
    """Let a household ask somebody; give the token of their page."""
    phone.walk()
    assert phone.post("/my/helper", called=called).status_code == 303
    link = re.search(r"/h/([\w-]{22})", phone.get("/my/helper").get_data(as_text=True))
    assert link is not None
    return link[1]


def code_in(text: str) -> str:
    found = re.search(r"番号：([0-9]{6})", text)
    assert found is not None, text
    return found[1]


def shown_code(answer: Any) -> str:
    found = re.search(r'id="line-code">([0-9 ]+)<', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def test_a_helper_is_asked_by_mail_proves_it_and_stops(tmp_path: Path) -> None:
    with Mailbox() as box, hamlet_of(tmp_path, mail=box.port) as hamlet:
        phone, other = hamlet.phone(), hamlet.phone()
        phone.walk()
        assert "/my/helper" in phone.get("/my/plan").get_data(as_text=True)
        assert phone.post("/my/helper", called="となりの佐藤さん", mail="not a mail").status_code == 200
        assert phone.post("/my/helper", called="となりの佐藤さん", mail=MAIL).status_code == 303
        page = phone.get("/my/helper").get_data(as_text=True)
        assert "となりの佐藤さん" in page
        assert MAIL not in page
        link = re.search(r"/h/([\w-]{22})", page)
        assert link is not None
        with hamlet.store.read() as tx:
            (row,) = tx.execute(select(notice, delivery).join(delivery, delivery.c.notice_id == notice.c.id)).all()
        assert row.kind == "helper_invitation"
        assert not {link[1], MAIL, "佐藤"} & set(re.split(r"[\s/:]", str(row)))
        assert other.get(link[0]).status_code == 200
        assert not named(hamlet, link[1]).ready, "looking agrees to nothing"
        assert other.post(link[0], go="yes", mail="").status_code == 200
        assert other.post(link[0], go="yes", mail=MAIL, others="yes").status_code == 303
        assert not named(hamlet, link[1]).ready, "an address that was typed is not proved"
        code = code_in(box.mails[-1].text)
        assert 'name="code"' in other.get(link[0]).get_data(as_text=True)
        assert other.post(link[0], go="code", code="000000" if code != "000000" else "1").status_code == 200
        assert not named(hamlet, link[1]).ready
        assert other.post(link[0], go="code", code=f" {code[:3]} {code[3:]}").status_code == 303
        helper = named(hamlet, link[1])
        assert (helper.ready, helper.channel, helper.address, helper.load) == (True, "email", MAIL, 2)
        assert link[0] not in phone.get("/my/helper").get_data(as_text=True), "who agreed needs no link any more"
        phone.post(link[0], go="yes", mail="other@example.test")
        assert named(hamlet, link[1]).address == MAIL, "who has the link does not turn the way elsewhere"
        assert other.post(link[0], go="stop").status_code == 303
        helper = named(hamlet, link[1])
        assert (helper.ready, helper.address) == (False, "")
        other.post(link[0], go="yes", mail=MAIL)
        assert not named(hamlet, link[1]).ready, "who has stopped is asked anew by the household alone"


def test_by_text_with_the_code_of_that_very_way(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    page = f"/h/{token}"
    assert other.post(page, go="yes", phone="+1 212 555 0100").status_code == 200
    assert out.gateway.inbox.items == [], "no text goes abroad from a page that anybody may open"
    assert other.post(page, go="yes", phone=NUMBER).status_code == 303
    first = code_in(out.gateway.inbox.items[-1].text)
    assert out.gateway.inbox.items[-1].text.startswith("【訓練】【テスト】")
    assert other.post(page, go="yes", phone="090-1234-5679").status_code == 303
    assert other.post(page, go="code", code=first).status_code == 200, "the code of the way before proves nothing"
    assert other.post(page, go="code", code=code_in(out.gateway.inbox.items[-1].text)).status_code == 303
    helper = named(out.hamlet, token)
    assert (helper.ready, helper.channel, helper.address) == (True, "sms", "+819012345679")


def test_five_wrong_codes_and_half_an_hour_end_a_code(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    page = f"/h/{token}"
    for late in (False, True):
        other.post(page, go="yes", phone=NUMBER)
        code = code_in(out.gateway.inbox.items[-1].text)
        wrong = "111111" if code != "111111" else "222222"
        for _ in range(0 if late else 5):
            other.post(page, go="code", code=wrong)
        out.hamlet.later(minutes=31 if late else 0)
        assert other.post(page, go="code", code=code).status_code == 200
        assert not named(out.hamlet, token).ready


def test_nobody_is_written_to_without_end(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    for _ in range(8):
        last = other.post(f"/h/{token}", go="yes", phone=NUMBER)
    assert last.status_code == 200
    assert out.gateway.calls == 5


def test_a_gateway_that_is_down_is_said(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    out.gateway.fail(503)
    answer = other.post(f"/h/{token}", go="yes", phone=NUMBER)
    assert "送れませんでした。少し待って" in answer.get_data(as_text=True)


def test_by_line_the_code_that_is_sent_is_the_proof(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    code = shown_code(other.post(f"/h/{token}", go="line", others="yes"))
    assert not named(out.hamlet, token).ready
    assert out.bot.say(HANA, code) == 200
    helper = named(out.hamlet, token)
    assert (helper.ready, helper.channel, helper.address, helper.load) == (True, "line", HANA, 2)
    assert out.bot.inbox.wait(1, 30)
    assert "引き受けました" in out.bot.inbox.items[-1].text
    assert out.bot.say(TARO, code) == 200, "a code holds once"
    assert named(out.hamlet, token).address == HANA
    assert out.contacts() == [], "a helper is no way to the household"


def test_a_helper_by_line_who_writes_is_told_to_open_the_link(out: Outside) -> None:
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    out.bot.say(HANA, shown_code(other.post(f"/h/{token}", go="line")))
    assert out.bot.inbox.wait(1, 30)
    for number, words in enumerate(("ありがとう", "出た", "助けて"), start=2):
        assert out.bot.say(HANA, words) == 200
        assert out.bot.inbox.wait(number, 30)
        assert "避難を助ける人としてつながっています" in out.bot.inbox.items[-1].text


def test_who_blocks_the_account_is_not_counted_on_until_they_are_back(out: Outside) -> None:
    phone, other = out.hamlet.phone(), out.hamlet.phone()
    token = asked(phone)
    out.bot.say(HANA, shown_code(other.post(f"/h/{token}", go="line")))
    assert out.bot.follow(HANA, gone=True) == 200
    assert not named(out.hamlet, token).ready
    with out.hamlet.store.read() as tx:
        assert household_helpers.ready(tx) == {}
    page = phone.get("/my/helper").get_data(as_text=True)
    assert "知らせが届かなくなりました" in page
    assert f"/h/{token}" in page, "they can be asked again"
    assert "知らせ方をもう一度選んでください" in other.get(f"/h/{token}").get_data(as_text=True)
    assert out.bot.follow(HANA) == 200
    assert named(out.hamlet, token).ready


def test_a_number_that_nobody_has_any_more_is_not_counted_on(out: Outside) -> None:
    phone, other = out.hamlet.phone(), out.hamlet.phone()
    token = asked(phone)
    other.post(f"/h/{token}", go="yes", phone=NUMBER)
    other.post(f"/h/{token}", go="code", code=code_in(out.gateway.inbox.items[-1].text))
    helper = named(out.hamlet, token)
    assert out.gateway.receipt(f"help:{'0' * 32}/sms/helper:{helper.id}", "delivered") == 200
    assert named(out.hamlet, token).ready
    assert out.gateway.receipt(f"help:{'0' * 32}/email/helper:{helper.id}", "unknown_number") == 200
    assert named(out.hamlet, token).ready, "another way's end is not this one's"
    assert out.gateway.receipt(f"help:{'0' * 32}/sms/helper:{helper.id}", "unknown_number") == 200
    assert not named(out.hamlet, token).ready
    other.post(f"/h/{token}", go="yes", phone="090-1234-5679")
    other.post(f"/h/{token}", go="code", code=code_in(out.gateway.inbox.items[-1].text))
    assert named(out.hamlet, token).ready, "another number, proved, mends it"


def test_by_the_browsers_own_push(tmp_path: Path) -> None:
    with PushService() as service, hamlet_of(tmp_path) as hamlet:
        service.wall = lambda: hamlet.wall[0]
        token, other = asked(hamlet.phone()), hamlet.phone()
        page = other.get(f"/h/{token}").get_data(as_text=True)
        key = re.search(r'data-key="([\w-]{80,})"', page)
        assert key is not None
        mine = json.loads(service.subscribe(key[1]))
        to = f"/h/{token}/push"
        ours = {"X-Hub": "contact"}
        assert other.client.post(to, json={"push": mine}).status_code == 403, "another site's script has no header"
        assert other.client.post(to, json={"push": {"endpoint": "https://x.test/"}}, headers=ours).status_code == 400
        assert other.client.post("/h/nobody/push", json={"push": mine}, headers=ours).status_code == 404
        assert other.client.post(to, json={"push": mine, "others": True}, headers=ours).status_code == 200
        assert not named(hamlet, token).ready
        (said,) = service.read(mine["endpoint"])
        assert said["kind"] == "test"
        assert said["url"].endswith(f"/h/{token}"), "a tap opens the page on which the code is entered"
        assert other.post(f"/h/{token}", go="code", code=code_in(said["body"])).status_code == 303
        helper = named(hamlet, token)
        assert (helper.ready, helper.channel, helper.load) == (True, "webpush", 2)
        assert other.client.post(to, json={"push": mine}, headers=ours).status_code == 409


def test_stopping_and_taking_back_leave_no_code(out: Outside) -> None:
    phone, other = out.hamlet.phone(), out.hamlet.phone()
    token = asked(phone)
    code = shown_code(other.post(f"/h/{token}", go="line"))
    other.post(f"/h/{token}", go="no")
    out.bot.say(HANA, code)
    assert not named(out.hamlet, token).ready
    one = named(out.hamlet, token)
    phone.post("/my/helper", called="ほかの人")
    page = phone.get("/my/helper").get_data(as_text=True)
    second = re.search(r"/h/([\w-]{22})", page)
    assert second is not None
    fresh = named(out.hamlet, second[1])
    code = shown_code(other.post(f"/h/{second[1]}", go="line"))
    phone.post("/my/helper/remove", id=fresh.id)
    assert out.bot.say(TARO, code) == 200
    with out.hamlet.store.read() as tx:
        assert enrolment.waiting(tx, one.household, out.hamlet.wall[0]) == set()


def test_neither_address_nor_code_stands_in_a_log(out: Outside, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token, other = asked(out.hamlet.phone()), out.hamlet.phone()
    other.post(f"/h/{token}", go="yes", phone=NUMBER)
    texts = [code_in(out.gateway.inbox.items[-1].text), shown_code(other.post(f"/h/{token}", go="line"))]
    out.bot.say(HANA, texts[1])
    ours = "\n".join(row.getMessage() for row in caplog.records if row.name.startswith("disaster_hub"))
    for secret in (E164, "9012345678", HANA, *texts):
        assert secret not in ours


def test_at_most_three_and_the_household_takes_them_back(tmp_path: Path) -> None:
    with hamlet_of(tmp_path) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        for n in range(4):
            phone.post("/my/helper", called=f"人{n}")
        page = phone.get("/my/helper").get_data(as_text=True)
        ids = re.findall(r'name="id" value="([0-9a-f]{32})"', page)
        assert 0 < len(ids) <= 3
        assert phone.post("/my/helper/remove", id=ids[0]).status_code == 303
        assert ids[0] not in phone.get("/my/helper").get_data(as_text=True)
        assert hamlet.phone().get("/my/helper").status_code == 404, "a stranger has nothing here"
