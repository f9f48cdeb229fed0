"""Whom an audience is, counted by homes through the store's own index: inside, on the border, and 5 m beyond it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyproj import Geod
from shapely import Point, Polygon, box

from disaster_hub.alerts import audience
from disaster_hub.store import home_points, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Audience
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Need, Plan
from disaster_hub.terms.place import LonLat
from tests.desk.alert_town import OUTSIDE, SQUARE, Folk, keyring, settle
from tests.jobs.hub import config

POINTS, BESIDE_M = 1000, 5.0
SHAPE = Polygon(
    [(139.800, 38.700), (139.812, 38.697), (139.823, 38.704), (139.816, 38.711), (139.821, 38.719), (139.804, 38.716)]
)
EARTH = Geod(ellps="GRS80")


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return keyring(tmp_path)


def beside(dice: random.Random) -> tuple[LonLat, LonLat]:
    """Give two points, 5 m on either side of a spot on the border that is no corner; the first one lies inside."""
    ring = list(SHAPE.exterior.coords)
    n = dice.randrange(len(ring) - 1)
    (west, south), (east, north) = ring[n], ring[n + 1]
    part = dice.uniform(0.02, 0.98)
    at = LonLat(west + part * (east - west), south + part * (north - south))
    along, _, _ = EARTH.inv(west, south, east, north)
    left, right = (LonLat(*EARTH.fwd(at.lon, at.lat, along + turn, BESIDE_M)[:2]) for turn in (-90, 90))
    assert SHAPE.exterior.is_ccw
    return left, right


def test_five_metres_inside_is_told_and_five_metres_outside_is_not(store: Store, keys: Keyring, now: datetime) -> None:
    dice = random.Random(8)
    inside: set[str] = set()
    outside: set[str] = set()
    with store.write() as tx:
        for _ in range(POINTS // 2):
            for spot, names in zip(beside(dice), (inside, outside), strict=True):
                plan = Plan(Home(spot), Household())
                names.add(households.create(tx, keys, plan, now).household)
    with store.read() as tx:
        found = {name for name, _ in audience.homes_in(tx, Audience(SHAPE))}
    assert len(inside) + len(outside) == POINTS
    assert found == inside


def test_on_the_border_is_inside(store: Store, keys: Keyring, now: datetime) -> None:
    spots = [LonLat(139.80, 38.71), LonLat(139.80, 38.70), LonLat(139.82, 38.72)]
    with store.write() as tx:
        homes = {settle(tx, keys, Folk(spot=spot), now) for spot in spots}
        assert {name for name, _ in audience.homes_in(tx, Audience(SQUARE))} == homes


def test_homes_are_counted_and_not_devices(store: Store, keys: Keyring, now: datetime) -> None:
    three = (("line", "U1"), ("line", "U2"), ("email", "a@example.jp"))
    with store.write() as tx:
        settle(tx, keys, Folk(channels=three), now)
        settle(tx, keys, Folk(channels=(), unconfirmed=[("email", "b@example.jp")]), now)
        settle(tx, keys, Folk(hazards=(), needs=frozenset({Need.ELDER})), now)
        settle(tx, keys, Folk(spot=OUTSIDE), now)
        households.create(tx, keys, None, now)
    hub = config(store.url)
    with store.read() as tx:
        every = audience.count(tx, keys, Audience(SQUARE), hub)
        wet = audience.count(tx, keys, Audience(SQUARE, frozenset({Hazard.FLOOD})), hub)
        old = audience.count(tx, keys, Audience(SQUARE, needs=frozenset({Need.ELDER})), hub)
        all_of_them = audience.count(tx, keys, Audience(), hub)
    assert (every.homes, every.people, every.no_channel) == (3, 6, 1)
    assert (every.by_channel, every.deliveries) == ({"line": 1, "email": 2}, {"line": 2, "email": 2})
    assert (wet.homes, old.homes, all_of_them.homes) == (2, 1, 4)
    assert every.languages == {"ja": 3}


def test_a_confirmed_channel_a_new_plan_and_a_lost_key_are_counted_at_once(
    store: Store, keys: Keyring, now: datetime
) -> None:
    hub = config(store.url)
    with store.write() as tx:
        home = settle(tx, keys, Folk(channels=(), unconfirmed=[("line", "U1")]), now)
        assert audience.count(tx, keys, Audience(SQUARE), hub).no_channel == 1
        later = now + timedelta(minutes=1)
        households.confirm_contact(tx, keys, home, households.contacts(tx, keys, home)[0].id, later)
        assert audience.count(tx, keys, Audience(SQUARE), hub).by_channel == {"line": 1}
        settle(tx, keys, Folk(), later + timedelta(minutes=1))
        assert audience.count(tx, keys, Audience(SQUARE), hub).homes == 2
        gone = settle(tx, keys, Folk(), later + timedelta(minutes=2))
        keys.destroy(gone)
        found = audience.count(tx, keys, Audience(SQUARE), hub)
    assert (found.homes, found.unreadable) == (2, 1)


def test_an_area_that_nobody_loaded_is_named(store: Store) -> None:
    with store.read() as tx, pytest.raises(BadInput, match="N1"):
        audience.of_areas(tx, ["N1"])
    with store.read() as tx, pytest.raises(BadInput, match="選んで"):
        audience.of_areas(tx, [])


def test_near_homes_come_by_distance(store: Store, keys: Keyring, now: datetime) -> None:
    spot = LonLat(139.81, 38.71)
    with store.write() as tx:
        near = [settle(tx, keys, Folk(spot=replace(spot, lon=spot.lon + n * 0.0002)), now) for n in (2, 0, 1, 9)]
        assert home_points.near(tx, spot, 60) == [near[1], near[2], near[0]]
        assert Point(spot.lon, spot.lat).within(box(139, 38, 140, 39))
