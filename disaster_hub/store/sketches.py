"""What the room draws on its map: shared, journaled, taken away by its maker and never without a trace."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, or_, select, update

from disaster_hub.store import journal
from disaster_hub.store.desk_tables import sketch as table
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry

KINDS = {"point": (1, 1, "点"), "line": (2, 500, "線"), "area": (3, 500, "範囲")}
"""Fewest and most corners of each kind, and its word."""
LONGEST_LABEL = 80

Spots = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Sketch:
    """One drawing as it stands."""

    id: str
    kind: str
    label: str
    spots: tuple[tuple[float, float], ...]
    who: str
    made_at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None


def draw(tx: Connection, kind: str, label: str, spots: Spots, who: str, now: datetime) -> Sketch:
    """Keep a drawing for the room; a wrong kind, label or corner raises BadInput."""
    if kind not in KINDS:
        raise BadInput(f"drawing: {kind[:20]!r} is none of {', '.join(KINDS)}")
    fewest, most, word = KINDS[kind]
    label = label.strip()
    if not 0 < len(label) <= LONGEST_LABEL:
        raise BadInput(f"drawing: a label of 1 to {LONGEST_LABEL} characters")
    if not fewest <= len(spots) <= most or not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in spots):
        raise BadInput(f"drawing: a {kind} has {fewest} to {most} corners in degrees")
    made = Sketch(secrets.token_hex(8), kind, label, tuple((float(x), float(y)) for x, y in spots), who, now)
    row = {"id": made.id, "kind": kind, "label": label, "spots": [list(s) for s in made.spots], "who": who}
    tx.execute(table.insert().values(**row, made_at=now))
    journal.add(tx, JournalEntry(now, "sketch_drawn", who, f"地図に{word}「{label}」を描きました", made.id))
    return made


def remove(tx: Connection, identity: str, who: str, now: datetime) -> Sketch:
    """Take a drawing of one's own off the map; another's, or one that is not there, raises BadInput."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    if row is None or row.removed_at is not None:
        raise BadInput("drawing: it is not on the map")
    if row.who != who:
        raise BadInput("drawing: only its maker takes it away")
    tx.execute(update(table).where(table.c.id == identity).values(removed_at=now, removed_by=who))
    word = KINDS[row.kind][2]
    journal.add(tx, JournalEntry(now, "sketch_removed", who, f"地図の{word}「{row.label}」を消しました", identity))
    return _sketch(row)


def standing(tx: Connection, at: datetime | None = None) -> list[Sketch]:
    """Give the drawings on the map now, or those that stood there at *at*, oldest first."""
    query = select(table).order_by(table.c.made_at, table.c.id)
    if at is None:
        query = query.where(table.c.removed_at.is_(None))
    else:
        query = query.where(table.c.made_at <= at, or_(table.c.removed_at.is_(None), table.c.removed_at > at))
    return [_sketch(row) for row in tx.execute(query)]


def _sketch(row: Row[tuple[object, ...]]) -> Sketch:
    spots = tuple((float(lon), float(lat)) for lon, lat in row.spots)
    return Sketch(row.id, row.kind, row.label, spots, row.who, row.made_at, row.removed_at, row.removed_by)
