"""The made-up town of the benches with a desk: 50,000 zones, 5,000 reports, officers; and its portal in a process."""

from __future__ import annotations

import http.client
import math
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely

from bench.demo import free_port
from bench.home import SIDE_DEG, shapes
from bench.situation import _wait
from bench.towns import LAT, LON, STARTS, config_for, fill
from disaster_hub.config import Config
from disaster_hub.portal import accounts
from disaster_hub.store import journal, places, preferences, reports
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState
from disaster_hub.terms.role import Role

STATIONS, REPORTS, ZONES, VERTICES = 2000, 5000, 50_000, 430
PASSWORD = "a bench beside the river"
SHOWN = ["areas", "stations", "reports", "depth"]
SERVER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bench.towns import config_for
from disaster_hub.portal.serve import run_web
run_web(config_for(Path({folder!r}), port={port}, stations={stations}))
"""


def fill_desk(config: Config, *, zones: int = ZONES, officers: int = 1) -> None:
    """Make the store: the town, its zones and reports, and officers who have chosen what their map shows."""
    fill(config)
    store = open_store(config.store)
    with store.write() as tx:
        if zones:
            places.replace(tx, "hazards", "ksj-a31:bench", _zones(zones))
            journal.add(tx, JournalEntry(STARTS, "dataset_loaded", "load", "bench: hazards", because="ksj-a31:bench"))
        for one in _reports():
            reports.add(tx, one, STARTS)
        for number in range(officers):
            preferences.remember(tx, officer(number), "map", {"shown": SHOWN})
    for number in range(officers):
        accounts.add(store, officer(number), PASSWORD, Role.AUTHOR, STARTS)
    store.close()


def officer(number: int) -> str:
    """Name an officer."""
    return f"officer{number:03d}"


@contextmanager
def desk_portal(folder: Path, *, zones: int = ZONES, officers: int = 1) -> Iterator[tuple[Store, int]]:
    """Serve the desk of a full town."""
    port = free_port()
    config = config_for(folder, port=port, stations=STATIONS)
    fill_desk(config, zones=zones, officers=officers)
    code = SERVER.format(root=str(Path(__file__).parents[1]), folder=str(folder), port=port, stations=STATIONS)
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    store = open_store(config.store)
    try:
        _wait(port, "/api/situation")
        yield store, port
    finally:
        store.close()
        server.terminate()
        server.wait(timeout=15)


def sign_in(port: int, name: str) -> str:
    """Sign an officer in and give the cookie."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", "/hq/sign-in")
    answer = link.getresponse()
    page, cookie = answer.read().decode(), _cookie(answer, "")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    body = urllib.parse.urlencode({"csrf_token": token[1], "name": name, "password": PASSWORD})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    link.request("POST", "/hq/sign-in", body, kind)
    answer = link.getresponse()
    answer.read()
    if answer.status not in {302, 303}:
        raise RuntimeError(f"{name} is not let in: {answer.status}")
    return _cookie(answer, cookie)


def _cookie(answer: http.client.HTTPResponse, before: str) -> str:
    said = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or () if one.startswith("hub_")]
    return said[-1] if said else before


def _zones(count: int) -> Iterator[Feature]:
    drawn = shapes(count, VERTICES)
    west, south = LON - SIDE_DEG / 2 - 139.0, LAT - SIDE_DEG / 2 - 38.0
    for n, shape in enumerate(drawn):
        moved = shapely.transform(shape, lambda c: c + np.array([west, south]))
        said = {"hazard": "flood", "scale": "maximum", "rank_kind": "depth", "rank": 1 + n % 4, "river": f"川{n % 50}"}
        yield Feature("hazards", str(n), moved, said)


def _reports() -> Iterator[Report]:
    chance = np.random.default_rng(9)
    kinds = list(ReportKind)
    side = math.isqrt(REPORTS)
    for n in range(REPORTS):
        spot = LonLat(*(float(v) for v in chance.normal((LON, LAT), 0.04)))
        yield Report(
            f"bench-report-{n:05d}", 0, kinds[n % len(kinds)], ReportState.RECEIVED, ReportSource.CALL, spot,
            f"町{n % side}丁目", "水が道路に来ている", STARTS, STARTS, "bench",
        )  # fmt: skip
