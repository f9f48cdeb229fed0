"""Codes with which a household proves that a number, a phone or a LINE account is its own; each holds once."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from disaster_hub.store.enrolment_tables import enrolment as table
from disaster_hub.store.enrolment_tables import heard
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.upsert import add_once

SHORT, LONG = 6, 8
"""Digits: of a code that is tried within one household alone, and of one that finds its household."""
MOST_TRIES = 5
REMEMBERED = timedelta(days=7)
"""How long an event's id is kept; no service brings one again after that."""


def offer(
    tx: Connection, keys: Keyring, household: str, channel: str, contact: str, until: datetime, *, finds: bool = False
) -> str:
    """Make a code and give it; the one before it, for the same thing, holds no longer.

    One that *finds* is sent to us from an address that nobody knows yet (LINE): `whose` says what it stands for.
    """
    tx.execute(delete(table).where(*_mine(household, channel, contact)))
    alone = finds or not contact
    code = _digits(LONG if alone else SHORT)
    row = {"household": household, "channel": channel, "contact": contact, "until": until, "tries": 0}
    tx.execute(insert(table).values(code=_mark(keys, channel, "" if alone else contact, code), **row))
    return code


def prove(tx: Connection, keys: Keyring, household: str, channel: str, contact: str, code: str, now: datetime) -> bool:
    """Tell whether *code* is the one that was sent to this contact; after five wrong ones it holds no more."""
    mine = _mine(household, channel, contact)
    row = tx.execute(select(table).where(*mine, table.c.until > now, table.c.tries < MOST_TRIES)).first()
    if row is None:
        return False
    if not hmac.compare_digest(bytes(row.code), _mark(keys, channel, contact, code)):
        tx.execute(update(table).where(*mine).values(tries=table.c.tries + 1))
        return False
    return tx.execute(delete(table).where(*mine, table.c.code == row.code)).rowcount == 1


def whose(tx: Connection, keys: Keyring, channel: str, code: str, now: datetime) -> tuple[str, str] | None:
    """Give the household that was shown *code*, and the id of its helper where it was one; use it up. Else None."""
    known = table.c.code == _mark(keys, channel, "", code)
    row = tx.execute(select(table.c.household, table.c.contact).where(known, table.c.until > now)).first()
    if row is None or tx.execute(delete(table).where(known)).rowcount != 1:
        return None
    return row.household, row.contact


def waiting(tx: Connection, household: str, now: datetime) -> set[str]:
    """Give the contacts that wait for their code."""
    query = select(table.c.contact).where(table.c.household == household, table.c.until > now)
    return {row.contact for row in tx.execute(query) if row.contact}


def drop(tx: Connection, household: str, channel: str, contact: str) -> None:
    """Let go of a code: what it would prove is proved, or gone."""
    tx.execute(delete(table).where(*_mine(household, channel, contact)))


def drop_all(tx: Connection, household: str, contact: str) -> None:
    """Let go of every code for one contact, or one helper, whatever the channel."""
    tx.execute(delete(table).where(table.c.household == household, table.c.contact == contact))


def remove_all(tx: Connection, household: str) -> None:
    """Let go of every code of a household."""
    tx.execute(delete(table).where(table.c.household == household))


def hear(tx: Connection, service: str, identity: str, now: datetime) -> bool:
    """Note an event of a service; False where it was taken before."""
    return add_once(tx, heard, {"id": f"{service}:{identity[:200]}", "at": now}, ("id",))


def forget(tx: Connection, now: datetime) -> None:
    """Forget codes whose time has passed, and events that no service brings again."""
    tx.execute(delete(table).where(table.c.until <= now))
    tx.execute(delete(heard).where(heard.c.at <= now - REMEMBERED))


def _mine(household: str, channel: str, contact: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.household == household, table.c.channel == channel, table.c.contact == contact


def _digits(number: int) -> str:
    return f"{secrets.randbelow(10**number):0{number}d}"


def _mark(keys: Keyring, channel: str, contact: str, code: str) -> bytes:
    return keys.mark(f"enrol {channel} {contact} {code}")
