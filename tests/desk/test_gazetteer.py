"""The gazetteer: one word is enough, however it is written, and it is there while it is being typed."""

from __future__ import annotations

import pytest

from disaster_hub.desk.gazetteer import BRIDGE, CHECK, GAUGE, ROAD, SHELTER, TOWN, Gazetteer, Place
from disaster_hub.terms.place import Feature, LonLat
from timelines.find_address import AddressBook

SPOT = LonLat(139.3, 38.9)


def address(name: str, kana: str, koaza: str = "", n: int = 0) -> Feature:
    said = {"pref": "架空県", "city": "みなも市", "town": name, "koaza": koaza, "town_kana": kana}
    return Feature("addresses", f"{name}{koaza}", LonLat(139.3 + n / 1000, 38.9).point, said)


BOOK = AddressBook.build([address("芦原", "アシハラ"), address("本町", "ホンチョウ", "1丁目", 1)])
PLACES = [
    Place("b", "芦原橋", BRIDGE, SPOT), Place("s", "芦原小学校", SHELTER, SPOT), Place("g", "芦原橋", GAUGE, SPOT),
    Place("r", "芦原通り", ROAD, SPOT), Place("t", "芦原", TOWN, SPOT, keys=("あしはら",)),
    Place("c", "駅前アンダーパス", CHECK, SPOT), Place("g2", "みなも川 桜橋", GAUGE, SPOT, keys=("Sakura Bridge",)),
]  # fmt: skip


@pytest.fixture(name="book", scope="module")
def a_gazetteer() -> Gazetteer:
    return Gazetteer.build("stamp", BOOK, PLACES)


@pytest.mark.parametrize(("word", "first"), [
    ("芦原橋", "b"), ("芦原橋の下", "b"), ("あしはら", "t"), ("アシハラばし", "b"), ("あしはらしょう", "s"), ("芦原小", "s"),
    ("あんだーぱす", "c"), ("ｱﾝﾀﾞｰﾊﾟｽ", "c"), ("sakura", "g2"), ("桜橋", "g2"), ("架空県みなも市芦原橋", "b"), (" 芦原　橋 ", "b"),
    ("本町1-2", "本町1丁目"), ("桜橋の上流の右岸", "g2"),
])  # fmt: skip
def test_one_word_finds_its_place(book: Gazetteer, word: str, first: str) -> None:
    assert book.find(word)[0].id == first


def test_what_is_no_place_is_nothing(book: Gazetteer) -> None:
    assert book.find("") == book.find("　") == book.find("ぬるぽ") == book.find("\n") == []


def test_the_very_name_comes_first_and_a_name_twice_is_two(book: Gazetteer) -> None:
    assert [one.id for one in book.find("芦原橋")] == ["b", "g"]
    assert book.find("芦原")[0].id == "t"
    assert book.find("芦原橋")[0].near == "芦原"


def test_the_address_next_to_a_touch_is_named(book: Gazetteer) -> None:
    assert book.address(LonLat(139.3012, 38.9)) == "本町1丁目"
    assert Gazetteer.build("", AddressBook.build([]), []).address(SPOT) == ""


def test_a_large_city_gives_no_more_than_a_page_of_places() -> None:
    many = [Place(str(n), f"第{n}町{n % 97}丁目{n}", ROAD, LonLat(139 + n / 1e5, 38)) for n in range(20_000)]
    book = Gazetteer.build("stamp", BOOK, [*PLACES, *many])
    for word in ("芦原橋", "町1", "第", "9丁目", "ありえない場所の名前"):
        assert len(book.find(word)) <= 20, word
