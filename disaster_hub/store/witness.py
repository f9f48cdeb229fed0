"""How far each gauge is believed, which readings are doubted, and what officers saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from disaster_hub.store import upsert
from disaster_hub.store.upsert import add_once
from disaster_hub.store.witness_tables import doubted, look, trust
from disaster_hub.terms.clock import aware, zulu
from disaster_hub.terms.doubt import By, Doubt, DoubtKind, Look, Trust, Witness
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality

PART = 500


def trusts(tx: Connection, stations: Collection[str] | None = None) -> dict[str, Trust]:
    """Give how far each gauge is believed, as its newest reading left it."""
    query = select(trust)
    if stations is not None:
        query = query.where(trust.c.station.in_(list(stations)))
    return {row.station: _trust(row) for row in tx.execute(query)}


def doubtful(tx: Connection) -> list[Trust]:
    """Give the gauges whose newest reading is doubted, the longest doubted first."""
    query = select(trust).where(trust.c.doubt.is_not(None)).order_by(trust.c.doubt_since, trust.c.station)
    return [_trust(row) for row in tx.execute(query)]


def put(tx: Connection, found: Sequence[Trust]) -> None:
    """Write how far gauges are believed; a newer word in the store stays."""
    columns = ("at", "value", "doubt", "doubt_words", "doubt_since", "witness", "witness_words", "witness_at",
               "danger", "memory")  # fmt: skip
    for at in range(0, len(found), PART):
        adding = upsert.insert(tx, trust)
        fresh = {name: adding.excluded[name] for name in columns}
        wish = adding.on_conflict_do_update(
            index_elements=["station"], set_=fresh, where=adding.excluded.at >= trust.c.at
        )
        tx.execute(wish, [_row(one) for one in found[at : at + PART]])


def doubt(tx: Connection, station: str, seen: Observation, why: Doubt, now: datetime) -> bool:
    """Keep that a reading is doubted; False where it is written already."""
    row = {"station": station, "quantity": seen.quantity, "at": seen.at, "kind": why.kind.value, "words": why.words}
    row |= {"value": seen.value, "judged_at": now, "cleared_at": None, "cleared_by": ""}
    return add_once(tx, doubted, row, ("station", "quantity", "at"))


def clear(tx: Connection, station: str, since: datetime, by: str, now: datetime) -> int:
    """Take the doubts of a gauge from *since* on away, since somebody bore it out; their rows stay."""
    mine = (doubted.c.station == station) & (doubted.c.at >= since) & doubted.c.cleared_at.is_(None)
    return int(tx.execute(update(doubted).where(mine).values(cleared_at=now, cleared_by=by)).rowcount)


def marks(
    tx: Connection, since: datetime, stations: Collection[str] | None = None
) -> dict[tuple[str, str, datetime], DoubtKind]:
    """Give the readings since *since* that are doubted now: (station, quantity, at) and why."""
    query = select(doubted).where(doubted.c.at >= since, doubted.c.cleared_at.is_(None))
    if stations is not None:
        query = query.where(doubted.c.station.in_(list(stations)))
    return {(row.station, row.quantity, row.at): DoubtKind(row.kind) for row in tx.execute(query)}


def marked(
    seen: Iterable[Observation],
    doubts: Mapping[tuple[str, str, datetime], DoubtKind],
    but: frozenset[DoubtKind] = frozenset(),
) -> list[Observation]:
    """Give readings with those that are doubted marked: nothing counts them; what is impossible has no value."""
    found = []
    for one in seen:
        kind = doubts.get((one.station, one.quantity, one.at)) if one.issued_at is None else None
        if kind is None or kind in but:
            found.append(one)
        else:
            value = None if kind is DoubtKind.RANGE else one.value
            found.append(replace(one, value=value, quality=Quality.SUSPECT))
    return found


def history(tx: Connection, station: str, since: datetime, limit: int = 200) -> list[tuple[datetime, Doubt]]:
    """Give the doubted readings of one gauge, the newest first, whether cleared since or not."""
    query = select(doubted).where(doubted.c.station == station, doubted.c.at >= since)
    rows = tx.execute(query.order_by(doubted.c.at.desc()).limit(limit))
    return [(row.at, Doubt(DoubtKind(row.kind), row.words, row.at)) for row in rows]


def looked(tx: Connection, one: Look) -> None:
    """Keep that an officer looked and says that the water is really that high."""
    tx.execute(look.insert().values(station=one.station, at=one.at, who=one.who))


def looks(tx: Connection, since: datetime) -> dict[str, Look]:
    """Give the newest look at each gauge since *since*."""
    rows = tx.execute(select(look).where(look.c.at >= since).order_by(look.c.at, look.c.id))
    return {row.station: Look(row.station, row.at, row.who) for row in rows}


def forget(tx: Connection, before: datetime) -> int:
    """Let go of doubted readings older than *before*."""
    return int(tx.execute(delete(doubted).where(doubted.c.at < before)).rowcount)


def _row(one: Trust) -> dict[str, Any]:
    why, who = one.doubt, one.witness
    memory: dict[str, Any] = {"same": one.same, "restless": one.restless, "leaps": one.leaps, "good": one.good}
    memory |= {"behind_s": one.behind_s, "behind": one.behind}
    memory |= {"good_at": _said(one.good_at), "same_since": _said(one.same_since)}
    return {
        "station": one.station, "at": one.at, "value": one.value, "danger": one.danger, "memory": memory,
        "doubt": None if why is None else why.kind.value, "doubt_words": "" if why is None else why.words,
        "doubt_since": None if why is None else why.since,
        "witness": None if who is None else who.by.value, "witness_words": "" if who is None else who.words,
        "witness_at": None if who is None else who.at,
    }  # fmt: skip


def _trust(row: Any) -> Trust:
    said = row.memory
    why = None if row.doubt is None else Doubt(DoubtKind(row.doubt), row.doubt_words, row.doubt_since or row.at)
    who = None if row.witness is None else Witness(By(row.witness), row.witness_words, row.witness_at or row.at)
    return Trust(
        row.station, row.at, row.value, why, who, row.danger, _read(said["good_at"]), said["good"],
        _read(said["same_since"]), said["same"], said["restless"], said["leaps"], said["behind_s"], said["behind"],
    )  # fmt: skip


def _said(at: datetime | None) -> str | None:
    return None if at is None else zulu(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else aware(text)
