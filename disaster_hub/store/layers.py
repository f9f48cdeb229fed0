"""The place layers: tables with a shape, readable by QGIS and ogr2ogr on either database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata
from disaster_hub.store.geometry import Shape

HAZARD_FLAGS = ("flood", "landslide", "surge", "earthquake", "tsunami", "fire", "inland", "volcano")


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of place: its public name, its table, its meaning."""

    name: str
    table: Table
    meaning: str

    @property
    def geometry(self) -> str:
        """Name what its geometry may be, in the GeoPackage's words."""
        kind = self.table.c.geom.type
        assert isinstance(kind, Shape)
        return kind.geometry

    @property
    def typed(self) -> frozenset[str]:
        """Name the columns of its own; everything else a source says goes to `more`."""
        return frozenset(self.table.columns.keys()) - {"fid", "source", "source_id", "geom", "more"}


def _table(title: str, geometry: str, /, **columns: TypeEngine[Any] | type[TypeEngine[Any]]) -> Table:
    return Table(
        title,
        metadata,
        Column("fid", Integer, primary_key=True, autoincrement=True),
        Column("source", Text, nullable=False),
        Column("source_id", Text, nullable=False),
        Column("geom", Shape(geometry)),
        *(Column(column, kind) for column, kind in columns.items()),
        Column("more", Said, nullable=False),
        UniqueConstraint("source", "source_id", name=f"{title}_once"),
    )


area = _table("area", "MULTIPOLYGON", code=Text, jis5=Text, name=Text, pref=Text)
shelter = _table(
    "shelter", "POINT", name=Text, designation=Text, address=Text, city=Text, **dict.fromkeys(HAZARD_FLAGS, Boolean)
)
hazard_zone = _table(
    "hazard_zone",
    "GEOMETRY",
    hazard=Text,
    scale=Text,
    rank=Integer,
    rank_kind=Text,
    river=Text,
    phenomenon=Text,
    zone=Text,
    low_m=Float,
    high_m=Float,
    depth_m=Float,
    low_h=Float,
    high_h=Float,
)
arrival = _table("arrival", "GEOMETRY", link=Text, minutes=Float, area=Text)
home = Table(
    "home",
    metadata,
    Column("fid", Integer, primary_key=True, autoincrement=True),
    Column("household", Text, nullable=False, unique=True),
    Column("geom", Shape("POINT")),
)
"""Where homes stand: a point and a random id. It is no layer that anybody is served."""
address = _table("address", "POINT", pref=Text, city=Text, town=Text, koaza=Text)
road = _table(
    "road",
    "LINESTRING",
    way=BigId,
    segment=Integer,
    from_node=BigId,
    to_node=BigId,
    highway=Text,
    name=Text,
    oneway=Text,
    bridge=Text,
    steps=Boolean,
    length_m=Float,
)
river = _table("river", "GEOMETRY", name=Text, waterway=Text, way=BigId)
station = _table(
    "station",
    "POINT",
    name=Text,
    kind=Text,
    quantity=Text,
    thresholds=Said,
    town=Text,
    river=Text,
    seen_at=UtcTime,
)
blocks = _table(
    "blocks", "MULTIPOLYGON", code=Text, name=Text, hazards=Text, day_min=Integer, night_min=Integer, blocks=Said
)
"""Evacuation areas (避難区域). `hazards` are words with blanks between them; `blocks` the 町丁目 that were listed."""
water_point = _table("water_point", "POINT", kind=Text, number=Text, address=Text, capacity=Text)

LAYERS = {
    layer.name: layer
    for layer in (
        Layer("areas", area, "Municipalities (N03)"),
        Layer("shelters", shelter, "Designated shelters; an empty flag is not designated"),
        Layer("hazards", hazard_zone, "Hazard zones as published; ranks are classes, not depths"),
        Layer("addresses", address, "Towns and blocks"),
        Layer("roads", road, "Road links between crossings"),
        Layer("rivers", river, "Rivers and brooks"),
        Layer("stations", station, "Gauges and sensors"),
        Layer("arrivals", arrival, "When water arrives, minutes after the danger level"),
        Layer("blocks", blocks, "Evacuation areas of the town, as it drew them or listed their blocks"),
        Layer("water_points", water_point, "Fire hydrants, cisterns and other water for fighting fires"),
    )
}

HOMES = Layer("homes", home, "Homes with a plan: a point and a random id")
