"""Every real and official file that lies beside the checkout, read wholly or with its problem named."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from disaster_hub.terms.bulletin import Bulletin
from disaster_hub.terms.clock import aware
from disaster_hub.terms.findings import Findings, Kind
from disaster_hub.terms.observation import Basis
from disaster_hub.terms.quantity import Quality
from sensors.decoders import decode
from sensors.feeds.codes import TITLES
from sensors.recognise import read
from sensors.uplinks import envelope

DATA = Path(__file__).parents[3] / "shared/data"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the checkout"),
]
TELEGRAMS = sorted((DATA / "jma_xml").rglob("*.xml"))
HOURS = sorted((DATA / "river/k_river/original_hours").rglob("*.json"))
VENDOR = DATA / "mqtt/thingsboard"
STATUS = {"通常": "actual", "訓練": "exercise", "試験": "test"}
INFO = {"発表": "issue", "訂正": "correction", "遅延": "delay", "取消": "cancel"}


def telegram(name: str) -> tuple[Findings, Bulletin]:
    found = read((DATA / "jma_xml" / name).read_bytes())
    assert found.bulletin is not None
    return found, found.bulletin


@pytest.mark.parametrize("path", TELEGRAMS, ids=lambda p: p.name)
def test_every_telegram(path: Path) -> None:
    """The envelope by another reading; no problem but that of a body that is not read yet."""
    found = read(path.read_bytes())
    said, tree = found.bulletin, etree.parse(str(path))
    assert found.kind is Kind.TELEGRAM
    assert said is not None

    def text(name: str) -> str:
        return (tree.findtext(f".//{{*}}{name}") or "").strip()

    head = (tree.findtext("{*}Head/{*}Title") or "").strip()
    assert (found.title, said.office, said.head_title) == (text("Title"), text("EditorialOffice"), head)
    assert (said.status.value, said.info_type.value) == (STATUS[text("Status")], INFO[text("InfoType")])
    assert (said.reported_at, said.sent_at) == (aware(text("ReportDateTime")), aware(text("DateTime")))
    assert (said.event_id, said.serial) == (text("EventID") or None, text("Serial") or None)
    known = said.type is not None
    assert known == (found.title in TITLES)
    assert len(found.problems) == (0 if known else 1), found.problems
    assert read(path.read_bytes()) == found


def test_there_are_as_many_telegrams_as_the_list_says() -> None:
    assert len(TELEGRAMS) == 253
    read_here = Counter(t for p in TELEGRAMS if (b := read(p.read_bytes()).bulletin) and (t := b.type))
    assert read_here == {
        "VPWW53": 12, "VPWW54": 9, "VPWW55": 4, "VPWW56": 3, "VPWW57": 1, "VPWW58": 1, "VPWW59": 2, "VPWW60": 1,
        "VPWW61": 4, "VXKO": 6, "VXWW50": 14,
    }  # fmt: skip


def test_the_surge_of_nanjo_is_level_2_though_4_is_expected_next_day() -> None:
    _, said = telegram("real/bsaf_2026/vpww57_storm-surge_lv2.xml")
    assert [(w.area_name, w.level) for w in said.warnings if w.active] == [("南城市", 2)]


def test_three_municipalities_of_iwate_stand_at_4_by_the_supplement() -> None:
    _, said = telegram("real/bsaf_2026/vxww50_landslide-alert.xml")
    found = {w.area_name: (w.level, w.change) for w in said.warnings if w.active}
    assert found == {"西和賀町": (4, "発表"), "北上市": (4, "継続"), "金ケ崎町": (4, "継続")}
    assert (said.event_id, said.serial) == ("岩手県土砂災害警戒情報", "2")


def test_the_taihei_river_and_its_two_gauges() -> None:
    found, said = telegram("real/bsaf_2026/vxko_flood_lv3.xml")
    assert [(r.area, r.level) for r in said.rivers] == [("820209000400", 3)]
    (main, values), (other, silent) = found.series
    assert (main.id, main.name) == ("82020900040000033", "太平本町")
    limits = {"standby": 1.2, "advisory": 1.5, "judgement": 1.7, "danger": 2.2, "design_high": 2.58}
    assert main.thresholds == limits
    assert [o.value for o in values if o.quality is Quality.OK] == [1.73, 1.98, 2.0, 2.0]
    assert [o.basis for o in values] == [Basis.OBSERVED] + [Basis.FORECAST] * 21
    assert values[0].at == datetime(2026, 7, 29, 16, 40, tzinfo=UTC)
    assert other.thresholds["danger"] == 3.5
    assert {(o.value, o.quality) for o in silent} == {(None, Quality.MISSING)}


def test_a_sample_with_a_flow_station_and_one_invalid_threshold() -> None:
    for name in ("16_01_01_220728", "16_06_01_220728"):
        found, _ = telegram(f"official_samples/{name}_VXKOii.xml")
        assert len(found.series) == 3
        for station, values in found.series:
            assert values
            assert {o.quantity for o in values} == {station.quantity}
            assert len(station.thresholds) in {4, 5}
            assert sum(o.basis is Basis.OBSERVED for o in values) == 1
    flows = [
        s for p in TELEGRAMS if "VXKO" in p.name for s in read(p.read_bytes()).stations if s.quantity == "discharge"
    ]
    assert len(flows) == 3


def test_the_real_feed() -> None:
    found = read((DATA / "jma_feed/eqvol_l.xml").read_bytes())
    assert (found.kind, found.title, len(found.entries), found.problems) == (Kind.FEED, "長期（地震火山）", 573, ())
    assert len({e.id for e in found.entries}) == 573
    assert all(e.id.endswith(".xml") and e.title and e.office for e in found.entries)
    assert found.updated is not None
    assert all(found.updated - e.updated < timedelta(days=8) for e in found.entries)


@pytest.mark.parametrize("path", HOURS, ids=lambda p: p.stem)
def test_an_hour_of_gauges(path: Path) -> None:
    found = read(path.read_bytes())
    rows = json.loads(path.read_text(encoding="utf-8"))["items"]
    assert (found.kind, found.problems) == (Kind.RIVER, ())
    assert len(found.series) == len(rows) == len(found.observations)
    for (station, (seen,)), row in zip(found.series, rows, strict=True):
        assert (station.id, station.name, station.town) == (row["code"], row["name"].strip(), row["townCode"])
        assert (station.lon, station.lat) == (row["longitude"], row["latitude"])
        assert (seen.value, seen.at) == (row["level"], aware(row["observedAt"]))
        keys = {"startLevel": "start", "warnLevel": "warn", "fladLevel": "flood"}
        assert station.thresholds == {word: row[key] for key, word in keys.items() if row[key] is not None}


def test_a_year_of_two_cities_gauges() -> None:
    lines = (
        (DATA / "river/k_river/tsuruoka_kanazawa_2025-09_to_2026-07.ndjson").read_text(encoding="utf-8").splitlines()
    )
    items = [json.loads(line)["item"] for line in lines]
    live = [item | {"lat": item["latitude"], "lon": item["longitude"]} for item in items]
    for body in ({"items": items}, {"obss": live}):
        found = read(json.dumps(body).encode())
        assert (len(found.observations), len(found.stations), found.problems) == (8818, 23, ())


@pytest.mark.parametrize("network", ["ChirpStack", "ThingsStackCommunity", "ThingsStackIndustries"])
def test_the_vendors_frames_decode_as_the_vendor_expects(network: str) -> None:
    folder = VENDOR / "Milesight/EM500-UDL" / network / "uplink"
    expected = json.loads((folder / "result.json").read_text())
    (moment,) = expected["telemetry"]
    uplink = envelope(None, (folder / "payload.json").read_bytes())
    assert (uplink.device, uplink.f_port) == (expected["attributes"]["eui"], expected["attributes"]["fPort"])
    seen, problems = decode("EM500-UDL", uplink)
    values = moment["values"]
    assert {o.quantity: o.value for o in seen} == {"battery": values["battery"], "distance": values["distance"] / 1000}
    assert {int(o.at.timestamp() * 1000) for o in seen} == {moment["ts"]}
    assert problems == ()


def test_a_malformed_time_is_a_problem_and_no_reading() -> None:
    found = read((VENDOR / "Milesight/EM500-UDL/HTTP/uplink/payload.json").read_bytes(), device="EM500-UDL")
    assert (found.kind, found.observations) == (Kind.UPLINK, ())
    assert found.problems[0].startswith("time: not an ISO 8601 time: '2020-0327T12:39:05")


@pytest.mark.parametrize("path", sorted(VENDOR.rglob("payload*.json")), ids=lambda p: "-".join(p.parts[-4:]))
def test_every_envelope_is_read_or_refused_and_no_payload_is_guessed(path: Path) -> None:
    found = read(path.read_bytes())
    network = path.parts[-3]
    assert found.observations == ()
    assert len(found.problems) == 1
    if network.startswith("Things"):
        assert found.uplink is not None
        assert found.uplink.network == "ttn"
    elif network == "ChirpStack":
        assert found.kind is Kind.UPLINK
        assert found.uplink is not None or found.problems[0].startswith("time")
    elif network in {"LORIOT", "ThingPark", "ThingParkEnterprise"}:
        assert found.kind is None
