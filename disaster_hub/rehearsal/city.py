"""The made-up city of みなも: its names, its codes from blocks that nobody uses, its place in the open sea."""
# ruff: noqa: E501 - tables read by their rows

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from disaster_hub.terms.clock import JAPAN

ORIGIN_LON, ORIGIN_LAT = 139.265, 38.878
"""South-west corner. There is no land here, so no real address lies under the made-up one."""
METRES_PER_LON, METRES_PER_LAT = 86_748.0, 111_013.0
"""Of one degree at this latitude, on GRS 80."""
WIDTH_M, HEIGHT_M = 6000.0, 5000.0

PREFECTURE, PREFECTURE_CODE = "架空県", "99"
OFFICE, OFFICE_NAME = "990000", "架空地方気象台"
OTHER_OFFICE, OTHER_OFFICE_NAME = "990900", "架空東部気象台"
REGION, REGION_CODE = "みなも地方", "990010"
GROUP, GROUP_CODE = "みなも中央", "990011"
RIVER, RIVER_EN, RIVER_CODE = "みなも川", "Minamo River", "990099000100"
EXERCISE = "訓練用の架空の電文です。実在の地域・災害とは関係ありません。"

NOON = datetime(2026, 9, 18, 12, 0, tzinfo=JAPAN)
"""The night is told in minutes after this noon."""
STARTS, ENDS = "15:00", "02:00"


def moment(text: str) -> datetime:
    """Give the UTC time of `HH:MM` or `HH:MM:SS` of that night; before noon it is the morning after."""
    clock = datetime.strptime(text if text.count(":") == 2 else f"{text}:00", "%H:%M:%S").time()  # noqa: DTZ007 - a time of day
    day = NOON.date() + timedelta(days=clock.hour < 12)
    return datetime.combine(day, clock, tzinfo=JAPAN).astimezone(UTC)


def minutes(at: datetime) -> float:
    """Give the minutes from that noon to *at*."""
    return (at - NOON).total_seconds() / 60


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Turn metres east and north of the corner into degrees, to the centimetre."""
    return round(ORIGIN_LON + x / METRES_PER_LON, 7), round(ORIGIN_LAT + y / METRES_PER_LAT, 7)


def river_y(x: float) -> float:
    """Give the metres north at which the middle of みなも川 runs, at *x* metres east; it flows to the west."""
    return 2900 - 0.12 * x + 60 * math.sin(x / 500)


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality: 7-digit JMA area, 5-digit JIS code, its county where it is a town."""

    area: str
    jis5: str
    name: str
    name_en: str
    county: str | None = None


MINAMO = Municipality("9920100", "99201", "みなも市", "Minamo City")
TANIKAWA = Municipality("9920200", "99202", "たにかわ市", "Tanikawa City")
OKANO = Municipality("9930100", "99301", "おかの町", "Okano Town", "みどり郡")
MUNICIPALITIES = (MINAMO, TANIKAWA, OKANO)

Water = Literal["river", "brook", "underpass"]


@dataclass(frozen=True, slots=True)
class Station:
    """A water-level station of the flood forecast (17 digits); its stage is a share of the main one's."""

    code: str
    name: str
    location: str
    x: float
    scale: float
    lag_min: float
    thresholds: tuple[float, float, float, float, float | None]
    """Metres: standby, advisory, judgement, danger, design high (None where 無効)."""


STATIONS = (
    Station("99009900010000001", "みなも橋", "みなも市本町", 3000, 1.0, 0, (2.2, 3.0, 3.9, 4.6, 5.6)),
    Station("99009900010000002", "うえの淵", "たにかわ市上野", 5800, 0.82, -35, (1.8, 2.5, 3.2, 3.8, 4.6)),
    Station("99009900010000003", "しも浜", "みなも市下浜", 300, 0.74, 30, (1.7, 2.3, 3.0, 3.5, None)),
)


@dataclass(frozen=True, slots=True)
class RiverGauge:
    """A 危機管理型水位計: *datum* is added to its own depth, thresholds stand on the same zero, metres."""

    code: str
    name: str
    kana: str
    place: str
    town: Municipality
    water: Water
    x: float
    y: float
    datum: float
    scale: float
    lag_min: float
    start: float
    warn: float | None
    flood: float
    silent_after: str | None = None


