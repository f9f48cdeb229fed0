"""Bombs, traversal, giants, cut and garbled files: one clear refusal each, and the process lives."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from disaster_hub.terms.errors import BadInput
from sensors.datasets import archive as archives
from sensors.datasets import plain
from sensors.datasets.recognise import READERS, read, recognise
from tests.datasets.makers import archive, polygon, put, shapefile, square
from tests.datasets.models import model, slope, triangles, water
from tests.datasets.test_addresses_and_roads import GRID, osm, way
from tests.datasets.test_graphs import STREET, edge, graph, packed

LAYER = shapefile({"A31a_205": 4}, [["3"]], [polygon(square(139.3, 38.9))])


@pytest.mark.parametrize("name", ["../../etc/x.shp", "/etc/x.shp", "..\\..\\x.shp", "C:\\x.shp", "a/../../x.shp"])
def test_an_entry_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="leads outside the archive"):
        read(archive(tmp_path / "a.zip", [(name, b"x"), *((f"a{s}", b) for s, b in LAYER.items())]))
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_a_bomb_is_refused_by_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 1_000_000)
    with pytest.raises(BadInput, match="unpacks to more than any honest archive"):
        read(archive(tmp_path / "a.zip", [("a.shp", b"\0" * 30_000_000)]))


def test_an_entry_that_lies_about_its_size(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [(f"a{s}", b) for s, b in LAYER.items()])
    body = bytearray(path.read_bytes())
    at = body.index(b"PK\1\2")
    struct.pack_into("<I", body, at + 24, 3)
    path.write_bytes(bytes(body))
    with pytest.raises(BadInput, match=r"a\.zip"):
        read(path)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("a.txt", b"x")], "neither a Shapefile nor GeoJSON"),
        ([("a.shp", b"x" * 200), ("a.shx", b"x"), ("a.dbf", b"x")], "a.zip!a.shp"),
        ([("a.shp", LAYER[".shp"])], "its .shx is missing"),
        ([("a.geojson", b"[]")], "not a FeatureCollection"),
        ([("inner.zip", b"PK")], "ZIPs inside a ZIP are not opened"),
    ],
)
def test_a_zip_without_a_layer(tmp_path: Path, entries: list[tuple[bytes | str, bytes]], words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(archive(tmp_path / "a.zip", entries))
    assert words in str(refusal.value)


def test_an_encrypted_entry(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", [(f"a{s}", b) for s, b in LAYER.items()])
    body = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        body[body.index(mark) + offset] |= 1
    path.write_bytes(bytes(body))
    with pytest.raises(BadInput, match="encrypted"):
        read(path)


def test_a_giant_text_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.write(b"[")
        file.truncate(plain.MAX_BYTES + 1)
    with pytest.raises(BadInput, match="50 MB of text, the limit is 50 MB"):
        read(path)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.json", b"", "empty"),
        ("a.json", b'{"type":"FeatureCollection","features":[', "cut short"),
        ("a.json", b"[" * 200_000, "nested too deep"),
        ("a.json", b'{"a":' + b"9" * 5000 + b"}", "number too long"),
        ("a.json", '{"施設":1}'.encode("cp932"), "byte 2 is not utf-8-sig"),
        ("a.json", b"[]", "an empty JSON list"),
        ("a.json", b'{"features":[1]}', "features[0]: not a Feature"),
        ("a.json", b'{"features":[{"type":"Feature","properties":null}]}', "features[0]: not a Feature"),
        ("a.json", b'{"crs":{"properties":{"name":"EPSG:6677"}},"features":[]}', "crs 'EPSG:6677'"),
        ("a.json", '{"山形県":["鶴岡市"]}'.encode(), "山形県"),
        ("a.json", b'{"type":"Topology","arcs":[]}', "a JSON object with type, arcs"),
        ("a.gml", b'<?xml version="1.0"?><gml:Dictionary xmlns:gml="x"/>', "XML <gml:Dictionary>"),
        ("a.xml", b"<!DOCTYPE osm [<!ENTITY x 'y'>]><osm/>", "DOCTYPE"),
        ("a.xml", b"<", "XML <>"),
        ("a.csv", b"a,b\n1,2\n", "a table with the columns a, b"),
        ("a.csv", b"a,b\n\xff\xff\xff,2\n", "is not utf-8-sig nor cp932"),
        ("a.csv", b'a,b\n"1,2\n', "cut short"),
        ("a.csv", b"a\0b,c\n", "NUL"),
        ("a.csv", b"a,a\n1,2\n", "column a stands there twice"),
        ("a.bin", b"\0\0\0\x0dsomething", "neither ZIP, Shapefile, JSON, CSV, GML, GraphML nor OSM"),
        ("a.zip", b"PK\3\4" + b"x" * 50, "neither ZIP"),
        ("a.shp", LAYER[".shp"], "its .shx is missing"),
    ],
)
def test_what_nobody_reads_is_refused_by_name(tmp_path: Path, name: str, body: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    for door in (recognise, read):
        with pytest.raises(BadInput) as refusal:
            door(path)
        assert words in str(refusal.value)
        assert str(refusal.value).startswith(name)
        assert "\n" not in str(refusal.value)
        assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.gml", b'<?xml version="1.0"?><core:CityModel xmlns:core="x"/>', "no CityGML 2.0"),
        ("a.gml", b'<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0">', "not whole XML"),
        ("a.osm.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x05", "not a whole .osm.pbf"),
        ("a.pbf", b"nothing of the kind", "not a whole .osm.pbf"),
        ("a.graphml", b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>', "without an edge"),
        ("a.graphml", b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">', "not whole XML"),
    ],
)
def test_a_broken_file_of_a_kind_is_refused_in_reading(tmp_path: Path, name: str, body: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert words in str(refusal.value)
    assert str(refusal.value).startswith(name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be opened"):
        read(tmp_path / "a.json")
    with pytest.raises(BadInput, match="cannot be opened"):
        read(tmp_path)


def test_two_kinds_in_one_archive_are_refused(tmp_path: Path) -> None:
    other = shapefile({"A33_001": 4, "A33_002": 4}, [["1", "1"]], [polygon(square(139.3, 38.9))])
    entries: list[tuple[bytes | str, bytes]] = [(f"a{s}", b) for s, b in LAYER.items()]
    entries += [(f"b{s}", b) for s, b in other.items()]
    with pytest.raises(BadInput, match="several kinds"):
        read(archive(tmp_path / "a.zip", entries))


def garbled(body: bytes, chance: random.Random) -> bytes:
    out = bytearray(body)
    for _ in range(chance.choice((1, 2, 8))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out[: chance.randrange(1, len(out) + 1)] if chance.random() < 0.3 else out)


def test_garbled_shapefiles_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(300):
        part = chance.choice(sorted(LAYER))
        path = put(tmp_path, "a", LAYER | {part: garbled(LAYER[part], chance)})
        with contextlib.suppress(BadInput):
            read(path)


def test_garbled_archives_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(4)
    whole = archive(tmp_path / "a.zip", [(f"a{s}", b) for s, b in LAYER.items()]).read_bytes()
    assert zipfile.is_zipfile(io.BytesIO(whole))
    for _ in range(200):
        path = tmp_path / "b.zip"
        path.write_bytes(garbled(whole, chance))
        with contextlib.suppress(BadInput):
            read(path)


def test_every_kind_has_its_page() -> None:
    root = Path(__file__).parents[2] / "docs/sources"
    pages = {
        "gsi-emergency": "gsi-shelters",
        "gsi-evacuation": "gsi-shelters",
        "gsi-unavailable": "gsi-shelters",
    }
    for kind in READERS:
        page = root / f"{pages.get(kind, kind)}.md"
        assert "What happens when it is silent" in page.read_text(encoding="utf-8"), page


@pytest.mark.parametrize("name", ["a.gml", "city.graphml", "a.osm.pbf"])
def test_garbled_models_and_graphs_are_read_or_refused(tmp_path: Path, name: str) -> None:
    if name == "a.gml":
        path = model(tmp_path / name, water(triangles(cells=1)), slope(triangles(cells=1)))
    elif name == "city.graphml":
        path = graph(tmp_path, edge(1, 2, **STREET), edge(2, 3, **STREET))
    else:
        path = packed(osm(tmp_path / "a.osm", GRID + way(7, [1, 2, 3], highway="path")))
    whole = path.read_bytes()
    chance = random.Random(5)
    for _ in range(400):
        (tmp_path / name).write_bytes(garbled(whole, chance))
        with contextlib.suppress(BadInput):
            read(tmp_path / name)
