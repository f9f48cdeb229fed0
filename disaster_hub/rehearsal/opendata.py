"""The made-up city's open data, written as the real publishers write theirs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from lxml import etree
from shapely.geometry import mapping

from disaster_hub.rehearsal import arrivals, shapefiles, townsheets, zones
from disaster_hub.rehearsal.city import (
    HEIGHT_M,
    METRES_PER_LAT,
    METRES_PER_LON,
    MINAMO,
    OKANO,
    ORIGIN_LAT,
    ORIGIN_LON,
    PREFECTURE,
    RIVER,
    TANIKAWA,
    WIDTH_M,
    Municipality,
    lonlat,
    river_y,
)
from disaster_hub.rehearsal.gazetteer import NEIGHBOURS, REFUGES, TOWNS, Refuge, reading
from disaster_hub.rehearsal.streets import FIRST_ID, Streets, streets
from disaster_hub.rehearsal.terrain import BROOKS, Array, Ground, cell

BORDER_X, OKANO_X, OKANO_Y, MARGIN_M = 5650.0, 1000.0, 1000.0, 300.0
"""Where the neighbours begin: たにかわ市 in the east, おかの町 in the south-west."""
Row = tuple[str, str, float | None, float | None]


def write(
    folder: Path,
    *,
    ground: Ground | None = None,
    town: Streets | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write every file into *folder*; the same city gives the same bytes."""
    ground, town = ground or Ground(), town or streets()
    folder.mkdir(parents=True, exist_ok=True)
    deepest = zones.depth(ground, "maximum")
    progress("shelters, addresses and borders")
    slides = [zone.shape for zone in zones.landslide_zones(ground)]
    _json(folder / "99201_指定緊急避難場所.geojson", _emergency(deepest, slides), indent=2)
    _json(folder / "99201_指定避難所.geojson", _evacuation(), indent=2)
    _json(folder / "N03-20260101_99.geojson", _borders())
    _read_addresses(folder / "99201_住所.csv", MINAMO.name, TOWNS)
    for city, rows in NEIGHBOURS.items():
        _addresses(folder / "api" / "ja" / PREFECTURE / f"{city}.json", rows)
    progress("evacuation areas, statistics and water for fighting fires")
    townsheets.write(folder, town)
    progress("roads and rivers")
    _osm(folder / "minamo.osm", town)
    progress("hazard zones")
    shapefiles.write_a31a(folder / "A31a-25_99_10_SHP.zip", ground, deepest)
    shapefiles.write_a33(folder / "A33-25_99_SHP.zip", ground)
    links = town.links()
    shapefiles.write_a51(folder / f"A51-25_{MINAMO.jis5}_SHP.zip", ground, links)
    progress("arrival times")
    arrivals.write(folder / arrivals.NAME, ground, links)


def _json(path: Path, value: Any, indent: int | None = None) -> None:
    """Write JSON as Japanese publishers do: UTF-8, nothing escaped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    gaps = None if indent else (",", ":")
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent, separators=gaps), encoding="utf-8")


def _emergency(deepest: Array, slides: list[Any]) -> dict[str, Any]:
    """Give 指定緊急避難場所: inside a zone a place is not designated for that hazard, and says so by saying nothing."""
    features = []
    for number, one in enumerate(REFUGES, 1):
        dry = bool(deepest[cell(one.x, one.y)] == 0)
        firm = not shapely.intersects(shapely.Point(lonlat(one.x, one.y)), slides).any()
        flags = {
            "洪水": dry, "崖崩れ、土石流及び地滑り": firm, "高潮": False, "地震": True, "津波": False,
            "大規模な火事": one.sort == "ground", "内水氾濫": dry, "火山現象": False,
        }  # fmt: skip
        marks = {name: "1" if designated else "" for name, designated in flags.items()}
        same = "1" if one.sort == "building" else ""
        features.append(_shelter(one, number, 1, marks | {"指定避難所との住所同一": same, "備考": ""}))
    return _collection(features, MINAMO.jis5)


def _evacuation() -> dict[str, Any]:
    """Give 指定避難所, whose file knows no hazards."""
    more = {
        "指定緊急避難場所との住所同一": "1", "その他市町村長が必要と認める事項": None, "受入対象者": None, "備考": "",
    }  # fmt: skip
    buildings = [(n, one) for n, one in enumerate(REFUGES, 1) if one.sort == "building"]
    return _collection([_shelter(one, number, 2, more) for number, one in buildings], MINAMO.jis5)


def _shelter(one: Refuge, number: int, sort: int, more: dict[str, Any]) -> dict[str, Any]:
    """Give one shelter as a GeoJSON feature."""
    lon, lat = lonlat(one.x, one.y)
    city = f"{PREFECTURE}{MINAMO.name}"
    properties = {
        "NO": number, "共通ID": f"E{MINAMO.jis5}00{number:05}{sort}", "都道府県名及び市町村名": city,
        "施設・場所名": one.name, "住所": f"{city}{one.town}", **more,
    }  # fmt: skip
    geometry = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Give a FeatureCollection."""
    return {"type": "FeatureCollection", "name": name, "features": features}


