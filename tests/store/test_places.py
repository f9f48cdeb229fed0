"""Places: replaced file by file, found by the spatial index, readable by GDAL on either database."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely import LineString, Point, Polygon, box
from sqlalchemy import text
from sqlalchemy.engine import make_url

from disaster_hub.store import places, stations
from disaster_hub.store.geometry import from_blob, to_blob
from disaster_hub.store.layers import LAYERS
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.observation import Station
from disaster_hub.terms.place import Feature, LonLat

MINAMO = {"code": "9920100", "jis5": "99201", "name": "みなも市", "pref": "架空県"}
ZONE = {
    "hazard": "flood",
    "scale": "l2",
    "rank": 3,
    "rank_kind": "depth",
    "river": "みなも川",
    "river_code": "990099000100",
}
SHELTER = {"name": "第一小", "address": "本町1", "city": "みなも市", "flood": True, "landslide": False, "note": "2階"}
ROAD = {"way": 7_000_000_001, "segment": 0, "highway": "residential", "bridge": "yes", "steps": False, "length_m": 81.5}


def fill(store: Store) -> None:
    ring = Polygon([(139.20, 38.80), (139.40, 38.80), (139.40, 39.00), (139.20, 39.00)], [])
    rows = {
        "areas": [Feature("areas", "99201", ring, MINAMO)],
        "shelters": [Feature("shelters", f"s{n}", Point(139.3 + n / 1000, 38.9), SHELTER) for n in range(50)],
        "hazards": [Feature("hazards", "z1", box(139.30, 38.90, 139.31, 38.91), ZONE)],
        "addresses": [
            Feature("addresses", "a1", Point(139.3, 38.9), {"pref": "架空県", "city": "みなも市", "town": "本町"})
        ],
        "roads": [Feature("roads", "7/0", LineString([(139.3, 38.9), (139.301, 38.9)]), ROAD)],
        "rivers": [Feature("rivers", "9", LineString([(139.3, 38.9), (139.31, 38.95)]), {"name": "みなも川"})],
        "arrivals": [Feature("arrivals", "7/0", Point(139.3, 38.9), {"link": "7/0", "minutes": 12.5})],
        "blocks": [Feature("blocks", "R01", box(139.30, 38.90, 139.31, 38.91), {"code": "R01", "name": "右岸"})],
        "water_points": [Feature("water_points", "w1", Point(139.3, 38.9), {"kind": "hydrant", "number": "12"})],
    }
    with store.write() as tx:
        for layer, features in rows.items():
            places.replace(tx, layer, "file", features)


def test_a_feature_comes_back_as_it_went_in(store: Store) -> None:
    fill(store)
    with store.read() as tx:
        (zone,) = places.features(tx, "hazards")
        (road,) = places.features(tx, "roads")
        shelter = next(places.features(tx, "shelters"))
        assert places.count(tx) == {
            "areas": 1,
            "shelters": 50,
            "hazards": 1,
            "addresses": 1,
            "roads": 1,
            "rivers": 1,
            "stations": 0,
            "arrivals": 1,
            "blocks": 1,
            "water_points": 1,
        }
    assert {name: zone.columns[name] for name in ZONE} == ZONE
    assert {name: road.columns[name] for name in ROAD} == ROAD
    assert (shelter.columns["flood"], shelter.columns["landslide"], shelter.columns["surge"]) == (True, False, None)
    assert shelter.columns["note"] == "2階"
    assert zone.geometry.equals(box(139.30, 38.90, 139.31, 38.91))


def test_a_file_replaces_only_what_it_brought(store: Store) -> None:
    fill(store)
    with store.write() as tx:
        assert places.replace(tx, "shelters", "other", [Feature("shelters", "s0", Point(139.0, 38.0), SHELTER)]) == 1
        assert places.replace(tx, "shelters", "file", [Feature("shelters", "s0", Point(139.1, 38.1), SHELTER)]) == 1
    with store.read() as tx:
        assert places.count(tx)["shelters"] == 2
        assert [f.geometry.x for f in places.within_box(tx, "shelters", LonLat(138, 38), LonLat(140, 40))] == [
            139.0,
            139.1,
        ]


def test_a_fault_while_replacing_leaves_what_was_there(store: Store) -> None:
    fill(store)

    def broken() -> Any:
        yield Feature("shelters", "new", Point(139.3, 38.9), SHELTER)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.write() as tx:
        places.replace(tx, "shelters", "file", broken())
    with store.read() as tx:
        assert places.count(tx)["shelters"] == 50


def test_a_place_is_in_what_truly_covers_it(store: Store) -> None:
    triangle = Polygon([(139.0, 38.0), (139.1, 38.0), (139.0, 38.1)])
    with store.write() as tx:
        places.replace(tx, "hazards", "f", [Feature("hazards", "t", triangle, ZONE)])
    with store.read() as tx:
        assert [f.id for f in places.containing(tx, "hazards", LonLat(139.02, 38.02))] == ["t"]
        assert places.containing(tx, "hazards", LonLat(139.09, 38.09)) == []
        assert [f.id for f in places.containing(tx, "hazards", LonLat(139.05, 38.0))] == ["t"]
        assert places.within_box(tx, "hazards", LonLat(139.09, 38.09), LonLat(139.2, 38.2)) != []
        assert places.within_box(tx, "hazards", LonLat(139.1000001, 38.0), LonLat(139.2, 38.2)) == []


def test_a_box_is_found_by_the_index(store: Store) -> None:
    many = [Feature("addresses", str(n), Point(130 + n % 100 / 10, 30 + n / 1000), {}) for n in range(3000)]
    with store.write() as tx:
        places.replace(tx, "addresses", "f", many)
        if not store.sqlite:
            tx.exec_driver_sql("ANALYZE address")
    with store.read() as tx:
        if store.sqlite:
            query = (
                "SELECT * FROM address WHERE fid IN (SELECT id FROM rtree_address_geom WHERE minx <= 1 AND maxx >= 1)"
            )
            plan = str(tx.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
            assert "VIRTUAL TABLE INDEX" in plan
            assert "SEARCH address USING INTEGER PRIMARY KEY" in plan
        else:
            query = "SELECT * FROM address WHERE geom && ST_MakeEnvelope(131, 31, 131.01, 31.01, 6668)"
            assert "address_geom" in str(tx.execute(text(f"EXPLAIN {query}")).all())
        found = places.within_box(tx, "addresses", LonLat(130.95, 30.5), LonLat(131.05, 30.7))
    assert {f.id for f in found} == {str(n) for n in range(500, 701) if n % 100 == 10}


def test_the_index_follows_every_change(sqlite_store: Store) -> None:
    def boxes() -> list[tuple[int, float]]:
        with sqlite_store.read() as tx:
            return [(row[0], round(row[1], 3)) for row in tx.execute(text("SELECT id, minx FROM rtree_shelter_geom"))]

    with sqlite_store.write() as tx:
        places.replace(tx, "shelters", "f", [Feature("shelters", "s", Point(139.3, 38.9), {})])
    assert boxes() == [(1, 139.3)]
    changes = {
        "UPDATE shelter SET geom = :g": [(1, 139.5)],
        "UPDATE shelter SET fid = 9": [(9, 139.5)],
        "UPDATE shelter SET geom = NULL": [],
        "UPDATE shelter SET geom = :g, fid = 3": [(3, 139.5)],
        "DELETE FROM shelter": [],
    }
    for statement, wanted in changes.items():
        with sqlite_store.write() as tx:
            tx.execute(text(statement), {"g": to_blob(Point(139.5, 38.9))} if ":g" in statement else {})
        assert boxes() == wanted, statement


def test_a_station_moves_on_the_map(store: Store, now: Any) -> None:
    for lon in (139.3, 139.4, 139.5):
        with store.write() as tx:
            stations.upsert(tx, Station("g", "橋", lon=lon, lat=38.9), source="k", seen_at=now)
    with store.read() as tx:
        assert [f.geometry.x for f in places.within_box(tx, "stations", LonLat(139.45, 38), LonLat(140, 39))] == [139.5]
        assert places.within_box(tx, "stations", LonLat(139.0, 38), LonLat(139.45, 39)) == []


def test_geojson_is_what_rfc_7946_says(store: Store) -> None:
    fill(store)
    with store.read() as tx:
        areas = json.loads(places.geojson(tx, "areas"))
        empty = json.loads(places.geojson(tx, "stations"))
        shelter = json.loads(places.geojson(tx, "shelters"))["features"][1]
    assert empty == {"type": "FeatureCollection", "features": []}
    (area,) = areas["features"]
    assert area["properties"] == MINAMO | {"id": "99201"}
    assert shapely.geometry.shape(area["geometry"]).geoms[0].exterior.is_ccw
    assert shelter["geometry"] == {"type": "Point", "coordinates": [139.301, 38.9]}
    assert shelter["properties"]["flood"] is True


def test_a_real_store_refuses_made_up_places(real_store: Store) -> None:
    shape = box(139.2, 38.8, 139.4, 39.0)
    for layer, columns in (("areas", MINAMO), ("areas", {"jis5": "99201"}), ("hazards", ZONE)):
        with pytest.raises(WrongWorld), real_store.write() as tx:
            places.replace(tx, layer, "f", [Feature(layer, "1", shape, columns)])
    with real_store.write() as tx:
        places.replace(
            tx, "areas", "f", [Feature("areas", "06203", shape, MINAMO | {"code": "0620300", "jis5": "06203"})]
        )
    with real_store.read() as tx:
        assert places.count(tx)["areas"] == 1
        assert places.count(tx)["hazards"] == 0


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_blob_of_another_program_is_read(order: str) -> None:
    shape = LineString([(139.3, 38.9), (139.4, 38.8)])
    wkb = shapely.to_wkb(shape, byte_order=1 if order == "<" else 0)
    bare = b"GP\x00" + bytes([1 if order == "<" else 0]) + (6668).to_bytes(4, "little" if order == "<" else "big") + wkb
    assert from_blob(bare).equals(shape)
    assert from_blob(to_blob(shape)).equals(shape)
    assert from_blob(to_blob(Point())).is_empty


def ogr(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian's gdal-bin)")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr.strip(), done.stderr
    return done.stdout


def source(store: Store) -> str:
    if store.sqlite:
        return str(store.engine.url.database)
    url = make_url(store.engine.url)
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, "password": url.password}
    said = " ".join(f"{name}={value}" for name, value in parts.items() if value)
    return f"PG:{said} schemas={store.schema}"


def test_gdal_reads_every_layer_with_its_system(store: Store, now: Any) -> None:
    fill(store)
    with store.write() as tx:
        stations.upsert(tx, Station("g", "橋", lon=139.3, lat=38.9, thresholds={"warn": 2.0}), source="k", seen_at=now)
    for layer in LAYERS.values():
        said = ogr("ogrinfo", "-ro", "-so", source(store), layer.table.name)
        assert 'ID["EPSG",6668]' in said, layer.name
        assert "Feature Count: 0" not in said, layer.name
        assert f"Geometry: {layer.geometry.title().replace('polygon', ' Polygon').replace('string', ' String')}"[
            :14
        ] in said or (layer.geometry == "GEOMETRY" and "Geometry: Unknown" in said), said


def test_gdal_cuts_out_and_converts(store: Store, tmp_path: Path) -> None:
    fill(store)
    out = tmp_path / "some.geojson"
    ogr("ogr2ogr", "-spat", "139.3005", "38.8", "139.3035", "39.0", str(out), source(store), "shelter")
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert sorted(f["properties"]["source_id"] for f in features) == ["s1", "s2", "s3"]
    assert features[0]["properties"]["name"] == "第一小"
    assert features[0]["properties"]["flood"] in (True, 1)


def test_gdal_uses_the_index_of_the_file(sqlite_store: Store) -> None:
    fill(sqlite_store)
    said = ogr("ogrinfo", "-ro", "-sql", "SELECT HasSpatialIndex('shelter', 'geom') AS has", source(sqlite_store))
    assert "HasSpatialIndex (Integer) = 1" in said


def test_gdal_edits_a_layer_and_we_read_it(sqlite_store: Store) -> None:
    fill(sqlite_store)
    ogr("ogrinfo", "-sql", "UPDATE shelter SET name = '改名' WHERE source_id = 's7'", source(sqlite_store))
    ogr("ogrinfo", "-sql", "DELETE FROM shelter WHERE source_id = 's8'", source(sqlite_store))
    with sqlite_store.read() as tx:
        found = {f.id: f.columns["name"] for f in places.within_box(tx, "shelters", LonLat(139, 38), LonLat(140, 39))}
    assert found["s7"] == "改名"
    assert len(found) == 49
