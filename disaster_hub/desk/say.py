"""The desk's sentences on a latest minute: whose time it rests on, which water, and why there is none."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.decision import DELIVERY_MIN, DecideBy, EvacuationArea
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import Basis, Water

HAZARDS = {
    Hazard.FLOOD: "洪水",
    Hazard.LANDSLIDE: "土砂災害",
    Hazard.SURGE: "高潮",
    Hazard.TSUNAMI: "津波",
    Hazard.INLAND: "内水氾濫",
}


def clock(at: datetime) -> str:
    """Write a time of day as the headquarters reads it."""
    return at.astimezone(JAPAN).strftime("%H:%M")


def no_zero(water: Water) -> str:
    """Say why no minute can be said: nobody who may say so has said when the water comes."""
    if water.stale:
        return "公式の情報が届いていないため、水の時刻が分かりません（不明は安全ではありません）"
    if not water.area:
        return "この災害について発表する機関が設定されていないため、分かりません"
    return "水の始まる時刻がまだ公式に発表されていないため、分かりません（自前の予測はしません）"


def no_minute(area: EvacuationArea, *, night: bool, homes: int) -> str:
    """Say why no minute can be said though the water's time is known."""
    time = "夜の避難所要時間" if night else "避難所要時間"
    where = "区域の形が読み込まれておらず" if area.shape is None else f"出る必要のある計画 {homes} 戸から時刻が出ず"
    return f"{where}、市の{time}も設定されていないため、分かりません"


def plan_words(homes: int, at: datetime) -> str:
    """Say that it is the plans' own times."""
    return f"計画のある {homes} 戸のうち最も遅い家から {clock(at)}（伝達 {DELIVERY_MIN} 分・準備・徒歩を含む）"


def other_water(by: Hazard | None) -> str:
    """Say that the slowest home's way ends by other water than the one that the row is about."""
    return f"。最も遅い家の道は{HAZARDS[by]}で先に切れます" if by is not None else ""


def city_words(minutes: int, at: datetime, *, night: bool) -> str:
    """Say that it is the city's own time."""
    return f"市の避難所要時間（{'夜' if night else '昼'} {minutes} 分）と伝達 {DELIVERY_MIN} 分から {clock(at)}"


def zero_words(water: Water) -> str:
    """Say which water begins when, and who said it."""
    if water.zero is None:
        return no_zero(water)
    how = "到達" if water.basis is Basis.REACHED else "到達見込み"
    gauge = f"{water.gauge_name} " if water.gauge_name else ""
    return f"{gauge}{clock(water.zero)} {how}（{water.issuer or '発表機関不明'}）"


def line(name: str, one: DecideBy) -> str:
    """Give the line of the chronology for a minute that is said."""
    assert one.at is not None
    night = "・夜間" if one.night else ""
    late = f"。今出しても間に合わない家 {one.late} 戸" if one.late else ""
    return f"{name}・{HAZARDS[one.hazard]}：発令の期限 {clock(one.at)}{night}（{one.why}）{late}"
