"""Decisions: proposals and orders as they stand, with every step that people took, which is only ever added."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from disaster_hub.store.decision_tables import decision as table
from disaster_hub.store.decision_tables import decision_step as step_table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.errors import Overtaken
from disaster_hub.terms.hazard import Hazard

LIVE = (DecisionState.OPEN, DecisionState.WAITING, DecisionState.DRAFTED, DecisionState.ISSUED)


class Conflict(Overtaken):
    """Somebody else has changed this decision since the page was read."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a decision: who did what, when, why."""

    version: int
    at: datetime
    who: str
    state: DecisionState
    note: str


def lane(order: int, hazard: Hazard, area: str) -> str:
    """Give what only one live decision can be about."""
    return f"{order}|{hazard.value}|{area}"


def open_once(tx: Connection, one: Decision) -> bool:
    """Add a decision; False where one about the same order, hazard and area is open or in force."""
    row = _row(one) | {"id": one.id, "lane": lane(one.order, one.hazard, one.area), "changed_at": one.opened_at}
    if find(tx, one.id) is not None or not add_once(tx, table, row, ("lane",)):
        return False
    _remember(tx, one, one.who, one.opened_at, one.because)
    return True


def change(tx: Connection, new: Decision, who: str, now: datetime, note: str) -> Decision:
    """Write *new*, whose version is the one that was read; raises Conflict where it has moved on since.

    Gives the decision with its new version.
    """
    row = _row(new) | {"version": new.version + 1, "changed_at": now}
    row["lane"] = lane(new.order, new.hazard, new.area) if new.state in LIVE else None
    mine = update(table).where(table.c.id == new.id, table.c.version == new.version)
    if tx.execute(mine.values(**row)).rowcount != 1:
        raise Conflict("この案はほかの人が先に変更しました。最新の内容を確かめてください")
    kept = find(tx, new.id)
    assert kept is not None  # it was just written
    _remember(tx, kept, who, now, note)
    return kept


def find(tx: Connection, identity: str) -> Decision | None:
    """Give one decision; None where there is none of that id."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _decision(row)


def live(tx: Connection) -> list[Decision]:
    """Give every decision that is open or in force, the highest order first, then the oldest."""
    query = select(table).where(table.c.state.in_([state.value for state in LIVE]))
    return [_decision(row) for row in tx.execute(query.order_by(table.c.order_level.desc(), table.c.opened_at))]


def ended(tx: Connection, since: datetime, limit: int = 50) -> list[Decision]:
    """Give the decisions that were declined or lifted since *since*, the newest first."""
    past = (DecisionState.DECLINED.value, DecisionState.LIFTED.value)
    query = select(table).where(table.c.state.in_(past), table.c.changed_at >= since)
    return [_decision(row) for row in tx.execute(query.order_by(table.c.changed_at.desc()).limit(limit))]


def closed_at(tx: Connection) -> dict[str, datetime]:
    """Give, for each lane, when a decision in it was last declined or lifted."""
    past = (DecisionState.DECLINED.value, DecisionState.LIFTED.value)
    keys = (table.c.order_level, table.c.hazard, table.c.area)
    query = select(*keys, func.max(table.c.changed_at).label("at")).where(table.c.state.in_(past)).group_by(*keys)
    return {lane(row.order_level, Hazard(row.hazard), row.area): row.at for row in tx.execute(query)}


def steps(tx: Connection, identity: str) -> list[Step]:
    """Give every step of one decision, oldest first."""
    query = select(step_table).where(step_table.c.decision == identity).order_by(step_table.c.id)
    return [Step(r.version, r.at, r.who, DecisionState(r.state), r.note) for r in tx.execute(query)]


def stood(tx: Connection, order: int, hazard: Hazard, areas: Collection[str], at: datetime) -> set[str]:
    """Name those of *areas* in which an order was in force at *at*, by the steps that people took until then."""
    query = select(table.c.id, table.c.area, step_table.c.state).join(step_table, step_table.c.decision == table.c.id)
    mine = (table.c.order_level == order) & (table.c.hazard == hazard.value) & table.c.area.in_(list(areas))
    last = {row.id: row for row in tx.execute(query.where(mine, step_table.c.at <= at).order_by(step_table.c.id))}
    return {row.area for row in last.values() if row.state == DecisionState.ISSUED.value}


def _remember(tx: Connection, one: Decision, who: str, now: datetime, note: str) -> None:
    row = {"decision": one.id, "version": one.version, "at": now, "who": who, "state": one.state.value, "note": note}
    tx.execute(insert(step_table).values(**row))


def _row(one: Decision) -> dict[str, Any]:
    names = ("area", "area_name", "opened_at", "because", "criterion", "who", "approver", "note", "decided_at")
    row = {name: getattr(one, name) for name in (*names, "look_again_at", "lifting_by", "ended_at", "version")}
    return row | {"order_level": one.order, "hazard": one.hazard.value, "state": one.state.value}


def _decision(row: Any) -> Decision:
    return Decision(
        id=row.id, order=row.order_level, hazard=Hazard(row.hazard), area=row.area, area_name=row.area_name,
        state=DecisionState(row.state), opened_at=row.opened_at, because=row.because, who=row.who,
        approver=row.approver, note=row.note, decided_at=row.decided_at, look_again_at=row.look_again_at,
        version=row.version, criterion=row.criterion, lifting_by=row.lifting_by, ended_at=row.ended_at,
    )  # fmt: skip
