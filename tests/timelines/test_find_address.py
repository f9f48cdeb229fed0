"""Finding a home: however people write it, the block they mean comes first."""

from __future__ import annotations

import json
import logging
import time
from itertools import pairwise
from pathlib import Path

import pytest
from shapely import Point

from disaster_hub.terms.place import Feature, LonLat
from timelines.find_address import OTHERS, AddressBook, fold

SHARED = Path(__file__).parents[3] / "shared/data/addresses/geolonia_api_ja"
ROWS = [
    ("本町一丁目", None, "ホンチョウ 1", "HONCHO 1"),
    ("本町二丁目", None, "ホンチョウ 2", "HONCHO 2"),
    ("本町十丁目", None, "ホンチョウ 10", "HONCHO 10"),
    ("旭ケ丘", None, "アサヒガオカ", "ASAHIGAOKA"),
    ("井之上", None, "イノウエ", "INOE"),
    ("竜沢", None, "リュウザワ", "RYUZAWA"),
    ("桜浜", None, "サクラハマ", "SAKURAHAMA"),
    ("田辺町", "甲", "タナベチョウ", "TANABECHO"),
    ("田辺町", "乙", "タナベチョウ", "TANABECHO"),
    ("三日町", None, "ミッカマチ", "MIKKAMACHI"),
    ("湯野浜", "字浜中", None, None),
]


def features() -> list[Feature]:
    made = []
    for n, (town, koaza, kana, romaji) in enumerate(ROWS):
        columns = {"pref": "架空県", "city": "みなも市", "town": town, "koaza": koaza, "town_kana": kana}
        columns |= {"town_romaji": romaji, "city_kana": "ミナモシ", "city_romaji": "MINAMO SHI"}
        made.append(Feature("addresses", f"{town}/{koaza}", Point(139.0 + n / 100, 38.0), columns))
    return made


@pytest.fixture(scope="module")
def book() -> AddressBook:
    return AddressBook.build(features())


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("本町一丁目", "本町一丁目"),
        ("本町1丁目", "本町一丁目"),
        ("本町１丁目", "本町一丁目"),
        ("本町 2 丁目", "本町二丁目"),
        ("本町二", "本町二丁目"),
        ("本町10", "本町十丁目"),
        ("本町2-5-3", "本町二丁目"),
        ("本町2丁目5番3号", "本町二丁目"),
        ("本町二丁目五番三号", "本町二丁目"),
        ("本町2−5", "本町二丁目"),
        ("架空県みなも市本町一丁目", "本町一丁目"),
        ("みなも市 本町一丁目", "本町一丁目"),
        ("ほんちょう2", "本町二丁目"),
        ("ほんちょう2ちょうめ", "本町二丁目"),
        ("ホンチョウ2", "本町二丁目"),
        ("ホンチョウ", "本町一丁目"),
        ("みなもし ほんちょう 2", "本町二丁目"),
        ("honcho 2", "本町二丁目"),
        ("旭ヶ丘", "旭ケ丘"),
        ("旭が丘", "旭ケ丘"),
        ("旭ガ丘12-3", "旭ケ丘"),
        ("あさひがおか", "旭ケ丘"),
        ("井の上", "井之上"),
        ("井ノ上", "井之上"),
        ("龍澤", "竜沢"),
        ("竜澤", "竜沢"),
        ("櫻濱", "桜浜"),
        ("田邊町甲", "田辺町甲"),
        ("田邉町乙123", "田辺町乙"),
        ("三日町", "三日町"),
        ("大字湯野浜字浜中", "湯野浜字浜中"),
        ("湯野浜浜中15", "湯野浜字浜中"),
        ("浜中", "湯野浜字浜中"),
    ],
)
def test_what_people_type_finds_the_block(book: AddressBook, typed: str, label: str) -> None:
    assert [block.label for block in book.find(typed, 3)][:1] == [label]


@pytest.mark.parametrize("typed", ["", "   ", "東京都千代田区", "zzz", "\x00", "-", "'; DROP TABLE home --"])
def test_what_is_nowhere_finds_nothing(book: AddressBook, typed: str) -> None:
    assert book.find(typed, 5) == []


def test_no_more_than_asked_for_and_whole_names_before_parts(book: AddressBook) -> None:
    assert len(book.find("町", 2)) == 2
    assert [b.label for b in book.find("浜", 9)] == ["桜浜", "湯野浜字浜中"]
    assert [b.label for b in book.find("本町", 9)] == ["本町一丁目", "本町二丁目", "本町十丁目"]


def test_towns_stand_by_the_first_sound_and_unread_ones_last(book: AddressBook) -> None:
    rows = book.rows()
    assert list(rows) == ["あ", "さ", "た", "は", "ま", "ら", OTHERS]
    assert [town.name for town in rows["は"]] == ["本町一丁目", "本町二丁目", "本町十丁目"]
    assert [town.name for town in rows[OTHERS]] == ["湯野浜"]


def test_blocks_of_a_town_can_be_chosen_and_asked_for_by_id(book: AddressBook) -> None:
    blocks = book.blocks("田辺町")
    assert sorted(block.label for block in blocks) == ["田辺町乙", "田辺町甲"]
    assert book.block(blocks[0].id) is blocks[0]
    assert book.block("nix") is None
    assert book.town("nix") is None
    assert list(book.blocks("nix")) == []


def test_the_nearest_block_names_a_position(book: AddressBook) -> None:
    found = book.nearest(LonLat(139.031, 38.0))
    assert found is not None
    assert found.label == "旭ケ丘"
    assert AddressBook.build([]).nearest(LonLat(139.0, 38.0)) is None


def test_nothing_typed_is_logged(book: AddressBook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    book.find("本町2-5-3", 5)
    assert caplog.text == ""


def test_widths_and_dashes_fold_to_one() -> None:
    assert len({fold(f"本町1{dash}2") for dash in "-‐‑‒–—―−-ー"}) == 1
    assert fold("大字 ほん町2丁目") == fold("ほん町二丁目")


def real(prefecture: str, city: str) -> list[Feature]:
    path = SHARED / prefecture / f"{city}.json"
    if not path.exists():
        pytest.skip("no shared data")
    return [
        Feature(
            "addresses",
            f"{row['town']}/{row['koaza']}",
            Point(row["lng"], row["lat"]),
            {"pref": prefecture, "city": city, "town": row["town"], "koaza": row["koaza"] or None},
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
        if row["lat"] is not None
    ]


@pytest.mark.shared_data
@pytest.mark.parametrize(("prefecture", "city"), [("山形県", "鶴岡市"), ("石川県", "金沢市")])
def test_every_block_of_a_real_city_is_found_with_and_without_its_house_number(prefecture: str, city: str) -> None:
    rows = real(prefecture, city)
    book = AddressBook.build(rows)
    for row in rows:
        label = row.columns["town"] + (row.columns["koaza"] or "")
        for typed in (label, f"{prefecture}{city}{label}", f"{city}{label}12-3"):
            assert book.find(typed, 1)[0].label == label, typed


@pytest.mark.shared_data
def test_two_thousand_blocks_answer_in_five_milliseconds() -> None:
    book = AddressBook.build(real("石川県", "金沢市"))
    marks = [time.perf_counter()]
    for typed in ("本町1", "涌波四丁目12-3", "もと", "丁目", "駅西", "zzz", "1-2-3", "柳橋町", "大桑", "泉") * 5:
        book.find(typed, 10)
        marks.append(time.perf_counter())
    assert sorted(b - a for a, b in pairwise(marks))[25] < 0.005
