"""The embedded MQTT broker: rumqttd in a process of its own, for one small machine. What it lacks: docs/mqtt.md."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

MAX_PAYLOAD = 65_536
SEGMENT_BYTES = 8_388_608
SEGMENTS = 16
"""128 MB of waiting messages a topic filter; the oldest go first when it is full."""


def settings(
    *,
    host: str,
    port: int,
    devices: Mapping[str, str],
    anonymous: bool,
    certificate: Path | None = None,
    key: Path | None = None,
) -> str:
    """Write rumqttd's configuration: MQTT 3.1.1 on *port*, MQTT 5 on the next one.

    Without *anonymous* only the names in *devices* (user name to password) may connect.
    """
    if not anonymous and not devices:
        raise ValueError("a broker that refuses strangers needs at least one name")
    lines = [
        "id = 0",
        "[router]",
        "id = 0",
        "max_connections = 2000",
        "max_outgoing_packet_count = 200",
        f"max_segment_size = {SEGMENT_BYTES}",
        f"max_segment_count = {SEGMENTS}",
    ]
    for version, offset in (("v4", 0), ("v5", 1)):
        lines += _listener(version, host, port + offset, certificate, key)
        if not anonymous:
            lines.append(f"[{version}.1.connections.auth]")
            lines += [f"{json.dumps(name)} = {json.dumps(word)}" for name, word in devices.items()]
    return "\n".join(lines) + "\n"


def _listener(version: str, host: str, port: int, certificate: Path | None, key: Path | None) -> list[str]:
    lines = [
        f"[{version}.1]",
        f'name = "{version}"',
        f'listen = "{host}:{port}"',
        "next_connection_delay_ms = 1",
    ]
    if certificate and key:
        lines += [
            f"[{version}.1.tls]",
            f"certpath = {json.dumps(str(certificate))}",
            f"keypath = {json.dumps(str(key))}",
        ]
    return [
        *lines,
        f"[{version}.1.connections]",
        "connection_timeout_ms = 10000",
        f"max_payload_size = {MAX_PAYLOAD}",
        "max_inflight_count = 500",
        "dynamic_filters = true",
    ]


def run(text: str) -> None:
    """Run the broker in this process until it is ended; its passwords lie in a file that only we can read."""
    from iotcore import Broker  # noqa: PLC0415  # a compiled library: only the broker's own process loads it

    logging.disable(logging.ERROR)  # it logs every packet as an error of its tracing; what matters is raised
    handle, name = tempfile.mkstemp(prefix="hub-broker-", suffix=".toml")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        Broker(config_path=name).run_forever()
    except KeyboardInterrupt:
        return
    finally:
        Path(name).unlink(missing_ok=True)
