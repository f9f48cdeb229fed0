"""Envelopes of LoRaWAN networks, plain readings, and what hostile devices send."""

from __future__ import annotations

import base64
import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality
from sensors.decoders import decode
from sensors.normalise import water_level
from sensors.uplinks import FILTERS, MAX_BYTES, envelope, plain, route

EUI = "fe99000000000001"
CHIRPSTACK = f"application/minamo/device/{EUI}/event/up"
TTN = f"v3/minamo@ttn/devices/eui-{EUI}/up"
PLAIN = "hub/devices/fe99plain01/up"
HEARD = datetime(2026, 9, 18, 11, tzinfo=UTC)
DEEP = b"[" * 30_000


def reading(**fields: Any) -> bytes:
    said = {"device": "fe99plain01", "quantity": "water_level", "at": "2026-09-18T11:00:00Z", "value": 1.5, "unit": "m"}
    return json.dumps(said | fields).encode()


def chirpstack(**fields: Any) -> bytes:
    said = {"deviceInfo": {"devEui": EUI}, "time": "2026-09-18T11:00:00+00:00", "fCnt": 4, "fPort": 85, "data": "AXVk"}
    return json.dumps(said | fields).encode()


def ttn(message: Any = None, **fields: Any) -> bytes:
    ids = {"device_id": f"eui-{EUI}", "dev_eui": EUI.upper()}
    said = {"end_device_ids": ids, "received_at": "2026-09-18T11:00:00.848446463Z", "uplink_message": message or {}}
    return json.dumps(said | fields).encode()


def frame(payload: bytes) -> Uplink:
    return Uplink(EUI, "chirpstack", HEARD, 1, 85, payload)


def told(payload: bytes) -> tuple[list[tuple[str, float | None]], tuple[str, ...]]:
    seen, problems = decode("EM500-UDL", frame(payload))
    return [(o.quantity, o.value) for o in seen], problems


def test_topics_name_the_network_and_the_device() -> None:
    assert route(CHIRPSTACK) == ("chirpstack", EUI)
    assert route(TTN) == ("ttn", f"eui-{EUI}")
    assert route(PLAIN) == ("plain", "fe99plain01")
    assert len(FILTERS) == 3


@pytest.mark.parametrize(
    "topic",
    [
        "", "hub/devices//up", "hub/devices/+/up", "hub/devices/#", "hub/devices/../up", "hub/devices/a/b/up",
        "hub/devices/a\x00/up", "hub/devices/a\n/up", "hub/devices/" + "a" * 65 + "/up", "hub/devices/a/up/",
        "$SYS/broker/uptime", "application/x/device/a/event/join", "v3/a/devices/b/down/push", "ハブ/devices/a/up",
    ],
)  # fmt: skip
def test_hostile_topics_are_refused(topic: str) -> None:
    with pytest.raises(BadInput, match="topic"):
        route(topic)


