"""GSI 指定緊急避難場所 and 指定避難所: an empty hazard column means *not designated*; send nobody there."""

from __future__ import annotations

import re
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import in_japan, point
from sensors.datasets.table import Material, Row, Table

EMERGENCY = "gsi-emergency"
EVACUATION = "gsi-evacuation"
UNAVAILABLE = "gsi-unavailable"
CREDIT = "国土地理院 指定緊急避難場所・指定避難所データ"
FLAGS = {
    "洪水": "flood", "崖崩れ、土石流及び地滑り": "landslide", "高潮": "surge", "地震": "earthquake",
    "津波": "tsunami", "大規模な火事": "fire", "内水氾濫": "inland", "火山現象": "volcano",
}  # fmt: skip
SAME_EVACUATION = "指定避難所との住所同一"
SAME_EMERGENCY = "指定緊急避難場所との住所同一"
NEEDED = {"共通ID", "施設・場所名", "住所"}
ALLOWED = {"NO", "都道府県名及び市町村名", "緯度", "経度", "備考"}
EVACUATION_ALLOWED = {"その他市町村長が必要と認める事項", "受入対象者"}
MUNICIPALITY = re.compile(r"[A-Z](\d{5})\d{2}")


def is_emergency(material: Material) -> bool:
    """Tell whether the file lists 指定緊急避難場所: it alone has a column a hazard."""
    return any(len(columns & FLAGS.keys()) >= 2 and "共通ID" in columns for columns in material.columns())


def is_evacuation(material: Material) -> bool:
    """Tell whether the file lists 指定避難所."""
    return any({SAME_EMERGENCY, "共通ID"} <= columns for columns in material.columns())


def is_unavailable(material: Material) -> bool:
    """Tell whether the file only says that the municipality publishes no list."""
    return isinstance(material.value, dict) and material.value.get("type") == "unavailable"


def read_emergency(material: Material) -> Dataset:
    """Read 指定緊急避難場所: a place to escape to, hazard by hazard."""
    for table in material.tables:
        table.require(NEEDED | FLAGS.keys(), ALLOWED | {SAME_EVACUATION})
    return _read(material, EMERGENCY)


def read_evacuation(material: Material) -> Dataset:
    """Read 指定避難所: a place to stay in; it says nothing of hazards, so every hazard stays None."""
    for table in material.tables:
        table.require(NEEDED | {SAME_EMERGENCY}, ALLOWED | EVACUATION_ALLOWED)
    return _read(material, EVACUATION)


def read_unavailable(material: Material) -> Dataset:
    """Read the file of a municipality that publishes none: nothing known, which clears nothing."""
    said = "the municipality publishes no list (type: unavailable); not known is not the same as none"
    return Dataset(UNAVAILABLE, material.path.name, (), (), CREDIT, (said,))


def _read(material: Material, kind: str) -> Dataset:
    """Read every row; a second row with the same id must say the same."""
    tally = Tally()
    found: dict[str, Feature] = {}
    for row in (row for table in material.tables for row in _placed(table, tally)):
        feature = _shelter(row, kind)
        if feature.id in found and found[feature.id] != feature:
            raise BadInput(f"{row.where}: 共通ID {feature.id[:20]} stands there twice with different content")
        found[feature.id] = feature
    _same_names(found, tally)
    return Dataset(kind, material.path.name, ("shelters",), tuple(found.values()), CREDIT, tally.lines())


def _placed(table: Table, tally: Tally) -> list[Row]:
    """Give the rows that have a position; those without are counted and stay off the map."""
    placed = []
    for row in table.rows:
        if row.shape is not None:
            placed.append(row)
        elif row.text("緯度") and row.text("経度"):
            shape = point(row.text("経度"), row.text("緯度"), row.where)
            placed.append(Row(row.where, row.values, shape))
        else:
            tally.note("shelter without a position, left off the map", row.where)
    return placed


def _shelter(row: Row, kind: str) -> Feature:
    """Turn one row into a shelter."""
    identity = row.text("共通ID")
    name = row.text("施設・場所名")
    if identity is None or name is None or row.shape is None:
        raise BadInput(f"{row.where}: {'施設・場所名' if identity else '共通ID'} is empty")
    if row.shape.geom_type != "Point":
        raise BadInput(f"{row.where}: a {row.shape.geom_type} where a shelter's Point should be")
    emergency = kind == EMERGENCY
    municipality = MUNICIPALITY.match(identity)
    columns: dict[str, Any] = {
        "designation": "emergency" if emergency else "evacuation",
        "name": name,
        "address": row.text("住所"),
        "city": row.text("都道府県名及び市町村名"),
        "jis5": municipality[1] if municipality else None,
        **{word: row.flag(column) if emergency else None for column, word in FLAGS.items()},
        "same_address": row.flag(SAME_EVACUATION if emergency else SAME_EMERGENCY),
        "accepts": row.text("受入対象者"),
        "other": row.text("その他市町村長が必要と認める事項"),
        "note": row.text("備考"),
    }
    return Feature("shelters", identity, in_japan(row.shape, row.where), columns)


def _same_names(found: dict[str, Feature], tally: Tally) -> None:
    """Count facilities whose name stands there twice; both are kept, for their ids and flags differ."""
    seen: set[tuple[str, str]] = set()
    for feature in found.values():
        key = (str(feature.columns["city"]), str(feature.columns["name"]))
        if key in seen:
            tally.note("name that another shelter has too, both kept", f"{feature.columns['name']}")
        seen.add(key)
