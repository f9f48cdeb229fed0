"""Helpers whom nothing reaches: nobody counts on them from then on, and the next one is asked at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from disaster_hub.alerts.helping import ADDRESS
from disaster_hub.store import contacts, help_calls, household_helpers, journal
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.helping import NAMED, CallState
from disaster_hub.terms.notice import JournalEntry
from timelines.channels.email import mark

CHANNEL, RETURNED = "email", "returned"
PARTS = 3


def lost(tx: Connection, keys: Keyring, delivery: str, now: datetime) -> bool:
    """Note that the way by which a delivery went ended on the helper's side; False where it was for no helper.

    *delivery* is its key: the notice's key, the channel, the address.
    """
    parts = delivery.rsplit("/", 2)
    if len(parts) != PARTS or not parts[2].startswith(ADDRESS):
        return False
    found = household_helpers.find(tx, keys, parts[2].removeprefix(ADDRESS))
    if found is not None and found.channel == parts[1] and found.confirmed_at is not None:
        household_helpers.end(tx, found, now)
    if parts[0].startswith(help_calls.KEY):
        help_calls.move(tx, parts[0].removeprefix(help_calls.KEY), CallState.SILENT, now, (CallState.ASKED,))
    return True


def returned(
    tx: Connection, keys: Keyring, spellings: Sequence[str], about: Collection[str], status: str, now: datetime
) -> bool:
    """Note a mail to a helper that came back; False where none of those behind the address was asked by it."""
    for helper in (one for name in spellings for one in household_helpers.behind(tx, keys, CHANNEL, name)):
        for call in help_calls.of_helper(tx, f"{NAMED}{helper.id}"):
            key = f"{help_calls.key_of(call.id)}/{CHANNEL}/{ADDRESS}{helper.id}"
            if mark(key) in about:
                contacts.received(tx, key, RETURNED, f"the mail came back ({status})", now)
                lost(tx, keys, key, now)
                what = f"支援者へのメールが戻ってきました（{status}）"
                journal.add(tx, JournalEntry(now, "alert_returned", "mail", what, because=call.root))
                return True
    return False
