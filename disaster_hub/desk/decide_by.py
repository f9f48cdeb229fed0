"""The decide-by clock: the latest minute to issue, for every evacuation area and hazard of which officials speak.

Future water comes from official forecasts alone (`planning.state.waters`); where nobody has said when it comes, there
is no minute. docs/areas.md says what is reckoned and what is assumed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from shapely.geometry.base import BaseGeometry

from disaster_hub.desk import people
from disaster_hub.desk.daylight import dark
from disaster_hub.desk.household_minutes import HouseholdMinutes, Leaving
from disaster_hub.desk.say import city_words, no_minute, no_zero, other_water, plan_words
from disaster_hub.planning.plans import Planner
from disaster_hub.planning.state import state_of
from disaster_hub.store import decide_bys, evacuation_areas, home_points
from disaster_hub.store.decide_bys import Said
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import DELIVERY_MIN, DecideBy, DecideByBasis, EvacuationArea
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Basis, Water
from timelines.outlook import Town

MOST_SLOWEST = 20
WALK = timedelta(minutes=60)
"""How long people are thought to be on their way, where no one has said it: for the question of day or night alone."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """One area as this town sees it: whose water reaches it."""

    sources: frozenset[tuple[Hazard, str]]
    middle: LonLat


@dataclass(frozen=True, slots=True)
class Resident:
    """One home in an area, with its own figures."""

    household: str
    leaving: Leaving
    rows: frozenset[Hazard]
    """The hazards of all areas that it lies in."""

    def must(self, hazard: Hazard) -> bool:
        """Tell whether it must go from this hazard; of a home of which no zone is known, every hazard may be meant."""
        return self.leaving.goes and hazard in (self.leaving.hazards or {hazard})

    def urgency(self) -> tuple[bool, float, str]:
        """Give the order in which homes are shown: the tightest minute first, then those of which none is known."""
        issue = self.leaving.issue
        return issue is None, issue.timestamp() if issue is not None else 0.0, self.household

    def counts(self, hazard: Hazard) -> bool:
        """Tell whether its minute is this hazard's: its way ends by this water, or by one that no row stands for."""
        return self.leaving.by is hazard or self.leaving.by not in self.rows


