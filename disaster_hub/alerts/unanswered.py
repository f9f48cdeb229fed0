"""The board of those who have not answered, kept in memory and brought up to date by what has changed since."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from disaster_hub.alerts import lapsed
from disaster_hub.rules.unanswered import HELP, Unheard, Window, asks, minute_of, ranked, settled
from disaster_hub.store import alerts, briefs, drawn_areas, evacuation_areas, home_points
from disaster_hub.store import unanswered as facts
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Brief
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Need
from disaster_hub.terms.way import Word

OLDEST = timedelta(seconds=3)
"""Minutes on the board are never older, while plans are reckoned again without an end."""
Places = dict[str, list[EvacuationArea]]
SLOW = frozenset({Need.CARE, Need.ELDER, Need.INFANT, Need.PREGNANT})
ENDS = frozenset({AlertKind.LIFT, AlertKind.CALM})
CLOSING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Asking:
    """One alert in force that wants an answer, and the first of its chain."""

    alert: Alert
    root: str


@dataclass(frozen=True, slots=True)
class Board:
    """What the board says at one moment."""

    now: datetime
    asking: Sequence[Asking]
    rows: Sequence[Unheard]
    """Whoever has not answered, least minutes first."""
    help: Sequence[Unheard]
    """Whoever asked for help, least minutes first: they stand above everybody."""
    answered: Mapping[str, int]
    """Households by the newest word they gave; one that is asked again by a higher order stands among the rows."""
    asked: int
    """Households that were asked."""
    areas: Mapping[str, int]
    """Unanswered households by evacuation area."""
    names: Mapping[str, str]
    """Area → name."""
    said: Mapping[str, str]
    """Household → the newest word that it gave, of those that were asked."""
    settled: bool = True
    """False while plans are reckoned for a new state: a minute may still be that of the state before."""

    def buckets(self) -> dict[str, int]:
        """Count by how pressing it is: `shut`, `not_known`, `closing` (half an hour), `open`, `stays`."""
        found: Counter[str] = Counter()
        for one in self.rows:
            window = one.window(self.now)
            soon = window is Window.OPEN and one.minute is not None and one.minute - self.now <= CLOSING
            found["closing" if soon else window.value] += 1
        return dict(found)

    @property
    def unreached(self) -> int:
        """Count those whom no message reached."""
        return sum(one.unreached for one in self.rows)

    def least(self) -> Unheard | None:
        """Give the one whose window shuts next and is not shut yet; where none is open, the first."""
        rows = [one for one in self.rows if one.window(self.now) in {Window.OPEN, Window.NOT_KNOWN}]
        return rows[0] if rows else (self.rows[0] if self.rows else None)

    def of(self, area: str | None) -> list[Unheard]:
        """Give the rows of one area; of all where none is asked for."""
        return [one for one in self.rows if area in {None, one.area}]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a household's brief."""

    mark: bytes
    minute: datetime | None
    word: Word | None
    needs: bool
    named: bool
    upstairs: bool = False


