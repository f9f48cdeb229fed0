"""Anybody's layer: every format, datum and encoding that departments have; everything hostile refused in a sentence."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import geopandas
import pytest
from shapely import Point, Polygon, box

from disaster_hub.terms.errors import BadInput
from sensors.datasets import any_layer

LON, LAT = 139.3, 38.9
ROWS = {"名称": ["資材置場", "水防倉庫"], "数": [3, 5]}


def frame(crs: int = 6668, shapes: list | None = None) -> geopandas.GeoDataFrame:
    made = geopandas.GeoDataFrame(ROWS, geometry=shapes or [Point(LON, LAT), Point(LON + 0.01, LAT)], crs=6668)
    return made.to_crs(crs)


def zipped(folder: Path, crs: int = 6668, encoding: str = "cp932") -> Path:
    frame(crs).to_file(folder / "倉庫.shp", engine="pyogrio", encoding=encoding)
    for leave in folder.glob("*.cpg"):
        leave.unlink()
    with zipfile.ZipFile(folder / "倉庫.zip", "w") as archive:
        for part in folder.glob("倉庫.*"):
            if part.suffix != ".zip":
                archive.write(part, f"data/{part.name}")
    return folder / "倉庫.zip"


@pytest.mark.parametrize("crs", [6668, 4326, 4612, 6678, 3857, 2452])
@pytest.mark.parametrize("kind", ["geojson", "shp-cp932", "shp-utf8", "gpkg"])
def test_every_format_and_datum_lands_on_the_same_spot(tmp_path: Path, kind: str, crs: int) -> None:
    if kind.startswith("shp"):
        path = zipped(tmp_path, crs, kind.removeprefix("shp-"))
    else:
        path = tmp_path / f"x.{kind}"
        frame(crs).to_file(path, driver="GPKG" if kind == "gpkg" else "GeoJSON", engine="pyogrio")
    read = any_layer.read(path, path.name)
    assert [one.columns for one in read.features] == [{"名称": "資材置場", "数": 3}, {"名称": "水防倉庫", "数": 5}]
    assert read.features[0].geometry.distance(Point(LON, LAT)) < 2e-6
    assert len({one.id for one in read.features}) == 2


def test_a_bow_tie_is_mended_and_said(tmp_path: Path) -> None:
    tie = Polygon([(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)])
    path = tmp_path / "tie.geojson"
    frame(shapes=[tie, box(LON, LAT, LON + 1e-3, LAT + 1e-3)]).to_file(path, driver="GeoJSON", engine="pyogrio")
    read = any_layer.read(path, path.name)
    assert all(one.geometry.is_valid for one in read.features)
    assert read.problems[0].startswith("1 × 自分と交わる図形を直した")


def test_two_layers_of_a_geopackage_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    for layer in ("北", "南"):
        frame().to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    assert [one.id.split()[-2] for one in any_layer.read(path, "x.gpkg").features] == ["北", "北", "南", "南"]


def collection(**more: object) -> dict[str, object]:
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT]}, "properties": {"a": 1}}
    return {"type": "FeatureCollection", "features": [feature]} | more


def bad_crs() -> bytes:
    crs = {"type": "name", "properties": {"name": "LOCAL:99"}}
    return json.dumps(collection(crs=crs)).encode()


def outside(lon: float, lat: float) -> bytes:
    made = collection()
    made["features"][0]["geometry"]["coordinates"] = [lon, lat]  # type: ignore[index]
    return json.dumps(made).encode()


HOSTILE = {
    "nothing.geojson": (b"", "GeoJSONでも"),
    "cut.geojson": (json.dumps(collection()).encode()[:60], "not JSON"),
    "list.geojson": (b'{"type":"Topology"}', "FeatureCollection"),
    "empty.geojson": (b'{"type":"FeatureCollection","features":[]}', "図形が1つも"),
    "swapped.geojson": (outside(LAT, LON), "日本の外"),
    "far.geojson": (outside(2.3, 48.8), "日本の外"),
    "page.html": (b"<html></html>", "GeoJSONでも"),
    "alone.shp": (b"\x00\x00\x27\x0a" + bytes(100), "ZIPにまとめて"),
    "cut.zip": (b"PK\x03\x04" + bytes(40), "GeoJSONでも"),
    "cut.gpkg": (b"SQLite format 3\0" + bytes(100), "GeoPackage"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    body, word = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(BadInput, match=word) as said:
        any_layer.read(path, name)
    assert str(said.value).startswith(name)
    assert len(str(said.value)) < 200


def test_archives_that_mean_harm_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    for entry, body, word in (
        ("../../etc/x.shp", b"x", "outside"),
        ("readme.txt", b"x", "Shapefile"),
        ("bomb.shp", bytes(60_000_000), "honest"),
        ("alone.shp", bytes(200), "missing"),
    ):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(entry, body)
        with pytest.raises(BadInput, match=word):
            any_layer.read(path, "x.zip")


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps(collection()))
    monkeypatch.setattr(any_layer, "MOST_SHAPES", 0)
    with pytest.raises(BadInput, match="多すぎます"):
        any_layer.read(path, path.name)
    monkeypatch.setattr(any_layer, "MOST_BYTES", 10)
    with pytest.raises(BadInput, match="超えています"):
        any_layer.read(path, path.name)


def test_a_geopackage_with_a_view_or_without_a_register_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (a)")
    base.close()
    with pytest.raises(BadInput, match="別のSQLite"):
        any_layer.read(path, "x.gpkg")
    path.unlink()
    frame().to_file(path, driver="GPKG", engine="pyogrio")
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW trap AS SELECT 1")
    base.close()
    with pytest.raises(BadInput, match="trap"):
        any_layer.read(path, "x.gpkg")


def test_a_crs_without_a_number_is_refused_by_its_name(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    strange = (
        'PROJCS["町の座標",GEOGCS["x",DATUM["x",SPHEROID["x",6370000,290]],PRIMEM["Greenwich",0],UNIT["d",0.0174]],'
    )
    strange += 'PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",139],UNIT["m",1]]'
    with zipfile.ZipFile(path) as old:
        bodies = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in bodies.items():
            archive.writestr(
                name, strange.replace("町", "T").replace("の座標", "own") if name.endswith(".prj") else body
            )
    with pytest.raises(BadInput, match=r"EPSG|CRS"):
        any_layer.read(path, path.name)
