"""The page of decisions and the editor of criteria: who may, what is said, and what the public map shows of it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from disaster_hub.desk import criteria_desk
from disaster_hub.desk.decisions import TEMPLATE
from disaster_hub.jobs.decide import decide
from disaster_hub.store import decisions as kept
from disaster_hub.store import journal, places
from disaster_hub.terms.decision import DecisionState
from disaster_hub.terms.place import Feature
from tests.portal import town
from tests.portal.composed import act as press
from tests.portal.composed import composed
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

TEXT = TEMPLATE.read_text(encoding="utf-8")
AREA = "本町・川端地区"


@pytest.fixture(name="ruled")
def a_site_with_proposals(site: Site) -> Site:
    shape = town.outline(town.LON - 0.05, town.LAT - 0.03, town.LON, town.LAT + 0.02)
    columns = {"code": "A1", "name": AREA, "hazards": "landslide"}
    with site.store.write() as tx:
        places.replace(tx, "blocks", "town:areas", [Feature("blocks", "A1", shape, columns)])
        criteria_desk.save(tx, TEXT, "はじめの版", "admin", town.NOW)
    decide(site.store, site.config, town.NOW)
    return site


def proposal(site: Site, order: int = 4):
    with site.store.read() as tx:
        return next(d for d in kept.live(tx) if d.order == order and d.area == "A1")


def act(client: FlaskClient, one, door: str, version: int | None = None, **said: str):
    path = f"/hq/decisions/{one.id}"
    data = {"csrf_token": token(client, path), "version": str(version or one.version)} | said
    return client.post(f"{path}/{door}", data=data)


def sent_out(site: Site, author: FlaskClient, approver: FlaskClient, **said: str):
    """Compose and approve for the one area."""
    identity = composed(author, "A1", hazard="landslide", **said)
    return press(approver, identity, "approve", "approve", typed=AREA)


def situation(site: Site) -> dict:
    site.wall[0] += timedelta(seconds=5)
    return json.loads(site.client.get("/api/situation").data)


def city(site: Site) -> dict:
    return next(area for area in situation(site)["areas"] if area["code"] == town.CITY)


def test_the_list_says_what_why_and_what_is_not_known(ruled: Site) -> None:
    page = signed_in(ruled, "viewer").get("/hq/decisions").get_data(as_text=True)
    assert "警戒レベル4 避難指示" in page
    assert AREA in page
    assert "レベル４土砂災害危険警報（架空地方気象台 17:20発表）" in page
    assert "人数 不明" in page
    assert "別の人が承認すると、発令になり住民へ送られます" in page
    assert "手で案を起こす" not in page
    assert "上位の案あり" in page


def test_two_people_issue_and_the_public_facts_show_it_beside_the_official_level(ruled: Site) -> None:
    before = city(ruled)
    author, approver, one = signed_in(ruled, "author"), signed_in(ruled, "approver"), proposal(ruled)
    assert before["order"] is None
    page = author.get(f"/hq/compose?decision={one.id}").get_data(as_text=True)
    assert 'value="A1" checked' in page
    assert 'value="4" required checked' in page
    assert "レベル４土砂災害危険警報" in page
    identity = composed(author, "A1", hazard="landslide")
    assert city(ruled)["order"] is None
    answer = press(approver, identity, "approve", "approve", typed="本町")
    assert answer.status_code == 400
    assert "区域の名前が違います" in answer.get_data(as_text=True)
    assert 'value="本町"' in answer.get_data(as_text=True)
    assert press(approver, identity, "approve", "approve", typed=AREA).status_code == 303
    after = city(ruled)
    assert after["order"]["level"] == 4
    assert after["order"]["by"] == "みなも市"
    assert after["order"]["since"].endswith("+09:00")
    assert {k: v for k, v in after.items() if k not in {"order", "age_s"}} == {
        k: v for k, v in before.items() if k not in {"order", "age_s"}
    }
    with ruled.store.read() as tx:
        entry = journal.entries(tx, kinds=["order_issued"])[0]
    assert "起案 author、承認 approver" in entry.what


def test_order_official_level_and_own_sensors_never_merge(ruled: Site) -> None:
    """An order of 5 raises no official level, and a sensor that is met raises neither."""
    author, approver = signed_in(ruled, "author"), signed_in(ruled, "approver")
    form = {"csrf_token": token(author, "/hq/decisions/new"), "order": "5", "hazard": "landslide", "area": "A1"}
    assert author.post("/hq/decisions/new", data=form | {"note": "崖が崩れた"}).status_code == 303
    assert sent_out(ruled, author, approver, kind="5").status_code == 303
    row = city(ruled)
    assert (row["level"], row["order"]["level"]) == (4, 5)
    assert {o["station"]: o["state"] for o in row["observed"]}["fe99000000000001"] == "met"
    rows = {area["code"]: area for area in situation(ruled)["areas"]}
    assert rows[town.RIVER]["level"] == 2
    assert rows[town.RIVER]["order"] is None
    assert rows[town.NEIGHBOUR]["order"] is None
    page = author.get("/hq/decisions").get_data(as_text=True)
    assert "市が発令している避難情報はありません" not in page


def test_the_second_officer_is_told_and_keeps_the_words(ruled: Site) -> None:
    one, first, second = proposal(ruled), signed_in(ruled, "author"), signed_in(ruled, "author", "second")
    assert act(first, one, "decide", do="wait", minutes="30", note="次の予測を待つ").status_code == 303
    answer = act(second, one, "decide", version=1, do="decline", note="川は静か")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "ほかの人が先に変更しました（author）" in page
    assert "川は静か" in page
    assert proposal(ruled).state is DecisionState.WAITING


def test_lifting_is_drafted_and_confirmed_and_is_no_cancelling(ruled: Site) -> None:
    author, approver, one = signed_in(ruled, "author"), signed_in(ruled, "approver"), proposal(ruled)
    sent_out(ruled, author, approver)
    page = author.get(f"/hq/decisions/{one.id}").get_data(as_text=True)
    assert "取消ではありません" in page
    assert "送った知らせを見る" in page
    assert 'value="lift" required checked' in author.get(f"/hq/compose?decision={one.id}").get_data(as_text=True)
    identity = composed(author, "A1", hazard="landslide", kind="lift", why="雨がやんだ")
    assert city(ruled)["order"]["level"] == 4
    assert press(approver, identity, "approve", "approve", typed=AREA).status_code == 303
    assert city(ruled)["order"] is None


def test_there_is_one_way_to_issue_an_order(ruled: Site) -> None:
    """The page of a proposal leads to the composer; what used to issue from here is gone."""
    approver, one = signed_in(ruled, "approver"), proposal(ruled)
    page = approver.get(f"/hq/decisions/{one.id}").get_data(as_text=True)
    assert f"/hq/compose?decision={one.id}" in page
    for do in ("draft", "confirm", "lift", "confirm-lift"):
        assert act(approver, one, "decide", do=do, note="", typed=AREA).status_code == 400
    assert act(approver, one, "approve", do="confirm", typed=AREA).status_code == 404
    assert proposal(ruled).state is DecisionState.OPEN


@pytest.mark.parametrize("role", ["viewer", "field", "department", "administrator"])
def test_others_only_look(ruled: Site, role: str) -> None:
    client, one = signed_in(ruled, role), proposal(ruled)
    assert client.get("/hq/decisions").status_code == 200
    for path in (f"/hq/decisions/{one.id}/decide", "/hq/compose", "/hq/posture"):
        said = {"csrf_token": token(client, "/hq/decisions"), "do": "wait", "version": "1"}
        assert client.post(path, data=said).status_code == 403
    assert client.get("/hq/criteria/edit").status_code == (200 if role == "administrator" else 403)


def test_the_posture_is_taken_and_shown(ruled: Site) -> None:
    client = signed_in(ruled, "author")
    form = {"csrf_token": token(client, "/hq/posture"), "headquarters": "yes", "stage": "第1次配備"}
    wrong = client.post("/hq/posture", data=form | {"since": "25時"})
    assert wrong.status_code == 400
    assert 'value="25時"' in wrong.get_data(as_text=True)
    assert client.post("/hq/posture", data=form | {"since": "17:05", "names": "佐藤\n伊藤"}).status_code == 303
    page = client.get("/hq/decisions").get_data(as_text=True)
    assert "災害対策本部 設置中" in page
    assert "（17:05から）" in page
    assert "佐藤・伊藤" in page


def test_criteria_are_checked_tried_saved_and_compared(ruled: Site) -> None:
    client = signed_in(ruled, "administrator")
    form = {"csrf_token": token(client, "/hq/criteria/edit"), "expected": "1", "note": "上げた"}
    wrong = client.post(
        "/hq/criteria/edit", data=form | {"text": TEXT.replace("level = 4 }", "level = 9 }"), "do": "check"}
    )
    assert wrong.status_code == 400
    said = re.search(r'class="wrong" role="alert">([^<]+)', wrong.get_data(as_text=True))[1]
    assert "行目、基準 river-4 の条件1：level 9：1 から 5 までの数にしてください" in said
    good = client.post("/hq/criteria/edit", data=form | {"text": TEXT, "do": "check"}).get_data(as_text=True)
    assert "書き方に誤りはありません" in good
    assert "観測所 9900000005 をまだ知りません" in good
    tried = client.post("/hq/criteria/edit", data=form | {"text": TEXT, "do": "try"}).get_data(as_text=True)
    assert "過去24時間を見ると" in tried
    new = TEXT.replace("hours = 3", "hours = 6")
    assert client.post("/hq/criteria/edit", data=form | {"text": new, "do": "save"}).status_code == 303
    late = client.post("/hq/criteria/edit", data=form | {"text": TEXT + "# x", "do": "save"})
    assert late.status_code == 409
    assert "# x" in late.get_data(as_text=True)
    compared = client.get("/hq/criteria/versions?old=1&new=2").get_data(as_text=True)
    assert re.search(r"<del>[^<]*hours = 3", compared)
    assert re.search(r"<ins>[^<]*hours = 6", compared)
    assert client.get("/hq/criteria/versions?old=1&new=77").status_code == 404


def test_a_check_goes_on_from_the_version_that_the_editor_began_with(ruled: Site) -> None:
    """Else a draft of an old version would overwrite a new one without a word."""
    client = signed_in(ruled, "administrator")
    form = {"csrf_token": token(client, "/hq/criteria/edit"), "expected": "1", "note": "x"}
    with ruled.store.write() as tx:
        criteria_desk.save(tx, TEXT, "別の人", "other", town.NOW)
    page = client.post("/hq/criteria/edit", data=form | {"text": TEXT, "do": "check"}).get_data(as_text=True)
    assert 'name="expected" value="1"' in page
    late = client.post("/hq/criteria/edit", data=form | {"text": TEXT, "do": "save"})
    assert late.status_code == 409
    assert "other さんが第2版を保存しました" in late.get_data(as_text=True)
    assert 'name="expected" value="2"' in late.get_data(as_text=True)
    assert "old=1&amp;new=2" in late.get_data(as_text=True)


def test_criteria_are_read_aloud(ruled: Site) -> None:
    page = signed_in(ruled, "viewer").get("/hq/criteria").get_data(as_text=True)
    assert "みなも市の土砂災害が警戒レベル4相当以上" in page
    assert "基準を満たす" in page
    assert "基準を編集する" not in page


def test_what_is_not_there_is_not_found(ruled: Site) -> None:
    client = signed_in(ruled, "author")
    assert client.get("/hq/decisions/nothing").status_code == 404
    data = {"csrf_token": token(client, "/hq/decisions/new"), "version": "1", "do": "dance"}
    assert client.post(f"/hq/decisions/{proposal(ruled).id}/decide", data=data).status_code == 400
