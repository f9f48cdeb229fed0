"""A throw-away Mosquitto on loopback."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.missing import needs


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Run Mosquitto in *folder* on a free port; raises Missing where it is not installed."""
    program = needs("mosquitto", "mosquitto")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0"]
    lines += ["max_inflight_messages 1000", "persistence false", "log_dest none", "user root"]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(folder / "mosquitto.conf")])
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)
