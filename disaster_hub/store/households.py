"""Households: their plans, drafts, outlooks, contacts and answers, each sealed with the household's own key."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy import delete as gone

from disaster_hub.store import enrolment, erase, help_calls, home_points, household_helpers, journal
from disaster_hub.store.alert_tables import alert_answer, alert_household, alert_household_before
from disaster_hub.store.household_doors import give_door
from disaster_hub.store.household_tables import (
    household,
    household_answer,
    household_contact,
    household_door,
    household_version,
)
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.layers import home
from disaster_hub.store.sealing import opened, seal
from disaster_hub.store.session import after_commit
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.household import Answer, Plan, PlanVersion
from disaster_hub.terms.notice import JournalEntry

PHONE_LIFE = timedelta(days=366)
"""A phone that has not shown itself for longer gets the plan back from the paper or by mail."""
PART = 2000
DELETED = "household_deleted"


class Conflict(HubError):
    """Somebody else saved a newer version of this plan; what was typed is still in the draft."""


class NoHousehold(HubError):
    """There is no such household: deleted, or never there. Both look the same."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a household; *address* is an e-mail address, a push subscription or a LINE user."""

    id: str
    channel: str
    address: str
    added_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    """When the person ended it on the other side (blocked us, or the number is no more); nothing goes there then."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new household, and the token with which its own phone opens it."""

    household: str
    token: str


def create(tx: Connection, keys: Keyring, plan: Plan | None, now: datetime) -> Opened:
    """Make a household with its key and the door of its phone; with a *plan*, its first version too."""
    identity = secrets.token_hex(16)
    keys.make(identity)
    tx.execute(insert(household).values(id=identity, created_at=now, changed_at=now, version=0))
    if plan is not None:
        save(tx, keys, identity, plan, now)
    return Opened(identity, give_door(tx, identity, "phone", now + PHONE_LIFE))


def save(
    tx: Connection, keys: Keyring, identity: str, plan: Plan, now: datetime, expected: int | None = None
) -> PlanVersion:
    """Save a new version; Conflict where the newest one is not the *expected* one that was edited."""
    before = _version(tx, identity)
    if expected is not None and expected != before:
        raise Conflict("this plan was changed on another phone meanwhile")
    number = before + 1
    same = update(household).where(household.c.id == identity, household.c.version == before)
    if tx.execute(same.values(version=number, changed_at=now, draft=None, drafted_at=None)).rowcount != 1:
        raise Conflict("this plan was changed on another phone meanwhile")
    sealed = seal(keys.key(identity), f"plan {identity} {number}", plan)
    tx.execute(insert(household_version).values(household=identity, number=number, at=now, sealed=sealed))
    _place(tx, identity, plan)
    return PlanVersion(identity, number, now, plan)


def latest(tx: Connection, keys: Keyring, identity: str) -> PlanVersion | None:
    """Give the newest version; None where nothing was saved yet."""
    found = _versions(tx, keys, identity, limit=1)
    return found[0] if found else None


def versions(tx: Connection, keys: Keyring, identity: str) -> list[PlanVersion]:
    """Give every version, the oldest first."""
    return _versions(tx, keys, identity, limit=None)[::-1]


def everyone(tx: Connection, keys: Keyring) -> Iterator[tuple[str, PlanVersion]]:
    """Give every household's newest version, in the order of their ids; some 100,000 in seconds."""
    known = keys.everyone()
    v = household_version
    query = select(v.c.household, v.c.number, v.c.at, v.c.sealed).join(
        household, (household.c.id == v.c.household) & (household.c.version == v.c.number)
    )
    with tx.execute(query.order_by(v.c.household), execution_options={"yield_per": PART}) as rows:
        for row in rows:
            key = known.get(row.household)
            if key is None:
                continue
            try:
                plan = opened(key, f"plan {row.household} {row.number}", row.sealed, Plan)
            except BadInput:
                continue  # one that cannot be opened any more keeps nobody else's from being read
            yield row.household, PlanVersion(row.household, row.number, row.at, plan)


def put_draft(tx: Connection, keys: Keyring, identity: str, draft: Mapping[str, Any], now: datetime) -> None:
    """Keep what was answered so far."""
    sealed = seal(keys.key(identity), f"draft {identity}", draft)
    _only(tx.execute(update(household).where(_alive(identity)).values(draft=sealed, drafted_at=now)).rowcount)


