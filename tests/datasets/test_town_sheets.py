"""The town's own sheets: evacuation areas, statistics, water for fighting fires; and what is refused by line and field."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.terms.errors import BadInput
from sensors.datasets.recognise import read, recognise

RING = [[139.3, 38.9], [139.31, 38.9], [139.31, 38.91], [139.3, 38.91], [139.3, 38.9]]


def collection(path: Path, *rows: dict[str, Any], shape: object = "ring") -> Path:
    geometry = {"type": "Polygon", "coordinates": [RING]} if shape == "ring" else shape
    features = [{"type": "Feature", "properties": row, "geometry": geometry} for row in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def sheet(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_areas_drawn_by_the_town(tmp_path: Path) -> None:
    row = {
        "区域コード": "R02",
        "区域名": "右岸・芦原",
        "災害種別": "洪水・内水",
        "避難所要時間_昼": 45,
        "避難所要時間_夜": "６０分",
    }
    path = collection(tmp_path / "a.geojson", row)
    assert recognise(path) == "evacuation-areas"
    (area,) = read(path).features
    assert (area.layer, area.id, area.geometry.geom_type) == ("blocks", "R02", "Polygon")
    said = {
        "code": "R02",
        "name": "右岸・芦原",
        "hazards": "flood inland",
        "day_min": 45,
        "night_min": 60,
        "blocks": [],
    }
    assert area.columns == said


def test_areas_in_our_own_words_and_two_polygons_of_one_code_are_one_area(tmp_path: Path) -> None:
    row = {"code": "S1", "name": "slope", "hazards": "landslide", "day_min": None, "night_min": None}
    one = {"type": "Polygon", "coordinates": [RING]}
    other = {"type": "Polygon", "coordinates": [[[x + 0.05, y] for x, y in RING]]}
    features = [{"type": "Feature", "properties": row, "geometry": g} for g in (one, other)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    (area,) = read(path).features
    assert area.geometry.geom_type == "MultiPolygon"
    assert area.columns["day_min"] is None


def test_a_list_of_blocks(tmp_path: Path) -> None:
    text = "区域コード,区域名,災害種別,町丁目\nK1,こがね川,内水,芦原一丁目\nK1,こがね川,内水,新町一丁目\nK2,空,洪水,\n"
    path = sheet(tmp_path / "b.csv", text, "cp932")
    found = read(path)
    one, other = found.features
    assert one.columns["blocks"] == ["芦原一丁目", "新町一丁目"]
    assert one.geometry.is_empty
    assert other.columns["blocks"] == []
    assert "cannot be counted" in found.problems[0]
    assert "line 4" in found.problems[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"災害種別": "火山"}, "災害種別 '火山' is none of"),
        ({"避難所要時間_夜": "二時間"}, "避難所要時間_夜 '二時間' is not 1 to 1440"),
        ({"避難所要時間_昼": 0}, "is not 1 to 1440"),
        ({"区域名": ""}, "区域名 is empty"),
        ({"なぞ": 1}, "unknown column なぞ"),
        ({"code": "X"}, "code and 区域コード say the same"),
    ],
)
def test_what_is_wrong_with_an_area_refuses_the_file(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    row = {"区域コード": "R02", "区域名": "芦原", "災害種別": "洪水", "避難所要時間_昼": 45, "避難所要時間_夜": 60}
    with pytest.raises(BadInput, match=words):
        read(collection(tmp_path / "a.geojson", row | change))


def test_rows_of_one_area_must_agree(tmp_path: Path) -> None:
    text = "code,name,hazards,block\nK1,a,flood,x\nK1,a,inland,y\n"
    with pytest.raises(BadInput, match=r"line 3: area K1 is said otherwise at .*line 2"):
        read(sheet(tmp_path / "b.csv", text))


def test_statistics_with_units_separators_and_what_is_withheld(tmp_path: Path) -> None:
    text = (
        "区域コード,町丁目,世帯数（世帯）,人口(千人),75歳以上,基準日,備考\r\n"
        'R02,,"1,251",2.694,５４１人,令和8年4月1日,\r\n,浜田,X,-,…,2026/4/1,秘匿\r\n'
    )
    path = sheet(tmp_path / "s.csv", text, "cp932")
    assert recognise(path) == "statistics"
    found = read(path)
    one, other = (dict(f.columns) for f in found.features)
    day = date(2026, 4, 1)
    assert one == {"area": "R02", "town": "", "households": 1251, "people": 2694, "elderly": 541, "as_of": day}
    assert other == {"area": "", "town": "浜田", "households": None, "people": None, "elderly": None, "as_of": day}
    assert len(found.problems) == 3


def test_the_standard_sheet_adds_up_who_is_75_and_more(tmp_path: Path) -> None:
    ages = ["70-74歳の男性"] + [f"{a}の{s}" for a in ("75-79歳", "80-84歳", "85歳以上") for s in ("男性", "女性")]
    head = ",".join(["全国地方公共団体コード", "調査年月日", "地域名", "総人口", *ages, "世帯数"])
    rows = ["012025,2026-04-01,東町,100,9,1,2,3,4,5,6,40", "012025,2026-04-01,西町,100,9,1,2,X,4,5,6,40"]
    one, other = read(sheet(tmp_path / "s.csv", "\n".join([head, *rows]))).features
    assert (one.columns["elderly"], one.columns["people"], one.columns["households"]) == (21, 100, 40)
    assert other.columns["elderly"] is None, "a part of a sum is no sum"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("町丁目,人口\n東町,多数\n", "人口 '多数' is no count"),
        ("町丁目,人口\n東町,-5\n", "is no count"),
        ("町丁目,人口\n東町,1.5\n", "is no count"),
        ("町丁目,人口\n,5\n", "neither an area nor a 町丁目"),
        ("町丁目,人口（万戸）\n東町,5\n", "a unit that nobody knows"),
        ("町丁目,人口,総人口\n東町,5,5\n", "say the same"),
        ("町丁目,人口\n東町,5\n東町,6\n", "line 3: 東町 stands there twice"),
        ("町丁目,人口,基準日\n東町,5,来年\n", "基準日 '来年' is no day"),
    ],
)
def test_what_is_wrong_with_statistics_refuses_the_file(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words):
        read(sheet(tmp_path / "s.csv", text))


OLD = "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,種別,住所,方書,緯度,経度,口径,備考\n"
NEW = "全国地方公共団体コード,ID,地方公共団体名,種別,所在地_町字,所在地_番地以下,緯度,経度,備考\n"


def test_hydrants_of_the_old_and_of_the_new_sheet(tmp_path: Path) -> None:
    old = OLD + "992015,1,架空県,みなも市,地下式消火栓,芦原1-2,,38.9,139.3,75mm,\n"
    (one,) = read(sheet(tmp_path / "o.csv", old, "cp932")).features
    assert (one.layer, one.id, one.columns["kind"]) == ("water_points", "992015-1", "hydrant")
    assert (one.columns["said"], one.columns["capacity"]) == ("地下式消火栓", "口径 75mm")
    new = NEW + "".join(
        f"992015,{n},みなも市,{kind},芦原,3番地,38.9,139.3,\n"
        for n, kind in enumerate(["防火水槽", "河川", "雨水貯留管"])
    )
    found = read(sheet(tmp_path / "n.csv", new + "992015,9,みなも市,消火栓,,,,,\n"))
    assert [f.columns["kind"] for f in found.features] == ["cistern", "river", "other"]
    assert found.features[0].columns["address"] == "芦原3番地"
    assert any("left off the map" in line for line in found.problems)
    assert any("雨水貯留管" in line for line in found.problems)


def test_what_is_wrong_with_hydrants_refuses_the_file(tmp_path: Path) -> None:
    row = "992015,1,架空県,みなも市,消火栓,芦原1-2,,38.9,139.3,75mm,\n"
    with pytest.raises(BadInput, match="line 3: ID 992015-1 stands there twice"):
        read(sheet(tmp_path / "o.csv", OLD + row + row))
    with pytest.raises(BadInput, match="outside Japan"):
        read(sheet(tmp_path / "o.csv", OLD + row.replace("38.9,139.3", "139.3,38.9")))
    with pytest.raises(BadInput, match="unknown column なぞ"):
        read(sheet(tmp_path / "o.csv", OLD.replace("備考", "なぞ") + row))
