"""A criterion read aloud: each condition as a sentence that an officer can hold beside the town's own plan."""

from __future__ import annotations

from collections.abc import Mapping

from disaster_hub.rules.criteria import (
    Condition,
    ForecastReached,
    GaugeReached,
    LevelReached,
    RainFallen,
    ReportConfirmed,
    SensorSays,
    TimeOfDay,
)
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.report import ReportKind

OFFICIAL_WORDS = {
    "": "気象情報（種別は問わない）", "rain": "大雨（浸水）", "flood": "河川氾濫", "landslide": "土砂災害",
    "surge": "高潮", "tsunami": "津波",
}  # fmt: skip
HAZARD_WORDS = {"flood": "洪水", "landslide": "土砂災害", "surge": "高潮", "tsunami": "津波", "inland": "内水氾濫"}
THRESHOLD_WORDS = {
    "standby": "水防団待機水位", "advisory": "氾濫注意水位", "judgement": "避難判断水位", "danger": "氾濫危険水位",
    "design_high": "計画高水位", "start": "観測開始水位", "warn": "危険水位（注意）", "flood": "氾濫開始水位",
}  # fmt: skip
REPORT_WORDS = {
    ReportKind.FLOODED_ROAD: "道路冠水", ReportKind.BLOCKED_ROAD: "道路の通行支障",
    ReportKind.FLOODED_HOUSE: "家屋浸水", ReportKind.LANDSLIDE: "土砂災害の発生",
    ReportKind.LEVEE: "堤防の異状・越水", ReportKind.RESCUE: "救助要請", ReportKind.FIRE: "火災",
    ReportKind.POWER: "停電", ReportKind.WATER_SUPPLY: "断水", ReportKind.DAMAGE: "被害", ReportKind.OTHER: "その他",
}  # fmt: skip
YARDSTICK = {1: "警戒レベル1", 2: "警戒レベル2"}


def wish(one: Condition, names: Mapping[str, str]) -> str:
    """Say what the condition asks for; *names* gives stations and areas their names."""
    if isinstance(one, TimeOfDay):
        return f"時刻が{one.begins:%H:%M}から{one.ends:%H:%M}まで"
    if isinstance(one, ReportConfirmed):
        where = "市内" if one.anywhere else f"区域内または{one.metres:g}m以内"
        return f"{REPORT_WORDS[one.kind]}の報告を本部が確認（{where}、{one.hours:g}時間以内）"
    if isinstance(one, LevelReached):
        level = YARDSTICK.get(one.level, f"警戒レベル{one.level}相当")
        return f"{names.get(one.area) or one.area}の{OFFICIAL_WORDS[one.hazard]}が{level}以上"
    return _measured(one, names.get(one.station) or one.station)


def _measured(one: GaugeReached | ForecastReached | RainFallen | SensorSays, name: str) -> str:
    if isinstance(one, GaugeReached):
        rising = f"、かつ60分で{one.rising:g}以上の上昇" if one.rising is not None else ""
        return f"{name}の実況が{mark_words(one.mark)}以上{rising}"
    if isinstance(one, ForecastReached):
        error = f"（予測の誤差{one.error:g}を上乗せ）" if one.error else ""
        return f"{name}の公式予測が{one.hours:g}時間以内に{mark_words(one.mark)}へ到達{error}"
    if isinstance(one, RainFallen):
        return f"{name}の{one.hours:g}時間雨量が{one.mm:g}mm以上"
    mark = "基準" if one.state is Judgement.MET else "注意の基準"
    return f"市のセンサー {name} が市の{mark}に到達"


def mark_words(mark: str | float) -> str:
    """Say a threshold: its name, or its number."""
    return THRESHOLD_WORDS[mark] if isinstance(mark, str) else f"{mark:g}"
