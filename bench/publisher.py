"""A fast QoS 1 publisher on a bare socket, in a process of its own: `python -m bench.publisher PORT COUNT [FIRST]`."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

WINDOW = 400
"""Messages on their way without an answer."""
DEVICES = 200
START = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)
PUBACK_BYTES = 4


def device(number: int) -> str:
    """Name the bench's device *number*."""
    return f"fe99bench{number:04d}"


def reading(number: int) -> tuple[str, bytes]:
    """Give topic and payload (150 bytes) of reading *number*: each a new time of one of the devices."""
    name = device(number % DEVICES)
    at = START + timedelta(seconds=number // DEVICES)
    said = {"device": name, "quantity": "water_level", "at": at.isoformat(), "value": 1.25, "unit": "m"}
    text = json.dumps(said, separators=(",", ":"))
    return f"hub/devices/{name}/up", (text[:-1] + " " * (150 - len(text)) + "}").encode()


def packet(number: int, first: int) -> bytes:
    """Give the PUBLISH packet (MQTT 3.1.1, QoS 1) of reading *number*."""
    topic, payload = reading(number)
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + ((number - first) % 65535 + 1).to_bytes(2, "big") + payload
    return b"\x32" + _length(len(body)) + body


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (128 if size else 0))
        if not size:
            return bytes(out)


def publish(port: int, count: int, first: int) -> None:
    """Publish *count* readings, never more than the window ahead of the broker's answers."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"bench-{first}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
        link.sendall(b"\x10" + _length(len(body)) + body)
        assert link.recv(4)[3] == 0, "the broker refuses the publisher"
        answered = 0
        for sent, batch in _batches(count, first):
            link.sendall(batch)
            while sent - answered // PUBACK_BYTES > WINDOW:
                answered += len(link.recv(65536))
        while answered // PUBACK_BYTES < count:
            answered += len(link.recv(65536))


def _batches(count: int, first: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, count, 50):
        end = min(start + 50, count)
        yield end, b"".join(packet(first + n, first) for n in range(start, end))


if __name__ == "__main__":
    publish(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
