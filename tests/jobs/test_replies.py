"""The mailbox of the answers: every mail is taken once, also where the store or the mailbox goes away in between."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.alerts.replying import Outcome
from disaster_hub.config import Config, Keys
from disaster_hub.config_outside import Replies as Settings
from disaster_hub.jobs import replies
from disaster_hub.jobs.replies import Intake, Replies
from disaster_hub.rehearsal.twins.imapbox import ImapTwin
from disaster_hub.store import pulse
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import Unreachable
from tests.jobs import hub
from tests.ports import free_port

NOW = datetime(2026, 9, 18, 11, 29, tzinfo=UTC)


def mail(number: int, text: str = "出た") -> bytes:
    head = (
        f"From: a@example.jp\r\nMessage-ID: <m{number}@example.jp>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return (head + text).encode()


@pytest.fixture(name="twin")
def a_mailbox() -> Iterator[ImapTwin]:
    with ImapTwin() as made:
        yield made


def config(tmp_path: Path, twin: ImapTwin | None = None, **more: Any) -> Config:
    fields = {"imap_host": "127.0.0.1", "imap_port": twin.port} if twin else {}
    usual = {"security": "none", "username": "answers", "password": "secret", "every_s": 0.05}
    settings = Settings(**{**usual, **fields, **more})
    return replace(hub.config(hub.url(tmp_path)), keys=Keys(tmp_path / "keys"), replies=settings)


@pytest.fixture(name="intake")
def an_intake(store: Store, tmp_path: Path, twin: ImapTwin) -> Iterator[Intake]:
    made = Intake(store, config(tmp_path, twin), hub.REPLAY, lambda: NOW)
    yield made
    made.close()


def test_every_mail_is_taken_once_and_marked(intake: Intake, twin: ImapTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []
    monkeypatch.setattr(intake, "keep", taken.append)
    for n in range(3):
        twin.put(mail(n))
    assert (intake.look(), intake.look()) == (3, 0)
    assert taken == [mail(n) for n in range(3)]
    assert twin.unseen == 0


def test_a_store_that_does_not_answer_leaves_the_mail_where_it_is(
    intake: Intake, twin: ImapTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_raw: bytes) -> None:
        raise Unreachable("store: no answer")

    twin.put(mail(1))
    monkeypatch.setattr(intake, "keep", gone)
    with pytest.raises(Unreachable):
        intake.look()
    assert twin.unseen == 1


def test_one_mail_that_nobody_can_read_does_not_hold_up_the_next(
    intake: Intake, twin: ImapTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = intake.keep

    def first_is_broken(raw: bytes) -> Outcome | None:
        if b"<m0@" in raw:
            raise ValueError("no")
        return keep(raw)

    monkeypatch.setattr(intake, "keep", first_is_broken)
    for n in range(2):
        twin.put(mail(n))
    assert intake.look() == 2
    assert twin.unseen == 0


def test_the_same_mail_again_is_known(intake: Intake) -> None:
    assert intake.keep(mail(1)) is Outcome.STRANGER
    assert intake.keep(mail(1)) is Outcome.AGAIN


@pytest.mark.parametrize("fault", ["down", "password", "port"])
def test_a_mailbox_that_does_not_open_is_said_without_its_password(
    store: Store, tmp_path: Path, twin: ImapTwin, fault: str
) -> None:
    twin.down = fault == "down"
    wrong = {"password": {"password": "wrong"}, "port": {"imap_port": free_port()}}.get(fault, {})
    made = Intake(store, config(tmp_path, twin, **wrong), hub.REPLAY)
    with pytest.raises(Unreachable, match="replies: the mailbox") as said:
        made.look()
    assert "secret" not in str(said.value)
    assert "wrong" not in str(said.value)
    made.close()


def test_beside_listen_it_reads_goes_on_after_a_fault_and_says_how_it_is(
    store: Store, tmp_path: Path, twin: ImapTwin
) -> None:
    twin.down = True
    with Replies(store, config(tmp_path, twin), hub.REPLAY):
        until(lambda: failing(store) is not None)
        twin.down = False
        twin.put(mail(1))
        until(lambda: twin.unseen == 0 and failing(store) is None)


def test_mail_is_taken_at_a_port_and_only_once_it_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    taken: list[bytes] = []
    with Replies(store, config(tmp_path, smtp_port=port, imap_host=""), hub.REPLAY):
        monkeypatch.setattr(Intake, "keep", lambda _self, raw: taken.append(raw))
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail("a@example.jp", ["answers@example.jp"], mail(1))
            server.sendmail("", ["answers@example.jp"], mail(2))
            monkeypatch.setattr(Intake, "keep", _no_store)
            with pytest.raises(smtplib.SMTPDataError) as said:
                server.sendmail("a@example.jp", ["answers@example.jp"], mail(3))
    assert said.value.smtp_code == 451
    assert "出た".encode() in taken[0]
    assert taken[1].startswith(b"Return-Path: <>"), "a report's empty sender is kept"


def test_without_a_mailbox_nothing_runs(store: Store, tmp_path: Path) -> None:
    with Replies(store, replace(config(tmp_path), replies=None), hub.REPLAY) as made:
        assert made._thread is None
    assert not (tmp_path / "keys").exists()


def _no_store(_self: Intake, _raw: bytes) -> None:
    raise Unreachable("store: no answer")


def failing(store: Store) -> str | None:
    """Give why the mailbox fails; None while it is well."""
    with store.read() as tx:
        found = next((one for one in pulse.sources(tx) if one.source == replies.SOURCE), None)
    return found.last_reason if found is not None and found.failures else None


def until(true: Any, seconds: float = 10) -> None:
    """Wait for the thing itself."""
    end, tick = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < end
        tick.wait(0.02)
