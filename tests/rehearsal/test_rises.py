"""Rises are other nights within the greatest scale, and no water of any night comes sooner than the table says."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

import numpy as np
import pytest
import shapely

from disaster_hub.rehearsal import arrivals, rises, stage, water, zones
from disaster_hub.rehearsal.city import lonlat, minutes, moment
from disaster_hub.rehearsal.streets import Link, streets
from disaster_hub.rehearsal.terrain import Ground, Mask

SEEDS = range(24)
ROOT = Path(rises.__file__).parents[2]


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground()


@pytest.fixture(scope="module")
def links() -> list[Link]:
    return streets().links()


@pytest.fixture(scope="module")
def reach(ground: Ground) -> Mask:
    return zones.depth(ground, "maximum") > 0


@pytest.fixture(scope="module")
def table(ground: Ground, links: list[Link]) -> dict[str, float]:
    return dict(arrivals.rows(ground, links))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_rise_comes_sooner_than_the_table_says(
    seed: int, ground: Ground, links: list[Link], reach: Mask, table: dict[str, float]
) -> None:
    wet = rises.first_wet(rises.river_alone(rises.rise(seed)), ground, links, reach)
    late = {link: (after, table.get(link)) for link, after in wet.items() if after < table.get(link, np.inf)}
    assert not late
    assert len(wet) > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[:8])
def test_what_rain_brings_comes_after_the_warning_and_only_to_inland_zones_and_underpasses(
    seed: int, ground: Ground, links: list[Link], reach: Mask
) -> None:
    one = rises.rise(seed)
    under = {link.id for link in links if link.under}
    drawn = shapely.union_all([zone.shape for zone in zones.inland_zones(ground, ())])
    wet = rises.first_wet(one, ground, links, reach)
    rain = {link for link, after in wet.items() if after < one.breaks_after} - under
    assert all(one.danger + wet[link] > one.warned for link in rain)
    lines = {link.id: shapely.LineString([lonlat(*point) for point in link.points]) for link in links}
    assert len(rain) > 10
    assert not [link for link in rain if not lines[link].intersects(drawn)]


def test_the_night_itself_comes_no_sooner_than_the_table_says(
    ground: Ground, links: list[Link], table: dict[str, float]
) -> None:
    danger = next(m for m in range(600) if stage.level("river", m) >= rises.DANGER_M)
    first: dict[str, float] = {}
    for link, time, _ in water.rows(ground, links, water.night(ground)):
        first.setdefault(link, minutes(moment(time[11:16])) - danger)
    breaks = minutes(moment(stage.BREACH)) - danger
    river = {link: after for link, after in first.items() if after >= breaks}
    assert len(river) > 200
    assert not {link for link, after in river.items() if after < table.get(link, np.inf)}


def test_rises_differ_in_place_hour_and_height_and_some_break_at_once() -> None:
    drawn = [rises.rise(seed) for seed in SEEDS]
    assert len({one.here.x for one in drawn}) == len(drawn)
    assert any(one.breaks_after < arrivals.HOLDS_MIN + 1 for one in drawn)
    assert any(one.breaks_after > 90 for one in drawn)
    assert min(one.here.x for one in drawn) < 2000
    assert max(one.here.x for one in drawn) > 4500
    for one in drawn:
        assert arrivals.HOLDS_MIN <= one.breaks_after <= rises.BREAKS_WITHIN_MIN + 1
        assert one.here.stage(one.danger) == pytest.approx(rises.DANGER_M, abs=0.05)
        assert rises.rise(one.seed).here.x == one.here.x


@pytest.mark.slow
def test_water_of_a_rise_stays_below_its_river_and_in_the_greatest_zone(ground: Ground, reach: Mask) -> None:
    one, highest = rises.rise(3), 0.0
    for now in rises.moments(one, ground, reach):
        assert not ((now.depth > 0) & ~reach).any()
        if now.minute >= one.here.at:
            highest = max(highest, one.here.surface(now.minute))
            assert now.highest <= highest + 1e-9


def test_the_table_is_written_once_a_link_and_names_no_bridge(
    tmp_path: Path, ground: Ground, links: list[Link]
) -> None:
    arrivals.write(tmp_path / arrivals.NAME, ground, links)
    with (tmp_path / arrivals.NAME).open(encoding="utf-8", newline="") as file:
        said = [(row["link"], float(row["minutes"])) for row in csv.DictReader(file)]
    names = [link for link, _ in said]
    assert len(set(names)) == len(names) > 500
    assert not set(names) & {link.id for link in links if link.bridge}
    assert 0 < len(names) < len(links)
    assert min(after for _, after in said) == arrivals.HOLDS_MIN
    assert max(after for _, after in said) > arrivals.HOLDS_MIN + 10


@pytest.mark.parametrize("name", ["arrivals", "rises", "water", "zones", "terrain", "streets", "stage"])
def test_the_water_knows_nothing_of_plans(name: str) -> None:
    """What makes the true water, and the table, imports nothing from `timelines`: else the proof proves itself."""
    tree = ast.parse((ROOT / "disaster_hub" / "rehearsal" / f"{name}.py").read_text(encoding="utf-8"))
    asked = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    asked += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
    assert not [name for name in asked if name.startswith(("timelines", "disaster_hub.planning"))]
