"""Helpers whom households named: invited, confirmed by themselves, stopped whenever they like."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from disaster_hub.store import enrolment
from disaster_hub.store.helper_tables import helper as table
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.sealing import opened, seal
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import Helper

MOST = 3
"""Helpers of one household."""
LETTERS = 22
READY = table.c.confirmed_at.is_not(None), table.c.stopped_at.is_(None), table.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Reached:
    """What is sealed of a helper."""

    channel: str
    address: str
    called: str
    language: str = "ja"


def invite(
    tx: Connection, keys: Keyring, household: str, now: datetime, *, channel: str = "", address: str = "",
    called: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Name a helper; give the id, and the token of the page on which they agree. BadInput where there are enough."""
    mine = select(func.count()).select_from(table).where(table.c.household == household, table.c.stopped_at.is_(None))
    if int(tx.execute(mine).scalar_one()) >= MOST:
        raise BadInput(f"helper: {MOST} are named already")
    identity = secrets.token_hex(16)
    key = keys.key(household)
    token = token_of(key, f"helper {identity}")
    tx.execute(
        insert(table).values(
            id=identity, household=household, invited_at=now, load=1, token=digest(token),
            sealed=_seal(key, identity, Reached(channel, address, called)),
        )
    )  # fmt: skip
    return identity, token


def token_of(key: bytes, about: str) -> str:
    """Give the token that opens *about*: it can be made again with the household's key, and is nowhere else."""
    made = hmac.digest(key, about.encode(), "sha256")
    return urlsafe_b64encode(made).decode()[:LETTERS]


def digest(token: str) -> bytes:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def page_token(keys: Keyring, one: Helper) -> str:
    """Give the token of a helper's own page, where they agree and where they stop."""
    return token_of(keys.key(one.household), f"helper {one.id}")


def of_household(tx: Connection, keys: Keyring, household: str) -> list[Helper]:
    """Give whom a household named, in that order; those who stopped too."""
    query = select(table).where(table.c.household == household).order_by(table.c.invited_at, table.c.id)
    rows = list(tx.execute(query))
    if not rows:
        return []
    key = keys.key(household)
    return [_helper(row, key) for row in rows]


def ready(tx: Connection) -> dict[str, list[str]]:
    """Give for each household the ids of helpers who agreed, in the order in which they were named."""
    query = select(table.c.household, table.c.id).where(*READY)
    found: dict[str, list[str]] = {}
    for row in tx.execute(query.order_by(table.c.invited_at, table.c.id)):
        found.setdefault(row.household, []).append(row.id)
    return found


def for_others(tx: Connection) -> list[tuple[str, str, int]]:
    """Give (id, household, load) of those who agreed to look after others too."""
    query = select(table.c.id, table.c.household, table.c.load).where(*READY, table.c.load > 1).order_by(table.c.id)
    return [(row.id, row.household, row.load) for row in tx.execute(query)]


def find(tx: Connection, keys: Keyring, identity: str) -> Helper | None:
    """Give one helper; None where they, or the household that named them, are gone."""
    return _one(tx.execute(select(table).where(table.c.id == identity)).first(), keys)


def by_token(tx: Connection, keys: Keyring, token: str) -> Helper | None:
    """Give whose page a token opens; None for every other."""
    return _one(tx.execute(select(table).where(table.c.token == digest(token))).first(), keys)


def choose(
    tx: Connection, keys: Keyring, one: Helper, *, channel: str, address: str, language: str, load: int
) -> bool:  # fmt: skip
    """Write where a helper wants to be reached, not proved yet; False where they had stopped.

    The address is empty where the proof itself brings it (LINE); what was proved before holds no longer.
    """
    return _reach(tx, keys, one, None, Reached(channel, address, one.called, language), load)


def confirm(
    tx: Connection, keys: Keyring, one: Helper, now: datetime, *, channel: str, address: str, language: str, load: int
) -> bool:
    """Write that a helper agreed and where they are reached; False where they had stopped."""
    return _reach(tx, keys, one, now, Reached(channel, address, one.called, language), load)


def behind(tx: Connection, keys: Keyring, channel: str, address: str) -> list[Helper]:
    """Give every helper who is reached at this address, the newest first; of those who agreed."""
    query = select(table).where(table.c.lookup == _mark(keys, channel, address))
    rows = tx.execute(query.order_by(table.c.invited_at.desc(), table.c.id))
    found = [_one(row, keys) for row in rows]
    here = (channel, address)
    return [one for one in found if one is not None and one.confirmed_at and (one.channel, one.address) == here]


def end(tx: Connection, one: Helper, now: datetime) -> None:
    """Write that nothing reaches a helper any more, by what happened on their side."""
    tx.execute(update(table).where(table.c.id == one.id, table.c.ended_at.is_(None)).values(ended_at=now))


def resume(tx: Connection, one: Helper) -> None:
    """Write that what had ended on their side goes on."""
    tx.execute(update(table).where(table.c.id == one.id).values(ended_at=None))


def stop(tx: Connection, keys: Keyring, one: Helper, now: datetime) -> None:
    """End it; where they were reached is forgotten at once."""
    sealed = _seal(keys.key(one.household), one.id, Reached("", "", one.called))
    tx.execute(update(table).where(table.c.id == one.id).values(stopped_at=now, sealed=sealed, lookup=None))
    enrolment.drop_all(tx, one.household, one.id)


def remove(tx: Connection, household: str, identity: str) -> bool:
    """Take a helper away, as the household wishes."""
    mine = (table.c.household == household) & (table.c.id == identity)
    if tx.execute(delete(table).where(mine)).rowcount != 1:
        return False
    enrolment.drop_all(tx, household, identity)
    return True


def remove_all(tx: Connection, household: str) -> None:
    """Take all helpers of a household away."""
    tx.execute(delete(table).where(table.c.household == household))


def _reach(tx: Connection, keys: Keyring, one: Helper, now: datetime | None, said: Reached, load: int) -> bool:
    lookup = _mark(keys, said.channel, said.address) if said.address else None
    row = {"sealed": _seal(keys.key(one.household), one.id, said), "lookup": lookup, "load": load, "ended_at": None}
    mine = update(table).where(table.c.id == one.id, table.c.stopped_at.is_(None))
    return tx.execute(mine.values(**row, confirmed_at=now)).rowcount == 1


def _mark(keys: Keyring, channel: str, address: str) -> bytes:
    return keys.mark(f"helper {channel} {address}")


def _one(row: Row[Any] | None, keys: Keyring) -> Helper | None:
    if row is None:
        return None
    try:
        return _helper(row, keys.key(row.household))
    except KeyGone:
        return None


def _helper(row: Any, key: bytes) -> Helper:
    said = opened(key, f"helper {row.id}", row.sealed, Reached)
    return Helper(
        row.id, row.household, said.channel, said.address, said.called, row.invited_at, row.confirmed_at,
        row.stopped_at, said.language, row.load, row.ended_at,
    )  # fmt: skip


def _seal(key: bytes, identity: str, said: Reached) -> bytes:
    return seal(key, f"helper {identity}", said)
