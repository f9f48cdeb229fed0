"""Bodies of weather warnings: VPWW53/54 (old), VPWW55–61 (new) and VXWW50; only the 市町村等 block counts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from disaster_hub.terms.bulletin import AreaWarning, Hazard
from sensors.feeds.codes import LIFTED, NEW_LEVELS, OLD, OLD_LEVELS, hazard_of, old_level
from sensors.feeds.xml import METEOROLOGY

MUNICIPAL = "気象警報・注意報（市町村等）"
LANDSLIDE = "土砂災害警戒情報"
WARNING, ITEM, KIND, AREA = (METEOROLOGY + name for name in ("Warning", "Item", "Kind", "Area"))
NAME, CODE, STATUS, CONDITION = (METEOROLOGY + name for name in ("Name", "Code", "Status", "Condition"))

Kind = tuple[str, str, str, str]
"""Name, Code, Status, Condition of one kind, as written."""


def municipal(body: etree._Element, telegram: str, problems: list[str]) -> tuple[AreaWarning, ...]:
    """Read the warnings of every municipality; one row for each kind of each area."""
    return tuple(_rows(body, MUNICIPAL, telegram, problems))


def landslide(body: etree._Element, problems: list[str]) -> tuple[AreaWarning, ...]:
    """Read VXWW50: code 3 is level 4 and in force, 0 and 1 are not."""
    return tuple(_rows(body, LANDSLIDE, "VXWW50", problems))


def _rows(body: etree._Element, block: str, telegram: str, problems: list[str]) -> Iterator[AreaWarning]:
    found = False
    for warning in body.iterchildren(WARNING):
        if warning.get("type") != block:
            continue
        found = True
        for number, item in enumerate(warning, 1):
            if item.tag == ITEM:
                yield from _item(item, number, telegram, problems)
    if not found:
        problems.append(f"Body/Warning: no block {block}")


def _item(item: etree._Element, number: int, telegram: str, problems: list[str]) -> Iterator[AreaWarning]:
    """Walk one Item by position: its Kinds, then its Area."""
    kinds: list[Kind] = []
    area = name = ""
    for child in item:
        if child.tag == KIND:
            kinds.append(_kind(child))
        elif child.tag == AREA:
            for part in child:
                if part.tag == CODE:
                    area = (part.text or "").strip()
                elif part.tag == NAME:
                    name = (part.text or "").strip()
    if not area or not kinds:
        problems.append(f"Body/Warning/Item[{number}]: {'no Kind' if area else 'Area/Code is empty'}")
        return
    for kind in kinds:
        yield _warning(area, name, kind, telegram, number, problems)


def _kind(element: etree._Element) -> Kind:
    name = code = status = condition = ""
    for part in element:
        tag, text = part.tag, part.text
        if tag == NAME:
            name = (text or "").strip()
        elif tag == CODE:
            code = (text or "").strip()
        elif tag == STATUS:
            status = (text or "").strip()
        elif tag == CONDITION:
            condition = (text or "").strip()
    return name, code, status, condition


def _warning(area: str, area_name: str, kind: Kind, telegram: str, number: int, problems: list[str]) -> AreaWarning:
    name, code, status, condition = kind
    active = status not in LIFTED
    if telegram == "VXWW50":
        return _landslide(area, area_name, kind, number, problems)
    if not code and not active:
        return AreaWarning(area, area_name, hazard_of("", telegram), "", name, None, active=False, change=status)
    table = OLD_LEVELS if telegram in OLD else NEW_LEVELS
    if code not in table:
        problems.append(
            f"Body/Warning/Item[{number}]/Kind/Code: {code or 'empty'!r} ({name or 'no name'}) is not known"
        )
        level = None
    else:
        level = old_level(code, condition) if telegram in OLD else NEW_LEVELS[code]
    if not status:
        problems.append(f"Body/Warning/Item[{number}]/Kind/Status: empty")
    return AreaWarning(area, area_name, hazard_of(code, telegram), code, name, level, active, status)


def _landslide(area: str, area_name: str, kind: Kind, number: int, problems: list[str]) -> AreaWarning:
    name, code, status, _ = kind
    if code not in {"0", "1", "3"}:
        problems.append(f"Body/Warning/Item[{number}]/Kind/Code: {code or 'empty'!r} ({name}) is not known")
        return AreaWarning(area, area_name, Hazard.LANDSLIDE, code, name, None, active=True, change=status)
    active = code == "3"
    return AreaWarning(area, area_name, Hazard.LANDSLIDE, code, name, 4 if active else None, active, status)
