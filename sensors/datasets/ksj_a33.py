"""国土数値情報 A33 土砂災害警戒区域: what may come down, and how the zone is designated."""

from __future__ import annotations

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row

KIND = "ksj-a33"
CREDIT = "国土数値情報（土砂災害警戒区域データ）（国土交通省）"
NEEDED = {"A33_001", "A33_002"}
ALLOWED = {f"A33_00{n}" for n in range(3, 9)}
PHENOMENA = {1: "急傾斜地の崩壊", 2: "土石流", 3: "地すべり"}
"""1 is the steep slope and 2 the debris flow; copies with the two inverted are in circulation."""
ZONES = {1: "警戒区域", 2: "特別警戒区域", 3: "警戒区域（指定前）", 4: "特別警戒区域（指定前）"}


def fits(material: Material) -> bool:
    """Tell whether the file has A33's columns."""
    return any("A33_001" in columns for columns in material.columns())


def read(material: Material) -> Dataset:
    """Read every zone; a code outside the published tables raises BadInput."""
    tally = Tally()
    features: list[Feature] = []
    for table in material.tables:
        table.require(NEEDED, ALLOWED)
        zones = (_zone(row, f"{table.name}#{n}", tally) for n, row in enumerate(table.rows, 1))
        features.extend(zone for zone in zones if zone is not None)
    notes = [line for table in material.tables for line in table.tally.lines()]
    return Dataset(KIND, material.path.name, ("hazards",), tuple(features), CREDIT, (*notes, *tally.lines()))


def _zone(row: Row, identity: str, tally: Tally) -> Feature | None:
    """Turn one row into a zone; *rank* is the zone's code, 2 and 4 are the special ones."""
    if row.shape is None or (shape := area(row.shape, row.where, tally)) is None:
        tally.note("row without a usable shape left out", row.where)
        return None
    phenomenon, zone = row.code("A33_001", PHENOMENA), row.code("A33_002", ZONES)
    if phenomenon is None or zone is None:
        raise BadInput(f"{row.where}: {'A33_002' if phenomenon else 'A33_001'} is empty")
    columns = {
        "hazard": "landslide",
        "scale": None,
        "rank": zone,
        "rank_kind": "landslide",
        "river": None,
        "phenomenon": PHENOMENA[phenomenon],
        "zone": ZONES[zone],
        "pref_code": row.text("A33_003"),
        "name": row.text("A33_005"),
        "address": row.text("A33_006"),
        **row.plain(),
    }
    return Feature("hazards", identity, in_japan(shape, row.where), columns)
