"""The desk's map behind its addresses: who may, what it says, and that it never claims more than is known."""

from __future__ import annotations

import io
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from disaster_hub.config import Camera
from disaster_hub.desk.camera import shot
from disaster_hub.portal.app import create_app
from disaster_hub.portal.assets import STATIC
from disaster_hub.store import conditions, journal, observations, pulse, stills
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.observation import Observation
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in

CAMERAS = (
    Camera("fresh", "柳橋", station="fe99000000000001", url="http://127.0.0.1:1/a.jpg"),
    Camera("old", "上みなも", lon=town.LON - 0.0605, lat=town.LAT + 0.028, url="http://127.0.0.1:1/b.jpg"),
    Camera("never", "大橋", station="99009900010000002", url="http://127.0.0.1:1/c.jpg"),
)


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(name="desk")
def a_site_with_cameras(tmp_path: Path) -> Iterator[Site]:
    config = replace(town.config_for(tmp_path), cameras=CAMERAS)
    store = town.make_store(config)
    with store.write() as tx:
        for name, minutes in (("fresh", 3), ("old", 90)):
            at = town.NOW - timedelta(minutes=minutes)
            one = shot(picture("red" if name == "fresh" else "blue"), town.NOW, JAPAN, written=at)
            stills.put(tx, name, one.jpeg, one.size, one.taken_at, one.basis, at)
        pulse.failure(tx, "camera:never", town.NOW, "no answer in time")
    wall = [town.NOW]
    app = create_app(config, store, wall=lambda: wall[0])
    yield Site(config, store, app, "", wall)
    store.close()


def ask(client: FlaskClient, path: str) -> dict[str, object]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    found: dict[str, object] = json.loads(answer.get_data())
    return found


def csrf(client: FlaskClient) -> dict[str, str]:
    page = client.get("/hq/map").get_data(as_text=True)
    return {"X-CSRFToken": page.partition('id="token" value="')[2].partition('"')[0]}


@pytest.mark.parametrize(
    "path",
    ["/hq/map", "/hq/map/now.json", "/hq/map/past.json", "/hq/map/stations/x.json", "/hq/roads.geojson",
     "/hq/map/reopened.geojson", "/hq/layers-of/blocks.geojson", "/hq/cameras/fresh/still.jpg"],
)  # fmt: skip
def test_nobody_sees_the_desk_without_signing_in(desk: Site, path: str) -> None:
    assert desk.client.get(path).status_code == 302
    assert signed_in(desk, "leader").get(path).status_code == 403


def test_the_page_names_what_is_there_and_nothing_else(desk: Site) -> None:
    page = signed_in(desk, "viewer").get("/hq/map").get_data(as_text=True)
    said = json.loads(page.partition('id="desk-settings">')[2].partition("</script>")[0])
    assert said["cameras"] is True
    assert said["draws"] is False
    assert said["loaded"] == []
    assert all(path.startswith("/hq/") for path in said["sources"].values())


def test_the_page_names_every_module_before_the_browser_has_read_one(desk: Site) -> None:
    needed: set[str] = set()
    left = ["hq/map/main.js"]
    while left:
        path = left.pop()
        for other in re.findall(r'from "(\.[^"]+)"', (STATIC / path).read_text()):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
            if name not in needed:
                needed.add(name)
                left.append(name)
    page = signed_in(desk, "viewer").get("/hq/map").get_data(as_text=True)
    assert set(re.findall(r'rel="modulepreload" href="/assets/\w+/([^"]+)"', page)) == needed


def test_wishes_outlive_the_session(desk: Site) -> None:
    client = signed_in(desk, "author")
    assert client.put("/hq/map/wishes", json={"shown": ["areas", "closed"]}).status_code == 400
    assert client.put("/hq/map/wishes", json={"shown": ["areas", "closed"]}, headers=csrf(client)).status_code == 204
    again = desk.client
    with client.session_transaction() as mine, again.session_transaction() as theirs:
        theirs.update(mine)
    assert '"shown": ["areas", "closed"]' in again.get("/hq/map").get_data(as_text=True)
    assert client.put("/hq/map/wishes", json=["x"], headers=csrf(client)).status_code == 400
    assert client.put("/hq/map/wishes", json={"x": "y" * 9000}, headers=csrf(client)).status_code == 400


def test_a_gauge_silent_while_high_is_danger_within_two_intervals(desk: Site) -> None:
    client = signed_in(desk, "author")
    assert ask(client, "/hq/map/now.json")["silent"]["fe99000000000002"]["danger"] is True  # type: ignore[index]
    assert "fe99000000000001" not in ask(client, "/hq/map/now.json")["silent"]  # type: ignore[operator]
    desk.wall[0] = town.NOW + timedelta(seconds=2 * 600 + 1)
    said = ask(client, "/hq/map/now.json")["silent"]["fe99000000000001"]  # type: ignore[index]
    assert said == {"since": "2026-09-18T18:00:00+09:00", "danger": True, "reason": "高いまま途絶"}


def test_cameras_say_their_own_time_and_what_is_wrong(desk: Site) -> None:
    rows = {one["id"]: one for one in ask(signed_in(desk, "field"), "/hq/map/now.json")["cameras"]}  # type: ignore[attr-defined]
    assert (rows["fresh"]["taken"], rows["fresh"]["stale"]) == ("2026-09-18T17:57:00+09:00", False)
    assert rows["fresh"]["lon"] == pytest.approx(town.LON + 0.012)
    assert (rows["old"]["stale"], rows["old"]["basis"]) == (True, "file")
    assert (rows["never"]["still"], rows["never"]["silent"], rows["never"]["why"]) == (None, True, "no answer in time")


