"""GSI shelters: an empty hazard column sends nobody there; odd files are read or refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disaster_hub.terms.errors import BadInput
from sensors.datasets.gsi_shelters import FLAGS
from sensors.datasets.recognise import read, recognise
from tests.datasets.makers import geojson, spot

EMERGENCY: dict[str, Any] = {
    "NO": 1, "共通ID": "E9920100001201", "都道府県名及び市町村名": "架空県みなも市", "施設・場所名": "高台公園",
    "住所": "架空県みなも市高台1", **dict.fromkeys(FLAGS, ""), "指定避難所との住所同一": "", "備考": "",
}  # fmt: skip
EVACUATION: dict[str, Any] = {
    "NO": 1, "共通ID": "E9920100001111", "都道府県名及び市町村名": "架空県みなも市", "施設・場所名": "みなも小学校",
    "住所": "架空県みなも市本町2", "指定緊急避難場所との住所同一": "1", "その他市町村長が必要と認める事項": None,
    "受入対象者": None, "備考": "",
}  # fmt: skip


def one(path: Path) -> dict[str, Any]:
    dataset = read(path)
    assert len(dataset.features) == 1
    return dict(dataset.features[0].columns)


def test_an_empty_column_is_not_designated(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", [(EMERGENCY | {"地震": "1", "大規模な火事": "1"}, spot())])
    shelter = one(path)
    assert {word for word in FLAGS.values() if shelter[word]} == {"earthquake", "fire"}
    assert all(shelter[word] is False for word in FLAGS.values() if word not in {"earthquake", "fire"})
    assert shelter["designation"] == "emergency"
    assert shelter["jis5"] == "99201"


def test_an_evacuation_shelter_says_nothing_of_hazards(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", [(EVACUATION, spot())])
    shelter = one(path)
    assert recognise(path) == "gsi-evacuation"
    assert [shelter[word] for word in FLAGS.values()] == [None] * 8
    assert shelter["same_address"] is True
    assert shelter["accepts"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_csv_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    row = EMERGENCY | {"洪水": "1", "備考": '体育館は閉鎖\r\n"校庭のみ"', "緯度": "38.7", "経度": "139.8"}
    cells = ['"' + str(value).replace('"', '""') + '"' for value in row.values()]
    path = tmp_path / "mergeFromCity_1.csv"
    path.write_bytes((",".join(row) + "\r\n" + ",".join(cells) + "\r\n").encode(encoding))
    shelter = one(path)
    assert shelter["flood"] is True
    assert shelter["landslide"] is False
    assert shelter["note"] == '体育館は閉鎖\r\n"校庭のみ"'
    assert read(path).features[0].geometry.coords[0] == (139.8, 38.7)


def test_a_shelter_without_a_position_is_counted(tmp_path: Path) -> None:
    dataset = read(geojson(tmp_path / "a.json", [(EMERGENCY, None), (EMERGENCY | {"共通ID": "E2"}, spot())]))
    assert len(dataset.features) == 1
    assert dataset.problems == ("1 × shelter without a position, left off the map (first: a.json: features[0])",)


def test_the_same_name_twice_is_kept_and_counted(tmp_path: Path) -> None:
    dataset = read(geojson(tmp_path / "a.json", [(EMERGENCY, spot()), (EMERGENCY | {"共通ID": "E2"}, spot())]))
    assert len(dataset.features) == 2
    assert "name that another shelter has too" in dataset.problems[0]


def test_unavailable_is_not_known_and_not_none(tmp_path: Path) -> None:
    path = tmp_path / "062031.json"
    path.write_text('{"type":"unavailable"}', encoding="utf-8")
    dataset = read(path)
    assert dataset.layers == ()
    assert "publishes no list" in dataset.problems[0]


@pytest.mark.parametrize(
    ("change", "geometry", "words"),
    [
        ({"洪水": "○"}, spot(), "features[0]: 洪水 '○' is neither 1 nor empty"),
        ({"洪水": "0"}, spot(), "洪水 '0'"),
        ({"噴火": "1"}, spot(), "unknown column 噴火"),
        ({"共通ID": ""}, spot(), "features[0]: 共通ID is empty"),
        ({"施設・場所名": None}, spot(), "施設・場所名 is empty"),
        ({}, spot(38.7, 139.8), "outside Japan"),
        ({}, {"type": "Point", "coordinates": ["x", 3]}, "features[0]: geometry cannot be read"),
        ({}, {"type": "Point", "coordinates": []}, "features[0]"),
        ({}, {"type": "Circle", "coordinates": [139, 38]}, "geometry 'Circle'"),
        ({}, {"type": "LineString", "coordinates": [[139, 38], [139, 39]]}, "Point should be"),
    ],
)
def test_a_refusal_names_file_feature_and_field(
    tmp_path: Path, change: dict[str, Any], geometry: object, words: str
) -> None:
    path = geojson(tmp_path / "a.json", [(EMERGENCY | change, geometry)])
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("a.json: ")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    row = {key: value for key, value in EMERGENCY.items() if key != "津波"}
    with pytest.raises(BadInput, match="column 津波 is missing"):
        read(geojson(tmp_path / "a.json", [(row, spot())]))


def test_one_id_with_two_meanings_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", [(EMERGENCY, spot()), (EMERGENCY | {"洪水": "1"}, spot())])
    with pytest.raises(BadInput, match="stands there twice with different content"):
        read(path)


def test_a_csv_that_was_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join([*EMERGENCY, "緯度", "経度"]) + "\n1,E1,みなも市,公", encoding="utf-8")
    with pytest.raises(BadInput, match="line 2: 4 fields"):
        read(path)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(EMERGENCY)), st.none() | st.text(max_size=4) | st.integers()))
def test_whatever_a_row_says_it_is_read_or_refused(tmp_path_factory: Any, change: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("s") / "a.json"
    item = {"type": "Feature", "properties": EMERGENCY | change, "geometry": spot()}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [item]}), encoding="utf-8")
    try:
        dataset = read(path)
    except BadInput:
        return
    for column, word in FLAGS.items():
        said = (EMERGENCY | change)[column]
        assert dataset.features[0].columns[word] is (str(said).strip(" \t\r\n\u3000\0") == "1")
