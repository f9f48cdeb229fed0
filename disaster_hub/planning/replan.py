"""Plans stay true: when water, a road or a shelter changes, the affected ones are reckoned anew; the others rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from timelines.outlook import Asked, State, outlooks

from disaster_hub.planning.changes import Change, change
from disaster_hub.planning.plans import MOST_CHANGES, Planner, Standing, get, mark, put, wishes
from disaster_hub.planning.state import keep_waters, state_of
from disaster_hub.store import households, journal
from disaster_hub.terms.household import PlanVersion
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.way import Outlook

log = logging.getLogger(__name__)
BATCH = 500
"""Plans written in one commit: nobody waits long for the store."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What plans are reckoned in, without the time of day: as long as it stays the same, so do they."""

    places: str
    closed: frozenset[str]
    shelters: tuple[tuple[str, str], ...]
    waters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What one round did."""

    looked_at: int
    changed: int


class Replanner:
    """Looks whether anything changed and reckons the affected plans anew; one a world, in the clock."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._before: Cause | None = None
        self._state: State | None = None
        self._one_at_a_time = threading.Lock()

    def run(self, now: datetime) -> Done:
        """Do one round. Killed anywhere, the next round does the rest: an outlook that is right is not written."""
        with self._one_at_a_time:
            return self._run(now)

    def _run(self, now: datetime) -> Done:
        planner = self.planner
        places = planner.library.places()
        with planner.store.read() as tx:
            state = state_of(tx, planner.config, now)
        cause = _cause(places.stamp, state)
        if cause == self._before:
            return Done(0, 0)
        with planner.store.write() as tx:
            keep_waters(tx, state.waters)
        closed = self._just_closed(state)
        with planner.store.read() as tx:
            everyone = households.everyone(tx, planner.keys)
            looked_at = changed = 0
            while batch := list(islice(everyone, 20 * BATCH)):
                looked_at += len(batch)
                changed += self._batch(batch, state, closed)
        self._before, self._state = cause, state
        if changed:
            with planner.store.write() as tx:
                said = f"{changed} of {looked_at} plans reckoned anew"
                journal.add(tx, JournalEntry(now, "plans_changed", "clock", said))
        return Done(looked_at, changed)

    def _just_closed(self, state: State) -> Mapping[str, str]:
        """Name the street of each link that was open a round ago."""
        before = self._state.closed if self._state is not None else frozenset()
        return self.planner.town.streets(state.closed - before)

    def _batch(self, batch: Sequence[tuple[str, PlanVersion]], state: State, closed: Mapping[str, str]) -> int:
        """Reckon a batch; write those whose outlook is another than before."""
        asked = [Asked(v.plan.home, v.plan.household, wishes(v.plan), v.plan.leave_level) for _, v in batch]
        found = outlooks(self.planner.town, asked, state)
        with self.planner.store.read() as tx:
            marks = households.marks(tx, [household for household, _ in batch])
        new = [
            (household, version, outlook)
            for (household, version), outlook in zip(batch, found, strict=True)
            if marks.get(household) != mark(self.planner.keys, household, version.number, outlook)
        ]
        for part in _parts(new):
            self._write(part, state.now, closed)
        return len(new)

    def _write(
        self, part: Sequence[tuple[str, PlanVersion, Outlook]], now: datetime, closed: Mapping[str, str]
    ) -> None:
        keys = self.planner.keys
        with self.planner.store.write() as tx:
            for household, version, outlook in part:
                old = get(tx, keys, household)
                lines: tuple[Change, ...] = ()
                if old is not None:
                    lines = old.changes
                if old is not None and old.version == version.number:
                    lines = (change(old.outlook, outlook, now, closed), *old.changes)[:MOST_CHANGES]
                put(tx, keys, household, Standing(version.number, now, outlook, lines))


def _cause(places: str, state: State) -> Cause:
    waters = tuple(repr(replace(w, issued_at=None)) for w in state.waters)
    shelters = tuple(sorted((name, kind.value) for name, kind in state.shelters.items()))
    return Cause(places, state.closed, shelters, waters)


def _parts(rows: Iterable[tuple[str, PlanVersion, Outlook]]) -> Iterable[list[tuple[str, PlanVersion, Outlook]]]:
    walk = iter(rows)
    while part := list(islice(walk, BATCH)):
        yield part
