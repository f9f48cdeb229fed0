"""The zones of homes: 100,000 at once beside geopandas.sjoin, and one beside SQLite's R*Tree, by turns, pairs equal."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.telegram import spread
from disaster_hub.terms.hazard import Depth, Hazard, Scale, Zone
from disaster_hub.terms.place import LonLat
from timelines.home import ZoneIndex

HOMES, ZONES, VERTICES = 100_000, 50_000, 430
HITS = 9.8
"""Zones that cover a home, on average: denser than most cities."""
SIDE_DEG = 0.4
ROUNDS = 5
ALONE = 1_000
"""Homes asked one at a time in each round."""
GOAL_INTERSECTS, GOAL_WITHIN, GOAL_ALONE = 8.0, 1.8, 5.0
CRS = "EPSG:6668"

Floats = NDArray[np.float64]
Pairs = NDArray[np.int64]


def shapes(count: int = ZONES, vertices: int = VERTICES) -> NDArray[np.object_]:
    """Make ragged round zones all over a square region, the same every time."""
    chance = np.random.default_rng(4)
    middle = chance.uniform(0, SIDE_DEG, (count, 2)) + np.array([139.0, 38.0])
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radius = np.sqrt(HITS * SIDE_DEG**2 / count / np.pi) * chance.lognormal(-0.27, 0.5, count)
    waves = sum(
        0.3 / k * np.sin(k * turn[None, :] + chance.uniform(0, 2 * np.pi, (count, 1))) for k in (2, 3, 5, 8, 13)
    )
    # Published zones are drawn from 5 m cells: their rims are ragged all along. They lie along rivers: long and aslant.
    rim = radius[:, None] * (1 + waves + chance.uniform(-0.02, 0.02, (count, vertices)))
    long, aslant = chance.lognormal(0, 0.45, (count, 1)), chance.uniform(0, np.pi, (count, 1))
    x, y = rim * np.cos(turn) * long, rim * np.sin(turn) / long
    turned = np.stack([x * np.cos(aslant) - y * np.sin(aslant), x * np.sin(aslant) + y * np.cos(aslant)], axis=2)
    rings = (middle[:, None, :] + turned).reshape(-1, 2)
    return np.asarray(shapely.polygons(shapely.linearrings(rings, indices=np.repeat(np.arange(count), vertices))))


def homes(count: int = HOMES) -> tuple[Floats, Floats]:
    """Give homes all over the region."""
    lon, lat = np.random.default_rng(5).uniform(0.02, SIDE_DEG - 0.02, (2, count))
    return lon + 139.0, lat + 38.0


def index_of(drawn: NDArray[np.object_]) -> tuple[ZoneIndex, float]:
    """Build the index of all zones and every zone's own; give it and the seconds that it took."""
    begun = time.perf_counter()
    zones = [
        Zone(Hazard.FLOOD, "depth", Scale.MAXIMUM, Depth(0.5, 3.0), river=f"川{n % 50}", rank=2, id=str(n))
        for n in range(len(drawn))
    ]
    index = ZoneIndex(zones, drawn.tolist())
    lon, lat = shapely.get_x(shapely.centroid(drawn)), shapely.get_y(shapely.centroid(drawn))
    index.at_many(lon, lat)
    return index, time.perf_counter() - begun


def run_homes() -> Mapping[str, Mapping[str, Any]]:
    """Measure all homes at once: ours, sjoin(intersects) and sjoin(within), by turns."""
    drawn = shapes()
    lon, lat = homes()
    index, built = index_of(drawn)
    points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat), crs=CRS)
    polygons = geopandas.GeoDataFrame(geometry=drawn, crs=CRS)
    jobs: dict[str, Callable[[], Pairs]] = {
        "ours": lambda: np.stack(index.at_many(lon, lat)),
        "intersects": lambda: _joined(points, polygons, "intersects"),
        "within": lambda: _joined(points, polygons, "within"),
    }
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    pairs: dict[str, Pairs] = {}
    for name, job in jobs.items():
        pairs[name] = _sorted(job())
    for name, found in pairs.items():
        if not np.array_equal(found, pairs["ours"]):
            raise RuntimeError(f"{name} finds {found.shape[1]} pairs, ours {pairs['ours'].shape[1]}")
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            spent[name].append((time.perf_counter() - begun) / len(lon) * 1e6)
    size = (
        f"{len(lon):,} homes, {len(drawn):,} zones of {VERTICES} vertices, {pairs['ours'].shape[1]:,} pairs, equal; "
        f"index built once in {built:.0f} s, not counted"
    )
    return {
        f"homes_{peer}": _entry(spent["ours"], spent[peer], goal, size, f"geopandas.sjoin({peer}), its index kept too")
        for peer, goal in (("intersects", GOAL_INTERSECTS), ("within", GOAL_WITHIN))
    }


