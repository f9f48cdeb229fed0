"""The city's page of plans: behind the staff door, the same numbers three ways, and no home in any of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from shapely import Point

from disaster_hub.portal.accounts import ADMINISTRATOR
from disaster_hub.store import households, journal, places
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature, LonLat
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.test_sign_in import try_in

HOME = LonLat(139.2712345, 38.8912345)
PATHS = ("/hq/plans", "/hq/plans.csv", "/hq/plans.geojson")


@pytest.fixture(name="full")
def a_site_with_plans(site: Site) -> Site:
    keys = Keyring.open(site.config.keys.folder)
    with site.store.write() as tx:
        names = (("=1+1", HOME), ("柳町", LonLat(139.32, 38.92)), ("空町", LonLat(139.36, 38.95)))
        rows = [Feature("addresses", n, Point(s.lon, s.lat), {"city": "みなも市", "town": n}) for n, s in names]
        places.replace(tx, "addresses", "f", rows)
        journal.add(tx, JournalEntry(town.NOW, "dataset_loaded", "load", "addresses", because="f"))
        for _ in range(24):
            households.create(tx, keys, Plan(Home(HOME, "しるし桜井")), town.NOW)
        for _ in range(11):
            households.create(tx, keys, Plan(Home(LonLat(139.3200001, 38.9200001))), town.NOW)
    keys.close()
    return site


def test_only_staff_see_the_counts(full: Site) -> None:
    for path in PATHS:
        answer = full.client.get(path)
        assert answer.status_code == 302
        assert "/hq/sign-in" in answer.headers["Location"]


def test_page_file_and_layer_say_the_same_and_name_no_home(full: Site) -> None:
    client = full.client
    try_in(client, ADMINISTRATOR, full.password)
    bodies = {path: client.get(path).get_data(as_text=True) for path in PATHS}
    page, table, layer = bodies.values()
    assert "約 35" in page
    assert "示しません" in page
    rows = {(r["table"], r["row"]): r["plans_about"] for r in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))}
    assert rows["all", "all"] == "35"
    assert rows["towns", "'=1+1"] == "20", "and no spreadsheet takes it for a formula"
    assert rows["towns", "空町"] == ""
    features = {f["properties"]["name"]: f for f in json.loads(layer)["features"]}
    assert features["=1+1"]["properties"]["plans_about"] == 20
    assert features["柳町"]["properties"]["plans_about"] in (10, None)
    for body in bodies.values():
        for plain in ("しるし", "139.2712345", "139.32000", "38.92000"):
            assert plain not in body.replace("139.32, 38.92", "")


def test_homes_are_no_layer_that_anybody_is_served(full: Site) -> None:
    for name in ("home", "homes", "household", "arrivals"):
        assert full.client.get(f"/api/layers/{name}.geojson").status_code == 404
    from disaster_hub.portal import board
    from disaster_hub.store.layers import HOMES, LAYERS

    assert not {"home", "homes"} & set(board.LAYERS)
    assert HOMES.table not in [layer.table for layer in LAYERS.values()], "nothing that walks the layers meets homes"


def test_the_page_in_english(full: Site) -> None:
    client = full.client
    try_in(client, ADMINISTRATOR, full.password)
    page = client.get("/hq/plans?lang=en").get_data(as_text=True)
    assert "about 35" in page
    assert "By town" in page


def test_the_counts_of_an_empty_hub(site: Site, tmp_path: Path) -> None:
    client = site.client
    try_in(client, ADMINISTRATOR, site.password)
    page = client.get("/hq/plans").get_data(as_text=True)
    assert "示しません" in page
    assert str(tmp_path) not in page
