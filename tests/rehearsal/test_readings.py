"""River JSON and uplinks: what a real night holds, gauges that die and lie included."""

from __future__ import annotations

import base64
import json
import struct
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from disaster_hub.rehearsal import stage
from disaster_hub.rehearsal.city import DEVICES, GAUGES, STATIONS, minutes, moment
from disaster_hub.rehearsal.rivers import Snapshot, snapshots
from disaster_hub.rehearsal.uplinks import CUT_OFF, DIES, SPIKE, Uplink, uplinks

RIVERS = list(snapshots())
UPLINKS = uplinks()


def rows(one: Snapshot) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in json.loads(one.body)["obss"]}


def test_only_gauges_above_their_start_are_listed_and_flags_agree() -> None:
    for one in RIVERS:
        for row in rows(one).values():
            assert row["level"] >= row["startLevel"]
            warned = row["warnLevel"] is not None and row["level"] >= row["warnLevel"]
            assert row["over"] == 1 + 10 * warned + 100 * (row["level"] >= row["fladLevel"])
    assert len(rows(RIVERS[0])) < len(rows(RIVERS[-1])) <= len(GAUGES) + 2
    assert {row["over"] for one in RIVERS for row in rows(one).values()} >= {1, 11, 111}


def test_old_rows_stay_and_one_gauge_falls_silent_while_it_rises() -> None:
    silent = [g for g in GAUGES if g.silent_after]
    assert len(silent) == 1
    last = rows(RIVERS[-1])[silent[0].code]
    assert datetime.fromisoformat(last["obsTime"]) == moment("17:25")
    levels = [rows(one)[silent[0].code]["level"] for one in RIVERS if moment("17:00") < one.at <= moment("17:26")]
    assert levels[-1] > levels[0]
    old = [row for row in rows(RIVERS[-1]).values() if row["obsTime"] < "2026-09-01"]
    assert len(old) == 2


def test_the_file_is_made_oftener_when_the_river_is_high() -> None:
    gaps = Counter((b.at - a.at) // timedelta(minutes=1) for a, b in pairwise(RIVERS))
    assert set(gaps) == {10, 5}
    for a, b in pairwise(RIVERS):
        if moment("20:30") < a.at < moment("23:00"):
            assert b.at - a.at == timedelta(minutes=5)


def test_the_stage_curve_meets_the_thresholds_when_the_telegrams_say_so() -> None:
    main = STATIONS[0].thresholds
    for at, low, high in (("16:30", main[1], main[2]), ("18:40", main[2], main[3]), ("20:20", main[3], main[4])):
        assert high is not None
        assert low <= stage.level("river", minutes(moment(at))) < high
    assert main[4] is not None
    assert stage.level("river", minutes(moment(stage.BREACH))) > main[4]
    assert stage.level("river", minutes(moment("23:30"))) < main[3]
    assert stage.level("river", minutes(moment("00:40"))) < main[2]
    assert stage.level("river", minutes(moment("02:00"))) > main[1]


def frames(device: str) -> list[tuple[datetime, bytes]]:
    """Give time of publishing and frame of one LoRaWAN device."""
    found = []
    for one in UPLINKS:
        message = json.loads(one.payload)
        if device in one.topic and "data" in message:
            found.append((one.at, base64.b64decode(message["data"])))
        elif device in one.topic and "uplink_message" in message:
            found.append((one.at, base64.b64decode(message["uplink_message"]["frm_payload"])))
    return found


def test_frames_hold_what_the_maker_says() -> None:
    assert sum(d.network != "plain" for d in DEVICES) == 8
    for device in (d for d in DEVICES if d.network != "plain"):
        for _, frame in frames(device.id):
            assert frame[:2] in {b"\x01\x75", b"\x20\xce"}
            if frame[:2] == b"\x01\x75":
                assert frame[3:5] == b"\x03\x82"
                distance = struct.unpack("<H", frame[5:7])[0] / 1000
                assert device.zero_m is not None
                assert 0 <= distance <= device.zero_m + 0.05


def test_one_sensor_dies_and_one_sends_its_past_later() -> None:
    assert max(at for at, _ in frames(DIES[0])) < moment(DIES[1]) + timedelta(seconds=5)
    late = [(at, frame) for at, frame in frames(CUT_OFF[0]) if frame[:2] == b"\x20\xce"]
    assert len(late) >= 3
    for at, frame in late:
        for start in range(0, len(frame), 8):
            assert frame[start : start + 2] == b"\x20\xce"
            seen = struct.unpack("<I", frame[start + 2 : start + 6])[0]
            assert moment(CUT_OFF[1]).timestamp() < seen < moment(CUT_OFF[2]).timestamp() < at.timestamp() + 120


def test_plain_readings_are_small_and_one_is_absurd_and_one_is_missing() -> None:
    plain = [json.loads(one.payload) for one in UPLINKS if one.topic.startswith("hub/devices/")]
    assert all(topic_of(one) for one in UPLINKS if one.topic.startswith("hub/"))
    assert all(len(one.payload) <= 150 for one in UPLINKS if one.topic.startswith("hub/"))
    assert {r["at"] for r in plain if r["value"] == SPIKE[2]} == {"2026-09-18T09:23:03Z"}
    assert len({r["at"] for r in plain if r["value"] is None and r["quality"] == "missing"}) == 1
    assert max(r["value"] for r in plain if r["quantity"] == "rainfall") >= 5


def topic_of(one: Uplink) -> bool:
    return one.topic == f"hub/devices/{json.loads(one.payload)['device']}/up"


def test_some_uplinks_come_twice_and_zero_fields_are_left_out() -> None:
    assert sum(count > 1 for count in Counter((u.topic, u.payload) for u in UPLINKS).values()) > 50
    first = next(json.loads(u.payload) for u in UPLINKS if u.topic.startswith("v3/"))
    assert "f_cnt" not in first["uplink_message"]
    assert [u.at for u in UPLINKS] == sorted(u.at for u in UPLINKS)
