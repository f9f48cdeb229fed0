"""What an officer draws or types as an area: read, or refused with the line that is wrong; and what leaves as 訓練."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import Polygon, box

from disaster_hub.config_outside import Sibling
from disaster_hub.desk import drawn
from disaster_hub.desk.which_world import leaves_as
from disaster_hub.terms.alert import Status
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import World, WorldKind
from tests.portal import town

HERE = [
    EvacuationArea("A1", "北部", box(140.0, 38.0, 140.02, 38.02), frozenset()),
    EvacuationArea("A2", "南部", None, frozenset()),
]
GOOD = "38.001, 140.001\n38.001, 140.005\n38.005, 140.005"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"{GOOD}\n38.001, 140.001",
        "３８.００１，１４０.００１\n38.001　140.005\n(38.005、140.005)\n\n",
        "38.001 140.001\r\n38.001\t140.005\r\n38.005 140.005",
    ],
)
def test_corners_are_read_however_they_are_typed(text: str) -> None:
    found = drawn.polygon(text, HERE)
    assert found is not None
    assert found.equals(Polygon([(140.001, 38.001), (140.005, 38.001), (140.005, 38.005)]))


def test_what_was_read_is_written_back_the_same() -> None:
    found = drawn.polygon(GOOD, HERE)
    assert found is not None
    assert drawn.polygon(drawn.corners_of(found), HERE) == found


def test_nothing_drawn_is_no_area() -> None:
    assert drawn.polygon(" \n　\n", HERE) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("38.001, 140.001\n38.001, 140.005", "角が 2 です"),
        ("\n".join(f"38.{n:03}, 140.{n % 7:03}" for n in range(81)), "角が 81 です"),
        ("38.001, 140.001\n38.005, 140.005\n38.001, 140.005\n38.005, 140.001", "線が交わっています"),
        ("38.001, 140.001\n38.001, 140.00101\n38.00101, 140.001", "小さすぎます"),
        ("38.001, 140.001\n38.001, 140.001\n38.001, 140.001", "角が 2 です"),
        ("39.001, 140.001\n39.001, 140.005\n39.005, 140.005", "避難区域の外"),
        ("38.001, 140.001\nここ\n38.005, 140.005", "2 行目が読めません"),
        ("38.001, 140.001\n38.001\n38.005, 140.005", "2 行目が読めません"),
        ("nan, inf\n38.001, 140.005\n38.005, 140.005", "1 行目が読めません"),
        ("140.001, 38.001\n140.005, 38.001\n140.005, 38.005", "緯度（北緯）を先に"),
    ],
)
def test_what_is_no_area_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        drawn.polygon(text, HERE)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("　", "名前を付けてください"), ("・", "名前を付けてください"), ("あ" * 21, "長すぎます"), ("北部", "別の名前"),
        ("【訓練】橋", "使えません"), ("「橋」", "使えません"), ("090-1234-5678", "電話番号"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_read_aloud_and_typed_is_refused(text: str, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        drawn.name(text, HERE)
    assert drawn.name(" 橋の  下流 ", HERE) == "橋の 下流"


DRILL, REAL = World(WorldKind.DRILL, "訓練の世界"), World(WorldKind.REAL, "本番")


def test_before_approval_it_is_said_which_world_a_draft_leaves_and_how_it_is_marked(tmp_path: Path) -> None:
    config = town.config_for(tmp_path, REAL)
    siblings = tuple(Sibling(status, f"{status}の世界", "sqlite:///x") for status in ("exercise", "test"))
    both = replace(config, siblings=siblings)
    assert "【" not in leaves_as(Status.ACTUAL, both, REAL)
    assert "本番" in leaves_as(Status.ACTUAL, both, REAL)
    exercise, test = leaves_as(Status.EXERCISE, both, REAL), leaves_as(Status.TEST, both, REAL)
    assert "「exerciseの世界」" in exercise
    assert "【訓練】と付きます" in exercise
    assert "「testの世界」" in test
    assert "【訓練】と付きます" in test
    assert "試験も訓練として出ます" in test
    assert leaves_as(Status.TEST, config, REAL) == "", "no world is for it: the page says so, and the server refuses"
    assert "「訓練の世界」" in leaves_as(Status.EXERCISE, config, DRILL)
