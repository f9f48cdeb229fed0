"""E-mail over real sockets: what arrives, what each refusal means, and what is never written down."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from disaster_hub.config import Mail
from disaster_hub.rehearsal.twins.mailbox import CLOSE, Mailbox
from disaster_hub.terms.errors import BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.jobs.twins import throw_away_ca
from tests.timelines.said import notice
from timelines.channels.email import Email, mailbox

TO = "hanako.kakuu@example.jp"
KEY = f"level:9920100:e1/email/{TO}"


def settings(box: Mailbox) -> Mail:
    return Mail("127.0.0.1", "hub@city.example.jp", box.port, "みなも市 防災", security="none", timeout_s=5)


@pytest.fixture(name="box")
def a_mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


@pytest.fixture(name="mail")
def a_channel(box: Mailbox) -> Email:
    return Email(settings(box), WorldKind.REAL)


def refused(channel: Email, one: Notice | None = None, to: str = TO) -> Undeliverable:
    with pytest.raises(Undeliverable) as fault:
        channel.send(one or notice(), to, KEY)
    assert "hanako" not in str(fault.value)
    assert fault.value.__cause__ is None
    return fault.value


def test_it_arrives_whole(box: Mailbox, mail: Email) -> None:
    one = notice(url="https://hub.example.jp/my/plan", unsubscribe="https://hub.example.jp/my/stop/x1")
    mail.send(one, TO, KEY)
    came = box.mails[0]
    assert came.sender == "hub@city.example.jp"
    assert came.to == (TO,)
    said = came.message
    assert str(said["From"]) == "みなも市 防災 <hub@city.example.jp>"
    assert said["To"] == TO
    assert said["Subject"] == "みなも市：レベル４"
    assert said["Date"] == "Fri, 18 Sep 2026 20:00:00 +0900"
    assert said["List-Unsubscribe"] == "<https://hub.example.jp/my/stop/x1>"
    assert said["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert said["Auto-Submitted"] == "auto-generated"
    assert said.get_content_type() == "text/plain"
    assert came.text.startswith("今すぐみなも小学校へ\n20:58までに出る・あと29分\n")
    assert "https://hub.example.jp/my/plan" in came.text
    assert all(len(line) <= 998 and line.isascii() for line in came.raw.split(b"\r\n"))


def test_the_same_key_is_the_same_message(box: Mailbox, mail: Email) -> None:
    for key in (KEY, KEY, f"{KEY}2"):
        mail.send(notice(), TO, key)
    first, again, other = (one.message["Message-ID"] for one in box.mails)
    assert first == again != other
    assert box.mails[0].raw == box.mails[1].raw
    assert "hanako" not in first


@pytest.mark.parametrize(
    ("kind", "world", "first"),
    [
        ("level_changed", WorldKind.REAL, "みなも市"),
        ("test", WorldKind.REAL, "【テスト】みなも市"),
        ("level_changed", WorldKind.REPLAY, "【訓練】みなも市"),
        ("test", WorldKind.DRILL, "【訓練】【テスト】みなも市"),
    ],
)
def test_what_is_not_actual_says_so_first(box: Mailbox, kind: str, world: WorldKind, first: str) -> None:
    for headline in ("みなも市", "【訓練】みなも市") if world is not WorldKind.REAL else ("みなも市",):
        Email(settings(box), world).send(notice(kind, world, headline=headline, text=headline), TO, KEY)
        assert box.mails[-1].message["Subject"] == first
        assert box.mails[-1].text.startswith(first)


@pytest.mark.parametrize("text", ["【訓練】逃げて", "逃げて【訓練】", "【テスト】逃げて"])
def test_an_actual_notice_never_bears_the_mark(box: Mailbox, mail: Email, text: str) -> None:
    assert refused(mail, notice(text=text)).forever
    assert refused(mail, notice(headline=text)).forever
    assert box.mails == []


@pytest.mark.parametrize("world", [WorldKind.REPLAY, WorldKind.DRILL])
def test_worlds_do_not_mix(box: Mailbox, world: WorldKind) -> None:
    assert refused(Email(settings(box), WorldKind.REAL), notice(world=world)).forever
    assert refused(Email(settings(box), world), notice()).forever
    assert box.mails == []


@pytest.mark.parametrize(
    ("stage", "answer", "forever", "gone"),
    [
        ("rcpt", "451 4.2.1 mailbox busy", False, False),
        ("rcpt", "452 4.2.2 mailbox full", False, False),
        ("rcpt", "550 5.1.1 no such user", True, True),
        ("rcpt", "550 unknown user", True, False),
        ("rcpt", "554 5.7.1 relay access denied", False, False),
        ("mail", "451 4.3.0 later", False, False),
        ("mail", "550 5.7.1 sender refused", False, False),
        ("data", "451 4.3.0 later", False, False),
        ("data", "554 5.6.0 not wanted", True, False),
        ("data", "421 4.3.2 shutting down", False, False),
        ("rcpt", CLOSE, False, False),
        ("data", CLOSE, False, False),
    ],
)
def test_each_refusal_means_something(
    box: Mailbox, mail: Email, stage: str, answer: str, forever: bool, gone: bool
) -> None:
    box.fail(stage, answer)
    fault = refused(mail)
    assert (fault.forever, fault.gone) == (forever, gone)
    assert box.mails == []
    box.fail(stage, None)
    mail.send(notice(), TO, KEY)
    assert len(box.mails) == 1


def test_one_refused_address_is_not_the_others(box: Mailbox, mail: Email) -> None:
    box.fail(f"rcpt {TO}", "550 5.1.1 no such user")
    assert refused(mail).gone
    mail.send(notice(), "taro@example.jp", "k")
    assert [one.to for one in box.mails] == [("taro@example.jp",)]


def test_no_mail_server_is_tried_again() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        mail = Mail("127.0.0.1", "hub@city.example.jp", door.getsockname()[1], security="none", timeout_s=2)
        assert not refused(Email(mail, WorldKind.REAL)).forever


def test_a_server_that_says_nothing_is_tried_again() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        mail = Mail("127.0.0.1", "hub@city.example.jp", door.getsockname()[1], security="none", timeout_s=0.2)
        assert not refused(Email(mail, WorldKind.REAL)).forever


class TestEncryption:
    @pytest.fixture(name="papers")
    def certificates(self, tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
        ca, mine = throw_away_ca(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(mine)
        return ca, context

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_encrypted_and_signed_in(self, papers: tuple[Path, ssl.SSLContext], security: str) -> None:
        ca, context = papers
        with Mailbox(tls=context, at_once=security == "tls", password=("hub", "opensesame")) as box:
            mail = replace(settings(box), security=security, ca=ca, username="hub", password="opensesame")
            Email(mail, WorldKind.REAL).send(notice(), TO, KEY)
            assert (box.mails[0].encrypted, box.mails[0].user) == (True, "hub")

    def test_a_wrong_password_is_our_fault(self, papers: tuple[Path, ssl.SSLContext]) -> None:
        ca, context = papers
        with Mailbox(tls=context, password=("hub", "opensesame")) as box:
            mail = replace(settings(box), security="starttls", ca=ca, username="hub", password="wrong")
            fault = refused(Email(mail, WorldKind.REAL))
        assert not fault.forever
        assert "mail.password" in str(fault)
        assert "wrong" not in str(fault)

    def test_a_certificate_of_strangers_is_not_trusted(self, papers: tuple[Path, ssl.SSLContext]) -> None:
        with Mailbox(tls=papers[1]) as box:
            assert not refused(Email(replace(settings(box), security="starttls"), WorldKind.REAL)).forever
            assert box.mails == []

    def test_never_in_the_clear_where_encryption_was_asked_for(self, box: Mailbox) -> None:
        fault = refused(Email(replace(settings(box), security="starttls"), WorldKind.REAL))
        assert not fault.forever
        assert "mail.security" in str(fault)
        assert box.mails == []


@pytest.mark.parametrize(
    "text",
    [
        "hanako@example.jp\r\nBcc: all@example.jp",
        "hanako@example.jp, taro@example.jp",
        "<hanako@example.jp>",
        "hanako@example.jp> RCPT TO:<x@example.jp",
        "hanako@localhost",
        "hanako@[127.0.0.1]",
        "hanako @example.jp",
        "花子hanako@example.jp",
        "hanako@-example.jp",
        "hanako@@example.jp",
        "@example.jp",
        "hanako@",
        "",
        "h" * 65 + "hanako@example.jp",
        "hanako@" + "x." * 140 + "jp",
        'ha"na"hanako@example.jp',
        "hanako\x00@example.jp",
    ],
)
def test_an_address_carries_nothing_but_an_address(box: Mailbox, mail: Email, text: str) -> None:
    with pytest.raises(BadInput) as fault:
        mailbox(text)
    assert "hanako" not in str(fault.value)
    assert refused(mail, to=text).forever
    assert box.mails == []


@pytest.mark.parametrize("local", ["hanako..k", "hanako.", ".hanako", '"hanako..k"'])
def test_old_carrier_addresses_with_odd_dots_are_reached(box: Mailbox, mail: Email, local: str) -> None:
    mail.send(notice(), f"{local}@docomo.example.jp", KEY)
    bare = local.strip('"')
    assert box.mails[0].to == (f"{bare}@docomo.example.jp",)
    assert f'To: "{bare}"@docomo.example.jp'.encode() in box.mails[0].raw


def test_a_headline_cannot_add_headers(box: Mailbox, mail: Email) -> None:
    mail.send(notice(headline="一\r\nBcc: all@example.jp\x1b"), TO, KEY)
    said = box.mails[0].message
    assert said["Bcc"] is None
    assert said["Subject"] == "一 Bcc: all@example.jp"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://hub.example.jp/>\r\nX: y", "https://あ.jp/", "//evil.example/", "https://"]
)
def test_a_warning_whose_link_is_none_goes_without_it(
    box: Mailbox, mail: Email, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    mail.send(notice(url=url, unsubscribe=url), TO, KEY)
    assert box.mails[0].message["List-Unsubscribe"] is None
    assert url not in box.mails[0].text
    assert url.startswith("//") or "left out" in caplog.text


def test_a_path_leads_to_the_portal(box: Mailbox, mail: Email) -> None:
    one = notice(url="/my/plan", unsubscribe="/my/stop/x1")
    mail.send(one, TO, KEY)
    Email(settings(box), WorldKind.REAL, "https://hub.example.jp").send(one, TO, KEY)
    Email(settings(box), WorldKind.REAL, "http://127.0.0.1:8080").send(one, TO, KEY)
    bare, real, near = (sent.message for sent in box.mails)
    assert bare["List-Unsubscribe"] is None
    assert "/my/plan" not in box.mails[0].text
    assert real["List-Unsubscribe"] == "<https://hub.example.jp/my/stop/x1>"
    assert real["List-Unsubscribe-Post"]
    assert "\nhttps://hub.example.jp/my/plan\n" in box.mails[1].text
    assert near["List-Unsubscribe"] == "<http://127.0.0.1:8080/my/stop/x1>"
    assert near["List-Unsubscribe-Post"] is None


def test_no_address_is_ever_logged(box: Mailbox, mail: Email, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mail.send(notice(), TO, KEY)
    for stage, answer in (("rcpt", f"550 5.1.1 <{TO}> unknown"), ("data", f"451 <{TO}> later"), ("data", CLOSE)):
        box.fail(stage, answer)
        refused(mail)
        box.fail(stage, None)
    assert "hanako" not in caplog.text
