"""The place layers as GeoJSON: what open data said, drawn fine enough for a screen and no finer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely

from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.place import Feature

DECIMALS = 6
"""A tenth of a metre."""
MOST_BYTES = 12_000_000
"""What a phone can still draw; above it the layer is drawn coarser."""
TOLERANCES = (2e-5, 1e-4, 4e-4, 1.6e-3)
"""Degrees; 2 m first. The store keeps every vertex: QGIS reads them there."""
THROUGH_ROADS = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
SHOWN = {
    "shelters": ("name", "designation", "address", "flood", "landslide", "surge", "earthquake", "tsunami",
                 "fire", "inland", "volcano"),
    "hazards": ("hazard", "scale", "rank", "rank_kind", "river", "phenomenon", "zone", "low_m", "high_m"),
    "rivers": ("name", "waterway"),
    "roads": ("name", "highway", "bridge", "oneway"),
}  # fmt: skip
"""The columns that are published; an open-data file may hold more than a map should say."""


def place_layer(tx: Transaction, layer: str) -> bytes:
    """Give *layer* as a FeatureCollection; too large a one is drawn coarser, roads down to the through roads."""
    found = list(places.features(tx, layer))
    for tolerance in TOLERANCES:
        body = collection(_drawn(found, tolerance, SHOWN[layer]))
        if len(body) <= MOST_BYTES:
            return body
        if layer == "roads":
            found = [f for f in found if f.columns.get("highway") in THROUGH_ROADS]
    return body


def collection(features: Iterable[str]) -> bytes:
    """Join features (already JSON) into one RFC 7946 FeatureCollection."""
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def feature(shape: shapely.Geometry | None, properties: Mapping[str, Any], identity: str) -> str:
    """Write one RFC 7946 feature; a place that is not known is a null geometry."""
    drawn = "null" if shape is None else shapely.to_geojson(shape)
    said = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    name = json.dumps(identity, ensure_ascii=False)
    return f'{{"type":"Feature","id":{name},"geometry":{drawn},"properties":{said}}}'


def fine(shape: shapely.Geometry, tolerance: float = TOLERANCES[0]) -> shapely.Geometry:
    """Give *shape* with no more points than a screen shows, outer rings counter-clockwise as RFC 7946 asks."""
    if shape.geom_type != "Point":
        shape = shapely.orient_polygons(shapely.simplify(shape, tolerance, preserve_topology=True))
    return shapely.set_precision(shape, 10**-DECIMALS, mode="pointwise")


def _drawn(found: Sequence[Feature], tolerance: float, columns: Sequence[str]) -> Iterable[str]:
    for one in found:
        if one.geometry is None:
            continue
        properties = {name: one.columns.get(name) for name in columns}
        yield feature(fine(one.geometry, tolerance), properties | {"id": one.id}, one.id)
