"""The latest minutes to issue, as they were last said: what the clock reckoned and the portal reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from disaster_hub.store.areas_tables import decide_by as table
from disaster_hub.store.upsert import put as upsert
from disaster_hub.terms.decision import DecideBy, DecideByBasis
from disaster_hub.terms.hazard import Hazard

PLAIN = ("area", "at", "night", "zero", "issuer", "why", "homes", "late")


@dataclass(frozen=True, slots=True)
class Said:
    """One row: what was said, the official word that it rests on, and when it was reckoned."""

    decide_by: DecideBy
    word: str
    reckoned_at: datetime


def rows(tx: Connection) -> dict[tuple[str, Hazard], Said]:
    """Give every row, by area and hazard."""
    found = {}
    for row in tx.execute(select(table).order_by(table.c.area, table.c.hazard)).mappings():
        slowest = tuple((name, datetime.fromisoformat(at)) for name, at in row["slowest"])
        hazard = Hazard(row["hazard"])
        said = DecideBy(
            hazard=hazard,
            basis=DecideByBasis(row["basis"]),
            slowest=slowest,
            **{name: row[name] for name in PLAIN},
        )
        found[said.area, hazard] = Said(said, row["word"], row["reckoned_at"])
    return found


def put(tx: Connection, said: Said) -> None:
    """Write one row."""
    one = said.decide_by
    row = {name: getattr(one, name) for name in PLAIN}
    row |= {"hazard": one.hazard.value, "basis": one.basis.value, "word": said.word, "reckoned_at": said.reckoned_at}
    row["slowest"] = [(name, at.isoformat()) for name, at in one.slowest]
    upsert(tx, table, row, ("area", "hazard"))


def drop(tx: Connection, gone: Collection[tuple[str, Hazard]]) -> None:
    """Take away the rows of areas or hazards that are no more."""
    if gone:
        keys = [(area, hazard.value) for area, hazard in gone]
        tx.execute(delete(table).where(tuple_(table.c.area, table.c.hazard).in_(keys)))
