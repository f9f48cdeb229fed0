"""How many live in an area: plans by the index and their seals, statistics by area, block or town; parts say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely import Point, box

from disaster_hub.desk import people
from disaster_hub.store import evacuation_areas, households, places, statistics
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.decision import Affected, EvacuationArea
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.place import Feature, LonLat

NOWHERE = shapely.GeometryCollection()
WEST, EAST = box(139.30, 38.90, 139.34, 39.00), box(139.34, 38.90, 139.40, 39.00)


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring.open(tmp_path / "keys")
    yield keys
    keys.close()


def area(code: str, shape: Any, *blocks: str) -> EvacuationArea:
    return EvacuationArea(code, code, shape, frozenset(), None, None, blocks)


def home(store: Store, keys: Keyring, lon: float, count: int, now: datetime) -> str:
    plan = Plan(Home(LonLat(lon, 38.95)), Household(count))
    with store.write() as tx:
        return households.create(tx, keys, plan, now).household


def counted(store: Store, *rows: tuple[str, str, int | None, int | None, int | None]) -> None:
    day = date(2026, 4, 1)
    with store.write() as tx:
        features = [
            Feature("statistics", a + t, NOWHERE, {"area": a, "town": t, "households": h, "people": p, "elderly": e, "as_of": day})
            for a, t, h, p, e in rows
        ]  # fmt: skip
        statistics.replace(tx, "s", features)


def test_homes_and_people_of_the_plans_inside(store: Store, keys: Keyring, now: datetime) -> None:
    first = home(store, keys, 139.31, 3, now)
    home(store, keys, 139.32, 2, now)
    home(store, keys, 139.36, 5, now)
    with store.write() as tx:
        households.create(tx, keys, None, now)
    areas = [area("W", WEST), area("E", EAST), area("?", None)]
    with store.read() as tx:
        found = people.affected(tx, areas, keys)
    assert found == {"W": Affected(2, 5), "E": Affected(1, 5), "?": Affected(0, 0, partly=True)}
    with store.write() as tx:
        households.save(tx, keys, first, Plan(Home(LonLat(139.36, 38.95)), Household(4)), now + timedelta(seconds=1))
    with store.read() as tx:
        assert people.affected(tx, areas[:2], keys) == {"W": Affected(1, 2), "E": Affected(2, 9)}, (
            "what was kept is renewed"
        )
        assert people.inside(tx, box(139.3, 38.9, 139.4, 39.0), keys) == Affected(3, 11)
    with store.write() as tx:
        households.delete(tx, keys, first, now)
    with store.read() as tx:
        assert people.inside(tx, EAST, keys) == Affected(1, 5)


def test_many_plans_are_read_at_once_and_one_that_is_lost_counts_as_a_home(
    sqlite_store: Store, keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MANY", 5)
    made = [home(sqlite_store, keys, 139.31, 2, now) for _ in range(8)]
    keys.destroy(made[0])
    with sqlite_store.read() as tx:
        assert people.inside(tx, WEST, keys) == Affected(8, 14)
        assert people.inside(tx, WEST, keys) == Affected(8, 14)


def test_the_areas_own_row_comes_first(sqlite_store: Store, keys: Keyring) -> None:
    counted(sqlite_store, ("W", "", 10, 20, None), ("", "東町", 1, 1, 1))
    with sqlite_store.read() as tx:
        (found,) = people.affected(tx, [area("W", WEST, "東町")], keys).values()
    assert (found.households, found.people, found.elderly, found.as_of) == (10, 20, None, date(2026, 4, 1))


def test_listed_blocks_are_added_up_and_a_missing_one_makes_it_a_part(sqlite_store: Store, keys: Keyring) -> None:
    counted(sqlite_store, ("", "東町", 10, 20, 5), ("", "西町", 1, 2, None))
    dots = [
        Feature("addresses", t, Point(139.31 + n / 100, 38.95), {"town": t})
        for n, t in enumerate(("東町", "西町", "南町"))
    ]
    with sqlite_store.write() as tx:
        places.replace(tx, "addresses", "f", dots)
    with sqlite_store.read() as tx:
        whole, part, unknown, lost = people.affected(
            tx, [area("1", WEST, "東町"), area("2", WEST, "東町", "西町"), area("3", WEST, "南町"), area("4", WEST, "東町", "消えた町")], keys
        ).values()  # fmt: skip
    assert (whole.households, whole.people, whole.elderly, whole.partly) == (10, 20, 5, False)
    assert (part.households, part.people, part.elderly, part.partly) == (11, 22, 5, True)
    assert (unknown.people, unknown.partly) == (None, True)
    assert (lost.people, lost.partly) == (20, True)


def test_of_a_drawn_area_whole_towns_are_added_and_one_that_is_cut_says_so(sqlite_store: Store, keys: Keyring) -> None:
    counted(sqlite_store, ("", "東町", 10, 20, 5), ("", "西町", 100, 200, 50))
    spots = {"東町": [139.31], "西町": [139.33, 139.35]}
    dots = [Feature("addresses", f"{t}{x}", Point(x, 38.95), {"town": t}) for t, xs in spots.items() for x in xs]
    with sqlite_store.write() as tx:
        places.replace(tx, "addresses", "f", dots)
    with sqlite_store.read() as tx:
        west = people.inside(tx, WEST, keys)
        every = people.inside(tx, box(139.3, 38.9, 139.4, 39.0), keys)
        nobody = people.inside(tx, box(139.5, 38.9, 139.6, 39.0), keys)
    assert (west.people, west.partly) == (20, True)
    assert (every.people, every.elderly, every.partly) == (220, 55, False)
    assert (nobody.people, nobody.partly) == (None, False), (
        "nothing that is counted lies there: not known, and not zero"
    )


def test_without_statistics_nothing_is_known(sqlite_store: Store, keys: Keyring) -> None:
    with sqlite_store.read() as tx:
        assert evacuation_areas.all_areas(tx) == []
        assert people.affected(tx, [], keys) == {}
        assert people.inside(tx, WEST, keys) == Affected(0, 0)
