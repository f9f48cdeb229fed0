"""Writing weather warnings: VPWW55, 56, 58 and 61, and the old VPWW53 and VPWW54 that still run beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from disaster_hub.rehearsal.city import (
    GROUP,
    GROUP_CODE,
    MUNICIPALITIES,
    OFFICE,
    PREFECTURE,
    REGION,
    REGION_CODE,
    moment,
)
from disaster_hub.rehearsal.envelope import (
    CITY_CODES,
    FULL_WIDTH,
    REGION_CODES,
    Envelope,
    area,
    closed,
    kind,
    opened,
    put,
)
from disaster_hub.rehearsal.kinds import (
    NEW,
    NEW_LADDERS,
    OLD,
    OLD_LADDERS,
    Change,
    Kinds,
    State,
    as_old,
    changes,
    condition,
    highest,
    level,
)
from disaster_hub.terms.clock import JAPAN, local

BLOCK = "気象警報・注意報（{}）"
UPPER = (
    ("府県予報区等", PREFECTURE, OFFICE),
    ("一次細分区域等", REGION, REGION_CODE),
    ("市町村等をまとめた地域等", GROUP, GROUP_CODE),
)
LOWER = "市町村等"
NONE = "発表警報・注意報はなし"
RISKS = {
    **dict.fromkeys(NEW_LADDERS[0], "大雨浸水危険度"), **dict.fromkeys(NEW_LADDERS[1], "土砂災害危険度"),
    "15": "風危険度", "14": "雷危険度",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weather:
    """What one telegram has to say: kinds by area now and before, and of which ladders it speaks."""

    envelope: Envelope
    before: State
    now: State
    ladders: tuple[tuple[str, ...], ...]
    ahead: tuple[str, str, int] | None = None


def new_format(weather: Weather) -> bytes:
    """Write one of VPWW55 to 61; a 取消 has a Notice and nothing else."""
    root, headline, body = opened(weather.envelope)
    if weather.envelope.info == "取消":
        put(body, "Notice", weather.envelope.text)
        return closed(root)
    _headline(headline, weather, NEW)
    for block, name, code in UPPER:
        top = _changes(weather, highest(weather.before, weather.ladders), highest(weather.now, weather.ladders), NEW)
        warning = put(body, "Warning", type=BLOCK.format(block))
        _item(warning, top, name, code, NEW, full=_full(weather))
    warning = put(body, "Warning", type=BLOCK.format(LOWER))
    for one in MUNICIPALITIES:
        item = _item(warning, _of(weather, one.area, NEW), one.name, one.area, NEW)
        _risks(item, weather)
    return closed(root)


def old_format(weather: Weather, *, quantities: bool) -> bytes:
    """Write VPWW53, or VPWW54 with *quantities*: every hazard in one, and no level 4 but in the Notice."""
    root, headline, body = opened(weather.envelope)
    if weather.envelope.info == "取消":
        put(body, "Notice", weather.envelope.text)
        return closed(root)
    old = replace(
        weather,
        before={code: as_old(kinds) for code, kinds in weather.before.items()},
        now={code: as_old(kinds) for code, kinds in weather.now.items()},
        ladders=OLD_LADDERS,
    )
    _headline(headline, old, OLD, conditions=weather.now)
    put(body, "Notice", f"［危険警報・氾濫特別警報の発表状況］\n{_notice(weather)}")
    all_kinds = tuple(code for kinds in weather.now.values() for code in kinds)
    for block, name, code in UPPER:
        top = _changes(old, highest(old.before, OLD_LADDERS), highest(old.now, OLD_LADDERS), OLD)
        warning = put(body, "Warning", type=BLOCK.format(block))
        _item(warning, top, name, code, OLD, why=condition(all_kinds), full=_full(old))
    warning = put(body, "Warning", type=BLOCK.format(LOWER))
    for one in MUNICIPALITIES:
        why = condition(weather.now.get(one.area, ()))
        item = _item(warning, _of(old, one.area, OLD), one.name, one.area, OLD, why=why)
        if quantities:
            _quantities(item)
    return closed(root)


def _notice(weather: Weather) -> str:
    """List level 4, which the old formats can say nowhere else."""
    lines = []
    for code in ("43", "49"):
        names = [one.name for one in MUNICIPALITIES if code in weather.now.get(one.area, ())]
        if names:
            lines.append(f"〈{NEW[code]}〉{'　'.join(names)}")
    return "\n".join(lines) or "なし"


def _changes(weather: Weather, before: Kinds, now: Kinds, names: dict[str, str]) -> list[Change]:
    """Say what changed on the ladders of this telegram."""
    return changes(before, now, weather.ladders, names)


def _of(weather: Weather, code: str, names: dict[str, str]) -> list[Change]:
    """Say what changed for one municipality."""
    return _changes(weather, weather.before.get(code, ()), weather.now.get(code, ()), names)


def _full(weather: Weather) -> str:
    """Say whether every municipality stands under something: 全域 or 一部."""
    return "全域" if all(weather.now.get(one.area) for one in MUNICIPALITIES) else "一部"


def _headline(headline: Any, weather: Weather, names: dict[str, str], *, conditions: State | None = None) -> None:
    """Append the Headline's blocks: kinds without Status, and 00 解除 where nothing is left."""
    top = _changes(weather, highest(weather.before, weather.ladders), highest(weather.now, weather.ladders), names)
    everywhere = tuple(code for kinds in (conditions or {}).values() for code in kinds)
    rows = [(block, top, name, code, everywhere) for block, name, code in UPPER] + [
        (LOWER, _of(weather, one.area, names), one.name, one.area, (conditions or {}).get(one.area, ()))
        for one in MUNICIPALITIES
    ]
    blocks: dict[str, Any] = {}
    for block, found, name, code, why in rows:
        if not found:
            continue
        if block not in blocks:
            blocks[block] = put(headline, "Information", type=BLOCK.format(block))
        item = put(blocks[block], "Item")
        standing = [one for one in found if one.active]
        for one in standing:
            kind(item, names[one.code], one.code, (condition(why) if one.code == "03" else "") or None)
        if not standing:
            kind(item, "解除", "00")
        areas = put(item, "Areas", codeType=CITY_CODES if block == LOWER else REGION_CODES)
        area(areas, name, code)


