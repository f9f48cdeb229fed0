"""How many plans name a shelter, from the outlooks as they stand: a few at a time, and rounded."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.planning import plans, veil
from disaster_hub.store import households, journal
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Transaction

SLICE_S = 0.4
RENEWED = re.compile(r"住民の計画(\d+)件を計算し直しました（全(\d+)件）")


@dataclass(frozen=True, slots=True)
class Renewed:
    """What the clock did after a shelter changed."""

    at: datetime
    changed: int
    all: int


class Named:
    """The shelters of each plan's first and second choice; what is kept are names behind a random id and its mark."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def count(self, tx: Transaction, keys: Keyring, slice_s: float = SLICE_S) -> tuple[Counter[str], bool]:
        """Count the plans by shelter; False beside it where some plans are not looked at yet."""
        with self._lock:
            marks = households.marks(tx)
            for gone in self._known.keys() - marks.keys():
                del self._known[gone]
            until, whole = time.monotonic() + slice_s, True
            for household, mark in marks.items():
                if self._known.get(household, ("",))[0] == mark:
                    continue
                if time.monotonic() > until:
                    whole = False
                    break
                self._known[household] = mark, _named(tx, keys, household)
            return Counter(name for _, names in self._known.values() for name in names), whole


def said(number: int) -> str:
    """Say a number of plans so that no single household is behind it."""
    return f"{veil.ENTER}件未満" if number < veil.ENTER else f"約{number // veil.STEP * veil.STEP}件"


def renewed(tx: Transaction, since: datetime) -> Renewed | None:
    """Give the newest round of the clock since *since* in which plans changed; None where there was none yet."""
    for entry in journal.entries(tx, limit=1, since=since, kinds=("plans_changed",)):
        found = RENEWED.match(entry.what)
        if found:
            return Renewed(entry.at, int(found[1]), int(found[2]))
    return None


def _named(tx: Transaction, keys: Keyring, household: str) -> frozenset[str]:
    try:
        standing = plans.get(tx, keys, household)
    except KeyGone:
        standing = None
    if standing is None:
        return frozenset()
    found = standing.outlook
    choices = (choice for choice in (found.first, found.second) if choice is not None)
    return frozenset(choice.destination.shelter for choice in choices if choice.destination.shelter)
