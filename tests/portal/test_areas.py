"""The areas' page and the page of who is behind a minute: what each role sees, and that no home is named on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shapely import box

from disaster_hub.store import decide_bys, evacuation_areas, households, journal, places, statistics
from disaster_hub.store.decide_bys import Said
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.decision import DecideBy, DecideByBasis
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Mode, Plan
from disaster_hub.terms.place import Feature, LonLat
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

HERE = LonLat(139.2712345, 38.8912345)
AREA = {"code": "R02", "name": "みなも川右岸・芦原", "hazards": "flood", "day_min": 45, "night_min": None, "blocks": []}
AT = town.NOW + timedelta(minutes=65)


@pytest.fixture(name="full")
def a_site_with_an_area(site: Site) -> tuple[Site, list[str]]:
    keys = Keyring.open(site.config.keys.folder)
    with site.store.write() as tx:
        shape = box(HERE.lon - 0.01, HERE.lat - 0.01, HERE.lon + 0.01, HERE.lat + 0.01)
        places.replace(tx, "blocks", "t", [Feature("blocks", "R02", shape, AREA)])
        row = {"area": "R02", "town": "", "households": 1251, "people": 2694, "elderly": None}
        statistics.replace(tx, "s", [Feature("statistics", "R02", box(0, 0, 1, 1), row)])
        people = Household(3, mode=Mode.WHEELCHAIR, prepare_min=45)
        made = [
            households.create(tx, keys, Plan(Home(HERE, "しるし桜井"), people), town.NOW).household for _ in range(12)
        ]
        slowest = tuple((name, AT + timedelta(minutes=n)) for n, name in enumerate(made))
        said = DecideBy(
            "R02", Hazard.FLOOD, AT, DecideByBasis.PLANS, True, AT + timedelta(hours=2), "架空地方気象台", "遅い家から",
            12, 0, slowest,
        )  # fmt: skip
        decide_bys.put(tx, Said(said, "w", town.NOW))
    keys.close()
    return site, made


def test_the_headquarters_sees_exact_numbers_and_others_about(full: tuple[Site, list[str]]) -> None:
    page = signed_in(full[0], "author").get("/hq/areas").get_data(as_text=True)
    assert "12戸・36人" in page
    assert "1,251世帯・2,694人" in page
    assert '夜 <span class="hatched">未設定</span>' in page
    assert "20:05" not in page
    assert "19:05" in page
    assert "あと1時間5分" in page
    page = signed_in(full[0], "viewer").get("/hq/areas").get_data(as_text=True)
    assert "約10戸" in page
    assert "12戸" not in page
    assert "36人" not in page


def test_an_administrator_sets_the_minutes_and_what_is_wrong_is_kept(full: tuple[Site, list[str]]) -> None:
    site = full[0]
    client = signed_in(site, "administrator", "root")
    said = {"csrf_token": token(client, "/hq/areas"), "day": "50", "night": "９０"}
    assert client.post("/hq/areas/R02", data=said).status_code == 303
    with site.store.read() as tx:
        area = evacuation_areas.find(tx, "R02")
        line = journal.entries(tx, limit=1, kinds=("area_minutes",))[0]
    assert area is not None
    assert (area.day_min, area.night_min) == (50, 90)
    assert (line.who, line.what) == ("root", "避難所要時間を変更 みなも川右岸・芦原：昼45分・夜未設定 → 昼50分・夜90分")
    answer = client.post("/hq/areas/R02", data=said | {"night": "一時間"})
    assert answer.status_code == 400
    assert "「一時間」は分の数ではありません" in answer.get_data(as_text=True)
    assert 'value="一時間"' in answer.get_data(as_text=True)
    assert client.post("/hq/areas/R99", data=said).status_code == 400


def test_only_an_administrator_may_set_them(full: tuple[Site, list[str]]) -> None:
    client = signed_in(full[0], "author")
    said = {"csrf_token": token(client, "/hq/areas"), "day": "1", "night": "1"}
    assert client.post("/hq/areas/R02", data=said).status_code == 403


def test_who_is_behind_a_minute_are_figures_for_the_headquarters_alone(full: tuple[Site, list[str]]) -> None:
    site, made = full
    page = signed_in(site, "approver").get("/hq/decide-by/R02").get_data(as_text=True)
    assert made[0][:8] in page
    assert "45分" in page
    assert "車いす" in page
    assert "夜間の避難" in page
    for body in (page, signed_in(site, "viewer").get("/hq/decide-by/R02").get_data(as_text=True)):
        assert "19:05" in body
        for named in ("しるし", "139.27123", "38.89123"):
            assert named not in body
    assert made[0][:8] not in body
    assert "車いす" not in body


def test_an_address_opens_for_a_reason_that_is_kept(full: tuple[Site, list[str]]) -> None:
    site, made = full
    client = signed_in(site, "author")
    path = f"/hq/decide-by/R02/{made[0]}"
    assert "しるし" not in client.get(path).get_data(as_text=True)
    said = {"csrf_token": token(client, path), "reason": "迎えの車を出すため"}
    assert "しるし桜井" in client.post(path, data=said).get_data(as_text=True)
    with site.store.read() as tx:
        row = journal.entries(tx, limit=1, kinds=("personal_viewed",))[0]
    assert (row.where, row.because) == (made[0], "迎えの車を出すため")
    assert client.get("/hq/decide-by/R02/nobody").status_code == 404
    assert signed_in(site, "viewer").get(path).status_code == 403


def test_a_minute_that_has_passed_says_who_would_not(full: tuple[Site, list[str]]) -> None:
    site = full[0]
    with site.store.write() as tx:
        (said,) = decide_bys.rows(tx).values()
        late = replace(said.decide_by, at=town.NOW - timedelta(minutes=9), late=3)
        decide_bys.put(tx, replace(said, decide_by=late))
    page = signed_in(site, "author").get("/hq/decide-by/R02").get_data(as_text=True)
    assert "9分過ぎました" in page
    assert "今出しても間に合わない" in page


def test_without_areas_the_page_says_so(site: Site) -> None:
    client = signed_in(site, "viewer")
    assert "読み込まれていません" in client.get("/hq/areas").get_data(as_text=True)
    assert client.get("/hq/decide-by/R02").status_code == 404
