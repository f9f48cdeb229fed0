"""Addresses without a position are reported, and roads are cut where they meet, always under the same ids."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.terms.errors import BadInput
from sensors.datasets.osm import _links
from sensors.datasets.recognise import read, recognise

TOWN = {"town": "本町一丁目", "koaza": "", "lat": 38.9, "lng": 139.3}


def towns(folder: Path, *entries: object) -> Path:
    folder = folder / "架空県"
    folder.mkdir(exist_ok=True)
    path = folder / "みなも市.json"
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return path


def test_towns_carry_their_city_from_the_file_name(tmp_path: Path) -> None:
    path = towns(tmp_path, TOWN, TOWN | {"koaza": "甲"}, TOWN | {"town": "北町", "lat": None, "lng": None})
    dataset = read(path)
    assert recognise(path) == "geolonia"
    assert dataset.name == "架空県みなも市"
    assert [f.id for f in dataset.features] == ["架空県みなも市本町一丁目", "架空県みなも市本町一丁目/甲"]
    assert dataset.features[1].columns["koaza"] == "甲"
    assert dataset.features[0].columns["koaza"] is None
    assert dataset.problems == (
        "1 × address without coordinates, left off the map (first: みなも市.json: entry 2, 北町)",
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (TOWN | {"zip": "1"}, "entry 1: column zip is unknown"),
        ({"town": "x", "koaza": "", "lat": 38.9}, "entry 1: column lng"),
        (TOWN | {"lat": None}, "entry 1: '139.3', 'None' is no position"),
        (TOWN | {"lat": 139.3, "lng": 38.9}, "entry 1: lies at 38.9, 139.3, outside Japan"),
        (TOWN | {"lat": float("nan")}, "outside Japan"),
        (TOWN | {"town": 5}, "town or koaza is not a text"),
        (TOWN, "stands there twice"),
        ("x", "not an object"),
    ],
)
def test_an_odd_town_is_refused_by_name(tmp_path: Path, entry: object, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(towns(tmp_path, TOWN, entry))
    assert words in str(refusal.value)


def osm(path: Path, body: str) -> Path:
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">{body}</osm>', encoding="utf-8")
    return path


def node(number: int, lon: float, lat: float) -> str:
    return f'<node id="{number}" lon="{lon}" lat="{lat}"/>'


def way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
    return f'<way id="{number}">{refs}{"".join(f"<tag k={k!r} v={v!r}/>" for k, v in tags.items())}</way>'


GRID = "".join(node(n, 139.3 + 0.001 * (n % 10), 38.9 + 0.001 * (n // 10)) for n in range(100))


def test_roads_meet_at_shared_nodes(tmp_path: Path) -> None:
    body = GRID + way(7, [1, 2, 3, 4, 5], highway="residential", name="本通り", oneway="yes", bridge="yes")
    body += way(8, [3, 13, 23], highway="steps") + way(9, [5, 15], highway="proposed")
    dataset = read(osm(tmp_path / "a.osm", body))
    links = {f.id: f for f in dataset.features}
    assert sorted(links) == ["7/0", "7/1", "8/0"]
    assert [len(links[i].geometry.coords) for i in ("7/0", "7/1", "8/0")] == [3, 3, 3]
    first = links["7/0"].columns
    assert (first["way"], first["segment"], first["from_node"], first["to_node"]) == (7, 0, 1, 3)
    assert (first["highway"], first["name"], first["oneway"], first["bridge"]) == (
        "residential",
        "本通り",
        "yes",
        "yes",
    )
    assert first["length_m"] == pytest.approx(173.5, abs=0.5)
    assert (links["8/0"].columns["steps"], first["steps"]) == (True, False)
    assert "highway that is no way to go along" in dataset.problems[0]


def test_nodes_may_stand_after_ways_and_rivers_are_another_layer(tmp_path: Path) -> None:
    body = way(5, [1, 2, 3], waterway="river", name="みなも川") + way(6, [1, 11], waterway="drain") + GRID
    dataset = read(osm(tmp_path / "a.osm", body))
    assert [(f.layer, f.id, f.columns["name"]) for f in dataset.features] == [("rivers", "5", "みなも川")]
    assert set(dataset.layers) == {"roads", "rivers"}


def test_a_node_outside_the_extract_is_never_bridged(tmp_path: Path) -> None:
    body = GRID + way(1, [1, 2, 777, 4, 5], highway="path") + way(2, [2, 12], highway="path")
    body += way(3, [4, 14], highway="path")
    dataset = read(osm(tmp_path / "a.osm", body))
    assert sorted(f.id for f in dataset.features) == ["1/0", "1/2", "2/0", "3/0"]
    assert dataset.problems == ("1 × link with a node that is not in the file left out (first: a.osm: way 1)",)


def test_a_loop_and_a_way_that_crosses_itself(tmp_path: Path) -> None:
    body = GRID + way(1, [1, 2, 12, 11, 1], highway="path") + way(2, [31, 32, 42, 52, 32, 33], highway="path")
    ids = [f.id for f in read(osm(tmp_path / "a.osm", body)).features]
    assert ids == ["1/0", "2/0", "2/1", "2/2"]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=40), st.sets(st.integers(0, 30)))
def test_links_put_together_are_the_way_again(nodes: list[int], shared: set[int]) -> None:
    used = Counter(nodes) + Counter(shared)
    links = list(_links(tuple(nodes), used))
    assert [nodes[0], *(n for link in links for n in link[1:])] == nodes
    assert all(one[-1] == other[0] for one, other in itertools.pairwise(links))
    assert all(used[n] == 1 for link in links for n in link[1:-1])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (GRID + '<way id="x"><nd ref="1"/><tag k="highway" v="path"/></way>', "'x' is no id"),
        (GRID + '<way id="1"><nd ref="?"/><tag k="highway" v="path"/></way>', "nd ref"),
        ('<node id="1" lon="a" lat="2"/>' + way(1, [1, 2], highway="path"), "node 1: lon or lat"),
        (GRID + way(1, [1, 2], highway="path") + "<way", "not whole XML at line"),
        (node(1, 38.9, 139.3) + node(2, 38.9, 139.4) + way(1, [1, 2], highway="path"), "outside Japan"),
    ],
)
def test_a_broken_extract_is_refused(tmp_path: Path, body: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(osm(tmp_path / "a.osm", body))
    assert words in str(refusal.value)


@pytest.mark.parametrize("pad", ["", "<!-- " + "x" * 5000 + " -->"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE osm SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_doctype_is_refused(tmp_path: Path, doctype: str, pad: str) -> None:
    path = tmp_path / "a.osm"
    path.write_text(f"<?xml version='1.0'?>{pad}{doctype}<osm>{GRID}</osm>", encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.osm"):
        read(path)


def test_thousands_of_ways_in_seconds(tmp_path: Path) -> None:
    nodes = "".join(node(n, 139.3 + 0.001 * (n % 100), 38.5 + 0.001 * (n // 100)) for n in range(10_000))
    ways = [way(r, [100 * r + c for c in range(100)], highway="residential") for r in range(100)]
    ways += [way(200 + n, [n, n + 1], highway="path") for n in range(0, 9_000, 3)]
    started = time.perf_counter()
    dataset: Any = read(osm(tmp_path / "a.osm", nodes + "".join(ways)))
    assert len(dataset.features) > 8_900
    assert time.perf_counter() - started < 20
