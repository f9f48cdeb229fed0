"""Plans as they stand: what threatens a home, where its people go, until when, and what changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from disaster_hub.config import Config
from disaster_hub.planning.brief import brief_of, unknown_of
from disaster_hub.planning.cause import cause_of
from disaster_hub.planning.changes import Change, change
from disaster_hub.planning.state import state_of
from disaster_hub.planning.town import Library
from disaster_hub.store import briefs, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Danger, Hazard
from disaster_hub.terms.household import Plan, PlanVersion
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Outlook
from timelines.home import dangers
from timelines.outlook import State, Town, as_of, outlook
from timelines.plan import LAST_LEVEL, refusals
from timelines.steps import leave_level


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan's outlook as it was last reckoned, for one version of the plan."""

    version: int
    at: datetime
    outlook: Outlook
    changes: tuple[Change, ...] = ()
    """Newest first; the first is what the page says."""
    cause: str = ""
    """Digest of the state in which it was reckoned."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """A saved plan with what stands before it now."""

    saved: PlanVersion
    standing: Standing
    level: int | None = None
    """The highest official level in force for this home's hazards; None is not known, or not asked."""


MOST_CHANGES = 20


class Planner:
    """Draws plans up, saves them and looks at them; one a process."""

    def __init__(self, store: Store, config: Config, library: Library, keys: Keyring) -> None:
        self.store = store
        self.config = config
        self.library = library
        self.keys = keys

    @property
    def town(self) -> Town:
        """Give the town as it was last loaded."""
        return self.library.places().town

    def dangers(self, spot: LonLat) -> tuple[Danger, ...]:
        """Say what can happen at *spot*, hazard by hazard."""
        return dangers(self.town.zones, spot)

    def state(self, now: datetime) -> tuple[State, str]:
        """Give the state of things, and the digest of what plans depend on."""
        with self.store.read() as tx:
            state = state_of(tx, self.config, now)
        return state, cause_of(self.library.places().stamp, state).digest

    def outlook(self, plan: Plan, now: datetime, start: LonLat | None = None) -> Outlook:
        """Say where the household goes, how and until when, from home or from *start*."""
        return self._reckoned(plan, self.state(now)[0], start)

    def _reckoned(self, plan: Plan, state: State, start: LonLat | None = None) -> Outlook:
        return outlook(self.town, plan.home, plan.household, state, wishes(plan), start, plan.leave_level)

    def calm(self, plan: Plan, now: datetime) -> Outlook:
        """Say the same without tonight's water, closed roads and full shelters: a plan is made for any night."""
        return self._reckoned(plan, State(now, night=True))

    def levelled(self, plan: Plan, now: datetime) -> Plan:
        """Write into the plan the level at which this household must leave: 4 only where the way leaves it the time."""
        found = self.calm(replace(plan, leave_level=LAST_LEVEL), now)
        return replace(plan, leave_level=found.leave.level or leave_level(plan.household))

    def refusals(self, plan: Plan) -> tuple[str, ...]:
        """Name the phrases that say why this plan is refused; none: it is good."""
        return refusals(self.town, plan)

    def save(self, household: str, plan: Plan, now: datetime, expected: int | None) -> PlanView:
        """Save a new version and its outlook in one commit; *expected* is the version that was edited."""
        state, cause = self.state(now)
        found = self._reckoned(plan, state)
        with self.store.write() as tx:
            saved = households.save(tx, self.keys, household, plan, now, expected)
            standing = Standing(saved.number, now, found, (), cause)
            put(tx, self.keys, saved, standing, self.unknown(plan))
        return _as_of(PlanView(saved, standing, _level(found, state)), now)

    def current(self, household: str, now: datetime) -> PlanView | None:
        """Give the plan as it stands now; None where nothing is saved yet.

        Where the state has changed and nobody has reckoned this plan anew yet, it is done here and now: whoever
        looks is never shown yesterday's minute.
        """
        with self.store.read() as tx:
            saved = households.latest(tx, self.keys, household)
            if saved is None:
                return None
            standing = get(tx, self.keys, household)
        state, cause = self.state(now)
        if standing is None or standing.version != saved.number or standing.cause != cause:
            standing = self.renew(saved, standing, self._reckoned(saved.plan, state), state, cause)
        return _as_of(PlanView(saved, standing, _level(standing.outlook, state)), now)

    def renew(self, saved: PlanVersion, old: Standing | None, found: Outlook, state: State, cause: str) -> Standing:
        """Keep what was found where it is another outlook than the old one, with one line that says what changed."""
        if old is not None and old.version == saved.number and old.outlook.digest == found.digest:
            return old
        lines: tuple[Change, ...] = ()
        if old is not None and old.version == saved.number:
            shut = self.town.streets(state.closed.intersection(_links(old.outlook)))
            lines = (change(old.outlook, found, state.now, shut), *old.changes)[:MOST_CHANGES]
        standing = Standing(saved.number, state.now, found, lines, cause)
        with self.store.write() as tx:
            put(tx, self.keys, saved, standing, self.unknown(saved.plan))
        return standing

    def unknown(self, plan: Plan) -> frozenset[Hazard]:
        """Name the hazards of which no zone is loaded around a home: nobody knows whether it lies in one."""
        return unknown_of(self.dangers(plan.home.spot))


def _links(found: Outlook) -> tuple[str, ...]:
    way = found.first.way if found.first is not None else None
    return way.links if way is not None else ()


def _as_of(view: PlanView, now: datetime) -> PlanView:
    """Let the word be that of this minute: a minute that has passed is no minute to leave any more."""
    found = view.standing.outlook
    leave = as_of(found.leave, now)
    if leave is found.leave:
        return view
    return replace(view, standing=replace(view.standing, outlook=replace(found, leave=leave)))


def _level(found: Outlook, state: State) -> int | None:
    """Give the highest level that concerns the home: of the hazards that it lies in, of all where it lies in none."""
    levels = [w.level for w in state.waters if not found.hazards or w.hazard in found.hazards]
    return max((level for level in levels if level is not None), default=None)


def wishes(plan: Plan) -> tuple[Any, Any]:
    """Give the places that the household itself chose."""
    return plan.first, plan.second


def put(
    tx: Transaction, keys: Keyring, saved: PlanVersion, standing: Standing, unknown: Collection[Hazard] = ()
) -> None:
    """Write a standing, sealed, under a mark that tells only whether it is still the same; and its brief beside it."""
    same = mark(keys, saved.household, standing.version, standing.outlook)
    households.put_outlook(tx, keys, saved.household, msgspec.json.encode(standing), same)
    briefs.put(tx, keys, saved.household, brief_of(saved, standing.outlook, standing.cause, unknown))


def mark(keys: Keyring, household: str, version: int, outlook: Outlook) -> str:
    """Give a mark of one outlook that says nothing to whoever has not the household's key."""
    said = f"{version} {outlook.digest}".encode()
    return hashlib.blake2b(said, key=keys.key(household), digest_size=16).hexdigest()


def get(tx: Transaction, keys: Keyring, household: str) -> Standing | None:
    """Read a standing back; None where there is none that can be read: it is reckoned anew then."""
    try:
        body = households.outlook(tx, keys, household)
        return None if body is None else msgspec.json.decode(body, type=Standing)
    except (BadInput, msgspec.DecodeError):
        return None
