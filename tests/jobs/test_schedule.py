"""The clock and the post as processes: exactly one clock, killed at will, ended politely."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from disaster_hub.store import levels, outbox, pulse
from disaster_hub.store.session import Store
from tests.jobs.hub import Telegram, atom
from tests.jobs.twins import Handler, Server
from tests.rules.said import CITY

ROOT = Path(__file__).parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(store: Store, tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(name: str, *urls: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.jobs.alone", name, store.url, *urls]
        with (tmp_path / f"{name}{len(running)}.log").open("w") as log:
            running.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, text=True))
        return running[-1]

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait for another process; only the store can tell."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def level(store: Store) -> int | None:
    with store.read() as tx:
        now = levels.current(tx).get(CITY)
    return now.after if now else None


def beats(store: Store) -> list[str]:
    with store.read() as tx:
        return [b.note for b in pulse.heartbeats(tx)]


def show(server: Server, *telegrams: Telegram) -> str:
    server.pages |= {t.path: t.xml for t in telegrams} | {"/short": atom(server.url, telegrams)}
    return f"{server.url}/short"


def polite_end(process: subprocess.Popen[str], log: Path) -> None:
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert time.monotonic() - begun < 25, "it waited for whoever hangs"
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_a_telegram_becomes_a_level_and_the_end_is_polite_though_a_feed_hangs(
    store: Store, server: Server, start: Start, tmp_path: Path
) -> None:
    def hang(_: Handler) -> None:
        time.sleep(90)

    server.pages["/hangs"] = hang
    clock = start("clock", show(server, Telegram("VPWW55", 0, ("03",))), f"{server.url}/hangs")
    until(lambda: level(store) == 3)
    polite_end(clock, tmp_path / "clock0.log")


def test_a_second_clock_waits_and_takes_over_from_one_that_was_killed(
    store: Store, server: Server, start: Start, tmp_path: Path
) -> None:
    url = show(server, Telegram("VPWW55", 0, ("10",)))
    first = start("clock", url)
    until(lambda: level(store) == 2)
    second = start("clock", url)
    until(lambda: "waits: another clock runs" in beats(store))
    first.kill()
    first.wait()
    show(server, Telegram("VPWW55", 0, ("10",)), Telegram("VPWW55", 5, ("43",)))
    until(lambda: level(store) == 4)
    assert second.poll() is None
    with store.read() as tx:
        assert [(c.before, c.after) for c in levels.changes(tx, CITY)] == [(None, 2), (2, 4)]
    polite_end(second, tmp_path / "clock1.log")


def test_post_delivers_and_ends_politely(store: Store, server: Server, start: Start, tmp_path: Path) -> None:
    recent = Telegram("VPWW55", 0, ("10",))
    clock = start("clock", show(server, recent))
    until(lambda: level(store) == 2)
    post = start("post")

    def settled() -> bool:
        with store.read() as tx:
            return set(outbox.counts(tx)) <= {"sent", "expired"}

    until(settled)
    polite_end(post, tmp_path / "post1.log")
    polite_end(clock, tmp_path / "clock0.log")
