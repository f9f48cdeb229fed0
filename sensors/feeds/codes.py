"""Codes of weather warnings and flood forecasts, and the level each stands for (JMA 別表3, 指定河川洪水予報 表2)."""

from __future__ import annotations

from disaster_hub.terms.bulletin import Hazard

TITLES = {
    "気象特別警報・警報・注意報": "VPWW53",
    "気象警報・注意報（Ｈ２７）": "VPWW54",
    "気象警報・注意報（Ｒ０６）（大雨）": "VPWW55",
    "気象警報・注意報（Ｒ０６）（土砂）": "VPWW56",
    "気象警報・注意報（Ｒ０６）（土砂災害）": "VPWW56",
    "気象警報・注意報（Ｒ０６）（高潮）": "VPWW57",
    "気象警報・注意報（Ｒ０６）（暴風）": "VPWW58",
    "気象警報・注意報（Ｒ０６）（波浪）": "VPWW59",
    "気象警報・注意報（Ｒ０６）（大雪）": "VPWW60",
    "気象警報・注意報（Ｒ０６）（その他注意報）": "VPWW61",
    "気象警報・注意報（Ｒ０６）（その他）": "VPWW61",
    "指定河川洪水予報": "VXKO",
    "土砂災害警戒情報": "VXWW50",
}
"""Control/Title → the type whose body is read here."""

OLD = frozenset({"VPWW53", "VPWW54"})

LEVELLESS = ("02", "05", "06", "07", *map(str, range(12, 18)), *map(str, range(20, 28)), "32", "35", "36", "37")
"""Wind, snow, waves, thunder and the rest: no 警戒レベル in either system."""
NEW_LEVELS: dict[str, int | None] = {
    "10": 2, "03": 3, "43": 4, "33": 5,
    "29": 2, "09": 3, "49": 4, "39": 5,
    "19": 2, "08": 3, "48": 4, "38": 5,
    **dict.fromkeys(LEVELLESS),
}  # fmt: skip
OLD_LEVELS: dict[str, int | None] = {
    "33": 5, "03": 3, "04": 3, "08": 4, "38": 4, "10": 2, "18": 2, "19": 2,
    **dict.fromkeys(LEVELLESS),
}  # fmt: skip
"""03 is level 3 only where Condition names 土砂災害; see `old_level`."""

HAZARDS = {
    **dict.fromkeys(("03", "10", "33", "43"), Hazard.RAIN),
    **dict.fromkeys(("04", "18"), Hazard.FLOOD),
    **dict.fromkeys(("09", "29", "39", "49"), Hazard.LANDSLIDE),
    **dict.fromkeys(("08", "19", "38", "48"), Hazard.SURGE),
    **dict.fromkeys(("05", "15", "35"), Hazard.WIND),
    **dict.fromkeys(("02", "13", "32"), Hazard.BLIZZARD),
    **dict.fromkeys(("07", "16", "37"), Hazard.WAVE),
    **dict.fromkeys(("06", "12", "36"), Hazard.SNOW),
}
FAMILIES = {
    "VPWW55": Hazard.RAIN,
    "VPWW56": Hazard.LANDSLIDE,
    "VPWW57": Hazard.SURGE,
    "VPWW58": Hazard.WIND,
    "VPWW59": Hazard.WAVE,
    "VPWW60": Hazard.SNOW,
    "VXWW50": Hazard.LANDSLIDE,
}
"""What an unknown code warns of, by the telegram that brought it."""

RIVER_LEVELS: dict[str, int | None] = {
    "10": None, "20": 2, "21": 2, "22": 2, "30": 3, "31": 3, "40": 4, "41": 4, "51": 5, "53": 5,
}  # fmt: skip
RIVER_ALL_CLEAR = "10"
"""22 （警報解除） is level 2 and in force; 10 is the only all-clear."""

LIFTED = frozenset({"解除", "発表警報・注意報はなし", "なし"})

THRESHOLDS = {
    "レベル１水防団待機水位": "standby",
    "レベル２氾濫注意水位": "advisory",
    "レベル３避難判断水位": "judgement",
    "レベル４氾濫危険水位": "danger",
    "レベル４計画高水位等": "design_high",
    "水防団待機水位": "standby",
    "氾濫注意水位": "advisory",
    "避難判断水位": "judgement",
    "氾濫危険水位": "danger",
    "計画高水位": "design_high",
    "計画高水位等": "design_high",
    "レベル１水防団待機流量": "standby",
    "レベル２氾濫注意流量": "advisory",
    "レベル３避難判断流量": "judgement",
    "レベル４氾濫危険流量": "danger",
    "レベル４計画高水流量等": "design_high",
}


def hazard_of(code: str, telegram: str) -> Hazard:
    """Tell what a kind warns of; an unknown code, or none, takes the hazard of its telegram."""
    return HAZARDS.get(code) or (Hazard.OTHER if code in LEVELLESS else FAMILIES.get(telegram, Hazard.OTHER))


def old_level(code: str, condition: str) -> int | None:
    """Give the level of a code in VPWW53/54: 大雨警報 is 3 for 土砂災害 and has none for 浸水害 alone."""
    if code == "03" and "土砂災害" not in condition.split("、"):
        return None
    return OLD_LEVELS.get(code)
