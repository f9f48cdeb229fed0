"""Milesight EM500-UDL: distance down to the water, little-endian channel-type-value frames (maker's payload guide)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation

Step = tuple[int, Callable[[bytes, Uplink], Observation | None]]
"""How many bytes a channel's value has, and what they mean."""

BEFORE_THE_DEVICE = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=1)
"""A history record from outside these bounds has a clock that was never set: its time would be a guess."""


def _battery(value: bytes, uplink: Uplink) -> Observation:
    if value[0] > 100:
        raise BadInput(f"battery {value[0]} % cannot be")
    return Observation(uplink.device, "battery", uplink.received_at, float(value[0]), "%")


def _distance(value: bytes, uplink: Uplink) -> Observation:
    return _metres(uplink.device, int.from_bytes(value, "little"), uplink.received_at)


def _alarm(value: bytes, uplink: Uplink) -> Observation:
    """Read tenths of a millimetre: the alarm frame counts unlike the plain one (the maker's own decoder)."""
    return _metres(uplink.device, int.from_bytes(value[:2], "little") / 10, uplink.received_at)


def _history(value: bytes, uplink: Uplink) -> Observation:
    at = datetime.fromtimestamp(int.from_bytes(value[:4], "little"), UTC)
    if not BEFORE_THE_DEVICE <= at <= uplink.received_at + AHEAD:
        raise BadInput(f"history record of {at:%Y-%m-%d %H:%M}: the device's clock is wrong")
    return _metres(uplink.device, int.from_bytes(value[4:], "little"), at)


def _silent(_value: bytes, _uplink: Uplink) -> None:
    """Say nothing that is measured: the device speaks of itself, or repeats what it was told."""


def _metres(device: str, millimetres: float, at: datetime) -> Observation:
    return Observation(device, "distance", at, round(millimetres / 1000, 4), "m")


READINGS: dict[int, Step] = {
    0x0175: (1, _battery),
    0x0382: (2, _distance),
    0x83E9: (5, _alarm),
    0x20CE: (6, _history),
}
ABOUT_ITSELF = {0x01: 1, 0x09: 2, 0x0A: 2, 0x0B: 1, 0x0F: 1, 0x16: 8, 0xFE: 1, 0xFF: 2}
"""Channel FF: protocol, hardware, software, switched on, class, serial number, restart, profile → length."""
REPLIES = {
    0x02: 2, 0x03: 2, 0x06: 9, 0x10: 1, 0x11: 4, 0x17: 2, 0x1C: 2, 0x27: 1, 0x28: 1, 0x35: 8, 0x3B: 1, 0x4A: 1,
    0x68: 1, 0x69: 1, 0x6A: 3, 0x84: 1, 0x96: 8, 0xF1: 4, 0xF2: 2, 0xF5: 1,
}  # fmt: skip
"""Channels FE and FF: replies to commands that were sent down → length."""
STEPS: dict[int, Step] = {
    **{channel << 8 | kind: (size, _silent) for channel in (0xFE, 0xFF) for kind, size in REPLIES.items()},
    **{0xFF << 8 | kind: (size, _silent) for kind, size in ABOUT_ITSELF.items()},
    **READINGS,
}


def em500_udl(uplink: Uplink) -> tuple[tuple[Observation, ...], tuple[str, ...]]:
    """Decode a frame; from an unknown channel on nothing is guessed, what stood before it is kept."""
    payload, place = uplink.payload, 0
    found: list[Observation] = []
    problems: list[str] = []
    while place < len(payload):
        channel = payload[place : place + 2]
        step = STEPS.get(int.from_bytes(channel, "big")) if len(channel) == 2 else None
        if step is None:
            what = f"unknown channel {channel.hex()}" if len(channel) == 2 else f"channel {channel.hex()} is cut off"
            problems.append(f"payload offset {place}: {what}; nothing behind it is read")
            break
        size, meaning = step
        value = payload[place + 2 : place + 2 + size]
        if len(value) < size:
            problems.append(f"payload offset {place}: channel {channel.hex()} is cut off, {len(value)} of {size} bytes")
            break
        try:
            seen = meaning(value, uplink)
        except BadInput as fault:
            problems.append(f"payload offset {place}: {fault}")
        else:
            found += [seen] if seen is not None else []
        place += 2 + size
    return tuple(found), tuple(problems)
