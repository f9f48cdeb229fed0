"""Rooms, doors, languages, bands, headers and faults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from disaster_hub.config import Portal
from disaster_hub.portal.app import create_app
from disaster_hub.portal.doors import Door, door_of
from disaster_hub.portal.words import languages
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.role import Right
from tests.portal import town
from tests.portal.conftest import Site, site_of


def test_every_route_has_a_door(site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        assert isinstance(door_of(site.app, rule.endpoint), Door | Right), f"{rule}: which door is it behind?"


def test_only_staff_pass_the_staff_door(site: Site) -> None:
    staff = [r for r in site.app.url_map.iter_rules() if r.endpoint.startswith("hq.")]
    assert staff
    for rule in staff:
        answer = site.client.get(str(rule))
        assert answer.status_code == 302
        assert "/hq/sign-in" in answer.headers["Location"]


def test_a_room_without_a_door_stays_shut(site: Site) -> None:
    from flask import Blueprint

    fresh = create_app(site.config, site.store)
    loose = Blueprint("loose", __name__)
    loose.add_url_rule("/loose", view_func=lambda: "inside")
    fresh.register_blueprint(loose)
    assert fresh.test_client().get("/loose").status_code == 403


def test_the_band_is_on_every_page_of_a_replay(client: FlaskClient) -> None:
    for path in ("/", "/hq/sign-in", "/nowhere"):
        page = client.get(path).get_data(as_text=True)
        assert re.search(r"<title>訓練", page), path
        assert all(f"band-{edge}" in page for edge in ("top", "bottom", "left", "right")), path
        assert 'class="drill"' in page


def test_the_real_world_has_no_band(tmp_path: Path) -> None:
    config = town.config_for(tmp_path, town.real())
    store = prepare(config.store, config.world)
    page = create_app(config, store).test_client().get("/").get_data(as_text=True)
    store.close()
    assert "band" not in page
    assert "<title>みなも市" in page
    assert "訓練" not in page.replace("防災", "")


def test_japanese_first_and_english_beside_it(client: FlaskClient) -> None:
    assert '<html lang="ja"' in client.get("/", headers={"Accept-Language": "en"}).get_data(as_text=True)
    english = client.get("/?lang=en").get_data(as_text=True)
    assert '<html lang="en"' in english
    assert "<title>EXERCISE" in english
    assert '<html lang="en"' in client.get("/").get_data(as_text=True), "the choice is remembered"
    assert '<html lang="en"' in client.get("/?lang=xx").get_data(as_text=True)


@pytest.mark.parametrize("lang", sorted(languages()))
def test_credits_stand_on_the_map(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/?lang={lang}").get_data(as_text=True)
    names = {
        "ja": ("気象庁", "国土地理院", "国土数値情報", "OpenStreetMap", "Geolonia"),
        "en": ("Meteorological Agency", "Geospatial Information", "National Land", "OpenStreetMap", "Geolonia"),
    }[lang]
    spot = page[page.index("map-credit") :]
    assert all(name in spot for name in names)


def test_headers_let_nothing_in_from_elsewhere(client: FlaskClient) -> None:
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_tiles_open_the_policy_for_their_host_alone(tmp_path: Path) -> None:
    door = Portal("127.0.0.1", 0, None, None, 0, 60, "https://tiles.example/{z}/{x}/{y}.png", "地理院タイル")
    with site_of(tmp_path, portal=door) as site:
        answer = site.client.get("/")
        assert "img-src 'self' data: https://tiles.example" in answer.headers["Content-Security-Policy"]
        assert "地理院タイル" in answer.get_data(as_text=True)


def test_no_page_names_another_host(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    for path in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["Cache-Control"]


def test_there_is_no_inline_script_or_style(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or 'type="application/json"' in script
    assert "<style" not in page
    assert not re.search(r"\son\w+=", page)
    assert ' style="' not in page


def test_folium_made_the_frame(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert '<div class="folium-map" id="hub_map"' in page
    script = client.get(re.search(r'"(/assets/[^"]+frame/map.js)"', page)[1]).get_data(as_text=True)
    assert "L.map(" in script
    assert "38.9" in script


def test_faults_are_readable_and_show_no_code(site: Site) -> None:
    page = site.client.get("/nowhere")
    assert page.status_code == 404
    assert "このページはありません" in page.get_data(as_text=True)
    assert "There is no such page" in site.client.get("/nowhere?lang=en").get_data(as_text=True)
    assert site.client.get("/api/nowhere").get_json()["status"] == 404


def test_an_error_of_ours_shows_no_traceback(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(site.app.view_functions, "public.unified_map", broken)
    answer = site.client.get("/")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "システムの内部で誤りが起きました" in text
    assert "secret" not in text
    assert "Traceback" not in text


def test_a_large_request_is_refused(client: FlaskClient) -> None:
    answer = client.post("/hq/sign-in", data={"name": "x" * 1_000_000})
    assert answer.status_code == 413
    assert "大きすぎます" in answer.get_data(as_text=True)


def behind(**settings) -> Portal:
    base = {"trusted_proxies": 0, "base_path": ""} | settings
    return Portal("127.0.0.1", 0, None, None, base["trusted_proxies"], 60, None, "", base["base_path"])


def test_it_lives_under_a_base_path(tmp_path: Path) -> None:
    with site_of(tmp_path, portal=behind(base_path="/bosai")) as site:
        page = site.client.get("/bosai/").get_data(as_text=True)
        assert '"/bosai/assets/' in page
        assert '"root": "/bosai"' in page
        assert site.client.get("/bosai/api/situation").status_code == 200
        assert site.client.get("/bosai/hq/status").headers["Location"].startswith("/bosai/hq/sign-in")
        assert site.client.get("/api/situation").status_code == 200, "the proxy may have taken the path away"


def test_forwarded_headers_count_only_behind_a_proxy(tmp_path: Path) -> None:
    for proxies, secure in ((0, False), (1, True)):
        folder = tmp_path / str(proxies)
        folder.mkdir()
        with site_of(folder, portal=behind(trusted_proxies=proxies)) as site:
            headers = site.client.get("/", headers={"X-Forwarded-Proto": "https"}).headers
            assert ("Strict-Transport-Security" in headers) is secure


def test_creating_the_app_polls_and_schedules_nothing(site: Site) -> None:
    import threading

    before = threading.active_count()
    assert isinstance(create_app(site.config, site.store), Flask)
    assert threading.active_count() == before
