"""Rows with columns and a shape, whichever file format they came in; and the values in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.errors import BadInput
from sensors.datasets.dataset import Tally


@dataclass(frozen=True, slots=True)
class Row:
    """One row: *where* names file and line or feature for a person; *shape* in lon/lat, JGD2011."""

    where: str
    values: Mapping[str, Any]
    shape: BaseGeometry | None = None

    def text(self, column: str) -> str | None:
        """Give a text without the blanks around it; None where there is nothing."""
        value = self.values.get(column)
        if value is None or value != value:  # noqa: PLR0124 - NaN is how a DBF says nothing
            return None
        return str(value).strip(" \t\r\n\u3000\0") or None

    def plain(self) -> dict[str, str | int | float | bool | None]:
        """Give all columns as the publisher names them, in values that JSON knows."""
        return {column: _plain(value) for column, value in self.values.items()}

    def code(self, column: str, known: Mapping[int, object] | range) -> int | None:
        """Give a whole number of the publisher's code table; None where empty, BadInput where unknown."""
        text = self.text(column)
        if text is None:
            return None
        number = text.removesuffix(".0")
        if not (number.isascii() and number.isdigit()) or int(number[:6]) not in known:
            raise BadInput(f"{self.where}: {column} {text[:40]!r} is not in the published code table")
        return int(number)

    def flag(self, column: str) -> bool:
        """Read `1` as designated and nothing as not designated; anything else raises BadInput."""
        text = self.text(column)
        if text not in {None, "1"}:
            raise BadInput(f"{self.where}: {column} {text[:40]!r} is neither 1 nor empty")
        return text == "1"


def _plain(value: Any) -> str | int | float | bool | None:
    """Give a value that JSON knows: NaN is nothing, a date its text."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is how a DBF says nothing
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file, or of one file in an archive, with what was odd in reading them."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    tally: Tally = field(default_factory=Tally)
    twice: tuple[str, ...] = ()
    """Columns whose name stands there twice; the first of them has the name."""

    def require(self, needed: set[str], allowed: set[str], twice: frozenset[str] = frozenset()) -> None:
        """Refuse a missing or an unknown column by its name, and one that stands there twice but for *twice*."""
        double = sorted(set(self.twice) - twice)
        if double:
            raise BadInput(f"{self.name}: column {', '.join(double)} stands there twice")
        missing = sorted(needed - set(self.columns))
        if missing:
            raise BadInput(f"{self.name}: column {', '.join(missing)} is missing")
        unknown = [column for column in self.columns if column not in needed | allowed]
        if unknown:
            raise BadInput(f"{self.name}: unknown column {', '.join(c[:40] for c in unknown[:5])}")


@dataclass(frozen=True, slots=True)
class Material:
    """One opened file: tables, or some other JSON value, or a file that its reader streams itself."""

    path: Path
    tables: tuple[Table, ...] = ()
    value: Any = None
    stream: str = ""
    """`osm`, `pbf`, `graphml` or `citygml`: what the file is, where it is not yet read."""

    def columns(self) -> Iterator[frozenset[str]]:
        """Give the columns of every table."""
        return (frozenset(table.columns) for table in self.tables)
