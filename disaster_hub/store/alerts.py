"""Alerts as they were decided, the households each was held against, and the answers that came back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import Connection, func, select, update

from disaster_hub.store import upsert, worlds
from disaster_hub.store.alert_tables import alert as table
from disaster_hub.store.alert_tables import alert_answer, alert_household, alert_household_before
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.alert import Alert, AlertAnswer, AlertKind, AlertState, Audience, Because, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.mark import bears
from disaster_hub.terms.world import WorldKind

LOOK_BACK = timedelta(days=2)
"""What ended longer before than this has no bearing on what is in force."""
PART = 500
"""Rows of one statement: SQLite takes so many values at most."""


def add(tx: Connection, one: Alert) -> bool:
    """Write an alert down; False where one of that id is there: the same cause never makes a second one.

    Only what is of this store's own world gets in, and into the real one nothing that says it is an exercise.
    """
    worlds.own(tx, one.world, f"alert {one.id[:40]}")
    worlds.guard(tx, one.areas)
    if one.world is WorldKind.REAL and bears(one.area_name, one.why, one.note, one.issuer):
        raise BadInput(f"知らせ {one.id[:40]}: 本番の文面に訓練・テストの印があります")
    return add_once(tx, table, _row(one) | {"reached": ""}, ("id",))


def find(tx: Connection, identity: str) -> Alert | None:
    """Give one alert; None where there is none of that id."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _alert(row)


def some(tx: Connection, identities: Collection[str]) -> list[Alert]:
    """Give these alerts, the newest first."""
    names, found = list(identities), []
    for at in range(0, len(names), PART):
        found += [_alert(row) for row in tx.execute(select(table).where(table.c.id.in_(names[at : at + PART])))]
    return sorted(found, key=_newest, reverse=True)


def spreading(tx: Connection) -> list[tuple[Alert, str]]:
    """Give the alerts that are still being spread, urgent first, each with the household that it has reached."""
    query = select(table).where(table.c.state == AlertState.SPREADING.value)
    return [
        (_alert(row), row.reached) for row in tx.execute(query.order_by(table.c.urgency.desc(), table.c.decided_at))
    ]


def since(tx: Connection, moment: datetime, limit: int = 200) -> list[Alert]:
    """Give the alerts decided since *moment*, the newest first."""
    query = select(table).where(table.c.decided_at >= moment).order_by(table.c.decided_at.desc()).limit(limit)
    return [_alert(row) for row in tx.execute(query)]


def in_force(tx: Connection, now: datetime) -> list[Alert]:
    """Give the alerts whose time has not passed and that nobody took back, the newest first."""
    query = select(table).where(table.c.expires_at > now, table.c.state != AlertState.CANCELLED.value)
    return [_alert(row) for row in tx.execute(query.order_by(table.c.decided_at.desc()))]


def decided_by(tx: Connection, moment: datetime) -> list[Alert]:
    """Give the alerts that were decided by *moment* and had not expired long before, the newest first."""
    query = select(table).where(table.c.decided_at <= moment, table.c.expires_at > moment - LOOK_BACK)
    return [_alert(row) for row in tx.execute(query.order_by(table.c.decided_at.desc(), table.c.id))]


def after(tx: Connection, identity: str) -> list[Alert]:
    """Give the alerts that speak of an earlier one (updates, cancels, lifts), oldest first."""
    query = select(table).where(table.c.earlier == identity).order_by(table.c.decided_at)
    return [_alert(row) for row in tx.execute(query)]


def taken_back(tx: Connection, now: datetime) -> list[Alert]:
    """Give the alerts that were taken back and would be in force otherwise."""
    query = select(table).where(table.c.expires_at > now, table.c.state == AlertState.CANCELLED.value)
    return [_alert(row) for row in tx.execute(query)]


def ending(tx: Connection, now: datetime) -> list[Alert]:
    """Give the lifts, calms and cancels, decided by *now*, of what would be in force without them."""
    kinds = [kind.value for kind in (AlertKind.LIFT, AlertKind.CALM, AlertKind.CANCEL)]
    before = table.alias()
    live = select(before.c.id).where(before.c.expires_at > now)
    query = select(table).where(table.c.kind.in_(kinds), table.c.decided_at <= now, table.c.earlier.in_(live))
    return [_alert(row) for row in tx.execute(query)]


