"""The subscriber: hands batches of messages over, and tells the broker only after they are kept."""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from disaster_hub.terms.errors import Unreachable

log = logging.getLogger(__name__)
BATCH = 2000
LINGER_S = 0.05
"""A message waits at most this long for company, …"""
QUIET_S = 0.005
"""… and no longer than nothing more comes for."""
RETRY_S = 2.0
SEND_S = 10.0
GULP_BYTES = 65_536
PUBLISH = 0x30
PUBACK = b"\x40\x02"
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
Message = tuple[str, bytes]
Keep = Callable[[Sequence[Message]], None]
"""Keeps a batch, or raises Unreachable: then nothing is acknowledged and it is tried again."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """One PUBLISH as it came."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class _Client(paho.Client):
    """Paho for everything but the messages themselves: those are cut out of large reads.

    By itself paho asks the kernel four times a message and builds a dozen objects; that is two thirds of its time.
    Connecting, signing in, subscribing, TLS, keeping alive and errors stay its own.
    """

    _rest = b""
    _given = b""
    _ended = False

    def fresh(self) -> None:
        """Forget what was read from an earlier connection."""
        self._rest, self._given, self._ended = b"", b"", False

    def _sock_recv(self, bufsize: int) -> bytes:
        """Give paho the bytes of the packets that are for it."""
        if not self._given and not self._ended:
            raise BlockingIOError
        part, self._given = self._given[:bufsize], self._given[bufsize:]
        return part

    def take(self) -> list[_Arrived]:
        """Read once, give the messages that are whole, and hand every other packet to paho."""
        try:
            read = super()._sock_recv(GULP_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            read = b""
        if not read:
            self._ended = True
            self.loop_read()
            return []
        bytes_, place, found = self._rest + read, 0, []
        while (cut := _packet(bytes_, place)) is not None:
            begin, end = cut
            if bytes_[place] & 0xF0 == PUBLISH:
                found.append(_arrived(bytes_, place, begin, end))
            else:
                self._given = bytes_[place:end]
                self.loop_read()
            place = end
        self._rest = bytes_[place:]
        return found


def _packet(bytes_: bytes, place: int) -> tuple[int, int] | None:
    """Give where the body of the packet at *place* begins and ends; None while it is not whole (MQTT 3.1.1, 2.2.3)."""
    size, shift, at = 0, 0, place + 1
    while at < len(bytes_):
        digit = bytes_[at]
        size |= (digit & 0x7F) << shift
        at += 1
        if digit < 0x80:
            return (at, at + size) if at + size <= len(bytes_) else None
        shift += 7
        if shift > 21:  # four digits at most: what follows is no MQTT, and paho will say so
            return at, len(bytes_)
    return None


def _arrived(bytes_: bytes, place: int, begin: int, end: int) -> _Arrived:
    """Cut a PUBLISH into topic, payload and packet id (MQTT 3.1.1, 3.3)."""
    qos = (bytes_[place] >> 1) & 3
    topic_end = begin + 2 + int.from_bytes(bytes_[begin : begin + 2], "big")
    body = topic_end + (2 if qos else 0)
    mid = int.from_bytes(bytes_[topic_end:body], "big")
    topic = bytes_[begin + 2 : topic_end].decode("utf-8", "replace")
    return _Arrived(topic, bytes_[body:end], mid, qos)


class Subscriber:
    """One MQTT 3.1.1 client with a session that outlives it; QoS 1, acknowledged after the commit."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        client_id: str,
        topics: Sequence[str],
        keep: Keep,
        share: str | None = None,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        ca: Path | None = None,
    ) -> None:
        self.host, self.port, self.keep = host, port, keep
        self.topics = [f"$share/{share}/{topic}" if share else topic for topic in topics]
        self.subscribed = False
        self.reason = "not connected yet"
        self._pending: list[_Arrived] = []
        self._oldest = self._retry_at = 0.0
        self.client = _Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True)
        if username is not None:
            self.client.username_pw_set(username, password)
        if tls:
            self.client.tls_set(ca_certs=str(ca) if ca else None)
        self.client.on_connect = self._connected
        self.client.on_subscribe = self._granted
        self.client.on_disconnect = self._lost

    def run(self, stop: Event, idle: Callable[[], None] = lambda: None) -> None:
        """Receive until *stop*; *idle* is called about once a second. A lost broker is looked for again and again."""
        misses, next_idle = 0, 0.0
        while not stop.is_set():
            if not self.client.is_connected() and self.client.socket() is None and not self._connect():
                stop.wait(BACK_OFF_S[min(misses, len(BACK_OFF_S) - 1)])
                misses += 1
                idle()
                continue
            self._turn()
            misses = 0 if self.subscribed else misses
            now = time.monotonic()
            if now >= next_idle:
                idle()
                next_idle = now + 1.0
        self._flush()
        self.client.disconnect()

    def _connect(self) -> bool:
        self.client.fresh()
        try:
            return self.client.connect(self.host, self.port, keepalive=30) == MQTTErrorCode.MQTT_ERR_SUCCESS
        except (OSError, ValueError) as fault:
            self._say_lost(f"broker {self.host}:{self.port}: {fault}")
            return False

    def _turn(self) -> None:
        """Read what has come, and keep the batch when it is full or has waited long enough."""
        quiet = not self._receive(QUIET_S if self._pending else 0.5)
        if not self._pending:
            return
        now = time.monotonic()
        due = quiet or len(self._pending) >= BATCH or now - self._oldest >= LINGER_S
        if due and now >= self._retry_at:
            self._flush()

    def _receive(self, wait_s: float) -> bool:
        """Take what has come, and tell whether anything has; while nothing can be kept, leave it with the broker."""
        link = self.client.socket()
        if link is None:
            return False
        found: list[_Arrived] = []
        if len(self._pending) >= BATCH and time.monotonic() < self._retry_at:
            time.sleep(LINGER_S)
        elif select.select([link], [], [], wait_s)[0]:
            found = self.client.take()
            if found and not self._pending:
                self._oldest = time.monotonic()
            self._pending += found
        if self.client.want_write():
            self.client.loop_write()
        self.client.loop_misc()
        if self.client.socket() is None:
            self._drop()
        return bool(found)

    def _flush(self) -> None:
        batch = self._pending
        if not batch:
            return
        try:
            self.keep([(m.topic, m.payload) for m in batch])
        except Unreachable as fault:
            if not self._retry_at:
                log.error("mqtt: %s; nothing is acknowledged until it can be kept", fault)
            self.reason, self._retry_at = str(fault), time.monotonic() + RETRY_S
            return
        self._retry_at = 0.0
        self._pending = []
        self._acknowledge(batch)

    def _acknowledge(self, batch: Sequence[_Arrived]) -> None:
        """Send every PUBACK of a batch at once; where paho has bytes of its own to send, one by one behind them."""
        link = cast("socket.socket | None", self.client.socket())
        if link is None:
            return  # the broker hands them over again, and the store knows them
        if self.client.want_write():
            for message in batch:
                self.client.ack(message.mid, message.qos)
            return
        packets = b"".join(PUBACK + m.mid.to_bytes(2, "big") for m in batch if m.qos == 1)
        try:
            link.settimeout(SEND_S)
            link.sendall(packets)
            link.setblocking(False)
        except OSError as fault:
            self._say_lost(f"broker {self.host}:{self.port}: {fault}")
            self.client.disconnect()

    def _connected(
        self, client: paho.Client, _data: object, _flags: object, code: ReasonCode, _properties: object
    ) -> None:
        if code.is_failure:
            self._say_lost(f"broker refuses: {code}")
            return
        client.subscribe([(topic, 1) for topic in self.topics])

    def _granted(
        self, _client: paho.Client, _data: object, _mid: int, codes: Sequence[ReasonCode], _properties: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._say_lost("broker refuses the subscription")
            return
        if not self.subscribed:
            log.info("mqtt: subscribed at %s:%s", self.host, self.port)
        self.subscribed, self.reason = True, ""

    def _lost(self, *_: object) -> None:
        self._say_lost(f"broker {self.host}:{self.port}: connection lost")
        self._drop()

    def _drop(self) -> None:
        """Forget what was not acknowledged: the broker hands it over again."""
        self._pending = []

    def _say_lost(self, reason: str) -> None:
        if self.subscribed or self.reason != reason:
            log.error("mqtt: %s", reason)
        self.subscribed, self.reason = False, reason
