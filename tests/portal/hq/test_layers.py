"""Departments' own maps: brought whole or not at all, seen by those who may, on the map as tiles, in the journal."""

from __future__ import annotations

import io
import json

import pytest

from disaster_hub.store import journal, own_layers, places
from disaster_hub.terms.place import Feature
from tests.desk.tile_reader import over, read
from tests.portal import staff, town
from tests.portal.conftest import Site
from tests.portal.town import LAT, LON

ROADS = {"department": "土木部", "line": "dash", "pattern": "hatch", "seen_by": "desk"}


def body(count: int = 1) -> bytes:
    rows = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [LON + n / 10_000, LAT]},
            "properties": {"名称": f"アンダーパス{n}"},
        }
        for n in range(count)
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


def bring(client, name: str = "アンダーパス", file: bytes | None = None, filename: str = "a.geojson", **more: str):
    said = ROADS | {"name": name, "csrf_token": staff.token(client, "/hq/layers"), "instead_of": ""} | more
    said["file"] = (io.BytesIO(body() if file is None else file), filename)
    return client.post("/hq/layers", data=said, content_type="multipart/form-data")


def listed(client) -> list[dict]:
    return client.get("/hq/layers.json").json["layers"]


def test_a_layer_is_on_the_map_at_once_and_in_the_journal(site: Site) -> None:
    client = staff.signed_in(site, "author")
    assert bring(client).status_code == 303
    (layer,) = listed(client)
    assert (layer["name"], layer["line"], layer["pattern"], layer["shapes"]) == ("アンダーパス", "dash", "hatch", 1)
    features = client.get(layer["url"]).json["features"]
    assert features[0]["properties"]["名称"] == "アンダーパス0"
    x, y = over(LON, LAT, 12)
    answer = client.get(f"{layer['tiles']}12/{x}/{y}")
    assert answer.status_code == 200
    ((said, what, _),) = read(answer.data)
    assert (said, what) == ({}, 1)  # no column of the file is in a tile
    assert "private" in answer.headers["Cache-Control"]
    at = client.get(f"/hq/layers/{layer['id']}/at?at={LON},{LAT}&within=0.001").json
    assert at == [{"id": "1", "says": {"名称": "アンダーパス0"}}]
    with site.store.read() as tx:
        (entry,) = journal.entries(tx, kinds=("layer_added",))
    assert "アンダーパス" in entry.what
    assert entry.who == "author"


def test_a_refused_file_loses_no_text_and_changes_nothing(site: Site) -> None:
    client = staff.signed_in(site, "author")
    answer = bring(client, "資材", file=b"<html>", filename="x.html")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "x.html：GeoJSONでも" in page
    assert 'value="資材"' in page
    assert 'value="土木部"' in page
    assert listed(client) == []
    assert bring(client, "").status_code == 400
    assert bring(client, seen_by="everybody").status_code == 400
    assert "ファイルを選んで" in bring(client, filename="").get_data(as_text=True)
    with site.store.read() as tx:
        assert journal.entries(tx, kinds=("layer_added",)) == []


def test_replaced_and_taken_off_nothing_is_lost(site: Site) -> None:
    client = staff.signed_in(site, "author")
    bring(client)
    (old,) = listed(client)
    assert bring(client, file=body(3), instead_of=old["id"]).status_code == 303
    (new,) = listed(client)
    assert new["id"] != old["id"]
    assert new["shapes"] == 3
    assert bring(client, instead_of=old["id"]).status_code == 400  # somebody was quicker
    token = staff.token(client, "/hq/layers")
    assert client.post(f"/hq/layers/{new['id']}/retire", data={"csrf_token": token}).status_code == 303
    assert listed(client) == []
    with site.store.read() as tx:
        assert len(own_layers.layers(tx, gone=True)) == 2
        assert len(list(own_layers.features(tx, old["id"]))) == 1


def department(site: Site, name: str, of: str):
    client = staff.signed_in(site, "department", name)
    with site.store.write() as tx:
        tx.exec_driver_sql("UPDATE staff SET department = ? WHERE name = ?", (of, name))
    return client


