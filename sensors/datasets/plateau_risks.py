"""What a PLATEAU water body says of its water: which hazard, which flood, which class, which river."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from disaster_hub.terms.errors import BadInput
from sensors.datasets.classes import DEPTHS, Class, depth_class, hours, metres
from sensors.datasets.dataset import Tally
from sensors.datasets.plateau_codes import CodeLists

GENERIC = "{http://www.opengis.net/citygml/generics/2.0}"
KNOWN = {
    "name", "description", "boundedBy", "metaDataProperty", "creationDate", "terminationDate", "externalReference",
    "class", "function", "usage",
}  # fmt: skip
"""Elements of any feature that say nothing of its danger."""
WATER_KNOWN = {*KNOWN, "floodingRiskAttribute", "wtrDataQualityAttribute", "dataQualityAttribute"}
ATTRIBUTE_KNOWN = {"description", "rank", "rankOrg", "depth", "adminType", "scale", "duration"}
HAZARDS = {
    "RiverFloodingRiskAttribute": ("flood", "1"),
    "TsunamiRiskAttribute": ("tsunami", "2"),
    "HighTideRiskAttribute": ("surge", "3"),
    "InlandFloodingRiskAttribute": ("inland", "4"),
}
"""Each attribute's hazard and the code of WaterBody_function that goes with it."""
RESERVOIR = "ReservoirFloodingRiskAttribute"
SCALES = {"1": "planned", "2": "maximum", "L1": "planned", "L2": "maximum"}
IN_NAME = re.compile(r"_l([12])(?:_|\.|$)")
AFTER_RIVER = re.compile(r"(?:の)?洪水浸水想定区域.*$")
"""What a map's title adds to the name of its river, and a planned and a greatest flood say differently."""
HOUR_UNITS = {"hour", "hours", "h", "時間"}
METRE_UNITS = {"m", "metre", "meter"}


@dataclass(frozen=True, slots=True)
class Risk:
    """What water bodies have in common that are put together."""

    hazard: str
    scale: str | None
    rank_kind: str = "depth"
    rank: int | None = None
    depth: Class | None = None
    depth_m: float | None = None
    hours: float | None = None
    river: str | None = None
    said: str | None = None
    """The class in the publisher's words, or its code where the list of the codes is not there."""
    description: str | None = None

    def columns(self) -> dict[str, Any]:
        """Give the columns of the zone."""
        stays = None if self.hours is None else (self.hours, self.hours)
        return {
            "hazard": self.hazard, "scale": self.scale, "rank": self.rank, "rank_kind": self.rank_kind,
            "river": self.river, **metres(self.depth), **hours(stays), "depth_m": self.depth_m, "said": self.said,
            "description": self.description,
        }  # fmt: skip


def risks(element: etree._Element, label: str, where: str, lists: CodeLists, tally: Tally) -> Iterator[Risk]:
    """Give every risk of a water body: its depth, and its duration where it says one."""
    functions: set[str] = set()
    holders: list[etree._Element] = []
    name: etree._Element | None = None
    for child in element.iterchildren(etree.Element):
        sort = etree.QName(child).localname
        if sort not in WATER_KNOWN and not sort.startswith("lod") and not str(child.tag).startswith(GENERIC):
            raise BadInput(f"{where}: unknown element {sort[:40]}")
        if sort == "function":
            functions.add((child.text or "").strip())
        elif sort == "name":
            name = child
        elif sort == "floodingRiskAttribute":
            holders.extend(child.iterchildren(etree.Element))
    if not holders:
        raise BadInput(f"{where}: floodingRiskAttribute is missing")
    for holder in holders:
        one = _risk(holder, functions, label, where, lists, tally)
        if one.hazard == "flood" and one.river is None and name is not None and name.get("codeSpace") is None:
            one = replace(one, river=_river(name.text))
        if one.hazard == "flood" and one.river is None:
            tally.note("flood zone whose river stands in a code list that is not there, kept without its name", where)
        yield replace(one, hours=None)
        if one.hours is not None:
            yield replace(one, rank_kind="duration", rank=None, depth=None, depth_m=None, said=None)


