"""Test handsets that the staff enrolled from a browser: the city's own, proved by a receipt, never a resident's."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from disaster_hub.store.canary import mark
from disaster_hub.store.release_tables import handset as table
from disaster_hub.terms.siren import Handset


def add(  # where, how called, by whom, when by both clocks
    tx: Connection, channel: str, address: str, name: str, by: str, now: datetime, wall: datetime
) -> Handset | None:
    """Write a handset down, not proved yet; None where this browser or this name is there already."""
    digest = mark(channel, address)
    if tx.execute(select(table.c.id).where(or_(table.c.mark == digest, table.c.name == name))).first() is not None:
        return None
    row = {
        "id": secrets.token_hex(8), "channel": channel, "name": name, "address": address, "mark": digest,
        "added_by": by, "added_at": now, "asked_wall": wall, "proved_wall": None,
    }  # fmt: skip
    tx.execute(insert(table).values(**row))
    return find(tx, str(row["id"]))


def every(tx: Connection) -> list[Handset]:
    """Give all of them, in the order in which they were enrolled."""
    return [_handset(row) for row in tx.execute(select(table).order_by(table.c.added_at, table.c.id))]


def find(tx: Connection, identity: str) -> Handset | None:
    """Give one; None where there is none of that id."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _handset(row)


def ask_again(tx: Connection, identity: str, wall: datetime) -> bool:
    """Write that another test is wished for; False where there is no such handset."""
    return tx.execute(update(table).where(table.c.id == identity).values(asked_wall=wall)).rowcount == 1


def remove(tx: Connection, identity: str) -> bool:
    """Forget a handset with its address; False where there is none."""
    return tx.execute(delete(table).where(table.c.id == identity)).rowcount == 1


def _handset(row: Any) -> Handset:
    return Handset(
        row.id, row.channel, row.name, row.address, row.mark, row.added_by, row.added_at, row.asked_wall,
        row.proved_wall,
    )  # fmt: skip