class DecideByClock:
    """Reckons all areas; one a process. Everything in here is memory that can be lost."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.minutes = HouseholdMinutes(planner)
        self.told: set[str] = set()
        """Keys of what the log has heard already, so that it is not offered again and again."""
        self._grounds: dict[tuple[str, str, bytes], _Ground] = {}
        self._homes: tuple[object, Mapping[str, Sequence[tuple[str, int]]]] = (None, {})
        self._lock = threading.Lock()

    def all_now(self, now: datetime) -> list[tuple[DecideBy, str]]:
        """Reckon every area and hazard; with each the official word that it rests on."""
        with self.planner.store.read() as tx:
            areas = evacuation_areas.all_areas(tx)
        return self.of(areas, now)

    def of(self, areas: Sequence[EvacuationArea], now: datetime) -> list[tuple[DecideBy, str]]:
        """Reckon these areas."""
        found, waters = self._residents(areas, now)
        said = []
        for area in areas:
            for hazard in sorted(self._hazards(area, waters)):
                water = self._water(area, hazard, waters)
                said.append(decided(area, hazard, water, found[area.code], now, self._ground(area).middle))
        return said

    def homes(self, code: str, hazard: Hazard, now: datetime) -> list[Resident]:
        """Give every home of an area that must go from this hazard, the tightest first, and those without a way."""
        with self.planner.store.read() as tx:
            areas = evacuation_areas.all_areas(tx)
        if all(area.code != code for area in areas):
            return []
        found, _ = self._residents(areas, now)
        return sorted((home for home in found[code] if home.must(hazard)), key=Resident.urgency)

    def _residents(
        self, areas: Sequence[EvacuationArea], now: datetime
    ) -> tuple[Mapping[str, Sequence[Resident]], Sequence[Water]]:
        """Give the homes of each area with their own figures, and the waters that are spoken of."""
        with self.planner.store.read() as tx:
            inside = self._inside(tx, areas)
            waters = state_of(tx, self.planner.config, now).waters
        found = self.minutes.of({home for mine in inside.values() for home in mine}, now)
        rows: dict[str, frozenset[Hazard]] = {}
        for area in areas:
            for name, _ in inside[area.code]:
                rows[name] = rows.get(name, frozenset()) | self._hazards(area, waters)
        homes = {
            code: [Resident(name, found[name], rows[name]) for name, _ in mine if name in found]
            for code, mine in inside.items()
        }
        return homes, waters

    def _inside(self, tx: Transaction, areas: Sequence[EvacuationArea]) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Give the homes of each area; asked of the store again when a plan was saved or an area drawn anew."""
        key = home_points.stamp(tx), tuple((area.code, area.shape) for area in areas)
        with self._lock:
            if self._homes[0] != key:
                self._homes = key, {area.code: people.homes_in(tx, area) for area in areas}
            return self._homes[1]

    def _hazards(self, area: EvacuationArea, waters: Sequence[Water]) -> frozenset[Hazard]:
        """Give the hazards of an area: those that the town named, else those whose zones touch it."""
        named = area.hazards or frozenset(hazard for hazard, _ in self._ground(area).sources)
        return named & {water.hazard for water in waters}

    def _water(self, area: EvacuationArea, hazard: Hazard, waters: Sequence[Water]) -> Water:
        """Give the water that comes first of those whose zones touch the area; of all, where none is known to."""
        sources = self._ground(area).sources
        mine = [w for w in waters if w.hazard is hazard]
        near = [w for w in mine if (w.hazard, w.area) in sources] or mine
        return min(near, key=_sooner, default=Water(hazard, ""))

    def _ground(self, area: EvacuationArea) -> _Ground:
        key = self.planner.library.places().stamp, area.code, b"" if area.shape is None else area.shape.wkb
        with self._lock:
            if key not in self._grounds:
                self._grounds = {old: kept for old, kept in self._grounds.items() if old[0] == key[0]}
                self._grounds[key] = _ground(self.planner, area)
            return self._grounds[key]


def _ground(planner: Planner, area: EvacuationArea) -> _Ground:
    city = planner.config.city
    if area.shape is None or area.shape.is_empty:
        return _Ground(frozenset(), LonLat(city.lon, city.lat))
    spot = area.shape.representative_point()
    return _Ground(_sources(planner.town, area.shape), LonLat(spot.x, spot.y))


def _sources(town: Town, shape: BaseGeometry) -> frozenset[tuple[Hazard, str]]:
    """Name the waters whose zones touch a shape."""
    hit = (town.zones.zones[n] for n in town.zones.tree.query(shape, predicate="intersects").tolist())
    return frozenset((source.hazard, source.area) for source in map(town.wet.source, hit))


def _sooner(water: Water) -> tuple[bool, bool, float]:
    reached = water.basis is Basis.REACHED
    return not reached, water.zero is None, water.zero.timestamp() if water.zero is not None else 0.0


