"""Reading the town's criteria from TOML; whatever is wrong is one sentence with line, criterion, field and value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import time
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
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.report import ReportKind

LONGEST = 200_000
MOST = 400
KEYS = frozenset({"id", "order", "hazard", "title", "areas", "area", "any", "all", "note"})
OFFICIAL = ("", "rain", "flood", "landslide", "surge", "tsunami")
THRESHOLDS = ("standby", "advisory", "judgement", "danger", "design_high", "start", "warn", "flood")
AREA = re.compile(r"[0-9]{7}|[0-9]{12}")
DEEPEST = 1


def read(text: str) -> Criteria:
    """Read the criteria; BadInput names the line, the criterion, the field and the value that is wrong."""
    if len(text) > LONGEST:
        raise BadInput(f"基準の文が長すぎます（{len(text)}字。{LONGEST}字まで）")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadInput(f"TOMLとして読めません：{_where(str(fault))}") from None
    _only(said, {"criteria", "posture"}, "いちばん外側")
    rows = said.get("criteria")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("基準がありません：[[criteria]] で始まる項目を1つ以上書いてください")
    if len(rows) > MOST:
        raise BadInput(f"基準が多すぎます（{len(rows)}件。{MOST}件まで）")
    found: dict[str, Criterion] = {}
    for number, row in enumerate(rows, 1):
        one = _criterion(row, number, text)
        if one.id in found:
            raise BadInput(f"{_line(text, one.id)}基準 {one.id}：id が2回使われています")
        found[one.id] = one
    return Criteria(tuple(found.values()), _stages(said.get("posture", {})))


class _Row:
    """One table of the file with the name by which a mistake in it is called."""

    def __init__(self, row: Mapping[str, Any], name: str) -> None:
        self.row = row
        self.name = name

    def bad(self, field: str, why: str) -> BadInput:
        value = f" {self.row[field]!r}"[:60] if field in self.row else ""
        return BadInput(f"{self.name}：{field}{value}：{why}")

    def text(self, field: str, *, needed: bool = True, allowed: tuple[str, ...] = ()) -> str:
        value = self.row.get(field, "")
        if not isinstance(value, str):
            raise self.bad(field, "文字で書いてください")
        if needed and not value.strip():
            raise self.bad(field, "書いてありません")
        if allowed and value not in allowed:
            raise self.bad(field, f"{'、'.join(filter(None, allowed))} のどれかにしてください")
        return value.strip()

    def number(self, field: str, low: float, high: float, *, default: float | None = None) -> float:
        value = self.row.get(field, default)
        if value is None:
            raise self.bad(field, "書いてありません")
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.bad(field, f"{low:g} から {high:g} までの数にしてください")
        return float(value)

    def maybe(self, field: str, low: float, high: float) -> float | None:
        return self.number(field, low, high) if field in self.row else None

    def mark(self) -> str | float:
        value = self.row.get("threshold")
        if isinstance(value, str):
            return self.text("threshold", allowed=THRESHOLDS)
        return self.number("threshold", -1000, 100_000)

    def time(self, field: str) -> time:
        try:
            return time.fromisoformat(self.text(field))
        except ValueError:
            raise self.bad(field, "17:00 のような時刻にしてください") from None

    def flag(self, field: str) -> bool:
        value = self.row.get(field, False)
        if not isinstance(value, bool):
            raise self.bad(field, "true か false にしてください")
        return value


def _criterion(row: Mapping[str, Any], number: int, text: str) -> Criterion:
    name = row.get("id")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", name):
        raise BadInput(f"{number}番目の基準：id {name!r}：半角の英数字と - _ . で60字までの名前を付けてください")
    one = _Row(row, f"{_line(text, name)}基準 {name}")
    _only(row, KEYS, one.name)
    order = row.get("order")
    if isinstance(order, bool) or order not in {3, 4, 5}:
        raise one.bad("order", "3（高齢者等避難）、4（避難指示）、5（緊急安全確保）のどれかにしてください")
    hazard = Hazard(one.text("hazard", allowed=tuple(h.value for h in Hazard)))
    rule = _group(row, one.name, one.text("area", needed=False), 0)
    if rule is None:
        raise BadInput(f"{one.name}：any か all のどちらか一方に条件を書いてください")
    if order >= 4 and all(isinstance(c, SensorSays | TimeOfDay) for c in rule.conditions()):
        raise BadInput(
            f"{one.name}：市のセンサーだけでは避難指示・緊急安全確保の基準は成立しません。別の種類の条件を加えてください"
        )
    note = one.text("note", needed=False)
    return Criterion(name, int(order), hazard, one.text("title"), _areas(one), rule, note)


def _areas(one: _Row) -> tuple[str, ...]:
    value = one.row.get("areas", "all")
    if value == "all":
        return ()
    if not isinstance(value, list) or not value or not all(isinstance(code, str) and code for code in value):
        raise one.bad("areas", '"all" か、避難区域の番号の並び ["A1", "A2"] にしてください')
    return tuple(dict.fromkeys(value))


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
            _only(member, {"any", "all"}, called)
            inner = _group(member, called, area, depth + 1)
            if inner is None:
                raise BadInput(f"{called}：any か all のどちらか一方だけを書いてください")
            found.append(inner)
        else:
            found.append(_condition(_Row(member, called), area))
    return Group(given[0] == "all", tuple(found))


def _condition(one: _Row, area: str) -> Condition:
    kind = one.text("kind", allowed=tuple(KINDS))
    fields, make = KINDS[kind]
    _only(one.row, {"kind", *fields}, f"{one.name}（{kind}）")
    return make(one, area)


def _level(one: _Row, area: str) -> Condition:
    place = one.text("area", needed=False) or area
    if not AREA.fullmatch(place):
        raise one.bad("area", "予報区域（12桁）か市町村（7桁）の番号にしてください。基準の area に書いてもよい")
    level = one.number("level", 1, 5)
    if level != int(level):
        raise one.bad("level", "1 から 5 までの整数にしてください")
    default = "flood" if len(place) == 12 else ""
    hazard = one.text("hazard", needed=False, allowed=OFFICIAL) or default
    return LevelReached(place, hazard, int(level))


def _gauge(one: _Row, _area: str) -> Condition:
    return GaugeReached(one.text("station"), one.mark(), one.maybe("rising", 0.01, 1000), one.maybe("near", 0, 1000))


def _forecast(one: _Row, area: str) -> Condition:
    return ForecastReached(
        one.text("station"), one.mark(), one.number("hours", 0.5, 24),
        one.text("area", needed=False) or (area if len(area) == 12 else ""),
        one.number("error", 0, 1000, default=0.0), one.maybe("near", 0, 1000),
    )  # fmt: skip


def _rain(one: _Row, _area: str) -> Condition:
    return RainFallen(
        one.text("station"), one.number("mm", 1, 3000), one.number("hours", 0.5, 72), one.maybe("near", 0, 3000)
    )


def _sensor(one: _Row, _area: str) -> Condition:
    state = one.text("state", needed=False, allowed=("", "met", "near")) or "met"
    return SensorSays(one.text("station"), Judgement(state))


def _report(one: _Row, _area: str) -> Condition:
    kind = ReportKind(one.text("report", allowed=tuple(k.value for k in ReportKind)))
    return ReportConfirmed(
        kind,
        one.flag("anywhere"),
        one.number("metres", 0, 20_000, default=500),
        one.number("hours", 1, 240, default=24),
    )


def _clock(one: _Row, _area: str) -> Condition:
    begins, ends = one.time("from"), one.time("to")
    if begins == ends:
        raise one.bad("to", "from と同じ時刻です")
    return TimeOfDay(begins, ends)


KINDS: dict[str, tuple[frozenset[str], Callable[[_Row, str], Condition]]] = {
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
    _only(said, {"stages"}, "posture")
    stages = said.get("stages", list(STAGES))
    if not isinstance(stages, list) or not stages or not all(isinstance(s, str) and s.strip() for s in stages):
        raise BadInput('posture：stages：配備体制の名前を ["警戒体制", "第1次配備"] の形で並べてください')
    return tuple(dict.fromkeys(stage.strip() for stage in stages))


def _only(row: Mapping[str, Any], known: set[str] | frozenset[str], name: str) -> None:
    strange = sorted(set(row) - known)
    if strange:
        raise BadInput(f"{name}：{strange[0]}：知らない項目です（書けるのは {'、'.join(sorted(known))}）")


def _line(text: str, name: str) -> str:
    """Give the line at which the criterion called *name* begins, as the beginning of a sentence."""
    found = re.search(rf"""^\s*id\s*=\s*["']{re.escape(name)}["']""", text, re.MULTILINE)
    return "" if found is None else f"{text.count(chr(10), 0, found.end()) + 1}行目、"


def _where(said: str) -> str:
    """Turn the parser's place into ours."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", said)
    if found is None:
        return said
    return f"{found[1]}行目の{found[2]}文字目（{said[: found.start()].strip()}）"
