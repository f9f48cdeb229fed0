"""Bodies of weather warnings: VPWW53/54 (old), VPWW55–61 (new) and VXWW50; only the 市町村等 block counts.

The level is that of Kind/Code and nothing else: CriteriaClass speaks of hours to come, Headline has no Status.
"""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from disaster_hub.terms.bulletin import AreaWarning, Hazard
from sensors.feeds.codes import LIFTED, NEW_LEVELS, OLD, OLD_LEVELS, hazard_of, old_level
from sensors.feeds.xml import METEOROLOGY

MUNICIPAL = "気象警報・注意報（市町村等）"
LANDSLIDE = "土砂災害警戒情報"
WARNING, ITEM, KIND, AREA = (METEOROLOGY + name for name in ("Warning", "Item", "Kind", "Area"))
NAME, CODE, STATUS, CONDITION = (METEOROLOGY + name for name in ("Name", "Code", "Status", "Condition"))
BEHIND = frozenset(METEOROLOGY + name for name in ("LastKind", "NextKinds", "Attention", "Addition", "Property"))
"""Children of Kind that stand behind all that is read here (the schema gives them an order)."""

Kind = tuple[str, str, str, str]
"""Name, Code, Status, Condition of one kind, as written."""
Meaning = tuple[Hazard, int | None, bool, str | None]
"""Hazard, level, whether in force, and what is not understood about a kind."""


def municipal(body: etree._Element, telegram: str, problems: list[str]) -> tuple[AreaWarning, ...]:
    """Read the warnings of every municipality; one row for each kind of each area."""
    return _rows(body, MUNICIPAL, telegram, problems)


def landslide(body: etree._Element, problems: list[str]) -> tuple[AreaWarning, ...]:
    """Read VXWW50: code 3 is level 4 and in force, 0 and 1 are not."""
    return _rows(body, LANDSLIDE, "VXWW50", problems)


def _rows(body: etree._Element, block: str, telegram: str, problems: list[str]) -> tuple[AreaWarning, ...]:
    rows: list[AreaWarning] = []
    blocks = [warning for warning in body.iterchildren(WARNING) if warning.get("type") == block]
    for warning in blocks:
        for number, item in enumerate(warning, 1):
            if item.tag == ITEM:
                _item(item, number, telegram, rows, problems)
    if not blocks:
        problems.append(f"Body/Warning: no block {block}")
    return tuple(rows)


def _item(item: etree._Element, number: int, telegram: str, rows: list[AreaWarning], problems: list[str]) -> None:
    """Walk one Item by position: its Kinds, then its Area."""
    kinds: list[Kind] = []
    area = name = ""
    for child in item:
        tag = child.tag
        if tag == KIND:
            kinds.append(_kind(child))
        elif tag == AREA:
            name, area = _kind(child)[:2]
            break
    if len(area) != 7 or not area.isdecimal() or not kinds:
        what = "Kind: missing" if not kinds else f"Area/Code: {area[:20]!r} is no municipality"
        problems.append(f"Body/Warning/Item[{number}]/{what}")
    for kind in kinds if area else ():
        hazard, level, active, unclear = _meaning(kind, telegram)
        rows.append(AreaWarning(area, name, hazard, kind[1], kind[0], level, active, kind[2]))
        if unclear:
            problems.append(f"Body/Warning/Item[{number}]/Kind/{unclear}")


def _kind(element: etree._Element) -> Kind:
    """Walk what stands in a Kind, or in an Area, which has the first two of the four."""
    name = code = status = condition = ""
    for part in element:
        tag = part.tag
        if tag == NAME:
            name = (part.text or "").strip()
        elif tag == CODE:
            code = (part.text or "").strip()
        elif tag == STATUS:
            status = (part.text or "").strip()
        elif tag == CONDITION:
            condition = (part.text or "").strip()
        elif tag in BEHIND:
            break
    return name, code, status, condition


@lru_cache(maxsize=1024)
def _meaning(kind: Kind, telegram: str) -> Meaning:
    """Judge what a kind says in a telegram of that type; there are a few dozen of them, in thousands of areas."""
    name, code, status, condition = kind
    lifted = status in LIFTED
    hazard = hazard_of(code, telegram)
    if telegram == "VXWW50":
        if code in {"0", "1", "3"}:
            return Hazard.LANDSLIDE, 4 if code == "3" else None, code == "3", None
        return Hazard.LANDSLIDE, None, not lifted, f"Code: {code or 'empty'!r} ({name or 'no name'}) is not known"
    if lifted and not code:
        return hazard, None, False, None
    if code not in (OLD_LEVELS if telegram in OLD else NEW_LEVELS):
        return hazard, None, not lifted, f"Code: {code or 'empty'!r} ({name or 'no name'}) is not known"
    unclear = None if status else "Status: empty"
    if telegram not in OLD:
        return hazard, NEW_LEVELS[code], not lifted, unclear
    if code == "03" and not condition and not lifted:
        unclear = "Condition: empty, so whether 土砂災害 or 浸水害 is not known"
    return hazard, old_level(code, condition), not lifted, unclear
