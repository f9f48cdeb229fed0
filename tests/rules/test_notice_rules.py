"""The town's rules of automatic notices: what may be written, when they speak, when they stay silent."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from disaster_hub.desk.rules_desk import TEMPLATE
from disaster_hub.rules.notice_rules import Act, NoticeRule, WhenGauge, WhenLevel, identity, stand, step
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice_rule import RuleStanding
from tests.rules.said import CITY, RIVER, at

LEVEL = NoticeRule("r", "みなも川", Hazard.FLOOD, WhenLevel(RIVER, "flood", 3))
GAUGE = NoticeRule("g", "柳橋", Hazard.FLOOD, WhenGauge("s1", 1.5), areas=("A",))
ONE = '[[rule]]\nid = "r"\ntitle = "川"\nhazard = "flood"\n'
WHEN = f'when = {{ kind = "level", area = "{RIVER}", level = 3 }}\n'


def level(number: int | None, minute: float = 0, **more: Any) -> dict[str, Any]:
    word = {"area": RIVER, "area_name": "みなも川", "hazard": "flood", "level": number, "name": "氾濫警報"}
    word |= {"issuer": "気象台", "until": None, "evidence": f"e{minute:g}", "unknown": number is None}
    return {"now": zulu(at(minute)), "words": [word | more]}


def gauge(value: float | None, minute: float = 0, **more: Any) -> dict[str, Any]:
    said = {"now": zulu(at(minute)), "name": "柳橋", "value": value, "at": zulu(at(minute)), "mark": 1.5}
    said |= {"interval_s": 600.0, "maintained": False, "doubt": "", "witness": "雨量：20mm", "issuer": "市のセンサー"}
    return said | more


def walk(rule: NoticeRule, looks: list[tuple[float, dict[str, Any]]]) -> list[tuple[float, str, int | None]]:
    """Go through looks as the clock does; give what was done."""
    standing: RuleStanding | None = None
    found = []
    for minute, inputs in looks:
        act, standing = step(rule, standing, stand(rule, inputs), at(minute))
        if act is not Act.NOTHING:
            found.append((minute, act.value, standing.level))
    return found


def test_the_template_can_be_read_and_every_rule_has_somebody_it_is_for() -> None:
    rules = read(TEMPLATE.read_text(encoding="utf-8"))
    assert [rule.id for rule in rules] == ["river-3", "slope-3", "bridge"]
    assert rules[2].along is not None


def test_no_rule_is_a_text_too() -> None:
    assert read("# nothing\n") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ONE, "when"),
        (ONE + WHEN + "x = 1\n", "知らない項目"),
        (ONE + WHEN + "order = 4\n", "知らない項目"),
        (ONE + 'when = { kind = "level", area = "1", level = 3 }', "area"),
        (ONE + f'when = {{ kind = "level", area = "{CITY}", level = 1 }}', "level"),
        (ONE + f'when = {{ kind = "level", area = "{CITY}", level = 3.5 }}', "整数"),
        (ONE + 'when = { kind = "gauge", station = "s", threshold = "danger" }', "送る範囲"),
        (ONE + 'when = { kind = "forecast", station = "s", threshold = "danger" }', "kind"),
        (ONE + WHEN + "along = { km = 3, metres = 300 }", "along"),
        (ONE + WHEN + 'areas = "everybody"', "areas"),
        (ONE + WHEN + "leave_levels = [9]", "leave_levels"),
        (ONE + WHEN + "urgency = 9", "urgency"),
        (ONE + WHEN + ONE + WHEN, "2回"),
        ("rule = 3", "[[rule]]"),
        ("[[rule", "TOML"),
        ('[[rule]]\nid = "r r"\n', "id"),
        (ONE.replace("flood", "fire") + WHEN, "hazard"),
    ],
)
def test_what_is_wrong_is_said_by_name(text: str, words: str) -> None:
    with pytest.raises(BadInput) as fault:
        read(text)
    assert words in str(fault.value)


def test_what_is_wrong_names_its_line() -> None:
    with pytest.raises(BadInput, match="2行目、規則 r：urgency"):
        read(ONE + WHEN + "urgency = 99")


def test_a_level_that_comes_rises_is_said_again_and_ends() -> None:
    looks = [
        (0, level(2, 0)),
        (5, level(3, 5)),
        (6, level(3, 6)),
        (9, level(4, 9)),
        (30, level(3, 30)),
        (60, level(0, 60)),
    ]
    assert walk(LEVEL, looks) == [(5, "issue", 3), (9, "issue", 4), (60, "calm", 0)]


def test_a_level_that_is_lowered_and_rises_again_is_said_again() -> None:
    looks = [(5, level(4, 5)), (30, level(3, 30)), (40, level(4, 40))]
    assert walk(LEVEL, looks) == [(5, "issue", 4), (40, "issue", 4)]


def test_silence_and_unknown_codes_end_nothing() -> None:
    empty = {"now": zulu(at(20)), "words": []}
    looks = [(5, level(3, 5)), (20, empty), (30, level(None, 30)), (40, level(2, 40, until=zulu(at(35))))]
    assert walk(LEVEL, looks) == [(5, "issue", 3)]
    assert stand(LEVEL, empty).verdict is Judgement.NOT_KNOWN


def test_a_word_about_another_river_or_hazard_is_none() -> None:
    assert stand(LEVEL, level(5, area="990099000200")).verdict is Judgement.NOT_KNOWN
    assert stand(LEVEL, level(5, hazard="landslide")).verdict is Judgement.NOT_KNOWN


def test_a_gauge_needs_a_witness_and_no_doubt() -> None:
    assert stand(GAUGE, gauge(1.6)).verdict is Judgement.MET
    assert stand(GAUGE, gauge(1.6, witness="")).verdict is Judgement.NEAR
    assert stand(GAUGE, gauge(1.6, doubt="急な変化")).verdict is Judgement.NOT_KNOWN
    assert stand(GAUGE, gauge(0.2, doubt="急な変化")).verdict is Judgement.NOT_KNOWN, "nor is it low"
    assert stand(GAUGE, gauge(1.6, maintained=True)).verdict is Judgement.NOT_KNOWN
    assert stand(GAUGE, gauge(1.6, now=zulu(at(21)))).verdict is Judgement.NOT_KNOWN, "silent"
    assert stand(GAUGE, gauge(1.6, mark=None)).verdict is Judgement.NOT_KNOWN
    assert stand(GAUGE, gauge(None)).verdict is Judgement.NOT_KNOWN
    assert stand(GAUGE, gauge(1.48)).verdict is Judgement.NEAR
    assert stand(GAUGE, gauge(1.40)).verdict is Judgement.NOT_MET


def test_a_gauge_that_falls_is_over_after_half_an_hour_and_not_by_going_dark() -> None:
    looks = [(0, gauge(1.6)), (10, gauge(1.3, 10)), (20, gauge(1.6, 20)), (30, gauge(1.3, 30))]
    assert walk(GAUGE, [*looks, (50, gauge(1.3, 50))]) == [(0, "issue", None)]
    assert walk(GAUGE, [*looks, (60, gauge(1.3, 60))]) == [(0, "issue", None), (60, "calm", None)]
    assert walk(GAUGE, [*looks, (60, gauge(1.3, 60, doubt="急な変化")), (80, gauge(1.3, 80))]) == [(0, "issue", None)]


def test_the_same_inputs_say_the_same_again_after_they_were_written_down() -> None:
    for rule, inputs in ((LEVEL, level(3)), (GAUGE, gauge(1.6)), (GAUGE, gauge(1.6, witness=""))):
        assert stand(rule, json.loads(json.dumps(inputs))) == stand(rule, inputs)


def test_two_clocks_that_see_the_same_make_the_same_id() -> None:
    one, two = stand(LEVEL, level(3, 5)), stand(LEVEL, level(3, 5) | {"now": zulu(at(5) + timedelta(seconds=1))})
    assert identity(LEVEL, one, 1) == identity(LEVEL, two, 1)
    assert identity(LEVEL, stand(LEVEL, level(4, 6)), 2) != identity(LEVEL, one, 1)