def _addresses(path: Path, rows: tuple[Row, ...]) -> None:
    """Write one neighbour's towns, as the file of one city has them: without their readings."""
    out = []
    for town, koaza, x, y in rows:
        lon, lat = (None, None) if x is None or y is None else lonlat(x, y)
        out.append({
            "town": town, "koaza": koaza,
            "lat": None if lat is None else round(lat, 6), "lng": None if lon is None else round(lon, 6),
        })  # fmt: skip
    _json(path, out)


HEAD = ("都道府県名", "市区町村名", "大字町丁目名", "大字町丁目名カナ", "小字・通称名", "緯度", "経度")


def _read_addresses(path: Path, city: str, rows: tuple[Row, ...]) -> None:
    """Write the city's towns with their readings, cut out of the whole country's CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        out.writerow(HEAD)
        for town, koaza, x, y in rows:
            lon, lat = (None, None) if x is None or y is None else lonlat(x, y)
            place = ("", "") if lat is None or lon is None else (f"{lat:.6f}", f"{lon:.6f}")
            out.writerow((PREFECTURE, city, town, reading(town), koaza, *place))


def _borders() -> dict[str, Any]:
    """Give N03: three municipalities whose borders wind a little and meet exactly."""
    okano = _wound(shapely.box(-3500, -3500, OKANO_X, OKANO_Y))
    minamo = _wound(shapely.box(-MARGIN_M, -MARGIN_M, BORDER_X, HEIGHT_M + MARGIN_M)).difference(okano)
    tanikawa = _wound(shapely.box(BORDER_X, -MARGIN_M, WIDTH_M + 3500, HEIGHT_M + MARGIN_M))
    return _collection(
        [_municipality(*one) for one in ((MINAMO, minamo), (TANIKAWA, tanikawa), (OKANO, okano))], "N03-20260101_99"
    )


def _municipality(one: Municipality, shape: Any) -> dict[str, Any]:
    """Give one municipality in the columns of 2024 and later."""
    degrees = shapely.transform(
        shape, lambda xy: np.round([ORIGIN_LON, ORIGIN_LAT] + xy / [METRES_PER_LON, METRES_PER_LAT], 7)
    )
    properties = {
        "N03_001": PREFECTURE, "N03_002": None, "N03_003": one.county, "N03_004": one.name, "N03_005": None,
        "N03_007": one.jis5,
    }  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": mapping(degrees)}


def _wound(shape: Any) -> Any:
    """Bend straight borders, the same way wherever they run."""

    def bend(xy: Array) -> Array:
        x, y = xy[:, 0], xy[:, 1]
        east = x + 45 * np.sin(y / 310) + 20 * np.sin(y / 97)
        north = y + 45 * np.sin(x / 330) + 20 * np.sin(x / 89)
        return np.column_stack([east, north])

    return shapely.transform(shapely.segmentize(shape, 100), bend)


def _osm(path: Path, town: Streets) -> None:
    """Write an OSM extract: nodes first, then roads, then the river and its brooks."""
    root = etree.Element("osm", version="0.6", generator="made-up city (rehearsal)")
    waters = list(_waters())
    nodes = dict(town.nodes)
    drawn: list[tuple[int, list[int], dict[str, str]]] = []
    for name, kind, points in waters:
        ids = [FIRST_ID + 800_000 + len(nodes) + n for n in range(len(points))]
        nodes.update(zip(ids, points, strict=True))
        drawn.append((FIRST_ID + 900_000 + len(drawn), ids, {"waterway": kind, "name": name}))
    for number, (x, y) in nodes.items():
        lon, lat = lonlat(x, y)
        etree.SubElement(root, "node", id=str(number), version="1", lat=f"{lat:.7f}", lon=f"{lon:.7f}")
    roads = ((way.id, list(way.nodes), dict(way.tags)) for way in town.ways)
    for number, ids, tags in (*roads, *drawn):
        way = etree.SubElement(root, "way", id=str(number), version="1")
        for ref in ids:
            etree.SubElement(way, "nd", ref=str(ref))
        for key, value in tags.items():
            etree.SubElement(way, "tag", k=key, v=value)
    path.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _waters() -> Iterator[tuple[str, str, list[tuple[float, float]]]]:
    """Give name, kind and course of the river and its brooks, down the stream."""
    east = np.arange(WIDTH_M + 200, -201, -100)
    yield RIVER, "river", [(float(x), round(river_y(float(x)), 2)) for x in east]
    for name, line in BROOKS.items():
        yield name, "stream", list(line)
