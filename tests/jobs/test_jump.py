"""A replay's clock put forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disaster_hub.jobs.jump import FAST, WISH, Jump
from disaster_hub.store import worlds
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, WrongWorld
from disaster_hub.terms.world import World, WorldKind


class Followers:
    """Stands for the supervisor: counts how often it was told to start whom anew."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def again(self, names) -> None:
        self.told.append(tuple(names))


@pytest.fixture(name="store")
def a_store(tmp_path: Path):
    now = utc_now()
    world = World(WorldKind.REPLAY, "night", now, now, now + timedelta(hours=9), 1.0)
    store = prepare(f"sqlite:///{tmp_path / 'hub.gpkg'}", world)
    yield store
    store.close()


def jump_of(store: Store, folder: Path, at, written: list[World]) -> tuple[Jump, Followers, list[str]]:
    followers, said = Followers(), []

    def moment(text: str):
        if text == "never":
            raise BadConfig("never: is no time")
        return at

    jump = Jump(folder, store, followers, ("clock", "listen"), moment, said.append, written.append)  # type: ignore[arg-type]
    return jump, followers, said


def world_of(store: Store) -> World:
    with store.read() as tx:
        return worlds.current(tx)


def test_it_plays_fast_to_the_time_and_then_at_the_wished_speed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world_of(store)
    goal = before.now(utc_now()) + timedelta(seconds=60)
    written: list[World] = []
    monkeypatch.setattr("disaster_hub.jobs.jump.LEAD", timedelta(milliseconds=50))
    jump, followers, said = jump_of(store, tmp_path, goal, written)
    (tmp_path / WISH).write_text("18:40 2\n")
    jump.look()
    assert not (tmp_path / WISH).exists()
    fast = world_of(store)
    assert (fast.speed, fast.ends) == (FAST, goal)
    while world_of(store).now(utc_now()) < goal:
        jump.look()
    jump.look()
    there = world_of(store)
    assert (there.speed, there.starts, there.ends) == (2.0, goal, before.ends)
    assert followers.told == [("clock", "listen")] * 2
    assert [w.speed for w in written] == [FAST, 2.0]
    assert len(said) == 2


def test_the_past_is_not_played_again_only_the_speed_changes(store: Store, tmp_path: Path) -> None:
    now = world_of(store).now(utc_now())
    jump, _, _ = jump_of(store, tmp_path, now - timedelta(hours=1), [])
    (tmp_path / WISH).write_text("12:00 5")
    jump.look()
    world = world_of(store)
    assert world.speed == 5.0
    assert world.starts is not None
    assert world.starts >= now


@pytest.mark.parametrize("text", ["never", "18:40 quickly"])
def test_a_wrong_wish_is_said_and_changes_nothing(store: Store, tmp_path: Path, text: str) -> None:
    before = world_of(store)
    jump, followers, said = jump_of(store, tmp_path, utc_now(), [])
    (tmp_path / WISH).write_text(text)
    jump.look()
    assert replace(world_of(store)) == before
    assert not followers.told
    assert said[0].startswith(WISH)


def test_the_real_worlds_clock_is_nobodys_to_set(tmp_path: Path) -> None:
    store = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", World(WorldKind.REAL, "real"))
    jump, _, _ = jump_of(store, tmp_path, utc_now() + timedelta(hours=1), [])
    (tmp_path / WISH).write_text("18:40 1")
    with pytest.raises(WrongWorld):
        jump.look()
    store.close()
