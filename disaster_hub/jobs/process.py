"""What every process of the hub shares: a polite end, a heartbeat, and living through a store that does not answer."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from types import FrameType
from typing import Self

from disaster_hub.store import pulse
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.world import World

log = logging.getLogger(__name__)
BEAT_S = 5.0


def worker_name() -> str:
    """Name this process among all that share a store."""
    return f"{socket.gethostname()}:{os.getpid()}"


def dead_here(worker: str) -> bool:
    """Tell whether *worker* was a process of this machine and lives no more; of other machines nothing is known."""
    host, _, number = worker.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def stop_on_signals() -> threading.Event:
    """Give an event that SIGTERM and SIGINT set; whoever waits on it ends at once."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


class Heart:
    """Beats from a thread of its own, every few seconds of wall time, until told to stop."""

    def __init__(self, store: Store, world: World, process: str) -> None:
        self.store, self.world, self.process = store, world, process
        self.worker = worker_name()
        self.note = ""
        self._stop = threading.Event()
        self._silent = False
        self._thread = threading.Thread(target=self._run, name=f"heart of {process}", daemon=True)

    def __enter__(self) -> Self:
        """Beat once, then go on beating."""
        self.beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop beating."""
        self._stop.set()
        self._thread.join(timeout=2)

    def beat(self) -> None:
        """Write that this process lives; a store that does not answer is said once, and tried again."""
        wall = utc_now()
        try:
            with self.store.write() as tx:
                pulse.beat(tx, self.process, self.worker, self.world.now(wall), wall=wall, note=self.note)
            self._silent = False
        except Unreachable as fault:
            if not self._silent:
                log.error("%s: cannot write its heartbeat: %s", self.process, fault)
                self._silent = True

    def _run(self) -> None:
        while not self._stop.wait(BEAT_S):
            self.beat()
