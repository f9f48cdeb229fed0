"""The round on the desk: one tap, seen where and when the phone says, once; something odd is a report."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import update

from disaster_hub.desk import rounds
from disaster_hub.store import checkpoints, journal, levels, photos, reports
from disaster_hub.store.tables import pulse
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.level import AreaKind
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import ReportKind, ReportSource
from disaster_hub.terms.rounds import CheckPoint
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

SPOT = LonLat(town.LON + 0.01, town.LAT)
OURS = {"X-Hub": "1"}
SHEET = "ID,名前,経度,緯度,見るもの,行く人,間隔（分）,始めるレベル,順番,写真\r\n"
ROW = "p9,東橋,139.31,38.91,流木,土木課,30,3,2,1\r\n"


@pytest.fixture(name="listed")
def a_site_with_a_list(site: Site) -> Site:
    with site.store.write() as tx:
        checkpoints.add(tx, CheckPoint("p1", "柳橋", SPOT, "橋脚の流木", "土木課", 60), "sato", town.NOW)
        checkpoints.add(tx, CheckPoint("p2", "東の水門", SPOT, "開き", "土木課", 60), "sato", town.NOW)
    return site


def picture() -> io.BytesIO:
    body = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(body, "JPEG")
    return io.BytesIO(body.getvalue())


def test_one_tap_ticks_and_keeps_when_and_where_it_was_seen_once(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    seen = town.NOW - timedelta(minutes=40)
    said = {"id": "0f0f0f0f-1111", "seen_at": zulu(seen), "lon": "139.3101", "lat": "38.9002"}
    answers = [client.post("/hq/checks/p1/look", data=said, headers=OURS) for _ in range(5)]
    assert [a.status_code for a in answers] == [200] * 5
    with listed.store.read() as tx:
        looks = checkpoints.looks(tx, "p1")
        rows = journal.entries(tx, kinds=("check_done",))
    assert len(looks) == len(rows) == 1
    assert (looks[0].seen_at, looks[0].who, looks[0].fine) == (seen, "yamada", True)
    assert looks[0].spot == LonLat(139.3101, 38.9002)
    page = client.get("/hq/checks", headers={"X-Part": "1"}).get_data(as_text=True)
    assert page.index("東の水門") < page.index("柳橋"), "what nobody has seen comes first"
    assert "最後に見た <strong>17:20</strong>" in page
    assert "<html" not in page


def test_a_phone_whose_clock_is_ahead_has_seen_nothing_in_the_future(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    client.post("/hq/checks/p1/look", data={"seen_at": zulu(town.NOW + timedelta(hours=3))}, headers=OURS)
    with listed.store.read() as tx:
        assert checkpoints.last_looks(tx)["p1"].seen_at == town.NOW


def test_a_tick_needs_a_token_or_our_own_script(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    assert client.post("/hq/checks/p1/look", data={}).status_code == 400
    foreign = OURS | {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/hq/checks/p1/look", data={}, headers=foreign).status_code == 400
    with listed.store.read() as tx:
        assert checkpoints.last_looks(tx) == {}
    plain = client.post("/hq/checks/p1/look", data={"csrf_token": token(client, "/hq/checks")})
    assert plain.status_code == 303


def test_something_odd_is_a_report_at_the_check_point_with_its_photo(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    said = {"id": "0f0f0f0f-2222", "kind": "levee", "said": "土手にひび", "photo": (picture(), "a.jpg")}
    assert client.post("/hq/checks/p1/odd", data=said, headers=OURS).status_code == 200
    with listed.store.read() as tx:
        found = reports.find(tx, "0f0f0f0f-2222")
        look = checkpoints.last_looks(tx)["p1"]
        assert photos.get(tx, look.photo) is not None
        journalled = " ".join(e.what for e in journal.entries(tx))
    assert found is not None
    assert (found.kind, found.source, found.spot) == (ReportKind.LEVEE, ReportSource.FIELD, SPOT)
    assert found.photos == (look.photo,)
    assert (look.fine, look.report) == (False, found.id)
    assert "土手にひび" not in journalled, "free words can name people; the journal cannot be emptied"
    page = client.get("/hq/checks/p1").get_data(as_text=True)
    assert "土手にひび" in page
    assert f"/hq/photos/{look.photo}" in page


def test_a_tick_is_taken_back_within_a_minute_and_stays_to_be_read(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    made = client.post("/hq/checks/p1/look", data={}, headers=OURS).get_json()
    at = zulu(town.NOW)
    assert client.post(f"/hq/checks/looks/{made['look']}/undo", data={"at": at}, headers=OURS).status_code == 200
    assert "取り消し" in client.get("/hq/checks/p1").get_data(as_text=True)
    other = client.post("/hq/checks/p1/look", data={}, headers=OURS).get_json()
    listed.wall[0] = town.NOW + timedelta(minutes=2)
    late = client.post(f"/hq/checks/looks/{other['look']}/undo", data={}, headers=OURS)
    assert late.status_code == 400
    assert "1分以内" in late.get_json()["said"]


def test_who_may_look_tick_and_edit(listed: Site) -> None:
    viewer, field = signed_in(listed, "viewer"), signed_in(listed, "field")
    assert "異常なし</button>" not in viewer.get("/hq/checks").get_data(as_text=True)
    assert viewer.post("/hq/checks/p1/look", data={}, headers=OURS).status_code == 403
    assert field.get("/hq/checks/list").status_code == 403
    assert listed.client.get("/hq/checks").status_code == 302


def test_the_list_comes_from_a_sheet_all_of_it_or_nothing(listed: Site) -> None:
    client = signed_in(listed, "department")

    def send(text: str):
        file = (io.BytesIO(text.encode("cp932")), "list.csv")
        said = {"csrf_token": token(client, "/hq/checks/list"), "file": file}
        return client.post("/hq/checks/list.csv", data=said)

    wrong = send(SHEET + ROW + "p8,西橋,139.3,38.9,,,x,3,2,\r\n")
    assert wrong.status_code == 400
    assert "list.csv 3行目: 間隔（分）" in wrong.get_data(as_text=True)
    with listed.store.read() as tx:
        assert checkpoints.find(tx, "p9") is None
    assert send(SHEET + ROW).status_code == 303
    assert send(SHEET + ROW).status_code == 303
    with listed.store.read() as tx:
        found = checkpoints.find(tx, "p9")
        assert found is not None
        assert (found.every_min, found.from_level, found.photo_wanted, found.version) == (30, 3, True, 1)
    sheet = client.get("/hq/checks/list.csv").get_data(as_text=True)
    assert "p9,東橋,139.310000,38.910000,流木,土木課,30,3,2,1" in sheet


def test_the_second_editor_is_told_and_keeps_what_was_typed(listed: Site) -> None:
    client = signed_in(listed, "department")
    page = client.get("/hq/checks/list/p1").get_data(as_text=True)
    assert 'name="version" value="1"' in page
    said = {"csrf_token": token(client, "/hq/checks/list/p1"), "version": "1", "名前": "柳橋", "経度": "139.31"}
    said |= {"緯度": "38.9", "間隔（分）": "30", "始めるレベル": "2", "順番": "1"}
    assert client.post("/hq/checks/list/p1", data=said | {"見るもの": "一人目"}).status_code == 303
    second = client.post("/hq/checks/list/p1", data=said | {"見るもの": "二人目"})
    assert second.status_code == 409
    text = second.get_data(as_text=True)
    assert "ほかの人が変えました" in text
    assert "二人目" in text
    assert "一人目" in text
    client.post("/hq/checks/list/p1/close", data={"csrf_token": said["csrf_token"], "back": "0"})
    assert "柳橋" not in client.get("/hq/checks", headers={"X-Part": "1"}).get_data(as_text=True)


def test_a_tick_makes_every_screen_look_again(listed: Site) -> None:
    client = signed_in(listed, "field", "yamada")
    before = json.loads(client.get("/api/live?once").data)["desk"]
    client.post("/hq/checks/p1/look", data={}, headers=OURS)
    assert json.loads(client.get("/api/live?once").data)["desk"] != before


def test_a_river_of_which_nothing_is_known_lets_no_point_rest(listed: Site) -> None:
    with listed.store.write() as tx:
        for word in levels.officials(tx):
            levels.drop_official(tx, word.area, word.hazard)
        levels.put_official(tx, town.official(1, "早期注意情報", "rain"))
        levels.put_official(tx, town.official(0, "発表なし", "flood", town.RIVER, AreaKind.RIVER))
    with listed.store.read() as tx:
        calm = rounds.tonight(tx, listed.config, town.NOW)
    assert calm.number("resting") == len(calm.rows), "level 1 is known everywhere, and below every point's own"
    with listed.store.write() as tx:
        tx.execute(update(pulse).values(last_success=town.NOW - timedelta(hours=2)))
    with listed.store.read() as tx:
        blind = rounds.tonight(tx, listed.config, town.NOW)
    assert blind.force.level == 1
    assert blind.number("resting") == 0, "the river may stand at 4, and nobody sees it"


def test_a_telephone_number_in_what_was_odd_goes_sealed(listed: Site) -> None:
    client = signed_in(listed, "field", "numbers")
    with listed.store.read() as tx:
        here = checkpoints.points(tx)[0].id
    said = {"id": "odd-0001", "kind": "levee", "said": "持ち主 090-1234-5678 に連絡"}
    answer = client.post(f"/hq/checks/{here}/odd", data=said, headers=OURS)
    assert answer.status_code == 200
    with listed.store.read() as tx:
        one = reports.find(tx, "odd-0001")
        look = checkpoints.look(tx, "odd-0001")
    assert one is not None
    assert look is not None
    assert "1234" not in one.said + look.said
    assert one.person
