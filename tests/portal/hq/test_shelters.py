"""The shelters' desk: what staff say is on the map at once; a wrong place is said and never forbidden."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from disaster_hub.desk import counts
from disaster_hub.portal import accounts
from disaster_hub.store import conditions, journal, levels, places, shelter_desk, zero_hours
from disaster_hub.store.tables import pulse
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import Feature
from disaster_hub.terms.role import Role
from disaster_hub.terms.way import ShelterState, Water
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import PASSWORD, signed_in, token


@pytest.fixture(name="first")
def a_shelter(site: Site) -> str:
    with site.store.read() as tx:
        return next(places.features(tx, "shelters")).id


def say(client, path: str, shelter: str, **said: str):
    return client.post(path, data={"csrf_token": token(client, f"/hq/shelters/{shelter}")} | said)


def public(client, shelter: str) -> dict:
    features = json.loads(client.get("/api/layers/shelters.geojson").data)["features"]
    return next(f["properties"] for f in features if f["properties"]["id"] == shelter)


def test_a_word_is_on_the_public_map_and_the_desk_s_layer_at_once(site: Site, first: str) -> None:
    client = signed_in(site, "field", "mizuno")
    assert public(client, first)["state"] is None, "nobody has said anything: neither open nor shut"
    before = json.loads(client.get("/api/live?once").data)["shelters"]
    assert before == ""
    assert say(client, f"/hq/shelters/{first}/state", first, state="open").status_code == 303
    assert (public(client, first)["state"], public(client, first)["state_since"]) == (
        "open", "2026-09-18T18:00:00+09:00",
    )  # fmt: skip
    assert json.loads(client.get("/api/live?once").data)["shelters"] != before
    site.wall[0] = town.NOW + timedelta(minutes=5)
    say(client, f"/hq/shelters/{first}/state", first, state="full")
    assert public(client, first)["state"] == "full"
    layer = json.loads(client.get("/hq/shelters.geojson").data)["features"]
    assert [f["properties"]["state_name"] for f in layer if f["id"] == first] == ["満員"]
    with site.store.read() as tx:
        assert conditions.shelter_states(tx) == {first: ShelterState.FULL}
        assert [e.who for e in journal.entries(tx, kinds=("shelter_state",))] == ["mizuno", "mizuno"]


def test_a_building_that_the_data_name_twice_speaks_with_one_voice(site: Site, first: str) -> None:
    with site.store.write() as tx:
        found = list(places.features(tx, "shelters"))
        one = next(f for f in found if f.id == first)
        twin = Feature("shelters", "twin", one.geometry, {"name": one.columns["name"], "designation": "evacuation"})
        places.replace(tx, "shelters", "more", [twin])
        conditions.set_shelter(tx, first, ShelterState.OPEN, "x", town.NOW)
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "shelters", because="more"))
    client = signed_in(site, "author")
    assert public(client, "twin")["state"] == "open"
    ids = [f["id"] for f in json.loads(client.get("/hq/shelters.geojson").data)["features"]]
    assert first in ids
    assert "twin" not in ids
    assert client.get("/hq/shelters/twin").status_code == 200


def test_heads_room_and_needs_are_kept_with_who_and_when_and_an_old_number_is_hatched(site: Site, first: str) -> None:
    client = signed_in(site, "field", "mizuno")
    say(client, f"/hq/shelters/{first}/state", first, state="open")
    assert say(client, f"/hq/shelters/{first}/count", first, people="４２", households="15").status_code == 303
    say(client, f"/hq/shelters/{first}/capacity", first, capacity="100")
    need = {"id": "need-0001", "goods": "blankets", "quantity": "40"}
    for _ in range(3):
        say(client, f"/hq/shelters/{first}/needs", first, **need)
    page = client.get("/hq/shelters", headers={"X-Part": "1"}).get_data(as_text=True)
    assert "42人（42%）" in page
    assert "物資の要請 1" in page
    assert "避難者 42人" in page
    assert "hatched" not in page
    site.wall[0] = town.NOW + timedelta(minutes=61)
    client = signed_in(site, "field", "second")
    page = client.get("/hq/shelters", headers={"X-Part": "1"}).get_data(as_text=True)
    assert '<span class="hatched">42人' in page
    assert "しばらく連絡なし" in page
    assert "避難者 42人以上" in page
    say(client, f"/hq/shelters/{first}/needs/need-0001", first, state="arrived", version="1")
    with site.store.read() as tx:
        assert shelter_desk.needs(tx) == []


def test_a_wrong_number_is_said_and_what_was_typed_stays(site: Site, first: str) -> None:
    client = signed_in(site, "field")
    answer = say(client, f"/hq/shelters/{first}/count", first, people="たくさん")
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "人数：数字で入れてください" in text
    assert 'value="たくさん"' in text


def test_a_shelter_in_tonight_s_zone_is_warned_of_and_opens_all_the_same(site: Site) -> None:
    with site.store.write() as tx:
        wet = Feature("shelters", "wet", town.river_line().interpolate(0.5, normalized=True), {
            "name": "川べり会館", "designation": "emergency", "flood": False, "landslide": True,
        })  # fmt: skip
        places.replace(tx, "shelters", "more", [wet])
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "shelters", because="more"))
        zero_hours.put(tx, Water(Hazard.FLOOD, town.CITY, town.NOW + timedelta(hours=1), level=4))
    client = signed_in(site, "author")
    page = client.get("/hq/shelters/wet").get_data(as_text=True)
    assert "今夜の注意" in page
    assert "区域" in page.split("今夜の注意")[1][:80]
    assert say(client, "/hq/shelters/wet/state", "wet", state="open").status_code == 303
    with site.store.read() as tx:
        assert conditions.shelter_states(tx)["wet"] is ShelterState.OPEN


def test_plans_that_changed_since_are_told(site: Site, first: str) -> None:
    client = signed_in(site, "author")
    say(client, f"/hq/shelters/{first}/state", first, state="full")
    assert "まだありません" in client.get(f"/hq/shelters/{first}").get_data(as_text=True)
    with site.store.write() as tx:
        at = town.NOW + timedelta(seconds=20)
        journal.add(tx, town.JournalEntry(at, "plans_changed", "clock", "住民の計画7件を計算し直しました（全40件）"))
    page = client.get(f"/hq/shelters/{first}").get_data(as_text=True)
    assert "変わった計画 7件／全体 40件" in page
    assert "10件未満" in page, "no single household stands behind a number"


def test_who_is_assigned_to_a_shelter_speaks_for_that_one_alone(site: Site, first: str) -> None:
    with site.store.read() as tx:
        found = {f.id: f.columns["name"] for f in places.features(tx, "shelters")}
    other = next(i for i, name in found.items() if name != found[first])
    accounts.add(site.store, "mine", PASSWORD, Role.FIELD, town.NOW, department=found[first])
    client = site.client
    said = {"csrf_token": token(client, "/hq/sign-in"), "name": "mine", "password": PASSWORD}
    client.post("/hq/sign-in", data=said)
    assert "あなたの避難所" in client.get("/hq/shelters").get_data(as_text=True)
    assert say(client, f"/hq/shelters/{first}/state", first, state="open").status_code == 303
    assert say(client, f"/hq/shelters/{other}/state", other, state="open").status_code == 403
    with site.store.read() as tx:
        assert set(conditions.shelter_states(tx)) == {first}
    assert signed_in(site, "viewer").get(f"/hq/shelters/{first}").status_code == 200


def test_a_full_building_is_full_under_each_of_its_names_so_that_no_plan_leads_there(site: Site, first: str) -> None:
    with site.store.write() as tx:
        one = next(f for f in places.features(tx, "shelters") if f.id == first)
        twin = Feature("shelters", "town-sheet-1", one.geometry, dict(one.columns))
        places.replace(tx, "shelters", "more", [twin])
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "shelters", because="more"))
    client = signed_in(site, "author")
    shelf = [f["id"] for f in json.loads(client.get("/hq/shelters.geojson").data)["features"]]
    here = next(i for i in shelf if i in {first, "town-sheet-1"})
    assert say(client, f"/hq/shelters/{here}/state", here, state="full").status_code == 303
    with site.store.read() as tx:
        states = conditions.shelter_states(tx)
        rows = journal.entries(tx, kinds=("shelter_state",))
        counted = counts.counts(tx, site.config, town.NOW).shelters
    assert counted == {ShelterState.FULL: 1}, "one building"
    assert states == {first: ShelterState.FULL, "town-sheet-1": ShelterState.FULL}
    assert len(rows) == 1, "one word, one row"


def test_a_place_in_a_zone_is_doubted_where_nobody_knows_what_is_in_force(site: Site) -> None:
    with site.store.write() as tx:
        spot = town.river_line().interpolate(0.5, normalized=True)
        said = {"name": "川べり会館", "designation": "emergency", "flood": True}
        places.replace(tx, "shelters", "more", [Feature("shelters", "wet", spot, said)])
        journal.add(tx, town.JournalEntry(town.NOW, "dataset_loaded", "load", "shelters", because="more"))
        for word in levels.officials(tx):
            levels.drop_official(tx, word.area, word.hazard)
        tx.execute(update(pulse).values(last_success=None))
    client = signed_in(site, "author")
    page = client.get("/hq/shelters/wet").get_data(as_text=True)
    assert "いまの警戒レベルが分かりません" in page


def test_the_heads_of_a_shelter_that_has_closed_are_not_counted_as_tonight_s(site: Site, first: str) -> None:
    with site.store.write() as tx:
        conditions.set_shelter(tx, first, ShelterState.OPEN, "mizuno", town.NOW)
        shelter_desk.count(tx, first, 42, None, "mizuno", town.NOW)
    with site.store.read() as tx:
        assert counts.counts(tx, site.config, town.NOW).sheltered == 42
    with site.store.write() as tx:
        conditions.set_shelter(tx, first, ShelterState.CLOSED, "mizuno", town.NOW)
    with site.store.read() as tx:
        assert counts.counts(tx, site.config, town.NOW).sheltered == 0
