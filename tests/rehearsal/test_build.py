"""The whole room: same bytes twice, made-up codes only, files that the hub's own readers take."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disaster_hub import configfile
from disaster_hub.rehearsal.build import build, build_night, world
from disaster_hub.rehearsal.city import DEVICES, GAUGES, MUNICIPALITIES, OFFICE, RIVER_CODE, STATIONS, moment
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.terms.codes import made_up
from disaster_hub.terms.errors import BadInput
from sensors.datasets.recognise import read

OPENED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_code_builds_the_same_bytes(rehearsal: Path, tmp_path: Path) -> None:
    said: list[str] = []
    build(tmp_path, said.append)
    assert files(tmp_path) == files(rehearsal)
    assert len(said) >= 4


def test_every_code_is_from_a_block_that_nobody_uses(rehearsal: Path) -> None:
    named = [one.area for one in MUNICIPALITIES] + [one.jis5 for one in MUNICIPALITIES]
    named += [OFFICE, RIVER_CODE, *(s.code for s in STATIONS), *(g.code for g in GAUGES), *(d.id for d in DEVICES)]
    assert all(made_up(code) for code in named)
    for path in (rehearsal / "night" / "telegrams").iterdir():
        body = path.read_text(encoding="utf-8")
        codes = re.findall(r"<(?:City|Prefecture)?Code[^>]*>(\d{5,17})</", body)
        assert all(made_up(code) for code in codes), path.name
    for line in (rehearsal / "night" / "rivers.ndjson").read_text(encoding="utf-8").splitlines():
        for row in json.loads(json.loads(line)["body"])["obss"]:
            assert made_up(row["code"])
            assert made_up(row["townCode"])


def test_the_readers_take_every_file(rehearsal: Path) -> None:
    kinds: dict[str, int] = {}
    for path in sorted((rehearsal / "opendata").rglob("*")):
        if path.is_file():
            dataset = read(path)
            kinds[dataset.kind] = kinds.get(dataset.kind, 0) + len(dataset.features)
    assert kinds.pop("osm") > 2000
    assert kinds.pop("arrivals") > 1000
    assert kinds.pop("evacuation-areas") == 10
    assert kinds.pop("statistics") > 20
    assert kinds.pop("fire-water") == 120
    said = {"gsi-emergency", "gsi-evacuation", "ksj-a31", "ksj-a33", "ksj-a51", "ksj-n03", "geolonia"}
    assert set(kinds) == said
    assert kinds["ksj-n03"] == 3
    assert kinds["gsi-emergency"] >= 40


def test_some_shelters_lie_in_the_flood_zone_and_are_not_for_floods(rehearsal: Path) -> None:
    shelters = read(rehearsal / "opendata" / "99201_指定緊急避難場所.geojson").features
    zones = read(rehearsal / "opendata" / "A31a-25_99_10_SHP.zip").features
    deep = [z.geometry for z in zones if z.columns["scale"] == "maximum" and z.columns["rank_kind"] == "depth"]
    inside = [s for s in shelters if any(zone.covers(s.geometry) for zone in deep)]
    assert 8 <= len(inside) <= 28
    assert all(s.columns["flood"] is (s not in inside) for s in shelters)
    layers = {(z.columns["scale"], z.columns["rank_kind"]) for z in zones}
    assert layers == {("planned", "depth"), ("maximum", "depth"), ("maximum", "duration"), ("maximum", "collapse")}


def test_the_configuration_is_complete(tmp_path: Path) -> None:
    here = world(OPENED, start="18:30", speed=120)
    text = config_toml(tmp_path, feed_port=8001, mqtt_port=8002, portal_port=8003, world=here)
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    config = configfile.load(path, {})
    assert config.world == here
    assert config.city.area == "9920100"
    assert config.store == f"sqlite:///{tmp_path / 'hub.gpkg'}"
    assert {s.id for s in config.sensors} == {d.id for d in DEVICES}
    assert {g.id for g in config.gauges} == {s.code for s in STATIONS} | {g.code for g in GAUGES}
    assert all(f.url.startswith("http://127.0.0.1:8001/") for f in config.feeds)
    assert config.mqtt.anonymous
    assert config.mqtt.embedded


@pytest.mark.parametrize(("start", "speed"), [("14:59", 60), ("02:01", 60), ("12:00", 60), ("x", 60), ("17:00", 601)])
def test_a_start_or_speed_outside_the_night_is_refused(start: str, speed: float) -> None:
    with pytest.raises(BadInput, match=r"start|speed"):
        world(OPENED, start=start, speed=speed)


def test_a_short_night_is_the_beginning_of_the_long_one(rehearsal: Path, tmp_path: Path) -> None:
    build_night(tmp_path, until=moment("16:00"))
    for name in ("feed.json", "rivers.ndjson", "uplinks.ndjson"):
        short = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        long = (rehearsal / "night" / name).read_text(encoding="utf-8").splitlines()
        assert 0 < len(short) < len(long)
        assert long[: len(short)] == short
