"""When water arrives, in minutes after the danger level: our own format, a CSV of links or a GeoJSON of mesh cells."""

from __future__ import annotations

import math
import re

import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row, Table

KIND = "arrivals"
CREDIT = "浸水到達時間（市提供）"
COLUMNS = {"link", "minutes", "area"}
LINK = re.compile(r"-?\d{1,19}/\d{1,9}")
AREA = re.compile(r"\d{12}")
EARLIEST, LATEST = -1_440.0, 43_200.0
"""A day before the danger level and thirty days after it: what lies outside was written in another unit."""
NOWHERE = shapely.GeometryCollection()
"""The shape of a row that only names its link."""


def fits(material: Material) -> bool:
    """Tell whether a table says minutes, of a link or of a drawn cell."""
    return any("minutes" in columns for columns in material.columns())


def read(material: Material) -> Dataset:
    """Read every row; an odd one refuses the file, for a road that is thought dry too long is walked too late."""
    tally = Tally()
    found: dict[tuple[str, str], Feature] = {}
    for table in material.tables:
        drawn = any(row.shape is not None for row in table.rows)
        table.require({"minutes"} if drawn else {"link", "minutes"}, COLUMNS)
        for number, row in enumerate(table.rows, 1):
            _put(found, table, number, row, tally)
    notes = [line for table in material.tables for line in table.tally.lines()]
    features = tuple(found.values())
    return Dataset(KIND, material.path.name, ("arrivals",), features, CREDIT, (*notes, *tally.lines()))


def _put(found: dict[tuple[str, str], Feature], table: Table, number: int, row: Row, tally: Tally) -> None:
    """Add one row; a link that stands there twice for one forecast area raises BadInput."""
    link, after = row.text("link"), row.text("area")
    if link is None and row.shape is None:
        raise BadInput(f"{row.where}: link is empty, and nothing is drawn")
    if link is not None and not LINK.fullmatch(link):
        raise BadInput(f"{row.where}: link {link[:40]!r} is no way/segment, such as 123456/0")
    if after is not None and not AREA.fullmatch(after):
        raise BadInput(f"{row.where}: area {after[:40]!r} is no 予報区域 of 12 digits")
    key = (link or f"cell {table.name}#{number}", after or "")
    if key in found:
        raise BadInput(f"{row.where}: link {link} stands there twice")
    shape = _shape(row, link, tally)
    if shape is not None:
        identity = " ".join(part for part in key if part)
        columns = {"link": link, "minutes": _minutes(row), "area": after}
        found[key] = Feature("arrivals", identity, shape, columns)


def _minutes(row: Row) -> float:
    """Read the minutes; nothing, no number and a number beyond all water raise BadInput."""
    text = row.text("minutes")
    try:
        minutes = float(text or "")
    except ValueError:
        minutes = math.nan
    if text is None or isinstance(row.values.get("minutes"), bool) or math.isnan(minutes):
        raise BadInput(f"{row.where}: minutes {str(text or '')[:20]!r} is no number")
    if not EARLIEST <= minutes <= LATEST:
        raise BadInput(f"{row.where}: minutes {text[:20]} is not between {EARLIEST:g} and {LATEST:g}")
    return minutes


def _shape(row: Row, link: str | None, tally: Tally) -> shapely.Geometry | None:
    """Give the cell, the link's line, or nothing drawn; a cell without area is counted and left out."""
    shape = row.shape
    if shape is None or shape.is_empty:
        return NOWHERE
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        drawn = area(shape, row.where, tally)
        return None if drawn is None else in_japan(drawn, row.where)
    if link is None or shape.geom_type not in {"LineString", "MultiLineString"}:
        raise BadInput(f"{row.where}: a {shape.geom_type} that names no link; wanted a Polygon, or a link")
    return in_japan(shape, row.where)