def draft(tx: Connection, keys: Keyring, identity: str) -> dict[str, Any] | None:
    """Give what was answered so far; None where nothing waits to be finished."""
    sealed = tx.execute(select(household.c.draft).where(_alive(identity))).scalar_one_or_none()
    return None if sealed is None else opened(keys.key(identity), f"draft {identity}", sealed, dict)


def drop_draft(tx: Connection, identity: str) -> None:
    """Let go of what was not saved."""
    tx.execute(update(household).where(_alive(identity)).values(draft=None, drafted_at=None))


def put_outlook(tx: Connection, keys: Keyring, identity: str, body: bytes, mark: str) -> None:
    """Keep what was reckoned for the newest version (already JSON), under a mark that says nothing to others."""
    sealed = seal(keys.key(identity), f"outlook {identity}", body.decode())
    _only(tx.execute(update(household).where(_alive(identity)).values(outlook=sealed, mark=mark)).rowcount)


def outlook(tx: Connection, keys: Keyring, identity: str) -> bytes | None:
    """Give what was reckoned last; None where nothing was."""
    sealed = tx.execute(select(household.c.outlook).where(_alive(identity))).scalar_one_or_none()
    return None if sealed is None else opened(keys.key(identity), f"outlook {identity}", sealed, str).encode()


def marks(tx: Connection, identities: Collection[str] | None = None) -> dict[str, str]:
    """Give the mark of each household's outlook, of all or of some."""
    query = select(household.c.id, household.c.mark).where(household.c.mark.is_not(None))
    if identities is not None:
        query = query.where(household.c.id.in_(list(identities)))
    return {row.id: row.mark for row in tx.execute(query)}


def add_contact(tx: Connection, keys: Keyring, identity: str, channel: str, address: str, now: datetime) -> str:
    """Add a way to reach the household and give its id; the same address again is the same contact."""
    for known in contacts(tx, keys, identity):
        if (known.channel, known.address) == (channel, address):
            return known.id
    made = Contact(secrets.token_hex(16), channel, address, now)
    row = {"id": made.id, "household": identity, "added_at": now, "sealed": sealed_contact(keys, identity, made)}
    tx.execute(insert(household_contact).values(**row, lookup=contact_mark(keys, channel, address)))
    return made.id


def contacts(tx: Connection, keys: Keyring, identity: str) -> list[Contact]:
    """Give every way to reach the household, oldest first."""
    c = household_contact
    rows = tx.execute(select(c.c.id, c.c.sealed).where(c.c.household == identity).order_by(c.c.added_at, c.c.id))
    key = keys.key(identity)
    return [opened(key, f"contact {identity} {row.id}", row.sealed, Contact) for row in rows]


def confirm_contact(tx: Connection, keys: Keyring, identity: str, contact: str, now: datetime) -> bool:
    """Write down that a message over this contact arrived; False where there is no such contact."""
    for known in contacts(tx, keys, identity):
        if known.id == contact:
            sure = Contact(known.id, known.channel, known.address, known.added_at, now)
            row = update(household_contact).where(household_contact.c.id == contact)
            tx.execute(row.values(sealed=sealed_contact(keys, identity, sure)))
            home_points.touch(tx, identity, now)
            return True
    return False


def remove_contact(tx: Connection, identity: str, contact: str) -> bool:
    """Take a contact away."""
    c = household_contact
    return tx.execute(gone(c).where(c.c.household == identity, c.c.id == contact)).rowcount == 1


def contact(tx: Connection, keys: Keyring, identity: str) -> tuple[str, Contact] | None:
    """Give the household and the contact behind a contact's id; None where it is gone."""
    row = tx.execute(select(household_contact).where(household_contact.c.id == identity)).first()
    if row is None:
        return None
    try:
        key = keys.key(row.household)
    except KeyGone:
        return None
    return row.household, opened(key, f"contact {row.household} {row.id}", row.sealed, Contact)


