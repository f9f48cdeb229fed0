"""Official samples of the old and of the new warning system, read side by side onto one scale of levels.

What must never happen: an unknown code dropped, a drill read as real, a copy of the old system lowering the new one,
the level of hours to come taken for the level now.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from disaster_hub.rules.official import of_municipality
from disaster_hub.terms.bulletin import Bulletin, InfoType, Status
from sensors.feeds.telegram import read
from tests.sensors import telegrams as t

XML = Path(__file__).parents[3] / "shared/data/jma_xml"
SAMPLES = XML / "official_samples"
FIELDS = ("Code", "Status", "Condition")
BODY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
shared = pytest.mark.skipif(not XML.is_dir(), reason="../shared/data is not beside the checkout")

# (code, Condition) → level. Written from JMA's table of kinds and contracts.md 1, not from the code under test.
NEW = {
    "10": 2, "03": 3, "43": 4, "33": 5, "29": 2, "09": 3, "49": 4, "39": 5, "19": 2, "08": 3, "48": 4, "38": 5,
    **dict.fromkeys(["02", "05", "06", "07", "12", "13", "14", "15", "16", "17", "20", "21", "22", "23", "24", "25"]),
    **dict.fromkeys(["26", "27", "32", "35", "36", "37"]),
}  # fmt: skip
OLD = {
    ("03", "土砂災害"): 3, ("03", "土砂災害、浸水害"): 3, ("03", "浸水害"): None, ("04", ""): 3, ("08", ""): 4, ("38", ""): 4,
    ("10", ""): 2, ("18", ""): 2, ("19", ""): 2,
    ("33", "土砂災害"): 5, ("33", "浸水害"): 5, ("33", "土砂災害、浸水害"): 5, ("33", ""): 5,
    **{(code, ""): None for code in NEW if NEW[code] is None},
}  # fmt: skip
LIFTED = {"解除", "発表警報・注意報はなし", "なし"}

# official sample → rows in force at each level; None: kinds in force that have no level in either system
TABLE: dict[str, dict[int | None, int]] = {
    "15_08_01_130412_VPWW53": {5: 27, 3: 18, 2: 35, None: 80}, "15_08_02_130412_VPWW53": {5: 40, 3: 25, 2: 15, None: 80},
    "15_08_05_130412_VPWW53": {}, "15_09_01_160628_VPWW53": {5: 30, 3: 28, 2: 2, None: 48},
    "15_09_03_130826_VPWW53": {None: 48}, "15_11_01_150916_VPWW54": {4: 18, None: 38},
    "15_11_02_150916_VPWW54": {4: 9, 3: 28, 2: 2, None: 80}, "15_11_03_150916_VPWW54": {None: 24},
    "15_12_01_161130_VPWW53": {5: 3, 3: 9, 2: 16, None: 15}, "15_12_01_161130_VPWW54": {5: 3, 3: 9, 2: 16, None: 15},
    "15_12_03_161130_VPWW53": {None: 48}, "15_12_03_161130_VPWW54": {None: 48},
    "15_13_01_161226_VPWW53": {5: 1, 4: 1, 3: 1, None: 32}, "15_13_01_161226_VPWW54": {5: 1, 4: 1, 3: 1, None: 32},
    "15_14_01_170216_VPWW53": {5: 2, 3: 3, None: 2}, "15_14_01_170216_VPWW54": {5: 2, 3: 3, None: 2},
    "15_17_01_250123_VPWW54": {3: 7, 2: 8, None: 56}, "15_16_01_241031_VPWW56": {4: 1, 3: 1, 2: 8},
    "15_16_05_241226_VPWW59": {None: 9}, "15_16_06_241226_VPWW60": {None: 10}, "15_16_07_241226_VPWW61": {None: 10},
    "15_16_07_250630_VPWW61": {None: 10}, "15_17_01_241226_VPWW55": {3: 10, 2: 5},
    "15_17_01_250630_VPWW55": {3: 10, 2: 5},
    "17_01_01_190529_VXWW50": {4: 25}, "17_03_01_190529_VXWW50": {4: 1}, "17_03_02_190529_VXWW50": {},
    "17_03_03_190529_VXWW50": {4: 20}, "17_03_04_190529_VXWW50": {4: 25}, "17_03_05_190529_VXWW50": {4: 26},
    "17_03_06_190529_VXWW50": {4: 27}, "17_03_07_190529_VXWW50": {4: 22}, "17_03_08_190529_VXWW50": {4: 9},
    "17_03_09_190529_VXWW50": {4: 1}, "17_04_01_250630_VXWW50": {4: 3}, "17_04_02_250630_VXWW50": {4: 4},
}  # fmt: skip
RIVER_TABLE = {
    "16_01_01_220728_VXKOii": ("20", "氾濫注意情報", 2), "16_02_01_220728_VXKOii": ("30", "氾濫警戒情報", 3),
    "16_03_01_220728_VXKOii": ("30", "氾濫警戒情報", 3), "16_06_01_220728_VXKOii": ("41", "氾濫危険情報", 4),
    "16_07_01_220728_VXKOii": ("40", "氾濫危険情報", 4),
}  # fmt: skip


def bulletin(body: bytes) -> Bulletin:
    found = read(body)
    assert found.bulletin is not None, found.problems
    return found.bulletin


def samples(*kinds: str) -> list[Path]:
    return [p for p in sorted(SAMPLES.glob("*.xml")) if p.stem.endswith(kinds)]


def written(path: Path) -> list[tuple[str, str, str, str]]:
    """Give (area, code, Status, Condition) of the municipal block, read here by another way."""
    tree = etree.parse(str(path))
    rows = []
    for item in tree.iterfind(f".//{BODY}Warning[@type='{t.MUNICIPAL}']/{BODY}Item"):
        area = item.findtext(f"{BODY}Area/{BODY}Code")
        texts = [[kind.findtext(BODY + tag) or "" for tag in FIELDS] for kind in item.iterfind(f"{BODY}Kind")]
        rows += [(area, code, status, condition) for code, status, condition in texts]
    return rows


def rows(said: Bulletin) -> list[tuple[str, str, str]]:
    return [(w.area, w.code, w.change) for w in said.warnings]


@shared
@pytest.mark.shared_data
def test_no_official_sample_is_left_out_of_the_table() -> None:
    kinds = ("VPWW53", "VPWW54", "VPWW55", "VPWW56", "VPWW57", "VPWW58", "VPWW59", "VPWW60", "VPWW61", "VXWW50")
    assert {p.stem for p in samples(*kinds)} == set(TABLE)
    assert {p.stem for p in samples("VXKOii")} == set(RIVER_TABLE)


@shared
@pytest.mark.shared_data
@pytest.mark.parametrize("name", sorted(TABLE))
def test_official_samples_come_to_the_expected_levels(name: str) -> None:
    body = (SAMPLES / f"{name}.xml").read_bytes()
    assert Counter(w.level for w in bulletin(body).warnings if w.active) == TABLE[name]
    assert read(body).problems == ()


@shared
@pytest.mark.shared_data
@pytest.mark.parametrize("name", sorted(RIVER_TABLE))
def test_official_samples_of_rivers(name: str) -> None:
    found = read((SAMPLES / f"{name}.xml").read_bytes())
    assert found.bulletin is not None
    assert [(r.code, r.name, r.level, r.active) for r in found.bulletin.rivers] == [(*RIVER_TABLE[name], True)]
    assert found.problems == ()


@shared
@pytest.mark.shared_data
@pytest.mark.parametrize("name", sorted(n for n in TABLE if "VPWW5" in n or "VPWW6" in n))
def test_every_row_of_a_sample_by_another_reading(name: str) -> None:
    """The same rows, found by path instead of by walking, with the levels of the tables above."""
    path = SAMPLES / f"{name}.xml"
    old = name.endswith(("VPWW53", "VPWW54"))
    said, expected = bulletin(path.read_bytes()), written(path)
    assert [(w.area, w.code, w.change) for w in said.warnings] == [row[:3] for row in expected]
    for warning, (_, code, status, condition) in zip(said.warnings, expected, strict=True):
        assert warning.level == ((OLD[code, condition] if old else NEW[code]) if code else None)
        assert warning.active == (status not in LIFTED)
        assert ("レベル" in warning.name) == (not old and warning.level is not None), "original words are kept"


@pytest.mark.parametrize(("code", "level"), sorted(NEW.items()))
def test_new_codes(code: str, level: int | None) -> None:
    found = read(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("なんとか警報", code))))
    assert found.bulletin is not None
    assert [(w.level, w.active) for w in found.bulletin.warnings] == [(level, True)]
    assert found.problems == ()


@pytest.mark.parametrize("title", [t.OLD53, t.OLD54])
@pytest.mark.parametrize(("kind", "level"), sorted(OLD.items()))
def test_old_codes(title: str, kind: tuple[str, str], level: int | None) -> None:
    found = read(t.warnings(title, t.item(t.MINAMO, t.kind("なんとか警報", kind[0], "発表", kind[1]))))
    assert found.bulletin is not None
    assert [(w.level, w.active) for w in found.bulletin.warnings] == [(level, True)]
    assert found.problems == ()


@pytest.mark.parametrize("code", ["04", "18"])
def test_kinds_that_the_new_system_abolished_are_unknown_in_it(code: str) -> None:
    assert read(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("洪水警報", code)))).problems


@pytest.mark.parametrize("code", ["09", "29", "43", "48", "49", "39"])
def test_kinds_of_the_new_system_are_unknown_in_the_old(code: str) -> None:
    found = read(t.warnings(t.OLD53, t.item(t.MINAMO, t.kind("レベル警報", code))))
    assert found.problems
    assert found.bulletin is not None
    assert [(w.level, w.active) for w in found.bulletin.warnings] == [(None, True)]


def test_an_old_heavy_rain_warning_that_does_not_say_of_what_is_said() -> None:
    found = read(t.warnings(t.OLD53, t.item(t.MINAMO, t.kind("大雨警報", "03"))))
    assert found.problems[0].startswith("Body/Warning/Item[1]/Kind/Condition: empty")


def judged(*bodies: bytes) -> dict[str, int | None]:
    """Give the official level of each hazard in the city, as the rules judge all that was said."""
    said = [(f"telegram-{number}", bulletin(body)) for number, body in enumerate(bodies)]
    return {o.hazard: o.level for o in of_municipality(t.MINAMO[0], said)}


def rain(name: str, code: str, **fields: str) -> bytes:
    return t.warnings(t.RAIN, t.item(t.MINAMO, t.kind(name, code)), **fields)


def test_side_by_side_the_copy_never_lowers_what_the_new_system_says() -> None:
    new = rain("レベル４大雨危険警報", "43")
    copy = t.warnings(
        t.OLD53, t.item(t.MINAMO, t.kind("大雨警報", "03", "発表", "土砂災害、浸水害")), sent="2026-09-18T11:01:00Z"
    )
    assert judged(new, copy)["rain"] == judged(copy, new)["rain"] == 4
    assert judged(copy)["rain"] == 3


def test_an_unknown_code_stands_as_not_known() -> None:
    (word,) = of_municipality(t.MINAMO[0], [("one", bulletin(rain("架空警報", "97")))])
    assert (word.level, word.unknown) == (None, True)


@pytest.mark.parametrize("status", ["訓練", "試験"])
def test_exercises_and_tests_are_read_and_change_nothing(status: str) -> None:
    drill = rain("レベル５大雨特別警報", "33", status=status, sent="2026-09-18T11:05:00Z")
    assert bulletin(drill).status is not Status.ACTUAL
    assert [w.level for w in bulletin(drill).warnings] == [5]
    assert judged(rain("レベル２大雨注意報", "10"), drill) == {"rain": 2}
    assert judged(drill) == {}


def test_a_withdrawal_brings_back_what_stood_before() -> None:
    first = rain("レベル２大雨注意報", "10", reported="2026-09-18T19:00:00+09:00", sent="2026-09-18T10:00:10Z")
    wrong = rain("レベル５大雨特別警報", "33")
    withdrawn = rain("レベル５大雨特別警報", "33", info_type="取消", reported="2026-09-18T20:05:00+09:00")
    assert bulletin(withdrawn).info_type is InfoType.CANCEL
    assert judged(first, wrong) == {"rain": 5}
    assert judged(first, wrong, withdrawn) == {"rain": 2}
    assert judged(wrong, withdrawn) == {"rain": None}, "not known, never safe"
