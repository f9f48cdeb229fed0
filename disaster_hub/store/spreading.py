"""What a spread reads and writes, in bulk: homes and their sealed briefs, confirmed channels, the deliveries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from disaster_hub.store import outbox, upsert
from disaster_hub.store.alert_tables import alert, alert_household, alert_household_before
from disaster_hub.store.briefs import PART, parts
from disaster_hub.store.household_tables import household, household_contact, household_version
from disaster_hub.store.households import Contact
from disaster_hub.store.sealing import opened_by
from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.terms.alert import Because
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Plan, PlanVersion
from disaster_hub.terms.notice import of_contact

CONTACT = msgspec.json.Decoder(Contact)
PLAN = msgspec.json.Decoder(Plan)
WITHDRAWN = "withdrawn"
NO_ANSWER, NO_DOOR = "no answer", "Connector"
"""How every channel says that it asked and heard nothing, and that there was not even a connection to ask over."""


@dataclass(frozen=True, slots=True)
class Home:
    """One household as it lies in the store."""

    id: str
    version: int
    """Of its plan; 0 where none was saved."""
    brief: bytes | None
    """Sealed."""
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """One confirmed way to a household: the address is the random id of its contact."""

    household: str
    channel: str
    address: str


def homes(tx: Connection, names: Sequence[str]) -> Iterator[Home]:
    """Give these households; deleted ones are left out."""
    h = household
    for part in parts(names):
        for row in tx.execute(select(h.c.id, h.c.version, h.c.brief, h.c.changed_at).where(h.c.id.in_(part))):
            yield Home(row.id, row.version, row.brief, row.changed_at)


def everybody(tx: Connection) -> list[tuple[str, int]]:
    """Give household and version of everyone who has saved a plan."""
    return [(r.id, r.version) for r in tx.execute(select(household.c.id, household.c.version)) if r.version > 0]


def changed(tx: Connection, since: datetime) -> dict[str, datetime]:
    """Give the households of which a plan was saved or a channel confirmed since *since*, and when."""
    query = select(household.c.id, household.c.changed_at).where(household.c.changed_at >= since)
    return {row.id: row.changed_at for row in tx.execute(query.where(household.c.version > 0))}


def ways(tx: Connection, keys: Mapping[str, bytes], names: Sequence[str]) -> dict[str, list[Way]]:
    """Give every confirmed way to each of these households; *keys* are theirs."""
    found: dict[str, list[Way]] = {}
    c = household_contact
    for part in parts(names):
        query = select(c.c.id, c.c.household, c.c.sealed).where(c.c.household.in_(part))
        for row in tx.execute(query.order_by(c.c.added_at, c.c.id)):
            key = keys.get(row.household)
            try:
                one = None if key is None else opened_by(key, f"contact {row.household} {row.id}", row.sealed, CONTACT)
            except BadInput:
                continue  # one that cannot be opened any more takes no other channel away
            if one is not None and one.confirmed_at is not None:
                found.setdefault(row.household, []).append(Way(row.household, one.channel, of_contact(row.id)))
    return found


def notice_number(tx: Connection, alert_id: str) -> int:
    """Give the number of an alert's one notice."""
    return int(tx.execute(select(notice.c.id).where(notice.c.key == f"alert:{alert_id}")).scalar_one())


def deliver(tx: Connection, alert_id: str, to: Sequence[Way], urgency: int, due: datetime, state: str = "due") -> None:
    """Write a delivery for each way; one that is there already stays as it is."""
    number = notice_number(tx, alert_id)
    same = {"notice_id": number, "urgency": urgency, "state": state, "due_at": due, "tries": 0}
    for at in range(0, len(to), 4 * PART):
        rows = [
            same | {"channel": one.channel, "address": one.address, "household": one.household}
            for one in to[at : at + 4 * PART]
        ]
        tx.execute(upsert.insert(tx, delivery).on_conflict_do_nothing(), rows)


def waiting(tx: Connection, alert_id: str) -> set[str]:
    """Name the households for which something of an alert still waits."""
    query = select(delivery.c.household).where(_of(alert_id), delivery.c.state == "due").distinct()
    return {name for name in tx.execute(query).scalars() if name is not None}


