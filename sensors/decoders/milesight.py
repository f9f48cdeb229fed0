"""Milesight EM500-UDL: distance down to the water, little-endian channel-type-value frames (maker's payload guide)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation

Step = tuple[int, Callable[[bytes, Uplink], list[Observation]]]
"""How many bytes a channel's value has, and what they mean."""

NOTHING_BELOW_MM = 0
PLAIN_SINCE = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
"""A history record older than this device's making has a clock that was never set."""


def _battery(value: bytes, uplink: Uplink) -> list[Observation]:
    return [Observation(uplink.device, "battery", uplink.received_at, float(value[0]), "%")]


def _distance(value: bytes, uplink: Uplink) -> list[Observation]:
    return [_metres(uplink.device, int.from_bytes(value, "little"), uplink.received_at)]


def _alarm(value: bytes, uplink: Uplink) -> list[Observation]:
    """Read the alarm frame: tenths of a millimetre, unlike the plain one (so the maker's own decoder)."""
    return [_metres(uplink.device, int.from_bytes(value[:2], "little") / 10, uplink.received_at)]


def _history(value: bytes, uplink: Uplink) -> list[Observation]:
    at = int.from_bytes(value[:4], "little")
    return [_metres(uplink.device, int.from_bytes(value[4:], "little"), datetime.fromtimestamp(at, UTC))]


def _silent(_value: bytes, _uplink: Uplink) -> list[Observation]:
    return []


def _metres(device: str, millimetres: float, at: datetime) -> Observation:
    return Observation(device, "distance", at, round(millimetres / 1000, 4), "m")


STEPS: dict[int, Step] = {
    0x0175: (1, _battery),
    0x0382: (2, _distance),
    0x83E9: (5, _alarm),
    0x20CE: (6, _history),
    0xFF01: (1, _silent),  # protocol version
    0xFF09: (2, _silent),  # hardware version
    0xFF0A: (2, _silent),  # software version
    0xFF0B: (1, _silent),  # switched on
    0xFF0F: (1, _silent),  # class
    0xFF16: (8, _silent),  # serial number
    0xFFFE: (1, _silent),  # restart
    0xFFFF: (2, _silent),  # profile version
}


def em500_udl(uplink: Uplink) -> tuple[tuple[Observation, ...], tuple[str, ...]]:
    """Decode a frame; from an unknown channel on nothing is guessed, what stood before it is kept."""
    payload, place = uplink.payload, 0
    found: list[Observation] = []
    while place < len(payload):
        channel = int.from_bytes(payload[place : place + 2], "big")
        if payload[place] in {0xFE, 0xFF} and channel not in STEPS:
            break  # the reply to a command sent down: no reading follows
        if len(payload) < place + 2 or channel not in STEPS:
            return tuple(found), (f"payload offset {place}: unknown channel {payload[place : place + 2].hex()}",)
        size, step = STEPS[channel]
        value = payload[place + 2 : place + 2 + size]
        if len(value) < size:
            return tuple(found), (f"payload offset {place}: channel {channel:04x} is cut off",)
        if channel == 0x20CE and int.from_bytes(value[:4], "little") < PLAIN_SINCE:
            return tuple(found), (f"payload offset {place}: history record from before 2020",)
        found.extend(step(value, uplink))
        place += 2 + size
    return tuple(found), ()
