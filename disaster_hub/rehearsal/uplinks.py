"""The night's uplinks: EM500-UDL frames through two LoRaWAN networks, and plain JSON readings."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from disaster_hub.rehearsal import stage
from disaster_hub.rehearsal.city import DEVICES, Device, minutes, moment
from disaster_hub.terms.clock import zulu

BEGINS, FINISHES = "14:00", "02:00"
LOW_S, HIGH_S = 600, 120
APPLICATION = "99000000-0000-4000-8000-000000000099"
TTN_APPLICATION = "minamo-levels@ttn"
PORT = 85
DIES = ("fe99000000000004", "19:47")
"""Falls silent for ever while the river stands high."""
CUT_OFF = ("fe99000000000005", "18:05", "18:52")
"""Out of reach between these times; then it sends what it measured meanwhile as history."""
SPIKE = ("fe99plain02", "18:22", 26.48)
"""One absurd value, as a real gauge of a real city once sent."""
UNREAD = ("fe99plain03", "20:10")
"""One reading that the device itself calls missing."""
RECORDS = 5
"""History records in one frame."""
TWICE_EVERY = 37
"""Each so many uplinks come a second time, byte for byte, as QoS 1 allows."""
TIP_MM = 0.5


@dataclass(frozen=True, slots=True)
class Uplink:
    """One MQTT message: published at *at* (UTC) on *topic*."""

    at: datetime
    topic: str
    payload: bytes


def uplinks(until: datetime | None = None) -> list[Uplink]:
    """Give every uplink of the night up to *until*, in the order of publishing, duplicates included."""
    end = min(moment(FINISHES), until or moment(FINISHES))
    found = [one for number, device in enumerate(DEVICES) for one in _of(device, number, end)]
    found.sort(key=lambda one: (one.at, one.topic))
    again = [Uplink(one.at + timedelta(seconds=3), one.topic, one.payload) for one in found[::TWICE_EVERY]]
    return sorted((*found, *again), key=lambda one: (one.at, one.topic))


def _of(device: Device, number: int, end: datetime) -> Iterator[Uplink]:
    """Give one device's uplinks: every ten minutes, every two while the water stands above its start."""
    at = moment(BEGINS) + timedelta(seconds=47 * number)
    count = 0
    held: list[datetime] = []
    while at <= end:
        if device.id == DIES[0] and at > moment(DIES[1]):
            return
        if device.id == CUT_OFF[0] and moment(CUT_OFF[1]) < at < moment(CUT_OFF[2]):
            held.append(at)
        else:
            for late in range(0, len(held), RECORDS):
                yield _history(device, held[late : late + RECORDS], at - timedelta(seconds=30 - late), count)
                count += 1
            held = []
            yield _live(device, at, count)
            count += 1
        at += timedelta(seconds=interval_s(device, at))


def interval_s(device: Device, at: datetime) -> int:
    """Give the seconds to the next reading."""
    if device.start_m is None:
        return LOW_S
    return HIGH_S if depth(device, at) >= device.start_m else LOW_S


def depth(device: Device, at: datetime) -> float:
    """Give the true water level in metres at the device."""
    assert device.water != "rain"
    return max(0.0, stage.level(device.water, minutes(at), scale=device.scale))


