"""What the state asks a city to count (消防庁 火災・災害等即報要領 第4号様式): the items, their words and units."""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE, HOUSES, OTHER_HOUSES, OTHER, FIRES = "人的被害", "住家被害", "非住家", "その他", "火災発生"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the form."""

    key: str
    group: str
    word: str
    unit: str


ITEMS = (
    Item("dead", PEOPLE, "死者", "人"),
    Item("dead_related", PEOPLE, "うち災害関連死者", "人"),
    Item("missing", PEOPLE, "行方不明者", "人"),
    Item("hurt_badly", PEOPLE, "負傷者 重傷", "人"),
    Item("hurt_lightly", PEOPLE, "負傷者 軽傷", "人"),
    Item("destroyed", HOUSES, "全壊", "棟"),
    Item("destroyed_households", HOUSES, "全壊", "世帯"),
    Item("destroyed_people", HOUSES, "全壊", "人"),
    Item("half", HOUSES, "半壊", "棟"),
    Item("half_households", HOUSES, "半壊", "世帯"),
    Item("half_people", HOUSES, "半壊", "人"),
    Item("partly", HOUSES, "一部破損", "棟"),
    Item("partly_households", HOUSES, "一部破損", "世帯"),
    Item("partly_people", HOUSES, "一部破損", "人"),
    Item("above_floor", HOUSES, "床上浸水", "棟"),
    Item("above_floor_households", HOUSES, "床上浸水", "世帯"),
    Item("above_floor_people", HOUSES, "床上浸水", "人"),
    Item("below_floor", HOUSES, "床下浸水", "棟"),
    Item("below_floor_households", HOUSES, "床下浸水", "世帯"),
    Item("below_floor_people", HOUSES, "床下浸水", "人"),
    Item("public_buildings", OTHER_HOUSES, "公共建物", "棟"),
    Item("other_buildings", OTHER_HOUSES, "その他", "棟"),
    Item("paddy_lost", OTHER, "田 流失・埋没", "ha"),
    Item("paddy_flooded", OTHER, "田 冠水", "ha"),
    Item("field_lost", OTHER, "畑 流失・埋没", "ha"),
    Item("field_flooded", OTHER, "畑 冠水", "ha"),
    Item("schools", OTHER, "学校", "箇所"),
    Item("hospitals", OTHER, "病院", "箇所"),
    Item("roads", OTHER, "道路", "箇所"),
    Item("bridges", OTHER, "橋りょう", "箇所"),
    Item("rivers", OTHER, "河川", "箇所"),
    Item("ports", OTHER, "港湾", "箇所"),
    Item("sabo", OTHER, "砂防", "箇所"),
    Item("cleaning", OTHER, "清掃施設", "箇所"),
    Item("slopes", OTHER, "崖くずれ", "箇所"),
    Item("railways", OTHER, "鉄道不通", "箇所"),
    Item("ships", OTHER, "被害船舶", "隻"),
    Item("water", OTHER, "水道", "戸"),
    Item("telephone", OTHER, "電話", "回線"),
    Item("power", OTHER, "電気", "戸"),
    Item("gas", OTHER, "ガス", "戸"),
    Item("walls", OTHER, "ブロック塀等", "箇所"),
    Item("fire_buildings", FIRES, "建物", "件"),
    Item("fire_dangerous", FIRES, "危険物", "件"),
    Item("fire_other", FIRES, "その他", "件"),
    Item("stricken_households", "り災", "り災世帯数", "世帯"),
    Item("stricken_people", "り災", "り災者数", "人"),
    Item("firefighters", "出動", "消防職員出動延人数", "人"),
    Item("volunteers", "出動", "消防団員出動延人数", "人"),
)
"""In the order of その2; a number that nobody has counted is 調査中, never 0."""
BY_KEY = {item.key: item for item in ITEMS}
MOST = 10_000_000
