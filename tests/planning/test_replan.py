"""Plans stay true: what a closed shelter or road concerns is reckoned anew, everything else is left as it is."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from disaster_hub.config import Config, Folder, Governs, Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.jobs.load import load
from disaster_hub.planning import replan
from disaster_hub.planning.plans import Planner, get
from disaster_hub.planning.replan import Replanner
from disaster_hub.planning.state import waters
from disaster_hub.planning.town import Library
from disaster_hub.rehearsal import opendata
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import RIVER_CODE, STATIONS
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import briefs, conditions, households, levels, observations, stations
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.household import Home, Household, Need, Plan, PlanVersion
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Basis, Observation, Station
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import ShelterState, Word

OPENED = datetime(2026, 11, 21, tzinfo=UTC)
HOMES = 40


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    """Build the made-up city once, without its night."""
    folder = tmp_path_factory.mktemp("city")
    opendata.write(folder / "opendata")
    here = world(OPENED)
    toml = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=here)
    (folder / "config.toml").write_text(toml, encoding="utf-8")
    config = load_config(folder / "config.toml", {})
    store = prepare(config.store, config.world)
    report = load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None)
    assert not report.refused
    store.close()
    return folder, config


@pytest.fixture(name="planner")
def a_planner(city: tuple[Path, Config], tmp_path: Path) -> Iterator[Planner]:
    folder, config = city
    shutil.copy(folder / "hub.gpkg", tmp_path / "hub.gpkg")
    config = replace(config, store=f"sqlite:///{tmp_path / 'hub.gpkg'}", keys=Keys(Folder(tmp_path / "keys")))
    store = open_store(config.store)
    yield Planner(store, config, Library(store, config), Keyring.open(config.keys.folder))
    store.close()


@pytest.fixture(name="now")
def before_the_rain(city: tuple[Path, Config]) -> datetime:
    starts = city[1].world.starts
    assert starts is not None
    return starts


def settle(planner: Planner, now: datetime) -> list[str]:
    """Save plans for homes all over the city, each with the place that is proposed to it."""
    chance = np.random.default_rng(5)
    blocks = [b.spot for b in planner.library.places().addresses.by_id.values()]
    made = []
    for number in range(HOMES):
        at = blocks[number % len(blocks)]
        spot = LonLat(at.lon + float(chance.normal(0, 0.001)), at.lat + float(chance.normal(0, 0.001)))
        needs = frozenset({Need.ELDER}) if number % 2 else frozenset[Need]()
        plan = Plan(Home(spot, "", 2, 1), Household(2, needs, ten_minutes_m=400), language="ja")
        with planner.store.write() as tx:
            household = households.create(tx, planner.keys, None, now).household
        planner.save(household, plan, now, None)
        made.append(household)
    return made


def sealed(store: Store) -> dict[str, bytes]:
    """Give every household's outlook as the bytes in the store."""
    with store.read() as tx:
        return {row.id: bytes(row.outlook) for row in tx.execute(text("SELECT id, outlook FROM household"))}


def deliveries(store: Store) -> int:
    with store.read() as tx:
        return int(tx.execute(text("SELECT count(*) FROM delivery")).scalar_one())


def finished(replanner: Replanner, now: datetime) -> int:
    """Run rounds until nothing waits; give how many plans were written."""
    changed = 0
    while True:
        done = replanner.run(now)
        changed += done.changed
        if not done.waiting:
            return changed


def first_places(planner: Planner, made: list[str], now: datetime) -> dict[str, str]:
    found = {}
    for household in made:
        view = planner.current(household, now)
        assert view is not None
        if view.standing.outlook.first is not None:
            found[household] = view.standing.outlook.first.destination.shelter or ""
    return found


def test_a_closed_shelter_reaches_whom_it_concerns_and_nobody_else(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)
    replanner = Replanner(planner)
    assert finished(replanner, now) == 0, "what was just saved is right"
    before, goes = sealed(planner.store), first_places(planner, made, now)
    shut = max(set(goes.values()), key=list(goes.values()).count)
    with planner.store.write() as tx:
        conditions.set_shelter(tx, shut, ShelterState.CLOSED, "desk", now)
    later = now + timedelta(seconds=5)
    finished(replanner, later)
    after = sealed(planner.store)
    moved = [h for h in made if goes.get(h) == shut]
    assert moved
    for household in moved:
        with planner.store.read() as tx:
            standing = get(tx, planner.keys, household)
        assert standing is not None
        assert standing.outlook.first is None or standing.outlook.first.destination.shelter != shut
        line = standing.changes[0]
        assert line.at == later
        assert line.phrase in {"changed.place", "changed.no_place", "changed.leave_at_level", "changed.no_way_known"}
    with planner.store.read() as tx:
        names = {h: get(tx, planner.keys, h) for h in made}
    untouched = [h for h in made if after[h] == before[h]]
    assert untouched, "somebody lives far away from it"
    for household in made:
        standing = names[household]
        assert standing is not None
        choices = (standing.outlook.first, standing.outlook.second, *standing.outlook.others)
        concerns = any(c is not None and c.destination.shelter == shut for c in choices)
        assert concerns or household in untouched or household in moved or standing.changes
    assert deliveries(planner.store) == 0
    assert finished(replanner, later) == 0
    assert sealed(planner.store) == after, "a round in which nothing changed writes nothing"