def _live(device: Device, at: datetime, count: int) -> Uplink:
    """Give the uplink of one reading."""
    if device.network == "plain":
        return _plain(device, at)
    frame = bytes((0x01, 0x75, max(80, 98 - count // 60))) + b"\x03\x82" + struct.pack("<H", _distance_mm(device, at))
    return _enveloped(device, at, frame, count)


def _history(device: Device, held: list[datetime], at: datetime, count: int) -> Uplink:
    """Give a frame of old readings, each with its own time."""
    records = (struct.pack("<IH", int(one.timestamp()), _distance_mm(device, one)) for one in held)
    return _enveloped(device, at, b"".join(b"\x20\xce" + record for record in records), count)


def _distance_mm(device: Device, at: datetime) -> int:
    """Give what the sensor measures down to the water, with a few millimetres of ripple."""
    assert device.zero_m is not None
    ripple = np.random.default_rng([_seed(device), int(at.timestamp())]).normal(0, 4)
    return max(0, round((device.zero_m - depth(device, at)) * 1000 + float(ripple)))


def _seed(device: Device) -> int:
    """Give a number of the device's own, the same every time."""
    return int.from_bytes(hashlib.sha256(device.id.encode()).digest()[:4], "big")


def _plain(device: Device, at: datetime) -> Uplink:
    """Give a plain JSON reading: about 100 bytes."""
    reading: dict[str, Any] = {
        "device": device.id,
        "quantity": "water_level",
        "at": zulu(at),
        "value": None,
        "unit": "m",
    }
    if device.water == "rain":
        fallen = stage.rain(minutes(at) - 5) * LOW_S / 3600
        reading |= {"quantity": "rainfall", "unit": "mm", "value": round(fallen / TIP_MM) * TIP_MM}
    elif _about(at, UNREAD, device):
        reading |= {"quality": "missing"}
    elif _about(at, SPIKE[:2], device):
        reading |= {"value": SPIKE[2]}
    else:
        ripple = np.random.default_rng([_seed(device), int(at.timestamp())]).normal(0, 0.005)
        reading |= {"value": round(depth(device, at) + float(ripple), 3)}
    body = json.dumps(reading, separators=(",", ":")).encode()
    return Uplink(at, f"hub/devices/{device.id}/up", body)


def _about(at: datetime, what: tuple[str, str], device: Device) -> bool:
    """Tell whether *at* is the device's first reading from that time on, high water taken for granted."""
    late = (at - moment(what[1])).total_seconds()
    return device.id == what[0] and 0 <= late < HIGH_S


def _enveloped(device: Device, at: datetime, frame: bytes, count: int) -> Uplink:
    """Wrap a frame as its network server does."""
    data = base64.b64encode(frame).decode()
    topic, message = (_chirpstack if device.network == "chirpstack" else _ttn)(device, at, data, count)
    return Uplink(at, topic, json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())


def _chirpstack(device: Device, at: datetime, data: str, count: int) -> tuple[str, dict[str, Any]]:
    """Give topic and JSON of ChirpStack v4."""
    mark = hashlib.sha256(f"{device.id} {count}".encode()).digest()
    message = {
        "deduplicationId": str(uuid.UUID(bytes=mark[:16], version=4)),
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.000000+00:00",
        "deviceInfo": {
            "tenantId": "99000000-0000-4000-8000-000000000001", "tenantName": "Minamo",
            "applicationId": APPLICATION, "applicationName": "levels",
            "deviceProfileId": "99000000-0000-4000-8000-000000000002", "deviceProfileName": "EM500-UDL",
            "deviceName": device.name_en, "devEui": device.id, "tags": {},
        },
        "devAddr": f"fe{device.id[-6:]}", "adr": True, "dr": 5, "fCnt": count, "fPort": PORT, "confirmed": False,
        "data": data,
        "rxInfo": [{
            "gatewayId": "fe99000000000990", "uplinkId": int.from_bytes(mark[:2], "big"),
            "rssi": -60 - mark[2] % 50, "snr": 8.5, "context": "AAAAAA==", "crcStatus": "CRC_OK",
        }],
        "txInfo": {
            "frequency": 923200000,
            "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 7, "codeRate": "CR_4_5"}},
        },
    }  # fmt: skip
    return f"application/{APPLICATION}/device/{device.id}/event/up", message


def _ttn(device: Device, at: datetime, data: str, count: int) -> tuple[str, dict[str, Any]]:
    """Give topic and JSON of The Things Stack, which leaves out every field that is zero."""
    name = f"eui-{device.id}"
    uplink = {
        "session_key_id": "mQAAAAAAAAAAAAAAAAAAmQ==", "f_port": PORT, "f_cnt": count, "frm_payload": data,
        "rx_metadata": [
            {"gateway_ids": {"gateway_id": "minamo-roof", "eui": "FE99000000000991"}, "rssi": -71, "snr": 9.2},
        ],
        "settings": {
            "data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 7, "coding_rate": "4/5"}},
            "frequency": "923200000",
        },
        "received_at": f"{at:%Y-%m-%dT%H:%M:%S}.041782Z",
    }  # fmt: skip
    if count == 0:
        del uplink["f_cnt"]
    message = {
        "end_device_ids": {
            "device_id": name, "application_ids": {"application_id": TTN_APPLICATION.split("@", maxsplit=1)[0]},
            "dev_eui": device.id.upper(), "join_eui": "FE99000000000000", "dev_addr": f"FE{device.id[-6:]}",
        },
        "received_at": f"{at:%Y-%m-%dT%H:%M:%S}.248446463Z",
        "uplink_message": uplink,
    }  # fmt: skip
    return f"v3/{TTN_APPLICATION}/devices/{name}/up", message
