"""The map of one plan, from shapes alone: small, readable aloud, with nothing but neutral colours."""

from __future__ import annotations

import dataclasses
import math
import re
from xml.etree import ElementTree as ET

import pytest
from shapely import LineString, Polygon

from disaster_hub.terms.place import LonLat
from tests.timelines.sheets import ground, town
from timelines.picture import Area, Label, Street, map_svg

SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> set[str]:
    return {node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")}


def test_everything_that_matters_is_on_it() -> None:
    svg = map_svg(town())
    assert {"家", "朝日第一小学校", "ここが先に水につかる", "北"} <= words(svg)
    assert {"水につかる区域 (0.5〜3 m)", "土砂災害警戒区域", "通行止め"} <= words(svg)
    assert any(re.fullmatch(r"\d+ m", one) for one in words(svg))
    root = ET.fromstring(svg)
    assert root.findtext(f"{SVG}title") == "避難の地図"
    assert root.findtext(f"{SVG}desc") == "家から朝日第一小学校まで620メートル。"
    assert root.get("role") == "img"


def test_no_style_of_its_own_and_no_level_colour() -> None:
    svg = map_svg(town())
    assert "style" not in svg
    assert not set(re.findall(r"#[0-9a-f]{6}", svg))


def test_a_whole_town_stays_below_sixty_kilobytes() -> None:
    crooked = tuple(
        Street(LineString([ground(n * 25 + (k % 3), k * 9 - 1500) for k in range(330)])) for n in range(-60, 60)
    )
    ring = Polygon([ground(900 * (1 + 0.05 * (k % 2)) * x, 900 * y) for k, (x, y) in enumerate(circle(2000))])
    big = dataclasses.replace(town(), streets=crooked, zones=(Area(ring, "depth"),))
    svg = map_svg(big)
    assert len(svg.encode()) < 60_000
    assert "通行止め" not in svg
    crossed = dataclasses.replace(
        big, streets=tuple(dataclasses.replace(one, closed=n == 60) for n, one in enumerate(crooked))
    )
    assert len(map_svg(crossed).encode()) < 60_000
    assert "通行止め" in map_svg(crossed)


def circle(count: int) -> list[tuple[float, float]]:
    return [(math.cos(n * math.tau / count), math.sin(n * math.tau / count)) for n in range(count)]


def test_a_kind_that_is_not_on_the_map_is_not_explained() -> None:
    far = dataclasses.replace(
        town(), zones=(Area(Polygon([ground(9000, 9000), ground(9100, 9000), ground(9100, 9100)]), "tsunami"),)
    )
    assert "-tsunami" not in map_svg(far)


def test_a_broken_zone_does_not_break_the_map() -> None:
    bow = Polygon([ground(-200, -200), ground(200, 200), ground(200, -200), ground(-200, 200)])
    assert "-depth" in map_svg(dataclasses.replace(town(), zones=(Area(bow, "depth"),)))


def test_north_is_up_and_metres_are_metres() -> None:
    plain = dataclasses.replace(
        town(), way=(), end=LonLat(*ground(0, 400)), floods=None, zones=(), streets=(), rivers=(), labels=()
    )
    svg = map_svg(plain)
    at = {one.text: (float(one.get("x", 0)), float(one.get("y", 0))) for one in ET.fromstring(svg).iter(f"{SVG}text")}
    assert at["朝日第一小学校"][1] < at["家"][1]


def test_hostile_words_stay_words() -> None:
    svg = map_svg(dataclasses.replace(town(), home_words='</text><script>"', title="<&>", said="]]>"))
    assert "<script>" not in svg
    assert '</text><script>"' in words(svg)


@pytest.mark.parametrize("size", [(360, 340), (720, 400), (300, 600)])
def test_words_stay_inside(size: tuple[int, int]) -> None:
    for node in ET.fromstring(map_svg(town(), *size)).iter(f"{SVG}text"):
        assert 0 <= float(node.get("x", -1)) < size[0]
        assert float(node.get("y", -1)) >= 0


def test_two_zones_that_overlap_are_hatched_where_they_do() -> None:
    """Planned and maximum scale lie on top of each other; hatched twice must not mean not at all."""
    large = Polygon([ground(-300, -300), ground(300, -300), ground(300, 300), ground(-300, 300)])
    small = Polygon([ground(-100, -100), ground(100, -100), ground(100, 100), ground(-100, 100)])
    both = map_svg(dataclasses.replace(town(), zones=(Area(large, "depth"), Area(small, "depth"))))
    hatched, _legend = re.findall(r'd="([^"]+)" fill="url\(#\w+-depth\)"', both)
    assert hatched.count("M") == 1


def test_the_place_to_go_is_named_once() -> None:
    twice = dataclasses.replace(town(), labels=(Label(LonLat(*ground(300, 405)), "朝日第一小学校"),))
    assert map_svg(twice).count(">朝日第一小学校<") == 1
