"""`disaster-hub read`: contract 1 to the letter."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.reading import run
from tests.sensors.payloads import PAYLOADS

KEYS = [
    "file", "kind", "title", "status", "info_type", "office", "reported_at", "event_id", "serial", "warnings", "rivers",
    "stations", "observations", "entries", "problems",
]  # fmt: skip
GOOD = PAYLOADS / "jma-telegram/VPWW55_every_level.xml"
BAD = PAYLOADS / "jma-telegram/VPWW61_unknown_code.xml"
FEED = PAYLOADS / "jma-feed/two_entries.xml"


def answer(*paths: Path | str, device: str | None = None) -> tuple[int, list[dict[str, Any]], str]:
    out, err = io.StringIO(), io.StringIO()
    code = run([str(path) for path in paths], device, out, err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


@pytest.mark.parametrize("path", [GOOD, BAD, FEED, *PAYLOADS.glob("*/ugly*[!n]"), "no/such/file"], ids=str)
def test_every_key_is_always_there(path: Path | str) -> None:
    _, (said,), _ = answer(path)
    assert list(said) == KEYS
    assert all(
        said[key] is not None for key in ("warnings", "rivers", "stations", "observations", "entries", "problems")
    )
    assert said["file"] == str(path)


def test_exit_0_where_all_is_understood_else_1_after_all_were_read() -> None:
    assert answer(GOOD, FEED)[0] == 0
    code, said, err = answer(BAD, GOOD)
    assert code == 1
    assert [one["file"] for one in said] == [str(BAD), str(GOOD)]
    assert err.splitlines() == [f"{BAD}: {problem}" for problem in said[0]["problems"]]


def test_exit_2_for_a_wrong_call() -> None:
    code, said, err = answer()
    assert (code, said) == (2, [])
    assert err


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    code, said, _ = answer(tmp_path / "nothing", tmp_path, GOOD)
    assert code == 1
    assert [one["kind"] for one in said] == [None, None, "telegram"]
    assert said[0]["problems"] == ["file: No such file or directory"]
    assert said[1]["problems"] == ["file: Is a directory"]


def test_times_are_utc_with_a_z() -> None:
    _, (said,), _ = answer(PAYLOADS / "jma-telegram/VXKO_series.xml")
    assert said["reported_at"] == "2026-09-18T11:00:00Z"
    series = said["stations"][0]["series"]
    assert series[1] == {
        "at": "2026-09-18T12:00:00Z", "value": 3.4, "unit": "m", "quality": "ok", "kind": "forecast",
        "issued_at": "2026-09-18T11:00:00Z",
    }  # fmt: skip
    assert series[0]["issued_at"] is None


def test_a_payload_is_never_guessed() -> None:
    path = PAYLOADS / "uplink/no_model.json"
    code, (said,), _ = answer(path)
    assert (code, said["kind"], said["observations"]) == (1, "uplink", [])
    code, (said,), _ = answer(path, device="EM500-UDL")
    assert code == 0
    assert said["observations"][1] == {
        "device": "fe99000000000001", "quantity": "distance", "at": "2026-09-18T11:00:00.404859Z", "value": 2.345,
        "unit": "m", "quality": "ok",
    }  # fmt: skip


def test_lines_and_terminals_are_safe_from_what_files_hold(tmp_path: Path) -> None:
    path = tmp_path / "a\u2028b.json"
    path.write_bytes(b'{"deviceInfo":{"devEui":"\\u001b[31m\\ud800"}}')
    out, err = io.StringIO(), io.StringIO()
    assert run([str(path)], None, out, err) == 1
    assert len(out.getvalue().splitlines()) == 1
    assert json.loads(out.getvalue())["file"] == str(path)
    assert "\x1b" not in err.getvalue()
    assert len(err.getvalue().splitlines()) == 1


def test_a_terminal_that_knows_no_japanese() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    assert run([str(GOOD)], None, out, io.StringIO()) == 0
    out.flush()
    assert json.loads(raw.getvalue())["title"] == "気象警報・注意報（Ｒ０６）（大雨）"
