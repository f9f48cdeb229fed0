"""Plans stay true: when water, a road or a shelter changes, the affected ones are reckoned anew; the others rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.planning.cause import Cause, cause_of
from disaster_hub.planning.plans import Planner, get, mark, put, wishes
from disaster_hub.planning.state import keep_waters, state_of
from disaster_hub.planning.town import Library
from disaster_hub.store import briefs, households, journal
from disaster_hub.store.households import NoHousehold
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import PlanVersion
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.way import Outlook
from timelines.outlook import Asked, RouteTable, State, outlooks, route_table

PART, FIRST_PART = 250, 50
"""Plans that are reckoned at a time; the first ones fewer, so that messages to them need not wait for the rest."""
SLICE_S = 2.0
"""How long one round works at most, in seconds of the machine: the clock has feeds to read besides."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one round did."""

    looked_at: int
    changed: int
    waiting: int
    """Plans that the next rounds will look at."""


class Replanner:
    """Looks whether anything changed and reckons the affected plans anew; one a world, in the clock.

    Everything in here is memory that can be lost: a new one looks at all plans once, and writes what is not right.
    """

    def __init__(self, planner: Planner, slice_s: float = SLICE_S) -> None:
        self.planner = planner
        self.slice_s = slice_s
        self._roll: dict[str, PlanVersion] = {}
        self._named: dict[str, frozenset[str]] = {}
        """The shelters that each household's outlook names."""
        self._table: tuple[list[str], RouteTable] | None = None
        self._before: Cause | None = None
        self._waiting: dict[str, None] = {}
        self._changed = 0
        self._stands = ""
        """Digest of the state for which all plans are written to be right."""
        self._one_at_a_time = threading.Lock()

    def run(self, now: datetime) -> Done:
        """Do one round. Killed anywhere, the next one does the rest: what is right already is not written."""
        with self._one_at_a_time:
            return self._run(now)

    def _run(self, now: datetime) -> Done:
        planner = self.planner
        with planner.store.read() as tx:
            state = state_of(tx, planner.config, now)
            fresh = self._read_roll(tx)
            stood = briefs.stand(tx)
        cause = cause_of(planner.library.places().stamp, state)
        if cause != self._before:
            # Who is started anew finds right what the one before has left right: it only looks at it again.
            self._stands = cause.digest if self._before is None and stood == cause.digest else ""
            with planner.store.write() as tx:
                keep_waters(tx, state.waters)
                if not self._stands:
                    briefs.put_stand(tx, "", now)  # before the first plan changes: it may be that of the state before
                    briefs.put_so_far(tx, cause.digest, "", now)
            self._wait(self._affected(cause))
            self._before = cause
        elif fresh:
            self._wait(fresh)
        looked_at, changed = self._work(state, cause.digest, now)
        self._changed += changed
        if not self._waiting and (self._changed or self._stands != cause.digest):
            with planner.store.write() as tx:
                briefs.put_stand(tx, cause.digest, now)
                if self._changed:
                    said = f"住民の計画{self._changed}件を計算し直しました（全{len(self._roll)}件）"
                    journal.add(tx, JournalEntry(now, "plans_changed", "clock", said))
            self._changed, self._stands = 0, cause.digest
        return Done(looked_at, changed, len(self._waiting))

    def _read_roll(self, tx: Transaction) -> list[str]:
        """Bring the roll up to date; give the households whose plan is new or was changed."""
        numbers = households.numbers(tx)
        for gone in self._roll.keys() - numbers.keys():
            del self._roll[gone]
            self._named.pop(gone, None)
            self._waiting.pop(gone, None)
        fresh = [name for name, number in numbers.items() if _number(self._roll.get(name)) != number]
        if len(fresh) > PART:
            wanted = set(fresh)
            found = {name: one for name, one in households.everyone(tx, self.planner.keys) if name in wanted}
        else:
            found = {name: one for name in fresh if (one := self._newest(tx, name))}
        self._roll |= found
        for name in found:
            self._named.pop(name, None)
        if found:
            self._table = None
        return list(found)

    def _newest(self, tx: Transaction, name: str) -> PlanVersion | None:
        """Read one plan; one that cannot be opened any more does not keep the others from being reckoned."""
        try:
            return households.latest(tx, self.planner.keys, name)
        except (KeyGone, BadInput):
            return None

    def _affected(self, cause: Cause) -> Collection[str]:
        """Name whom the change can concern; all, where it cannot be narrowed down."""
        before = self._before
        if before is None:
            return list(self._roll)
        closed = cause.only_roads_closed(before)
        if closed is not None and self._table is not None:
            names, table = self._table
            numbers = self.planner.town.roads.number
            hit = table.affected([numbers[link] for link in closed if link in numbers])
            return [names[home] for home in hit]
        shut = cause.only_shelters_shut(before)
        if shut is not None:
            return [name for name in self._roll if name not in self._named or self._named[name] & shut]
        return list(self._roll)

    def _wait(self, names: Collection[str]) -> None:
        """Let these be looked at with those that wait already, in the order of their ids: others follow behind."""
        self._waiting = dict.fromkeys(sorted({*self._waiting, *names}))

    def _work(self, state: State, cause: str, now: datetime) -> tuple[int, int]:
        """Reckon what waits, for a while; then see to the table of routes, which the next closed road needs."""
        until = time.monotonic() + self.slice_s
        looked_at = changed = 0
        while self._waiting and time.monotonic() < until:
            size = PART if looked_at else min(PART, FIRST_PART)
            part = [name for name, _ in zip(self._waiting, range(size), strict=False)]
            changed += self._part([self._roll[name] for name in part if name in self._roll], state, cause)
            looked_at += len(part)
            if changed:
                self._table = None  # it has the ways of before, until all that waits is done, in whatever round
            for name in part:
                self._waiting.pop(name, None)
            if self._waiting and self._stands != cause:
                with self.planner.store.write() as tx:
                    briefs.put_so_far(tx, cause, part[-1], now)
        if not self._waiting and self._table is None:
            names = list(self._roll)
            self._table = names, route_table(self.planner.town, [_asked(self._roll[n]) for n in names], state)
        return looked_at, changed

    def _part(self, part: Sequence[PlanVersion], state: State, cause: str) -> int:
        """Reckon some plans; write those whose outlook is another than before."""
        found = outlooks(self.planner.town, [_asked(one) for one in part], state)
        with self.planner.store.read() as tx:
            marks = households.marks(tx, [one.household for one in part])
            for name in briefs.missing(tx, [one.household for one in part]):
                marks.pop(name, None)
        changed = 0
        for one, outlook in zip(part, found, strict=True):
            self._named[one.household] = frozenset(_shelters(outlook))
            try:
                changed += self._renewed(one, outlook, state, cause, marks.get(one.household))
            except (KeyGone, NoHousehold):
                continue  # deleted while we reckoned: there is nothing left to keep right
        return changed

    def _renewed(self, one: PlanVersion, outlook: Outlook, state: State, cause: str, there: str | None) -> bool:
        """Write one plan's outlook where it is not there already."""
        keys = self.planner.keys
        if there == mark(keys, one.household, one.number, outlook):
            return False
        with self.planner.store.read() as tx:
            old = get(tx, keys, one.household)
        if old is not None and (old.version, old.outlook.digest) == (one.number, outlook.digest):
            with self.planner.store.write() as tx:  # only its brief was missing
                put(tx, keys, one, old, self.planner.unknown(one.plan))
            return False
        self.planner.renew(one, old, outlook, state, cause)
        return True


def replanner(store: Store, config: Config) -> Replanner:
    """Give the replanner of one world."""
    return Replanner(Planner(store, config, Library(store, config), Keyring.open(config.keys.folder)))


def _asked(one: PlanVersion) -> Asked:
    plan = one.plan
    return Asked(plan.home, plan.household, wishes(plan), plan.leave_level)


def _number(one: PlanVersion | None) -> int | None:
    return None if one is None else one.number


def _shelters(found: Outlook) -> Iterable[str]:
    """Name the shelters that an outlook speaks of."""
    for choice in (found.first, found.second, *found.others):
        if choice is not None and choice.destination.shelter is not None:
            yield choice.destination.shelter
