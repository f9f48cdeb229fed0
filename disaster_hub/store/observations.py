"""Observations: the time series, one value a station, quantity, basis and time; written in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from disaster_hub.store import bulk
from disaster_hub.store.bulk import RawMessage
from disaster_hub.store.session import after_commit
from disaster_hub.store.tables import observation, series
from disaster_hub.store.upsert import insert
from disaster_hub.store.worlds import guard
from disaster_hub.terms.observation import Basis, Observation
from disaster_hub.terms.quantity import Quality

__all__ = ["RawMessage", "add", "add_batch", "latest", "of_station", "recent", "total"]

Key = tuple[str, str, str]
ASKED_AT_ONCE = 500


def add(tx: Connection, seen: Iterable[Observation], *, raw_id: int | None) -> int:
    """Add readings and give how many were new; one that is known already (same key) is left as it is."""
    wanted = list(seen)
    return bulk.observations(tx, wanted, _numbers(tx, wanted), raw_id) if wanted else 0


def add_batch(
    tx: Connection,
    source: str,
    messages: Sequence[RawMessage],
    seen: Sequence[Observation],
    received_at: datetime,
) -> int:
    """Keep a batch of messages and their readings, and give how many readings were new.

    A message that comes again (same time, identity and bytes) is kept once. A made-up device in a real store
    raises WrongWorld for the whole batch: who takes messages from strangers looks first.
    """
    numbers = _numbers(tx, seen)
    if messages:
        bulk.messages(tx, source, messages, received_at)
    return bulk.observations(tx, seen, numbers, None) if seen else 0


def latest(tx: Connection, until: datetime | None = None) -> dict[str, list[Observation]]:
    """Give the newest observed reading (not after *until*) of each quantity of each station, by station."""
    newest = select(observation.c.at).where(observation.c.series_id == series.c.id)
    if until is not None:
        newest = newest.where(observation.c.at <= until)
    last = newest.order_by(observation.c.at.desc()).limit(1).correlate(series).scalar_subquery()
    query = select(series, observation).join(
        observation, and_(observation.c.series_id == series.c.id, observation.c.at == last)
    )
    return _by_station(tx, query.where(series.c.basis == Basis.OBSERVED.value).order_by(series.c.id))


def recent(tx: Connection, since: datetime) -> dict[str, list[Observation]]:
    """Give everything observed since *since*, by station, oldest first."""
    query = select(series, observation).join(observation, observation.c.series_id == series.c.id)
    query = query.where(series.c.basis == Basis.OBSERVED.value, observation.c.at >= since)
    return _by_station(tx, query.order_by(observation.c.series_id, observation.c.at))


def of_stations(
    tx: Connection, stations: Iterable[str], since: datetime, quantities: Iterable[str] = ()
) -> dict[str, list[Observation]]:
    """Give what some stations observed since *since* (of these *quantities* alone), by station, oldest first."""
    wanted = sorted(set(stations))
    found: dict[str, list[Observation]] = {}
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        query = select(series, observation).join(observation, observation.c.series_id == series.c.id)
        query = query.where(series.c.station.in_(wanted[start : start + ASKED_AT_ONCE]), observation.c.at >= since)
        query = query.where(series.c.basis == Basis.OBSERVED.value)
        if quantities:
            query = query.where(series.c.quantity.in_(list(quantities)))
        found |= _by_station(tx, query.order_by(observation.c.series_id, observation.c.at))
    return found


def curves(tx: Connection, since: datetime) -> dict[tuple[str, str], list[tuple[datetime, float | None]]]:
    """Give everything observed since *since* as bare (time, value), by station and quantity, oldest first."""
    known = select(series.c.id, series.c.station, series.c.quantity).where(series.c.basis == Basis.OBSERVED.value)
    names = {row.id: (row.station, row.quantity) for row in tx.execute(known)}
    columns = (observation.c.series_id, observation.c.at, observation.c.value)
    query = select(*columns).where(observation.c.series_id.in_(known.with_only_columns(series.c.id)))
    found: dict[tuple[str, str], list[tuple[datetime, float | None]]] = defaultdict(list)
    query = query.where(observation.c.at >= since).order_by(observation.c.series_id, observation.c.at)
    for number, at, value in tx.execute(query):
        found[names[number]].append((at, value))
    return dict(found)


def of_station(
    tx: Connection, station: str, quantity: str, since: datetime, until: datetime | None = None
) -> list[Observation]:
    """Give what was observed from *since* (to *until*), then the newest forecast, each oldest first."""
    mine = and_(series.c.station == station, series.c.quantity == quantity)
    query = select(series, observation).join(observation, observation.c.series_id == series.c.id).where(mine)
    if until is not None:
        query = query.where(observation.c.at <= until)
    seen = query.where(series.c.basis == Basis.OBSERVED.value, observation.c.at >= since)
    newest = select(func.max(observation.c.issued_at)).join(series, series.c.id == observation.c.series_id)
    newest = newest.where(mine, series.c.basis == Basis.FORECAST.value)
    ahead = query.where(series.c.basis == Basis.FORECAST.value, observation.c.issued_at == newest.scalar_subquery())
    rows = [*tx.execute(seen.order_by(observation.c.at)), *tx.execute(ahead.order_by(observation.c.at))]
    return [_observation(row) for row in rows]


def forecasts(tx: Connection, since: datetime) -> dict[str, list[Observation]]:
    """Give the newest forecast of each quantity of each station, of those that reach beyond *since*, oldest first."""
    newest = select(func.max(observation.c.issued_at)).where(
        observation.c.series_id == series.c.id, observation.c.at >= since
    )
    last = newest.correlate(series).scalar_subquery()
    query = select(series, observation).join(
        observation, and_(observation.c.series_id == series.c.id, observation.c.issued_at == last)
    )
    ahead = query.where(series.c.basis == Basis.FORECAST.value, observation.c.at >= since)
    return _by_station(tx, ahead.order_by(observation.c.series_id, observation.c.at))


def issues(tx: Connection, station: str, quantity: str, since: datetime) -> list[Observation]:
    """Give every step of every forecast issued since *since*, by issue and then by time."""
    mine = and_(series.c.station == station, series.c.quantity == quantity, series.c.basis == Basis.FORECAST.value)
    query = select(series, observation).join(observation, observation.c.series_id == series.c.id)
    query = query.where(mine, observation.c.issued_at >= since)
    return [_observation(row) for row in tx.execute(query.order_by(observation.c.issued_at, observation.c.at))]


def total(tx: Connection) -> int:
    """Count the readings that are stored."""
    return int(tx.execute(select(func.count()).select_from(observation)).scalar_one())


def _numbers(tx: Connection, wanted: Sequence[Observation]) -> dict[Key, int]:
    """Give the numbers of the series that *wanted* belong to; the connection remembers those that are committed."""
    memory: dict[Key, int] = tx.info.setdefault("series", {})
    strange = {(o.station, o.quantity, o.basis.value): o.unit for o in wanted if bulk.key(o) not in memory}
    if not strange:
        return memory
    guard(tx, (station for station, _, _ in strange))
    learned = _known(tx, strange)
    fresh = [(*key, unit) for key, unit in sorted(strange.items()) if key not in learned]
    if fresh:
        rows = [dict(zip(("station", "quantity", "basis", "unit"), row, strict=True)) for row in fresh]
        tx.execute(insert(tx, series).on_conflict_do_nothing(), rows)
        learned |= _known(tx, [row[:3] for row in fresh])
    # A number made in this transaction may yet be rolled back, and then be given to another series.
    after_commit(tx, lambda: memory.update(learned))
    return memory | learned


def _known(tx: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """Give the numbers of those series that are there."""
    wanted = set(keys)
    stations = sorted({station for station, _, _ in wanted})
    found: dict[Key, int] = {}
    for start in range(0, len(stations), ASKED_AT_ONCE):
        query = select(series).where(series.c.station.in_(stations[start : start + ASKED_AT_ONCE]))
        found |= {(row.station, row.quantity, row.basis): row.id for row in tx.execute(query)}
    return {key: number for key, number in found.items() if key in wanted}


def _by_station(tx: Connection, query: Any) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.station].append(_observation(row))
    return dict(found)


def _observation(row: Any) -> Observation:
    basis = Basis(row.basis)
    issued = row.issued_at if basis is Basis.FORECAST else None
    return Observation(row.station, row.quantity, row.at, row.value, row.unit, Quality(row.quality), basis, issued)