def test_a_still_is_a_plain_jpeg_of_now_or_of_then(desk: Site) -> None:
    client = signed_in(desk, "viewer")
    answer = client.get("/hq/cameras/old/still.jpg")
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert client.get("/hq/cameras/old/still.jpg", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/hq/cameras/old/still.jpg?at=2026-09-18T16:00:00%2B09:00").status_code == 404
    assert client.get("/hq/cameras/old/still.jpg?at=yesterday").status_code == 400
    assert client.get("/hq/cameras/none/still.jpg").status_code == 404


def test_the_detail_names_camera_neighbours_and_the_next_threshold(desk: Site) -> None:
    client = signed_in(desk, "author")
    said = ask(client, "/hq/map/stations/99009900010000001.json")
    assert [one["id"] for one in said["cameras"]] == ["old"]  # type: ignore[attr-defined]
    ahead = said["next"]
    assert isinstance(ahead, dict)
    assert (ahead["basis"], ahead["mark"]) == ("forecast", "judgement")
    assert "誤差の明示なし" in ahead["words"]
    assert said["neighbours"]
    assert client.get("/hq/map/stations/none.json").status_code == 404


def test_without_a_forecast_the_time_is_called_a_rule_of_thumb(desk: Site) -> None:
    with desk.store.write() as tx:
        rows = [
            Observation("fe99000000000002", "water_level", town.NOW - timedelta(minutes=10 * n), 0.7 - 0.05 * n, "m")
            for n in range(7)
        ]
        observations.add(tx, rows, raw_id=None)
    ahead = ask(signed_in(desk, "author"), "/hq/map/stations/fe99000000000002.json")["next"]
    assert isinstance(ahead, dict)
    assert ahead["basis"] == "guide"
    assert "目安" in ahead["rest_words"]
    assert "予測ではありません" in ahead["words"]


def test_closed_and_reopened_roads_are_lines(desk: Site) -> None:
    with desk.store.write() as tx:
        conditions.close_road(tx, "a1", "author", town.NOW - timedelta(hours=1), "冠水")
        conditions.close_road(tx, "b2", "author", town.NOW - timedelta(hours=3), "倒木")
        conditions.open_road(tx, "b2", "author", town.NOW - timedelta(hours=2))
    client = signed_in(desk, "author")
    (one,) = ask(client, "/hq/roads.geojson")["features"]  # type: ignore[misc]
    assert (one["id"], one["properties"]["because"], one["geometry"]["type"]) == ("a1", "冠水", "LineString")
    assert [f["id"] for f in ask(client, "/hq/map/reopened.geojson")["features"]] == ["b2"]  # type: ignore[attr-defined]
    past = ask(client, "/hq/map/past.json")
    assert [state for _, state in past["roads"]["b2"]] == ["closed", "open"]  # type: ignore[index]


def test_the_past_is_given_in_quarters_of_an_hour(desk: Site) -> None:
    past = ask(signed_in(desk, "author"), "/hq/map/past.json")
    times = past["times"]
    assert isinstance(times, list)
    assert (len(times), times[-1]) == (97, "2026-09-18T18:00:00+09:00")
    levels = past["areas"][town.CITY]  # type: ignore[index]
    assert (levels[0], levels[-4], levels[-1]) == (2, 3, 4)


def test_a_drawing_is_the_room_s_and_only_its_maker_takes_it_away(desk: Site) -> None:
    author, other, viewer = (signed_in(desk, "author", name) for name in ("one", "two", "three"))
    viewer = signed_in(desk, "viewer")
    said = {"kind": "area", "label": "立入禁止", "spots": [[139.3, 38.9], [139.31, 38.9], [139.31, 38.91]]}
    assert viewer.post("/hq/map/sketches", json=said, headers=csrf(viewer)).status_code == 403
    assert author.post("/hq/map/sketches", json=said | {"kind": "x"}, headers=csrf(author)).status_code == 400
    assert author.post("/hq/map/sketches", json={"spots": "x"}, headers=csrf(author)).status_code == 400
    made = author.post("/hq/map/sketches", json=said, headers=csrf(author))
    assert made.status_code == 201
    (drawn,) = ask(viewer, "/hq/map/now.json")["sketches"]  # type: ignore[misc]
    assert (drawn["label"], drawn["who"]) == ("立入禁止", "one")
    path = f"/hq/map/sketches/{drawn['id']}"
    assert other.delete(path, headers=csrf(other)).status_code == 400
    assert author.delete(path, headers=csrf(author)).status_code == 204
    assert ask(viewer, "/hq/map/now.json")["sketches"] == []
    with desk.store.read() as tx:
        assert next(e.kind for e in journal.entries(tx, kinds=("sketch_drawn", "sketch_removed"))) == "sketch_removed"


def test_only_the_layers_of_the_desk_are_given(desk: Site) -> None:
    client = signed_in(desk, "author")
    assert ask(client, "/hq/layers-of/water_points.geojson")["features"] == []
    for name in ("homes", "addresses", "none"):
        assert client.get(f"/hq/layers-of/{name}.geojson").status_code == 404
