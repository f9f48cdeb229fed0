"""Stations: gauges and sensors, where they stand, and how their thresholds have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import Connection, select

from disaster_hub.store.layers import station as table
from disaster_hub.store.tables import station_threshold
from disaster_hub.store.upsert import put
from disaster_hub.store.worlds import guard
from disaster_hub.terms.observation import Station, StationKind


@dataclass(frozen=True, slots=True)
class StoredStation:
    """A station and the source that told of it."""

    station: Station
    source: str


def upsert(tx: Connection, said: Station, *, source: str, seen_at: datetime) -> None:
    """Bring a station up to what its source says now; changed thresholds are kept with their time."""
    guard(tx, (said.id,))
    shape = None if said.lon is None or said.lat is None else Point(said.lon, said.lat)
    row: dict[str, Any] = {"source": source, "source_id": said.id, "name": said.name, "kind": said.kind.value}
    row |= {
        "quantity": said.quantity,
        "thresholds": dict(said.thresholds),
        "town": said.town,
        "river": said.river,
    }
    row |= {"geom": shape, "seen_at": seen_at, "more": {}}
    put(tx, table, row, ("source", "source_id"))
    history = select(station_threshold.c.thresholds).where(station_threshold.c.station == said.id)
    newest = tx.execute(history.order_by(station_threshold.c.id.desc()).limit(1)).scalar_one_or_none()
    if said.thresholds and newest != dict(said.thresholds):
        fields = {"station": said.id, "since": seen_at, "thresholds": dict(said.thresholds)}
        tx.execute(station_threshold.insert().values(**fields))


def all_stations(tx: Connection) -> list[StoredStation]:
    """Give every station."""
    columns = (c for c in table.c if c.name not in {"fid", "more"})
    rows = tx.execute(select(*columns).order_by(table.c.source_id))
    return [StoredStation(_station(row), row.source) for row in rows]


def _station(row: Any) -> Station:
    return Station(
        id=row.source_id,
        name=row.name,
        kind=StationKind(row.kind),
        lon=None if row.geom is None else row.geom.x,
        lat=None if row.geom is None else row.geom.y,
        thresholds=row.thresholds,
        quantity=row.quantity,
        town=row.town,
        river=row.river,
    )
