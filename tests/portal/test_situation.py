"""The public facts, as the contract has them."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from disaster_hub.portal.app import create_app
from disaster_hub.store import levels, observations, pulse, staff, stations
from disaster_hub.terms.observation import Observation, Station
from tests.portal import town
from tests.portal.conftest import Site, site_of

AREA = {"code", "name", "kind", "level", "issuer", "since", "until", "reason", "age_s", "order", "observed"}
STATION = {"id", "name", "kind", "lon", "lat", "value", "unit", "at", "age_s", "stale", "trend", "thresholds"}


def situation(site: Site) -> dict:
    answer = site.client.get("/api/situation")
    assert answer.status_code == 200
    return answer.get_json()


def test_it_has_every_key_of_the_contract(site: Site) -> None:
    said = situation(site)
    assert set(said) == {"now", "world", "areas", "stations"}
    assert said["world"] == {"kind": "replay", "name": "架空の夜"}
    assert said["now"] == "2026-09-18T18:00:00+09:00"
    assert all(set(area) == AREA for area in said["areas"])
    assert all(set(station) == STATION for station in said["stations"])


def test_three_things_stand_side_by_side(site: Site) -> None:
    city, neighbour, river = situation(site)["areas"]
    assert (city["code"], city["kind"], city["level"], city["order"]) == (town.CITY, "municipality", 4, None)
    assert city["issuer"] == "架空地方気象台"
    assert "レベル４土砂災害危険警報" in city["reason"]
    assert city["since"] == "2026-09-18T17:20:00+09:00"
    assert {o["station"]: o["state"] for o in city["observed"]} == {
        "fe99000000000001": "met", "fe99000000000002": "not_known",
    }  # fmt: skip
    assert (neighbour["level"], neighbour["observed"]) == (0, [])
    assert (river["kind"], river["level"]) == ("river", 2)


def test_a_station_says_its_value_place_age_and_trend(site: Site) -> None:
    by_id = {station["id"]: station for station in situation(site)["stations"]}
    gauge = by_id["99009900010000001"]
    assert (gauge["value"], gauge["unit"], gauge["trend"], gauge["stale"], gauge["age_s"]) == (
        2.6,
        "m",
        "rising",
        False,
        0,
    )
    assert gauge["thresholds"] == {"standby": 1.5, "advisory": 2.5, "judgement": 2.8, "danger": 3.1}
    silent = by_id["99009900010000002"]
    assert (silent["stale"], silent["age_s"], silent["trend"]) == (True, 7200, None)
    assert by_id["fe99plain01"]["kind"] == "rain"


def test_ages_run_on_the_worlds_clock(tmp_path: Path) -> None:
    with site_of(tmp_path, town.at_speed(town.DRILL, 60)) as site:
        situation(site)
        site.wall[0] += timedelta(seconds=3)
        site.app.extensions["disaster_hub"].board._made = float("-inf")
        said = situation(site)
    assert said["now"] == "2026-09-18T18:03:00+09:00"
    assert said["areas"][0]["age_s"] == 180
    assert {s["id"]: s["age_s"] for s in said["stations"]}["99009900010000001"] == 180


def test_silence_takes_calm_away_but_never_a_warning(site: Site) -> None:
    site.wall[0] += timedelta(hours=1)
    city, neighbour, _ = situation(site)["areas"]
    assert city["level"] == 4
    assert neighbour["level"] is None
    assert neighbour["since"] == "2026-09-18T18:00:00+09:00"
    assert neighbour["reason"].startswith("不明")


def test_a_fact_is_seen_as_soon_as_it_is_stored(site: Site) -> None:
    assert situation(site)["areas"][1]["level"] == 0
    with site.store.write() as tx:
        levels.put_official(tx, town.official(3, "レベル３大雨警報", "rain", town.NEIGHBOUR))
    assert situation(site)["areas"][1]["level"] == 3


def test_a_value_from_the_future_is_no_value_of_now(site: Site) -> None:
    ahead = Observation("fe99000000000001", "water_level", town.NOW + timedelta(hours=3), 9.0, "m")
    with site.store.write() as tx:
        observations.add(tx, [ahead], raw_id=None)
    assert {s["id"]: s["value"] for s in situation(site)["stations"]}["fe99000000000001"] == 2.1
    assert b'"code":"clock"' in site.client.get("/api/live?once").data


def test_missing_is_null_and_never_zero(site: Site) -> None:
    from disaster_hub.terms.quantity import Quality

    gone = Observation("fe99000000000001", "water_level", town.NOW + timedelta(minutes=1), None, "m", Quality.MISSING)
    with site.store.write() as tx:
        observations.add(tx, [gone], raw_id=None)
    assert {s["id"]: s["value"] for s in situation(site)["stations"]}["fe99000000000001"] is None


def test_etag_gzip_and_not_modified(client: FlaskClient) -> None:
    plain = client.get("/api/situation")
    assert plain.headers["Content-Type"].startswith("application/json")
    assert client.get("/api/situation", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304
    small = client.get("/api/situation", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(small.data)) == plain.get_json()
    assert client.get("/api/situation", headers={"If-None-Match": small.headers["ETag"]}).status_code == 304
    assert client.head("/api/situation").data == b""
    assert "Accept-Encoding" in small.headers["Vary"]


@pytest.mark.parametrize("name", ["areas", "stations", "shelters", "hazards", "rivers", "roads"])
def test_layers_are_geojson_with_etag(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/api/layers/{name}.geojson", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") else answer.data
    said = json.loads(body)
    assert said["type"] == "FeatureCollection"
    assert said["features"]
    for feature in said["features"]:
        assert feature["type"] == "Feature"
        assert set(feature) == {"type", "id", "geometry", "properties"}
    assert answer.headers["Content-Type"] == "application/geo+json"
    again = client.get(f"/api/layers/{name}.geojson", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_outer_rings_run_counter_clockwise(client: FlaskClient) -> None:
    from shapely.geometry import shape

    for feature in client.get("/api/layers/areas.geojson").get_json()["features"]:
        drawn = shape(feature["geometry"]) if feature["geometry"] else None
        for part in getattr(drawn, "geoms", [drawn]):
            if part is not None and part.geom_type == "Polygon":
                assert part.exterior.is_ccw


def test_areas_carry_their_level_and_rivers_their_line(client: FlaskClient) -> None:
    found = {f["properties"]["code"]: f for f in client.get("/api/layers/areas.geojson").get_json()["features"]}
    assert found[town.CITY]["properties"]["level"] == 4
    assert found[town.RIVER]["geometry"]["type"] == "LineString"
    assert found["9930100"]["properties"]["watched"] is False


def test_an_unknown_layer_is_a_404_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/layers/households.geojson")
    assert answer.status_code == 404
    assert "no layer" in answer.get_json()["error"]


def test_a_curve_keeps_observed_and_forecast_apart(client: FlaskClient) -> None:
    said = client.get("/api/stations/99009900010000001/series").get_json()
    assert said["unit"] == "m"
    assert said["hours"] == 24
    assert len(said["forecast"]) == 6
    assert said["forecast"][0]["issued_at"] == "2026-09-18T17:40:00+09:00"
    assert max(v["at"] for v in said["observed"]) == "2026-09-18T18:00:00+09:00"
    assert client.get("/api/stations/nobody/series").status_code == 404


def test_the_reasons_of_an_area(client: FlaskClient) -> None:
    said = client.get(f"/api/areas/{town.CITY}").get_json()
    assert [w["level"] for w in said["words"]] == [4, 3]
    assert [(c["before"], c["after"]) for c in said["changes"]] == [(3, 4), (2, 3)]


def test_nothing_personal_is_public(site: Site) -> None:
    with site.store.write() as tx:
        staff.add(tx, "tanaka", "scrypt:x", "administrator", town.NOW)
    paths = ["/api/situation", "/", "/api/live?once", f"/api/areas/{town.CITY}"]
    paths += [f"/api/layers/{n}.geojson" for n in ("areas", "stations", "shelters", "hazards", "rivers", "roads")]
    for path in paths:
        assert b"tanaka" not in site.client.get(path).data, path


def test_the_word_changes_with_facts_and_not_with_time(site: Site) -> None:
    first = site.client.get("/api/live?once").get_json()
    with site.store.write() as tx:
        pulse.beat(tx, "clock", "here:1", town.NOW, wall=town.NOW)
    second = site.client.get("/api/live?once").get_json()
    assert (first["facts"], first["places"], first["stations"]) == (
        second["facts"],
        second["places"],
        second["stations"],
    )
    with site.store.write() as tx:
        stations.upsert(
            tx, Station("99009900010000009", "新しい水位計", lon=town.LON, lat=town.LAT), source="jma", seen_at=town.NOW
        )
    third = site.client.get("/api/live?once").get_json()
    assert third["stations"] != second["stations"]
    assert third["facts"] != second["facts"]


def test_trouble_is_said(site: Site) -> None:
    site.wall[0] += timedelta(minutes=20)
    with site.store.write() as tx:
        pulse.failure(tx, town.FEED, site.wall[0], "timed out")
    said = site.client.get("/api/live?once").get_json()["trouble"]
    assert {"code": "source", "what": "jma", "since": "2026-09-18T18:00:00+09:00"} in said
    assert "clock" in {t["what"] for t in said if t["code"] == "process"}


def test_a_fast_world_stops_at_its_end(tmp_path: Path) -> None:
    with site_of(tmp_path, town.at_speed(town.DRILL, 600)) as site:
        site.wall[0] += timedelta(days=1)
        assert datetime.fromisoformat(situation(site)["now"]) == town.NOW + timedelta(hours=9)


def test_it_is_the_same_on_both_databases(address: str, tmp_path: Path) -> None:
    config = replace(town.config_for(tmp_path), store=address)
    store = town.make_store(config)
    client = create_app(config, store, wall=lambda: town.NOW).test_client()
    before = client.get("/api/situation").get_json()
    assert [area["level"] for area in before["areas"]] == [4, 0, 2]
    assert len(before["stations"]) == 5
    with store.write() as tx:
        levels.put_official(tx, town.official(5, "レベル５土砂災害特別警報"))
    assert client.get("/api/situation").get_json()["areas"][0]["level"] == 5
    for name in ("areas", "hazards", "rivers"):
        assert client.get(f"/api/layers/{name}.geojson").get_json()["features"]
    store.close()
