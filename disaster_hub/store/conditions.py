"""What the city says of its roads and shelters now: journal rows, and beside them the newest word of each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from disaster_hub.store import journal
from disaster_hub.store.layers import LAYERS
from disaster_hub.store.tables import condition as table
from disaster_hub.store.upsert import put
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.shelter import STATE_WORDS
from disaster_hub.terms.way import ShelterState

ROAD, SHELTER = "road", "shelter"
CLOSED, OPEN = "closed", "open"
ROAD_WORDS = {CLOSED: "通行止め", OPEN: "通行可"}
MOST_WORDS = 5000


def close_road(tx: Connection, link: str, who: str, now: datetime, because: str | None = None) -> None:
    """Close one road link (way/segment); one that is not loaded raises BadInput."""
    _say(tx, ROAD, link, CLOSED, who, now, because)


def open_road(tx: Connection, link: str, who: str, now: datetime, because: str | None = None) -> None:
    """Open a road link again."""
    _say(tx, ROAD, link, OPEN, who, now, because)


def set_shelter(
    tx: Connection,
    shelter: str,
    state: ShelterState,
    who: str,
    now: datetime,
    because: str | None = None,
    twins: Sequence[str] = (),
) -> None:
    """Say how a shelter stands; one that is not loaded raises BadInput.

    *twins* are other names that open data have for the same building: a plan may lead to any of them.
    """
    _say(tx, SHELTER, shelter, state.value, who, now, because)
    for twin in twins:
        row = {"kind": SHELTER, "place": twin, "state": state.value, "at": now, "who": who}
        put(tx, table, row, ("kind", "place"))


def closed_roads(tx: Connection) -> set[str]:
    """Give the links that are closed now."""
    query = select(table.c.place).where(table.c.kind == ROAD, table.c.state == CLOSED)
    return set(tx.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Word:
    """The newest word on one place: its state, since when, whose word, and why where the journal says it."""

    place: str
    state: str
    at: datetime
    who: str
    because: str


def closures(tx: Connection) -> list[Word]:
    """Give the links that are closed now with who closed them and why, the newest first."""
    query = select(table).where(table.c.kind == ROAD, table.c.state == CLOSED).order_by(table.c.at.desc())
    rows = tx.execute(query).all()
    said = journal.entries(tx, limit=MOST_WORDS, kinds=("road_closed",))
    why = {(e.where, e.at): e.because or "" for e in said}
    return [Word(row.place, row.state, row.at, row.who, why.get((row.place, row.at), "")) for row in rows]


def shelter_states(tx: Connection) -> dict[str, ShelterState]:
    """Give what was said of shelters; one of which nothing was said is not in it: that is not known."""
    rows = tx.execute(select(table.c.place, table.c.state).where(table.c.kind == SHELTER))
    return {row.place: ShelterState(row.state) for row in rows}


def _say(tx: Connection, kind: str, place: str, state: str, who: str, now: datetime, because: str | None) -> None:
    name = _name(tx, kind, place)
    happened = {CLOSED: "road_closed", OPEN: "road_opened"}[state] if kind == ROAD else "shelter_state"
    word = ROAD_WORDS[state] if kind == ROAD else STATE_WORDS[ShelterState(state)]
    what = f"{name}：{word}"
    journal.add(tx, JournalEntry(now, happened, who, what, place, because))
    put(tx, table, {"kind": kind, "place": place, "state": state, "at": now, "who": who}, ("kind", "place"))


def _name(tx: Connection, kind: str, place: str) -> str:
    """Give the street's or the shelter's name; BadInput where no such place is loaded."""
    known = LAYERS["roads" if kind == ROAD else "shelters"].table
    row = tx.execute(select(known.c.name).where(known.c.source_id == place).limit(1)).first()
    if row is None:
        number = tx.execute(select(func.count()).select_from(known)).scalar_one()
        raise BadInput(f"{kind} {place[:60]!r}: not among the {number} that are loaded")
    return str(row.name or place)