def test_a_closed_road_changes_the_ways_over_it_alone(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)
    replanner = Replanner(planner)
    finished(replanner, now)
    views = {h: planner.current(h, now) for h in made}
    ways = {
        h: set(c.way.links) if v is not None and (c := v.standing.outlook.first) is not None and c.way else set()
        for h, v in views.items()
    }
    links = [link for way in ways.values() for link in way]
    shut = max(set(links), key=links.count)
    before = sealed(planner.store)
    with planner.store.write() as tx:
        conditions.close_road(tx, shut, "desk", now)
    finished(replanner, now + timedelta(seconds=5))
    after = sealed(planner.store)
    over = [h for h in made if shut in ways[h]]
    assert over
    for household in over:
        assert after[household] != before[household]
        with planner.store.read() as tx:
            standing = get(tx, planner.keys, household)
        assert standing is not None
        assert standing.changes
        first = standing.outlook.first
        assert first is None or first.way is None or shut not in first.way.links
    assert any(after[h] == before[h] for h in made)
    fresh = Replanner(planner)
    finished(fresh, now + timedelta(seconds=9))
    assert sealed(planner.store) == after, "another clock, looking at everything, finds the same"
    with planner.store.write() as tx:
        conditions.open_road(tx, shut, "desk", now)
    finished(replanner, now + timedelta(seconds=20))
    again = {h: planner.current(h, now) for h in over}
    for household in over:
        view, old = again[household], views[household]
        assert view is not None
        assert old is not None
        assert view.standing.outlook.digest == old.standing.outlook.digest


def rise(planner: Planner, at: datetime, hours: int, level: int) -> None:
    """Let the river office say that the danger level is reached in *hours*, at official *level*."""
    gauge = STATIONS[0]
    danger = gauge.thresholds[3]
    station = Station(gauge.code, gauge.name, thresholds={"danger": danger}, river=RIVER_CODE)
    word = Official(
        RIVER_CODE, "みなも川", AreaKind.RIVER, "flood", level, f"レベル{level}", "架空地方気象台", at, at, None,
        f"t{at.timestamp()}",
    )  # fmt: skip
    steps = [
        Observation(
            gauge.code, "water_level", at + timedelta(hours=n), danger + n - hours, "m", basis=Basis.FORECAST,
            issued_at=at,
        )
        for n in range(1, 7)
    ]  # fmt: skip
    seen = Observation(gauge.code, "water_level", at, danger - hours - 0.5, "m")
    with planner.store.write() as tx:
        stations.upsert(tx, station, source="t", seen_at=at)
        levels.put_official(tx, word)
        observations.add(tx, [seen, *steps], raw_id=None)


def test_a_clock_that_was_started_anew_finds_right_what_was_left_right(planner: Planner, now: datetime) -> None:
    settle(planner, now)
    assert finished(Replanner(planner), now) == 0
    digest = planner.state(now)[1]
    new = Replanner(planner, slice_s=0)
    assert new.run(now).waiting == HOMES, "it looks at all of them once more"
    with planner.store.read() as tx:
        assert briefs.stand(tx) == digest, "an alert of this moment need not wait for that"
    with planner.store.write() as tx:
        briefs.put_stand(tx, "another", now)
    Replanner(planner, slice_s=0).run(now)
    with planner.store.read() as tx:
        assert briefs.stand(tx) is None


def test_a_forecast_gives_the_minute_and_a_later_look_never_lengthens_it(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)
    replanner = Replanner(planner)
    finished(replanner, now)
    assert all(v is None or v.standing.outlook.leave.at is None for h in made if (v := planner.current(h, now)))
    rise(planner, now, 4, 3)
    finished(replanner, now)
    counted = {}
    for household in made:
        view = planner.current(household, now)
        assert view is not None
        leave = view.standing.outlook.leave
        if leave.word is Word.LEAVE_BY:
            assert leave.at is not None
            assert leave.water is not None
            assert (leave.water.issuer, leave.water.issued_at) == ("架空地方気象台", now)
            assert view.standing.changes[0].phrase == "changed.leave_by"
            counted[household] = leave.at
    assert counted
    for minutes in (30, 90, 200, 400):
        later = now + timedelta(minutes=minutes)
        finished(replanner, later)
        for household, at in counted.items():
            view = planner.current(household, later)
            assert view is not None
            leave = view.standing.outlook.leave
            if later > at:
                assert leave.word in {Word.GO_UP, Word.STAY}, (later, at, leave)
            assert leave.at is None or leave.at <= at


