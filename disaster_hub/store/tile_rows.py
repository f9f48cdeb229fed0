"""Shapes by the thousand for the map's tiles: undecoded columns, shapes as arrays, found by the store's own index."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, text

from disaster_hub.store.geometry import ENVELOPE_SIZES
from disaster_hub.terms.place import SRID

BATCH = 2000
Box = tuple[float, float, float, float]
"""West, south, east, north."""
Rows = tuple[NDArray[np.object_], list[tuple[Any, ...]]]
"""Shapes, and beside each the values of the columns that were asked for."""


def batches(
    tx: Connection, table: Table, columns: Collection[str], box: Box | None = None, only: tuple[str, str] | None = None
) -> Iterator[Rows]:
    """Give the rows of *table* (those whose box touches *box*; those whose column *only* says so) by the thousand."""
    statement, values = _asked(tx, table, list(columns), box, only)
    with tx.execute(text(statement), values, execution_options={"yield_per": BATCH}) as rows:
        for part in rows.partitions(BATCH):
            yield _shapes(tx, [row[0] for row in part]), [tuple(row[1:]) for row in part]


def count(tx: Connection, table: Table, only: tuple[str, str] | None = None) -> int:
    """Count the rows of *table*, or those whose column *only* says so."""
    where = "" if only is None else f" WHERE {only[0]} = :only"
    asked = text(f"SELECT count(*) FROM {table.name}{where}")  # noqa: S608  # our own names
    return int(tx.execute(asked, {} if only is None else {"only": only[1]}).scalar_one())


def _asked(
    tx: Connection, table: Table, columns: Sequence[str], box: Box | None, only: tuple[str, str] | None
) -> tuple[str, dict[str, Any]]:
    """Write the query; every name in it is one of our own tables' and columns'."""
    sqlite = tx.dialect.name == "sqlite"
    known = set(table.columns.keys())
    assert known.issuperset(columns)  # ours, never the asker's
    shape = "geom" if sqlite else "ST_AsBinary(geom)"
    where, values = ["geom IS NOT NULL"], dict[str, Any]()
    if box is not None:
        values |= dict(zip(("minx", "miny", "maxx", "maxy"), box, strict=True))
        within = (
            f"SELECT id FROM rtree_{table.name}_geom WHERE maxx >= :minx AND minx <= :maxx "  # noqa: S608
            "AND maxy >= :miny AND miny <= :maxy"
        )
        indexed = f"geom && ST_MakeEnvelope(:minx, :miny, :maxx, :maxy, {SRID})"
        where.append(f"fid IN ({within})" if sqlite else indexed)
    if only is not None:
        where.append(f"{only[0]} = :only")
        values["only"] = only[1]
    said = ", ".join([shape, *columns])
    return f"SELECT {said} FROM {table.name} WHERE {' AND '.join(where)} ORDER BY fid", values  # noqa: S608


def _shapes(tx: Connection, bodies: list[bytes]) -> NDArray[np.object_]:
    if tx.dialect.name == "sqlite":
        bodies = [body[8 + ENVELOPE_SIZES[(body[3] >> 1) & 0b111] :] for body in bodies]
    return np.asarray(shapely.from_wkb(bodies))
