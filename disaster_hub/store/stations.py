"""Stations: gauges and sensors, where they stand, and how their thresholds have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import Connection, Row, insert, select, update

from disaster_hub.store.layers import station as table
from disaster_hub.store.tables import station_threshold
from disaster_hub.store.upsert import add_once
from disaster_hub.store.worlds import guard
from disaster_hub.terms.observation import Station, StationKind


@dataclass(frozen=True, slots=True)
class StoredStation:
    """A station and the source that told of it."""

    station: Station
    source: str


def upsert(tx: Connection, said: Station, *, source: str, seen_at: datetime) -> None:
    """Bring a station up to what its source says now; changed thresholds are kept with their time.

    What the source leaves out (a place, thresholds) stays as it was last said, and word older than what is
    stored changes nothing.
    """
    guard(tx, (said.id,))
    columns = (c for c in table.c if c.name != "more")
    mine = select(*columns).where(table.c.source == source, table.c.source_id == said.id)
    row = _row(said, seen_at)
    known = tx.execute(mine).one_or_none()
    if known is None:
        fresh = {"source": source, "source_id": said.id, "thresholds": {}, "more": {}} | row
        if add_once(tx, table, fresh, ("source", "source_id")):
            _remember(tx, said, seen_at)
            return
        known = tx.execute(mine).one()
    changed = {name: value for name, value in row.items() if getattr(known, name) != value}
    if known.seen_at > seen_at or not changed.keys() - {"seen_at"}:
        return
    # An UPDATE and no upsert: SQLite hands an upsert's conflict rule down to the R-tree's trigger, which breaks on it.
    tx.execute(update(table).where(table.c.fid == known.fid).values(**changed))
    if "thresholds" in changed:
        _remember(tx, said, seen_at)


def all_stations(tx: Connection) -> list[StoredStation]:
    """Give every station."""
    columns = (c for c in table.c if c.name not in {"fid", "more"})
    rows = tx.execute(select(*columns).order_by(table.c.source_id, table.c.source))
    return [StoredStation(_station(row), row.source) for row in rows]


def threshold_history(tx: Connection, station: str) -> list[tuple[datetime, dict[str, float]]]:
    """Give since when a station has had which thresholds, oldest first."""
    columns = (station_threshold.c.since, station_threshold.c.thresholds)
    query = select(*columns).where(station_threshold.c.station == station).order_by(station_threshold.c.id)
    return [(row.since, dict(row.thresholds)) for row in tx.execute(query)]


def _row(said: Station, seen_at: datetime) -> dict[str, Any]:
    """Give the columns that *said* speaks of."""
    place = None if said.lon is None or said.lat is None else Point(said.lon, said.lat)
    told = {"thresholds": dict(said.thresholds) or None, "town": said.town, "river": said.river, "geom": place}
    always = {"name": said.name, "kind": said.kind.value, "quantity": said.quantity, "seen_at": seen_at}
    return always | {name: value for name, value in told.items() if value is not None}


def _remember(tx: Connection, said: Station, since: datetime) -> None:
    if said.thresholds:
        row = {"station": said.id, "since": since, "thresholds": dict(said.thresholds)}
        tx.execute(insert(station_threshold).values(**row))


def _station(row: Row[Any]) -> Station:
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
