"""Test 1 of the product: whoever walks the stated way at the stated minute and speed steps into no water, in any rise.

The true water comes from `disaster_hub.rehearsal.rises`, the loaded arrival times from the greatest scale: two runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pytest

from disaster_hub.config import Governs
from disaster_hub.rehearsal import arrivals, opendata, rises
from disaster_hub.rehearsal.city import HEIGHT_M, MINAMO, NOON, RIVER_CODE, STATIONS, WIDTH_M, lonlat, river_y
from disaster_hub.terms.clock import UTC
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Mode, Need
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.way import Basis, Outlook, Water, Way, Word
from sensors.datasets.recognise import read
from tests.whole.rise import City, Going
from timelines.outlook import Asked, State, Town, outlooks

SEEDS = range(20)
HOMES = 1000
TICKS = (-90, -60, -40, -20, -10, 0, 10, 20, 40, 60, 120)
"""Minutes from the danger level at which everybody looks at their plan."""
MIDDLE_X = 4500.0
WALKS = frozenset({Word.LEAVE_BY, Word.LEAVE_NOW})
LEVELS = {Hazard.FLOOD: 3, Hazard.LANDSLIDE: 2, Hazard.INLAND: 2}


@pytest.fixture(scope="module")
def city() -> City:
    return City()


@pytest.fixture(scope="module")
def loaded(city: City, tmp_path_factory: pytest.TempPathFactory) -> list[Feature]:
    """Read the demo's open data as anybody's is read."""
    folder = tmp_path_factory.mktemp("opendata")
    opendata.write(folder, ground=city.ground)
    return [feature for path in sorted(folder.rglob("*")) if path.is_file() for feature in read(path).features]


@pytest.fixture(scope="module")
def town(loaded: list[Feature]) -> Town:
    return built(loaded)


def built(loaded: list[Feature], later: float = 0.0) -> Town:
    """Build the town; *later* makes its arrival times wrong by so many minutes."""

    def layer(name: str) -> list[Feature]:
        return [feature for feature in loaded if feature.layer == name]

    times = [
        Feature(f.layer, f.id, f.geometry, {**f.columns, "minutes": f.columns["minutes"] + later})
        for f in layer("arrivals")
    ]
    assert times
    governs = (Governs("flood", RIVER_CODE, gauge=STATIONS[0].code),)
    return Town.build(layer("hazards"), layer("roads"), layer("shelters"), times, governs, MINAMO.area)


def household(chance: np.random.Generator) -> Household:
    """Draw who lives there; half of them do not know how fast they are."""
    mode = Mode(chance.choice(["foot", "foot", "foot", "foot", "wheelchair", "car"]))
    needs = frozenset(need for need in (Need.ELDER, Need.INFANT, Need.PET) if chance.random() < 0.2)
    return Household(
        people=int(chance.integers(1, 7)),
        needs=needs,
        mode=mode,
        ten_minutes_m=[None, None, 180, 300, 420, 600][int(chance.integers(6))],
        stairs=mode is not Mode.WHEELCHAIR and bool(chance.random() < 0.9),
        pram=bool(chance.random() < 0.1),
        prepare_min=int(chance.choice([10, 30, 60])),
        endure_hours=[None, 24, 72, 200][int(chance.integers(4))],
    )


def homes(seed: int, count: int = HOMES) -> list[Asked]:
    """Give random homes off the river, each with a random household."""
    chance = np.random.default_rng([7, seed])
    found = []
    while len(found) < count:
        x, y = float(chance.uniform(60, WIDTH_M - 60)), float(chance.uniform(1400, HEIGHT_M - 60))
        if abs(y - river_y(x)) > 110:
            home = Home(LonLat(*lonlat(x, y)), storeys=int(chance.integers(1, 4)))
            found.append(Asked(home, household(chance)))
    return found


def clock(minute: float) -> datetime:
    return (NOON + timedelta(minutes=minute)).astimezone(UTC)


def minute(at: datetime) -> float:
    return (at - NOON).total_seconds() / 60


def state(one: rises.Rise, now: float) -> State:
    """Say what officials have said by then: a forecast that errs to the safe side, then the reading itself."""
    reached = now >= one.danger
    zero = one.danger if reached else one.danger - one.seed % 4 * 5
    rain = now >= one.warned
    said = [
        Water(
            Hazard.FLOOD, RIVER_CODE, clock(zero), Basis.REACHED if reached else Basis.FORECAST, level=4 if reached else 3
        ),
        Water(
            Hazard.INLAND, MINAMO.area, clock(one.warned) if rain else None,
            Basis.REACHED if rain else Basis.UNKNOWN, level=3 if rain else 2,
        ),
        Water(Hazard.LANDSLIDE, MINAMO.area, level=2),
    ]  # fmt: skip
    return State(clock(now), night=True, waters=tuple(said))


@dataclass(frozen=True, slots=True)
class Told:
    """What one household was told at one look: the word, the minute, the way."""

    asked: Asked
    now: float
    word: Word
    latest: float
    way: Way | None
    goal: LonLat | None
    going: Going
    hazards: frozenset[Hazard]


def told(town: Town, asked: Asked, found: Outlook, now: float) -> Told:
    """Read an outlook as a person does: the stated speed, the stated minute, the stated way."""
    said = dict(found.leave.assumptions)
    going = Going(asked.household.mode, float(said["speed"]), float(said.get("stairs", 0)))
    latest = minute(found.leave.at) if found.leave.at is not None else now
    goal = None
    if found.first is not None and found.first.destination.shelter is not None:
        goal = town.shelters.all[town.shelters.number[found.first.destination.shelter]].spot
    way = found.first.way if found.first is not None else None
    return Told(asked, now, found.leave.word, latest, way, goal, going, frozenset(found.hazards))


def wet_steps(city: City, one: Told, wet: dict[str, float], sets_out: Iterable[float]) -> list[str]:
    """Walk, and name every link on which the true water has been before they left it."""
    if one.way is None or one.goal is None:
        return []
    steps = city.steps(one.way, one.asked.spot, one.goal, one.going)
    # Told by the minute, the water of a minute may have come at any time since the one before.
    return [
        f"{name} wet {wet[name]:.0f}, left {start + after:.1f}, set out {start:.1f}, told {one.word} at {one.now:.0f}"
        for start in sets_out
        for name, after in steps
        if start + after > wet.get(name, math.inf) - 1
    ]


def last_ways(city: City, town: Town, looks: Sequence[Told], wet: dict[str, float]) -> dict[int, float]:
    """Give by household the minute at which its last dry way is cut, to any place that is designated for its hazards."""
    found: dict[int, float] = {}
    kept: dict[tuple[Going, frozenset[Hazard]], dict[tuple[float, float], float]] = {}
    for n, one in enumerate(looks):
        if one.way is None:
            continue
        need = one.hazards or frozenset({Hazard.FLOOD, Hazard.LANDSLIDE})
        key = (one.going, need)
        if key not in kept:
            right = [s.spot for s in town.shelters.all if s.emergency and need <= s.designated]
            kept[key] = city.last(right, wet, one.going)
        found[n] = city.cut(one.asked.spot, kept[key], wet, one.going, one.way.links[0])
    return found


@dataclass(frozen=True, slots=True)
class Evening:
    """What came of one rise: walks walked, people told to go up, steps into water, words that came too late."""

    walks: int
    ups: int
    wrong: list[str]
    late: list[str]


def evening(city: City, town: Town, one: rises.Rise, wet: dict[str, float]) -> Evening:
    """Let everybody look at their plan again and again, and walk: at once, at the last minute, and in between."""
    asked = homes(one.seed)
    chance = np.random.default_rng([8, one.seed])
    walks, ups, wrong, late = 0, 0, [], []
    cuts: dict[int, float] = {}
    for now in sorted({one.warned, *(one.danger + tick for tick in TICKS)}):
        # The rain warning is new official word: who is still at home then is told anew, in the look at that minute.
        holds = one.warned if now < one.warned else math.inf
        looks = [told(town, a, o, now) for a, o in zip(asked, outlooks(town, asked, state(one, now)), strict=True)]
        cuts = cuts or last_ways(city, town, looks, wet)
        for n, look in enumerate(looks):
            ups += look.word is Word.GO_UP
            if look.word in WALKS and look.way is not None:
                walks += 1
                last = min(holds, max(now, look.latest))
                wrong += wet_steps(city, look, wet, [now, last, float(chance.uniform(now, last))])
            if look.word in WALKS and min(holds, max(now, look.latest)) > cuts.get(n, math.inf):
                late.append(f"home {n} told {look.word} at {now:.0f} for {look.latest:.0f}, cut {cuts[n]:.0f}")
    return Evening(walks, ups, wrong, late)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_steps_into_water_and_who_cannot_go_any_more_is_told_to_go_up(seed: int, city: City, town: Town) -> None:
    one = rises.rise(seed)
    found = evening(city, town, one, city.wet(one))
    assert not found.wrong, f"{len(found.wrong)} wet steps: {found.wrong[:5]}"
    assert not found.late, f"{len(found.late)} told to go too late: {found.late[:5]}"
    assert found.walks > HOMES / 2
    assert found.ups > HOMES / 4


@pytest.mark.slow
def test_even_the_water_of_the_table_itself_catches_nobody(city: City, town: Town) -> None:
    """No rise is as bad as the greatest scale; this one is, on every road at once, to the minute."""
    one = rises.rise(0)
    wet = {link: one.danger + after for link, after in arrivals.rows(city.ground, city.links.values())}
    found = evening(city, town, one, wet)
    assert not found.wrong, f"{len(found.wrong)} wet steps: {found.wrong[:5]}"
    assert not found.late, f"{len(found.late)} told to go too late: {found.late[:5]}"
    assert found.walks > HOMES / 2


@pytest.mark.slow
def test_the_walkers_do_step_into_water_where_arrival_times_are_too_late(city: City, loaded: list[Feature]) -> None:
    """Two hours too late, and the same walkers get wet: what the test above holds, it could lose."""
    one = next(r for r in map(rises.rise, SEEDS) if r.breaks_after < arrivals.HOLDS_MIN + 1 and r.here.x < MIDDLE_X)
    wet, asked, town = city.wet(one), homes(one.seed), built(loaded, later=120)
    outs = outlooks(town, asked, state(one, one.danger))
    looks = [told(town, a, o, one.danger) for a, o in zip(asked, outs, strict=True)]
    cuts = last_ways(city, town, looks, wet)
    walks = {n: look for n, look in enumerate(looks) if look.word in WALKS}
    assert sum(bool(wet_steps(city, look, wet, [look.latest])) for look in walks.values()) > 20
    assert sum(look.latest > cuts.get(n, math.inf) for n, look in walks.items()) > 20
