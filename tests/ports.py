"""Ports of this machine that stay a test's own: no other test beside it gets the same, and no outgoing connection does."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

FIRST, LAST = 15_000, 32_000
"""Below what Linux gives to outgoing connections and to those who ask for any port."""
HOST = "127.0.0.1"
_DICE = random.Random(os.urandom(8))
_HELD: dict[int, IO[bytes]] = {}
"""What this process has taken, until it ends: the lock goes with it, however it ends."""


def free_port(number: int = 1) -> int:
    """Give the first of so many ports in a row that nobody uses, and that are ours until this process ends."""
    folder = Path(tempfile.gettempdir()) / f"disaster-hub-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for _ in range(1000):
        first = _DICE.randrange(FIRST, LAST - number)
        wanted = range(first, first + number)
        if all(_take(folder, port) for port in wanted):
            return first
    raise AssertionError("no port is free on this machine")


def _take(folder: Path, port: int) -> bool:
    """Lock a port among all tests of this machine, and see whether anybody else uses it."""
    if port in _HELD:
        return False
    lock = (folder / str(port)).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind((HOST, port))
    except OSError:
        lock.close()
        return False
    _HELD[port] = lock
    return True
