"""What the city may ask of all households at once; who is reached and who is due, and nothing about anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from disaster_hub.store.household_tables import household, household_contact
from disaster_hub.store.households import PART, Contact
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.sealing import opened

YEAR = timedelta(days=365)


def reached(tx: Connection, keys: Keyring) -> set[str]:
    """Give the households with a channel that has proved that it arrives."""
    known = keys.everyone()
    c = household_contact
    query = select(c.c.id, c.c.household, c.c.sealed)
    found = set()
    with tx.execute(query, execution_options={"yield_per": PART}) as rows:
        for row in rows:
            key = known.get(row.household)
            if key is not None and row.household not in found:
                contact = opened(key, f"contact {row.household} {row.id}", row.sealed, Contact)
                if contact.confirmed_at is not None:
                    found.add(row.household)
    return found


def due_for_review(tx: Connection, now: datetime) -> Iterator[str]:
    """Give the households whose plan was not saved for a year; a review saves it, so no seal is opened for this."""
    query = select(household.c.id).where(household.c.version > 0, household.c.changed_at < now - YEAR)
    yield from tx.execute(query.order_by(household.c.changed_at)).scalars()
