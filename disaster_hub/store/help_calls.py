"""Calls to helpers: who was asked to look after which household, once each, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from disaster_hub.store.helper_tables import help_call as table
from disaster_hub.store.household_helpers import digest
from disaster_hub.store.tables import delivery, notice
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.helping import OPEN, UNFINISHED, CallState, HelpCall

WAITING = [state.value for state in OPEN]
PART = 500
KEY = "help:"


def add(tx: Connection, one: HelpCall, token: str = "") -> bool:
    """Write a call down; False where this helper was asked for this household and order before."""
    row = {name: getattr(one, name) for name in one.__dataclass_fields__}
    row |= {"state": one.state.value, "token": digest(token) if token else None}
    return add_once(tx, table, row, ("root", "household", "helper"))


def of(tx: Connection, roots: Collection[str]) -> list[HelpCall]:
    """Give every call of these orders, oldest first."""
    query = select(table).where(table.c.root.in_(list(roots))).order_by(table.c.asked_at, table.c.id)
    return [_call(row) for row in tx.execute(query)]


def of_home(tx: Connection, root: str, household: str) -> list[HelpCall]:
    """Give the calls of one order for one household, oldest first."""
    mine = (table.c.root == root) & (table.c.household == household)
    return [_call(row) for row in tx.execute(select(table).where(mine).order_by(table.c.asked_at, table.c.id))]


def find(tx: Connection, identity: str) -> HelpCall | None:
    """Give one call."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _call(row)


def by_token(tx: Connection, token: str) -> HelpCall | None:
    """Give the call whose page a token opens; None for every other."""
    row = tx.execute(select(table).where(table.c.token == digest(token))).first()
    return None if row is None else _call(row)


def move(tx: Connection, identity: str, state: CallState, now: datetime, of_: Collection[CallState] = OPEN) -> bool:
    """Write what became of a call; False where it was in none of the states *of_* any more."""
    mine = (table.c.id == identity) & table.c.state.in_([one.value for one in of_])
    return tx.execute(update(table).where(mine).values(state=state.value, answered_at=now)).rowcount == 1


def loads(tx: Connection) -> dict[str, int]:
    """Count for each helper the households that they are asked for now."""
    query = select(table.c.helper, func.count()).where(table.c.state.in_(WAITING)).group_by(table.c.helper)
    return {name: int(count) for name, count in tx.execute(query)}


def still_open(tx: Connection) -> list[HelpCall]:
    """Give every call that is not over, of whatever order: also those to whom nobody has answered."""
    states = [state.value for state in UNFINISHED]
    return [_call(row) for row in tx.execute(select(table).where(table.c.state.in_(states)))]


def withdraw(tx: Connection, identities: Collection[str]) -> int:
    """Take back the messages to helpers that nobody has sent yet; what a worker has in hand goes its way."""
    keys = [key_of(one) for one in identities]
    taken = 0
    for at in range(0, len(keys), PART):
        numbers = select(notice.c.id).where(notice.c.key.in_(keys[at : at + PART]))
        mine = delivery.c.notice_id.in_(numbers) & (delivery.c.state == "due")
        taken += tx.execute(update(delivery).where(mine).values(state="withdrawn", leased_until=None)).rowcount
    return taken


def key_of(call: str) -> str:
    """Give the key of the notice of a call: the same call never makes a second one."""
    return f"{KEY}{call}"


def of_household(tx: Connection, household: str) -> list[HelpCall]:
    """Give every call for one household."""
    return [_call(row) for row in tx.execute(select(table).where(table.c.household == household))]


def of_helper(tx: Connection, helper: str) -> list[HelpCall]:
    """Give every call of one helper, the newest first."""
    query = select(table).where(table.c.helper == helper).order_by(table.c.asked_at.desc(), table.c.id)
    return [_call(row) for row in tx.execute(query)]


def remove_all(tx: Connection, household: str) -> None:
    """Take all calls for a household away, with those to the helpers whom it named for others."""
    tx.execute(delete(table).where(table.c.household == household))


def _call(row: Any) -> HelpCall:
    return HelpCall(
        row.id, row.root, row.household, row.helper, CallState(row.state), row.asked_at, row.shuts_at, row.answered_at
    )