GAUGES = (
    RiverGauge("9900000001", "みなも橋（みなも川）", "みなもばし", "ほんちょう", MINAMO, "river", 3000, river_y(3000), 0.0, 1.0, 2, 2.0, 4.3, 6.4),
    RiverGauge("9900000002", "さくら橋（みなも川）", "さくらばし", "さくらちょう", MINAMO, "river", 4350, river_y(4350), 11.2, 0.94, -10, 13.1, 15.4, 17.2),
    RiverGauge("9900000003", "みなも川１．２ｋ右岸", "みなもがわ１．２ｋうがん", "しもはま", MINAMO, "river", 1200, river_y(1200), 7.4, 0.88, 18, 9.2, None, 13.0),
    RiverGauge("9900000004", "うえの淵（みなも川）", "うえのふち", "かみの", TANIKAWA, "river", 5800, river_y(5800), 0.0, 0.82, -35, 1.6, 3.5, 5.2),
    RiverGauge("9900000005", "こがね川（こがね橋）", "こがねがわ（こがねばし）", "あしはら", MINAMO, "brook", 1900, 3900, 0.0, 1.9, 0, 0.6, 1.4, 1.9),
    RiverGauge("9900000006", "こがね川（かや野橋）", "こがねがわ（かやのばし）", "かやの", MINAMO, "brook", 3300, 4300, 9.6, 1.7, -12, 10.2, 11.0, 11.35, "17:25"),
    RiverGauge("9900000007", "みず沢川（みず沢橋）", "みずさわがわ（みずさわばし）", "みずさわ", MINAMO, "brook", 3900, 1350, 0.0, 1.5, -18, 0.5, None, 1.75),
    RiverGauge("9900000008", "みず沢川（やま口）", "みずさわがわ（やまぐち）", "やまぐち", MINAMO, "brook", 3750, 900, -0.6, 1.3, -25, -0.1, 0.5, 1.2),
    RiverGauge("9900000009", "すぎ川（すぎ橋）", "すぎがわ（すぎばし）", "すぎの", OKANO, "brook", 700, 700, 0.0, 1.2, -20, 0.5, 0.9, 1.4),
    RiverGauge("9900000010", "はこ川（たに橋）", "はこがわ（たにばし）", "たにはら", TANIKAWA, "brook", 6000, 3700, 0.0, 1.4, -30, 0.5, 1.1, 1.5),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """One sensor of the city's own, hanging *zero_m* above its station's zero."""

    id: str
    network: Literal["chirpstack", "ttn", "plain"]
    name: str
    name_en: str
    x: float
    y: float
    water: Water | Literal["rain"]
    scale: float
    zero_m: float | None = None
    start_m: float | None = None
    near: float | None = None
    met: float | None = None


DEVICES = (
    Device("fe99000000000001", "chirpstack", "こがね川 あしはら水門", "Ashihara Gate", 1500, 3720, "brook", 1.85, 3.2, 0.6, 1.3, 1.7),
    Device("fe99000000000002", "chirpstack", "こがね川 新町橋", "Shinmachi Bridge", 2450, 4080, "brook", 1.8, 3.0, 0.6, 1.2, 1.6),
    Device("fe99000000000003", "chirpstack", "みず沢川 小学校前", "Mizusawa School", 3850, 1620, "brook", 1.5, 2.6, 0.5, 1.1, 1.45),
    Device("fe99000000000004", "chirpstack", "みなも川 さくら橋", "Sakura Bridge", 4360, river_y(4360), "river", 0.94, 9.0, 2.0, 3.4, 4.2),
    Device("fe99000000000005", "chirpstack", "みなも川 河川公園", "Riverside Park", 2300, river_y(2300), "river", 0.97, 9.0, 2.0, 3.4, 4.2),
    Device("fe99000000000006", "ttn", "駅西アンダーパス", "Station-West Underpass", 2640, 3420, "underpass", 1.0, 4.2, 0.05, 0.1, 0.3),
    Device("fe99000000000007", "ttn", "すぎ川 杉野", "Sugino", 665, 1600, "brook", 1.2, 2.4, 0.5, 0.8, 1.1),
    Device("fe99000000000008", "ttn", "こがね川 かや野", "Kayano", 3300, 4310, "brook", 1.7, 3.4, 0.6, 1.2, 1.6),
    Device("fe99plain01", "plain", "市役所 雨量計", "City Hall Rain Gauge", 3250, 3050, "rain", 1.0, None, None, 5.0, 8.0),
    Device("fe99plain02", "plain", "排水機場 内水位", "Pump Station", 1350, 3600, "brook", 1.75, None, 0.6, 1.2, 1.6),
    Device("fe99plain03", "plain", "用水路 みどり堰", "Midori Weir", 4700, 3300, "brook", 1.1, None, 0.4, 0.8, 1.0),
)  # fmt: skip