def withdraw_from(tx: Connection, alert_id: str, names: Sequence[str], now: datetime, wall: datetime) -> int:
    """Take back what waits of an alert for some households, and nobody has in hand; give how many."""
    return sum(_withdraw(tx, alert_id, now, wall, "desk", delivery.c.household.in_(part)) for part in parts(names))


def withdraw(tx: Connection, alert_id: str, now: datetime, wall: datetime, by: str = "desk") -> int:
    """Take back what waits of an alert and nobody has in hand; give how many.

    What a worker has in hand at this moment it looks at once more itself, just before it sends.
    """
    return _withdraw(tx, alert_id, now, wall, by)


def _withdraw(
    tx: Connection, alert_id: str, now: datetime, wall: datetime, by: str, *those: ColumnElement[bool]
) -> int:
    taken = 0
    mine = select(delivery.c.id, delivery.c.worker)
    mine = mine.where(_of(alert_id), delivery.c.state == "due", _idle(wall), *those)
    if tx.dialect.name != "sqlite":
        mine = mine.with_for_update(skip_locked=True)  # one that is being claimed now is in hand
    while rows := tx.execute(mine.limit(outbox.PART)).all():
        lost = [row.id for row in rows if row.worker is not None]
        if lost:
            outbox.note_lost(tx, lost, now, by)
        back = [outbox.Ending(row.id, WITHDRAWN, outbox.TAKEN_BACK) for row in rows]
        taken += outbox.settle_many(tx, back, now, by, wall=wall)
    return taken


def in_hand(tx: Connection, alert_ids: Sequence[str], wall: datetime) -> int:
    """Count the deliveries of these alerts that a worker has in hand: in a moment it is known how they ended."""
    query = select(func.count()).select_from(delivery).where(_of(*alert_ids), delivery.c.state == "due")
    return int(tx.execute(query.where(~_idle(wall))).scalar_one())


def got(tx: Connection, alert_ids: Sequence[str], limit: int, without: str) -> list[Way]:
    """Give the ways on which one of these alerts was sent, or may have arrived, and *without* was not written yet."""
    d, again = delivery, delivery.alias()
    told = select(again.c.id).where(
        again.c.notice_id == notice_number(tx, without), again.c.channel == d.c.channel, again.c.address == d.c.address
    )
    query = select(d.c.household, d.c.channel, d.c.address).where(_of(*alert_ids), or_(d.c.state == "sent", _maybe()))
    query = query.where(~told.exists()).distinct().order_by(d.c.household, d.c.channel, d.c.address).limit(limit)
    return [Way(row.household or "", row.channel, row.address) for row in tx.execute(query)]


def meant(tx: Connection, alert_ids: Sequence[str], limit: int, without: str) -> list[tuple[Way, bool]]:
    """Give the ways on which these alerts were sent or were still to be, and whether it was sent or in hand."""
    d, again = delivery, delivery.alias()
    told = select(again.c.id).where(
        again.c.notice_id == notice_number(tx, without), again.c.channel == d.c.channel, again.c.address == d.c.address
    )
    states = ("sent", "due", WITHDRAWN)
    query = select(d.c.household, d.c.channel, d.c.address, func.max(d.c.tries).label("tries"))
    query = query.where(_of(*alert_ids), d.c.state.in_(states), ~told.exists())
    query = query.group_by(d.c.household, d.c.channel, d.c.address).order_by(d.c.household).limit(limit)
    return [(Way(r.household or "", r.channel, r.address), r.tries > 0) for r in tx.execute(query)]


def told_by(tx: Connection, before: Mapping[str, datetime], names: Sequence[str]) -> set[str]:
    """Name those of *names* to whom one of the alerts of *before* came, as of the time beside it."""
    found: set[str] = set()
    for one, until in before.items():
        for part in parts(names):
            for a in (alert_household, alert_household_before):
                query = select(a.c.household).where(a.c.alert == one, a.c.household.in_(part), a.c.at <= until)
                found |= set(tx.execute(query.where(a.c.because == Because.CHOSEN.value)).scalars())
    return found


