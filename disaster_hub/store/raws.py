"""Raw answers and messages as they came, with their hash; kept for a time that is set."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from disaster_hub.store.columns import EPOCH
from disaster_hub.store.tables import bulletin, raw
from disaster_hub.store.upsert import add_once


@dataclass(frozen=True, slots=True)
class Refused:
    """One raw answer that could not be read, and why."""

    id: int
    source: str
    identity: str
    received_at: datetime
    reason: str


def keep(tx: Connection, *, source: str, identity: str, kind: str, body: bytes, received_at: datetime) -> int:
    """Keep *body* and give its row; the same bytes under the same identity are kept once."""
    digest = hashlib.sha256(body).digest()
    row = {"source": source, "identity": identity, "kind": kind, "sha256": digest, "body": body}
    add_once(tx, raw, row | {"said_at": EPOCH, "received_at": received_at}, ("said_at", "identity", "sha256"))
    mine = (raw.c.said_at == EPOCH, raw.c.identity == identity, raw.c.sha256 == digest)
    query = select(raw.c.id).where(*mine)
    return int(tx.execute(query).scalar_one())


def refuse(tx: Connection, raw_id: int, reason: str) -> bool:
    """Mark a raw answer as not readable; False where that was known already."""
    waiting = update(raw).where(raw.c.id == raw_id, raw.c.refused.is_(None)).values(refused=reason[:500])
    return tx.execute(waiting).rowcount == 1


def known(tx: Connection, source: str, identities: Collection[str]) -> set[str]:
    """Tell which of *identities* this source has already brought; a purge of the bytes forgets no telegram."""
    found: set[str] = set()
    wanted = list(identities)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        mine = (raw.c.said_at == EPOCH, raw.c.identity.in_(part), raw.c.source == source)
        found.update(tx.execute(select(raw.c.identity).where(*mine)).scalars())
        told = (bulletin.c.identity.in_(part), bulletin.c.source == source)
        found.update(tx.execute(select(bulletin.c.identity).where(*told)).scalars())
    return found


def body(tx: Connection, raw_id: int) -> bytes:
    """Give the bytes as they came."""
    return bytes(tx.execute(select(raw.c.body).where(raw.c.id == raw_id)).scalar_one())


def unreadable(tx: Connection, limit: int = 50) -> list[Refused]:
    """Give the newest raw answers that could not be read."""
    columns = (raw.c.id, raw.c.source, raw.c.identity, raw.c.received_at, raw.c.refused)
    query = select(*columns).where(raw.c.refused.is_not(None)).order_by(raw.c.id.desc()).limit(limit)
    return [Refused(*row) for row in tx.execute(query)]


def purge(tx: Connection, before: datetime, limit: int | None = None) -> int:
    """Forget the bytes received before *before*, at most *limit* answers; the facts read from them stay."""
    old = delete(raw).where(raw.c.received_at < before)
    if limit is not None:
        some = select(raw.c.id).where(raw.c.received_at < before).order_by(raw.c.id).limit(limit)
        old = delete(raw).where(raw.c.id.in_(some.scalar_subquery()))
    return tx.execute(old).rowcount
