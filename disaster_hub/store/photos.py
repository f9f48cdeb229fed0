"""Photos: cleaned JPEG bytes, each under a random id, with what it is a photo of."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, select

from disaster_hub.store.report_tables import photo as table

MARK = b"\xff\xd8\xff"


def put(tx: Connection, jpeg: bytes, about: str, now: datetime) -> str:
    """Keep *jpeg* (already cleaned: `desk.photo.cleaned`) and give its id."""
    if not jpeg.startswith(MARK):
        raise ValueError("only cleaned JPEG bytes enter the store")
    identity = secrets.token_hex(12)
    tx.execute(table.insert().values(id=identity, about=about, added_at=now, jpeg=jpeg))
    return identity


def get(tx: Connection, identity: str) -> bytes | None:
    """Give a photo's bytes; None where there is none."""
    found = tx.execute(select(table.c.jpeg).where(table.c.id == identity)).scalar()
    return None if found is None else bytes(found)


def about(tx: Connection, subject: str) -> list[str]:
    """Give the ids of the photos of *subject*, oldest first."""
    query = select(table.c.id).where(table.c.about == subject).order_by(table.c.added_at, table.c.id)
    return list(tx.execute(query).scalars())
