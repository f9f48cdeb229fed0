"""Areas, their minutes, the ground of listed blocks, statistics, homes in a shape, minutes as they were said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import Point, box

from disaster_hub.store import decide_bys, evacuation_areas, home_points, households, journal, places, statistics
from disaster_hub.store.decide_bys import Said
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.decision import DecideBy, DecideByBasis
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.place import Feature, LonLat

NOWHERE = shapely.GeometryCollection()
DRAWN = {"code": "R1", "name": "右岸", "hazards": "flood inland", "day_min": 40, "night_min": None, "blocks": []}


def put(store: Store, *features: Feature, layer: str = "blocks") -> None:
    with store.write() as tx:
        places.replace(tx, layer, f"test:{layer}", features)


def test_an_area_as_it_was_drawn(store: Store) -> None:
    put(store, Feature("blocks", "R1", box(139.3, 38.9, 139.4, 39.0), DRAWN))
    with store.read() as tx:
        (area,) = evacuation_areas.all_areas(tx)
        assert evacuation_areas.find(tx, "R2") is None
    assert (area.code, area.name, area.day_min, area.night_min) == ("R1", "右岸", 40, None)
    assert area.hazards == {Hazard.FLOOD, Hazard.INLAND}
    assert area.shape is not None
    assert area.shape.equals(box(139.3, 38.9, 139.4, 39.0))
    assert not area.approximate


def test_minutes_that_were_set_stand_above_the_file_and_stay_in_the_journal(store: Store, now: datetime) -> None:
    put(store, Feature("blocks", "R1", box(139.3, 38.9, 139.4, 39.0), DRAWN))
    with store.write() as tx:
        changed = evacuation_areas.set_minutes(tx, "R1", None, 70, "root", now)
        assert (changed.day_min, changed.night_min) == (None, 70)
        evacuation_areas.set_minutes(tx, "R1", None, 70, "root", now)
        rows = journal.entries(tx, kinds=("area_minutes",))
        assert [row.what for row in rows] == ["避難所要時間を変更 右岸：昼40分・夜未設定 → 昼未設定・夜70分"]
        for code, day in (("R9", 5), ("R1", 0), ("R1", 1441)):
            with pytest.raises(BadInput):
                evacuation_areas.set_minutes(tx, code, day, None, "root", now)
    put(store, Feature("blocks", "R1", box(139.3, 38.9, 139.4, 39.0), DRAWN))
    with store.read() as tx:
        assert evacuation_areas.all_areas(tx)[0].night_min == 70, "loading the file again changes nothing"


def test_listed_blocks_get_the_ground_around_their_points_and_say_so(store: Store) -> None:
    towns = [("東町", 139.31), ("西町", 139.33), ("西町", 139.35)]
    dots = [Feature("addresses", f"{n}", Point(x, 38.95), {"town": t}) for n, (t, x) in enumerate(towns)]
    put(store, *dots, layer="addresses")
    put(store, Feature("areas", "99201", box(139.3, 38.9, 139.36, 39.0), {"name": "市"}), layer="areas")
    said = DRAWN | {"blocks": ["西町", "無い町"]}
    put(
        store,
        Feature("blocks", "R1", NOWHERE, said),
        Feature("blocks", "R2", NOWHERE, said | {"code": "R2", "blocks": []}),
    )
    with store.read() as tx:
        one, other = evacuation_areas.all_areas(tx)
    assert one.approximate
    assert one.shape is not None
    assert one.shape.covers(Point(139.34, 38.91))
    assert not one.shape.intersects(Point(139.315, 38.95))
    assert np.allclose(one.shape.bounds, (139.32, 38.9, 139.36, 39.0))
    assert other.shape is None
    assert not other.approximate


def test_statistics_replace_what_their_file_had_said(store: Store) -> None:
    def row(area: str, town: str, people: int | None) -> Feature:
        said = {"area": area, "town": town, "people": people, "as_of": date(2026, 4, 1)}
        return Feature("statistics", area + town, NOWHERE, said)

    with store.write() as tx:
        statistics.replace(tx, "s", [row("R1", "", 5), row("", "東町", None)])
        statistics.replace(tx, "s", [row("R1", "", 7), row("", "東町", None)])
        statistics.replace(tx, "other", [row("R1", "", 9)])
        assert [r.people for r in statistics.all_rows(tx, ["R1"])] == [9, 7]
        assert {(r.town, r.people, r.as_of) for r in statistics.all_rows(tx)} >= {("東町", None, date(2026, 4, 1))}
        statistics.replace(tx, "other", [])
        assert len(statistics.all_rows(tx)) == 2


def test_homes_in_a_shape_and_not_only_in_its_box(store: Store, tmp_path: Path, now: datetime) -> None:
    keys = Keyring.open(tmp_path / "keys")
    corner = shapely.Polygon([(139.3, 38.9), (139.4, 38.9), (139.3, 39.0)])
    with store.write() as tx:
        before = home_points.stamp(tx)
        spots = {"in": (139.31, 38.91), "box": (139.39, 38.99), "out": (139.5, 38.9), "edge": (139.3, 38.95)}
        made = {
            name: households.create(tx, keys, Plan(Home(LonLat(*spot))), now).household for name, spot in spots.items()
        }
        assert home_points.stamp(tx) != before
        found = home_points.within(tx, corner).inside(corner)
        assert sorted(found) == sorted([(made["in"], 1), (made["edge"], 1)])
        assert home_points.within(tx, shapely.Polygon()).inside(corner) == []
        last = home_points.stamp(tx)
        households.save(tx, keys, made["out"], Plan(Home(LonLat(139.32, 38.92))), now + timedelta(seconds=1))
        assert home_points.stamp(tx) != last
        assert (made["out"], 2) in home_points.within(tx, corner).inside(corner)


def test_a_point_that_another_program_wrote_is_read_too(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    keys = Keyring.open(tmp_path / "keys")
    with sqlite_store.write() as tx:
        households.create(tx, keys, Plan(Home(LonLat(139.35, 38.95))), now)
        plain = b"GP\x00\x01" + (6668).to_bytes(4, "little") + bytes(shapely.to_wkb(Point(139.31, 38.91)))
        tx.exec_driver_sql("UPDATE home SET geom = ?", (plain,))
        assert len(home_points.within(tx, box(139.3, 38.9, 139.32, 38.92)).inside(box(139.3, 38.9, 139.32, 38.92))) == 1


def test_minutes_as_they_were_said(store: Store, now: datetime) -> None:
    one = DecideBy(
        "R1", Hazard.FLOOD, now, DecideByBasis.PLANS, True, now, "台", "なぜ", 3, 1, (("ab", now), ("cd", now))
    )
    unknown = DecideBy("R1", Hazard.INLAND, None, DecideByBasis.NOT_KNOWN, False)
    with store.write() as tx:
        for said in (one, unknown):
            decide_bys.put(tx, Said(said, "word", now))
        decide_bys.put(tx, Said(one, "newer", now))
        found = decide_bys.rows(tx)
        assert found == {
            ("R1", Hazard.FLOOD): Said(one, "newer", now),
            ("R1", Hazard.INLAND): Said(unknown, "word", now),
        }
        decide_bys.drop(tx, [("R1", Hazard.FLOOD)])
        decide_bys.drop(tx, [])
        assert list(decide_bys.rows(tx)) == [("R1", Hazard.INLAND)]
    assert found["R1", Hazard.FLOOD].decide_by.slowest[0][1].tzinfo is UTC
