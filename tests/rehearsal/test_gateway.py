"""The gateway against a real broker: history first, in order, and nothing lost when the broker goes away."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import moment
from disaster_hub.rehearsal.gateway import Gateway, play
from disaster_hub.rehearsal.recording import read_uplinks
from disaster_hub.rehearsal.uplinks import Uplink
from tests.ports import free_port

MOSQUITTO = shutil.which("mosquitto")
OPENED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.mosquitto,
    pytest.mark.skipif(MOSQUITTO is None, reason="the Mosquitto broker is not on the PATH"),
]


@contextmanager
def broker(port: int, room: Path) -> Iterator[None]:
    """Run a throw-away Mosquitto whose sessions outlive it."""
    config = room / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
        f"persistence_location {room}/\nmax_queued_messages 0\nautosave_interval 1\nuser root\n"
    )
    assert MOSQUITTO is not None
    process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


class Listener:
    """A subscriber with a session of its own that remembers what came."""

    def __init__(self, port: int) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.more = threading.Condition()
        self.ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = self.on_message
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        with self.more:
            self.got.append((message.topic, message.payload))
            self.more.notify_all()

    def wait(self, wanted: set[tuple[str, bytes]]) -> bool:
        with self.more:
            return self.more.wait_for(lambda: wanted <= set(self.got), 60)

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def pairs(uplinks: list[Uplink]) -> list[tuple[str, bytes]]:
    return [(one.topic, one.payload) for one in uplinks]


def test_history_comes_first_then_each_at_its_time(rehearsal: Path, tmp_path: Path) -> None:
    uplinks = [one for one in read_uplinks(rehearsal / "night") if one.at <= moment("17:20")]
    past = [one for one in uplinks if one.at <= moment("17:00")]
    assert 100 < len(past) < len(uplinks)
    port, ended = free_port(), threading.Event()
    with broker(port, tmp_path):
        listener = Listener(port)
        assert listener.ready.wait(60)
        gateway = Gateway("127.0.0.1", port)
        gateway.start()
        play(gateway, past, world(OPENED), ended, wall=lambda: OPENED)
        assert gateway.wait_acknowledged(60)
        assert listener.wait(set(pairs(past)))
        # Nothing of what is to come yet; on one connection in order, but a broken one brings its rest again, later.
        assert set(listener.got) == set(pairs(past))
        # Twenty minutes of the night at 600 times the pace: two seconds.
        begun = datetime.now(UTC)
        play(gateway, uplinks[len(past) :], world(begun, speed=600), ended)
        assert datetime.now(UTC) - begun > timedelta(seconds=1.5)
        assert listener.wait(set(pairs(uplinks)))
        gateway.stop()
        listener.stop()


def test_a_broker_that_goes_away_costs_nothing(rehearsal: Path, tmp_path: Path) -> None:
    uplinks = [one for one in read_uplinks(rehearsal / "night") if one.at <= moment("17:00")]
    half = len(uplinks) // 2
    port = free_port()
    with broker(port, tmp_path):
        listener = Listener(port)
        assert listener.ready.wait(60)
        gateway = Gateway("127.0.0.1", port)
        gateway.start()
        for one in uplinks[:half]:
            gateway.publish(one)
        assert gateway.wait_acknowledged(60)
    for one in uplinks[half:]:
        gateway.publish(one)
    assert not gateway.wait_acknowledged(0.2)
    with broker(port, tmp_path):
        assert gateway.wait_acknowledged(60)
        assert listener.wait(set(pairs(uplinks)))
        gateway.stop()
        listener.stop()
    assert gateway.acknowledged == gateway.offered == len(uplinks)


def test_the_end_interrupts_the_wait(rehearsal: Path) -> None:
    uplinks = read_uplinks(rehearsal / "night")
    gateway, ended = Gateway("127.0.0.1", free_port()), threading.Event()
    player = threading.Thread(target=play, args=(gateway, uplinks, world(OPENED), ended, lambda: OPENED))
    player.start()
    ended.set()
    player.join(timeout=30)
    assert not player.is_alive()
    assert gateway.offered < len(uplinks)
