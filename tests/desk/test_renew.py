"""The decide-by rows on a loaded city: they appear with official word, hold, move earlier, pass; the log hears it once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disaster_hub.config import Config, Folder, Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.desk import decide_by as clocks
from disaster_hub.desk.behind import tightest, would_not
from disaster_hub.desk.decide_by import DecideByClock
from disaster_hub.desk.household_minutes import early
from disaster_hub.desk.renew import renew
from disaster_hub.jobs.decide_by import decide_by_job
from disaster_hub.jobs.load import load
from disaster_hub.planning.plans import Planner, wishes
from disaster_hub.planning.town import Library
from disaster_hub.rehearsal import opendata
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.homes import furnish
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import conditions, evacuation_areas, households, journal
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.decision import DecideBy, DecideByBasis, EvacuationArea
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Plan
from disaster_hub.terms.notice import JournalEntry
from tests.planning.test_replan import rise
from timelines.outlook import Asked, leavings, outlooks

OPENED = datetime(2026, 11, 21, tzinfo=UTC)
HOMES = 60
KINDS = ("decide_by", "decide_by_earlier", "decide_by_passed", "decide_by_gone")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    folder = tmp_path_factory.mktemp("city")
    opendata.write(folder / "opendata")
    here = world(OPENED)
    toml = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=here)
    (folder / "config.toml").write_text(toml, encoding="utf-8")
    config = load_config(folder / "config.toml", {})
    store = prepare(config.store, config.world)
    assert not load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None).refused
    store.close()
    return folder, config


@pytest.fixture(name="planner")
def a_planner(city: tuple[Path, Config], tmp_path: Path) -> Iterator[Planner]:
    folder, config = city
    shutil.copy(folder / "hub.gpkg", tmp_path / "hub.gpkg")
    config = replace(config, store=f"sqlite:///{tmp_path / 'hub.gpkg'}", keys=Keys(Folder(tmp_path / "keys")))
    store = open_store(config.store)
    keys = Keyring.open(config.keys.folder)
    furnish(store, keys, config, OPENED, HOMES)
    yield Planner(store, config, Library(store, config), keys)
    store.close()


@pytest.fixture(name="now")
def before_the_rain(city: tuple[Path, Config]) -> datetime:
    starts = city[1].world.starts
    assert starts is not None
    return starts


def rows(planner: Planner, now: datetime) -> dict[tuple[str, Hazard], DecideBy]:
    return {(one.area, one.hazard): one for one in clocks.all_now(planner, now)}


def heard(planner: Planner) -> list[JournalEntry]:
    with planner.store.read() as tx:
        return journal.entries(tx, kinds=KINDS, limit=500)[::-1]


def test_it_appears_with_official_word_holds_and_passes_and_the_log_hears_each_once(
    planner: Planner, now: datetime
) -> None:
    clock = DecideByClock(planner)
    assert renew(clock, now) == 10
    assert {one.basis for one in rows(planner, now).values()} == {DecideByBasis.NOT_KNOWN}, "nobody has said anything"
    assert heard(planner) == []
    assert renew(clock, now) == 0
    rise(planner, now, 5, 3)
    assert renew(clock, now)
    first = rows(planner, now)
    flood = {key: one for key, one in first.items() if one.hazard is Hazard.FLOOD}
    assert len(flood) == 7
    assert all(one.at is not None and one.issuer == "架空地方気象台" and one.night for one in flood.values())
    lines = heard(planner)
    said = [(key, one) for key, one in first.items() if one.at is not None]
    assert sorted(e.where or "" for e in lines if e.kind == "decide_by") == sorted(area for (area, _), _ in said)
    assert "発令の期限" in lines[0].what
    for minutes in (30, 120, 400):
        later = now + timedelta(minutes=minutes)
        renew(clock, later)
        renew(DecideByClock(planner), later)
        for key, one in rows(planner, later).items():
            before = first[key].at
            assert before is None or (one.at is not None and one.at <= before)
    passed = [e for e in heard(planner) if e.kind == "decide_by_passed"]
    assert sorted(e.where or "" for e in passed) == sorted(area for (area, _), _ in said), "once, whoever looks"
    keys = [e.key for e in heard(planner) if e.key is not None]
    assert len(keys) == len(set(keys))


def test_a_closed_road_or_a_slower_plan_moves_it_earlier_and_nothing_but_word_moves_it_back(
    planner: Planner, now: datetime
) -> None:
    clock = DecideByClock(planner)
    rise(planner, now, 5, 3)
    renew(clock, now)
    first = rows(planner, now)
    with planner.store.read() as tx:
        everyone = dict(households.everyone(tx, planner.keys))
    key, one = next((k, o) for k, o in first.items() if o.basis is DecideByBasis.PLANS and o.slowest)
    slow = everyone[one.slowest[0][0]]
    worse = replace(slow.plan, household=replace(slow.plan.household, prepare_min=slow.plan.household.prepare_min + 30))
    with planner.store.write() as tx:
        households.save(tx, planner.keys, slow.household, worse, now)
    renew(clock, now)
    second = rows(planner, now)[key]
    assert one.at is not None
    assert second.at == one.at - timedelta(minutes=30)
    assert [e.kind for e in heard(planner) if e.where == key[0]] == ["decide_by", "decide_by_earlier"]
    with planner.store.write() as tx:
        households.save(tx, planner.keys, slow.household, slow.plan, now + timedelta(seconds=1))
    renew(clock, now)
    assert rows(planner, now)[key].at == second.at, "what was said is not taken back without newer word"
    with planner.store.read() as tx:
        area = evacuation_areas.find(tx, key[0])
    assert area is not None
    assert clocks.decide_by(planner, area, key[1], now).at == second.at
    rise(planner, now + timedelta(minutes=10), 6, 3)
    renew(clock, now + timedelta(minutes=10))
    after = rows(planner, now)[key].at
    assert after is not None
    assert second.at is not None
    assert after > second.at, "newer official word of later water does"


def test_an_area_that_is_gone_leaves_no_row_and_new_minutes_of_the_city_count_at_once(
    planner: Planner, now: datetime
) -> None:
    clock = DecideByClock(planner)
    rise(planner, now, 5, 3)
    renew(clock, now)
    with planner.store.write() as tx:
        evacuation_areas.set_minutes(tx, "L02", 200, 200, "root", now)
    renew(clock, now)
    found = rows(planner, now)["L02", Hazard.FLOOD]
    assert found.basis is DecideByBasis.CITY
    assert found.zero is not None
    assert found.at == found.zero - timedelta(minutes=205)
    with planner.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM blocks WHERE code = 'L02'")
    renew(clock, now)
    assert ("L02", Hazard.FLOOD) not in rows(planner, now)
    gone = EvacuationArea("L02", "x", None, frozenset({Hazard.FLOOD}))
    assert clocks.decide_by(planner, gone, Hazard.FLOOD, now).basis is DecideByBasis.NOT_KNOWN


def test_level_five_and_a_lost_key_take_no_minute_from_anybody_else(planner: Planner, now: datetime) -> None:
    rise(planner, now, 5, 3)
    renew(DecideByClock(planner), now)
    before = rows(planner, now)
    later = now + timedelta(minutes=5)
    rise(planner, later, 5, 5)
    with planner.store.read() as tx:
        somebody = next(iter(households.numbers(tx)))
    planner.keys.destroy(somebody)
    renew(DecideByClock(planner), later)
    after = rows(planner, later)
    assert {key for key, one in after.items() if one.slowest} == {key for key, one in before.items() if one.slowest}
    assert all(somebody not in dict(one.slowest) for one in after.values())


def test_who_is_behind_it_are_figures(planner: Planner, now: datetime) -> None:
    rise(planner, now, 5, 3)
    assert decide_by_job(planner, lambda: now)() == 10
    one = next(o for o in rows(planner, now).values() if o.slowest and o.at)
    for name, _ in one.slowest:
        planner.current(name, now)
    found = tightest(planner, one.slowest)
    assert [home.household for home in found] == [name for name, _ in one.slowest]
    assert all(home.prepare_min is not None and home.mode is not None for home in found)
    assert any(home.walk_min is not None for home in found)
    assert one.at is not None
    late, number = would_not(planner, one.area, one.hazard, one.at + timedelta(minutes=120), 3)
    assert len(late) == min(3, number)
    assert number >= 1
    assert would_not(planner, "nowhere", one.hazard, now, 3) == ([], 0)
    assert tightest(planner, [("gone", now)])[0].prepare_min is None


def test_the_quick_reckoning_says_the_same_minutes_as_the_whole_one(planner: Planner, now: datetime) -> None:
    rise(planner, now, 5, 3)
    with planner.store.write() as tx:
        conditions.close_road(tx, planner.town.roads.ids[100], "desk", now)
    with planner.store.read() as tx:
        plans: list[Plan] = [version.plan for _, version in households.everyone(tx, planner.keys)]
    asked = [Asked(plan.home, plan.household, wishes(plan), plan.leave_level) for plan in plans]
    state, _ = planner.state(now)
    for seen in (state, early(state)):
        quick, whole = leavings(planner.town, asked, seen), outlooks(planner.town, asked, seen)
        for one, other in zip(quick, whole, strict=True):
            assert (one.leave, one.hazards, one.upstairs) == (other.leave, other.hazards, other.upstairs)
            assert (one.first is None) == (other.first is None)
            if one.first is not None and other.first is not None:
                assert one.first.destination == other.first.destination


def test_a_minute_that_goes_with_its_area_does_not_go_without_a_word(
    planner: Planner, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = DecideByClock(planner)
    rise(planner, now, 5, 3)
    renew(clock, now)
    said = {one.area for one in rows(planner, now).values() if one.at is not None}
    monkeypatch.setattr(evacuation_areas, "all_areas", lambda _tx: [])
    renew(clock, now + timedelta(minutes=1))
    assert rows(planner, now) == {}
    assert {e.where for e in heard(planner) if e.kind == "decide_by_gone"} == said