def run_home() -> Mapping[str, Mapping[str, Any]]:
    """Measure one home at a time: ours and SQLite's R*Tree with the shapes decoded, by turns."""
    drawn = shapes()
    index, built = index_of(drawn)
    lon, lat = homes(ALONE)
    spots = list(zip(lon.tolist(), lat.tolist(), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        base = _rtree(Path(folder) / "zones.db", drawn)
        for x, y in spots:
            ours = [zone.id for zone in index.at(LonLat(x, y))]
            if ours != _by_rtree(base, x, y):
                raise RuntimeError(f"different zones at {x}, {y}")
        spent: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for n, job in enumerate((lambda x, y: index.at(LonLat(x, y)), lambda x, y: _by_rtree(base, x, y))):
                begun = time.perf_counter()
                for x, y in spots:
                    job(x, y)
                spent[n].append((time.perf_counter() - begun) / len(spots) * 1e6)
        base.close()
    size = (
        f"{len(spots):,} homes one at a time, {len(drawn):,} zones of {VERTICES} vertices, zones equal; "
        f"index built once in {built:.0f} s, not counted"
    )
    return {"home": _entry(*spent, GOAL_ALONE, size, "SQLite R*Tree, WKB decoded, covers")}


def _joined(points: Any, polygons: Any, predicate: str) -> Pairs:
    found = geopandas.sjoin(points, polygons, how="inner", predicate=predicate)
    return np.stack([found.index.to_numpy(), found["index_right"].to_numpy()])


def _sorted(pairs: Pairs) -> Pairs:
    return pairs[:, np.lexsort((pairs[1], pairs[0]))]


def _rtree(path: Path, drawn: NDArray[np.object_]) -> sqlite3.Connection:
    """Write the zones as a GeoPackage keeps them: a table of shapes and an R*Tree of their boxes."""
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE zone (id INTEGER PRIMARY KEY, geom BLOB)")
    base.execute("CREATE VIRTUAL TABLE box USING rtree (id, minx, maxx, miny, maxy)")
    base.executemany("INSERT INTO zone VALUES (?, ?)", enumerate(shapely.to_wkb(drawn).tolist()))
    rows = ((n, w, e, s, t) for n, (w, s, e, t) in enumerate(shapely.bounds(drawn).tolist()))
    base.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?)", rows)
    base.commit()
    return base


def _by_rtree(base: sqlite3.Connection, x: float, y: float) -> list[str]:
    """Look one home up: boxes, then shapes decoded and tested."""
    asked = (
        "SELECT zone.id, geom FROM box JOIN zone USING (id) "
        "WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ? ORDER BY zone.id"
    )
    rows = base.execute(asked, (x, x, y, y)).fetchall()
    if not rows:
        return []
    inside = shapely.covers(shapely.from_wkb([geom for _, geom in rows]), shapely.Point(x, y))
    return [str(identity) for (identity, _), hit in zip(rows, inside, strict=True) if hit]


def _entry(ours: Sequence[float], peer: Sequence[float], goal: float, size: str, peer_name: str) -> Mapping[str, Any]:
    ratios = [theirs / mine for mine, theirs in zip(ours, peer, strict=True)]
    return {
        "ours": round(statistics.median(ours), 1),
        "peer": round(statistics.median(peer), 1),
        "unit": "µs/home",
        "ratio": round(statistics.median(ratios), 2),
        "goal": goal,
        "noise": max(spread(ours), spread(peer)),
        "size": size,
        "peer_name": peer_name,
    }
