"""Test 12 of the product: issued a minute before the decide-by, everybody arrives dry; ten after, the board said who not.

The true water comes from `disaster_hub.rehearsal.rises`, which knows nothing of `timelines`; people take the five minutes
until they know, the time that they need to get ready, and walk the way that their plan says, at the speed that it says.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disaster_hub.config import Config, Folder, Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.desk import household_minutes
from disaster_hub.desk.decide_by import DecideByClock, Resident
from disaster_hub.jobs.load import load
from disaster_hub.planning.plans import Planner
from disaster_hub.planning.town import Library
from disaster_hub.rehearsal import opendata, rises
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import MINAMO, RIVER_CODE, STATIONS
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import evacuation_areas, households, levels, observations, pulse, stations
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.decision import DELIVERY_MIN, DecideBy, DecideByBasis
from disaster_hub.terms.household import Plan
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Basis, Observation, Station
from tests.whole.rise import City
from tests.whole.test_no_wet_step import WALKS, clock, homes, minute, told, wet_steps
from timelines.outlook import Asked, outlooks

OPENED = datetime(2026, 11, 21, tzinfo=UTC)
SEEDS = range(6)
HOMES = 400
AHEAD_MIN = 175
"""How long before the danger level the river office forecasts it."""
OFFICE = "架空地方気象台"


@pytest.fixture(scope="module")
def city() -> City:
    return City()


@pytest.fixture(scope="module")
def made(city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    """Build and load the made-up city once; its own evacuation times are taken away: the plans alone decide."""
    folder = tmp_path_factory.mktemp("city")
    opendata.write(folder / "opendata", ground=city.ground)
    here = world(OPENED)
    text = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=here)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    config = load_config(folder / "config.toml", {})
    store = prepare(config.store, config.world)
    assert not load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None).refused
    with store.write() as tx:
        for area in evacuation_areas.all_areas(tx):
            evacuation_areas.set_minutes(tx, area.code, None, None, "test", OPENED)
    store.close()
    return folder, config


@dataclass(frozen=True, slots=True)
class Stage:
    """One rise, with the households of its night and what the hub makes of it."""

    city: City
    planner: Planner
    clock: DecideByClock
    asked: dict[str, Asked]
    rise: rises.Rise
    wet: dict[str, float]
    words_said: float
    """The minute at which the last official word is said, before anything is reached."""


def staged(city: City, made: tuple[Path, Config], folder: Path, one: rises.Rise) -> Stage:
    """Give every home its plan, and let the officials speak."""
    config = replace(made[1], store=f"sqlite:///{folder / 'hub.gpkg'}", keys=Keys(Folder(folder / "keys")))
    shutil.copy(made[0] / "hub.gpkg", folder / "hub.gpkg")
    store = open_store(config.store)
    keys = Keyring.open(config.keys.folder)
    planner = Planner(store, config, Library(store, config), keys)
    asked = {}
    begun = clock(one.danger - 600)
    with store.write() as tx:
        for each in homes(one.seed, HOMES):
            plan = Plan(each.home, each.household, leave_level=each.leave_level or 3)
            asked[households.create(tx, keys, plan, begun).household] = replace(each, leave_level=3)
    return Stage(city, planner, DecideByClock(planner), asked, one, city.wet(one), said(planner, one))


def said(planner: Planner, one: rises.Rise) -> float:
    """Let the river office forecast the danger level, and the weather office warn of rain where there is any."""
    gauge = STATIONS[0]
    danger = gauge.thresholds[3]
    issued = one.danger - AHEAD_MIN
    zero = one.danger - one.seed % 4 * 5
    """A forecast that errs to the safe side, as official ones do."""
    steps = [
        Observation(
            gauge.code, "water_level", clock(at), danger + metres, "m", basis=Basis.FORECAST, issued_at=clock(issued)
        )
        for at, metres in ((issued + 5, -1.0), (zero, -0.05), (zero + 10, 0.2), (zero + 60, 0.9))
    ]
    words = [
        Official(
            RIVER_CODE, "みなも川", AreaKind.RIVER, "flood", 3, "レベル3", OFFICE, clock(issued), clock(issued), None, "r"
        )
    ]  # fmt: skip
    rains = one.brook_scale > 0
    if rains:
        at = clock(one.warned)
        words.append(
            Official(MINAMO.area, MINAMO.name, AreaKind.MUNICIPALITY, "rain", 3, "レベル3", OFFICE, at, at, None, "m")
        )
    with planner.store.write() as tx:
        stations.upsert(
            tx, Station(gauge.code, gauge.name, thresholds={"danger": danger}, river=RIVER_CODE), source="t",
            seen_at=clock(issued),
        )  # fmt: skip
        observations.add(tx, steps, raw_id=None)
        for word in words:
            levels.put_official(tx, word)
        for feed in planner.config.feeds:
            pulse.success(tx, feed.name, clock(one.danger))
    return max(issued, one.warned) if rains else issued


def gone(stage: Stage, name: str, order: float) -> list[str] | None:
    """Let one household follow an order given at minute *order*; give its wet steps, None where it is told to stay in.

    It looks at its plan when the order reaches it, gets ready as long as it said it needs, and walks.
    """
    asked, knows = stage.asked[name], order + DELIVERY_MIN
    state, _ = stage.planner.state(clock(knows))
    look = told(stage.planner.town, asked, outlooks(stage.planner.town, [asked], state)[0], knows)
    if look.word not in WALKS or look.way is None:
        return None
    return wet_steps(stage.city, look, stage.wet, [knows + asked.household.prepare_min])


def stubborn(stage: Stage, names: Sequence[str], order: float) -> dict[str, list[str]]:
    """Let households walk the way that their plan said before the water, though they set out after *order*."""
    state, _ = stage.planner.state(clock(stage.words_said))
    before = household_minutes.early(state)
    asked = [stage.asked[name] for name in names]
    found = {}
    for name, one, out in zip(names, asked, outlooks(stage.planner.town, asked, before), strict=True):
        look = told(stage.planner.town, one, out, order)
        found[name] = wet_steps(stage.city, look, stage.wet, [order + DELIVERY_MIN + one.household.prepare_min])
    return found


def board(stage: Stage, at: float) -> list[DecideBy]:
    return [row for row, _ in stage.clock.all_now(clock(at))]


def must(stage: Stage, row: DecideBy, at: float) -> list[Resident]:
    return stage.clock.homes(row.area, row.hazard, clock(at))


def alone_or_rain(seed: int) -> rises.Rise:
    """Every second rise comes without rain of its own: then the river's row must hold for everybody."""
    one = rises.rise(seed)
    return rises.river_alone(one) if seed % 2 else one


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_minute_before_it_everybody_arrives_dry(
    seed: int, city: City, made: tuple[Path, Config], tmp_path: Path
) -> None:
    stage = staged(city, made, tmp_path, alone_or_rain(seed))
    walked = rows = 0
    for row in board(stage, stage.words_said):
        if row.basis is not DecideByBasis.PLANS or row.at is None or minute(row.at) - 1 < stage.words_said:
            continue
        order, rows = minute(row.at) - 1, rows + 1
        going = [home for home in must(stage, row, order) if home.leaving.issue is not None]
        mine = [home for home in going if home.counts(row.hazard)]
        assert mine
        assert not any(home.leaving.late(clock(order)) for home in mine), "before its minute nobody is late"
        for home in (home for home in going if not home.leaving.late(clock(order))):
            steps = gone(stage, home.household, order)
            assert steps is not None, f"{row.area}: somebody who would arrive dry is told to stay in"
            assert not steps, f"{row.area} {row.hazard}: {steps[:3]}"
            walked += 1
    assert rows >= 4
    assert walked >= HOMES / 8
    stage.planner.store.close()


