"""Ten real addresses of Tsuruoka: the right shelter for the hazard, and what is not loaded is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disaster_hub.config import Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.jobs.load import load
from disaster_hub.planning.plans import Planner
from disaster_hub.planning.town import Library
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.hazard import Hazard, Known
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.place import LonLat, metres_between
from disaster_hub.terms.way import Word

DATA = Path(__file__).parents[3] / "shared/data"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TOWNS = ("馬場町", "末広町", "大山", "羽黒町", "朝暘町", "鼠ヶ関", "湯野浜", "藤島", "切添町", "本町")
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the checkout"),
]


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    folder = tmp_path_factory.mktemp("tsuruoka")
    config = load_config(Path(__file__).parents[2] / "config.toml", {})
    config = replace(config, store=f"sqlite:///{folder / 'hub.gpkg'}", keys=Keys(folder / "keys"))
    store = prepare(config.store, config.world)
    files = [DATA / "shelters/emergency/062031.json"]
    report = load(store, files, now=NOW, world=config.world, progress=lambda _: None)
    assert not report.refused
    keys = Keyring.open(config.keys.folder)
    yield Planner(store, config, Library(store, config), keys)
    store.close()


def ten() -> list[tuple[str, LonLat]]:
    """Give ten town points of Tsuruoka, as far apart as their towns."""
    rows = json.loads((DATA / "addresses/geolonia_api_ja/山形県/鶴岡市.json").read_text(encoding="utf-8"))
    placed = [r for r in rows if r["lat"] is not None]
    found = []
    for name in TOWNS:
        one = next((r for r in placed if r["town"].startswith(name)), None)
        if one is not None:
            found.append((one["town"], LonLat(one["lng"], one["lat"])))
    found += [(r["town"], LonLat(r["lng"], r["lat"])) for r in placed[:: len(placed) // 10]]
    return found[:10]


def test_ten_addresses_get_the_right_shelter_and_the_truth_about_the_rest(planner: Planner) -> None:
    shelters = {s.id: s for s in planner.town.shelters.all}
    assert len(ten()) == 10
    for name, spot in ten():
        dangers = planner.dangers(spot)
        assert {d.known for d in dangers} == {Known.NO_DATA}, name
        found = planner.outlook(Plan(Home(spot, name), Household(2)), NOW)
        for choice in (found.first, found.second):
            assert choice is not None, name
            shelter = shelters[choice.destination.shelter or ""]
            assert {Hazard.FLOOD, Hazard.LANDSLIDE} <= shelter.designated, (name, shelter.name)
            assert {"zones_not_loaded", "roads_not_loaded", "state_not_known"} <= set(choice.notes), name
            assert choice.way is None
        right = [s for s in shelters.values() if {Hazard.FLOOD, Hazard.LANDSLIDE} <= s.designated]
        nearest = min(metres_between(spot, s.spot) for s in right)
        assert found.first is not None
        assert metres_between(spot, shelters[found.first.destination.shelter or ""].spot) == pytest.approx(
            nearest, rel=0.005
        )
        assert found.leave.word in {Word.LEAVE_AT_LEVEL, Word.NO_WAY_KNOWN}
        assert found.leave.at is None, "no minute is invented"
