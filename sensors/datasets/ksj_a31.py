"""国土数値情報 A31a 洪水浸水想定区域, with A31b and every A31 since 2012: ranks, which are not metres."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.classes import DEPTHS, DEPTHS_2012, HOURS, Class, hours, metres
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row, Table

KIND = "ksj-a31"
CREDIT = "国土数値情報（洪水浸水想定区域データ）（国土交通省）"
COLUMN = re.compile(r"(A31a|A31b|A31)_([1-4])0([1-5])")
OLD = "A31_001"
"""The layout of 2012: its codes 11 to 27 are another table."""
BESIDE_OLD = {f"A31_00{n}" for n in range(2, 10)}
"""What else stood there in 2012; kept as it is, for no river's name is certain in it."""
COLLAPSE: Mapping[int, Class] = {1: (0.0, None), 2: (0.0, None)}
"""氾濫流 and 河岸侵食: kinds without a depth or a duration."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one of the four layers says: of which flood, and what its rank means."""

    scale: str
    rank_kind: str
    ranks: Mapping[int, Class]


LAYERS = {
    "1": Layer("planned", "depth", DEPTHS),
    "2": Layer("maximum", "depth", DEPTHS),
    "3": Layer("maximum", "duration", HOURS),
    "4": Layer("maximum", "collapse", COLLAPSE),
}
"""The hundreds digit of the columns: 計画規模, 想定最大規模, 浸水継続時間, 家屋倒壊等氾濫想定区域."""


def fits(material: Material) -> bool:
    """Tell whether a table has columns of the A31 family."""
    return any(COLUMN.fullmatch(column) or column == OLD for columns in material.columns() for column in columns)


def read(material: Material) -> Dataset:
    """Read every layer of the file; layers with different columns lie side by side in one ZIP."""
    tally = Tally()
    features: list[Feature] = []
    for table in material.tables:
        form = _form(table)
        zones = (_zone(row, f"{table.name}#{n}", form, tally) for n, row in enumerate(table.rows, 1))
        features.extend(zone for zone in zones if zone is not None)
    notes = [line for table in material.tables for line in table.tally.lines()]
    return Dataset(KIND, material.path.name, ("hazards",), tuple(features), CREDIT, (*notes, *tally.lines()))


@dataclass(frozen=True, slots=True)
class Form:
    """Where one table keeps its rank and its river."""

    layer: Layer
    rank: str
    river: str | None
    river_code: str | None


def _form(table: Table) -> Form:
    """Find the layer by its columns; mixed layers and unknown columns raise BadInput."""
    if OLD in table.columns:
        table.require({OLD}, BESIDE_OLD)
        return Form(Layer("planned", "depth", DEPTHS_2012), OLD, None, None)
    matches = {column: match for column in table.columns if (match := COLUMN.fullmatch(column))}
    families = sorted({match[0][:-2] for match in matches.values()})
    if len(families) != 1:
        raise BadInput(f"{table.name}: columns of several layers in one table ({', '.join(families)})")
    family = families[0]
    table.require(set(), set(matches))
    layer = LAYERS[family[-1]]
    if f"{family}05" in matches:
        return Form(layer, f"{family}05", f"{family}02", f"{family}01")
    if set(matches) == {f"{family}01"} and not family.startswith("A31a"):
        return Form(layer, f"{family}01", None, None)
    raise BadInput(f"{table.name}: column {family}05, the rank, is missing")


def _zone(row: Row, identity: str, form: Form, tally: Tally) -> Feature | None:
    """Turn one row into a zone; an empty rank stays not known and is counted."""
    if row.shape is None or (shape := area(row.shape, row.where, tally)) is None:
        tally.note("row without a usable shape left out", row.where)
        return None
    rank = row.code(form.rank, form.layer.ranks)
    if rank is None:
        tally.note(f"zone whose rank ({form.rank}) is empty, kept as not known", row.where)
    known = None if rank is None else form.layer.ranks[rank]
    columns = {
        "hazard": "flood",
        "scale": form.layer.scale,
        "rank": rank,
        "rank_kind": form.layer.rank_kind,
        "river": row.text(form.river) if form.river else None,
        "river_code": row.text(form.river_code) if form.river_code else None,
        **metres(known if form.layer.rank_kind == "depth" else None),
        **hours(known if form.layer.rank_kind == "duration" else None),
        **row.plain(),
    }
    return Feature("hazards", identity, in_japan(shape, row.where), columns)
