"""Briefs: what messages need of each plan, sealed beside it; and for which state of things all of them are right."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select, update

from disaster_hub.store.alert_tables import plans_stand
from disaster_hub.store.household_tables import household
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.sealing import opened_by, seal
from disaster_hub.store.upsert import put as put_row
from disaster_hub.terms.alert import Brief
from disaster_hub.terms.errors import BadInput

PART = 500
TOKEN = 22
ALL_OF_THEM, SO_FAR = 1, 2
"""The two rows of what is known about all plans."""
DECODER = msgspec.json.Decoder(Brief)


def put(tx: Connection, keys: Keyring, identity: str, brief: Brief) -> None:
    """Keep the brief of a household's newest version."""
    sealed = sealed_brief(keys.key(identity), identity, brief)
    tx.execute(update(household).where(household.c.id == identity).values(brief=sealed))


def sealed_brief(key: bytes, identity: str, brief: Brief) -> bytes:
    """Seal a brief under its household's key; beside the plan and beside an alert in the same way."""
    return seal(key, f"brief {identity}", brief)


def opened_brief(key: bytes, identity: str, sealed: bytes) -> Brief:
    """Open a brief; one that is another's, or was changed, raises BadInput."""
    return opened_by(key, f"brief {identity}", sealed, DECODER)


def read(tx: Connection, keys: Keyring, households: Collection[str]) -> dict[str, Brief]:
    """Give the brief of each of *households*; what is not there or cannot be opened is left out."""
    known = keys.some(households)
    found: dict[str, Brief] = {}
    for name, sealed in rows(tx, list(households)).items():
        if sealed is not None and name in known:
            try:
                found[name] = opened_brief(known[name], name, sealed)
            except BadInput:
                continue
    return found


def rows(tx: Connection, households: Sequence[str]) -> dict[str, bytes | None]:
    """Give each household's sealed brief as it lies; None where none was made yet."""
    found: dict[str, bytes | None] = {}
    for part in parts(households):
        query = select(household.c.id, household.c.brief).where(household.c.id.in_(part))
        found |= {row.id: row.brief for row in tx.execute(query)}
    return found


def missing(tx: Connection, households: Sequence[str]) -> set[str]:
    """Name those of *households* that have a plan and no brief."""
    found: set[str] = set()
    for part in parts(households):
        bare = (household.c.brief.is_(None)) & (household.c.version > 0)
        found |= set(tx.execute(select(household.c.id).where(household.c.id.in_(part), bare)).scalars())
    return found


def answer_token(key: bytes, alert_id: str) -> str:
    """Give what opens a household's answer page of one alert; only who has the household's key can make it."""
    made = hmac.digest(key, f"answer {alert_id}".encode(), "sha256")
    return urlsafe_b64encode(made).decode()[:TOKEN]


def token_hash(token: str) -> bytes:
    """Give what is kept of an answer token."""
    return hashlib.sha256(token.encode()).digest()


def stand(tx: Connection) -> str | None:
    """Give the digest of the state for which every plan is right; None while some are reckoned anew."""
    query = select(plans_stand.c.cause).where(plans_stand.c.id == ALL_OF_THEM)
    return tx.execute(query).scalar_one_or_none() or None


def put_stand(tx: Connection, cause: str, now: datetime) -> None:
    """Write for which state every plan is right; an empty *cause*: from now on for none."""
    put_row(tx, plans_stand, {"id": ALL_OF_THEM, "cause": cause, "at": now}, ("id",))


def so_far(tx: Connection, cause: str) -> str:
    """Give the household up to which, in the order of their ids, all plans are right for *cause*; empty: none is."""
    query = select(plans_stand.c.reached).where(plans_stand.c.id == SO_FAR, plans_stand.c.cause == cause)
    return tx.execute(query).scalar_one_or_none() or ""


def put_so_far(tx: Connection, cause: str, reached: str, now: datetime) -> None:
    """Write up to which household all plans are right for *cause*."""
    put_row(tx, plans_stand, {"id": SO_FAR, "cause": cause, "at": now, "reached": reached}, ("id",))


def parts(names: Sequence[str], size: int = PART) -> Iterator[Sequence[str]]:
    """Cut names into parts that one statement can take."""
    for at in range(0, len(names), size):
        yield names[at : at + size]
