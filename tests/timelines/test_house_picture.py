"""The house in the water: class as class, open-ended over the top, not known hatched and never dry."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from disaster_hub.terms.hazard import Depth
from timelines.house_picture import HouseWords, house_svg

WORDS = HouseWords("家と水", "1階の天井まで", "0.5〜3 m", "あなたの階", "{n}階")


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter() if node.tag.endswith("text")]


def test_the_class_is_written_as_a_class_and_the_own_floor_is_marked() -> None:
    svg = house_svg(Depth(0.5, 3.0), 2, 1, WORDS)
    assert {"0.5〜3 m", "あなたの階", "1階", "2階"} <= set(texts(svg))
    assert "1階の天井まで" in svg
    assert "tsunami" in svg  # the hatch of water


def test_not_known_is_hatched_and_no_water_is_not() -> None:
    assert "-unknown)" in house_svg(None, 2, 1, WORDS, known=False)
    dry = house_svg(None, 2, 1, WORDS)
    assert "-unknown)" not in dry
    assert "pattern" not in dry


def test_a_class_without_an_upper_end_has_no_surface() -> None:
    over, under = (house_svg(Depth(20, high), 2, 1, WORDS) for high in (None, 25))
    assert "stroke-dasharray" in over
    assert "stroke-dasharray" not in under


@pytest.mark.parametrize(
    ("storeys", "floor", "shown"), [(12, 9, ["1階", "2階", "3階", "9階", "12階"]), (1, 1, ["1階"])]
)
def test_a_high_house_shows_the_floors_that_matter(storeys: int, floor: int, shown: list[str]) -> None:
    assert [
        words for words in texts(house_svg(Depth(0.5, 3), storeys, floor, WORDS)) if re.match(r"\d+階", words)
    ] == shown


def test_hostile_words_stay_words_and_two_pictures_do_not_share_hatches() -> None:
    one = house_svg(Depth(0.5, 3), 2, 1, HouseWords("<script>", "&", "<b>", '"', "{n}"))
    assert "<script>" not in one
    assert ET.fromstring(one) is not None
    assert re.findall(r'pattern id="([^"]+)', one) != re.findall(
        r'pattern id="([^"]+)', house_svg(Depth(3, 5), 2, 1, WORDS)
    )
