"""Evacuation areas (避難区域) of a town: polygons as it drew them, or a list of blocks (町丁目), one line each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row, Table

KIND = "evacuation-areas"
CREDIT = "避難区域（市提供）"
NAMES = {
    "code": ("code", "区域コード"),
    "name": ("name", "区域名"),
    "hazards": ("hazards", "災害種別"),
    "day_min": ("day_min", "避難所要時間_昼"),
    "night_min": ("night_min", "避難所要時間_夜"),
    "block": ("block", "町丁目"),
    "jis5": ("jis5", "市区町村コード", "全国地方公共団体コード"),
}
"""Each column under our own name and under its Japanese one."""
ALLOWED = {one for names in NAMES.values() for one in names} | {"備考", "note"}
HAZARDS = {
    "洪水": Hazard.FLOOD, "河川": Hazard.FLOOD, "氾濫": Hazard.FLOOD,
    "土砂": Hazard.LANDSLIDE, "土砂災害": Hazard.LANDSLIDE, "崖崩れ": Hazard.LANDSLIDE,
    "高潮": Hazard.SURGE, "津波": Hazard.TSUNAMI, "内水": Hazard.INLAND, "内水氾濫": Hazard.INLAND,
    **{hazard.value: hazard for hazard in Hazard},
}  # fmt: skip
SEPARATOR = re.compile(r"[\s,、，・;；/／]+")
MINUTES = re.compile(r"(\d{1,4})(?:\.0+)?\s*分?")
LONGEST_MIN = 1440
NOWHERE = shapely.GeometryCollection()


def fits(material: Material) -> bool:
    """Tell whether a table names areas by code and name, and says a hazard, a time or a block of each."""
    return any(
        any(n in columns for n in NAMES["code"])
        and any(n in columns for n in NAMES["name"])
        and any(n in columns for key in ("hazards", "day_min", "night_min", "block") for n in NAMES[key])
        for columns in material.columns()
    )


@dataclass(slots=True)
class _Found:
    """One area as its rows said it so far."""

    where: str
    name: str
    hazards: frozenset[Hazard]
    day: int | None
    night: int | None
    jis5: str | None = None
    """Code of the municipality, which tells a made-up one from a real one; None where the file has none."""
    shapes: list[BaseGeometry] = field(default_factory=list)
    blocks: dict[str, None] = field(default_factory=dict)


def read(material: Material) -> Dataset:
    """Read every row; rows of one code are one area, and where they disagree the file is refused."""
    tally = Tally()
    found: dict[str, _Found] = {}
    for table in material.tables:
        columns = _columns(table)
        for row in table.rows:
            _put(found, row, columns, tally)
    notes = [line for table in material.tables for line in table.tally.lines()]
    features = tuple(_feature(code, one) for code, one in found.items())
    return Dataset(KIND, material.path.name, ("blocks",), features, CREDIT, (*notes, *tally.lines()))


def _columns(table: Table) -> dict[str, str]:
    """Find each column under either of its names; an unknown or a doubled one raises BadInput."""
    found = {}
    for key, names in NAMES.items():
        there = [name for name in names if name in table.columns]
        if len(there) > 1:
            raise BadInput(f"{table.name}: column {' and '.join(there)} say the same")
        if there:
            found[key] = there[0]
    table.require({found.get("code", "code"), found.get("name", "name")}, ALLOWED)
    return found


def _put(found: dict[str, _Found], row: Row, columns: dict[str, str], tally: Tally) -> None:
    """Add one row to its area."""
    said = {key: row.text(column) for key, column in columns.items()}
    code, name = said.get("code"), said.get("name")
    if code is None or name is None:
        raise BadInput(f"{row.where}: {columns['name'] if code else columns['code']} is empty")
    day, night = (_minutes(row, said, columns, key) for key in TIMES)
    new = _Found(row.where, name, _hazards(row, said, columns), day, night, (said.get("jis5") or "")[:5] or None)
    known = found.setdefault(code, new)
    if (known.name, known.hazards, known.day, known.night) != (new.name, new.hazards, new.day, new.night):
        raise BadInput(f"{row.where}: area {code[:40]} is said otherwise at {known.where}")
    if row.shape is not None and not row.shape.is_empty:
        shape = area(row.shape, row.where, tally)
        if shape is not None:
            known.shapes.append(in_japan(shape, row.where))
    elif said.get("block"):
        known.blocks[str(said["block"])] = None
    else:
        tally.note("area without a shape and without blocks: homes in it cannot be counted", row.where)


TIMES = ("day_min", "night_min")


def _hazards(row: Row, said: dict[str, str | None], columns: dict[str, str]) -> frozenset[Hazard]:
    """Read the hazards; one that nobody knows raises BadInput."""
    words = [w for w in SEPARATOR.split(unicodedata.normalize("NFKC", said.get("hazards") or "")) if w]
    unknown = [word for word in words if word not in HAZARDS]
    if unknown:
        raise BadInput(f"{row.where}: {columns['hazards']} {unknown[0][:20]!r} is none of {', '.join(HAZARDS)}")
    return frozenset(HAZARDS[word] for word in words)


def _minutes(row: Row, said: dict[str, str | None], columns: dict[str, str], key: str) -> int | None:
    """Read minutes; nothing is not known, and anything but 1 to 1440 raises BadInput."""
    text = said.get(key)
    if text is None:
        return None
    matched = MINUTES.fullmatch(unicodedata.normalize("NFKC", text))
    minutes = int(matched[1]) if matched else 0
    if not 0 < minutes <= LONGEST_MIN:
        raise BadInput(f"{row.where}: {columns[key]} {text[:20]!r} is not 1 to {LONGEST_MIN} minutes")
    return minutes


def _feature(code: str, one: _Found) -> Feature:
    shape = shapely.union_all(one.shapes) if one.shapes else NOWHERE
    columns = {
        "code": code,
        "name": one.name,
        "hazards": " ".join(sorted(hazard.value for hazard in one.hazards)),
        "day_min": one.day,
        "night_min": one.night,
        "blocks": list(one.blocks),
    }
    return Feature("blocks", code, shape, columns if one.jis5 is None else columns | {"jis5": one.jis5})
