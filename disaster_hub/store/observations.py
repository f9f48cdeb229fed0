"""Observations: the time series, one value a station, quantity, basis and time; written in batches."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, text

from disaster_hub.store.tables import EPOCH, observation, series, to_micros
from disaster_hub.store.upsert import add_once
from disaster_hub.store.worlds import guard
from disaster_hub.terms.observation import Basis, Observation
from disaster_hub.terms.quantity import Quality

Key = tuple[str, str, str]
RAW_SQLITE = (
    "INSERT OR IGNORE INTO raw (source, identity, kind, sha256, body, received_at, refused) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
SEEN_SQLITE = (
    "INSERT OR IGNORE INTO observation (series_id, at, issued_at, value, quality, raw_id) VALUES (?, ?, 0, ?, ?, NULL)"
)
RAW_POSTGRES = (
    "INSERT INTO raw (source, identity, kind, sha256, body, received_at, refused) "
    "SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::timestamptz[], %s::text[]) "
    "ON CONFLICT DO NOTHING"
)
SEEN_POSTGRES = (
    "INSERT INTO observation (series_id, at, issued_at, value, quality) SELECT s, a, 'epoch', v, q "
    "FROM unnest(%s::int[], %s::timestamptz[], %s::float8[], %s::text[]) AS t(s, a, v, q) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as the broker handed it over."""

    identity: str
    kind: str
    body: bytes
    refused: str | None = None


def add(tx: Connection, seen: Iterable[Observation], *, raw_id: int | None) -> int:
    """Add readings and give how many were new; one that is known already (same key) is left as it is."""
    wanted = list(seen)
    numbers = _series(tx, wanted)
    new = 0
    for o in wanted:
        row: dict[str, Any] = {"series_id": numbers[_key(o)], "at": o.at, "issued_at": o.issued_at or EPOCH}
        row |= {"value": o.value, "quality": o.quality.value, "raw_id": raw_id}
        new += add_once(tx, observation, row, ("series_id", "at", "issued_at"))
    return new


def add_batch(
    tx: Connection,
    source: str,
    messages: Sequence[RawMessage],
    seen: Sequence[Observation],
    received_at: datetime,
) -> None:
    """Keep a batch of messages and their observed readings, with the driver's own bulk insert."""
    numbers = _series(tx, seen)
    if tx.dialect.name == "sqlite":
        stamp = to_micros(received_at)
        sha = hashlib.sha256
        rows = [(source, m.identity, m.kind, sha(m.body).digest(), m.body, stamp, m.refused) for m in messages]
        tx.exec_driver_sql(RAW_SQLITE, rows)
        micros = [(numbers[_key(o)], to_micros(o.at), o.value, o.quality.value) for o in seen]
        if micros:
            tx.exec_driver_sql(SEEN_SQLITE, micros)
        return
    _postgres_batch(tx, source, messages, seen, received_at, numbers)


def _postgres_batch(
    tx: Connection,
    source: str,
    messages: Sequence[RawMessage],
    seen: Sequence[Observation],
    received_at: datetime,
    numbers: dict[Key, int],
) -> None:
    # Sorted by their keys, so that two listeners never wait for each other in a circle.
    rows = sorted((hashlib.sha256(m.body).digest(), m.identity, m.kind, m.body, m.refused) for m in messages)
    sha, identity, kind, body, refused = (list(column) for column in zip(*rows, strict=True))
    values = (source, identity, kind, sha, body, [received_at] * len(rows), refused)
    tx.exec_driver_sql(RAW_POSTGRES, values)
    found = sorted({(numbers[_key(o)], o.at): o for o in seen}.items(), key=lambda item: item[0])
    if found:
        columns = (
            [number for (number, _), _ in found],
            [at for (_, at), _ in found],
            [o.value for _, o in found],
            [o.quality.value for _, o in found],
        )
        tx.exec_driver_sql(SEEN_POSTGRES, columns)


def latest(tx: Connection) -> dict[str, list[Observation]]:
    """Give the newest observed reading of each quantity of each station, by station."""
    newest = (
        select(observation.c.at)
        .where(observation.c.series_id == series.c.id)
        .order_by(observation.c.at.desc())
        .limit(1)
        .correlate(series)
        .scalar_subquery()
    )
    where = and_(observation.c.series_id == series.c.id, observation.c.at == newest)
    query = select(series, observation).join(observation, where)
    found: dict[str, list[Observation]] = defaultdict(list)
    for row in tx.execute(query.where(series.c.basis == Basis.OBSERVED.value)):
        found[row.station].append(_observation(row))
    return found


def recent(tx: Connection, since: datetime) -> dict[str, list[Observation]]:
    """Give everything observed since *since*, by station, oldest first."""
    query = select(series, observation).join(observation, observation.c.series_id == series.c.id)
    query = query.where(series.c.basis == Basis.OBSERVED.value, observation.c.at >= since)
    found: dict[str, list[Observation]] = defaultdict(list)
    for row in tx.execute(query.order_by(observation.c.series_id, observation.c.at)):
        found[row.station].append(_observation(row))
    return found


def of_station(tx: Connection, station: str, quantity: str, since: datetime) -> list[Observation]:
    """Give what was observed since *since*, then the newest forecast, each oldest first."""
    mine = and_(series.c.station == station, series.c.quantity == quantity)
    query = select(series, observation).join(observation, observation.c.series_id == series.c.id).where(mine)
    seen = query.where(series.c.basis == Basis.OBSERVED.value, observation.c.at >= since)
    ahead = query.where(series.c.basis == Basis.FORECAST.value)
    newest = select(func.max(observation.c.issued_at)).join(series, series.c.id == observation.c.series_id)
    newest = newest.where(mine, series.c.basis == Basis.FORECAST.value)
    ahead = ahead.where(observation.c.issued_at == newest.scalar_subquery())
    rows = [*tx.execute(seen.order_by(observation.c.at)), *tx.execute(ahead.order_by(observation.c.at))]
    return [_observation(row) for row in rows]


def _key(seen: Observation) -> Key:
    return seen.station, seen.quantity, seen.basis.value


def _series(tx: Connection, wanted: Sequence[Observation]) -> dict[Key, int]:
    """Give the numbers of the series that *wanted* belong to; committed ones are remembered by the connection."""
    memory: dict[Key, int] = tx.info.setdefault("series", {})
    units = {_key(o): o.unit for o in wanted}
    numbers = {key: memory[key] for key in units if key in memory}
    strange = sorted(units.keys() - numbers.keys())
    if not strange:
        return numbers
    guard(tx, (station for station, _, _ in strange))
    for station, quantity, basis in strange:
        row = {
            "station": station,
            "quantity": quantity,
            "basis": basis,
            "unit": units[station, quantity, basis],
        }
        fresh = add_once(tx, series, row, ("station", "quantity", "basis"))
        mine = and_(series.c.station == station, series.c.quantity == quantity, series.c.basis == basis)
        number = int(tx.execute(select(series.c.id).where(mine)).scalar_one())
        numbers[station, quantity, basis] = number
        if not fresh:  # a number made in this transaction may yet be rolled back
            memory[station, quantity, basis] = number
    return numbers


def _observation(row: Any) -> Observation:
    basis = Basis(row.basis)
    issued = row.issued_at if basis is Basis.FORECAST else None
    return Observation(row.station, row.quantity, row.at, row.value, row.unit, Quality(row.quality), basis, issued)


def total(tx: Connection) -> int:
    """Count the readings that are stored."""
    return int(tx.execute(text("SELECT count(*) FROM observation")).scalar_one())
