"""The twin of the LoRaWAN network servers and plain devices: publishes the night's uplinks with QoS 1."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from disaster_hub.rehearsal.recording import read_uplinks
from disaster_hub.rehearsal.uplinks import Uplink
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World

LOG = logging.getLogger(__name__)
CLIENT_ID = "rehearsal-gateway"
KEEPALIVE_S = 30
RETRY_S = (1, 5)
INFLIGHT = 100
FAREWELL_S = 1.0
"""How long the last acknowledgements are waited for at the end."""


class Gateway:
    """Publishes in order and keeps what the broker has not acknowledged, over every reconnection."""

    def __init__(self, host: str, port: int, *, username: str | None = None, password: str | None = None) -> None:
        self.acknowledged = 0
        self.offered = 0
        self.connected = threading.Event()
        self._all = threading.Condition()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=CLIENT_ID)
        self._client.max_queued_messages_set(0)
        self._client.max_inflight_messages_set(INFLIGHT)
        self._client.reconnect_delay_set(*RETRY_S)
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.connect_async(host, port, KEEPALIVE_S)

    def start(self) -> None:
        """Begin to connect; a broker that is not there yet is tried again for ever."""
        self._client.loop_start()

    def publish(self, uplink: Uplink) -> None:
        """Hand one uplink over; it is kept until the broker says PUBACK, connected or not."""
        self.offered += 1
        self._client.publish(uplink.topic, uplink.payload, qos=1)

    def wait_acknowledged(self, timeout_s: float) -> bool:
        """Wait until the broker has acknowledged everything offered; tell whether it has."""
        with self._all:
            return self._all.wait_for(lambda: self.acknowledged >= self.offered, timeout_s)

    def stop(self) -> None:
        """Say goodbye to the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            LOG.warning("broker refuses the gateway: %s", reason)
        else:
            self.connected.set()
            LOG.info("gateway connected, %d of %d acknowledged", self.acknowledged, self.offered)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected.clear()
        if reason.is_failure:
            LOG.warning("gateway lost the broker (%s); what it has not acknowledged is kept", reason)

    def _on_publish(self, _client: Any, _data: Any, _mid: Any, _reason: Any, _properties: Any) -> None:
        with self._all:
            self.acknowledged += 1
            self._all.notify_all()


def play(
    gateway: Gateway,
    uplinks: Sequence[Uplink],
    world: World,
    ended: threading.Event,
    wall: Callable[[], datetime] = utc_now,
) -> None:
    """Publish what is past at once and in order, then each uplink when its world time comes, until *ended*."""
    for uplink in uplinks:
        while (wait := _seconds_until(uplink.at, world, wall())) > 0 and not ended.wait(wait):
            pass
        if ended.is_set():
            return
        gateway.publish(uplink)


def _seconds_until(at: datetime, world: World, now: datetime) -> float:
    """Give the wall seconds until the world's clock stands at *at*; for ever where it stops before."""
    if world.ends is not None and at > world.ends:
        return timedelta(days=1).total_seconds()
    return world.wall_seconds((at - world.now(now)).total_seconds())


def run_gateway(
    night: Path, world: World, host: str, port: int, *, username: str | None = None, password: str | None = None
) -> None:
    """Publish the folder *night* until SIGTERM or SIGINT; after the last uplink it waits for the end."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    gateway = Gateway(host, port, username=username, password=password)
    uplinks = read_uplinks(night)
    LOG.info("gateway begins: %d uplinks to %s:%d", len(uplinks), host, port)
    gateway.start()
    play(gateway, uplinks, world, ended)
    ended.wait()
    gateway.wait_acknowledged(FAREWELL_S)
    gateway.stop()
    LOG.info("gateway ends: %d of %d acknowledged", gateway.acknowledged, gateway.offered)
