"""Places: what open data says lies where, found by the store's own spatial index."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

import shapely
from sqlalchemy import Connection, Row, delete, func, insert, select, text

from disaster_hub.store import journal
from disaster_hub.store.layers import LAYERS, Layer
from disaster_hub.store.worlds import guard
from disaster_hub.terms.place import SRID, Feature, LonLat

BATCH = 1000
DECIMALS = 7
"""A hundredth of a millimetre is noise; 1e-7 degree is a centimetre."""


def clear(tx: Connection, layer: str, source: str) -> int:
    """Take away what *source* (a file) brought to *layer*; give the number of features."""
    table = LAYERS[layer].table
    return tx.execute(delete(table).where(table.c.source == source)).rowcount


def replace(tx: Connection, layer: str, source: str, features: Iterable[Feature]) -> int:
    """Replace what *source* (a file) brought to *layer* before; a real store refuses made-up codes."""
    clear(tx, layer, source)
    place = LAYERS[layer]
    rows = (_row(place, source, feature) for feature in features)
    total = 0
    while batch := list(islice(rows, BATCH)):
        guard(tx, (code for row in batch for code in _codes(row)))
        tx.execute(insert(place.table), batch)
        total += len(batch)
    return total


def count(tx: Connection) -> dict[str, int]:
    """Count the features of each layer."""
    return {
        name: int(tx.execute(select(func.count()).select_from(layer.table)).scalar_one())
        for name, layer in LAYERS.items()
    }


def any_of(tx: Connection, layer: str) -> bool:
    """Tell whether anything of *layer* is loaded."""
    return tx.execute(select(LAYERS[layer].table.c.fid).limit(1)).first() is not None


def stamp(tx: Connection) -> str:
    """Give a token that changes when an open-data file was loaded."""
    newest = journal.entries(tx, limit=1, kinds=("dataset_loaded",))
    return " ".join(f"{e.at.isoformat()} {e.what}" for e in newest)


def features(tx: Connection, layer: str) -> Iterator[Feature]:
    """Give every feature of *layer*."""
    place = LAYERS[layer]
    query = select(place.table).order_by(place.table.c.fid)
    with tx.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            yield _feature(place, row)


def named(tx: Connection, layer: str, identities: Collection[str]) -> list[Feature]:
    """Give the features of *layer* with these ids (their source's own)."""
    place, wanted = LAYERS[layer], sorted(set(identities))
    found: list[Feature] = []
    for start in range(0, len(wanted), BATCH):
        query = select(place.table).where(place.table.c.source_id.in_(wanted[start : start + BATCH]))
        found += [_feature(place, row) for row in tx.execute(query.order_by(place.table.c.fid))]
    return found


def within_box(
    tx: Connection, layer: str, low: LonLat, high: LonLat, columns: Collection[str] | None = None
) -> list[Feature]:
    """Give the features whose box touches the box from *low* (south-west) to *high* (north-east).

    With *columns* they carry those of the layer's own columns and nothing else, which is several times as fast.
    """
    place = LAYERS[layer]
    table = place.table
    box = {"minx": low.lon, "miny": low.lat, "maxx": high.lon, "maxy": high.lat}
    if tx.dialect.name == "sqlite":
        inside = text(
            f"fid IN (SELECT id FROM rtree_{table.name}_geom WHERE maxx >= :minx AND minx <= :maxx "  # noqa: S608  # our own table name
            "AND maxy >= :miny AND miny <= :maxy)"
        )
    else:
        inside = text(f"geom && ST_MakeEnvelope(:minx, :miny, :maxx, :maxy, {SRID})")
    if columns is not None:
        some = select(table.c.source_id, table.c.geom, *(table.c[name] for name in columns))
        rows = tx.execute(some.where(inside).order_by(table.c.fid), box)
        return [
            Feature(layer, row[0], row[1], dict(zip(columns, row[2:], strict=True)))
            for row in rows
            if _touches(row[1].bounds, box)
        ]
    query = select(table).where(inside).order_by(table.c.fid)
    found = (_feature(place, row) for row in tx.execute(query, box))
    # The R-tree keeps its boxes in 32 bits, rounded outwards: what only it finds is not in the box.
    return [f for f in found if _touches(f.geometry.bounds, box)]


def containing(tx: Connection, layer: str, spot: LonLat) -> list[Feature]:
    """Give the features of *layer* that truly cover *spot*, not only their boxes."""
    return [f for f in within_box(tx, layer, spot, spot) if f.geometry.covers(spot.point)]


def geojson(tx: Connection, layer: str) -> bytes:
    """Write *layer* as an RFC 7946 FeatureCollection."""
    place = LAYERS[layer]
    columns = sorted(place.typed - {"seen_at"})
    out = []
    query = select(place.table).where(place.table.c.geom.is_not(None)).order_by(place.table.c.fid)
    for row in tx.execute(query, execution_options={"yield_per": BATCH}):
        shape = shapely.orient_polygons(shapely.set_precision(row.geom, 10**-DECIMALS, mode="pointwise"))
        said = {name: getattr(row, name) for name in columns}
        props = json.dumps(said | {"id": row.source_id}, ensure_ascii=False)
        out.append(f'{{"type":"Feature","geometry":{shapely.to_geojson(shape)},"properties":{props}}}')
    return ('{"type":"FeatureCollection","features":[' + ",".join(out) + "]}").encode()


def _touches(bounds: tuple[float, float, float, float], box: dict[str, float]) -> bool:
    minx, miny, maxx, maxy = bounds
    return minx <= box["maxx"] and maxx >= box["minx"] and miny <= box["maxy"] and maxy >= box["miny"]


def _row(place: Layer, source: str, feature: Feature) -> dict[str, Any]:
    typed = {name: feature.columns.get(name) for name in place.typed}
    more = {name: value for name, value in feature.columns.items() if name not in place.typed}
    shape = None if feature.geometry.is_empty else feature.geometry
    if shape is not None and place.geometry == "MULTIPOLYGON" and shape.geom_type == "Polygon":
        shape = shapely.multipolygons([shape])
    return {"source": source, "source_id": feature.id, "geom": shape, "more": more} | typed


def _codes(row: dict[str, Any]) -> Iterator[str]:
    """Name the codes of a row that tell a made-up place from a real one."""
    said = [row.get("code"), row.get("jis5"), row.get("area")]
    said += [row["more"].get(name) for name in ("jis5", "river_code", "pref_code")]
    if str(row["source_id"]).startswith("E"):
        said.append(str(row["source_id"])[1:])
    return (str(code) for code in said if code)


def _feature(place: Layer, row: Row[Any]) -> Feature:
    columns = {name: getattr(row, name) for name in place.typed} | dict(row.more)
    return Feature(place.name, row.source_id, row.geom, columns)