def chain(tx: Connection, one: Alert) -> list[Alert]:
    """Give the first alert of which *one* is an update, and every update of it; the newest first."""
    first = one
    while first.kind is AlertKind.UPDATE and (earlier := find(tx, first.earlier)) is not None:
        first = earlier
    found, ask = [first], [first.id]
    while ask:
        new = [other for other in after(tx, ask.pop()) if other.kind is AlertKind.UPDATE]
        found += new
        ask += [other.id for other in new]
    return sorted(found, key=lambda other: (other.revision, other.decided_at, other.id), reverse=True)


def go_on(tx: Connection, identity: str, was: str, reached: str) -> bool:
    """Write how far an alert was spread; False where another was quicker or it was cancelled meanwhile."""
    mine = (table.c.id == identity) & (table.c.reached == was) & (table.c.state == AlertState.SPREADING.value)
    return tx.execute(update(table).where(mine).values(reached=reached)).rowcount == 1


def done(tx: Connection, identity: str, now: datetime) -> bool:
    """Write that an alert reached its last household."""
    mine = (table.c.id == identity) & (table.c.state == AlertState.SPREADING.value)
    return tx.execute(update(table).where(mine).values(state=AlertState.SPREAD.value, spread_at=now)).rowcount == 1


def cancelled(tx: Connection, identity: str) -> bool:
    """Write that an alert was taken back: it spreads no further."""
    mine = (table.c.id == identity) & (table.c.state != AlertState.CANCELLED.value)
    return tx.execute(update(table).where(mine).values(state=AlertState.CANCELLED.value)).rowcount == 1


def tell(tx: Connection, rows: Sequence[Told]) -> None:
    """Write for each household why an alert came or did not; the same again changes nothing."""
    for at in range(0, len(rows), PART):
        part = [
            {
                "alert": one.alert, "household": one.household, "because": one.because.value, "version": one.version,
                "sealed": one.sealed, "token": one.token, "at": one.at,
            }
            for one in rows[at : at + PART]
        ]  # fmt: skip
        tx.execute(upsert.insert(tx, alert_household).on_conflict_do_nothing(), part)


def retell(tx: Connection, before: Told, new: Told) -> None:
    """Write that something else was found for a household later; what was found before is kept beside it."""
    old = {name: getattr(before, name) for name in ("alert", "household", "version", "sealed")}
    old |= {"because": before.because.value, "at": before.at}
    tx.execute(upsert.insert(tx, alert_household_before).on_conflict_do_nothing(), [old])
    mine = (alert_household.c.alert == new.alert) & (alert_household.c.household == new.household)
    values = {name: getattr(new, name) for name in ("version", "sealed", "token", "at")}
    tx.execute(update(alert_household).where(mine).values(because=new.because.value, **values))


def before(tx: Connection, household: str) -> list[Told]:
    """Give what was found for a household before it was looked at again, oldest first."""
    mine = select(alert_household_before).where(alert_household_before.c.household == household)
    return [
        Told(row.alert, row.household, Because(row.because), row.version, row.sealed, None, row.at)
        for row in tx.execute(mine.order_by(alert_household_before.c.at))
    ]


def told(tx: Connection, identity: str, household: str) -> Told | None:
    """Give what was decided for one household; None: it was outside of the shape, or not there yet."""
    mine = (alert_household.c.alert == identity) & (alert_household.c.household == household)
    row = tx.execute(select(alert_household).where(mine)).first()
    return None if row is None else _told(row)


def told_some(tx: Connection, identity: str, households: Collection[str]) -> dict[str, Told]:
    """Give what was decided for some households."""
    names = list(households)
    found: dict[str, Told] = {}
    for at in range(0, len(names), PART):
        mine = (alert_household.c.alert == identity) & alert_household.c.household.in_(names[at : at + PART])
        found |= {row.household: _told(row) for row in tx.execute(select(alert_household).where(mine))}
    return found


def told_to(
    tx: Connection, identity: str, because: Collection[Because] = (), past: str = "", limit: int | None = None
) -> list[Told]:
    """Give the households of an alert in the order of their ids, from after *past*."""
    query = select(alert_household).where(alert_household.c.alert == identity, alert_household.c.household > past)
    if because:
        query = query.where(alert_household.c.because.in_([one.value for one in because]))
    return [_told(row) for row in tx.execute(query.order_by(alert_household.c.household).limit(limit))]


def of_household(tx: Connection, household: str) -> list[Told]:
    """Give everything that was ever decided for one household."""
    return [_told(row) for row in tx.execute(select(alert_household).where(alert_household.c.household == household))]


