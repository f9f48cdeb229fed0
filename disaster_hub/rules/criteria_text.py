"""Reading the town's criteria from TOML; whatever is wrong is one sentence with line, criterion, field and value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from disaster_hub.rules.criteria import (
    STAGES,
    Condition,
    Criteria,
    Criterion,
    ForecastReached,
    GaugeReached,
    Group,
    LevelReached,
    RainFallen,
    ReportConfirmed,
    SensorSays,
    TimeOfDay,
)
from disaster_hub.rules.toml_row import AREA, RIVER_DIGITS, Row, each, only, parsed
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.report import ReportKind

WHAT = "基準"
LONGEST = 200_000
MOST = 400
KEYS = frozenset({"id", "order", "hazard", "title", "areas", "area", "any", "all", "note"})
OFFICIAL = ("", "rain", "flood", "landslide", "surge", "tsunami")
DEEPEST = 1


def read(text: str) -> Criteria:
    """Read the criteria; BadInput names the line, the criterion, the field and the value that is wrong."""
    said = parsed(text, WHAT, LONGEST)
    only(said, {"criteria", "posture"}, "いちばん外側")
    rows = said.get("criteria")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("基準がありません：[[criteria]] で始まる項目を1つ以上書いてください")
    return Criteria(each(rows, text, WHAT, MOST, _criterion), _stages(said.get("posture", {})))


def _criterion(name: str, one: Row) -> Criterion:
    only(one.row, KEYS, one.name)
    order = one.row.get("order")
    if isinstance(order, bool) or order not in {3, 4, 5}:
        raise one.bad("order", "3（高齢者等避難）、4（避難指示）、5（緊急安全確保）のどれかにしてください")
    hazard = Hazard(one.text("hazard", allowed=tuple(h.value for h in Hazard)))
    rule = _group(one.row, one.name, one.text("area", needed=False), 0)
    if rule is None:
        raise BadInput(f"{one.name}：any か all のどちらか一方に条件を書いてください")
    if order >= 4 and all(isinstance(c, SensorSays | TimeOfDay) for c in rule.conditions()):
        raise BadInput(
            f"{one.name}：市のセンサーだけでは避難指示・緊急安全確保の基準は成立しません。別の種類の条件を加えてください"
        )
    note = one.text("note", needed=False)
    return Criterion(name, int(order), hazard, one.text("title"), one.areas(), rule, note)


def _group(row: Mapping[str, Any], name: str, area: str, depth: int) -> Group | None:
    """Read `any` or `all`; None where the table has neither or both."""
    given = [key for key in ("any", "all") if key in row]
    if len(given) != 1:
        return None
    members = row[given[0]]
    if not isinstance(members, list) or not members or not all(isinstance(m, dict) for m in members):
        raise BadInput(f"{name}：{given[0]}：条件を [{{ kind = … }}] の形で1つ以上並べてください")
    found: list[Condition | Group] = []
    for number, member in enumerate(members, 1):
        called = f"{name} の条件{number}"
        if "any" in member or "all" in member:
            if depth >= DEEPEST:
                raise BadInput(f"{called}：any と all を重ねられるのは1段までです")
            only(member, {"any", "all"}, called)
            inner = _group(member, called, area, depth + 1)
            if inner is None:
                raise BadInput(f"{called}：any か all のどちらか一方だけを書いてください")
            found.append(inner)
        else:
            found.append(_condition(Row(member, called), area))
    return Group(given[0] == "all", tuple(found))


def _condition(one: Row, area: str) -> Condition:
    kind = one.text("kind", allowed=tuple(KINDS))
    fields, make = KINDS[kind]
    only(one.row, {"kind", *fields}, f"{one.name}（{kind}）")
    return make(one, area)


def _level(one: Row, area: str) -> Condition:
    place = one.text("area", needed=False) or area
    if not AREA.fullmatch(place):
        raise one.bad("area", "予報区域（12桁）か市町村（7桁）の番号にしてください。基準の area に書いてもよい")
    level = one.level(1)
    default = "flood" if len(place) == RIVER_DIGITS else ""
    hazard = one.text("hazard", needed=False, allowed=OFFICIAL) or default
    return LevelReached(place, hazard, level)


def _gauge(one: Row, _area: str) -> Condition:
    return GaugeReached(one.text("station"), one.mark(), one.maybe("rising", 0.01, 1000), one.maybe("near", 0, 1000))


def _forecast(one: Row, area: str) -> Condition:
    return ForecastReached(
        one.text("station"), one.mark(), one.number("hours", 0.5, 24),
        one.text("area", needed=False) or (area if len(area) == 12 else ""),
        one.number("error", 0, 1000, default=0.0), one.maybe("near", 0, 1000),
    )  # fmt: skip


def _rain(one: Row, _area: str) -> Condition:
    return RainFallen(
        one.text("station"), one.number("mm", 1, 3000), one.number("hours", 0.5, 72), one.maybe("near", 0, 3000)
    )


def _sensor(one: Row, _area: str) -> Condition:
    state = one.text("state", needed=False, allowed=("", "met", "near")) or "met"
    return SensorSays(one.text("station"), Judgement(state))


def _report(one: Row, _area: str) -> Condition:
    kind = ReportKind(one.text("report", allowed=tuple(k.value for k in ReportKind)))
    return ReportConfirmed(
        kind,
        one.flag("anywhere"),
        one.number("metres", 0, 20_000, default=500),
        one.number("hours", 1, 240, default=24),
    )


def _clock(one: Row, _area: str) -> Condition:
    begins, ends = one.time("from"), one.time("to")
    if begins == ends:
        raise one.bad("to", "from と同じ時刻です")
    return TimeOfDay(begins, ends)


KINDS: dict[str, tuple[frozenset[str], Callable[[Row, str], Condition]]] = {
    "level": (frozenset({"area", "hazard", "level"}), _level),
    "gauge": (frozenset({"station", "threshold", "rising", "near"}), _gauge),
    "forecast": (frozenset({"station", "threshold", "hours", "area", "error", "near"}), _forecast),
    "rain": (frozenset({"station", "mm", "hours", "near"}), _rain),
    "sensor": (frozenset({"station", "state"}), _sensor),
    "report": (frozenset({"report", "anywhere", "metres", "hours"}), _report),
    "clock": (frozenset({"from", "to"}), _clock),
}


def _stages(said: Any) -> tuple[str, ...]:
    if not isinstance(said, dict):
        raise BadInput("posture：[posture] の形で書いてください")
    only(said, {"stages"}, "posture")
    stages = said.get("stages", list(STAGES))
    if not isinstance(stages, list) or not stages or not all(isinstance(s, str) and s.strip() for s in stages):
        raise BadInput('posture：stages：配備体制の名前を ["警戒体制", "第1次配備"] の形で並べてください')
    return tuple(dict.fromkeys(stage.strip() for stage in stages))
