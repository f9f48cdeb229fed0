"""The stage of a journey: a fresh demo in an empty folder, and a browser in front of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

READY_S = 120.0
JUMP_S = 120.0
FRESH_S = 420.0
"""The median age of all gauges, in the night's seconds."""
BROWSER = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


class Missing(Exception):
    """Something that a journey needs is not on this machine."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its address and its folder."""

    url: str
    folder: Path

    @property
    def log(self) -> str:
        """Give what the demo has said so far."""
        return (self.folder / "demo.log").read_text(encoding="utf-8")

    def password(self, name: str) -> str:
        """Give the password that the demo's greeting says for an account."""
        found = re.search(rf"^\s+{name}\s+(\S+)\s", self.log, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"the demo's greeting names no account {name}")
        return found[1]

    @property
    def handsets(self) -> str:
        """Give the address of the page with the households' phones."""
        found = re.search(r"^\s+phones\s+(http://[0-9.:]+)/", self.log, re.MULTILINE)
        if found is None:
            raise RuntimeError("the demo's greeting names no phones")
        return found[1]

    def jump(self, clock: str) -> None:
        """Let the night be played fast to *clock* (HH:MM) and go on at the pace of the wall clock."""
        said = f"the clock stands at {clock} and runs 1 times"
        (self.folder / ".demo" / "jump").write_text(f"{clock} 1\n", encoding="utf-8")
        deadline = time.monotonic() + JUMP_S
        while said not in self.log:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the demo did not come to {clock}: {self.log[-1000:]}")
            time.sleep(0.2)
        self._settle()

    def _settle(self) -> None:
        """Wait until the processes that were started anew have brought in what is there by now."""
        deadline = time.monotonic() + JUMP_S
        while not (self._calm() and self._fresh()):
            if time.monotonic() > deadline:
                raise RuntimeError("the demo's gauges did not come up to the new time")
            time.sleep(0.3)

    def _calm(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/api/live?once", timeout=10) as answer:
            return not json.load(answer)["trouble"]

    def _fresh(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/api/situation", timeout=10) as answer:
            ages = [one["age_s"] for one in json.load(answer)["stations"] if one["age_s"] is not None]
        return statistics.median(ages) < FRESH_S


@contextmanager
def demo(**settings: str) -> Iterator[Demo]:
    """Start a fresh demo, wait until it is ready, end it; *settings* go to its environment."""
    with tempfile.TemporaryDirectory(prefix="journey-") as name:
        folder, port = Path(name), _free_port()
        with (folder / "demo.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "disaster_hub", "demo"],
                cwd=folder,
                env=os.environ | settings | {"PORT": str(port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                _wait(port, process, folder / "demo.log")
                yield Demo(f"http://127.0.0.1:{port}", folder)
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(timeout=20)


@contextmanager
def browser(flags: Mapping[str, str] | None = None) -> Iterator[Browser]:
    """Open a real Chromium; Missing where there is none."""
    path = next(filter(None, map(shutil.which, BROWSER)), None)
    if path is None:
        raise Missing("no Chromium on the PATH; on Debian: apt-get install chromium")
    with sync_playwright() as play:
        more = [f"--{name}={value}" for name, value in (flags or {}).items()]
        opened = play.chromium.launch(executable_path=path, args=[*FLAGS, *more])
        yield opened
        opened.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while not _ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the demo did not come up: {log.read_text(encoding='utf-8')[-1000:]}")
        time.sleep(0.2)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/situation", timeout=2) as answer:
            return any((area["level"] or 0) >= 2 for area in json.load(answer)["areas"])
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
