"""What devices send over MQTT: envelopes of ChirpStack and The Things Stack, and plain JSON readings."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import QUANTITIES, Quality, to_house_unit
from sensors.parsed import parsed

MAX_BYTES = 65_536
DEVICE = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"
TOPICS = (
    ("plain", re.compile(rf"hub/devices/({DEVICE})/up")),
    ("chirpstack", re.compile(rf"application/[A-Za-z0-9_.-]{{1,64}}/device/({DEVICE})/event/up")),
    ("ttn", re.compile(rf"v3/[A-Za-z0-9_.@-]{{1,100}}/devices/({DEVICE})/up")),
)
FILTERS = ("hub/devices/+/up", "application/+/device/+/event/up", "v3/+/devices/+/up")
"""What `listen` subscribes to."""
EUI = re.compile(r"[0-9a-f]{16}")
MOST = 1e7
"""No quantity of the house comes near this in its unit."""


class _Plain(msgspec.Struct):
    device: str
    quantity: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    value: float | None
    unit: str
    quality: Quality = Quality.OK


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
    said = _said(payload)
    if said.device != device:
        raise BadInput(f"device: the payload says {said.device[:40]!r}, the topic {device!r}")
    return _reading(said)


def plain_of_file(payload: bytes) -> Observation:
    """Read one plain-JSON reading that came without a topic."""
    said = _said(payload)
    if not re.fullmatch(DEVICE, said.device):
        raise BadInput(f"device: {said.device[:40]!r} is no device id")
    return _reading(said)


def _said(payload: bytes) -> _Plain:
    try:
        return _PLAIN.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise BadInput(f"payload: {fault}") from None
    except RecursionError:
        raise BadInput("payload: nested deeper than any reading") from None


@lru_cache(maxsize=256)
def _factor(quantity: str, unit: str) -> tuple[float, str]:
    """Give the factor to the house unit, and that unit."""
    return to_house_unit(1.0, unit, quantity), QUANTITIES[quantity].unit


def _reading(said: _Plain) -> Observation:
    factor, unit = _factor(said.quantity, said.unit)
    value, quality = said.value, said.quality
    if quality is not Quality.OK and quality is not Quality.SUSPECT:
        value = None
    elif value is not None:
        value *= factor
        if not -MOST <= value <= MOST:
            raise BadInput(f"value: {said.value!r} {said.unit[:20]} of {said.quantity} cannot be")
    elif quality is Quality.OK:
        raise BadInput("value: null without a quality that says why")
    at = said.at
    if at.tzinfo is not UTC:
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            raise BadInput("at: outside the years 1 to 9999") from None
    return Observation(said.device.lower(), said.quantity, at, value, unit, quality)


def envelope(topic: str | None, payload: bytes) -> Uplink:
    """Read a network server's envelope; *topic* None reads a file. What is none raises BadInput naming the field."""
    if len(payload) > MAX_BYTES:
        raise BadInput(f"{len(payload)} bytes: more than an uplink may have")
    try:
        said = parsed(payload)
    except BadInput as fault:
        raise BadInput(f"payload: {fault}") from None
    uplink = read_said(said)
    if topic is not None:
        network, device = route(topic)
        if network != uplink.network:
            raise BadInput(f"topic {topic[:60]!r}: of {network}, but the payload is of {uplink.network}")
        named = uplink.device if network == "chirpstack" else _ttn_device(said)
        if device.lower() != named.lower():
            raise BadInput(f"device: the payload says {named[:40]!r}, the topic {device!r}")
    return uplink


def is_plain(said: Any) -> bool:
    """Tell whether parsed JSON is a plain reading."""
    return isinstance(said, dict) and {"device", "quantity"} <= said.keys()


def is_envelope(said: Any) -> bool:
    """Tell whether parsed JSON is an uplink of one of the networks."""
    return isinstance(said, dict) and ("deviceInfo" in said or "devEUI" in said or "end_device_ids" in said)


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
    """Read ChirpStack v4, or v3, which has `devEUI` at the top, in base64 where it was told nothing else."""
    info = said.get("deviceInfo", {})
    if "deviceInfo" in said:
        device = _eui("deviceInfo.devEui", info.get("devEui") if isinstance(info, dict) else None)
    else:
        device = _eui("devEUI", said["devEUI"])
    return Uplink(
        device=device,
        network="chirpstack",
        received_at=_chirpstack_time(said),
        f_cnt=_count(said, "fCnt", 0xFFFF_FFFF),
        f_port=_count(said, "fPort", 255),
        payload=_bytes("data", said.get("data")),
    )


def _chirpstack_time(said: dict[str, Any]) -> datetime:
    heard = said.get("rxInfo")
    first = heard[0] if isinstance(heard, list) and heard and isinstance(heard[0], dict) else {}
    return _time("time", said.get("time") or said.get("publishedAt") or first.get("time"))


def _things_stack(said: dict[str, Any]) -> Uplink:
    """Read The Things Stack, which leaves out every field that is zero; its network's time goes before its outbox's."""
    ids, message = said["end_device_ids"], said.get("uplink_message")
    if not isinstance(ids, dict):
        raise BadInput("end_device_ids: not an object")
    if not isinstance(message, dict):
        raise BadInput("uplink_message: missing")
    return Uplink(
        device=_eui("end_device_ids.dev_eui", ids.get("dev_eui")),
        network="ttn",
        received_at=_time("uplink_message.received_at", message.get("received_at") or said.get("received_at")),
        f_cnt=_count(message, "f_cnt", 0xFFFF_FFFF) or 0,
        f_port=_count(message, "f_port", 255),
        payload=_bytes("uplink_message.frm_payload", message.get("frm_payload")),
    )


def _ttn_device(said: Any) -> str:
    return str(said["end_device_ids"].get("device_id", ""))


def _eui(field: str, value: Any) -> str:
    text = value.lower() if isinstance(value, str) else ""
    if EUI.fullmatch(text):
        return text
    if isinstance(value, str) and len(value) == 12:
        try:
            return base64.b64decode(value, validate=True).hex().rjust(16, "0")
        except (binascii.Error, ValueError):
            pass  # not base64 either: refused below
    raise BadInput(f"{field}: {str(value)[:20]!r} is not a DevEUI")


def _time(field: str, value: Any) -> datetime:
    if not isinstance(value, str):
        raise BadInput(f"{field}: missing")
    # Nanoseconds, as some networks write them, are more than Python's times hold.
    text = re.sub(r"(\.\d{6})\d+", r"\1", value[:60])
    try:
        return aware(text)
    except BadInput as fault:
        raise BadInput(f"{field}: {fault}") from None


def _count(said: dict[str, Any], field: str, most: int) -> int | None:
    value = said.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadInput(f"{field}: {str(value)[:20]!r} is no count")
    return value


def _bytes(field: str, value: Any) -> bytes:
    """Read base64; a frame without a payload has none, or null."""
    try:
        return base64.b64decode(value or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise BadInput(f"{field}: not base64") from None