def decided(
    area: EvacuationArea,
    hazard: Hazard,
    water: Water,
    homes: Sequence[Resident],
    now: datetime,
    middle: LonLat,
) -> tuple[DecideBy, str]:
    """Put one area's minute together: from its households, from the city's own time, the earlier of the two."""
    mine = [home for home in homes if home.must(hazard)]
    minutes = sorted((home.leaving.issue, home.household) for home in mine if home.leaving.issue is not None)
    bound = [home.leaving.issue for home in mine if home.leaving.issue is not None and home.counts(hazard)]
    zero = water.zero
    from_plans = min((at for at in bound if at is not None), default=None)
    needs, night = _city(area, zero or now, middle)
    from_city = None if zero is None or needs is None else _down(zero - timedelta(minutes=needs + DELIVERY_MIN))
    at = min((one for one in (from_plans, from_city) if one is not None), default=None)
    basis = DecideByBasis.NOT_KNOWN
    if at is not None:
        basis = DecideByBasis.PLANS if at == from_plans else DecideByBasis.CITY
        night = dark(at, zero or at + WALK, middle)
    word = f"{zero and zero.isoformat()} {water.basis.value} {water.issuer} {area.day_min} {area.night_min}"
    late = sum(home.leaving.late(now) for home in mine)
    why = _why(area, water, (from_plans, from_city), needs, len(bound), night=night, homes=len(mine))
    if minutes and from_plans == minutes[0][0] and (by := _by(mine, minutes[0][1])) not in {None, hazard}:
        why += other_water(by)
    slowest = tuple((name, issue) for issue, name in minutes[:MOST_SLOWEST])
    said = DecideBy(area.code, hazard, at, basis, night, zero, water.issuer, why, len(mine), late, slowest)
    return said, word


def _by(homes: Sequence[Resident], household: str) -> Hazard | None:
    """Name the water that ends a home's way."""
    return next((home.leaving.by for home in homes if home.household == household), None)


def _city(area: EvacuationArea, until: datetime, middle: LonLat) -> tuple[int | None, bool]:
    """Give the city's own time to reckon with, and whether people would walk in the dark.

    By night the night's time alone counts: a time for the day says nothing of the dark. By day the longer one would do.
    """
    known = max((m for m in (area.day_min, area.night_min) if m is not None), default=0)
    night = dark(until - timedelta(minutes=known + DELIVERY_MIN), until, middle)
    if night:
        return area.night_min, True
    return (area.day_min if area.day_min is not None else area.night_min), False


def _down(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _why(
    area: EvacuationArea,
    water: Water,
    found: tuple[datetime | None, datetime | None],
    needs: int | None,
    bound: int,
    *,
    night: bool,
    homes: int,
) -> str:
    from_plans, from_city = found
    if water.zero is None and from_plans is None:
        return no_zero(water)
    said = [plan_words(bound, from_plans)] if from_plans is not None else []
    if from_city is not None and needs is not None:
        said.append(city_words(needs, from_city, night=night))
    return no_minute(area, night=night, homes=homes) if not said else "。".join(said)


def held(before: Said | None, new: DecideBy, word: str) -> DecideBy:
    """Keep a minute from growing longer: the earlier stays, but for newer official word or a new time of the city's."""
    old = before.decide_by if before is not None and before.word == word else None
    if old is None or old.at is None or (new.at is not None and new.at <= old.at):
        return new
    return replace(new, at=old.at, basis=old.basis, why=old.why, night=old.night)


_CLOCKS: WeakKeyDictionary[Planner, DecideByClock] = WeakKeyDictionary()


def clock_of(planner: Planner) -> DecideByClock:
    """Give the clock of a planner; what it reckoned is kept with it."""
    return _CLOCKS.setdefault(planner, DecideByClock(planner))


def decide_by(planner: Planner, area: EvacuationArea, hazard: Hazard, now: datetime) -> DecideBy:
    """Reckon one area's minute here and now; what was said before holds."""
    clock = clock_of(planner)
    with planner.store.read() as tx:
        areas = [one for one in evacuation_areas.all_areas(tx) if one.code != area.code]
        before = decide_bys.rows(tx).get((area.code, hazard))
    for one, word in clock.of([*areas, area], now):
        if (one.area, one.hazard) == (area.code, hazard):
            return held(before, one, word)
    nobody = no_zero(Water(hazard, ""))
    return DecideBy(area.code, hazard, None, DecideByBasis.NOT_KNOWN, night=False, why=nobody)


def all_now(planner: Planner, now: datetime) -> list[DecideBy]:
    """Give what the clock said last of every area and hazard, the next minute first; this only reads."""
    with planner.store.read() as tx:
        found = [said.decide_by for said in decide_bys.rows(tx).values()]
    return sorted(found, key=lambda one: (one.at is None, one.at or now, one.area, one.hazard))
