"""Reading the town's rules of automatic notices from TOML; whatever is wrong is one sentence with line, rule, field."""

from __future__ import annotations

from datetime import timedelta

from disaster_hub.rules.notice_rules import Along, NoticeRule, WhenGauge, WhenLevel
from disaster_hub.rules.toml_row import AREA, RIVER_DIGITS, Row, each, only, parsed
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard

WHAT = "規則"
LONGEST = 100_000
MOST = 200
KEYS = frozenset(
    {"id", "title", "hazard", "when", "areas", "along", "zones", "leave_levels", "expires_minutes", "urgency", "note"}
)
OFFICIAL = ("", "rain", "flood", "landslide", "surge")
URGENCIES = {2: 4, 3: 6, 4: 7, 5: 8}
"""Of level 3 to 5 as the orders of the city; what the gauges say goes as level 4."""
GAUGE_URGENCY = 7


def read(text: str) -> tuple[NoticeRule, ...]:
    """Read the rules; BadInput names the line, the rule, the field and the value that is wrong. None is allowed."""
    said = parsed(text, WHAT, LONGEST)
    only(said, {"rule"}, "いちばん外側")
    rows = said.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput("規則は [[rule]] で始まる項目として書いてください")
    return each(rows, text, WHAT, MOST, _rule)


def _rule(name: str, one: Row) -> NoticeRule:
    only(one.row, KEYS, one.name)
    when = _when(one)
    areas, along = one.areas(), _along(one)
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
        zones=one.flag("zones") if "zones" in one.row else True,
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
    level = when.level(2)
    usual = "flood" if len(area) == RIVER_DIGITS else ""
    return WhenLevel(area, when.text("hazard", needed=False, allowed=OFFICIAL) or usual, level)


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
