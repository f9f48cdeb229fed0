"""Homes with a plan inside a shape, by the store's own spatial index: random ids, versions and nothing else."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select, text, update

from disaster_hub.store.geometry import from_blob
from disaster_hub.store.household_tables import household
from disaster_hub.store.layers import home
from disaster_hub.terms.place import SRID, LonLat, Plane

POINT_BLOB = 61
"""Bytes of a point as we write it: header, envelope, byte order, kind, two numbers."""
AT = 45
ASKED_AT_ONCE = 500
AT_ONCE = 5_000
"""Homes that are read at a time."""
SQLITE = (
    "SELECT h.household, v.version, h.geom FROM home h JOIN household v ON v.id = h.household "
    "WHERE h.fid IN (SELECT id FROM rtree_home_geom "
    "WHERE maxx >= :minx AND minx <= :maxx AND maxy >= :miny AND miny <= :maxy)"
)
POSTGIS = (
    "SELECT h.household, v.version, ST_X(h.geom), ST_Y(h.geom) FROM home h JOIN household v ON v.id = h.household "
    "WHERE h.geom && ST_MakeEnvelope(:minx, :miny, :maxx, :maxy, :srid)"
)


@dataclass(frozen=True, slots=True)
class HomePoints:
    """Homes in one box; three lists of one length."""

    households: tuple[str, ...]
    versions: tuple[int, ...]
    lonlat: NDArray[np.float64]

    def inside(self, shape: BaseGeometry) -> list[tuple[str, int]]:
        """Give household and version of those that *shape* covers; on its border is inside."""
        if not self.households:
            return []
        shapely.prepare(shape)
        mine = shapely.intersects_xy(shape, self.lonlat[:, 0], self.lonlat[:, 1])
        return [(self.households[n], self.versions[n]) for n in np.flatnonzero(mine).tolist()]


def stamp(tx: Connection) -> tuple[object, ...]:
    """Give a token that changes when a plan was saved or a household deleted."""
    query = select(func.count(), func.max(household.c.changed_at), func.sum(household.c.version))
    return tuple(tx.execute(query).one())


def touch(tx: Connection, identity: str, now: datetime) -> None:
    """Let the stamp change for a household whose way to be reached has changed: counts and late comers look at it."""
    tx.execute(update(household).where(household.c.id == identity).values(changed_at=now))


def at(tx: Connection, identities: Collection[str]) -> HomePoints:
    """Give where some households live now."""
    names = list(identities)
    query = select(home.c.household, household.c.version, home.c.geom).join(
        household, household.c.id == home.c.household
    )
    rows = [
        row
        for start in range(0, len(names), ASKED_AT_ONCE)
        for row in tx.execute(query.where(home.c.household.in_(names[start : start + ASKED_AT_ONCE])))
    ]
    spots = np.array([(row.geom.x, row.geom.y) for row in rows], dtype=float).reshape(-1, 2)
    return HomePoints(tuple(row.household for row in rows), tuple(row.version for row in rows), spots)


def known(tx: Connection, identity: str) -> bool:
    """Tell whether there is such a household."""
    return tx.execute(select(household.c.id).where(household.c.id == identity)).first() is not None


def near(tx: Connection, spot: LonLat, metres: float) -> list[str]:
    """Name the households within *metres* of a spot, the nearest first."""
    plane = Plane(spot)
    ring = Point(spot.lon, spot.lat).buffer(metres / 80_000)  # wide enough in every direction of Japan
    found = within(tx, ring)
    away = [math.hypot(*plane.metres(lon, lat)) for lon, lat in found.lonlat.tolist()]
    order = sorted(range(len(away)), key=lambda n: (away[n], found.households[n]))
    return [found.households[n] for n in order if away[n] <= metres and found.versions[n] > 0]


def within(tx: Connection, shape: BaseGeometry) -> HomePoints:
    """Give the homes in the box around *shape*."""
    parts = list(_boxed(tx, shape))
    return HomePoints(
        tuple(name for part in parts for name in part.households),
        tuple(version for part in parts for version in part.versions),
        np.concatenate([np.zeros((0, 2)), *(part.lonlat for part in parts)]),
    )


def inside(tx: Connection, shape: BaseGeometry) -> Iterator[tuple[str, int]]:
    """Give household and version of the homes that *shape* covers, read part by part: a large city need not fit in."""
    for part in _boxed(tx, shape):
        yield from part.inside(shape)


def _boxed(tx: Connection, shape: BaseGeometry) -> Iterator[HomePoints]:
    """Give the homes in the box around *shape*, so many at a time."""
    if shape.is_empty:
        return
    minx, miny, maxx, maxy = shape.bounds
    box: dict[str, float] = {"minx": minx, "miny": miny, "maxx": maxx, "maxy": maxy}
    lite = tx.dialect.name == "sqlite"
    query = text(SQLITE).bindparams(**box) if lite else text(POSTGIS).bindparams(**box, srid=SRID)
    with tx.execute(query.execution_options(stream_results=True, max_row_buffer=AT_ONCE)) as result:
        for rows in result.partitions(AT_ONCE):
            spots = _points([r[2] for r in rows]) if lite else np.array([(r[2], r[3]) for r in rows], dtype=float)
            yield HomePoints(tuple(r[0] for r in rows), tuple(r[1] for r in rows), spots.reshape(-1, 2))


def _points(blobs: Sequence[Any]) -> NDArray[np.float64]:
    """Read the points of many blobs at once; blobs that another program wrote are read one by one."""
    if all(len(blob) == POINT_BLOB and blob[3] == 3 and blob[40] == 1 for blob in blobs):
        whole = np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(-1, POINT_BLOB)
        return np.ascontiguousarray(whole[:, AT:]).view("<f8").reshape(-1, 2)
    spots = [(one.x, one.y) for one in (from_blob(blob) for blob in blobs)]
    return np.array(spots, dtype=float).reshape(-1, 2)
