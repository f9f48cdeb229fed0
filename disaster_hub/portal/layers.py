"""The place layers as GeoJSON: what open data said, drawn fine enough for a screen and no finer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
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
SAMPLE = 1000
SURELY = 1.2
"""A guess that is over by so much is not tried."""
BATCH = 500
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
    count, sample = _sample(tx, layer)
    for number, tolerance in enumerate(TOLERANCES):
        through = layer == "roads" and number > 0
        guessed = count > SAMPLE and number < len(TOLERANCES) - 1
        if guessed and _guess(sample, count, tolerance, layer, through=through) > SURELY * MOST_BYTES:
            continue
        body = collection(_drawn(_chosen(places.features(tx, layer), through=through), tolerance, SHOWN[layer]))
        if len(body) <= MOST_BYTES:
            break
    return body


def _sample(tx: Transaction, layer: str) -> tuple[int, list[Feature]]:
    """Count the features, and give so many of them, spread over all: 50,000 zones are never held together."""
    sample: list[Feature] = []
    count, step = 0, 1
    for count, one in enumerate(places.features(tx, layer), 1):
        if count % step == 0:
            sample.append(one)
        if len(sample) > SAMPLE:
            sample, step = sample[1::2], 2 * step
    return count, sample


def _guess(sample: Sequence[Feature], count: int, tolerance: float, layer: str, *, through: bool) -> float:
    """Reckon from a sample what the whole layer would weigh."""
    weight = len(collection(_drawn(_chosen(sample, through=through), tolerance, SHOWN[layer])))
    return weight * count / len(sample)


def _chosen(found: Iterable[Feature], *, through: bool) -> Iterable[Feature]:
    return (f for f in found if f.columns.get("highway") in THROUGH_ROADS) if through else found


def collection(features: Iterable[str]) -> bytes:
    """Join features (already JSON) into one RFC 7946 FeatureCollection."""
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def feature(shape: shapely.Geometry | None, properties: Mapping[str, Any], identity: str) -> str:
    """Write one RFC 7946 feature; a place that is not known is a null geometry."""
    return _written("null" if shape is None else shapely.to_geojson(shape), properties, identity)


def _written(drawn: str, properties: Mapping[str, Any], identity: str) -> str:
    said = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    name = json.dumps(identity, ensure_ascii=False)
    return f'{{"type":"Feature","id":{name},"geometry":{drawn},"properties":{said}}}'


def fine(shape: shapely.Geometry, tolerance: float = TOLERANCES[0]) -> shapely.Geometry:
    """Give *shape* with no more points than a screen shows, outer rings counter-clockwise as RFC 7946 asks."""
    if shape.geom_type != "Point":
        shape = shapely.orient_polygons(shapely.simplify(shape, tolerance, preserve_topology=True))
    return shapely.set_precision(shape, 10**-DECIMALS, mode="pointwise")


def _drawn(found: Iterable[Feature], tolerance: float, columns: Sequence[str]) -> Iterable[str]:
    placed = (one for one in found if one.geometry is not None)
    while batch := list(islice(placed, BATCH)):
        # All at once, so that the others may go on meanwhile.
        shapes = shapely.simplify([one.geometry for one in batch], tolerance, preserve_topology=True)
        shapes = shapely.set_precision(shapely.orient_polygons(shapes), 10**-DECIMALS, mode="pointwise")
        for one, drawn in zip(batch, shapely.to_geojson(shapes), strict=True):
            properties = {name: one.columns.get(name) for name in columns}
            yield _written(drawn, properties | {"id": one.id}, one.id)