class Unanswered:
    """The board of one process; safe to ask from several threads."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self._lock = threading.Lock()
        self._told: dict[str, tuple[object, list[tuple[str, bool]]]] = {}
        self._newest_of: tuple[object, dict[str, tuple[Asking, bool]]] = ((), {})
        self._answers: tuple[object, dict[str, tuple[str, datetime]]] = ((), {})
        self._failed: tuple[object, set[str]] = ((), set())
        self._areas: tuple[object, Places, dict[str, str]] = ((), {}, {})
        self._known: dict[str, _Known] = {}
        self._last: dict[str, datetime | None] = {}
        self._read: tuple[object, datetime | None] = ((), None)
        self._made: dict[str, tuple[object, Unheard]] = {}

    def board(self, tx: Transaction, now: datetime) -> Board:
        """Put the board together as of *now*."""
        with self._lock:
            asking, over = in_force(tx, now)
            names = [one.alert.id for one in asking]
            homes, words = self._places(tx, asking)
            newest = self._newest(tx, asking, over, homes)
            said = self._said(tx, names)
            failed = self._failures(tx, names)
            waiting = {
                name: held for name, held in newest.items() if not _done(said.get(name), held[0].alert.decided_at)
            }
            self._open(tx, waiting, now)
            found = self._rows(waiting, homes, failed)
            right = briefs.stand(tx) is not None
        calling = {name for name in waiting if said.get(name, ("", None))[0] == HELP}
        rows = ranked((one for one in found if one.household not in calling), now)
        helped = ranked((one for one in found if one.household in calling), now)
        heard = {name: said[name][0] for name in newest if name in said}
        areas = Counter(one.area for one in rows)
        counted = dict(Counter(word for name, word in heard.items() if name not in waiting or name in calling))
        return Board(now, asking, rows, helped, counted, len(newest), dict(areas), words, heard, right)

    def _newest(
        self,
        tx: Transaction,
        asking: Sequence[Asking],
        over: Sequence[tuple[Alert, str]],
        homes: Mapping[str, Sequence[EvacuationArea]],
    ) -> dict[str, tuple[Asking, bool]]:
        """Give for each household the newest alert that asked it, and whether there is no channel to it."""
        names = [one.alert.id for one in asking]
        lifts = [one.id for one, _ in over]
        counts = {str(row[0]): row[1] for row in facts.stamp_told(tx, [*names, *lifts])}
        self._told = {name: held for name, held in self._told.items() if name in names or name in lifts}
        for name in (*names, *lifts):
            if name not in self._told or self._told[name][0] != counts.get(name):
                self._told[name] = counts.get(name), facts.told(tx, name)
        gone = {one.alert.id: lapsed.areas(tx, one.alert) for one in asking}
        stamp = (
            tuple((one.alert.id, one.root, gone[one.alert.id]) for one in asking), tuple(lifts),
            tuple(sorted(counts.items())), self._areas[0],
        )  # fmt: skip
        if self._newest_of[0] == stamp:
            return self._newest_of[1]
        free = {root: {home for home, _ in self._told[one.id][1]} for one, root in over}
        found: dict[str, tuple[Asking, bool]] = {}
        for one in sorted(asking, key=lambda a: (a.alert.decided_at, a.alert.id)):
            freed = free.get(one.root, set())
            for name, bare in self._told[one.alert.id][1]:
                if name not in freed and not lapsed.over(one.alert, homes.get(name, ()), gone[one.alert.id]):
                    found[name] = one, bare
        self._newest_of = stamp, found
        return found

    def _said(self, tx: Transaction, names: Collection[str]) -> dict[str, tuple[str, datetime]]:
        stamp = (tuple(names), facts.stamp_answers(tx, names))
        if self._answers[0] != stamp:
            self._answers = stamp, {name: (word, at) for name, word, at in facts.answers(tx, names)}
        return self._answers[1]

    def _failures(self, tx: Transaction, names: Collection[str]) -> set[str]:
        stamp = (tuple(names), facts.stamp_sent(tx, names))
        if self._failed[0] != stamp:
            self._failed = stamp, facts.unreached(tx, names)
        return self._failed[1]

    def _places(self, tx: Transaction, asking: Sequence[Asking]) -> tuple[Places, dict[str, str]]:
        """Give the areas that each home lies in, those drawn for an alert among them, and their names."""
        drawn = drawn_areas.of(tx, {code for one in asking for code in one.alert.areas})
        names = evacuation_areas.names(tx) | {code: area.name for code, area in drawn.items()}
        stamp = (home_points.stamp(tx), tuple(sorted(names.items())))
        if self._areas[0] != stamp:
            found: Places = {}
            for area in (*evacuation_areas.all_areas(tx), *drawn.values()):
                if area.shape is not None:
                    for home, _ in home_points.within(tx, area.shape).inside(area.shape):
                        found.setdefault(home, []).append(area)
            self._areas = stamp, found, names
        return self._areas[1], self._areas[2]

    def _open(self, tx: Transaction, waiting: Mapping[str, Any], now: datetime) -> None:
        """Open the briefs that are new or were made anew; whoever has answered need not be opened."""
        stamp = (briefs.stand(tx), self._areas[0])
        fresh = self._read[1] is not None and self._read[0] == stamp and timedelta(0) <= now - self._read[1] < OLDEST
        wanted = [name for name in waiting if name not in self._known] if fresh else list(waiting)
        if not wanted:
            return
        new: dict[str, bytes] = {}
        for name, sealed in briefs.rows(tx, wanted).items():
            mark = b"" if sealed is None else blake2b(sealed, digest_size=12).digest()
            known = self._known.get(name)
            if sealed is not None and (known is None or known.mark != mark):
                new[name] = sealed
            elif sealed is None:
                self._known[name] = _Known(b"", None, None, needs=False, named=False)
        self._keep(new)
        if len(wanted) == len(waiting):
            self._read = stamp, now
        self._shut(tx, [name for name in wanted if name in waiting], waiting)
        self._known = {name: held for name, held in self._known.items() if name in waiting}

    def _keep(self, new: Mapping[str, bytes]) -> None:
        rings = self.keys.some(list(new))
        for name, sealed in new.items():
            brief = _opened(rings.get(name), name, sealed)
            mark = blake2b(sealed, digest_size=12).digest()
            if brief is None:
                self._known[name] = _Known(mark, None, None, needs=False, named=False)
                continue
            needs = bool(SLOW & set(brief.needs))
            safe = brief.upstairs_ok is True
            self._known[name] = _Known(mark, minute_of(brief), brief.word, needs, brief.helper, safe)

    def _shut(self, tx: Transaction, names: Collection[str], waiting: Mapping[str, tuple[Asking, bool]]) -> None:
        """Of those whose window shut, find the minute that they were told: who had the least stands on top."""
        lost: dict[str, set[str]] = {}
        for name in names:
            held = self._known.get(name)
            if held is not None and held.word is Word.GO_UP and held.minute is None and name not in self._last:
                lost.setdefault(waiting[name][0].alert.id, set()).add(name)
        for alert, homes in lost.items():
            rings = self.keys.some(list(homes))
            for name, sealed in facts.sealed(tx, alert, homes):
                self._last[name] = minute_of(_opened(rings.get(name), name, sealed))

    def _rows(
        self,
        waiting: Mapping[str, tuple[Asking, bool]],
        homes: Mapping[str, Sequence[EvacuationArea]],
        failed: Collection[str],
    ) -> list[Unheard]:
        """Give the lines; those of which nothing has changed are the same as a moment ago."""
        made: dict[str, tuple[object, Unheard]] = {}
        for name, (asking, bare) in waiting.items():
            known = self._known.get(name)
            unreached, area = bare or name in failed, _area(asking.alert, homes.get(name, ()))
            stamp = (asking.alert.id, asking.root, known, unreached, area)
            kept = self._made.get(name)
            made[name] = kept if kept is not None and kept[0] == stamp else (stamp, self._row(name, stamp))
        self._made = made
        return [row for _, row in made.values()]

    def _row(self, name: str, stamp: tuple[str, str, _Known | None, bool, str]) -> Unheard:
        alert, root, known, unreached, area = stamp
        if known is None:
            return Unheard(name, alert, root, area, None, None, unreached)
        lost = known.word is Word.GO_UP and known.minute is None
        minute = self._last.get(name) if lost else known.minute
        return Unheard(name, alert, root, area, minute, known.word, unreached, known.needs, known.named, known.upstairs)


def in_force(tx: Transaction, now: datetime) -> tuple[list[Asking], list[tuple[Alert, str]]]:
    """Give the alerts that want an answer and are not over, and those that ended a part of one, with its first alert.

    A lift counts longer than it is sent: an order does not come back because the time of its lift has passed.
    """
    found = [one for one in alerts.in_force(tx, now) if asks(one)]
    known = {one.id: one for one in found}
    asking = [Asking(one, root_of(tx, one, known)) for one in found]
    over: list[tuple[Alert, str]] = []
    ended: set[str] = set()
    for one in asking:
        for later in alerts.after(tx, one.alert.id):
            if later.kind is AlertKind.CANCEL or (later.kind in ENDS and _whole(later, known.get(one.root, one.alert))):
                ended.add(one.root)
            elif later.kind in ENDS:
                over.append((later, one.root))
        if lapsed.wholly(tx, one.alert):
            ended.add(one.root)
    return [one for one in asking if one.root not in ended], over


def root_of(tx: Transaction, one: Alert, known: Mapping[str, Alert]) -> str:
    """Give the first alert of a chain."""
    seen = {one.id}
    while one.earlier and one.earlier not in seen:
        seen.add(one.earlier)
        before = known.get(one.earlier) or alerts.find(tx, one.earlier)
        if before is None:
            break
        one = before
    return one.id


def _whole(lift: Alert, first: Alert) -> bool:
    """Tell whether a lift ends a chain as a whole, or only for the areas that it names."""
    return set(lift.areas) >= set(first.areas)


def _area(alert: Alert, lies_in: Sequence[EvacuationArea]) -> str:
    """Give the area that the alert names, else one for its hazard: a home lies in several, and one line says one."""
    order = sorted(lies_in, key=lambda one: (one.code not in alert.areas, alert.hazard not in one.hazards))
    return order[0].code if order else ""


def _done(said: tuple[str, datetime] | None, asked_at: datetime) -> bool:
    return said is not None and settled(said[0], said[1], asked_at)


def _opened(key: bytes | None, name: str, sealed: bytes) -> Brief | None:
    try:
        return None if key is None else briefs.opened_brief(key, name, sealed)
    except BadInput:
        return None
