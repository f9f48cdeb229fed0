"""How many plans there are, for the city: by town, by hazard, with a channel or without, reviewed or old; and no more.

Every number goes through the veil (`planning.veil`) before anybody sees it, page, file and map layer alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely

from disaster_hub.planning import veil
from disaster_hub.store import household_counts, households, places, tallies
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.store.tallies import Tally
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import PlanVersion
from disaster_hub.terms.place import LonLat
from timelines.home import ZoneIndex

ALL, TOWNS, CHANNEL, REVIEW = "all", "towns", "channel", "review"
ELSEWHERE = ""
"""The row of homes that lie near no town that is loaded."""
NEAR_DEG = 0.03
"""About 3 km: a home further from every address point is in no town that we know."""
RENEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TownPoint:
    """One town of the loaded addresses: its name, and the middle of its address points."""

    name: str
    spot: LonLat


class Towns:
    """The towns of the loaded addresses, found by the nearest address point."""

    def __init__(self, points: Sequence[TownPoint]) -> None:
        self.points = points
        lon = np.array([p.spot.lon for p in points])
        lat = np.array([p.spot.lat for p in points])
        self._shrink = float(np.cos(np.radians(lat.mean()))) if len(points) else 1.0
        self._tree = shapely.STRtree(shapely.points(lon * self._shrink, lat))

    def middles(self) -> list[TownPoint]:
        """Give each town once."""
        found: dict[str, list[LonLat]] = {}
        for one in self.points:
            found.setdefault(one.name, []).append(one.spot)
        return [
            TownPoint(name, LonLat(sum(s.lon for s in spots) / len(spots), sum(s.lat for s in spots) / len(spots)))
            for name, spots in sorted(found.items())
        ]

    def of(self, spots: Sequence[LonLat]) -> list[str]:
        """Name the town of each spot; ELSEWHERE where none is near."""
        if not self.points:
            return [ELSEWHERE] * len(spots)
        dots = shapely.points([s.lon * self._shrink for s in spots], [s.lat for s in spots])
        pairs = self._tree.query_nearest(dots, max_distance=NEAR_DEG, all_matches=False)
        names = [ELSEWHERE] * len(spots)
        for home, town in zip(*pairs.tolist(), strict=True):
            names[home] = self.points[town].name
        return names


def towns(tx: Transaction) -> Towns:
    """Read the towns of the loaded addresses."""
    return Towns([
        TownPoint(_name(f.columns), LonLat(f.geometry.x, f.geometry.y))
        for f in places.features(tx, "addresses")
        if f.geometry is not None and not f.geometry.is_empty
    ])  # fmt: skip


def census(store: Store, keys: Keyring, zones: ZoneIndex, now: datetime) -> Tally:
    """Give what may be said of all plans; counted anew when the last count is RENEW old."""
    with store.read() as tx:
        last = tallies.last(tx, keys)
        if last is not None and abs(now - last.at) < RENEW:
            return last
        counted = count(tx, keys, zones, now)
    with store.write() as tx:
        last = tallies.last(tx, keys)
        if last is not None and abs(now - last.at) < RENEW:
            return last  # another process was quicker: everybody sees the same
        kept = veil.held(last.kept if last is not None else {}, counted)
        said = Tally(now, kept, veil.shown(kept, counted))
        tallies.keep(tx, keys, said)
    return said


def count(tx: Transaction, keys: Keyring, zones: ZoneIndex, now: datetime) -> dict[str, dict[str, int]]:
    """Count every plan in every table; these numbers are for the veil and for nobody else."""
    spots: list[LonLat] = []
    tables: dict[str, Counter[str]] = {CHANNEL: Counter(), REVIEW: Counter()}
    reached = household_counts.reached(tx, keys)
    for household, version in households.everyone(tx, keys):
        spots.append(version.plan.home.spot)
        tables[CHANNEL]["with" if household in reached else "without"] += 1
        tables[REVIEW]["old" if _old(version, now) else "reviewed"] += 1
    known = towns(tx)
    tables[TOWNS] = Counter(known.of(spots))
    tables |= dict(_hazards(zones, spots))
    rows: dict[str, tuple[str, ...]] = {CHANNEL: ("with", "without"), REVIEW: ("reviewed", "old")}
    rows[TOWNS] = (*(t.name for t in known.middles()), ELSEWHERE)
    found = {ALL: {ALL: len(spots)}}
    for table, counter in tables.items():
        found[table] = {row: counter[row] for row in rows.get(table, ("inside", "not"))}
    return found


def _hazards(zones: ZoneIndex, spots: Sequence[LonLat]) -> Iterator[tuple[str, Counter[str]]]:
    """Count who lies in a zone of each hazard of which zones are loaded; "not" is outside or not known."""
    lon, lat = np.array([s.lon for s in spots]), np.array([s.lat for s in spots])
    homes, zone = zones.at_many(lon, lat) if spots else (np.zeros(0, int), np.zeros(0, int))
    kinds = np.array([z.hazard.value for z in zones.zones] or [""])
    for hazard in Hazard:
        if any(h is hazard for h, _, _ in zones.loaded):
            inside = len(np.unique(homes[kinds[zone] == hazard.value]))
            yield hazard.value, Counter(inside=inside, **{"not": len(spots) - inside})


def _old(version: PlanVersion, now: datetime) -> bool:
    """Tell whether a plan was neither saved nor reviewed for a year."""
    reviewed = version.plan.reviewed_on
    newest = version.at.date() if reviewed is None else max(reviewed, version.at.date())
    return newest < (now - household_counts.YEAR).date()


def _name(columns: Mapping[str, Any]) -> str:
    return str(columns.get("town") or columns.get("koaza") or columns.get("city") or ELSEWHERE)
