"""What devices send over MQTT: envelopes of ChirpStack and The Things Stack, and plain JSON readings."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache
from typing import Any

import msgspec

from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import QUANTITIES, Quality, to_house_unit

MAX_BYTES = 65_536
DEVICE = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"
TOPICS = (
    ("plain", re.compile(rf"hub/devices/({DEVICE})/up")),
    ("chirpstack", re.compile(rf"application/[^/]{{1,64}}/device/({DEVICE})/event/up")),
    ("ttn", re.compile(rf"v3/[^/]{{1,100}}/devices/({DEVICE})/up")),
)
FILTERS = ("hub/devices/+/up", "application/+/device/+/event/up", "v3/+/devices/+/up")
"""What `listen` subscribes to."""
EUI = re.compile(r"[0-9a-f]{16}")


class _Plain(msgspec.Struct):
    device: str
    quantity: str
    at: str
    value: float | None
    unit: str
    quality: str = "ok"


_PLAIN = msgspec.json.Decoder(_Plain)


@lru_cache(maxsize=10_000)
def route(topic: str) -> tuple[str, str]:
    """Give (network, device) of a topic; one that no device of ours uses raises BadInput."""
    for network, shape in TOPICS:
        found = shape.fullmatch(topic)
        if found:
            return network, found[1]
    raise BadInput(f"topic {topic[:60]!r}: none that a device publishes to")


def plain(topic: str, payload: bytes) -> Observation:
    """Read one plain-JSON reading; its device must be the one its topic names (lower case in the house)."""
    network, device = route(topic)
    if network != "plain":
        raise BadInput(f"topic {topic[:60]!r}: not a plain device")
    if len(payload) > MAX_BYTES:
        raise BadInput(f"{len(payload)} bytes: more than a reading may have")
    try:
        said = _PLAIN.decode(payload)
    except msgspec.MsgspecError as fault:
        raise BadInput(f"payload: {fault}") from None
    if said.device != device:
        raise BadInput(f"device: the payload says {said.device[:40]!r}, the topic {device!r}")
    return _reading(said)


def _reading(said: _Plain) -> Observation:
    try:
        quality = Quality(said.quality)
    except ValueError:
        raise BadInput(f"quality: {said.quality[:20]!r} is not known") from None
    if quality is Quality.OK and said.value is None:
        raise BadInput("value: null without a quality that says why")
    value = to_house_unit(said.value if said.value is not None else 0.0, said.unit, said.quantity)
    kept = value if quality is Quality.OK or quality is Quality.SUSPECT else None
    unit = QUANTITIES[said.quantity].unit
    return Observation(said.device.lower(), said.quantity, aware(said.at), kept, unit, quality)


def envelope(topic: str | None, payload: bytes) -> Uplink:
    """Read a network server's envelope; *topic* None reads a file. What is none raises BadInput naming the field."""
    if len(payload) > MAX_BYTES:
        raise BadInput(f"{len(payload)} bytes: more than an uplink may have")
    try:
        said = json.loads(payload)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise BadInput(f"payload: not JSON ({fault})") from None
    uplink = read_said(said)
    if topic is not None:
        network, device = route(topic)
        named = uplink.device if network == "chirpstack" else _ttn_device(said)
        if network != uplink.network or device.lower() != named.lower():
            raise BadInput(f"device: the payload says {named[:40]!r}, the topic {device!r}")
    return uplink


def fits(said: Any) -> bool:
    """Tell whether parsed JSON is an uplink of one of the networks, or a plain reading."""
    if not isinstance(said, dict):
        return False
    return "deviceInfo" in said or "devEUI" in said or "end_device_ids" in said or {"device", "quantity"} <= said.keys()


def read_said(said: Any) -> Uplink:
    """Read parsed JSON as an envelope."""
    if not isinstance(said, dict):
        raise BadInput("payload: not an object")
    if "end_device_ids" in said:
        return _things_stack(said)
    if "deviceInfo" in said or "devEUI" in said:
        return _chirpstack(said)
    raise BadInput("deviceInfo / end_device_ids: neither is there")


def _chirpstack(said: dict[str, Any]) -> Uplink:
    info = said.get("deviceInfo", said)
    eui = info.get("devEui", info.get("devEUI")) if isinstance(info, dict) else None
    return Uplink(
        device=_eui("deviceInfo.devEui", eui),
        network="chirpstack",
        received_at=_chirpstack_time(said),
        f_cnt=_count(said, "fCnt"),
        f_port=_count(said, "fPort"),
        payload=_bytes("data", said.get("data", "")),
    )


def _chirpstack_time(said: dict[str, Any]) -> Any:
    first = (said.get("rxInfo") or [{}])[0] if isinstance(said.get("rxInfo"), list) else {}
    stamp = said.get("time") or said.get("publishedAt") or (first.get("time") if isinstance(first, dict) else None)
    return _time("time", stamp)


def _things_stack(said: dict[str, Any]) -> Uplink:
    ids, message = said["end_device_ids"], said.get("uplink_message")
    if not isinstance(ids, dict) or not isinstance(message, dict):
        raise BadInput("uplink_message: missing")
    return Uplink(
        device=_eui("end_device_ids.dev_eui", ids.get("dev_eui")),
        network="ttn",
        received_at=_time("received_at", said.get("received_at") or message.get("received_at")),
        f_cnt=_count(message, "f_cnt") or 0,  # this network leaves zeros out
        f_port=_count(message, "f_port"),
        payload=_bytes("uplink_message.frm_payload", message.get("frm_payload", "")),
    )


def _ttn_device(said: Any) -> str:
    ids = said.get("end_device_ids") if isinstance(said, dict) else None
    return str(ids.get("device_id", "")) if isinstance(ids, dict) else ""


def _eui(field: str, value: Any) -> str:
    text = value.lower() if isinstance(value, str) else ""
    if not EUI.fullmatch(text):
        raise BadInput(f"{field}: {str(value)[:20]!r} is not a DevEUI")
    return text


def _time(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise BadInput(f"{field}: missing")
    # Nanoseconds, as some networks write them, are more than Python's times hold.
    text = re.sub(r"(\.\d{6})\d+", r"\1", value)
    try:
        return aware(text)
    except BadInput as fault:
        raise BadInput(f"{field}: {fault}") from None


def _count(said: dict[str, Any], field: str) -> int | None:
    value = said.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _bytes(field: str, value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise BadInput(f"{field}: not base64") from None
