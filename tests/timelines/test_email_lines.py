"""Connections to the mail server: kept from message to message, given up where they are dead, refusals as before."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from disaster_hub.config import Mail
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.world import WorldKind
from tests.timelines.said import notice
from timelines.channels import email
from timelines.channels.email import Email


class Counted(Email):
    """Counts the connections that it makes."""

    opened = 0

    def _open(self) -> smtplib.SMTP:
        self.opened += 1
        return super()._open()


@pytest.fixture(name="box")
def a_mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


@pytest.fixture(name="channel")
def a_channel(box: Mailbox) -> Iterator[Counted]:
    told = Mail("127.0.0.1", "hub@city.example.jp", box.port, "みなも市 防災", security="none", timeout_s=5)
    channel = Counted(told, WorldKind.REAL, lines=4)
    yield channel
    channel.close()


def send(channel: Email, *numbers: int) -> None:
    for n in numbers:
        channel.send(notice(text=f"本文{n}"), f"n{n}@example.jp", f"key {n}")


def test_one_connection_carries_many_messages_each_to_its_own(box: Mailbox, channel: Counted) -> None:
    send(channel, *range(10))
    assert channel.opened == 1
    assert [mail.message["To"] for mail in box.mails] == [f"n{n}@example.jp" for n in range(10)]
    assert all(f"本文{n}" in mail.text for n, mail in enumerate(box.mails))


def test_several_at_once_need_no_more_connections_than_lines(box: Mailbox, channel: Counted) -> None:
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda n: send(channel, n), range(40)))
    assert channel.opened <= 4
    assert len({mail.message["Message-ID"] for mail in box.mails}) == len(box.mails) == 40


@pytest.mark.parametrize(("stage", "answer"), [("rcpt", "550 5.1.1 nobody"), ("rcpt", "452 full"), ("data", "554 no")])
def test_a_refusal_leaves_the_connection_for_the_next(box: Mailbox, channel: Counted, stage: str, answer: str) -> None:
    send(channel, 0)
    box.fail(stage, answer)
    with pytest.raises(Undeliverable):
        send(channel, 1)
    box.fail(stage, None)
    send(channel, 2)
    assert channel.opened == 1
    assert [mail.message["To"] for mail in box.mails] == ["n0@example.jp", "n2@example.jp"]


def test_a_connection_that_died_in_the_meantime_costs_nobody_a_message(box: Mailbox, channel: Counted) -> None:
    send(channel, 0)
    (line,) = channel._free
    assert line.server.sock is not None
    line.server.sock.shutdown(socket.SHUT_RDWR)
    send(channel, 1)
    assert (channel.opened, len(box.mails)) == (2, 2)


def test_a_connection_is_kept_neither_for_long_nor_for_ever(
    box: Mailbox, channel: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "MOST_A_LINE", 3)
    send(channel, *range(7))
    assert channel.opened == 3
    monkeypatch.setattr(email, "KEPT_S", 0.0)
    send(channel, 7, 8)
    assert channel.opened == 5
    assert len(box.mails) == 9
