"""The two processes of the room end cleanly and soon, whatever they wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEEDS = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.feedserver import run_feeds
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
run_feeds(Path(sys.argv[1]), world(datetime(2026, 11, 20, tzinfo=UTC)), 0)
"""
GATEWAY = """
import logging, sys
from pathlib import Path
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.gateway import run_gateway
from disaster_hub.terms.clock import utc_now
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
run_gateway(Path(sys.argv[1]), world(utc_now()), "127.0.0.1", 9)
"""
"""Port 9 of loopback: nobody answers there."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("script", "first"), [(FEEDS, "feeds at http://127.0.0.1:"), (GATEWAY, "gateway begins")])
def test_the_process_ends_cleanly(rehearsal: Path, script: str, first: str, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(rehearsal / "night")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert first in process.stdout.readline()
    begun = time.monotonic()
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 0
    assert time.monotonic() - begun < 20
    assert "Traceback" not in error