def by_token(tx: Connection, digest: bytes) -> Told | None:
    """Give whose answer page a token (its SHA-256) opens; None for every other."""
    row = tx.execute(select(alert_household).where(alert_household.c.token == digest)).first()
    return None if row is None else _told(row)


def reasons(tx: Connection, identity: str) -> dict[Because, int]:
    """Count the households of an alert by reason."""
    query = select(alert_household.c.because, func.count()).where(alert_household.c.alert == identity)
    return {Because(name): int(n) for name, n in tx.execute(query.group_by(alert_household.c.because))}


def answer(tx: Connection, one: AlertAnswer) -> bool:
    """Keep an answer; False where it is here already."""
    names = ("id", "alert", "household", "word", "given_at", "received_at", "via")
    return add_once(tx, alert_answer, {name: getattr(one, name) for name in names}, ("id",))


def answers(tx: Connection, identities: Collection[str]) -> dict[tuple[str, str], AlertAnswer]:
    """Give the newest answer of each (alert, household) of these alerts; newest is when it was given."""
    found: dict[tuple[str, str], AlertAnswer] = {}
    query = select(alert_answer).where(alert_answer.c.alert.in_(list(identities)))
    for row in tx.execute(query.order_by(alert_answer.c.given_at, alert_answer.c.received_at, alert_answer.c.id)):
        found[row.alert, row.household] = AlertAnswer(
            row.id, row.alert, row.household, row.word, row.given_at, row.received_at, row.via
        )
    return found


def answer_of(tx: Connection, identity: str, household: str) -> AlertAnswer | None:
    """Give the newest answer of one household to one alert; newest is when it was given."""
    mine = (alert_answer.c.alert == identity) & (alert_answer.c.household == household)
    newest = (alert_answer.c.given_at.desc(), alert_answer.c.received_at.desc(), alert_answer.c.id.desc())
    row = tx.execute(select(alert_answer).where(mine).order_by(*newest).limit(1)).first()
    if row is None:
        return None
    return AlertAnswer(row.id, row.alert, row.household, row.word, row.given_at, row.received_at, row.via)


def _newest(one: Alert) -> tuple[datetime, str]:
    return one.decided_at, one.id


def _row(one: Alert) -> dict[str, Any]:
    names = (
        "id", "level", "area_name", "issuer", "why", "note", "decided_at", "expires_at", "urgency", "revision",
        "earlier", "author", "approver", "rule", "evidence", "city_order",
    )  # fmt: skip
    row = {name: getattr(one, name) for name in names}
    return row | {
        "world": one.world.value, "kind": one.kind.value, "state": one.state.value, "areas": list(one.areas),
        "hazard": None if one.hazard is None else one.hazard.value, "audience": _audience(one.audience),
    }  # fmt: skip


def _audience(one: Audience) -> dict[str, Any]:
    return {
        "shape": None if one.shape is None else shapely.to_wkb(one.shape, hex=True),
        "hazards": sorted(h.value for h in one.hazards),
        "leave_levels": sorted(one.leave_levels),
        "needs": sorted(n.value for n in one.needs),
        "same_as": one.same_as,
        "households": list(one.households),
    }


def _alert(row: Any) -> Alert:
    said = row.audience
    audience = Audience(
        shape=None if said["shape"] is None else shapely.from_wkb(said["shape"]),
        hazards=frozenset(Hazard(name) for name in said["hazards"]),
        leave_levels=frozenset(said["leave_levels"]),
        needs=frozenset(Need(name) for name in said["needs"]),
        same_as=said["same_as"],
        households=tuple(said["households"]),
    )
    return Alert(
        id=row.id, world=WorldKind(row.world), kind=AlertKind(row.kind), areas=tuple(row.areas),
        area_name=row.area_name, audience=audience, issuer=row.issuer, why=row.why, decided_at=row.decided_at,
        expires_at=row.expires_at, urgency=row.urgency, level=row.level,
        hazard=None if row.hazard is None else Hazard(row.hazard), note=row.note, revision=row.revision,
        earlier=row.earlier, author=row.author, approver=row.approver, rule=row.rule, evidence=row.evidence,
        city_order=row.city_order, state=AlertState(row.state),
    )  # fmt: skip


def _told(row: Any) -> Told:
    return Told(row.alert, row.household, Because(row.because), row.version, row.sealed, row.token, row.at)
