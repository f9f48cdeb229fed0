"""Once a day: forget what nobody came back for, end deletions that a crash cut short, and leave no traces of them."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.store import enrolment, erase, household_doors, household_end
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store


def forget(store: Store, keys: Keyring, now: datetime) -> int:
    """Do it all; run again, it finds nothing more. Gives how many households that never saved a plan are gone."""
    with store.write() as tx:
        household_doors.forget_ended(tx, now)
        enrolment.forget(tx, now)
        gone = household_end.purge_drafts(tx, keys, now)
    with store.write() as tx:
        household_end.forget_orphans(tx, keys)
    erase.tidy(store)
    return gone
