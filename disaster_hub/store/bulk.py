"""The fast way in: prepared SQL and the driver's own bulk calls, where a river of small messages must not wait."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from disaster_hub.store.columns import EPOCH, to_micros
from disaster_hub.terms.observation import Observation

RAW_SQLITE = (
    "INSERT OR IGNORE INTO raw (source, kind, received_at, said_at, identity, sha256, body, refused) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
SEEN_SQLITE = (
    "INSERT OR IGNORE INTO observation (series_id, at, issued_at, value, quality, raw_id) VALUES (?, ?, ?, ?, ?, ?)"
)
RAW_POSTGRES = (
    "INSERT INTO raw (source, received_at, said_at, identity, sha256, kind, body, refused) SELECT %s, %s, * FROM "
    "unnest(%b::timestamptz[], %b::text[], %b::bytea[], %b::text[], %b::bytea[], %b::text[]) ON CONFLICT DO NOTHING"
)
SEEN_POSTGRES = (
    "INSERT INTO observation (raw_id, series_id, at, issued_at, value, quality) SELECT %s::bigint, * FROM "
    "unnest(%b::int[], %b::timestamptz[], %b::timestamptz[], %b::float8[], %b::text[]) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as the broker handed it over; with *at*, its own time, it is stored three times as fast."""

    identity: str
    kind: str
    body: bytes
    refused: str | None = None
    at: datetime | None = None


def key(seen: Observation) -> tuple[str, str, str]:
    """Name the series of a reading (a StrEnum is the same key as its value, and quicker)."""
    return seen.station, seen.quantity, seen.basis


def messages(tx: Connection, source: str, kept: Sequence[RawMessage], received_at: datetime) -> None:
    """Keep messages with their hash; one that is there already (same time, identity and bytes) is left as it is."""
    sha = hashlib.sha256
    if tx.dialect.name == "sqlite":
        stamp = to_micros(received_at)
        rows = [
            (source, m.kind, stamp, to_micros(m.at or EPOCH), m.identity, sha(m.body).digest(), m.body, m.refused)
            for m in kept
        ]
        tx.exec_driver_sql(RAW_SQLITE, rows)
        return
    # Sorted by their keys, so that two listeners never wait for each other in a circle.
    found = {(m.at or EPOCH, m.identity, sha(m.body).digest()): (m.kind, m.body, m.refused) for m in kept}
    columns = _columns([(*name, *found[name]) for name in sorted(found)])
    tx.exec_driver_sql(RAW_POSTGRES, (source, received_at, *columns))


def observations(
    tx: Connection, seen: Sequence[Observation], numbers: Mapping[tuple[str, str, str], int], raw_id: int | None
) -> int:
    """Add readings to their series and give how many were new; what was observed is "issued" in 1970."""
    if tx.dialect.name == "sqlite":
        rows = [
            (
                numbers[o.station, o.quantity, o.basis],
                to_micros(o.at),
                to_micros(o.issued_at) if o.issued_at else 0,
                o.value,
                o.quality.value,
                raw_id,
            )
            for o in seen
        ]
        return tx.exec_driver_sql(SEEN_SQLITE, rows).rowcount
    found: dict[Any, Any] = {}
    for o in seen:  # the first of two with the same key stands, as on SQLite
        found.setdefault((numbers[key(o)], o.at, o.issued_at or EPOCH), (o.value, o.quality.value))
    columns = _columns([(*name, *found[name]) for name in sorted(found)])
    return tx.exec_driver_sql(SEEN_POSTGRES, (raw_id, *columns)).rowcount


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