def test_a_plain_reading() -> None:
    seen = plain(PLAIN, reading(value=123, unit="cm", at="2026-09-18T20:00:00+09:00"))
    assert seen == Observation("fe99plain01", "water_level", HEARD, 1.23, "m")
    assert plain(PLAIN, reading(value=None, quality="missing")).value is None
    assert plain(PLAIN, reading(value=9, quality="missing")).value is None, "a missing value is None, whatever it says"
    assert plain(PLAIN, reading(quality="suspect")) == Observation(
        "fe99plain01", "water_level", HEARD, 1.5, "m", Quality.SUSPECT
    )


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (reading(device="fe99plain02"), "device"),
        (reading(value=None), "value"),
        (reading(value="1.5"), "value"),
        (reading(value=1e300), "value"),
        (reading(unit="ft"), "unit"),
        (reading(quantity="mood"), "quantity"),
        (reading(quality="fine"), "quality"),
        (reading(at="yesterday"), "at"),
        (reading(at="2026-09-18T11:00:00"), "at"),
        (reading(at="0001-01-01T00:00:00+09:00"), "at"),
        (reading().replace(b"1.5", b"NaN"), "payload"),
        (reading().replace(b"1.5", b"1e999"), "payload"),
        (reading()[:-1] + b',"x":' + DEEP, "payload"),
        (b"\xff\xfe", "payload"),
        (b"", "payload"),
        (b"[]", "payload"),
        (b"{}", "payload"),
        (reading(unit="m" * MAX_BYTES), "more than"),
    ],
)  # fmt: skip
def test_hostile_readings_are_refused_by_name(payload: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        plain(PLAIN, payload)
    assert len(str(caught.value)) < 200


def test_a_plain_reading_on_another_networks_topic_is_refused() -> None:
    with pytest.raises(BadInput, match="not a plain device"):
        plain(CHIRPSTACK, reading())


def test_chirpstack() -> None:
    assert envelope(CHIRPSTACK, chirpstack()) == Uplink(EUI, "chirpstack", HEARD, 4, 85, b"\x01\x75\x64")
    assert envelope(None, chirpstack(data=None, fCnt=None)).payload == b""


def test_chirpstack_of_the_third_version() -> None:
    base = base64.b64encode(bytes.fromhex(EUI)).decode()
    old = {"devEUI": base, "rxInfo": [{"time": "2026-09-18T11:00:00Z"}], "data": "AXVk", "fPort": 2}
    assert envelope(CHIRPSTACK, json.dumps(old).encode()) == Uplink(EUI, "chirpstack", HEARD, None, 2, b"\x01\x75\x64")


def test_the_things_stack_leaves_zeros_out() -> None:
    uplink = envelope(TTN, ttn({"frm_payload": "AXVk", "received_at": "2026-09-18T11:00:00.641841782Z"}))
    heard = HEARD + timedelta(microseconds=641841)
    assert uplink == Uplink(EUI, "ttn", heard, 0, None, b"\x01\x75\x64")
    late = envelope(TTN, ttn({"frm_payload": "", "f_port": 85, "f_cnt": 7}))
    assert (late.received_at, late.f_cnt, late.f_port) == (HEARD + timedelta(microseconds=848446), 7, 85)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (chirpstack(deviceInfo={"devEui": "fe99000000000002"}), "device"),
        (chirpstack(deviceInfo={"devEui": "x"}), "devEui"),
        (chirpstack(deviceInfo=[]), "devEui"),
        (chirpstack(time="2020-0327T12:39:05Z"), "time"),
        (chirpstack(time=None), "time"),
        (chirpstack(time=7), "time"),
        (chirpstack(rxInfo=[[]], time=None), "time"),
        (chirpstack(data="*"), "data"),
        (chirpstack(data=[1]), "data"),
        (chirpstack(data="あ"), "data"),
        (chirpstack(fCnt=-1), "fCnt"),
        (chirpstack(fCnt=True), "fCnt"),
        (chirpstack(fPort=256), "fPort"),
        (ttn(), "topic"),
        (DEEP, "payload"),
        (b'{"deviceInfo":' + b"9" * 5000 + b"}", "payload"),
        (b"\xff", "payload"),
        (b"7", "payload"),
        (b"{}", "deviceInfo"),
        (chirpstack(x="x" * MAX_BYTES), "more than"),
    ],
)  # fmt: skip
def test_hostile_envelopes_are_refused_by_name(payload: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        envelope(CHIRPSTACK, payload)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (ttn(end_device_ids=7), "end_device_ids"),
        (ttn(end_device_ids={"device_id": "other", "dev_eui": EUI}), "device"),
        (ttn(uplink_message=[]), "uplink_message"),
        (ttn({"f_cnt": "7"}), "f_cnt"),
        (ttn({"frm_payload": 7}), "frm_payload"),
        (ttn({"received_at": {}, "frm_payload": ""}, received_at=None), "received_at"),
    ],
)
def test_hostile_envelopes_of_the_other_network(payload: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        envelope(TTN, payload)


def test_distance_and_battery() -> None:
    assert told(bytes.fromhex("01756403821E00")) == ([("battery", 100.0), ("distance", 0.03)], ())


def test_the_alarm_frame_counts_in_tenths() -> None:
    assert told(bytes.fromhex("83e9b80b640001")) == ([("distance", 0.3)], ())


def test_a_history_record_has_its_own_time() -> None:
    at = HEARD - timedelta(hours=3)
    payload = b"\x20\xce" + struct.pack("<IH", int(at.timestamp()), 2001)
    seen, problems = decode("EM500-UDL", frame(payload))
    assert ([(o.at, o.value) for o in seen], problems) == ([(at, 2.001)], ())


@pytest.mark.parametrize("seconds", [0, int(HEARD.timestamp()) + 7200, 0xFFFF_FFFF])
def test_a_history_record_with_a_wrong_clock_is_said_and_the_rest_is_read(seconds: int) -> None:
    seen, problems = told(b"\x20\xce" + struct.pack("<IH", seconds, 2001) + b"\x03\x82\x1e\x00")
    assert seen == [("distance", 0.03)]
    assert problems[0].startswith("payload offset 0: history record of ")


def test_what_the_device_says_of_itself_or_repeats_is_skipped() -> None:
    of_itself = bytes.fromhex(
        "ff0bff ff0101 ff166746d38802580000 ff090110 ff0a0101 ff0f00 fffe01 ffff0100".replace(" ", "")
    )
    replies = bytes.fromhex("fe025802 ff035802 ff1001 ff6a000100".replace(" ", ""))
    assert told(of_itself + replies + b"\x03\x82\x1e\x00") == ([("distance", 0.03)], ())


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("0999aabb", "payload offset 3: unknown channel 0999"),
        ("ff77aabb", "payload offset 3: unknown channel ff77"),
        ("0382aa", "payload offset 3: channel 0382 is cut off, 1 of 2 bytes"),
        ("20ce", "payload offset 3: channel 20ce is cut off, 0 of 6 bytes"),
        ("03", "payload offset 3: channel 03 is cut off"),
        ("0175ff", "payload offset 3: battery 255 % cannot be"),
    ],
)
def test_what_came_before_is_kept_and_the_offset_named(tail: str, words: str) -> None:
    seen, problems = told(bytes.fromhex("017564" + tail))
    assert seen == [("battery", 100.0)]
    assert len(problems) == 1
    assert problems[0].startswith(words)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(BadInput, match="no decoder for the model 'DDS75-LB'"):
        decode("DDS75-LB", frame(b""))


def test_a_distance_becomes_a_level_above_the_stations_zero() -> None:
    seen = Observation(EUI, "distance", HEARD, 2.345, "m")
    assert water_level(seen, 6.0) == Observation(EUI, "water_level", HEARD, 3.655, "m")
    missing = Observation(EUI, "distance", HEARD, None, "m", Quality.MISSING)
    assert water_level(missing, 6.0).value is None
    with pytest.raises(BadInput, match="battery"):
        water_level(Observation(EUI, "battery", HEARD, 98.0, "%"), 6.0)
