"""One process tree: starts the hub's processes, starts again whatever dies, and ends them all together."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

log = logging.getLogger(__name__)
PARENT = "HUB_PARENT_PID"
PR_SET_PDEATHSIG = 1
POLITE_S = 6.0
LOOK_S = 0.1
STEADY_S = 30.0
"""A child that lived this long starts again at once; one that dies sooner waits longer each time."""
WAITS_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Child:
    """One process of the tree and how often it has died early."""

    name: str
    arguments: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    """What this one is told besides: the second portal its port, the second listener its client id."""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    early_deaths: int = 0
    again_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps its children alive until told to stop."""

    children: list[Child]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def start(self, name: str) -> None:
        """Start the child of that name."""
        child = next(c for c in self.children if c.name == name)
        command = [sys.executable, "-m", "disaster_hub", *child.arguments]
        env = dict(self.environ) | dict(child.environ) | {PARENT: str(os.getpid())}
        child.process = subprocess.Popen(command, env=env)  # noqa: S603  # our own program
        child.started = time.monotonic()

    def run(self, stop: Event, each_look: Callable[[], None] = lambda: None) -> None:
        """Start whoever is not started, watch all, end all when *stop* is set."""
        for child in self.children:
            if child.process is None:
                self.start(child.name)
        while not stop.wait(LOOK_S):
            for child in self.children:
                self._look(child)
            each_look()
        self.end()

    def _look(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.again_at:
                self.start(child.name)
            return
        code = child.process.poll()
        if code is None:
            return
        child.early_deaths = child.early_deaths + 1 if now - child.started < STEADY_S else 0
        wait = WAITS_S[min(child.early_deaths, len(WAITS_S) - 1)] if child.early_deaths > 1 else 0.0
        log.warning("%s ended (%s); starting it again in %.1f s", child.name, _how(code), wait)
        child.process, child.again_at = None, now + wait

    def again(self, names: Collection[str]) -> None:
        """End the children of these names and start them anew, on purpose: that is no early death."""
        mine = [child for child in self.children if child.name in names]
        self._end(mine)
        for child in mine:
            child.process, child.early_deaths = None, 0
            self.start(child.name)

    def end(self) -> None:
        """End every child politely, and what does not end in time firmly."""
        self._end(self.children)

    def _end(self, children: Sequence[Child]) -> None:
        living = [c.process for c in children if c.process is not None and c.process.poll() is None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + POLITE_S
        for process in living:
            try:
                process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


def die_with_parent() -> None:
    """Let the kernel end this process when its supervisor is gone, even killed: no orphan keeps a port."""
    parent = os.environ.pop(PARENT, None)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)
