"""A whole plan, address to saved: the server's time for every request of the eight steps, against the limit."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bench.telegram import spread
from disaster_hub.configfile import load as load_config
from disaster_hub.jobs.load import load
from disaster_hub.planning.keys import ensure_keys
from disaster_hub.portal.app import create_app
from disaster_hub.rehearsal import opendata
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store.prepare import prepare

PLANS = 60
ROUNDS = 6
LIMIT_MS = 300.0
OPENED = datetime(2026, 11, 21, tzinfo=UTC)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PLACE = re.compile(r'name="(first|second)" value="([^"]+)" checked')
TOWN = re.compile(r'name="(town|block)" value="([^"]+)"')
STEP = re.compile(r'name="steps" value="([^"]+)"[^>]*checked')


class Resident:
    """Somebody who fills in every page; *ms* is what the server took for all of them."""

    def __init__(self, client: FlaskClient, number: int) -> None:
        self.client = client
        self.number = number
        self.ms = 0.0
        self.page = ""

    def _asked(self, method: str, path: str, **more: Any) -> TestResponse:
        begun = time.perf_counter()
        answer = self.client.open(path, method=method, **more)
        self.page = answer.get_data(as_text=True)
        self.ms += (time.perf_counter() - begun) * 1000
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        if answer.status_code in {302, 303}:
            return self._asked("GET", answer.headers["Location"])
        return answer

    def post(self, path: str, *pairs: tuple[str, str]) -> None:
        """Fill in a page and press its button."""
        token = TOKEN.search(self.page)
        if token is None:
            raise RuntimeError(f"{path}: a page without a form")
        data: dict[str, list[str]] = {"csrf_token": [token[1]]}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        self._asked("POST", path, data=data)

    def walk(self) -> float:
        """Make a whole plan; give the milliseconds."""
        self._asked("GET", "/my")
        self.post("/my/begin", ("for", "self"))
        for _ in range(2):
            offered = [(name, value) for name, value in TOWN.findall(self.page) if value]
            if not offered:
                break
            self.post("/my/1", offered[self.number % len(offered)])
        at = re.search(r'name="lon" value="([^"]+)">.*?name="lat" value="([^"]+)"', self.page, re.DOTALL)
        if at is None:
            raise RuntimeError("no pin")
        self.post("/my/2", ("lon", at[1]), ("lat", at[2]), ("wide", "0"), ("go", "next"))
        self.post("/my/3", ("storeys", "2"), ("floor", "1"), ("structure", "wood"), ("go", "next"))
        self.post("/my/4/who", ("people", "3"), ("needs", "elder"), ("needs", "pet"))
        self.post("/my/4/pace", ("ten", "B"))
        self.post("/my/4/way", ("mode", "foot"))
        self.post("/my/4/ready", ("prepare", "30"), ("endure", "72"))
        self.post("/my/5", *PLACE.findall(self.page), ("go", "next"))
        for level in range(1, 5):
            self.post(f"/my/6/{level}", *(("steps", one) for one in STEP.findall(self.page)), ("own", "ねこ"))
        self.post("/my/7", ("seen_by", "family"), ("has_helper", "no"))
        if "/my/plan.pdf" not in self.page:
            raise RuntimeError("the plan was not saved")
        return self.ms


def run() -> Mapping[str, Mapping[str, Any]]:
    """Let one resident after another make a plan in the made-up city; the slowest one in twenty counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opendata.write(folder / "opendata")
        toml = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=world(OPENED))
        (folder / "config.toml").write_text(toml, encoding="utf-8")
        config = load_config(folder / "config.toml", {})
        ensure_keys(config.keys.folder)
        store = prepare(config.store, config.world)
        load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None)
        app = create_app(config, store, wall=lambda: OPENED)
        Resident(app.test_client(), 0).walk()  # the town is read and the loop compiled at the first plan
        rounds = [[Resident(app.test_client(), n).walk() for n in range(PLANS // ROUNDS)] for _ in range(ROUNDS)]
        store.close()
    every = [ms for one in rounds for ms in one]
    p95 = statistics.quantiles(every, n=20)[-1]
    entry = {
        "ours": round(p95, 1),
        "peer": LIMIT_MS,
        "unit": "ms, p95 of a whole plan",
        "ratio": round(LIMIT_MS / p95, 2),
        "goal": 1.0,
        "noise": spread([statistics.median(one) for one in rounds]),
        "size": f"{PLANS} plans, every request of the eight steps added up",
        "peer_name": f"limit of {LIMIT_MS:.0f} ms",
    }
    return {"plan": entry}
