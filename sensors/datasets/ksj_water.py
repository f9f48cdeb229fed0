"""国土数値情報 A40 津波浸水想定, A49 高潮浸水想定区域 and A51 雨水出水（内水）浸水想定区域: depth classes in words."""

from __future__ import annotations

from dataclasses import dataclass

from disaster_hub.terms.place import Feature
from sensors.datasets.classes import depth_class, hours, metres
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import area, in_japan
from sensors.datasets.table import Material, Row


@dataclass(frozen=True, slots=True)
class Water:
    """One of the three sets: its hazard, its columns, and whom it is credited to."""

    kind: str
    hazard: str
    columns: tuple[str, ...]
    depth: str
    municipality: str | None
    credit: str

    def fits(self, material: Material) -> bool:
        """Tell whether a table has the column of the depth class."""
        return any(self.depth in columns for columns in material.columns())

    def read(self, material: Material) -> Dataset:
        """Read every zone; an unknown column or a text that is no depth class raises BadInput."""
        tally = Tally()
        features: list[Feature] = []
        for table in material.tables:
            table.require(set(self.columns), set())
            zones = (self._zone(row, f"{table.name}#{n}", tally) for n, row in enumerate(table.rows, 1))
            features.extend(zone for zone in zones if zone is not None)
        notes = [line for table in material.tables for line in table.tally.lines()]
        return Dataset(
            self.kind, material.path.name, ("hazards",), tuple(features), self.credit, (*notes, *tally.lines())
        )

    def _zone(self, row: Row, identity: str, tally: Tally) -> Feature | None:
        """Turn one row into a zone; an empty class stays not known and is counted."""
        if row.shape is None or (shape := area(row.shape, row.where, tally)) is None:
            tally.note("row without a usable shape left out", row.where)
            return None
        text = row.text(self.depth)
        if text is None:
            tally.note(f"zone whose depth class ({self.depth}) is empty, kept as not known", row.where)
        found = None if text is None else depth_class(text, f"{row.where}: {self.depth}")
        columns = {
            "hazard": self.hazard,
            "scale": None,
            "rank": None,
            "rank_kind": "depth",
            "river": None,
            **metres(found),
            **hours(None),
            "said": text,
            "pref_code": row.text(self.columns[1]),
            "city": row.text(self.municipality) if self.municipality else None,
            **row.plain(),
        }
        return Feature("hazards", identity, in_japan(shape, row.where), columns)


TSUNAMI = Water(
    "ksj-a40", "tsunami", ("A40_001", "A40_002", "A40_003"), "A40_003", None,
    "国土数値情報（津波浸水想定データ）（国土交通省）",
)  # fmt: skip
SURGE = Water(
    "ksj-a49", "surge", ("A49_001", "A49_002", "A49_003"), "A49_003", None,
    "国土数値情報（高潮浸水想定区域データ）（国土交通省）",
)  # fmt: skip
INLAND = Water(
    "ksj-a51", "inland", ("A51_001", "A51_002", "A51_003", "A51_004", "A51_005"), "A51_005", "A51_003",
    "国土数値情報（雨水出水浸水想定区域データ）（国土交通省）",
)  # fmt: skip
