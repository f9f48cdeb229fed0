"""From a fact's commit in the store to its drawing in a real browser, with 2,000 stations."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.demo import free_port, spread
from bench.missing import Missing, needs
from bench.situation import _wait
from bench.towns import STARTS, config_for, device, fill
from disaster_hub.store import observations
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.clock import local, utc_now
from disaster_hub.terms.observation import Observation

STATIONS = 2000
FACTS = 40
WARM_UP = 3
LIMIT_S = 2.0
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SERVER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bench.towns import config_for
from disaster_hub.portal.serve import run_web
run_web(config_for(Path({folder!r}), port={port}, stations={stations}))
"""
DRAWN = """([id, at, limit]) => new Promise((good, bad) => {
  const begun = Date.now();
  const look = () => {
    const map = window.hub && window.hub.map;
    if (map && map.drawn.get(id) === at) requestAnimationFrame(() => good(Date.now()));
    else if (Date.now() - begun > limit) bad(new Error("not drawn: " + id));
    else setTimeout(look, 5);
  };
  look();
})"""


def run() -> Mapping[str, Mapping[str, Any]]:
    """Write one reading after another as `listen` does, and wait until the map has drawn each."""
    chromium = needs("chromium", "chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Missing("playwright (requirements-dev.txt)") from None
    with tempfile.TemporaryDirectory() as folder, _portal(Path(folder)) as (store, port), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/")
        first = STARTS - timedelta(minutes=5)
        page.evaluate(DRAWN, [device(0), local(first), 30_000])
        took = [_one(page, store, n) for n in range(FACTS + WARM_UP)][WARM_UP:]
        browser.close()
    p95 = statistics.quantiles(took, n=20)[18]
    return {
        "live": {
            "ours": round(p95, 2),
            "peer": LIMIT_S,
            "unit": "s (p95)",
            "ratio": round(LIMIT_S / p95, 2),
            "goal": 1.0,
            "noise": spread(took),
            "size": f"{STATIONS} stations, {FACTS} facts, median {statistics.median(took):.2f} s",
            "peer_name": f"limit of {LIMIT_S:.0f} s",
        }
    }


@contextmanager
def _portal(folder: Path) -> Iterator[tuple[Store, int]]:
    port = free_port()
    config = config_for(folder, port=port, stations=STATIONS)
    fill(config)
    code = SERVER.format(root=str(Path(__file__).parents[1]), folder=str(folder), port=port, stations=STATIONS)
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, env=dict(os.environ))
    store = open_store(config.store)
    try:
        _wait(port, "/api/situation")
        yield store, port
    finally:
        store.close()
        server.terminate()
        server.wait(timeout=15)


def _one(page: Any, store: Store, number: int) -> float:
    """Store one reading and give the seconds until the browser had drawn it."""
    at = STARTS - timedelta(seconds=240 - number)
    reading = Observation(device(number * 37 % STATIONS), "water_level", at, 1.5 + number / 100, "m")
    with store.write() as tx:
        observations.add(tx, [reading], raw_id=None)
    stored = utc_now().timestamp()
    drawn = page.evaluate(DRAWN, [reading.station, local(at), 30_000])
    time.sleep(0.3)  # readings do not come in step with the watcher
    return float(drawn / 1000 - stored)