@pytest.mark.slow
def test_ten_minutes_after_it_the_board_has_said_who_would_not(
    city: City, made: tuple[Path, Config], tmp_path: Path
) -> None:
    drowned = checked = 0
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        stage = staged(city, made, tmp_path, alone_or_rain(seed))
        for row in board(stage, stage.words_said):
            if row.at is None:
                continue
            for after in (10, 60, 150):
                order = max(stage.words_said, minute(row.at) + after)
                going = must(stage, row, order)
                late = {home.household for home in going if home.leaving.late(clock(order))}
                now = next(r for r in board(stage, order) if (r.area, r.hazard) == (row.area, row.hazard))
                assert now.late == len(late), "the board says how many"
                assert late >= {name for name, at in now.slowest if at < clock(order)}
                names = [home.household for home in going if home.leaving.issue is not None]
                wet = {name for name, steps in stubborn(stage, names, order).items() if steps}
                assert wet <= late, (
                    f"{row.area} {row.hazard} +{after}: {len(wet - late)} of whom the board did not know"
                )
                drowned += len(wet)
                checked += len(names)
        stage.planner.store.close()
    assert checked > HOMES
    assert drowned > 20, "people who set out too late do step into water: the test could fail"


@pytest.mark.slow
def test_it_would_fail_if_nobody_needed_to_get_ready(
    city: City, made: tuple[Path, Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forget what people need to get ready, and the walkers get wet or are told that it is too late."""
    monkeypatch.setattr(household_minutes.Leaving, "issue", property(lambda one: one.walk_out))
    caught = 0
    stage = staged(city, made, tmp_path, rises.river_alone(rises.rise(1)))
    for row in board(stage, stage.words_said):
        if row.at is not None and minute(row.at) - 1 >= stage.words_said:
            order = minute(row.at) - 1
            found = [gone(stage, home.household, order) for home in must(stage, row, order) if home.leaving.walk_out]
            caught += sum(steps is None or bool(steps) for steps in found)
    assert caught
    stage.planner.store.close()
