"""Loading: each file stands or falls alone, a second loading replaces the first, and worlds stay apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.jobs.load import LoadReport, load
from disaster_hub.rehearsal import opendata
from disaster_hub.rehearsal.streets import streets
from disaster_hub.store import journal, places
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.world import World, WorldKind
from tests.datasets.makers import archive, face, geojson, polygon, put, shapefile, spot, square
from tests.datasets.test_addresses_and_roads import GRID, osm, towns, way
from tests.datasets.test_shelters import EMERGENCY, EVACUATION

NOW = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)
REPLAY = World(WorldKind.REPLAY, "架空の夜", NOW, NOW)
REAL = World(WorldKind.REAL, "本番")


@pytest.fixture(name="store")
def a_store(tmp_path: Path) -> Any:
    store = prepare(f"sqlite:///{tmp_path / 'hub.gpkg'}", REPLAY)
    yield store
    store.close()


@pytest.fixture(name="folder")
def a_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "opendata"
    folder.mkdir()
    return folder


def run(store: Store, *paths: Path, world: World = REPLAY) -> LoadReport:
    return load(store, paths, now=NOW, world=world, progress=lambda _: None)


def counted(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return {layer: n for layer, n in places.count(tx).items() if n}


def city(folder: Path) -> None:
    """Write one small file of every kind."""
    geojson(folder / "emergency.geojson", [(EMERGENCY | {"洪水": "1"}, spot(139.305, 38.905))])
    geojson(folder / "evacuation.geojson", [(EVACUATION, spot(139.306, 38.905))])
    n03 = {"N03_001": "架空県", "N03_002": None, "N03_003": None, "N03_004": "みなも市", "N03_007": "99201"}
    geojson(folder / "N03.geojson", [(n03, face(139.3, 38.9)), (n03, face(139.4, 38.9))])
    row = ["9900990001", "みなも川", "99", "架空県", "3"]
    parts = shapefile({f"A31a_20{n}": 20 for n in range(1, 6)}, [row], [polygon(square(139.3, 38.9))])
    archive(folder / "A31a-25_99_10_SHP.zip", [(f"20/a{s}", b) for s, b in parts.items()])
    slope = shapefile({"A33_001": 2, "A33_002": 2}, [["1", "2"]], [polygon(square(139.3, 38.9))])
    put(folder, "A33-25_99", slope)
    towns(folder, {"town": "本町", "koaza": "", "lat": 38.9, "lng": 139.3})
    river = way(2, [1, 11], waterway="river")
    osm(folder / "minamo.osm", GRID + way(1, [1, 2, 3], highway="residential", name="本通り") + river)
    (folder / "README.txt").write_text("nothing to load", encoding="utf-8")
    (folder / ".hidden.json").write_text("{}", encoding="utf-8")


ALL = {"shelters": 2, "areas": 1, "hazards": 2, "addresses": 1, "roads": 1, "rivers": 1}


def test_a_folder_with_every_kind(store: Store, folder: Path) -> None:
    city(folder)
    lines: list[str] = []
    report = load(store, [folder], now=NOW, world=REPLAY, progress=lines.append)
    assert report.refused == ()
    assert report.counts == ALL == counted(store)
    assert len(lines) == len(report.loaded) == 7
    assert any(line.endswith("N03.geojson: ksj-n03: 1 areas") for line in lines)
    assert {p.suffix for p in report.left_alone} == {".shx", ".dbf", ".prj", ".txt"}


def test_what_was_loaded_can_be_found_again(store: Store, folder: Path) -> None:
    city(folder)
    run(store, folder)
    with store.read() as tx:
        (area,) = places.containing(tx, "areas", LonLat(139.405, 38.905))
        zones = places.containing(tx, "hazards", LonLat(139.305, 38.905))
        (road,) = places.features(tx, "roads")
        emergency, evacuation = sorted(places.features(tx, "shelters"), key=lambda f: f.id, reverse=True)
        written = json.loads(places.geojson(tx, "shelters"))
        told = journal.entries(tx, kinds=["dataset_loaded"])
    assert (area.columns["code"], area.columns["name"]) == ("9920100", "みなも市")
    assert {(z.columns["hazard"], z.columns["rank"], z.columns["rank_kind"]) for z in zones} == {
        ("flood", 3, "depth"),
        ("landslide", 2, "landslide"),
    }
    assert {z.columns["river"] for z in zones} == {"みなも川", None}
    assert (road.id, road.columns["way"], road.columns["name"]) == ("1/0", 1, "本通り")
    assert (emergency.columns["flood"], emergency.columns["fire"]) == (True, False)
    assert evacuation.columns["flood"] is None
    assert len(written["features"]) == 2
    assert len(told) == 7
    assert {entry.at for entry in told} == {NOW}


def test_loading_again_replaces_and_changes_nothing_else(store: Store, folder: Path) -> None:
    city(folder)
    run(store, folder)
    run(store, folder)
    assert counted(store) == ALL
    osm(folder / "minamo.osm", GRID + way(7, [1, 2], highway="path"))
    run(store, folder / "minamo.osm")
    assert counted(store) == {layer: n for layer, n in ALL.items() if layer != "rivers"}
    with store.read() as tx:
        assert [f.id for f in places.features(tx, "roads")] == ["7/0"]


def test_a_refused_file_leaves_everything_as_it_was(store: Store, folder: Path) -> None:
    city(folder)
    run(store, folder)
    geojson(folder / "emergency.geojson", [(EMERGENCY, spot()), (EMERGENCY | {"洪水": "×"}, spot())])
    (folder / "minamo.osm").write_text("<osm><way", encoding="utf-8")
    report = run(store, folder)
    assert counted(store) == ALL
    assert [refused.path.name for refused in report.refused] == ["emergency.geojson", "minamo.osm"]
    assert "features[1]: 洪水 '×'" in report.refused[0].reason
    assert len(report.loaded) == 5


@pytest.mark.parametrize("text", ['{"type":"unavailable"}', '{"type":"FeatureCollection","features":[]}'])
def test_a_file_that_says_nothing_clears_nothing(store: Store, folder: Path, text: str) -> None:
    city(folder)
    run(store, folder)
    (folder / "emergency.geojson").write_text(text, encoding="utf-8")
    report = run(store, folder)
    assert counted(store) == ALL
    said = [line for one in report.loaded for line in one.problems] + [r.reason for r in report.refused]
    assert any("emergency.geojson" in line or "stays" in line for line in said)


def test_a_file_named_twice_is_loaded_once(store: Store, folder: Path) -> None:
    city(folder)
    assert len(run(store, folder, folder / "N03.geojson", folder).loaded) == 7


def test_two_files_of_one_name_do_not_silently_replace_each_other(store: Store, folder: Path) -> None:
    for sub in ("a", "b"):
        (folder / sub).mkdir()
        geojson(folder / sub / "1.json", [(EMERGENCY | {"共通ID": f"E{sub}"}, spot())])
    report = run(store, folder)
    assert len(report.loaded) == 1
    assert "of the same kind and name was just loaded" in report.refused[0].reason


def test_a_real_world_refuses_the_made_up_city(tmp_path: Path, folder: Path) -> None:
    city(folder)
    store = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", REAL)
    report = run(store, folder, world=REAL)
    assert set(counted(store)) <= {"roads", "rivers", "hazards"}
    reasons = {refused.path.name: refused.reason for refused in report.refused}
    assert {
        "emergency.geojson",
        "evacuation.geojson",
        "N03.geojson",
        "A31a-25_99_10_SHP.zip",
        "みなも市.json",
    } <= set(reasons)
    assert all(reason.startswith(name) for name, reason in reasons.items())
    store.close()


def test_what_is_not_there_is_said(store: Store, tmp_path: Path) -> None:
    report = run(store, tmp_path / "nothing.zip")
    assert "nothing.zip: cannot be opened" in report.refused[0].reason


@pytest.mark.shared_data
def test_the_real_files_of_two_prefectures(tmp_path: Path) -> None:
    data = Path(__file__).parents[3] / "shared/data"
    if not data.is_dir():
        pytest.skip("../shared/data is not beside the checkout")
    store = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", REAL)
    folders = [data / "shelters", data / "addresses", data / "boundaries/geojson_s0010"]
    report = run(store, *folders, world=REAL)
    assert counted(store) == {"shelters": 5508, "addresses": 11_757, "areas": 54}
    assert sorted(refused.path.name for refused in report.refused) == [
        "data-availability.json",
        "ja.06_17.json",
    ]
    with store.read() as tx:
        ground = next(f for f in places.features(tx, "shelters") if f.columns["name"] == "大山小学校グラウンド")
        here = places.containing(tx, "areas", LonLat(ground.geometry.x, ground.geometry.y))
    assert [area.columns["code"] for area in here] == ["0620300"]
    store.close()


@pytest.fixture(name="rehearsal", scope="module")
def the_rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal") / "opendata"
    opendata.write(folder)
    return folder


def test_the_open_data_of_the_rehearsal_city_loads_whole(store: Store, rehearsal: Path) -> None:
    report = run(store, rehearsal)
    assert report.refused == ()
    assert report.left_alone == ()
    kinds = {"shelters", "areas", "hazards", "addresses", "roads", "rivers", "arrivals", "blocks", "statistics"}
    assert set(report.counts) == kinds | {"water_points"}
    with store.read() as tx:
        kinds = {(f.columns["hazard"], f.columns["rank_kind"]) for f in places.features(tx, "hazards")}
        codes = {f.columns["code"] for f in places.features(tx, "areas")}
    assert kinds >= {("flood", "depth"), ("flood", "duration"), ("flood", "collapse"), ("landslide", "landslide")}
    assert codes == {"9920100", "9920200", "9930100"}


def test_the_roads_that_are_loaded_carry_the_names_of_the_true_water(store: Store, rehearsal: Path) -> None:
    run(store, rehearsal / "minamo.osm")
    with store.read() as tx:
        loaded = {f.id for f in places.features(tx, "roads")}
    assert {link.id for link in streets().links()} == loaded


def test_a_real_world_refuses_all_of_the_rehearsal_city(tmp_path: Path, rehearsal: Path) -> None:
    store = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", REAL)
    report = run(store, rehearsal, world=REAL)
    assert report.loaded == ()
    assert counted(store) == {}
    store.close()