def _risk(holder: etree._Element, functions: set[str], label: str, where: str, lists: CodeLists, tally: Tally) -> Risk:
    """Read one attribute; unknown kinds, elements and codes raise BadInput."""
    kind = etree.QName(holder).localname.removeprefix("WaterBody")
    if kind == RESERVOIR:
        raise BadInput(f"{where}: {kind} (ため池) is not read: its ranks mean other depths")
    if kind not in HAZARDS:
        raise BadInput(f"{where}: {kind[:60]} is no risk that is read ({', '.join(HAZARDS)})")
    hazard, function = HAZARDS[kind]
    if functions and function not in functions:
        raise BadInput(f"{where}: function {', '.join(sorted(functions))[:20]} does not go with {kind}")
    said: dict[str, etree._Element] = {}
    for child in holder.iterchildren(etree.Element):
        sort = etree.QName(child).localname
        if sort not in ATTRIBUTE_KNOWN or sort in said:
            raise BadInput(f"{where}: {kind} {'says twice' if sort in said else 'has the unknown element'} {sort[:40]}")
        said[sort] = child
    described = _meaning(said.get("description"), lists, f"{where}: description")
    risk = Risk(
        hazard,
        _scale(said.get("scale"), label, where) if hazard == "flood" else None,
        depth_m=_measure(said.get("depth"), METRE_UNITS, f"{where}: depth"),
        hours=_measure(said.get("duration"), HOUR_UNITS, f"{where}: duration"),
        river=_river(described) if hazard == "flood" else None,
        description=_plain(described) or (_text(said.get("description")) or None),
    )
    return _ranked(risk, said, where, lists, tally)


def _ranked(risk: Risk, said: dict[str, etree._Element], where: str, lists: CodeLists, tally: Tally) -> Risk:
    """Add the class: as the city's code list says, else as the common table, else not known."""
    rank, own = said.get("rank"), said.get("rankOrg")
    if rank is not None and (code := _text(rank)):
        meaning = _meaning(rank, lists, f"{where}: rank")
        number = int(code) if code.isascii() and code.isdigit() and len(code) < 4 else None
        if meaning is None and number not in DEPTHS:
            raise BadInput(f"{where}: rank {code[:20]!r} is not in the published code table")
        depth = DEPTHS[number] if meaning is None and number else depth_class(meaning or "", f"{where}: rank")
        return replace(risk, rank=number, depth=depth, said=meaning)
    if own is not None and (code := _text(own)):
        meaning = _meaning(own, lists, f"{where}: rankOrg")
        if meaning is not None:
            return replace(risk, depth=depth_class(meaning, f"{where}: rankOrg"), said=meaning)
        tally.note("zone whose depth stands in a code list of the city that is not there, kept as not known", where)
        return replace(risk, said=f"rankOrg {code[:20]}")
    if risk.depth_m is None:
        tally.note("zone without a rank, kept as not known", where)
    return risk


def _scale(element: etree._Element | None, label: str, where: str) -> str:
    """Tell which flood: as the attribute says, else as the file is called."""
    text = _text(element)
    if text and text not in SCALES:
        raise BadInput(f"{where}: scale {text[:20]!r} is neither 1 (L1) nor 2 (L2)")
    if text:
        return SCALES[text]
    match = IN_NAME.search(label.lower())
    if match is None:
        raise BadInput(f"{where}: scale is missing")
    return SCALES[match[1]]


def _measure(element: etree._Element | None, units: set[str], where: str) -> float | None:
    """Read a measure in one of *units*; a missing one is None."""
    text = _text(element)
    if element is None or not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 100_000:
        raise BadInput(f"{where} {text[:20]!r} is no measure")
    if element.get("uom") not in units:
        raise BadInput(f"{where}: uom {str(element.get('uom'))[:20]!r} is none of {', '.join(sorted(units))}")
    return value


def _meaning(element: etree._Element | None, lists: CodeLists, where: str) -> str | None:
    """Give what an element's code means, where its list is there."""
    text = _text(element)
    return lists.meaning(element.get("codeSpace"), text, where) if element is not None and text else None


def _text(element: etree._Element | None) -> str:
    return ((element.text if element is not None else "") or "").strip()


def _plain(text: str | None) -> str | None:
    """Give a name in the letters that people type: publishers' lists hold look-alikes of them."""
    return unicodedata.normalize("NFKC", text).strip() or None if text else None


def _river(text: str | None) -> str | None:
    """Give the river of a map's title."""
    plain = _plain(text)
    return (AFTER_RIVER.sub("", plain) or plain) if plain else None
