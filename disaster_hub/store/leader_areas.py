"""Which evacuation areas are whose neighbourhood."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from disaster_hub.store.helper_tables import leader_area as table


def of(tx: Connection, name: str) -> list[str]:
    """Give the codes of a leader's areas; none: they see nobody."""
    return list(tx.execute(select(table.c.area).where(table.c.name == name).order_by(table.c.area)).scalars())


def everyone(tx: Connection) -> dict[str, list[str]]:
    """Give the areas of every leader."""
    found: dict[str, list[str]] = {}
    for row in tx.execute(select(table).order_by(table.c.name, table.c.area)):
        found.setdefault(row.name, []).append(row.area)
    return found


def put(tx: Connection, name: str, areas: Collection[str]) -> None:
    """Set the areas of a leader."""
    tx.execute(delete(table).where(table.c.name == name))
    if areas:
        tx.execute(insert(table), [{"name": name, "area": area} for area in sorted(set(areas))])
