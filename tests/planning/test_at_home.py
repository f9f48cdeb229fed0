"""`disaster-hub home`: the facts of one place on both databases, null where not known, and one line where it is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import shapely

from disaster_hub.cli import main
from disaster_hub.planning.at_home import at_home, spot_of
from disaster_hub.store import places
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Home, Household
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.world import World, WorldKind

ROOT = Path(__file__).parents[2]
HERE = LonLat(139.3, 38.9)
FLOOD = {"hazard": "flood", "scale": "maximum", "rank": 2, "rank_kind": "depth", "river": "みなも川"}


def square(lon: float = HERE.lon, lat: float = HERE.lat, half: float = 0.005) -> shapely.Polygon:
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


def shelter(identity: str, lon: float, **flags: bool | str | None) -> Feature:
    columns = {"name": f"避難所{identity}", "designation": "emergency"} | flags
    return Feature("shelters", identity, shapely.Point(lon, HERE.lat), columns)


def fill(store: Store, *zones: Feature, shelters: tuple[Feature, ...] = ()) -> None:
    with store.write() as tx:
        places.replace(tx, "hazards", "test:zones", zones)
        places.replace(tx, "shelters", "test:shelters", shelters)


def said(store: Store, spot: LonLat = HERE, household: Household | None = None) -> dict[str, Any]:
    with store.read() as tx:
        found = at_home(tx, Home(spot, storeys=2), household or Household())
    again: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    return again


def test_an_empty_store_knows_nothing_and_says_so(store: Store) -> None:
    found = said(store)
    assert [h["hazard"] for h in found["hazards"]] == ["flood", "landslide", "surge", "tsunami", "inland"]
    assert {h["known"] for h in found["hazards"]} == {"no_data"}
    assert found["upstairs"]["allowed"] is False
    assert found["upstairs"]["above_water"] is None
    assert found["loaded"]["zones"] == []
    assert found["place"]["name"] is None


def test_a_wet_home_gets_class_rivers_and_the_shelters_for_that_hazard(store: Store) -> None:
    near = (
        shelter("a", 139.301, flood=None, landslide=True),
        shelter("b", 139.302, flood=True),
        shelter("c", 139.31, flood=True),
        shelter("d", 139.3001, flood=True, designation="evacuation"),
    )
    fill(store, Feature("hazards", "z1", square(), FLOOD), shelters=near)
    found = said(store)
    flood, landslide = found["hazards"][:2]
    assert flood["known"] == "inside"
    assert flood["maximum"] == {"low_m": 0.5, "high_m": 3.0, "metres": None}
    assert (flood["reckoned_m"], flood["planned"], flood["planned_known"]) == (3.0, None, False)
    assert flood["rivers"] == ["みなも川"]
    assert [(s["id"], s["zone"]) for s in flood["shelters"]] == [("b", "inside"), ("c", "outside")]
    assert 165 < flood["shelters"][0]["straight_m"] < 180
    assert (landslide["known"], [s["id"] for s in landslide["shelters"]]) == ("no_data", ["a"])
    assert found["loaded"]["zones"] == [{"hazard": "flood", "kind": "depth", "scale": "maximum"}]
    assert found["loaded"]["shelters"] == 4


def test_an_open_ended_depth_is_null_and_not_infinite(store: Store) -> None:
    fill(store, Feature("hazards", "z1", square(), FLOOD | {"rank": 6}))
    flood = said(store)["hazards"][0]
    assert flood["maximum"] == {"low_m": 20.0, "high_m": None, "metres": None}
    assert flood["reckoned_m"] is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("38.7,139.8", "longitude comes first"),
        ("0,0", "outside Japan"),
        ("139.8", "LON,LAT"),
        ("139.8,38.7,2", "LON,LAT"),
        ("nan,38", "LON,LAT"),
        ("１３９,３８", "LON,LAT"),
        ("139.8,38.7\n; rm", "LON,LAT"),
        ("", "LON,LAT"),
    ],
)
def test_what_is_no_place_is_said(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        spot_of(text)


def test_a_place_may_have_spaces() -> None:
    assert spot_of(" 139.8267, 38.7273 ") == LonLat(139.8267, 38.7273)


def test_the_command_prints_json_or_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    address = f"sqlite:///{tmp_path / 'hub.gpkg'}"
    store = prepare(address, World(WorldKind.REAL, "鶴岡市"))
    fill(store, Feature("hazards", "z1", square(139.8267, 38.7273), FLOOD | {"river": "赤川"}))
    store.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISASTER_HUB_STORE", address)
    with pytest.raises(SystemExit) as done:
        main(["home", "--at", "139.8267,38.7273"])
    assert not done.value.code
    assert json.loads(capsys.readouterr().out)["hazards"][0]["rivers"] == ["赤川"]
    with pytest.raises(SystemExit) as done:
        main(["home", "--at", "38.7273,139.8267"])
    wrong = capsys.readouterr()
    assert (done.value.code, wrong.out) == (2, "")
    assert len(wrong.err.splitlines()) == 1
    assert "longitude comes first" in wrong.err
