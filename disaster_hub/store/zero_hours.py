"""Zero hours as they were last said: the memory that keeps a countdown from growing longer."""

from __future__ import annotations

from sqlalchemy import Connection, select

from disaster_hub.store.tables import zero_hour as table
from disaster_hub.store.upsert import put as upsert
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import Basis, Water

FIELDS = ("area", "zero", "issuer", "issued_at", "gauge", "gauge_name", "level", "stale")


def known(tx: Connection) -> list[Water]:
    """Give the zero hour of every hazard and area that was ever spoken of."""
    rows = tx.execute(select(table).order_by(table.c.hazard, table.c.area)).mappings()
    return [
        Water(hazard=Hazard(row["hazard"]), basis=Basis(row["basis"]), **{name: row[name] for name in FIELDS})
        for row in rows
    ]


def put(tx: Connection, said: Water) -> None:
    """Write what is said of one hazard in one area."""
    row = {name: getattr(said, name) for name in FIELDS}
    row |= {"hazard": said.hazard.value, "basis": said.basis.value}
    upsert(tx, table, row, ("hazard", "area"))
