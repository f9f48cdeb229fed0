"""Drafts of alerts: written by one, approved by another, never kept in a store of a world that they are not for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection, select, update

from disaster_hub.store import worlds
from disaster_hub.store.draft_tables import draft as table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.alert import AlertKind, Status
from disaster_hub.terms.decision import Decision
from disaster_hub.terms.draft import Draft, DraftState, Whom
from disaster_hub.terms.errors import Overtaken, WrongWorld
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.world import WorldKind

TIMES = ("made_at", "expires_at", "alone_at", "decided_at")
TEXTS = (
    "id", "version", "level", "area_name", "note", "why", "earlier", "author", "approver", "reason", "alert", "seen_by",
)  # fmt: skip
LISTS = ("areas", "decisions", "issued", "ended")
OPEN = (DraftState.DRAFTED.value, DraftState.ALONE_FIRST.value)


class Moved(Overtaken):
    """Somebody else has changed this draft since the page was read."""


def add(tx: Connection, one: Draft) -> bool:
    """Keep a new draft; False where it is here already. WrongWorld where it is not for this store's world."""
    _guard(tx, one)
    return add_once(tx, table, _row(one), ("id",))


def change(tx: Connection, new: Draft) -> Draft:
    """Write *new*, whose version is the one that was read, and give it with its next; else raise Moved."""
    _guard(tx, new)
    row = _row(new) | {"version": new.version + 1}
    mine = update(table).where(table.c.id == new.id, table.c.version == new.version)
    if tx.execute(mine.values(**row)).rowcount != 1:
        raise Moved("この起案はほかの人が先に処理しました。最新の内容を確かめてください")
    return replace(new, version=new.version + 1)


def find(tx: Connection, identity: str) -> Draft | None:
    """Give one draft; None where there is none of that id."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _draft(row)


def of_alert(tx: Connection, alert: str) -> Draft | None:
    """Give the draft that became an alert; None where none did: the clock decided it."""
    row = tx.execute(select(table).where(table.c.alert == alert)).first()
    return None if row is None or not alert else _draft(row)


def of_decision(tx: Connection, one: Decision) -> Draft | None:
    """Give the draft that put a decision in force; None where none did."""
    query = select(table).where(table.c.state == DraftState.APPROVED.value, table.c.decided_at >= one.opened_at)
    found = (_draft(row) for row in tx.execute(query.order_by(table.c.decided_at.desc())))
    return next((draft for draft in found if one.id in draft.issued), None)


def waiting(tx: Connection, now: datetime) -> list[Draft]:
    """Give the drafts that somebody can still approve, the first to run out first."""
    query = select(table).where(table.c.state.in_(OPEN), table.c.expires_at > now).order_by(table.c.expires_at)
    return [_draft(row) for row in tx.execute(query)]


def since(tx: Connection, moment: datetime, limit: int = 50) -> list[Draft]:
    """Give the drafts made since *moment*, the newest first, whatever became of them."""
    query = select(table).where(table.c.made_at >= moment).order_by(table.c.made_at.desc()).limit(limit)
    return [_draft(row) for row in tx.execute(query)]


def unseen(tx: Connection) -> list[Draft]:
    """Give what one officer sent alone and no approver has looked at yet, the oldest first."""
    alone = (table.c.approver == table.c.author) & (table.c.seen_by == "")
    query = select(table).where(table.c.state == DraftState.APPROVED.value, alone).order_by(table.c.decided_at)
    return [_draft(row) for row in tx.execute(query)]


def _guard(tx: Connection, one: Draft) -> None:
    """Refuse what is not for this store's world: in the real one only what is actual, elsewhere never that."""
    here = worlds.current(tx).kind
    if one.world is not here:
        raise WrongWorld(f"draft {one.id[:40]}: for the world {one.world}, not for this one ({here})")
    if (one.status is Status.ACTUAL) is not (here is WorldKind.REAL):
        raise WrongWorld(f"draft {one.id[:40]}: {one.status} does not enter a store of the world {here}")
    worlds.guard(tx, one.areas)


def _row(one: Draft) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(one, name) for name in (*TIMES, *TEXTS)}
    row |= {name: list(getattr(one, name)) for name in LISTS}
    return row | {
        "status": one.status.value, "world": one.world.value, "kind": one.kind.value, "whom": one.whom.value,
        "state": one.state.value, "hazard": None if one.hazard is None else one.hazard.value, "scope": _scope(one),
    }  # fmt: skip


def _scope(one: Draft) -> dict[str, Any] | None:
    """Say what was drawn and whom it is narrowed to; None where neither."""
    if one.drawn is None and not one.leave_levels and not one.needs:
        return None
    drawn = None if one.drawn is None else shapely.to_wkb(one.drawn, hex=True)
    needs = [need.value for need in one.needs]
    return {"drawn": drawn, "name": one.drawn_name, "leave_levels": list(one.leave_levels), "needs": needs}


def _draft(row: Any) -> Draft:
    said: dict[str, Any] = {name: getattr(row, name) for name in (*TIMES, *TEXTS)}
    said |= {name: tuple(getattr(row, name)) for name in LISTS}
    scope = row.scope
    if scope is not None:
        said |= {
            "drawn": None if scope["drawn"] is None else shapely.from_wkb(scope["drawn"]), "drawn_name": scope["name"],
            "leave_levels": tuple(scope["leave_levels"]), "needs": tuple(Need(word) for word in scope["needs"]),
        }  # fmt: skip
    return Draft(
        status=Status(row.status), world=WorldKind(row.world), kind=AlertKind(row.kind), whom=Whom(row.whom),
        state=DraftState(row.state), hazard=None if row.hazard is None else Hazard(row.hazard), **said,
    )  # fmt: skip
