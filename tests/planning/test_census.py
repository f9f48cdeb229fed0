"""The city's counts: by town, hazard, channel and age, through the veil; the same for everybody for an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from shapely import Point, box
from sqlalchemy import text

from disaster_hub.planning import census
from disaster_hub.store import households, places, tallies
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.place import Feature, LonLat
from timelines.home import ZoneIndex

WET, DRY, FAR = LonLat(139.300, 38.900), LonLat(139.320, 38.900), LonLat(139.9, 38.9)
ZONES = ZoneIndex.build([
    Feature("hazards", "z", box(139.29, 38.89, 139.31, 38.91),
            {"hazard": "flood", "scale": "maximum", "rank": 2, "rank_kind": "depth", "river": "みなも川"}),
])  # fmt: skip


@pytest.fixture(name="keys")
def a_keyring(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring.open(tmp_path / "keys")
    yield keys
    keys.close()


def addresses(store: Store) -> None:
    rows = [("a1", "芦原", WET), ("a2", "芦原", LonLat(139.301, 38.901)), ("b1", "柳町", DRY), ("c1", "空町", FAR)]
    columns = {"pref": "架空県", "city": "みなも市"}
    with store.write() as tx:
        places.replace(
            tx,
            "addresses",
            "f",
            [Feature("addresses", n, Point(s.lon, s.lat), columns | {"town": t}) for n, t, s in rows],
        )


def homes(
    store: Store, keys: Keyring, now: datetime, count: int, spot: LonLat, reviewed: date | None = None
) -> list[str]:
    with store.write() as tx:
        plan = Plan(Home(spot), reviewed_on=reviewed)
        return [households.create(tx, keys, plan, now).household for _ in range(count)]


def test_plans_are_counted_in_every_table(store: Store, keys: Keyring, now: datetime) -> None:
    addresses(store)
    wet = homes(store, keys, now - timedelta(days=400), 23, WET)
    homes(store, keys, now, 31, DRY)
    homes(store, keys, now - timedelta(days=400), 12, LonLat(139.5, 38.9), now.date() - timedelta(days=20))
    with store.write() as tx:
        for household in wet[:14]:
            contact = households.add_contact(tx, keys, household, "email", f"{household}@home.example", now)
            households.confirm_contact(tx, keys, household, contact, now)
        households.add_contact(tx, keys, wet[20], "email", "x@home.example", now)  # never confirmed: no channel
    with store.read() as tx:
        counted = census.count(tx, keys, ZONES, now)
    assert counted == {
        "all": {"all": 66},
        "towns": {"芦原": 23, "柳町": 31, "空町": 0, "": 12},
        "channel": {"with": 14, "without": 52},
        "review": {"reviewed": 43, "old": 23},
        "flood": {"inside": 23, "not": 43},
    }
    assert census.census(store, keys, ZONES, now).shown == {
        "all": {"all": 65},
        "towns": {"芦原": 20, "柳町": 30, "空町": None, "": None},
        "channel": {"with": 10, "without": 50},
        "review": {"reviewed": 40, "old": 20},
        "flood": {"inside": 20, "not": 40},
    }


def test_everybody_sees_the_same_for_an_hour(store: Store, keys: Keyring, now: datetime) -> None:
    addresses(store)
    homes(store, keys, now, 20, WET)
    first = census.census(store, keys, ZONES, now)
    homes(store, keys, now, 20, WET)
    assert census.census(store, keys, ZONES, now + timedelta(minutes=59)) == first
    later = census.census(store, keys, ZONES, now + timedelta(minutes=61))
    assert later.shown["all"]["all"] == 40


def test_the_stored_counts_are_sealed_and_hold_no_small_number(store: Store, keys: Keyring, now: datetime) -> None:
    addresses(store)
    homes(store, keys, now, 20, WET)
    homes(store, keys, now, 3, DRY)
    census.census(store, keys, ZONES, now)
    with store.read() as tx:
        body = bytes(tx.execute(text("SELECT sealed FROM tally")).scalar_one())
        kept = tallies.last(tx, keys)
    assert "芦原".encode() not in body
    assert kept is not None
    assert all(number >= 10 for rows in kept.kept.values() for number in rows.values())


def test_without_its_key_the_count_begins_anew(store: Store, keys: Keyring, now: datetime, tmp_path: Path) -> None:
    homes(store, keys, now, 20, WET)
    census.census(store, keys, ZONES, now)
    other = Keyring.open(tmp_path / "other")
    with store.read() as tx:
        assert tallies.last(tx, other) is None
    assert census.census(store, other, ZONES, now).shown["all"]["all"] is None
    other.close()


def test_nothing_loaded_is_no_hazard_table_and_one_row_of_towns(store: Store, keys: Keyring, now: datetime) -> None:
    homes(store, keys, now, 20, WET)
    with store.read() as tx:
        counted = census.count(tx, keys, ZoneIndex.build([]), now)
    assert set(counted) == {"all", "towns", "channel", "review"}
    assert counted["towns"] == {"": 20}


def test_an_empty_hub_counts_nobody(store: Store, keys: Keyring, now: datetime) -> None:
    addresses(store)
    said = census.census(store, keys, ZONES, now)
    assert {number for rows in said.shown.values() for number in rows.values()} == {None}
