"""Contacts found from outside: who is behind a number or a LINE account, and what ended there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from disaster_hub.store import home_points, households
from disaster_hub.store.household_tables import household_contact as table
from disaster_hub.store.households import Contact, contact_mark, sealed_contact
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import CONTACT

__all__ = ["behind", "end", "received", "resume"]


def behind(tx: Connection, keys: Keyring, channel: str, address: str) -> list[tuple[str, Contact]]:
    """Give every household that named this address, with its contact, the newest first; confirmed or not."""
    query = select(table.c.id).where(table.c.lookup == contact_mark(keys, channel, address))
    rows = list(tx.execute(query.order_by(table.c.added_at.desc(), table.c.id)))
    found = []
    for row in rows:
        with suppress(BadInput):  # one that cannot be opened any more keeps nobody else's answer from counting
            found.append(households.contact(tx, keys, row.id))
    return [one for one in found if one is not None and one[1].address == address]


def end(tx: Connection, keys: Keyring, household: str, known: Contact, now: datetime) -> None:
    """Write that a person ended a contact on the other side: it stays on the page, and nothing goes there."""
    _write(tx, keys, household, replace(known, confirmed_at=None, ended_at=known.ended_at or now))
    home_points.touch(tx, household, now)


def resume(tx: Connection, keys: Keyring, household: str, known: Contact, now: datetime) -> None:
    """Write that what was ended goes on again, by the same person's own doing."""
    _write(tx, keys, household, replace(known, confirmed_at=now, ended_at=None))
    home_points.touch(tx, household, now)


def received(tx: Connection, key: str, outcome: str, reason: str, now: datetime) -> str | None:
    """Write a receipt beside the delivery that it speaks of; give its contact's id, None where there is no such one.

    *key* is the delivery's own: the notice's key, the channel, the address.
    """
    parts = key.rsplit("/", 2)
    if len(parts) != 3:  # the three that it is made of
        return None
    query = select(delivery.c.id).join(notice, notice.c.id == delivery.c.notice_id)
    mine = query.where(notice.c.key == parts[0], delivery.c.channel == parts[1], delivery.c.address == parts[2])
    number = tx.execute(mine).scalar_one_or_none()
    if number is None:
        return None
    before = select(attempt.c.delivery_id).where(attempt.c.delivery_id == number, attempt.c.outcome == outcome)
    if tx.execute(before).first() is None:
        row = {"delivery_id": number, "at": now, "worker": "gateway", "outcome": outcome, "reason": reason[:300]}
        add_once(tx, attempt, row, ("delivery_id", "at", "worker", "outcome"))
    return parts[2].removeprefix(CONTACT) if parts[2].startswith(CONTACT) else ""


def _write(tx: Connection, keys: Keyring, household: str, made: Contact) -> None:
    row = update(table).where(table.c.id == made.id, table.c.household == household)
    tx.execute(row.values(sealed=sealed_contact(keys, household, made)))
