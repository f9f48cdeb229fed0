"""Arrival times: one clear refusal for whatever would make a road look dry for longer than it is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.jobs.load import load
from disaster_hub.store import places
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.world import World
from sensors.datasets.recognise import read, recognise
from tests.datasets.makers import face, geojson, spot

AREA = "990001000100"


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "arrivals.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_links_by_csv(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path, f"link,minutes,area\n12/0,35,{AREA}\n12/1,41.5,\n-7/0,-20,\n12/1,50,{AREA}\n", encoding)
    dataset = read(path)
    assert recognise(path) == "arrivals"
    said = [(f.columns["link"], f.columns["minutes"], f.columns["area"]) for f in dataset.features]
    assert said == [("12/0", 35, AREA), ("12/1", 41.5, None), ("-7/0", -20, None), ("12/1", 50, AREA)]
    assert all(f.geometry.is_empty for f in dataset.features)
    assert len({f.id for f in dataset.features}) == 4


def test_cells_and_links_by_geojson(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[139.3, 38.9], [139.31, 38.9]]}
    rows: list[tuple[dict[str, Any], Any]] = [({"minutes": 35, "area": AREA}, face()), ({"minutes": 40.5}, face(139.9)),
            ({"link": "12/0", "minutes": 0}, line), ({"link": "12/1", "minutes": 3}, None)]  # fmt: skip
    features = read(geojson(tmp_path / "a.geojson", rows)).features
    assert [(f.geometry.geom_type, f.columns["minutes"]) for f in features] == [
        ("Polygon", 35), ("Polygon", 40.5), ("LineString", 0), ("GeometryCollection", 3),
    ]  # fmt: skip
    assert [f.columns["link"] for f in features] == [None, None, "12/0", "12/1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("link,minutes\n12/0,35\n12/0,36\n", "line 3: link 12/0 stands there twice"),
        ("link,minutes\n12/0,NaN\n", "line 2: minutes 'NaN' is no number"),
        ("link,minutes\n12/0,\n", "line 2: minutes '' is no number"),
        ("link,minutes\n12/0,inf\n", "line 2: minutes inf is not between"),
        ("link,minutes\n12/0,-5000\n", "line 2: minutes -5000 is not between -1440 and 43200"),
        ("link,minutes\n12/0,99999\n", "line 2: minutes 99999 is not between"),
        ("link,minutes\n12/0,soon\n", "line 2: minutes 'soon' is no number"),
        ("link,minutes\n,35\n", "line 2: link is empty"),
        ("link,minutes\n12,35\n", "line 2: link '12' is no way/segment"),
        ("link,minutes\n12/0;x,35\n", "is no way/segment"),
        ("link,minutes,area\n12/0,35,06203\n", "line 2: area '06203' is no"),
        ("link,minutes,hours\n12/0,35,1\n", "unknown column hours"),
        ("road,minutes\n12/0,35\n", "column link is missing"),
        ("link,minutes,minutes\n12/0,35,36\n", "column minutes stands there twice"),
        ("link,minutes\n12/0\n", "line 2: 1 fields"),
    ],
)
def test_an_odd_line_refuses_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(table(tmp_path, text))
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("arrivals.csv")


@pytest.mark.parametrize(
    ("row", "geometry", "words"),
    [
        ({"minutes": True}, face(), "features[0]: minutes 'True' is no number"),
        ({"minutes": float("nan")}, face(), "features[0]: minutes '' is no number"),
        ({"minutes": None}, face(), "minutes '' is no number"),
        ({"minutes": 5}, spot(), "a Point that names no link"),
        ({"minutes": 5, "link": None}, None, "column link"),
        ({"minutes": 5, "depth": 1}, face(), "unknown column depth"),
        ({"minutes": 5}, face(38.7, 139.8), "outside Japan"),
    ],
)
def test_an_odd_cell_refuses_the_file(tmp_path: Path, row: dict[str, Any], geometry: Any, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(geojson(tmp_path / "a.geojson", [(row, geometry)]))
    assert words in str(refusal.value) or "link is empty" in str(refusal.value)


def test_rows_without_a_shape_are_stored_and_given_back(
    tmp_path: Path, store: Store, now: datetime, world_replay: World
) -> None:
    table(tmp_path, "link,minutes\n12/0,35\n12/1,41.5\n")
    geojson(tmp_path / "cells.geojson", [({"minutes": 7}, face())])
    report = load(store, [tmp_path], now=now, world=world_replay, progress=lambda _: None)
    assert report.refused == ()
    assert report.counts == {"arrivals": 3}
    with store.read() as tx:
        found = {f.columns["link"]: f for f in places.features(tx, "arrivals")}
        inside = places.containing(tx, "arrivals", LonLat(139.805, 38.705))
        drawn = places.geojson(tx, "arrivals")
    assert (found["12/0"].columns["minutes"], found["12/0"].columns["area"]) == (35, None)
    assert [f.columns["minutes"] for f in inside] == [7]
    assert drawn.count(b'"Feature"') == 1


def test_a_real_store_refuses_a_made_up_road(
    tmp_path: Path, real_store: Store, now: datetime, world_real: World
) -> None:
    path = table(tmp_path, "link,minutes\n9900000001/0,35\n")
    report = load(real_store, [path], now=now, world=world_real, progress=lambda _: None)
    assert "way 9900000001 is made up" in report.refused[0].reason
    path = table(tmp_path, f"link,minutes,area\n12/0,35,{AREA}\n")
    report = load(real_store, [path], now=now, world=world_real, progress=lambda _: None)
    assert AREA in report.refused[0].reason
