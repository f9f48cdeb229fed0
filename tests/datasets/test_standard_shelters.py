"""The sheet that cities publish themselves, in its encodings; and towns with their readings."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from disaster_hub.terms.errors import BadInput
from sensors.datasets.gsi_shelters import FLAGS
from sensors.datasets.recognise import read, recognise

ROW = {
    "全国地方公共団体コード": "992011", "ID": "0001", "地方公共団体名": "みなも市", "名称": "高台小学校", "名称_カナ": "タカダイショウガッコウ",
    "所在地_連結表記": "架空県みなも市高台1", "緯度": "38.9", "経度": "139.3", "高度の種別": "標高", "高度の値": "12.5",
    **{f"災害種別_{hazard}": "" for hazard in FLAGS}, "指定避難所との重複": "1", "想定収容人数": "575", "備考": "",
}  # fmt: skip


def sheet(folder: Path, *rows: dict[str, str], head: list[str] | None = None, encoding: str = "utf-8") -> Path:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(head or list(rows[0]))
    lines.writerows(list(row.values()) for row in rows)
    path = folder / "shelters.csv"
    path.write_text(out.getvalue(), encoding=encoding, newline="")
    return path


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
def test_the_sheet_in_its_encodings(tmp_path: Path, encoding: str) -> None:
    path = sheet(tmp_path, ROW | {"災害種別_洪水": "1", "災害種別_崖崩れ、土石流及び地滑り": "1"}, encoding=encoding)
    dataset = read(path)
    shelter = dataset.features[0]
    assert recognise(path) == "standard-shelters"
    assert {word for word in FLAGS.values() if shelter.columns[word]} == {"flood", "landslide"}
    assert all(isinstance(shelter.columns[word], bool) for word in FLAGS.values())
    assert (shelter.id, shelter.columns["designation"], shelter.columns["jis5"]) == (
        "992011-0001",
        "emergency",
        "99201",
    )
    assert (shelter.columns["height_m"], shelter.columns["height_kind"], shelter.columns["floors"]) == (
        12.5,
        "標高",
        None,
    )
    assert (shelter.columns["name"], shelter.columns["capacity"]) == ("高台小学校", 575)
    assert (shelter.geometry.x, shelter.geometry.y) == (139.3, 38.9)


def test_a_city_that_adds_storeys(tmp_path: Path) -> None:
    assert read(sheet(tmp_path, ROW | {"階数": "3"})).features[0].columns["floors"] == 3


def test_a_column_that_a_published_form_has_twice(tmp_path: Path) -> None:
    post = ROW | {"郵便番号": "999-0001", "again": "999-0002"}
    path = sheet(tmp_path, post, head=[name if name != "again" else "郵便番号" for name in post])
    assert len(read(path).features) == 1
    path = sheet(tmp_path, post, head=[name if name not in {"again", "郵便番号"} else "備考" for name in post])
    with pytest.raises(BadInput, match="column 備考 stands there twice"):
        read(path)


def test_a_shelter_without_a_position_is_counted(tmp_path: Path) -> None:
    dataset = read(sheet(tmp_path, ROW, ROW | {"ID": "0002", "緯度": "", "経度": ""}))
    assert len(dataset.features) == 1
    assert "1 × shelter without a position" in dataset.problems[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"災害種別_洪水": "○"}, "line 2: 災害種別_洪水 '○' is neither 1 nor empty"),
        ({"ID": ""}, "line 2: ID is empty"),
        ({"名称": ""}, "line 2: 名称 is empty"),
        ({"経度": ""}, "is no position"),
        ({"緯度": "139.3", "経度": "38.9"}, "outside Japan"),
        ({"高度の値": "高い"}, "高度の値 '高い' is no number"),
        ({"想定収容人数": "1.5"}, "想定収容人数 1.5 is no whole number"),
        ({"全国地方公共団体コード": "みなも"}, "is no municipality"),
        ({"色": "1"}, "unknown column 色"),
    ],
)
def test_an_odd_sheet_is_refused_by_name(tmp_path: Path, change: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(sheet(tmp_path, ROW | change))
    assert words in str(refusal.value)


def test_an_id_that_stands_there_twice(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 3: ID 992011-0001 stands there twice"):
        read(sheet(tmp_path, ROW, ROW))


TOWN = {
    "都道府県コード": "99", "都道府県名": "架空県", "都道府県名カナ": "カクウケン", "都道府県名ローマ字": "KAKU KEN",
    "市区町村コード": "99201", "市区町村名": "みなも市", "市区町村名カナ": "ミナモシ", "市区町村名ローマ字": "MINAMO SHI",
    "大字町丁目コード": "992010001001", "大字町丁目名": "本町一丁目", "大字町丁目名カナ": "ホンチョウ 1", "大字町丁目名ローマ字": "HONCHO 1",
    "小字・通称名": "", "緯度": "38.9", "経度": "139.3",
}  # fmt: skip


def test_towns_with_their_readings(tmp_path: Path) -> None:
    path = sheet(tmp_path, TOWN, TOWN | {"小字・通称名": "甲"}, TOWN | {"大字町丁目名": "北町", "緯度": "", "経度": ""})
    dataset = read(path)
    assert recognise(path) == "geolonia"
    assert [f.id for f in dataset.features] == ["架空県みなも市本町一丁目", "架空県みなも市本町一丁目/甲"]
    first = dataset.features[0].columns
    assert (first["town_kana"], first["kana"], first["town_romaji"]) == ("ホンチョウ 1", "ホンチョウ 1", "HONCHO 1")
    assert (first["city_kana"], first["koaza"]) == ("ミナモシ", None)
    assert "1 × address without coordinates" in dataset.problems[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"色": "1"}, "unknown column 色"),
        ({"大字町丁目名": ""}, "line 2: 都道府県名"),
        ({"緯度": "x"}, "is no position"),
    ],
)
def test_an_odd_town_is_refused(tmp_path: Path, change: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(sheet(tmp_path, TOWN | change))
