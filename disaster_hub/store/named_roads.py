"""Roads and bridges by their names, as people say them on the telephone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from disaster_hub.store.layers import road as table

NO = frozenset({"", "no", "none"})


@dataclass(frozen=True, slots=True)
class NamedRoad:
    """One link of a road that has a name."""

    name: str
    bridge: bool
    under: bool
    """Through a tunnel or an underpass."""
    line: BaseGeometry


def named(tx: Connection) -> Iterator[NamedRoad]:
    """Give every link with a name."""
    c = table.c
    query = select(c.name, c.bridge, c.more, c.geom).where(c.name.is_not(None), c.name != "", c.geom.is_not(None))
    with tx.execute(query.order_by(c.fid), execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            under = str((row.more or {}).get("tunnel") or "") not in NO
            yield NamedRoad(row.name, str(row.bridge or "") not in NO, under, row.geom)
