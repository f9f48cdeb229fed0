"""The pages of doubts and of the rules of automatic notices: what is shown, one tap, the editor, the dry run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from disaster_hub.jobs.plausible import Plausible
from disaster_hub.store import journal, observations, sensors, witness
from disaster_hub.terms.observation import Observation
from tests.portal import town
from tests.portal.conftest import Site, site_of
from tests.portal.staff import signed_in, token

GAUGE = "99009900010000001"
RULE = f"""
[[rule]]
id = "river"
title = "みなも川"
hazard = "flood"
when = {{ kind = "level", area = "{town.RIVER}", level = 3 }}
"""


@pytest.fixture(name="spiked")
def a_spiked_site(tmp_path: Path) -> Iterator[Site]:
    """A town whose gauge was low until a moment ago and now says 26.48 m."""
    with site_of(tmp_path) as site:
        clock = Plausible(site.store, site.app.extensions["disaster_hub"].config)
        clock.run(town.NOW - timedelta(minutes=1))
        with site.store.write() as tx:
            spike = Observation(GAUGE, "water_level", town.NOW + timedelta(seconds=1), 26.48, "m")
            observations.add(tx, [spike], raw_id=None)
        clock.run(town.NOW + timedelta(seconds=2))
        yield site


def kinds(site: Site, *wanted: str) -> list[str]:
    with site.store.read() as tx:
        return [e.kind for e in journal.entries(tx, kinds=wanted)]


def test_a_doubted_reading_is_shown_with_its_curve_its_neighbours_and_why(spiked: Site) -> None:
    page = signed_in(spiked, "author").get("/hq/doubts").get_data(as_text=True)
    assert "上みなも" in page
    assert "26.48 m" in page
    assert "ありえない値" in page
    assert "<polyline" in page
    assert "近くの観測所" in page


def test_nobody_is_shown_a_doubted_value_as_the_water_s(spiked: Site) -> None:
    rows = spiked.client.get("/api/situation").get_json()["stations"]
    assert next(row for row in rows if row["id"] == GAUGE)["value"] is None
    board = signed_in(spiked, "viewer").get("/hq/watch").get_data(as_text=True)
    assert "疑わしい値" in board


def test_one_tap_says_that_it_is_really_high(spiked: Site) -> None:
    client = signed_in(spiked, "author", "佐藤")
    answer = client.post(f"/hq/doubts/{GAUGE}/high", data={"csrf_token": token(client, "/hq/doubts")})
    assert answer.status_code == 303
    with spiked.store.read() as tx:
        assert witness.looks(tx, town.NOW - timedelta(hours=1))[GAUGE].who == "佐藤"
    assert kinds(spiked, "reading_witnessed") == ["reading_witnessed"]


def test_one_tap_leaves_a_faulty_gauge_out_until_an_end(spiked: Site) -> None:
    client = signed_in(spiked, "department")
    said = {"csrf_token": token(client, "/hq/doubts"), "minutes": "180"}
    assert client.post(f"/hq/doubts/{GAUGE}/fault", data=said | {"minutes": "9" * 30}).status_code == 303
    with spiked.store.read() as tx:
        assert sensors.maintained(tx, town.NOW + timedelta(minutes=1)) == {}, "no maintenance without an end"
    assert client.post(f"/hq/doubts/{GAUGE}/fault", data=said).status_code == 303
    with spiked.store.read() as tx:
        assert GAUGE in sensors.maintained(tx, town.NOW + timedelta(minutes=1))
    assert "いま疑わしい値はありません" in client.get("/hq/doubts").get_data(as_text=True)


def test_who_may_only_look_has_no_button_and_no_way_around_it(spiked: Site) -> None:
    client = signed_in(spiked, "viewer")
    assert "本当に高い</button>" not in client.get("/hq/doubts").get_data(as_text=True)
    found = token(client, "/hq/password")
    assert client.post(f"/hq/doubts/{GAUGE}/high", data={"csrf_token": found}).status_code == 403


def test_without_rules_the_page_says_that_nothing_goes_out(site: Site) -> None:
    page = signed_in(site, "administrator").get("/hq/rules").get_data(as_text=True)
    assert "自動の知らせは1通も出ません" in page


def test_rules_are_checked_tried_and_saved_and_trying_sends_nothing(site: Site) -> None:
    client = signed_in(site, "administrator")
    said = {"csrf_token": token(client, "/hq/rules/edit"), "expected": "0", "text": RULE}
    wrong = client.post("/hq/rules/edit", data=said | {"do": "check", "text": RULE + "order = 4\n"})
    assert wrong.status_code == 400
    assert "order" in wrong.get_data(as_text=True)
    assert "書き方に誤りはありません" in client.post("/hq/rules/edit", data=said | {"do": "check"}).get_data(
        as_text=True
    )
    tried = client.post("/hq/rules/edit", data=said | {"do": "try"})
    assert tried.status_code == 200
    assert "この文なら先月だれに届いたか" in tried.get_data(as_text=True)
    with site.store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM alert")).scalar_one() == 0
    assert client.post("/hq/rules/edit", data=said | {"do": "save", "note": "はじめ"}).status_code == 303
    page = client.get("/hq/rules").get_data(as_text=True)
    assert "警戒レベル3相当以上になったとき" in page
    again = client.post("/hq/rules/edit", data=said | {"do": "save", "note": "おくれて"})
    assert again.status_code == 409
    assert "あなたの文は残っています" in again.get_data(as_text=True)
    assert client.get("/hq/rules/month").status_code == 200


def test_only_the_administrator_saves(site: Site) -> None:
    client = signed_in(site, "author")
    assert client.get("/hq/rules").status_code == 200
    assert client.get("/hq/rules/edit").status_code == 403
