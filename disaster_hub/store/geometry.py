"""Shapes in the database: GeoPackage blobs on SQLite, PostGIS geometry on PostgreSQL, both in EPSG:6668."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

from disaster_hub.terms.place import SRID

HEADER = struct.Struct("<2sBBi4d")
"""GeoPackage 1.3, 2.1.3: magic `GP`, version, flags, srs id, envelope minx maxx miny maxy."""
LITTLE_ENDIAN_WITH_ENVELOPE = 0b0000_0011
EMPTY = 0b0001_0000
ENVELOPE_SIZES = (0, 32, 48, 48, 64)


def to_blob(shape: BaseGeometry) -> bytes:
    """Write *shape* as a GeoPackage geometry blob with its envelope."""
    flags = LITTLE_ENDIAN_WITH_ENVELOPE | (EMPTY if shape.is_empty else 0)
    minx, miny, maxx, maxy = shape.bounds if not shape.is_empty else (float("nan"),) * 4
    return HEADER.pack(b"GP", 0, flags, SRID, minx, maxx, miny, maxy) + bytes(shapely.to_wkb(shape))


def from_blob(blob: bytes) -> BaseGeometry:
    """Read a GeoPackage geometry blob, whoever wrote it."""
    envelope = ENVELOPE_SIZES[(blob[3] >> 1) & 0b111]
    return shapely.from_wkb(blob[8 + envelope :])


def _bound(position: int) -> Callable[[bytes | None], float | None]:
    """Give the SQL function that reads one side of a blob's envelope (minx, maxx, miny, maxy)."""

    def read(blob: bytes | None) -> float | None:
        if blob is None or blob[3] & EMPTY:
            return None
        order = "<" if blob[3] & 1 else ">"
        if (blob[3] >> 1) & 0b111:
            return float(struct.unpack_from(order + "d", blob, 8 + 8 * position)[0])
        minx, miny, maxx, maxy = from_blob(blob).bounds
        return float((minx, maxx, miny, maxy)[position])

    return read


def register(link: sqlite3.Connection) -> None:
    """Give SQLite the functions that the standard R-tree triggers call (GeoPackage 1.3, F.3)."""
    for position, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        link.create_function(name, 1, _bound(position), deterministic=True)
    empty = lambda blob: None if blob is None else int(bool(blob[3] & EMPTY))  # noqa: E731
    link.create_function("ST_IsEmpty", 1, empty, deterministic=True)


class Shape(UserDefinedType[BaseGeometry]):
    """A geometry column; Python's side is shapely, lon/lat."""

    cache_ok = True

    def __init__(self, geometry: str = "GEOMETRY") -> None:
        self.geometry = geometry

    def get_col_spec(self, **_: Any) -> str:
        """Name the column type: on SQLite the very word that the GeoPackage's own tables say."""
        return self.geometry

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Write a shape as the database at hand wants it."""
        if dialect.name == "sqlite":
            return lambda shape: None if shape is None else to_blob(shape)
        return lambda s: None if s is None else shapely.to_wkb(shapely.set_srid(s, SRID), hex=True, include_srid=True)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], BaseGeometry | None]:
        """Read a shape back."""
        if dialect.name == "sqlite":
            return lambda blob: None if blob is None else from_blob(blob)
        return lambda text: None if text is None else shapely.from_wkb(text)


@compiles(Shape, "postgresql")
def _postgis(kind: Shape, _compiler: object, **_: object) -> str:
    return f"geometry({kind.geometry.title()},{SRID})"
