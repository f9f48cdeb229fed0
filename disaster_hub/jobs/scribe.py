"""A second process that writes the letters of large batches: the loop that sends keeps a core of its own.

Whatever is wrong with it costs time and no letter: who asked then writes them itself, and begins another one. It ends
when the process that began it ends, however that one ended.
"""

from __future__ import annotations

import copyreg
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

from disaster_hub.config import Config
from disaster_hub.jobs.letters import Household, Letters
from disaster_hub.jobs.memory import long_lived
from disaster_hub.store.session import open_store
from disaster_hub.terms.errors import BadConfig, Undeliverable, whereabouts
from disaster_hub.terms.notice import Delivery, Notice
from timelines.channel import Channel, Letter, Sealing, channel
from timelines.channels.email import Written
from timelines.channels.webpush import Envelope

log = logging.getLogger(__name__)


def _by_fields(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Give how to send a dataclass by its fields: as they come, their pickling takes a third of the writing."""
    values = attrgetter(*(one.name for one in fields(kind)))
    return lambda one: (kind, values(one))


for sent in (Notice, Delivery, Letter, Envelope, Written):
    copyreg.pickle(sent, _by_fields(sent))
ENOUGH = 100
"""Letters of one batch for which it is worth asking; nobody begins a process for a handful."""
PATIENCE_S = 15.0
"""For one batch, which takes a tenth of a second; a lease is longer."""
AGAIN_S = 30.0
"""After one went wrong: whatever it was would most likely happen to the next one too."""
READY = "ready"


class Scribe:
    """Letters by another process where there are many, by this one (*here*) where there are few or it is not ready."""

    def __init__(self, here: Letters, config: Config) -> None:
        self.here, self.config = here, config
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._ready = False
        self._not_before = 0.0
        self._turn = threading.Lock()

    def write(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Letter | Undeliverable]:
        """Give the letter of each delivery, or why there can be none."""
        if len(batch) >= ENOUGH:
            with self._turn:
                written = self._asked(batch, now)
            if written is not None:
                return written
        return self.here.write(batch, now)

    def gone(self, delivery: Delivery) -> None:
        """Take an address off the list."""
        self.here.gone(delivery)

    def close(self) -> None:
        """End the other process; whoever waits for it is told so."""
        process = self._process
        if process is not None:
            process.kill()
        with self._turn:
            self._end()

    def _asked(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Letter | Undeliverable] | None:
        """Ask the other process; None where it cannot be asked, or does not answer."""
        if self._wire is None and time.monotonic() < self._not_before:
            return None
        try:
            wire = self._wire or self._begun()
            if not self._ready and not (wire.poll() and wire.recv() == READY):
                return None
            self._ready = True
            with self._watched():
                wire.send((list(batch), now))
                written: Sequence[Letter | Undeliverable] | None = wire.recv()
        except Exception as fault:  # noqa: BLE001  # whatever is wrong with it costs time and no letter
            log.warning("post: the process that writes letters is given up: %s", whereabouts(fault))
            self._end()
            self._not_before = time.monotonic() + AGAIN_S
            return None
        return written

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """End the other process where it does not answer in time, in the middle of a message too."""
        assert self._process is not None
        watch = threading.Timer(PATIENCE_S, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _begun(self) -> Connection:
        """Begin the other process; it says when it is ready."""
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", __name__, str(number)]
            self._process = subprocess.Popen(command, pass_fds=(number,), stdin=subprocess.DEVNULL)  # noqa: S603  # our own
        self._wire = Connection(ours.detach())
        self._wire.send(self.config)
        return self._wire

    def _end(self) -> None:
        self._ready = False
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def serve(wire: Connection) -> None:
    """Write what is asked for until nobody asks any more."""
    config: Config = wire.recv()
    store = open_store(config.store)
    letters, channels = Household(store, config), dict[str, Channel]()
    long_lived()
    wire.send(READY)
    with suppress(EOFError, OSError):
        while True:
            batch, now = wire.recv()
            try:
                written = [
                    _sealed(one, letter, config, channels)
                    for one, letter in zip(batch, letters.write(batch, now), strict=True)
                ]
            except Exception as fault:  # noqa: BLE001  # who asked meets the same, and says so
                log.debug("post: letters: %s", type(fault).__name__)
                wire.send(None)
            else:
                wire.send(written)
    letters.close()
    store.close()


def _sealed(
    one: Delivery, letter: Letter | Undeliverable, config: Config, channels: dict[str, Channel]
) -> Letter | Undeliverable:
    """Let the channel do beforehand what needs no connection; one that is not set up is refused where it is sent."""
    if isinstance(letter, Undeliverable):
        return letter
    try:
        if one.channel not in channels:
            channels[one.channel] = channel(one.channel, config)
        made: Any = channels[one.channel]
        return made.sealed(letter) if isinstance(made, Sealing) else letter
    except BadConfig:
        return letter
    except Undeliverable as fault:
        return fault


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # it ends with the process that asks, which may have letters in hand
    serve(Connection(int(sys.argv[1])))
