"""The second process that writes letters: the same letters, and none is lost whatever becomes of it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from disaster_hub.config_outside import Push
from disaster_hub.jobs import scribe
from disaster_hub.jobs.scribe import Scribe
from disaster_hub.store import households
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Delivery
from tests.jobs.test_letters import NOW, Town
from timelines.channel import Letter
from timelines.channels.webpush import Envelope

PRIVATE, SECRET = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
PATIENCE_S = 60.0
pytestmark = pytest.mark.slow


class Desk(Town):
    """Households with phones, and whoever writes their letters in another process."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(store, folder)
        self.config = replace(self.config, push=Push("mailto:hub@example.jp"))
        self.scribe = Scribe(self.letters, self.config)

    def phone(self, number: int) -> str:
        point = PRIVATE.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        said = {"p256dh": urlsafe_b64encode(point).decode(), "auth": urlsafe_b64encode(SECRET).decode()}
        return json.dumps({"endpoint": f"http://127.0.0.1:9/push/{number}", "keys": said})

    def by_the_other(self, batch: list[Delivery]) -> list[Letter | Undeliverable]:
        """Ask until the other process has written them."""
        until = time.monotonic() + PATIENCE_S
        while True:
            written = list(self.scribe.write(batch, NOW))
            assert len(written) == len(batch), "whoever writes them, they are written"
            if any(isinstance(one, Letter) and one.sealed is not None for one in written):
                return written
            assert time.monotonic() < until, "the other process never got ready"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        found: Any = self.scribe._process
        assert found is not None
        return found


@pytest.fixture(name="desk")
def a_desk(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(scribe, "ENOUGH", 3)
    desk = Desk(store, tmp_path)
    yield desk
    desk.scribe.close()
    desk.letters.close()
    desk.keys.close()


def test_it_writes_the_very_letters_that_this_process_would_and_seals_them(desk: Desk) -> None:
    batch = desk.live(5)
    with desk.store.write() as tx:
        households.delete(tx, desk.keys, batch[1].household, NOW)
    here, there = desk.letters.write(batch, NOW), desk.by_the_other(batch)
    for mine, theirs in zip(here, there, strict=True):
        if isinstance(mine, Undeliverable):
            assert isinstance(theirs, Undeliverable)
            assert (str(theirs), theirs.forever) == (str(mine), mine.forever)
            continue
        assert isinstance(theirs, Letter)
        assert replace(theirs, sealed=None) == mine
        assert isinstance(theirs.sealed, Envelope)
        clear = http_ece.decrypt(theirs.sealed.body, private_key=PRIVATE, auth_secret=SECRET, version="aes128gcm")
        assert mine.notice.headline in json.loads(clear)["title"]
    assert isinstance(there[1], Undeliverable)


def test_nobody_begins_a_process_for_a_handful(desk: Desk) -> None:
    desk.scribe.write(desk.live(2), NOW)
    assert desk.scribe._process is None


def test_one_that_is_killed_costs_no_letter_and_another_takes_its_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = desk.live(3)
    monkeypatch.setattr(scribe, "AGAIN_S", 0.0)
    desk.by_the_other(batch)
    first = desk.process
    first.kill()
    first.wait()
    (letter, *_) = desk.scribe.write(batch, NOW)
    assert isinstance(letter, Letter)
    assert letter.sealed is None, "this process wrote it"
    desk.by_the_other(batch)
    assert desk.process.pid != first.pid


def test_one_that_cannot_even_begin_is_not_begun_for_every_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, begun = desk.live(3), list[int]()

    def broken() -> None:
        begun.append(1)
        raise OSError(12, "no memory")

    monkeypatch.setattr(desk.scribe, "_begun", broken)
    for _ in range(5):
        assert all(isinstance(one, Letter) for one in desk.scribe.write(batch, NOW))
    assert len(begun) == 1


def test_one_that_hangs_is_not_waited_for_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.live(3)
    desk.by_the_other(batch)
    first = desk.process
    monkeypatch.setattr(scribe, "PATIENCE_S", 0.1)
    first.send_signal(signal.SIGSTOP)
    (letter, *_) = desk.scribe.write(batch, NOW)
    assert isinstance(letter, Letter)
    assert letter.sealed is None
    assert first.poll() is not None, "it is gone for good"


BEGINS = """
import pickle, sys, time
from disaster_hub.jobs.scribe import Scribe
one = Scribe(None, pickle.load(sys.stdin.buffer))
wire = one._begun()
wire.recv()
print(one._process.pid, flush=True)
time.sleep(600)
"""


def test_it_ends_with_whoever_began_it_however_that_one_ended(desk: Desk) -> None:
    words = [sys.executable, "-c", BEGINS]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as began:
        assert began.stdin is not None
        assert began.stdout is not None
        began.stdin.write(pickle.dumps(desk.config))
        began.stdin.close()
        number = int(began.stdout.readline())
        began.kill()
    until = time.monotonic() + PATIENCE_S
    while lives(number):
        assert time.monotonic() < until, "it goes on without anybody"
        time.sleep(0.05)


def lives(number: int) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    try:
        os.kill(number, 0)
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
