"""国土数値情報 N03 行政区域, both column layouts: one feature a municipality, its parts kept together."""

from __future__ import annotations

import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.municipality import area_code, checked
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row

KIND = "ksj-n03"
CREDIT = "国土数値情報（行政区域データ）（国土交通省）"
NEEDED = {"N03_001", "N03_004", "N03_007"}
ALLOWED = {"N03_002", "N03_003", "N03_005", "N03_006"}
UNASSIGNED = "所属未定地"


def fits(material: Material) -> bool:
    """Tell whether the file has N03's columns."""
    return any("N03_007" in columns for columns in material.columns())


def read(material: Material) -> Dataset:
    """Read municipalities; land that belongs to none yet (所属未定地) is counted and left out."""
    tally = Tally()
    parts: dict[str, list[Row]] = {}
    for table in material.tables:
        table.require(NEEDED, ALLOWED)
        for row in table.rows:
            if row.text("N03_004") == UNASSIGNED or row.shape is None:
                tally.note("part without a municipality or a shape left out", row.where)
            else:
                parts.setdefault(checked(row.text("N03_007"), row.where), []).append(row)
    features = tuple(f for code, rows in parts.items() if (f := _municipality(code, rows, tally)) is not None)
    notes = [line for table in material.tables for line in table.tally.lines()]
    return Dataset(KIND, material.path.name, ("areas",), features, CREDIT, (*notes, *tally.lines()))


def _municipality(code: str, rows: list[Row], tally: Tally) -> Feature | None:
    """Join the parts of one municipality."""
    shapes = [s for row in rows if (s := _part(row, tally)) is not None]
    if not shapes:
        return None
    joined = shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(list(shapely.get_parts(shapes)))
    seven = area_code(code)
    if seven is None:
        tally.note("municipality that JMA warns in parts, so it takes no warning colour as a whole", code)
    name = _name(rows[0])
    return Feature("areas", code, joined, {"code": seven, "jis5": code, "name": name, "pref": rows[0].text("N03_001")})


def _part(row: Row, tally: Tally) -> shapely.Geometry | None:
    """Give one part's area, checked."""
    assert row.shape is not None  # left out by the caller
    shape = area(row.shape, row.where, tally)
    return None if shape is None else in_japan(shape, row.where)


def _name(row: Row) -> str:
    """Name the municipality; since 2024 the ward has its own column, before it the city stood before it."""
    own = row.text("N03_004")
    if own is None:
        raise BadInput(f"{row.where}: N03_004 is empty")
    before = row.text("N03_003") or ""
    if before.endswith("市"):
        return before + own
    return own + (row.text("N03_005") or "")
