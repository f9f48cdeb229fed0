"""PostgreSQL and Mosquitto: two portals, two listeners, two posts; one of each is killed, and nothing is amiss."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.ports import free_port
from tests.whole.conftest import Calm
from tests.whole.rig import differences

SHARE = 'embedded = false\nshare = "hub"'


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[int]:
    """Run a Mosquitto that keeps its queues on disk."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("needs Mosquitto (Debian package mosquitto)")
    port = free_port()
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0", "persistence true"]
    lines += [f"persistence_location {tmp_path}/", "max_inflight_messages 500", "log_dest none", "user root"]
    (tmp_path / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(tmp_path / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield port
    process.terminate()
    process.wait(60)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.mosquitto
def test_two_of_each_on_postgres_with_one_of_each_killed(
    calm: Calm, tmp_path: Path, postgres: str, mosquitto: int
) -> None:
    second = free_port()
    names = {
        "web": {},
        "web-2": {"DISASTER_HUB_PORTAL_PORT": str(second)},
        "clock": {},
        "listen": {"DISASTER_HUB_MQTT_CLIENT_ID": "hub-1"},
        "listen-2": {"DISASTER_HUB_MQTT_CLIENT_ID": "hub-2"},
        "post": {},
        "post-2": {},
    }
    url = f"{postgres}?schema=many_{uuid.uuid4().hex[:8]}"
    many = calm.night(
        tmp_path / "many", store_url=url, broker_port=mosquitto, names=names,
        edit=lambda said: said.replace("embedded = true", SHARE),
    ).begin()  # fmt: skip
    dice, killed = random.Random(7), set()
    while not many.over():
        name = dice.choice(("web", "clock", "listen", "listen-2", "post"))
        if many.kill(name):
            killed.add(name)
        time.sleep(dice.uniform(1.0, 4.0))
    found = many.settle()
    for port in (many.portal_port, second):
        many.wait(lambda port=port: shown(port) >= 4, 240, "a portal that was killed does not show the night again")  # type: ignore[misc]
    with many.store.read() as tx:
        twice = tx.execute(text("SELECT count(*) FROM delivery WHERE state = 'due'")).scalar_one()
    many.end_all()
    assert {"web", "clock", "listen", "post"} <= killed
    assert twice == 0, "notices are left in the outbox"
    different = differences(calm.facts, found)
    assert not different, "\n".join(different)


def shown(port: int) -> int:
    """Give the highest level that a portal shows; 0 while it is not up."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/situation", timeout=30) as answer:
            return max(area["level"] or 0 for area in json.load(answer)["areas"])
    except OSError:
        return 0
