"""How many live in an area: homes with a plan by the store's own index, their people, and the town's statistics."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from disaster_hub.store import home_points, households, statistics
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.layers import address
from disaster_hub.store.session import Transaction
from disaster_hub.store.statistics import NUMBERS, Statistic
from disaster_hub.terms.decision import Affected, EvacuationArea
from disaster_hub.terms.errors import BadInput

MANY = 400
"""From so many plans on, reading all of them is quicker than one by one."""
KEPT = 200
"""Areas whose numbers are kept."""


class Headcount:
    """The people of each plan, read once a version; what is kept is a number behind a random id."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}
        self._inside: OrderedDict[tuple[object, bytes], tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def inside(self, tx: Transaction, keys: Keyring, area: EvacuationArea) -> tuple[int, int]:
        """Give homes and people of an area; of one that was asked before, as long as no plan was saved since."""
        if area.shape is None:
            return 0, 0
        key = (home_points.stamp(tx), area.shape.wkb)
        found = self._inside.get(key)
        if found is None:
            homes = homes_in(tx, area)
            found = self._inside[key] = len(homes), self.of(tx, keys, homes)
            while len(self._inside) > KEPT:
                self._inside.popitem(last=False)
        return found

    def of(self, tx: Transaction, keys: Keyring, homes: Sequence[tuple[str, int]]) -> int:
        """Add up the people of *homes*, each a household and the number of its newest version."""
        with self._lock:
            new = {name for name, version in homes if self._known.get(name, (None, 0))[0] != version}
            if len(new) > MANY:
                read = ((name, one) for name, one in households.everyone(tx, keys) if name in new)
                self._known |= {name: (one.number, one.plan.household.people) for name, one in read}
            else:
                for name in new:
                    self._read(tx, keys, name)
            if len(self._known) > 2 * MANY + 4 * len(homes):
                numbers = households.numbers(tx)
                self._known = {name: kept for name, kept in self._known.items() if name in numbers}
            return sum(self._known[name][1] for name, _ in homes if name in self._known)

    def _read(self, tx: Transaction, keys: Keyring, name: str) -> None:
        """Read one plan; one that cannot be opened any more counts as a home without people."""
        try:
            saved = households.latest(tx, keys, name)
        except (KeyGone, BadInput):
            saved = None
        if saved is None:
            self._known.pop(name, None)
        else:
            self._known[name] = saved.number, saved.plan.household.people


_COUNTED: dict[Path, Headcount] = {}
"""One for each folder of keys that this process has open."""


def affected(tx: Transaction, areas: Sequence[EvacuationArea], keys: Keyring) -> dict[str, Affected]:
    """Say for each area how many live there; these numbers are exact, and for the headquarters alone."""
    rows = statistics.all_rows(tx)
    towns = _Towns(tx) if any(row.town for row in rows) or any(area.blocks for area in areas) else None
    return {area.code: _affected(tx, area, keys, rows, towns) for area in areas}


def inside(tx: Transaction, shape: BaseGeometry, keys: Keyring) -> Affected:
    """Say the same for any polygon; statistics are those of the 町丁目 that lie in it."""
    return affected(tx, [EvacuationArea("", "", shape, frozenset())], keys)[""]


def homes_in(tx: Transaction, area: EvacuationArea) -> list[tuple[str, int]]:
    """Give household and version of every home with a plan in an area; none where nobody knows where it lies."""
    if area.shape is None:
        return []
    return [one for one in home_points.within(tx, area.shape).inside(area.shape) if one[1] > 0]


def _affected(
    tx: Transaction, area: EvacuationArea, keys: Keyring, rows: Sequence[Statistic], towns: _Towns | None
) -> Affected:
    homes, people = _COUNTED.setdefault(keys.path, Headcount()).inside(tx, keys, area)
    found = _statistics(area, rows, towns)
    unknown = area.shape is None or (towns is not None and not towns.names.issuperset(area.blocks))
    return Affected(
        homes, people, found.numbers[0], found.numbers[1], found.numbers[2], found.as_of, found.partly or unknown
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """Statistics added up; a number is None where no row of it is known."""

    numbers: Sequence[int | None] = (None, None, None)
    as_of: date | None = None
    partly: bool = False


def _statistics(area: EvacuationArea, rows: Sequence[Statistic], towns: _Towns | None) -> _Sum:
    """Take the row of the area itself; else those of its blocks; else those of the 町丁目 that lie in it."""
    own = next((row for row in rows if area.code and row.area == area.code), None)
    if own is not None:
        return _Sum((own.households, own.people, own.elderly), own.as_of)
    of_town: dict[str, Statistic] = {}
    for row in rows:
        if row.town:
            of_town.setdefault(row.town, row)
    if not of_town:
        return _Sum()
    if area.blocks:
        return _added([of_town.get(name) for name in area.blocks])
    if area.shape is None or towns is None:
        return _Sum()
    whole, cut = towns.inside(area.shape, of_town.keys())
    found = _added([of_town[name] for name in whole])
    return _Sum(found.numbers, found.as_of, found.partly or cut)


def _added(rows: Sequence[Statistic | None]) -> _Sum:
    """Add up what is known; one that is missing makes the sum a part."""
    there = [row for row in rows if row is not None]
    if not there:
        return _Sum(partly=bool(rows))
    sums: list[int | None] = []
    partly = len(there) < len(rows)
    for name in NUMBERS:
        known = [value for row in there if (value := getattr(row, name)) is not None]
        sums.append(sum(known) if known else None)
        partly |= 0 < len(known) < len(there)
    days = [row.as_of for row in there if row.as_of is not None]
    return _Sum(sums, min(days, default=None), partly)


class _Towns:
    """The points of the loaded 町丁目: which of them lie in a shape, wholly or in part."""

    def __init__(self, tx: Transaction) -> None:
        query = select(address.c.town, address.c.koaza, address.c.geom).where(address.c.geom.is_not(None))
        rows = tx.execute(query).all()
        pairs = [(row.town or "", f"{row.town or ''}{row.koaza or ''}") for row in rows]
        self._pairs = pairs
        self._tree = shapely.STRtree([row.geom for row in rows])
        self._total = Counter(name for pair in pairs for name in set(pair))
        self.names = frozenset(self._total)

    def inside(self, shape: BaseGeometry, wanted: Collection[str]) -> tuple[list[str], bool]:
        """Give the *wanted* names of which every point lies in *shape*, and whether others are cut in two."""
        hit: Iterable[int] = self._tree.query(shape, predicate="intersects").tolist()
        mine = Counter(name for n in hit for name in set(self._pairs[n]))
        whole = [name for name in wanted if self._total[name] and mine[name] == self._total[name]]
        return whole, any(0 < mine[name] < self._total[name] for name in wanted)