def test_a_departments_own_is_its_own(site: Site) -> None:
    mine, theirs, viewer = (
        department(site, "one", "土木部"),
        department(site, "two", "福祉部"),
        staff.signed_in(site, "viewer"),
    )
    assert bring(mine, seen_by="department").status_code == 303
    assert bring(theirs).status_code == 400  # in another's name
    (layer,) = listed(mine)
    x, y = over(LON, LAT, 12)
    paths = (f"{layer['tiles']}12/{x}/{y}", layer["url"], f"/hq/layers/{layer['id']}/at?at={LON},{LAT}")
    for path in paths:
        assert mine.get(path).status_code == 200
        assert theirs.get(path).status_code == 404
        assert viewer.get(path).status_code == 404
        assert site.client.get(path).status_code == 302
    assert listed(theirs) == listed(viewer) == []
    token = staff.token(theirs, "/hq/layers")
    assert theirs.post(f"/hq/layers/{layer['id']}/retire", data={"csrf_token": token}).status_code == 404
    assert viewer.get("/hq/layers").status_code == 403


def test_without_a_token_nothing_is_taken(site: Site) -> None:
    client = staff.signed_in(site, "author")
    said = ROADS | {"name": "x", "file": (io.BytesIO(body()), "a.geojson")}
    assert client.post("/hq/layers", data=said, content_type="multipart/form-data").status_code == 400
    assert listed(client) == []


def test_tiles_are_kept_for_ever_under_their_stamp_and_drawn_anew_after_a_loading(site: Site) -> None:
    client = site.client
    stamp = client.get("/api/live?once").json["places"]
    x, y = over(LON, LAT, 11)
    path = f"hazards/11/{x}/{y}"
    answer = client.get(f"/api/tiles/{stamp}/{path}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert {is_["rank_kind"] for is_, _, _ in read(answer.data)} >= {"depth", "collapse"}
    plain = client.get(f"/api/tiles/{stamp}/{path}")
    assert read(plain.data)[0][0] == read(answer.data)[0][0]
    assert client.get(f"/api/tiles/old/{path}").headers["Cache-Control"] == "no-store"
    assert client.get(f"/api/tiles/{stamp}/hazards/11/0/0").status_code == 204
    with site.store.write() as tx:
        places.clear(tx, "hazards", "ksj-a31:x")
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "gone"))
    assert client.get(f"/api/tiles/{client.get('/api/live?once').json['places']}/{path}").status_code == 204


@pytest.mark.parametrize(
    "path", ["shelters/11/1/1", "blocks/11/1/1", "hazards/3/1/1", "hazards/11/9999/1", "hazards/18/1/1"]
)
def test_no_other_tile_is_given(site: Site, path: str) -> None:
    assert site.client.get(f"/api/tiles/x/{path}").status_code == 404


def test_the_zones_of_a_spot_are_the_stores_own(site: Site) -> None:
    said = site.client.get(f"/api/zones?at={LON - 0.03},{LAT + 0.045}").json
    assert [zone["zone"] for zone in said["zones"]] == ["特別警戒区域"]
    assert site.client.get("/api/zones?at=1,2").json == {"at": [1.0, 2.0], "loaded": True, "zones": []}
    for bad in ("", "x", "1", "1,2,3", "nan,1", "999,1"):
        assert site.client.get(f"/api/zones?at={bad}").status_code == 400


def test_desk_tiles_show_what_the_public_does_not(site: Site) -> None:
    client = staff.signed_in(site, "viewer")
    square = town.outline(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    with site.store.write() as tx:
        places.replace(tx, "blocks", "b", [Feature("blocks", "1", square, {"code": "01", "name": "一区"})])
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "blocks"))
    stamp = client.get("/api/live?once").json["places"]
    x, y = over(LON, LAT, 11)
    ((said, _, _),) = read(client.get(f"/hq/tiles/{stamp}/blocks/11/{x}/{y}").data)
    assert said == {"code": "01", "name": "一区"}
