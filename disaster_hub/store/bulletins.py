"""Bulletins as they were said; which are in force is judged elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from disaster_hub.store.tables import bulletin as table
from disaster_hub.store.upsert import add_once
from disaster_hub.store.worlds import guard
from disaster_hub.terms.bulletin import AreaWarning, Bulletin, Hazard, InfoType, RiverWarning, Status


@dataclass(frozen=True, slots=True)
class StoredBulletin:
    """A bulletin with the address it came from."""

    identity: str
    source: str
    bulletin: Bulletin
    received_at: datetime
    problems: tuple[str, ...] = ()


def add(
    tx: Connection,
    identity: str,
    source: str,
    raw_id: int | None,
    said: Bulletin,
    received_at: datetime,
    problems: Iterable[str] = (),
) -> bool:
    """Add a bulletin once; False where its identity is known. A real store refuses made-up areas."""
    guard(tx, {w.area for w in said.warnings} | {r.area for r in said.rivers})
    row: dict[str, Any] = {
        name: getattr(said, name) for name in ("type", "title", "head_title", "office", "reported_at", "sent_at")
    }
    row |= {"event_id": said.event_id, "serial": said.serial, "headline": said.headline}
    row |= {"status": said.status.value, "info_type": said.info_type.value, "valid_until": said.valid_until}
    row |= {"identity": identity, "source": source, "raw_id": raw_id, "received_at": received_at}
    spoken = {"warnings": [asdict(w) for w in said.warnings], "rivers": [asdict(r) for r in said.rivers]}
    row |= {"said": spoken, "problems": list(problems), "judged": False}
    return add_once(tx, table, row, ("identity",))


def unjudged(tx: Connection, limit: int = 100) -> list[StoredBulletin]:
    """Give the bulletins that wait to be judged, in the order in which they were said."""
    order = (table.c.reported_at, table.c.sent_at, table.c.identity)
    query = select(table).where(table.c.judged.is_(False)).order_by(*order).limit(limit)
    return [_stored(row) for row in tx.execute(query)]


def mark_judged(tx: Connection, identities: Collection[str]) -> None:
    """Take bulletins off the work list."""
    tx.execute(update(table).where(table.c.identity.in_(list(identities))).values(judged=True))


def history(
    tx: Connection,
    *,
    types: Collection[str],
    since: datetime,
    office: str | None = None,
    river: str | None = None,
    event: str | None = None,
) -> list[StoredBulletin]:
    """Give the bulletins of these types reported since *since*: of one *office*, *event*, or about one *river*."""
    query = select(table).where(table.c.type.in_(list(types)), table.c.reported_at >= since)
    if office is not None:
        query = query.where(table.c.office == office)
    if event is not None:
        query = query.where(table.c.event_id == event)
    order = (table.c.reported_at, table.c.sent_at, table.c.identity)
    rows = (_stored(row) for row in tx.execute(query.order_by(*order)))
    return [r for r in rows if river is None or _about(r.bulletin, river)]


def recent(tx: Connection, limit: int = 50) -> list[StoredBulletin]:
    """Give the bulletins that came last."""
    query = select(table).order_by(table.c.received_at.desc(), table.c.identity.desc()).limit(limit)
    return [_stored(row) for row in tx.execute(query)]


def _about(said: Bulletin, river: str) -> bool:
    """Tell whether a bulletin is about *river*; a withdrawal may name it in its EventID alone."""
    return any(r.area == river for r in said.rivers) or (not said.rivers and said.event_id == river)


def _stored(row: Row[Any]) -> StoredBulletin:
    said = Bulletin(
        type=row.type,
        title=row.title,
        head_title=row.head_title,
        status=Status(row.status),
        info_type=InfoType(row.info_type),
        office=row.office,
        reported_at=row.reported_at,
        sent_at=row.sent_at,
        event_id=row.event_id,
        serial=row.serial,
        headline=row.headline,
        valid_until=row.valid_until,
        warnings=tuple(AreaWarning(**w | {"hazard": Hazard(w["hazard"])}) for w in row.said["warnings"]),
        rivers=tuple(RiverWarning(**r) for r in row.said["rivers"]),
    )
    return StoredBulletin(row.identity, row.source, said, row.received_at, tuple(row.problems))
