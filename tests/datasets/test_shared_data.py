"""Every real file that lies beside the checkout: read wholly, or refused by name."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from disaster_hub.terms.errors import BadInput
from sensors.datasets.dataset import Dataset
from sensors.datasets.gsi_shelters import FLAGS
from sensors.datasets.municipality import SPLIT, area_code
from sensors.datasets.recognise import read

DATA = Path(__file__).parents[3] / "shared/data"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the checkout"),
]


def everything(folder: str, pattern: str) -> list[Dataset]:
    paths = sorted((DATA / folder).glob(pattern))
    assert paths
    return [read(path) for path in paths]


def test_shelters_of_two_prefectures() -> None:
    emergency = everything("shelters/emergency", "*.json")
    evacuation = everything("shelters/evacuation", "*.json")
    assert {d.kind for d in emergency} == {"gsi-emergency"}
    assert {d.kind for d in evacuation} == {"gsi-evacuation"}
    assert sum(len(d.features) for d in emergency) == 3657
    assert sum(len(d.features) for d in evacuation) == 1841
    assert all(f.columns[word] is None for d in evacuation for f in d.features for word in FLAGS.values())
    doubles = sum(int(line.split(" ×")[0]) for d in emergency + evacuation for line in d.problems)
    assert 0 < doubles <= 400


def test_tsuruoka_shelters_as_counted_by_hand() -> None:
    features = read(DATA / "shelters/emergency/062031.json").features
    counted = Counter(word for f in features for word in FLAGS.values() if f.columns[word])
    assert len(features) == 535
    assert counted == {
        "flood": 41, "landslide": 164, "surge": 62, "earthquake": 367, "tsunami": 122, "fire": 331, "inland": 32,
    }  # fmt: skip
    ground = next(f for f in features if f.columns["name"] == "大山小学校グラウンド")
    assert {word for word in FLAGS.values() if ground.columns[word]} == {"earthquake", "fire"}
    assert {f.columns["jis5"] for f in features} == {"06203"}


def test_a_note_with_a_line_break_stays_whole() -> None:
    notes = [
        f.columns["note"]
        for d in everything("shelters/evacuation", "172014.json")
        for f in d.features
        if f.columns["note"]
    ]
    assert any("\n" in note for note in notes)


def test_addresses_of_two_prefectures() -> None:
    datasets = everything("addresses/geolonia_api_ja", "*県/*.json")
    assert sum(len(d.features) for d in datasets) == 11_757
    assert sum(int(line.split(" ×")[0]) for d in datasets for line in d.problems) == 5
    names = {d.name for d in datasets}
    assert len(names) == len(datasets)
    assert {"山形県鶴岡市", "石川県金沢市"} <= names


def test_boundaries_of_two_prefectures() -> None:
    areas = {f.id: f for d in everything("boundaries/geojson_s0010", "*.json") for f in d.features}
    assert len(areas) == 54
    assert areas["06203"].columns == {
        "code": "0620300",
        "jis5": "06203",
        "name": "鶴岡市",
        "pref": "山形県",
    }
    assert areas["17384"].columns["name"] == "志賀町"
    assert all(f.geometry.is_valid for f in areas.values())


def test_flood_zones_of_the_mesh_form() -> None:
    zones = read(DATA / "hazard_polygons/ksj_excerpt_nakatsu/flood_planned.excerpt.geojson").features
    assert [f.columns["rank"] for f in zones] == [2, 1, 3, 1, 2, 1]
    assert {(f.columns["scale"], f.columns["rank_kind"]) for f in zones} == {("planned", "depth")}


PLATEAU = "hazard_polygons/plateau_22203_numazu"


def test_slopes_of_numazu_and_tamana() -> None:
    zones = read(DATA / PLATEAU / "523857_lsld_6668_op.gml").features
    assert len(zones) == 81
    assert {f.columns["rank"] for f in zones} <= {1, 2}
    assert all(f.geometry.is_valid and not f.geometry.is_empty for f in zones)
    tamana = read(DATA / "hazard_polygons/plateau_43206_tamana_lsld/493023_lsld_6697_op.gml").features
    assert [(f.columns["zone"], f.columns["phenomenon"]) for f in tamana] == [
        ("警戒区域", "急傾斜地の崩壊"), ("特別警戒区域", "急傾斜地の崩壊"),
    ]  # fmt: skip


def test_floods_of_takaoka_and_kisarazu_carry_metres() -> None:
    zone = read(DATA / "hazard_polygons/plateau_16202_takaoka_fld/55360704_fld_6697_l2.gml").features[0]
    assert (zone.columns["scale"], zone.columns["low_m"], zone.columns["high_m"]) == ("maximum", 0.0, 0.5)
    assert zone.columns["river"] == "小矢部川水系岸渡川"
    assert zone.geometry.bounds == pytest.approx((136.92825, 36.67467, 136.93019, 36.675), abs=1e-5)
    tsunami = read(DATA / "hazard_polygons/plateau_12206_kisarazu_tnm/523977_tnm_6697_op.gml").features
    assert [(f.columns["hazard"], f.columns["scale"], f.columns["high_m"]) for f in tsunami] == [
        ("tsunami", None, 0.5),
    ]


def test_numazu_alone_has_no_depths_and_with_its_code_lists_it_has(tmp_path: Path) -> None:
    alone = read(DATA / PLATEAU / "523855_tnm_6697_op.gml")
    assert {(f.columns["low_m"], f.columns["high_m"]) for f in alone.features} == {(None, None)}
    assert "kept as not known" in alone.problems[0]
    folder = tmp_path / "22203_numazu-shi_city_2023_citygml_1_op"
    (folder / "udx/tnm").mkdir(parents=True)
    (folder / "codelists").symlink_to(DATA / "hazard_polygons/plateau_codelists/22203")
    (folder / "udx/tnm/523855_tnm_6697_op.gml").symlink_to(DATA / PLATEAU / "523855_tnm_6697_op.gml")
    whole = read(folder / "udx/tnm/523855_tnm_6697_op.gml")
    assert whole.name == "22203/tnm/523855_tnm_6697_op.gml"
    assert sorted((f.columns["low_m"], f.columns["high_m"]) for f in whole.features) == [
        (0.01, 0.3), (0.3, 1.0), (1.0, 2.0),
    ]  # fmt: skip


def test_tachikawas_roads_are_pairs_of_edges() -> None:
    links = read(DATA / "road_network/tachikawa.graphml").features
    oneway = sum(f.columns["oneway"] == "yes" for f in links)
    assert 2 * (len(links) - oneway) + oneway == 10_515
    assert len({f.id for f in links}) == len(links)
    assert len({f.columns[end] for f in links for end in ("from_node", "to_node")}) == 4106


def test_the_standard_sheet_of_shelters() -> None:
    dataset = read(DATA / "shelters/standard_dataset_form/shirasagi_City_designation_Shelter.csv")
    first = dataset.features[0]
    assert dataset.kind == "standard-shelters"
    assert first.id == "100000-2024ES000001"
    assert {word for word in FLAGS.values() if first.columns[word]} == {"flood", "tsunami"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("hazard_polygons/ksj_excerpt_nakatsu/sediment.excerpt.geojson", "column A33_002 is missing"),
        ("hazard_polygons/rank_tables/water-depth-8rank.json", "a JSON object with id"),
        ("shelters/data-availability.json", "a JSON object with unavailable"),
        ("hazard_polygons/plateau_codelists/22203/WaterBody_class.xml", "XML <gml:Dictionary>"),
        ("addresses/geolonia_api_ja/ja.06_17.json", "a JSON object with 山形県"),
        ("boundaries/topojson_s0010/N03-21_06_210101.json", "a JSON object with type, arcs"),
    ],
)
def test_other_kinds_are_refused_by_name(path: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(DATA / path)
    assert words in str(refusal.value)


def test_every_area_that_is_made_from_a_code_is_one_of_jma() -> None:
    known = set(json.loads((DATA / "jma_codes/area.json").read_text(encoding="utf-8"))["class20s"])
    municipalities = {code[:5] for code in known}
    made = {area_code(code) for code in municipalities - SPLIT}
    assert made - {None} <= known | {f"{code}00" for code in SPLIT}
    assert not {code for code in municipalities if f"{code}00" not in known} - SPLIT
