"""Roads by other forms: a packed extract gives what its XML gives; a graph's two edges are one street."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.recognise import read, recognise
from tests.datasets.test_addresses_and_roads import GRID, osm, way


def packed(source: Path) -> Path:
    """Pack an extract as osmium itself does."""
    target = source.with_suffix(".osm.pbf")
    target.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(target)) as out:
        for thing in osmium.FileProcessor(str(source)):
            out.add(thing)
    return target


def said(features: tuple[Feature, ...]) -> list[tuple[object, ...]]:
    """Give everything that features say; a packed extract keeps seven decimals, a centimetre."""
    return [
        (f.layer, f.id, shapely.transform(f.geometry, lambda at: at.round(7)).wkt, dict(f.columns)) for f in features
    ]


def test_a_packed_extract_gives_the_same_links(tmp_path: Path) -> None:
    body = GRID + way(7, [1, 2, 3, 4, 5], highway="residential", name="本通り", oneway="yes", incline="5%")
    body += way(8, [3, 13, 23], highway="steps", wheelchair="no") + way(9, [5, 15], highway="proposed")
    body += way(10, [1, 2, 777, 4], highway="path") + way(11, [1, 11], waterway="river", name="みなも川")
    body += way(12, [1, 11], building="yes")
    source = osm(tmp_path / "city.osm", body)
    plain, tight = read(source), read(packed(source))
    assert recognise(packed(source)) == plain.kind == tight.kind == "osm"
    assert said(plain.features) == said(tight.features)
    assert tight.credit == plain.credit
    assert [p.split(" (first")[0] for p in tight.problems] == [p.split(" (first")[0] for p in plain.problems]
    assert next(f for f in tight.features if f.id == "7/0").columns["incline"] == "5%"


def test_a_packed_extract_cut_short_is_refused(tmp_path: Path) -> None:
    path = packed(osm(tmp_path / "city.osm", GRID + way(7, [1, 2], highway="path")))
    body = path.read_bytes()
    for length in (30, len(body) // 2, len(body) - 5):
        path.write_bytes(body[:length])
        with pytest.raises(BadInput, match=r"city\.osm\.pbf: not a whole"):
            read(path)


KEYS = (
    "y",
    "x",
    "crs",
    "osmid",
    "name",
    "highway",
    "oneway",
    "geometry",
    "bridge",
    "tunnel",
    "width",
    "reversed",
    "colour",
)
NODES = {1: (139.3, 38.9), 2: (139.301, 38.9), 3: (139.302, 38.9)}
STREET = {"osmid": "7", "highway": "residential", "oneway": "False"}


def edge(source: int, target: int, /, **values: str) -> str:
    data = "".join(f'<data key="{key}">{value}</data>' for key, value in values.items())
    return f'<edge source="{source}" target="{target}" id="0">{data}</edge>'


def graph(folder: Path, *edges: str, crs: str = '<data key="crs">epsg:4326</data>') -> Path:
    keys = "".join(f'<key id="{key}" for="edge" attr.name="{key}" attr.type="string"/>' for key in KEYS)
    nodes = "".join(
        f'<node id="{n}"><data key="y">{lat}</data><data key="x">{lon}</data></node>' for n, (lon, lat) in NODES.items()
    )
    head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    body = f'{head}{keys}<graph edgedefault="directed">{crs}{nodes}{"".join(edges)}</graph></graphml>'
    path = folder / "city.graphml"
    path.write_text(f"<?xml version='1.0' encoding='utf-8'?>\n{body}", encoding="utf-8")
    return path


def test_an_edge_there_and_back_is_one_link(tmp_path: Path) -> None:
    path = graph(
        tmp_path,
        edge(1, 2, **STREET, name="本通り"),
        edge(2, 1, **STREET, name="本通り"),
        edge(2, 3, **STREET | {"oneway": "True"}),
    )
    dataset = read(path)
    assert recognise(path) == "graphml"
    assert [(f.id, f.columns["oneway"], f.columns["from_node"], f.columns["to_node"]) for f in dataset.features] == [
        ("7/0", None, 1, 2), ("7/1", "yes", 2, 3),
    ]  # fmt: skip
    first = dataset.features[0].columns
    assert (first["way"], first["segment"], first["name"], first["steps"]) == (7, 0, "本通り", False)
    assert first["length_m"] == pytest.approx(86.7, abs=0.3)
    assert dataset.credit == "© OpenStreetMap contributors（ODbL）"


def test_parallel_streets_stay_apart(tmp_path: Path) -> None:
    bow = "LINESTRING (139.3 38.9, 139.3005 38.9005, 139.301 38.9)"
    back = "LINESTRING (139.301 38.9, 139.3005 38.9005, 139.3 38.9)"
    one, other = STREET | {"osmid": "8", "geometry": bow}, STREET | {"osmid": "8", "geometry": back}
    links = read(graph(tmp_path, edge(1, 2, **STREET), edge(1, 2, **one), edge(2, 1, **other))).features
    assert [(f.id, len(f.geometry.coords)) for f in links] == [("7/0", 2), ("8/0", 3)]


def test_a_link_of_several_ways_hinders_where_one_of_them_does(tmp_path: Path) -> None:
    several = {
        "osmid": "[9, 7]", "highway": "['residential', 'steps']", "bridge": "['no', 'yes']", "width": "['4', '2.5']",
        "oneway": "False", "name": "['北通り', '南通り']",
    }  # fmt: skip
    link = read(graph(tmp_path, edge(1, 2, **several))).features[0]
    assert (link.id, link.columns["ways"], link.columns["highway"]) == ("9/0", [9, 7], "residential")
    assert (link.columns["steps"], link.columns["bridge"], link.columns["width"]) == (True, "yes", "2.5")
    assert (link.columns["name"], link.columns["oneway"]) == ("北通り", None)


def test_an_edge_that_runs_against_its_way_gives_place_to_the_other(tmp_path: Path) -> None:
    link = read(
        graph(tmp_path, edge(2, 1, **STREET, reversed="True"), edge(1, 2, **STREET, reversed="False"))
    ).features[0]
    assert (link.columns["from_node"], link.columns["to_node"]) == (1, 2)


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([edge(1, 9, **STREET)], "edge 1 to 9: node '9' is not in the file"),
        ([edge(1, 2, osmid="7")], "highway is missing"),
        ([edge(1, 2, highway="path")], "osmid is missing"),
        ([edge(1, 2, **STREET | {"osmid": "x"})], "osmid: 'x' is no OSM id"),
        ([edge(1, 2, **STREET | {"osmid": "[__import__('os').getpid()]"})], "is no list of plain values"),
        ([edge(1, 2, **STREET | {"osmid": "[" * 900 + "]"})], "is no list of plain values"),
        ([edge(1, 2, **STREET, geometry="LINESTRING (139.3 38.9, 139.4 38.9)")], "does not begin and end at its nodes"),
        ([edge(1, 2, **STREET, geometry="POINT (139.3 38.9)")], "a Point where a LineString"),
        ([edge(1, 2, **STREET, geometry="LINE")], "geometry is no WKT"),
        ([], "a graph without an edge"),
    ],
)
def test_a_broken_graph_is_refused_by_name(tmp_path: Path, edges: list[str], words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(graph(tmp_path, *edges))
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("city.graphml: ")


@pytest.mark.parametrize("crs", ['<data key="crs">epsg:6677</data>', ""])
def test_a_graph_in_metres_is_refused(tmp_path: Path, crs: str) -> None:
    with pytest.raises(BadInput, match="wanted degrees"):
        read(graph(tmp_path, edge(1, 2, **STREET), crs=crs))


def test_what_is_not_used_is_counted(tmp_path: Path) -> None:
    dataset = read(graph(tmp_path, edge(1, 2, **STREET, colour="red"), edge(1, 1, **STREET)))
    assert [line.split(" (")[0] for line in dataset.problems] == [
        "1 × value colour of the edges, not used", "1 × link without any length left out",
    ]  # fmt: skip


def test_a_doctype_in_a_graph_is_refused(tmp_path: Path) -> None:
    path = graph(tmp_path, edge(1, 2, **STREET))
    pad = "<!-- " + "x" * 5000 + " -->"
    path.write_text(
        path.read_text(encoding="utf-8").replace("<graphml", f'{pad}<!DOCTYPE a [<!ENTITY b "c">]><graphml', 1)
    )
    with pytest.raises(BadInput, match=r"city\.graphml: "):
        read(path)
