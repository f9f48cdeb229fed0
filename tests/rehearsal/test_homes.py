"""The made-up households: the same every time, scattered over the city, all sorts of people, and never in a real world."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from disaster_hub.configfile import load as load_config
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import lonlat, river_y
from disaster_hub.rehearsal.homes import HOMES, furnish, plans
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.household import Mode, Need
from disaster_hub.terms.world import World, WorldKind


def test_the_same_homes_every_time_and_all_sorts_of_people() -> None:
    made = plans()
    assert made == plans()
    assert len(made) == HOMES
    assert {plan.household.mode for plan in made} == set(Mode)
    needs = Counter(need for plan in made for need in plan.household.needs)
    assert needs[Need.ELDER] > HOMES / 5
    assert min(needs[Need.CARE], needs[Need.INFANT]) > 5
    assert len({plan.household.prepare_min for plan in made}) > 3
    lon, lat = lonlat(3000, river_y(3000))
    assert all(abs(p.home.spot.lat - lat) > 0.0001 or abs(p.home.spot.lon - lon) > 0.001 for p in made)
    assert plans(20) == made[:20]


def test_they_are_saved_as_peoples_own_plans_are(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    keys = Keyring.open(tmp_path / "keys")
    text = config_toml(tmp_path, feed_port=1, mqtt_port=2, portal_port=3, world=world(now))
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    config = load_config(tmp_path / "config.toml", {})
    made = furnish(sqlite_store, keys, config, now, 12)
    with sqlite_store.read() as tx:
        found = dict(households.everyone(tx, keys))
    assert set(found) == set(made)
    assert all(one.at < now for one in found.values())
    real = replace(config, world=World(WorldKind.REAL, "本番"))
    with pytest.raises(WrongWorld):
        furnish(sqlite_store, keys, real, now, 1)
