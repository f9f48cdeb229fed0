"""Killed processes, a full disk, a lost broker, lost feeds: afterwards the store holds what an undisturbed run holds."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from disaster_hub.store import pulse
from tests.whole.conftest import Calm
from tests.whole.rig import Night, differences

KILLS = 12
LIMIT_S = 60

pytestmark = pytest.mark.slow


def finish(night: Night, calm: Calm) -> None:
    """Let the night end, and compare."""
    night.wait(night.over, 400, "the night did not end")
    found = night.settle()
    night.end_all()
    different = differences(calm.facts, found)
    assert not different, "\n".join(different)


def test_killed_processes_lose_and_double_nothing(calm: Calm, tmp_path: Path) -> None:
    night = calm.night(tmp_path).begin()
    dice, kills = random.Random(20260918), 0
    while not night.over():
        kills += night.kill(dice.choice(("web", "clock", "listen", "post")))
        time.sleep(dice.uniform(0.2, 2.2))
    assert kills >= KILLS
    finish(night, calm)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of its own, small enough to be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"needs to mount a small disk (root): {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Write until nothing more fits."""
    with filler.open("wb", buffering=0) as file:
        for size in (1_000_000, 4096):
            with pytest.raises(OSError, match="No space left"):
                _write_on(file, bytes(size))


def _write_on(file: IO[bytes], piece: bytes) -> None:
    while True:
        file.write(piece)


def test_a_full_disk_stops_nothing_and_loses_nothing(calm: Calm, small_disk: Path) -> None:
    night = calm.night(small_disk).begin()
    time.sleep(8)
    processes = {c.name: c.process for c in night.supervisor.children}
    filler = small_disk / "filler"
    fill(filler)
    time.sleep(8)
    assert situation(night)["areas"], "the portal no longer answers"
    filler.unlink()
    for name, process in processes.items():
        assert process is not None
        assert process.poll() is None, f"{name} did not live through the full disk"
    finish(night, calm)


def test_a_broker_that_is_gone_is_said_and_its_return_too(calm: Calm, tmp_path: Path) -> None:
    night = calm.night(tmp_path).begin()
    broker = next(c for c in night.supervisor.children if c.name == "broker")
    night.supervisor.children.remove(broker)
    assert broker.process is not None
    broker.process.kill()
    broker.process.wait()
    night.wait(lambda: failures(night, "mqtt") > 0, LIMIT_S, "nobody says that the broker is gone")
    broker.process = None
    night.supervisor.children.append(broker)
    night.wait(lambda: failures(night, "mqtt") == 0, LIMIT_S, "the listener did not find the broker again")
    night.end_all()


def test_feeds_that_are_gone_make_the_calm_unknown_and_leave_warnings_standing(calm: Calm, tmp_path: Path) -> None:
    night = calm.night(tmp_path).begin()
    feeds = next(c for c in night.supervisor.children if c.name == "feeds")
    night.wait(lambda: answers(night), LIMIT_S, "the portal did not come up")
    night.wait(lambda: all(a["age_s"] is not None for a in situation(night)["areas"]), LIMIT_S, "no good answer came")
    assert feeds.process is not None
    feeds.process.send_signal(signal.SIGUSR1)
    night.wait(lambda: failures(night, "jma") > 0, LIMIT_S, "nobody says that the feeds are gone")
    before = {a["code"]: a["level"] for a in situation(night)["areas"]}
    night.wait(lambda: all((a["age_s"] or 0) > 900 for a in situation(night)["areas"]), 2 * LIMIT_S, "no age grew")
    for area in situation(night)["areas"]:
        # A failed fetch clears nothing: what was in force stays, and what was calm is not known any more.
        assert area["level"] == (before[area["code"]] or None), area
    feeds.process.send_signal(signal.SIGUSR1)
    finish_alive(night, lambda: failures(night, "jma") == 0)


def finish_alive(night: Night, holds: Callable[[], bool]) -> None:
    night.wait(holds, LIMIT_S, "it did not recover")
    night.end_all()


def answers(night: Night) -> bool:
    try:
        return bool(situation(night))
    except OSError:
        return False


def failures(night: Night, source: str) -> int:
    with night.store.read() as tx:
        return next((p.failures for p in pulse.sources(tx) if p.source == source), 0)


def situation(night: Night) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{night.portal_port}/api/situation", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
