"""What ends by itself: plans that nobody finished, and keys of deleted households that a crash left."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from disaster_hub.store.household_tables import household
from disaster_hub.store.households import DELETED, delete
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.tables import journal as log

DRAFT_LIFE = timedelta(days=30)


def forget_orphans(tx: Connection, keys: Keyring) -> int:
    """Destroy keys whose household was deleted (a crash came between commit and key); give how many.

    Only the journal's word counts: a key without a household may be that of one that is just being made.
    """
    left = keys.everyone().keys() - set(tx.execute(select(household.c.id)).scalars())
    said = select(log.c.because).where(log.c.kind == DELETED, log.c.because.is_not(None))
    orphans = left & set(tx.execute(said).scalars()) if left else set()
    for name in orphans:
        keys.destroy(name)
    return len(orphans)


def purge_drafts(tx: Connection, keys: Keyring, now: datetime) -> int:
    """Delete households that never saved a plan and were left alone for DRAFT_LIFE; give how many."""
    old = select(household.c.id).where(
        household.c.version == 0, func.coalesce(household.c.drafted_at, household.c.created_at) < now - DRAFT_LIFE
    )
    names = list(tx.execute(old).scalars())
    for name in names:
        delete(tx, keys, name, now)
    return len(names)
