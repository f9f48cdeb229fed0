"""The demo's whole footprint: time to the first map, memory of its process tree, size of the installation."""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

ROUNDS = 5
READY_LIMIT_S = 60.0
SETTLE_S = 20.0
"""Memory is read this long after the first map, when every process has done its work at least once."""


def free_port() -> int:
    """Give a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(port: int) -> bool:
    """Tell whether the portal answers and a place stands at level 2 or more."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/situation", timeout=2) as answer:
            areas = json.load(answer)["areas"]
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return any((area["level"] or 0) >= 2 for area in areas)


def one_round(folder: Path, *, settle_s: float) -> tuple[float, float]:
    """Start the demo in *folder*, give seconds to the first map and MB of unshared memory, end it."""
    port = free_port()
    begun = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "disaster_hub", "demo"],
        cwd=folder,
        env=os.environ | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not ready(port):
            if demo.poll() is not None or time.monotonic() - begun > READY_LIMIT_S:
                raise RuntimeError("the demo did not come up")
            time.sleep(0.1)
        seconds = time.monotonic() - begun
        time.sleep(settle_s)
        tree = [psutil.Process(demo.pid), *psutil.Process(demo.pid).children(recursive=True)]
        memory = sum(p.memory_full_info().pss for p in tree) / 1e6
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(timeout=15)
    return seconds, memory


def install_size_mb() -> float:
    """Give the size of the virtual environment in MB, development packages included where they are there."""
    return sum(p.stat().st_size for p in Path(sys.prefix).rglob("*") if p.is_file() and not p.is_symlink()) / 1e6


def spread(values: list[float]) -> float:
    """Give the interquartile range over the median."""
    low, _, high = statistics.quantiles(values, n=4)
    return round((high - low) / statistics.median(values), 3)


def entry(ours: float, unit: str, noise: float, size: str, limit: float | None = None) -> Mapping[str, Any]:
    """Give one entry of results.json; a *limit* is its peer."""
    return {
        "ours": ours,
        "peer": limit,
        "unit": unit,
        "ratio": None if limit is None else round(limit / ours, 2),
        "goal": None if limit is None else 1.0,
        "noise": noise,
        "size": size,
        "peer_name": None if limit is None else f"limit of {limit:.0f} s",
    }


def run() -> Mapping[str, Mapping[str, Any]]:
    """Measure the demo in fresh folders, one after another."""
    seconds, memory = [], []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            took, used = one_round(Path(folder), settle_s=SETTLE_S if number == 0 else 2.0)
        seconds.append(took)
        memory.append(used)
    first_map = round(statistics.median(seconds), 1)
    held = f"{SETTLE_S:.0f} s after the first map"
    return {
        "demo_first_map": entry(first_map, "s", spread(seconds), "one made-up city", READY_LIMIT_S),
        "demo_memory": entry(round(memory[0]), "MB (PSS of the process tree)", spread(memory), held),
        "demo_install": entry(round(install_size_mb()), "MB on disk", 0.0, "both requirements files"),
    }
