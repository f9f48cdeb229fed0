"""Each household's own latest minute, for any number of plans at once; kept as long as nothing happens.

What a plan's page says depends on the time of day: when its minute has passed it says "up". Here the same reckoning is
asked as of long before the water, so that every household has its minute, whether that is still to come or has passed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from disaster_hub.planning.cause import cause_of
from disaster_hub.planning.plans import Planner, wishes
from disaster_hub.planning.state import state_of
from disaster_hub.store import households
from disaster_hub.store.keyring import KeyGone
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import DELIVERY_MIN
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Kind, Plan
from disaster_hub.terms.way import Basis, Outlook, Water, Word
from timelines.outlook import Asked, State, leavings

BEFORE = timedelta(days=3)
"""How long before the first water everybody is asked to be still at home."""
CALM = datetime(2000, 1, 1, tzinfo=UTC)
LAST_LEVEL = 4
"""At level 5 nobody is sent out any more; for the minutes that were, the word before it counts."""
PART = 5000
MANY = 400


@dataclass(frozen=True, slots=True)
class Leaving:
    """One household's own figures; nothing of it says who they are."""

    goes: bool
    """It must leave: it is in a zone, or nobody knows, and it may not stay upstairs."""
    hazards: frozenset[Hazard]
    by: Hazard | None = None
    """Whose water ends its way."""
    walk_out: datetime | None = None
    """The latest minute to walk out of the door; None: nobody has said when water comes, or there is no way."""
    prepare_min: int = 0
    stuck: bool = False
    """No way stays dry, whenever it sets out."""

    @property
    def issue(self) -> datetime | None:
        """Give the latest minute at which the order may come: told, made ready, out of the door."""
        if self.walk_out is None:
            return None
        return self.walk_out - timedelta(minutes=self.prepare_min + DELIVERY_MIN)

    def late(self, now: datetime) -> bool:
        """Tell whether this household would not arrive dry if the order came *now*."""
        return self.stuck or (self.issue is not None and self.issue < now)


class HouseholdMinutes:
    """The minutes of every plan that was asked for; one a process, safe to ask from several threads."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._plans: dict[str, tuple[int, Plan]] = {}
        self._found: dict[str, tuple[int, Leaving]] = {}
        self._cause = ""
        self._state: State | None = None
        self._lock = threading.Lock()

    def of(self, homes: Iterable[tuple[str, int]], now: datetime) -> Mapping[str, Leaving]:
        """Give the figures of *homes* (household and newest version); what cannot be opened is left out."""
        with self._lock:
            with self.planner.store.read() as tx:
                state = state_of(tx, self.planner.config, now)
                cause = cause_of(self.planner.library.places().stamp, state).digest
                if cause != self._cause or self._state is None:
                    self._found, self._cause, self._state = {}, cause, early(state)
                wanted = dict(homes)
                new = [name for name, number in wanted.items() if self._found.get(name, (None, 0))[0] != number]
                self._read(tx, {name: wanted[name] for name in new})
            for start in range(0, len(new), PART):
                self._reckon([name for name in new[start : start + PART] if name in self._plans], self._state)
            return {name: self._found[name][1] for name in wanted if name in self._found}

    def _read(self, tx: Transaction, wanted: Mapping[str, int]) -> None:
        missing = {name for name, number in wanted.items() if self._plans.get(name, (None, None))[0] != number}
        if len(missing) > MANY:
            every = households.everyone(tx, self.planner.keys)
            self._plans |= {name: (one.number, one.plan) for name, one in every if name in missing}
            return
        for name in missing:
            self._plans.pop(name, None)
            self._found.pop(name, None)
            try:
                saved = households.latest(tx, self.planner.keys, name)
            except (KeyGone, BadInput):
                continue
            if saved is not None:
                self._plans[name] = saved.number, saved.plan

    def _reckon(self, names: list[str], state: State) -> None:
        plans = [self._plans[name] for name in names]
        asked = [Asked(plan.home, plan.household, wishes(plan), plan.leave_level) for _, plan in plans]
        found = leavings(self.planner.town, asked, state)
        for name, (number, plan), outlook in zip(names, plans, found, strict=True):
            self._found[name] = number, leaving(outlook, plan.household.prepare_min)


def early(state: State) -> State:
    """Give the same state as seen long before its first water, with nobody told to stay in because it is too late."""
    waters = tuple(replace(_told(w, state.now), level=_capped(w.level)) for w in state.waters)
    zeros = [w.zero for w in waters if w.zero is not None]
    return replace(state, now=min(zeros, default=CALM) - BEFORE, waters=waters)


def _told(water: Water, now: datetime) -> Water:
    """Give a zero hour to a water that is there already and of which nobody said since when."""
    if water.zero is None and water.basis is Basis.REACHED:
        return replace(water, zero=now - timedelta(days=1))
    return water


def _capped(level: int | None) -> int | None:
    return None if level is None else min(level, LAST_LEVEL)


def leaving(found: Outlook, prepare_min: int) -> Leaving:
    """Read one outlook that was reckoned as of long before."""
    leave, hazards = found.leave, frozenset(found.hazards)
    upstairs = found.first is not None and found.first.destination.kind is Kind.UPSTAIRS and found.upstairs.allowed
    if leave.word is Word.STAY or upstairs:
        return Leaving(False, hazards)
    by = leave.water.hazard if leave.water is not None else None
    at = leave.at if leave.word is Word.LEAVE_BY else leave.until if leave.word is Word.LEAVE_NOW else None
    return Leaving(True, hazards, by, at, prepare_min, leave.word is Word.GO_UP)
