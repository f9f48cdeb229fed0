"""What the city says of its roads and shelters now: journal rows, and beside them the newest word of each place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from disaster_hub.store import journal
from disaster_hub.store.layers import LAYERS
from disaster_hub.store.tables import condition as table
from disaster_hub.store.upsert import put
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.way import ShelterState

ROAD, SHELTER = "road", "shelter"
CLOSED, OPEN = "closed", "open"


def close_road(tx: Connection, link: str, who: str, now: datetime, because: str | None = None) -> None:
    """Close one road link (way/segment); one that is not loaded raises BadInput."""
    _say(tx, ROAD, link, CLOSED, who, now, because)


def open_road(tx: Connection, link: str, who: str, now: datetime, because: str | None = None) -> None:
    """Open a road link again."""
    _say(tx, ROAD, link, OPEN, who, now, because)


def set_shelter(
    tx: Connection, shelter: str, state: ShelterState, who: str, now: datetime, because: str | None = None
) -> None:
    """Say how a shelter stands; one that is not loaded raises BadInput."""
    _say(tx, SHELTER, shelter, state.value, who, now, because)


def closed_roads(tx: Connection) -> set[str]:
    """Give the links that are closed now."""
    query = select(table.c.place).where(table.c.kind == ROAD, table.c.state == CLOSED)
    return set(tx.execute(query).scalars())


def shelter_states(tx: Connection) -> dict[str, ShelterState]:
    """Give what was said of shelters; one of which nothing was said is not in it: that is not known."""
    rows = tx.execute(select(table.c.place, table.c.state).where(table.c.kind == SHELTER))
    return {row.place: ShelterState(row.state) for row in rows}


def _say(tx: Connection, kind: str, place: str, state: str, who: str, now: datetime, because: str | None) -> None:
    name = _name(tx, kind, place)
    happened = {CLOSED: "road_closed", OPEN: "road_opened"}[state] if kind == ROAD else "shelter_state"
    what = f"{name}：{state}"
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
