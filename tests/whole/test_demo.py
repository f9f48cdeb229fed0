"""`disaster-hub demo`, as a person starts and ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from disaster_hub.demo import choices
from disaster_hub.terms.errors import BadConfig
from tests.ports import free_port
from tests.whole.rig import ROOT, command


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "abc"}, "PORT=abc"),
        ({"PORT": "70000"}, "PORT: 70000"),
        ({"DEMO_SPEED": "601"}, "DEMO_SPEED: 601"),
        ({"DEMO_SPEED": "0"}, "DEMO_SPEED: 0"),
        ({"DEMO_START": "5 pm"}, "DEMO_START: '5 pm'"),
        ({"DEMO_START": "03:00"}, "DEMO_START: 03:00"),
        ({"DEMO_START": "14:59"}, "DEMO_START: 14:59"),
    ],
)
def test_what_was_set_wrongly_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadConfig) as fault:
        choices(environ)
    assert named in str(fault.value)


@pytest.mark.parametrize(("text", "hour"), [("15:00", 15), ("17:00", 17), ("23:59", 23), ("00:30", 24), ("01:59", 25)])
def test_every_time_of_the_night_may_be_the_start(text: str, hour: int) -> None:
    chosen = choices({"DEMO_START": text})
    assert (chosen.start.day - 18) * 24 + chosen.start.hour == hour


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    speed, start = getattr(request, "param", ("600", "19:00"))
    port, said = free_port(), tmp_path / "said.txt"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DISASTER_HUB_")}
    # A stranger's store in the environment: the demo must not touch it.
    environ = kept | {"DISASTER_HUB_STORE": f"sqlite:///{tmp_path / 'real.gpkg'}", "PYTHONPATH": str(ROOT)}
    environ |= {"PORT": str(port), "DEMO_SPEED": speed, "DEMO_START": start}
    with said.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "disaster_hub", "demo"],
            env=environ, cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        yield process, port, said
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def situation(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/situation", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _ready(port: int) -> bool:
    try:
        return any((area["level"] or 0) >= 2 for area in situation(port)["areas"])
    except OSError:
        return False


@pytest.mark.slow
def test_the_demo_comes_up_plays_and_ends(demo: tuple[subprocess.Popen[str], int, Path], tmp_path: Path) -> None:
    process, port, said = demo
    begun = time.monotonic()
    while not _ready(port):
        assert process.poll() is None, said.read_text(encoding="utf-8")
        assert time.monotonic() - begun < 240, said.read_text(encoding="utf-8")
        time.sleep(0.1)
    now = situation(port)
    assert now["world"]["kind"] == "replay"
    while max(area["level"] or 0 for area in situation(port)["areas"]) < 5:
        assert time.monotonic() - begun < 300, "the river never reached level 5"
        time.sleep(0.2)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
        assert "訓練" in page.read().decode()
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 7
    ended = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    assert time.monotonic() - ended < 30
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, alive
    words = said.read_text(encoding="utf-8")
    assert "Traceback" not in words, words
    assert f"http://127.0.0.1:{port}/" in words
    assert re.search(r"^ +(sign-in.*\n +)?admin +\S{20,}", words, re.MULTILINE)
    lines = [line for line in words.splitlines() if "(level:" in line]
    assert lines, "nothing was posted"
    assert all(line.startswith("【訓練】") for line in lines)
    assert not (tmp_path / "real.gpkg").exists()


@pytest.mark.slow
@pytest.mark.parametrize("demo", [("1", "15:00"), ("1", "01:59")], indirect=True, ids=["first", "last"])
def test_it_is_ready_at_the_slowest_speed_too(demo: tuple[subprocess.Popen[str], int, Path]) -> None:
    process, port, said = demo
    begun = time.monotonic()
    while not _ready(port):
        assert process.poll() is None, said.read_text(encoding="utf-8")
        assert time.monotonic() - begun < 240, said.read_text(encoding="utf-8")
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    assert "Traceback" not in said.read_text(encoding="utf-8")


@pytest.mark.slow
def test_killing_the_supervisor_leaves_no_orphan(demo: tuple[subprocess.Popen[str], int, Path]) -> None:
    process, port, said = demo
    begun = time.monotonic()
    while not _ready(port):
        assert time.monotonic() - begun < 240, said.read_text(encoding="utf-8")
        time.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive, alive


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command(["demo"], {"PORT": str(taken.getsockname()[1])}, tmp_path)
    assert done.returncode == 2
    assert "is in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1
