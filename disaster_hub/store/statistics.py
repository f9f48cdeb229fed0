"""Statistics that the town loaded: households, people, people of 75 and more, by area or by 町丁目."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select

from disaster_hub.store.areas_tables import statistic
from disaster_hub.terms.place import Feature

LAYER = "statistics"
"""What a dataset calls it, though it is no layer of any map."""
NUMBERS = ("households", "people", "elderly")


@dataclass(frozen=True, slots=True)
class Statistic:
    """One row: of an area by its code, or of a 町丁目 by its name; a number that is None is not known."""

    area: str
    town: str
    households: int | None
    people: int | None
    elderly: int | None
    as_of: date | None
    source: str


def replace(tx: Connection, source: str, rows: Iterable[Feature]) -> int:
    """Replace what *source* (a file) brought before; give the number of rows."""
    tx.execute(delete(statistic).where(statistic.c.source == source))
    new = [
        {"source": source, "area": f.columns.get("area") or "", "town": f.columns.get("town") or ""}
        | {name: f.columns.get(name) for name in (*NUMBERS, "as_of")}
        for f in rows
    ]
    if new:
        tx.execute(insert(statistic), new)
    return len(new)


def all_rows(tx: Connection, areas: Collection[str] | None = None) -> list[Statistic]:
    """Give every row, the newest first; with *areas*, those of areas alone."""
    query = select(statistic).order_by(statistic.c.as_of.desc(), statistic.c.id.desc())
    if areas is not None:
        query = query.where(statistic.c.area.in_(list(areas)))
    return [Statistic(r.area, r.town, r.households, r.people, r.elderly, r.as_of, r.source) for r in tx.execute(query)]