def _item(
    warning: Any, found: list[Change], name: str, code: str, names: dict[str, str], *, why: str = "", full: str = ""
) -> Any:
    """Append one area with every kind that stands, came or went."""
    item = put(warning, "Item")
    for one in found:
        element = kind(item, names[one.code], one.code)
        put(element, "Status", one.status)
        if why and one.code == "03":
            put(element, "Condition", why)
        if one.last is not None:
            kind(element, names[one.last], one.last, called="LastKind")
    if not found:
        put(put(item, "Kind"), "Status", NONE)
    area(item, name, code)
    if found:
        same = all(one.status == "継続" for one in found)
        put(item, "ChangeStatus", "変化無" if same else "警報・注意報種別に変化有")
    if found and full:
        put(item, "FullStatus", full)
        put(item, "EditingMark", "0")
    return item


def _risks(item: Any, weather: Weather) -> None:
    """Append the 危険度 of each kind, and the later period in which a higher level is expected."""
    for element in item.findall("{*}Kind"):
        code = element.findtext("{*}Code")
        if code not in RISKS or element.findtext("{*}Status") == "解除":
            continue
        prop = put(element, "Property")
        put(prop, "Type", RISKS[code])
        base = put(put(prop, "SignificancyPart"), "Base")
        mark = put(base, "Significancy", type=RISKS[code])
        ladder = next(ladder for ladder in NEW_LADDERS if code in ladder)
        rank = level((code,), ladder) if len(ladder) == 4 else 0
        put(mark, "Name", _rank_name(rank))
        put(mark, "Code", f"{rank}1" if rank else "20")
        if weather.ahead is not None and rank >= 3:
            _ahead(prop, *weather.ahead)


def _rank_name(rank: int) -> str:
    """Name a 危険度; level 2 alone is no 相当."""
    digit = str(rank).translate(FULL_WIDTH)
    return "注意報級" if rank == 0 else f"警戒レベル{digit}" + ("相当" if rank > 2 else "")


def _ahead(prop: Any, starts: str, hours: str, rank: int) -> None:
    """Append CriteriaPeriod: a period to come, which is not the level now."""
    begin = moment(starts).astimezone(JAPAN)
    end = begin + timedelta(hours=int(hours))
    base = put(put(prop, "CriteriaPeriod"), "Base")
    words = f"{begin.day}日{begin.hour}時から{end.day}日{end.hour}時まで、{_rank_name(rank)}"
    put(base, "Sentence", words.translate(FULL_WIDTH))
    criteria = put(base, "CriteriaClass")
    put(criteria, "Name", _rank_name(rank))
    put(criteria, "Code", f"{rank}1")
    put(base, "Time", local(begin))
    put(base, "Duration", f"PT{hours}H")


def _quantities(item: Any) -> None:
    """Append the expected rain of VPWW54 to 大雨."""
    amounts = {"10": 30, "03": 50, "33": 80}
    for element in item.findall("{*}Kind"):
        code = element.findtext("{*}Code")
        if code not in amounts or element.findtext("{*}Status") == "解除":
            continue
        prop = put(element, "Property")
        put(prop, "Type", "浸水")
        base = put(put(prop, "PrecipitationPart"), "Base")
        millimetres = str(amounts[code])
        put(
            base, "eb:Precipitation", millimetres,
            type="１時間最大雨量", unit="mm", description=f"{millimetres.translate(FULL_WIDTH)}ミリ",
        )  # fmt: skip