def test_a_plan_that_cannot_be_opened_keeps_no_other_from_being_reckoned(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)
    lost, torn, stained, *others = made
    planner.keys.destroy(lost)
    with planner.store.write() as tx:
        tx.execute(text("UPDATE household_version SET sealed = :x WHERE household = :h"), {"x": b"\x01xx", "h": torn})
        tx.execute(text("UPDATE household SET outlook = :x, mark = 'x' WHERE id = :h"), {"x": b"\x01xx", "h": stained})
        assert {name for name, _ in households.everyone(tx, planner.keys)} == {stained, *others}
    replanner = Replanner(planner)
    finished(replanner, now)
    assert planner.current(stained, now) is not None
    places = first_places(planner, others, now)
    shut = max(places.values(), key=list(places.values()).count)
    with planner.store.write() as tx:
        conditions.set_shelter(tx, shut, ShelterState.CLOSED, "test", now)
    assert finished(replanner, now) > 0
    assert shut not in first_places(planner, others, now).values()


def test_of_two_gauges_that_govern_one_area_the_worst_counts(planner: Planner, now: datetime) -> None:
    low, high = STATIONS[0].code, STATIONS[1].code
    for order in ((low, high), (high, low)):
        config = replace(planner.config, governs=tuple(Governs("flood", RIVER_CODE, gauge=g) for g in order))
        with planner.store.write() as tx:
            for code, metres in ((low, 0.5), (high, 99.0)):
                stations.upsert(tx, Station(code, code, thresholds={"danger": 4.0}), source="t", seen_at=now)
                observations.add(tx, [Observation(code, "water_level", now, metres, "m")], raw_id=None)
            found = [w for w in waters(tx, config, now) if w.area == RIVER_CODE]
        assert [(w.gauge, w.zero) for w in found] == [(high, now)]


def test_it_says_how_far_the_plans_are_right_and_never_too_far(
    planner: Planner, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settle(planner, now)
    monkeypatch.setattr(replan, "PART", 5)
    replanner = Replanner(planner)
    finished(replanner, now)
    later = now + timedelta(minutes=5)
    rise(planner, later, 3, 3)
    cause = planner.state(later)[1]
    said, right, reckon = list[str](), set[str](), replanner._part

    def watched(part: Sequence[PlanVersion], *rest: Any) -> int:
        with planner.store.read() as tx:
            said.append(briefs.so_far(tx, cause))
            assert briefs.stand(tx) is None
        assert {name for name in made if name <= said[-1]} <= right, "whoever is said to be right was reckoned"
        changed = reckon(part, *rest)
        right.update(one.household for one in part)
        return changed

    monkeypatch.setattr(replanner, "_part", watched)
    finished(replanner, later)
    assert said == sorted(said)
    assert len(set(said)) == HOMES / 5, "it is said part by part"
    assert right == set(made)
    with planner.store.read() as tx:
        assert briefs.stand(tx) == cause


def ways(planner: Planner, made: list[str], now: datetime) -> dict[str, set[str]]:
    """Give the links of all the ways that each household's outlook names."""
    found = {}
    for household in made:
        view = planner.current(household, now)
        assert view is not None
        said = view.standing.outlook
        each = [one.way for one in (said.first, said.second, *said.others) if one is not None]
        found[household] = {link for way in each if way is not None for link in way.links}
    return found


def test_a_road_that_closes_is_looked_for_on_the_ways_as_they_are_though_they_changed_some_rounds_ago(
    planner: Planner, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settle(planner, now)
    replanner = Replanner(planner, slice_s=1.5)
    ticks = itertools.count()
    monkeypatch.setattr(replan, "PART", 1)
    monkeypatch.setattr(replan, "time", SimpleNamespace(monotonic=lambda: next(ticks)))  # one part a round
    first = ways(planner, made, now)
    far = min(set(planner.town.roads.number) - set().union(*first.values()))
    with planner.store.write() as tx:
        conditions.close_road(tx, far, "desk", now)
    finished(replanner, now)
    links = [link for household in made for link in first[household] - first[max(made)]]
    with planner.store.write() as tx:
        conditions.close_road(tx, max(set(links), key=links.count), "desk", now)
        conditions.open_road(tx, far, "desk", now)  # so that all are looked at, and the last of them stays as it is
    assert finished(replanner, now) > 0
    fresh = Replanner(planner)
    assert finished(fresh, now) == 0
    before = replanner._before
    assert before is not None
    for link in planner.town.roads.number:
        next_one = replace(before, closed=before.closed | {link})
        assert set(replanner._affected(next_one)) >= set(fresh._affected(next_one)), link
