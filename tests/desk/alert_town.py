"""A small town for the tests of alerts: households at known points, with briefs and channels, and an alert over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import text

from disaster_hub.planning.brief import not_reckoned
from disaster_hub.store import briefs, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Brief
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Need, Plan
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import WorldKind

SQUARE = shapely.box(139.80, 38.70, 139.82, 38.72)
INSIDE, OUTSIDE = LonLat(139.81, 38.71), LonLat(139.85, 38.75)


@dataclass(frozen=True, slots=True)
class Folk:
    """How one household of a test is."""

    spot: LonLat = INSIDE
    hazards: tuple[Hazard, ...] = (Hazard.FLOOD,)
    unknown: tuple[Hazard, ...] = ()
    needs: frozenset[Need] = frozenset()
    leave_level: int = 3
    channels: Sequence[tuple[str, str]] = (("email", "a@example.jp"),)
    unconfirmed: Sequence[tuple[str, str]] = ()
    brief: bool = True
    leave_in_min: float = 30
    cause: str = "state"


def settle(tx: Transaction, keys: Keyring, folk: Folk, now: datetime) -> str:
    """Let one household live here and give its id."""
    plan = Plan(Home(folk.spot), Household(people=2, needs=folk.needs), leave_level=folk.leave_level)
    home = households.create(tx, keys, plan, now).household
    if folk.brief:
        briefs.put(tx, keys, home, brief_for(tx, keys, home, folk, now))
    for channel, address in folk.channels:
        made = households.add_contact(tx, keys, home, channel, address, now)
        households.confirm_contact(tx, keys, home, made, now)
    for channel, address in folk.unconfirmed:
        households.add_contact(tx, keys, home, channel, address, now)
    return home


def brief_for(tx: Transaction, keys: Keyring, home: str, folk: Folk, now: datetime) -> Brief:
    """Give the brief that planning would write for this household."""
    saved = households.latest(tx, keys, home)
    assert saved is not None
    return replace(
        not_reckoned(saved), word=Word.LEAVE_BY, leave_at=now + timedelta(minutes=folk.leave_in_min), place="第一小",
        hazards=folk.hazards, unknown=folk.unknown, cause=folk.cause,
    )  # fmt: skip


def order(now: datetime, **more: Any) -> Alert:
    """Give an order of the city over SQUARE."""
    given: dict[str, Any] = {
        "id": "a1", "world": WorldKind.REPLAY, "kind": AlertKind.ORDER, "areas": ("N",), "area_name": "北部",
        "audience": Audience(SQUARE), "issuer": "鶴岡市", "why": "浸水のおそれがあります", "decided_at": now,
        "expires_at": now + timedelta(hours=6), "urgency": 7, "level": 4, "hazard": Hazard.FLOOD,
    }  # fmt: skip
    return Alert(**given | more)


def keyring(folder: Any) -> Keyring:
    """Open a ring of keys of a test's own."""
    return Keyring.open(folder / "keys")


def deliveries(store: Store, alert_id: str) -> list[Any]:
    """Give the deliveries of an alert as they lie in the store."""
    query = (
        "SELECT d.channel, d.address, d.state, d.urgency, d.household, d.tries FROM delivery d "
        "JOIN notice n ON n.id = d.notice_id WHERE n.alert = :a ORDER BY d.household, d.channel, d.address"
    )
    with store.read() as tx:
        return list(tx.execute(text(query), {"a": alert_id}))
