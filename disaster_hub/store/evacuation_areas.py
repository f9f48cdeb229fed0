"""Evacuation areas (避難区域): what the town loaded, the minutes that were set here, the ground of listed blocks."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from disaster_hub.store import journal, places
from disaster_hub.store.areas_tables import area_time
from disaster_hub.store.layers import address
from disaster_hub.store.upsert import put
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature

LONGEST_MIN = 1440
AROUND_DEG = 0.01
"""How far the outermost block reaches where no municipality is loaded to cut it: about a kilometre."""


def all_areas(tx: Connection) -> list[EvacuationArea]:
    """Give every area that is loaded, by its code; minutes that were set here stand above those of the file."""
    found = {str(f.columns["code"]): f for f in places.features(tx, "blocks")}
    times = {row.area: (row.day_min, row.night_min) for row in tx.execute(select(area_time))}
    without = [f for f in found.values() if f.geometry is None and f.columns.get("blocks")]
    cells = _cells(tx) if without else {}
    return [_area(one, times.get(code), cells) for code, one in sorted(found.items())]


def names(tx: Connection) -> dict[str, str]:
    """Give the name of every area that is loaded, by its code."""
    found = (f.columns for f in places.features(tx, "blocks"))
    return {str(said["code"]): str(said.get("name") or said["code"]) for said in found}


def find(tx: Connection, code: str) -> EvacuationArea | None:
    """Give one area; None where none of this code is loaded."""
    return next((one for one in all_areas(tx) if one.code == code), None)


def set_minutes(
    tx: Connection, code: str, day: int | None, night: int | None, who: str, now: datetime
) -> EvacuationArea:
    """Set how long an area's people need, by day and by night; BadInput where no such area is loaded."""
    before = find(tx, code)
    if before is None:
        raise BadInput(f"避難区域 {code[:40]}: 読み込まれていません")
    for name, value in (("昼", day), ("夜", night)):
        if value is not None and not 0 < value <= LONGEST_MIN:
            raise BadInput(f"避難所要時間（{name}）: {value} は 1〜{LONGEST_MIN} 分ではありません")
    if (before.day_min, before.night_min) != (day, night):
        put(tx, area_time, {"area": code, "day_min": day, "night_min": night, "at": now, "who": who}, ("area",))
        old, new = (f"昼{_said(d)}・夜{_said(n)}" for d, n in ((before.day_min, before.night_min), (day, night)))
        what = f"避難所要時間を変更 {before.name}：{old} → {new}"
        journal.add(tx, JournalEntry(now, "area_minutes", who, what, code))
    changed = find(tx, code)
    assert changed is not None
    return changed


def _said(minutes: int | None) -> str:
    return "未設定" if minutes is None else f"{minutes}分"


def _area(one: Feature, times: tuple[int | None, int | None] | None, cells: dict[str, BaseGeometry]) -> EvacuationArea:
    said = one.columns
    names = tuple(str(name) for name in said.get("blocks") or ())
    shape: BaseGeometry | None = one.geometry
    together = shape is None
    if shape is None:
        parts = [cells[name] for name in names if name in cells]
        shape = shapely.union_all(parts) if parts else None
    day, night = times or (said.get("day_min"), said.get("night_min"))
    hazards = frozenset(Hazard(word) for word in str(said.get("hazards") or "").split())
    code, name = str(said["code"]), str(said.get("name") or said["code"])
    return EvacuationArea(code, name, shape, hazards, day, night, names, together and shape is not None)


def _cells(tx: Connection) -> dict[str, BaseGeometry]:
    """Give the ground around each 町丁目's address points: what is nearer to them than to any other's."""
    rows = tx.execute(select(address.c.town, address.c.koaza, address.c.geom).where(address.c.geom.is_not(None)))
    points: dict[tuple[float, float], tuple[str, str]] = {}
    for town, koaza, geom in rows:
        points.setdefault((geom.x, geom.y), (town or "", koaza or ""))
    borders = shapely.union_all([f.geometry for f in places.features(tx, "areas") if f.geometry is not None])
    return _ground(tuple(points), tuple(points.values()), shapely.to_wkb(borders))


@lru_cache(maxsize=2)
def _ground(
    points: tuple[tuple[float, float], ...], names: tuple[tuple[str, str], ...], borders: bytes
) -> dict[str, BaseGeometry]:
    """Give the cells of each town, and of each of its koaza, cut at the municipality's border."""
    if len(points) < 2:
        return {}
    dots = shapely.points(np.array(points))
    within = shapely.from_wkb(borders)
    if within.is_empty:
        within = shapely.convex_hull(shapely.multipoints(dots)).buffer(AROUND_DEG)
    shrink = np.array([np.cos(np.radians(np.array(points)[:, 1].mean())), 1.0])
    flat = shapely.multipoints(shapely.transform(dots, lambda xy: xy * shrink))
    drawn = shapely.voronoi_polygons(flat, extend_to=shapely.transform(within, lambda xy: xy * shrink), ordered=True)
    cells = shapely.intersection(shapely.transform(shapely.get_parts(drawn), lambda xy: xy / shrink), within)
    found: dict[str, list[BaseGeometry]] = {}
    for cell, (town, koaza) in zip(cells, names, strict=True):
        for name in {town, f"{town}{koaza}"}:
            found.setdefault(name, []).append(cell)
    return {name: shapely.union_all(parts) for name, parts in found.items()}
