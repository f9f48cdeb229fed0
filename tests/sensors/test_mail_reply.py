"""Mails that come back: a person's own words, returns, and machines that must get no answer."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from sensors.mail_reply import Reply, Returned, own, read
from timelines.answer_words import read as word_of

OURS = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "Abcdefghij_klmnopqrs-t"
SENT = f"""今すぐ北小学校へ
20:58までに出る
返信で答える：1 出た 2 着いた 3 助けて 4 残る
https://bousai.example.jp/a/{TOKEN}
"""


def mail(text: str, *, html: bool = False, **headers: str) -> bytes:
    made = EmailMessage(policy=SMTP)
    headers = {"From": "花子 <hanako@example.jp>", "Message-ID": "<x@example.jp>", **headers}
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text, subtype="html" if html else "plain")
    return made.as_bytes()


def quoted(mark: str = "> ") -> str:
    return "".join(f"{mark}{line}\n" for line in SENT.splitlines())


QUOTINGS = {
    "gmail": "2026年9月18日(金) 20:30 みなも市 <bousai@example.jp>:\n\n" + quoted(),
    "english": "On Fri, 18 Sep 2026 at 20:30, Minamo <bousai@example.jp> wrote:\n" + quoted(),
    "outlook": "________________________________\n差出人: みなも市\n件名: 今すぐ\n\n" + SENT,
    "outlook 2": "-----Original Message-----\nFrom: bousai@example.jp\n\n" + SENT,
    "iphone": "\n\niPhoneから送信\n\n2026/09/18 20:30、みなも市 <bousai@example.jp>のメール:\n\n" + quoted("＞ "),
    "nothing": "",
}


@pytest.mark.parametrize("quoting", sorted(QUOTINGS))
@pytest.mark.parametrize(
    ("said", "word"),
    [("出た", "left"), ("2", "arrived"), ("３", "help"), ("4 残る", "staying"), ("Arrived!", "arrived"),
     ("도와줘요", "help"), ("了解です。犬も一緒です", None)],
)  # fmt: skip
def test_the_word_is_the_persons_and_not_the_quoted_ones(quoting: str, said: str, word: str | None) -> None:
    found = read(mail(f"\n{said}\n\n{QUOTINGS[quoting]}", In_Reply_To=f"<{OURS}@example.jp>"))
    assert isinstance(found, Reply)
    assert found.sender == "hanako@example.jp"
    assert found.about == (OURS,)
    assert word_of(found.text) == word
    assert found.links == ((TOKEN,) if QUOTINGS[quoting] else ())


def test_an_html_mail_is_read_without_what_it_quotes() -> None:
    page = f"<html><head><style>p{{}}</style></head><body><p>出た</p><blockquote><p>3 助けて</p><a href='https://x/a/{TOKEN}'>開く</a></blockquote></body></html>"
    found = read(mail(page, html=True))
    assert isinstance(found, Reply)
    assert (word_of(found.text), found.links) == ("left", (TOKEN,))


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "utf-8", "x-unknown"])
def test_the_letters_of_old_phones_are_read(charset: str) -> None:
    body = "着いた".encode("utf-8" if charset == "x-unknown" else charset)
    raw = f"From: a@docomo.example.jp\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + body
    found = read(raw)
    assert isinstance(found, Reply)
    assert word_of(found.text) == "arrived"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}, {"Return_Path": "<>"},
     {"Precedence": "bulk"}, {"List_Id": "<x.example.jp>"}, {"X_Autoreply": "yes"}],
)  # fmt: skip
def test_a_machines_answer_is_none(headers: dict[str, str]) -> None:
    assert read(mail("休暇中です。助けて", **headers)) is None


def report(status: str = "5.1.1", action: str = "failed") -> bytes:
    return f"""From: MAILER-DAEMON@example.jp
Return-Path: <>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Undelivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.jp

Final-Recipient: rfc822; hanako@example.jp
Action: {action}
Status: {status}

--b
Content-Type: message/rfc822

From: bousai@example.jp
Message-ID: <{OURS}@example.jp>

{SENT}
--b--
""".replace("\n", "\r\n").encode()


def test_a_return_names_address_status_and_message() -> None:
    found = read(report())
    assert isinstance(found, Returned)
    assert (found.address, found.status, found.about) == ("hanako@example.jp", "5.1.1", (OURS,))


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("2.0.0", "delivered"), ("4.2.2", "failed")])
def test_a_mail_that_is_only_late_is_not_returned(status: str, action: str) -> None:
    assert read(report(status, action)) is None


@pytest.mark.parametrize("raw", [b"", b"\xff" * 500, b"From: x\r\n\r\nhi", b"From: =?utf-8?q?=\r\nDate: x\r\n\r\n1"])
def test_rubbish_breaks_nothing(raw: bytes) -> None:
    found = read(raw)
    assert found is None or isinstance(found, Reply)


def test_only_the_first_lines_are_looked_at() -> None:
    assert own("a\n" * 50).count("\n") < 10