def find_contact(tx: Connection, keys: Keyring, channel: str, address: str) -> str | None:
    """Give the household that is reached at *address* and has proved it; the newest where there are several."""
    c = household_contact
    query = select(c.c.household, c.c.id).where(c.c.lookup == contact_mark(keys, channel, address))
    for row in tx.execute(query.order_by(c.c.added_at.desc())):
        found = contact(tx, keys, row.id)
        if found is not None and found[1].confirmed_at is not None:
            return found[0]
    return None


def add_answer(tx: Connection, keys: Keyring, identity: str, answer: Answer, received_at: datetime) -> bool:
    """Keep an answer with the time and place at which it was given; False where it is here already."""
    sealed = seal(keys.key(identity), f"answer {identity} {answer.id}", answer)
    row = {"household": identity, "answer": answer.id, "received_at": received_at, "sealed": sealed}
    return add_once(tx, household_answer, row, ("household", "answer"))


def answers(tx: Connection, keys: Keyring, identity: str) -> list[Answer]:
    """Give every answer in the order in which they were given."""
    a = household_answer
    key = keys.key(identity)
    rows = tx.execute(select(a).where(a.c.household == identity).order_by(a.c.id))
    return sorted(
        (opened(key, f"answer {identity} {row.answer}", row.sealed, Answer) for row in rows),
        key=lambda one: one.given_at,
    )


def delete(tx: Connection, keys: Keyring, identity: str, now: datetime) -> None:
    """Delete a household: rows, point, and after the commit its key. What old backups hold of it is noise then."""
    for table in (alert_answer, alert_household, alert_household_before):
        tx.execute(gone(table).where(table.c.household == identity))
    help_calls.remove_all(tx, identity)
    household_helpers.remove_all(tx, identity)
    enrolment.remove_all(tx, identity)
    for table in (household_answer, household_contact, household_door, household_version):
        tx.execute(gone(table).where(table.c.household == identity))
    tx.execute(gone(home).where(home.c.household == identity))
    erase.scrub(tx)
    there = tx.execute(gone(household).where(household.c.id == identity)).rowcount
    if there:
        entry = JournalEntry(now, DELETED, "resident", "住民が計画を削除しました", because=identity)
        journal.add(tx, entry)
        after_commit(tx, lambda: keys.destroy(identity))
        erase.empty_log(tx)


def numbers(tx: Connection) -> dict[str, int]:
    """Give the newest version's number of every household that has saved a plan."""
    query = select(household.c.id, household.c.version).where(household.c.version > 0)
    return {row.id: row.version for row in tx.execute(query)}


def count(tx: Connection) -> int:
    """Count the households that have saved a plan."""
    query = select(func.count()).select_from(household).where(household.c.version > 0)
    return int(tx.execute(query).scalar_one())


def _place(tx: Connection, identity: str, plan: Plan) -> None:
    """Put the point where the spatial index finds it, beside nothing but the random id."""
    moved = update(home).where(home.c.household == identity).values(geom=plan.home.spot.point)
    if tx.execute(moved).rowcount == 0:
        tx.execute(insert(home).values(household=identity, geom=plan.home.spot.point))


def _versions(tx: Connection, keys: Keyring, identity: str, limit: int | None) -> list[PlanVersion]:
    v = household_version
    query = select(v).where(v.c.household == identity).order_by(v.c.number.desc()).limit(limit)
    rows = list(tx.execute(query))
    if not rows:
        return []
    key = keys.key(identity)
    return [
        PlanVersion(identity, row.number, row.at, opened(key, f"plan {identity} {row.number}", row.sealed, Plan))
        for row in rows
    ]


def _version(tx: Connection, identity: str) -> int:
    found = tx.execute(select(household.c.version).where(_alive(identity))).scalar_one_or_none()
    if found is None:
        raise NoHousehold("there is no such household")
    return int(found)


def _alive(identity: str) -> Any:
    return household.c.id == identity


def _only(rows: int) -> None:
    if rows != 1:
        raise NoHousehold("there is no such household")


def sealed_contact(keys: Keyring, identity: str, made: Contact) -> bytes:
    """Seal a contact with its household's key."""
    return seal(keys.key(identity), f"contact {identity} {made.id}", made)


def contact_mark(keys: Keyring, channel: str, address: str) -> bytes:
    """Give what finds an address again: an HMAC whose key lies outside the store."""
    return keys.mark(f"{channel} {address}")
