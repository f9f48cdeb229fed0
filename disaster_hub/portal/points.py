"""The layers that carry judgement or configuration besides a shape: areas, rivers, stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import shapely

from disaster_hub.config import Config, River
from disaster_hub.desk.facilities import states_by_place
from disaster_hub.portal.facts import Point
from disaster_hub.portal.layers import SHOWN, collection, feature, fine
from disaster_hub.store import places, shelter_desk
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import local
from disaster_hub.terms.place import Feature

AREA_KEYS = ("level", "issuer", "since", "until", "reason", "order")


def fixed(points: Sequence[Point]) -> bytes:
    """Give what of the stations does not change with a reading, to tell whether the page must load them again."""
    rows = [(p.station.id, p.station.name, p.station.lon, p.station.lat, p.quantity, p.unit) for p in points]
    return msgspec.json.encode(rows)


def stations_layer(points: Sequence[Point], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Give the stations: their reading, and what the page needs to draw and name them."""
    out = []
    for point, row in zip(points, rows, strict=True):
        station, own = point.station, point.own
        said = {k: v for k, v in row.items() if k not in {"lon", "lat", "age_s"}}
        said |= {"name_en": point.name_en, "quantity": point.quantity, "source": point.source}
        said |= {"own": point.mine, "river": station.river, "thresholds": dict(row["thresholds"])}
        said |= {"interval_s": own.interval_s, "interval_low_s": own.interval_low_s, "start": own.start}
        placed = station.lon is not None and station.lat is not None
        shape = shapely.Point(station.lon, station.lat) if placed else None
        out.append(feature(None if shape is None else fine(shape), said, station.id))
    return collection(out)


def areas_layer(tx: Transaction, rows: Sequence[Mapping[str, Any]], config: Config) -> bytes:
    """Give every loaded municipality, and every watched area; one that was not loaded has no geometry."""
    watched = {row["code"]: row for row in rows}
    english = {a.code: a.name_en for a in config.areas} | {r.code: r.name_en for r in config.rivers}
    english[config.city.area] = config.city.name_en
    shapes = _municipalities(tx) | _river_shapes(tx, config.rivers)
    plain = {"level": None, "kind": "municipality", "watched": False, "name_en": ""}
    out = []
    for code, (name, shape) in shapes.items():
        row = watched.get(code)
        said = _said(row, english) if row else plain | {"code": code, "name": name}
        out.append(feature(fine(shape, 5e-5), said, code))
    out += [feature(None, _said(row, english), code) for code, row in watched.items() if code not in shapes]
    return collection(out)


def shelters_layer(tx: Transaction, config: Config) -> bytes:
    """Give the shelters with what the city says of them now; nothing said is not known, neither open nor shut."""
    found = list(places.features(tx, "shelters"))
    words = states_by_place(shelter_desk.words(tx), found)
    out = []
    for one in found:
        if one.geometry is None:
            continue
        word = words.get(one.id)
        said: dict[str, Any] = {name: one.columns.get(name) for name in SHOWN["shelters"]}
        said |= {"id": one.id, "state": word.state.value if word else None}
        said |= {"state_since": local(word.at, config.city.zone) if word else None}
        out.append(feature(fine(one.geometry), said, one.id))
    return collection(out)


def rivers_layer(tx: Transaction, config: Config) -> bytes:
    """Give rivers and brooks; `area` names the forecast area where a watched river has the line's name."""
    out = []
    for one in places.features(tx, "rivers"):
        mine = [river.code for river in config.rivers if _is_of(one, river)]
        said = {"id": one.id, "name": one.columns.get("name"), "waterway": one.columns.get("waterway")}
        out.append(feature(fine(one.geometry), said | {"area": mine[0] if mine else None}, one.id))
    return collection(out)


def _said(row: Mapping[str, Any], english: Mapping[str, str]) -> dict[str, Any]:
    said = {key: row[key] for key in ("code", "name", "kind", *AREA_KEYS)}
    return said | {"watched": True, "name_en": english.get(row["code"], "")}


def _municipalities(tx: Transaction) -> dict[str, tuple[str, shapely.Geometry]]:
    """Give municipalities by 7-digit code; those that JMA warns in parts have none and keep their five digits."""
    found: dict[str, tuple[str, shapely.Geometry]] = {}
    for one in places.features(tx, "areas"):
        code = one.columns.get("code") or one.columns.get("jis5") or one.id
        found[str(code)] = (str(one.columns.get("name") or ""), one.geometry)
    return found


def _river_shapes(tx: Transaction, rivers: Sequence[River]) -> dict[str, tuple[str, shapely.Geometry]]:
    """Give each watched river the lines that bear its name."""
    lines: dict[str, list[shapely.Geometry]] = {}
    if rivers:
        for one in places.features(tx, "rivers"):
            for river in rivers:
                if _is_of(one, river):
                    lines.setdefault(river.code, []).append(one.geometry)
    names = {river.code: river.name for river in rivers}
    return {code: (names[code], shapely.line_merge(shapely.union_all(found))) for code, found in lines.items()}


def _is_of(one: Feature, river: River) -> bool:
    """Tell whether a line belongs to a forecast area: 最上川 to 最上川下流."""
    name = one.columns.get("name")
    return isinstance(name, str) and len(name) > 1 and river.name.startswith(name)
