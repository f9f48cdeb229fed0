"""Reading the town's rules of automatic notices from TOML; whatever is wrong is one sentence with line, rule, field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from disaster_hub.rules.notice_rules import Along, NoticeRule, WhenGauge, WhenLevel
from disaster_hub.rules.toml_row import Row, line, only, where
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard

LONGEST = 100_000
MOST = 200
KEYS = frozenset(
    {"id", "title", "hazard", "when", "areas", "along", "zones", "leave_levels", "expires_minutes", "urgency", "note"}
)
OFFICIAL = ("", "rain", "flood", "landslide", "surge")
AREA = re.compile(r"[0-9]{7}|[0-9]{12}")
RIVER_DIGITS = 12
URGENCIES = {2: 4, 3: 6, 4: 7, 5: 8}
"""Of level 3 to 5 as the orders of the city; what the gauges say goes as level 4."""
GAUGE_URGENCY = 7


def read(text: str) -> tuple[NoticeRule, ...]:
    """Read the rules; BadInput names the line, the rule, the field and the value that is wrong. None is allowed."""
    if len(text) > LONGEST:
        raise BadInput(f"規則の文が長すぎます（{len(text)}字。{LONGEST}字まで）")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadInput(f"TOMLとして読めません：{where(str(fault))}") from None
    only(said, {"rule"}, "いちばん外側")
    rows = said.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput("規則は [[rule]] で始まる項目として書いてください")
    if len(rows) > MOST:
        raise BadInput(f"規則が多すぎます（{len(rows)}件。{MOST}件まで）")
    found: dict[str, NoticeRule] = {}
    for number, row in enumerate(rows, 1):
        one = _rule(row, number, text)
        if one.id in found:
            raise BadInput(f"{line(text, one.id)}規則 {one.id}：id が2回使われています")
        found[one.id] = one
    return tuple(found.values())


def _rule(row: Mapping[str, Any], number: int, text: str) -> NoticeRule:
    name = row.get("id")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", name):
        raise BadInput(f"{number}番目の規則：id {name!r}：半角の英数字と - _ . で60字までの名前を付けてください")
    one = Row(row, f"{line(text, name)}規則 {name}")
    only(row, KEYS, one.name)
    when = _when(one)
    areas, along = _areas(one), _along(one)
    if isinstance(when, WhenGauge) and not areas and along is None:
        raise BadInput(f"{one.name}：水位の規則には、送る範囲（areas か along）を書いてください")
    if isinstance(when, WhenLevel) and along is not None:
        raise one.bad("along", '水位の規則（kind = "gauge"）だけに書けます')
    usual = URGENCIES[when.level] if isinstance(when, WhenLevel) else GAUGE_URGENCY
    return NoticeRule(
        id=name,
        title=one.text("title"),
        hazard=Hazard(one.text("hazard", allowed=tuple(h.value for h in Hazard))),
        when=when,
        areas=areas,
        along=along,
        zones=one.flag("zones") if "zones" in row else True,
        leave_levels=_levels(one),
        expires=timedelta(minutes=one.number("expires_minutes", 10, 1440, default=360)),
        urgency=int(one.number("urgency", 1, 8, default=usual)),
        note=one.text("note", needed=False)[:200],
    )


def _when(one: Row) -> WhenLevel | WhenGauge:
    said = one.row.get("when")
    if not isinstance(said, dict):
        raise one.bad("when", 'when = { kind = "level", … } の形で書いてください')
    when = Row(said, f"{one.name} の when")
    if when.text("kind", allowed=("level", "gauge")) == "gauge":
        only(said, {"kind", "station", "threshold"}, when.name)
        return WhenGauge(when.text("station"), when.mark())
    only(said, {"kind", "area", "hazard", "level"}, when.name)
    area = when.text("area")
    if not AREA.fullmatch(area):
        raise when.bad("area", "予報区域（12桁）か市町村（7桁）の番号にしてください")
    level = when.number("level", 2, 5)
    if level != int(level):
        raise when.bad("level", "2 から 5 までの整数にしてください")
    usual = "flood" if len(area) == RIVER_DIGITS else ""
    return WhenLevel(area, when.text("hazard", needed=False, allowed=OFFICIAL) or usual, int(level))


def _areas(one: Row) -> tuple[str, ...]:
    value = one.row.get("areas", "all")
    if value == "all":
        return ()
    if not isinstance(value, list) or not value or not all(isinstance(code, str) and code for code in value):
        raise one.bad("areas", '"all" か、避難区域の番号の並び ["A1", "A2"] にしてください')
    return tuple(dict.fromkeys(value))


def _along(one: Row) -> Along | None:
    said = one.row.get("along")
    if said is None:
        return None
    if not isinstance(said, dict):
        raise one.bad("along", "along = { km = 3, metres = 300 } の形で書いてください")
    only(said, {"km", "metres"}, f"{one.name} の along")
    row = Row(said, f"{one.name} の along")
    return Along(row.number("km", 0.1, 50), row.number("metres", 10, 5000))


def _levels(one: Row) -> frozenset[int]:
    value = one.row.get("leave_levels", [])
    if not isinstance(value, list) or not all(isinstance(n, int) and n in {2, 3, 4, 5} for n in value):
        raise one.bad("leave_levels", "計画で出る警戒レベルの並び [3] や [3, 4] にしてください")
    return frozenset(value)
