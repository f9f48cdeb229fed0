"""The registry page: list, strangers, one form, history, maintenance."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from disaster_hub.store import sensors
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token


def form(client: FlaskClient, path: str, **said: str) -> dict[str, str]:
    page = client.get(path).get_data(as_text=True)
    kept = dict(re.findall(r'<input id="f-(\w+)" name="\w+" type="\w+" value="([^"]*)"', page))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return kept | {"csrf_token": token(client, path), "version": version[1], "kind": "sensor", "model": "plain"} | said


NEW = {"id": "fe99new1", "name": "新しい橋", "lon": "139.3", "lat": "38.9", "zero_m": "3.2", "near": "1.2", "met": "1.6", "interval_s": "600"}  # fmt: skip


def test_one_form_enrols_a_device_that_was_heard(site: Site) -> None:
    with site.store.write() as tx:
        sensors.hear_strangers(tx, {"fe99new1": 7}, "mqtt", town.NOW)
    client = signed_in(site, "department")
    page = client.get("/hq/sensors").get_data(as_text=True)
    assert "fe99new1" in page
    assert "7回" in page
    path = "/hq/sensors/new?device=fe99new1"
    answer = client.post(path, data=form(client, path, **NEW))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = client.get("/hq/sensors").get_data(as_text=True)
    assert "新しい橋" in page
    assert "登録のないセンサー" not in page


def test_wrong_input_says_the_field_and_keeps_what_was_typed(site: Site) -> None:
    client = signed_in(site, "department")
    path = "/hq/sensors/new"
    answer = client.post(path, data=form(client, path, **NEW | {"near": "2 m", "owner": "河川課"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "注意の目安" in page
    assert 'value="河川課"' in page
    assert 'value="2 m"' in page


def test_a_second_editor_is_told_and_loses_nothing(site: Site) -> None:
    client = signed_in(site, "department")
    client.post("/hq/sensors/new", data=form(client, "/hq/sensors/new", **NEW))
    path = "/hq/sensors/fe99new1"
    mine, theirs = form(client, path, met="1.7", note="a"), form(client, path, met="1.8", note="b")
    assert client.post(path, data=mine).status_code == 303
    answer = client.post(path, data=theirs)
    assert answer.status_code == 409
    assert 'value="1.8"' in answer.get_data(as_text=True)
    with site.store.read() as tx:
        assert sensors.newest(tx)["fe99new1"].entry.met == 1.7


def test_maintenance_from_a_tap_to_its_end(site: Site) -> None:
    client = signed_in(site, "department")
    client.post("/hq/sensors/new", data=form(client, "/hq/sensors/new", **NEW))
    path = "/hq/sensors/fe99new1"
    said = {"csrf_token": token(client, path), "do": "begin", "minutes": "60", "why": "清掃"}
    assert client.post(f"{path}/maintenance", data=said).status_code == 303
    assert "保守中" in client.get(path).get_data(as_text=True)
    for minutes in (31, 61):  # a session that is not used ends sooner
        site.wall[0] = town.NOW + timedelta(minutes=minutes)
        client.get("/hq/sensors")
    assert "これから保守をする" in client.get(path).get_data(as_text=True)
    with site.store.read() as tx:
        assert not sensors.maintained(tx, site.wall[0])


@pytest.mark.parametrize("role", ["viewer", "author"])
def test_others_look_but_do_not_change(site: Site, role: str) -> None:
    client = signed_in(site, role)
    assert client.get("/hq/sensors").status_code == 200
    assert client.get("/hq/sensors/new").status_code == 403