def reached(tx: Connection, alert_id: str, names: Sequence[str]) -> set[str]:
    """Name those of *names* to whom an alert was sent, or for whom it still waits to be."""
    found: set[str] = set()
    for part in parts(names):
        query = select(delivery.c.household).where(_of(alert_id), delivery.c.household.in_(part))
        found |= set(tx.execute(query.where(delivery.c.state.in_(("due", "sent"))).distinct()).scalars())
    return found


def refused(tx: Connection, alert_id: str) -> set[str]:
    """Name the households of which some channel refused an alert."""
    query = select(delivery.c.household).where(_of(alert_id), delivery.c.state == "refused").distinct()
    return {name for name in tx.execute(query).scalars() if name is not None}


def spread_at(tx: Connection, alert_id: str) -> datetime | None:
    """Give when an alert reached its last household; None while it is still spreading."""
    moment: datetime | None = tx.execute(select(alert.c.spread_at).where(alert.c.id == alert_id)).scalar_one_or_none()
    return moment


def _of(*alert_ids: str) -> ColumnElement[bool]:
    keys = [f"alert:{one}" for one in alert_ids]
    return delivery.c.notice_id.in_(select(notice.c.id).where(notice.c.key.in_(keys)))


def _idle(wall: datetime) -> ColumnElement[bool]:
    """Nobody has it in hand: never claimed, put back to be tried again, or its worker's lease ran out."""
    return or_(delivery.c.worker.is_(None), delivery.c.leased_until.is_(None), delivery.c.leased_until <= wall)


def _maybe() -> ColumnElement[bool]:
    """Find what may have arrived although nobody wrote so: a worker ended with it in hand, or no answer came."""
    silent = and_(attempt.c.reason.contains(NO_ANSWER), ~attempt.c.reason.contains(NO_DOOR))
    lost = select(attempt.c.id).where(attempt.c.delivery_id == delivery.c.id)
    return and_(delivery.c.tries > 0, lost.where(or_(attempt.c.outcome == outbox.UNKNOWN, silent)).exists())


def plans(tx: Connection, keys: Mapping[str, bytes], those: Sequence[Home]) -> dict[str, PlanVersion]:
    """Give the newest plan of each home; what cannot be opened is left out."""
    v = household_version
    found: dict[str, PlanVersion] = {}
    wanted = {one.id: one.version for one in those if one.id in keys}
    for part in parts(list(wanted)):
        for row in tx.execute(select(v).where(v.c.household.in_(part))):
            if row.number != wanted[row.household]:
                continue
            try:
                plan = opened_by(keys[row.household], f"plan {row.household} {row.number}", row.sealed, PLAN)
            except BadInput:
                continue
            found[row.household] = PlanVersion(row.household, row.number, row.at, plan)
    return found


def told_briefs(tx: Connection, alert_ids: Sequence[str], names: Sequence[str]) -> dict[str, bytes]:
    """Give the sealed brief that each household got with one of these alerts."""
    a = alert_household
    found: dict[str, bytes] = {}
    for part in parts(names):
        query = select(a.c.household, a.c.sealed).where(a.c.alert.in_(list(alert_ids)), a.c.household.in_(part))
        found |= {row.household: row.sealed for row in tx.execute(query) if row.sealed is not None}
    return found


def written(tx: Connection, alert_id: str, names: Sequence[str]) -> set[tuple[str, str]]:
    """Give channel and address of every delivery of an alert to these households."""
    found: set[tuple[str, str]] = set()
    for part in parts(names):
        query = select(delivery.c.channel, delivery.c.address).where(delivery.c.household.in_(part), _of(alert_id))
        found |= {(row.channel, row.address) for row in tx.execute(query)}
    return found


def held_by(tx: Connection, alert_ids: Sequence[str], names: Sequence[str]) -> set[str]:
    """Name those of *names* whom one of these alerts was for, whether or not they could be reached."""
    a = alert_household
    found: set[str] = set()
    for part in parts(names) if alert_ids else ():
        query = select(a.c.household).where(a.c.alert.in_(list(alert_ids)), a.c.household.in_(part))
        reached = (Because.CHOSEN.value, Because.NO_CHANNEL.value)
        found |= set(tx.execute(query.where(a.c.because.in_(reached))).scalars())
    return found
