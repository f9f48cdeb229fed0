"""Households, briefs and alerts for the board of those who have not answered."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from disaster_hub.store import alerts, briefs, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertAnswer, AlertKind, AlertState, Audience, Because, Brief, Told
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import WorldKind

LON, LAT = 139.30, 38.90


def brief(word: Word = Word.LEAVE_BY, at: datetime | None = None, **more) -> Brief:
    return Brief(1, "ja", word, at, place="みなも第1小学校", **more)


def home(tx: Transaction, keys: Keyring, now: datetime, said: Brief | None, spot: int = 0, **plan) -> str:
    """Make one household with a plan and, where *said* is given, its brief."""
    place = LonLat(LON + spot % 100 * 1e-4, LAT + spot // 100 * 1e-4)
    made = Plan(Home(place, f"みなも市架空町{spot}番地"), Household(people=2), **plan)
    name = households.create(tx, keys, made, now).household
    if said is not None:
        briefs.put(tx, keys, name, said)
    return name


def order(tx: Transaction, now: datetime, name: str = "", **more) -> Alert:
    one = Alert(
        name or secrets.token_hex(8), WorldKind.REPLAY, AlertKind.ORDER, ("N",), "北部", Audience(), "みなも市",
        "水位が上がっています", now, now + timedelta(hours=6), 7, 4, Hazard.FLOOD, state=AlertState.SPREAD,
    )  # fmt: skip
    one = replace(one, **more)
    alerts.add(tx, one)
    return one


def tell(
    tx: Transaction, keys: Keyring, alert: Alert, homes: Collection[str], because: Because = Because.CHOSEN
) -> None:
    """Tell them as the spread does: the brief of that moment is kept with the alert."""
    held = briefs.rows(tx, list(homes))
    rows = []
    for name in homes:
        token = briefs.token_hash(briefs.answer_token(keys.key(name), alert.id))
        rows.append(Told(alert.id, name, because, 1, held.get(name), token))
    alerts.tell(tx, rows)


def say(tx: Transaction, alert: Alert, name: str, word: str, at: datetime) -> None:
    alerts.answer(tx, AlertAnswer(secrets.token_hex(8), alert.id, name, word, at, at, "link"))
