"""Tsunami, surge and inland water: the class stands in words, and other words in every prefecture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.terms.errors import BadInput
from sensors.datasets.classes import depth_class
from sensors.datasets.recognise import read, recognise
from tests.datasets.makers import face, geojson, polygon, put, shapefile, square


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("0.5m未満", (0, 0.5)), ("0.01m以上0.3m未満", (0.01, 0.3)), ("０．３ｍ以上　～　１．０ｍ未満", (0.3, 1)),
        ("20m以上", (20, None)), ("20以上", (20, None)), ("0.01-0.3", (0.01, 0.3)), ("10～20m", (10, 20)),
        ("～0.3m未満", (0, 0.3)), ("10m～", (10, None)), ("1cm以上30cm未満", (0.01, 0.3)), ("30～50cm", (0.3, 0.5)),
        ("5mを超え10m以下", (5, 10)), (" 3m以上 5m未満 ", (3, 5)), ("0.3m以上~0.5m未満", (0.3, 0.5)),
    ],
)  # fmt: skip
def test_a_class_in_words(text: str, metres: tuple[float, float | None]) -> None:
    assert depth_class(text, "here") == metres


@pytest.mark.parametrize(
    "text",
    [
        "不明",
        "0.3m",
        "3",
        "12",
        "3m以上1m未満",
        "5m以上5m未満",
        "1m未満以上",
        "-1m未満です",
        "1000m以上",
        "101m以上",
        "0.5",
        "～",
    ],
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"here: .* is no depth class"):
        depth_class(text, "here")


@given(st.text(alphabet="0123456789.m以上未満~～cｍ超下 ", max_size=16))
def test_whatever_is_read_has_a_width(text: str) -> None:
    try:
        low, high = depth_class(text, "here")
    except BadInput:
        return
    assert 0 <= low < (101 if high is None else high)


TSUNAMI = {"A40_001": "架空県", "A40_002": 99, "A40_003": "0.3m以上 ～ 1.0m未満"}
SURGE = {"A49_001": "架空県", "A49_002": 99, "A49_003": "3m以上5m未満"}
INLAND = {"A51_001": "架空県", "A51_002": "99", "A51_003": "みなも市", "A51_004": "99201", "A51_005": "0.5m未満"}


@pytest.mark.parametrize(
    ("row", "kind", "hazard", "metres"),
    [
        (TSUNAMI, "ksj-a40", "tsunami", (0.3, 1)),
        (SURGE, "ksj-a49", "surge", (3, 5)),
        (INLAND, "ksj-a51", "inland", (0, 0.5)),
        (SURGE | {"A49_003": "20m以上"}, "ksj-a49", "surge", (20, None)),
    ],
)
def test_each_set_is_a_hazard_with_metres(
    tmp_path: Path, row: dict[str, Any], kind: str, hazard: str, metres: tuple[float, float | None]
) -> None:
    path = geojson(tmp_path / "a.geojson", [(row, face())])
    columns = read(path).features[0].columns
    assert recognise(path) == kind
    assert (columns["hazard"], columns["rank_kind"], columns["scale"]) == (hazard, "depth", None)
    assert (columns["low_m"], columns["high_m"]) == metres
    assert (columns["low_h"], columns["high_h"], columns["depth_m"], columns["rank"]) == (None,) * 4


def test_a_shapefile_in_cp932(tmp_path: Path) -> None:
    parts = shapefile(
        dict.fromkeys(TSUNAMI, 40), [["架空県", "99", "１ｍ以上２ｍ未満"]], [polygon(square(139.3, 38.9))]
    )
    columns = read(put(tmp_path, "A40-24_99", parts)).features[0].columns
    assert (columns["low_m"], columns["high_m"], columns["said"]) == (1, 2, "１ｍ以上２ｍ未満")


def test_an_empty_class_is_a_zone_of_unknown_depth(tmp_path: Path) -> None:
    dataset = read(geojson(tmp_path / "a.geojson", [(SURGE | {"A49_003": ""}, face()), (SURGE, None)]))
    assert [(f.columns["low_m"], f.columns["high_m"]) for f in dataset.features] == [(None, None)]
    assert "kept as not known" in dataset.problems[0]
    assert "without a usable shape" in dataset.problems[1]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (TSUNAMI | {"A40_003": "不明"}, "features[0]: A40_003: '不明' is no depth class"),
        (TSUNAMI | {"A40_004": 1}, "unknown column A40_004"),
        ({k: v for k, v in SURGE.items() if k != "A49_002"}, "column A49_002 is missing"),
        (INLAND | {"深さ": 1}, "unknown column 深さ"),
        (TSUNAMI | SURGE, "holds several kinds"),
    ],
)
def test_an_odd_file_is_refused_by_name(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(geojson(tmp_path / "a.geojson", [(row, face())]))
    assert words in str(refusal.value)
