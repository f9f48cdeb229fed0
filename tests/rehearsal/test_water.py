"""The true water: never above its source, only where it can get to, inside the published zone."""

from __future__ import annotations

import csv
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from disaster_hub.rehearsal import stage, water
from disaster_hub.rehearsal.city import minutes, moment
from disaster_hub.rehearsal.streets import streets
from disaster_hub.rehearsal.terrain import Ground, reached
from sensors.datasets.recognise import read

Rows = list[tuple[str, datetime, float]]


@pytest.fixture(scope="module")
def moments() -> list[water.Moment]:
    return list(water.night(Ground()))


@pytest.fixture(scope="module")
def rows(rehearsal: Path) -> Rows:
    with (rehearsal / "truth" / "water.csv").open(encoding="utf-8", newline="") as file:
        return [(r["link"], datetime.fromisoformat(r["time"]), float(r["depth_m"])) for r in csv.DictReader(file)]


def test_water_never_stands_above_its_source(moments: list[water.Moment]) -> None:
    for now in moments:
        if now.minute >= minutes(moment(stage.BREACH)):
            assert now.highest <= water.river_surface(water.BREACH_X, now.minute) + 1e-9


def test_water_only_rises_until_the_gate_opens_and_falls_after_it(moments: list[water.Moment]) -> None:
    opens = minutes(moment(stage.GATE_OPENS))
    before = [now.depth for now in moments if now.minute <= opens]
    for earlier, later in pairwise(before):
        assert (later >= earlier - 1e-9).all()
    assert moments[-1].depth.sum() < 0.97 * before[-1].sum()
    assert before[-1].max() > 1.5


def test_wet_ground_hangs_together_with_the_breach_or_the_brook(moments: list[water.Moment]) -> None:
    ground = Ground()
    last = next(now for now in moments if now.minute == minutes(moment("23:00")))
    wet = last.depth > 0
    source = np.unravel_index(int(np.where(wet, last.depth, 0).argmax()), wet.shape)
    joined = reached((int(source[0]), int(source[1])), wet)
    assert (joined == wet).all()
    assert not (wet & ground.corridor).any()
    assert (ground.off[wet] > 0).all()


def test_every_wet_road_lies_in_the_greatest_zone(rehearsal: Path, rows: Rows) -> None:
    zones = read(rehearsal / "opendata" / "A31a-25_99_10_SHP.zip").features
    deep = [z.geometry for z in zones if z.columns["scale"] == "maximum" and z.columns["rank_kind"] == "depth"]
    roads = {f.id: f for f in read(rehearsal / "opendata" / "minamo.osm").features if f.layer == "roads"}
    wet = {link for link, _, depth in rows if depth > 0}
    assert 200 < len(wet) < len(roads) / 2
    tree = shapely.STRtree(deep)
    for link in sorted(wet):
        assert len(tree.query(roads[link].geometry, predicate="intersects")), f"{link} drowns outside the zone"
    assert not any(roads[link].columns["bridge"] for link in wet)


def test_links_are_those_of_the_reader(rehearsal: Path) -> None:
    roads = {f.id: f for f in read(rehearsal / "opendata" / "minamo.osm").features if f.layer == "roads"}
    links = {link.id: link for link in streets().links()}
    assert set(links) == set(roads)
    for name, link in links.items():
        drawn = float(shapely.LineString(link.points).length)
        assert abs(drawn - roads[name].columns["length_m"]) < 0.01 * drawn + 0.1


def test_the_story_of_the_roads(rows: Rows) -> None:
    assert [time for _, time, _ in rows] == sorted(time for _, time, _ in rows)
    under = {link.id for link in streets().links() if link.under}
    assert len(under) == 1
    first = next(row for row in rows if row[2] > 0)
    assert first[0] in under
    assert moment("17:20") <= first[1] <= moment("17:40")
    early = {link for link, time, depth in rows if depth > 0 and time < moment(stage.BREACH)}
    late = {link for link, time, depth in rows if depth > 0 and time >= moment(stage.BREACH)} - early
    assert len(early) > 20
    assert len(late) > 100
    assert any(depth == 0 for _, _, depth in rows)
