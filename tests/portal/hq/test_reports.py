"""Reports at the desk: the call box, the list, one report, its roads and photos, the table, and who may do what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import conditions, journal, persons, places, reports
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

CALL = {"id": "call-0001", "place": "大橋の下", "lon": "", "lat": "", "kind": "flooded_road", "said": "膝まで水",
        "seen": "", "name": "", "phone": ""}  # fmt: skip
SPOT = LonLat(town.LON, town.LAT)


@pytest.fixture(name="officer")
def an_officer(site: Site) -> FlaskClient:
    return signed_in(site, "author")


def post(client: FlaskClient, path: str, page: str, **said: object) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": token(client, page), **said}, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def put(site: Site, identity: str = "report-1", **said: Any) -> Report:
    plain = Report(
        identity, 0, ReportKind.FLOODED_ROAD, ReportState.RECEIVED, ReportSource.CALL, SPOT, "大橋の下", "膝まで水",
        town.NOW, town.NOW, "sato",
    )  # fmt: skip
    with site.store.write() as tx:
        return reports.add(tx, replace(plain, **said), town.NOW)


def found(site: Site, identity: str) -> Report:
    with site.store.read() as tx:
        known = reports.find(tx, identity)
    assert known is not None
    return known


def test_a_call_by_one_word_is_saved_where_the_word_lies(site: Site, officer: FlaskClient) -> None:
    assert post(officer, "/hq/call", "/hq/call", **CALL)[0] == 303
    made = found(site, "call-0001")
    assert (made.place, made.kind, made.source, made.who) == ("大橋の下", "flooded_road", "call", "author")
    assert made.spot == LonLat(town.LON + 0.05, town.LAT - 0.03)
    assert made.seen_at == town.NOW
    page = officer.get("/hq/call").get_data(as_text=True)
    assert "報告1 道路冠水 大橋の下（電話） を記録しました" in page
    assert 'data-saved="call"' in page


def test_a_touch_on_the_map_needs_no_word(site: Site, officer: FlaskClient) -> None:
    spot = {"place": "", "lon": "139.31", "lat": "38.91"}
    assert post(officer, "/hq/call", "/hq/call", **CALL | spot)[0] == 303
    assert found(site, "call-0001").spot == LonLat(139.31, 38.91)


def test_sent_twice_it_is_one(site: Site, officer: FlaskClient) -> None:
    for _ in range(2):
        assert post(officer, "/hq/call", "/hq/call", **CALL)[0] == 303
    with site.store.read() as tx:
        assert len(reports.reports(tx)) == 1


@pytest.mark.parametrize(("wrong", "words"), [
    ({"kind": ""}, "種別"), ({"place": "どこにもない"}, "見つかりません"), ({"place": ""}, "場所をひとこと"),
    ({"lon": "9", "lat": "9", "place": ""}, "場所をひとこと"), ({"seen": "25:99"}, "17:42 のように"),
    ({"id": "<x>"}, "番号札"),
])  # fmt: skip
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    site: Site, officer: FlaskClient, wrong: dict[str, str], words: str
) -> None:
    status, page = post(officer, "/hq/call", "/hq/call", **CALL | {"name": "山田花子"} | wrong)
    assert status == 400
    assert words in page
    assert "膝まで水" in page
    assert "山田花子" in page
    with site.store.read() as tx:
        assert reports.reports(tx) == []


def test_the_caller_is_sealed_and_a_number_in_the_text_goes_there(site: Site, officer: FlaskClient) -> None:
    said = CALL | {"name": "山田花子", "said": "至急、折り返し 090-1234-5678 まで"}
    post(officer, "/hq/call", "/hq/call", **said)
    made = found(site, "call-0001")
    assert made.said == "至急、折り返し （番号は連絡先へ） まで"
    with site.app.app_context(), site.store.read() as tx:
        assert persons.read(tx, desk().keys, made.person) == {"name": "山田花子", "phone": "090-1234-5678"}
        lines = " ".join(f"{e.what} {e.because}" for e in journal.entries(tx, limit=500))
    for page in ("/hq/reports", f"/hq/reports/{made.id}", "/hq/reports.geojson", "/hq/call"):
        lines += officer.get(page).get_data(as_text=True)
    assert "山田" not in lines
    assert "1234" not in lines


def test_half_past_is_the_last_half_past(site: Site, officer: FlaskClient) -> None:
    post(officer, "/hq/call", "/hq/call", **CALL | {"seen": "17:30"})
    post(officer, "/hq/call", "/hq/call", **CALL | {"id": "call-0002", "seen": "20:30"})
    assert found(site, "call-0001").seen_at == town.NOW - timedelta(minutes=30)
    assert found(site, "call-0002").seen_at == town.NOW - timedelta(hours=21, minutes=30)


def test_a_likely_duplicate_is_offered_and_joined_by_one_tap(site: Site, officer: FlaskClient) -> None:
    put(site, spot=LonLat(town.LON + 0.0505, town.LAT - 0.03))
    put(site, "elsewhere", spot=LonLat(town.LON - 0.05, town.LAT))
    query = f"lon={town.LON + 0.05}&lat={town.LAT - 0.03}"
    same = officer.get(f"/hq/call/same?{query}&kind=blocked_road").json["same"]
    assert [one["line"] for one in same] == ["報告1 道路冠水 大橋の下（電話）"]
    assert officer.get(f"/hq/call/same?{query}&kind=fire").json["same"] == []
    assert officer.get("/hq/call/same").json["same"] == []
    assert post(officer, "/hq/call", "/hq/call", **CALL, join="report-1")[0] == 303
    made = found(site, "call-0001")
    assert (made.state, made.joined_to) == (ReportState.JOINED, "report-1")
    assert "同じことの報告" in officer.get("/hq/reports/report-1").get_data(as_text=True)


def test_places_are_found_by_parts_and_readings(officer: FlaskClient) -> None:
    def names(word: str) -> list[str]:
        return [one["name"] for one in officer.get("/hq/places", query_string={"q": word}).json["places"]]

    assert names("大橋")[0] == "大橋"
    assert names("おおはし")[0] == "大橋"
    assert names("第１小")[0] == "みなも第1小学校"
    assert names("yanagi")[0] == "柳橋"
    assert names("") == names("ない場所") == []


def test_the_list_shows_what_is_open_and_filters(site: Site, officer: FlaskClient) -> None:
    put(site)
    put(site, "done", state=ReportState.DONE, place="終わった橋")
    put(site, "fire", kind=ReportKind.FIRE, place="燃える納屋")
    page = officer.get("/hq/reports").get_data(as_text=True)
    assert page.index("燃える納屋") < page.index("大橋の下")
    assert "終わった橋" not in page
    assert "終わった橋" in officer.get("/hq/reports?all=1").get_data(as_text=True)
    assert "大橋の下" not in officer.get("/hq/reports?kind=fire").get_data(as_text=True)
    assert "終わった橋" in officer.get("/hq/reports?state=done").get_data(as_text=True)
    part = officer.get("/hq/reports", headers={"X-Part": "1"}).get_data(as_text=True)
    assert "<html" not in part
    assert "大橋の下" in part


def test_the_second_editor_is_told_and_keeps_the_words(site: Site, officer: FlaskClient) -> None:
    put(site)
    page = "/hq/reports/report-1"
    first = {"version": "1", "kind": "flooded_road", "place": "大橋の下", "seen": "18:00", "lon": "", "lat": ""}
    assert post(officer, f"{page}/words", page, **first, said="腰まで水")[0] == 303
    other = signed_in(site, "approver")
    status, text = post(other, f"{page}/words", page, **first, said="流れが速い")
    assert status == 409
    assert "さきほど author さんがこの報告を変えました" in text
    assert "腰まで水" in text
    assert "流れが速い" in text
    assert found(site, "report-1").said == "腰まで水"
    assert post(other, f"{page}/words", page, **first | {"version": "2"}, said="腰まで水、流れが速い")[0] == 303


def test_from_received_to_closed(site: Site, officer: FlaskClient) -> None:
    put(site)
    page = "/hq/reports/report-1"
    for number, state in enumerate(("confirmed", "working", "done", "closed"), 1):
        assert post(officer, f"{page}/state", page, version=str(number), state=state)[0] == 303
    assert post(officer, f"{page}/department", page, version="5", department="土木部")[0] == 303
    made = found(site, "report-1")
    assert (made.state, made.department) == ("closed", "土木部")
    text = officer.get(page).get_data(as_text=True)
    assert "確認済→対応中" in text
    assert "担当：なし→土木部" in text
    assert post(officer, f"{page}/state", page, version="6", state="joined")[0] == 400
    assert officer.get("/hq/reports/nothing").status_code == 404


def test_joining_by_number_and_parting_again(site: Site, officer: FlaskClient) -> None:
    put(site)
    put(site, "report-2")
    page = "/hq/reports/report-2"
    assert post(officer, f"{page}/join", page, version="1", number="9")[0] == 400
    assert post(officer, f"{page}/join", page, version="1", number="2")[0] == 400
    assert post(officer, f"{page}/join", page, version="1", number="1")[0] == 303
    assert found(site, "report-2").joined_to == "report-1"
    assert post(officer, f"{page}/join", page, version="2", part="1")[0] == 303
    assert found(site, "report-2").state == "received"


def with_roads(site: Site) -> None:
    line = {"highway": "residential", "name": "芦原通り", "length_m": 90.0}
    near = Feature("roads", "7/1", _line(-0.0005, 0.0005), line)
    far = Feature("roads", "7/2", _line(0.01, 0.011), line)
    with site.store.write() as tx:
        places.replace(tx, "roads", "osm:y", [near, far])


def _line(west: float, east: float) -> object:
    from shapely import LineString

    return LineString([(town.LON + west, town.LAT + 0.0002), (town.LON + east, town.LAT + 0.0002)])


def test_a_report_closes_the_road_next_to_it_and_opens_it_again(site: Site, officer: FlaskClient) -> None:
    with_roads(site)
    put(site)
    page = "/hq/reports/report-1"
    text = officer.get(page).get_data(as_text=True)
    assert "芦原通り" in text
    assert 'value="7/1"' in text
    assert 'value="7/2"' not in text
    assert post(officer, f"{page}/roads", page, version="1")[0] == 400
    assert post(officer, f"{page}/roads", page, version="1", link="7/9")[0] == 400
    assert found(site, "report-1").links == ()
    assert post(officer, f"{page}/roads", page, version="1", link="7/1")[0] == 303
    with site.store.read() as tx:
        assert conditions.closed_roads(tx) == {"7/1"}
        kinds = [(e.kind, e.because) for e in journal.entries(tx, limit=2)]
    assert ("road_closed", "報告1") in kinds
    assert "まだありません" in officer.get(page).get_data(as_text=True)
    with site.store.write() as tx:
        journal.add(tx, JournalEntry(town.NOW, "plans_changed", "clock", "37 of 900 plans reckoned anew"))
    assert "計画 37 件が変わりました" in officer.get(page).get_data(as_text=True)
    assert post(officer, f"{page}/roads", page, version="2", link="7/1", open="1")[0] == 303
    with site.store.read() as tx:
        assert conditions.closed_roads(tx) == set()


def test_a_road_that_two_reports_close_opens_with_the_last(site: Site, officer: FlaskClient) -> None:
    with_roads(site)
    for name in ("report-1", "report-2"):
        put(site, name)
        post(officer, f"/hq/reports/{name}/roads", f"/hq/reports/{name}", version="1", link="7/1")
    for name, left in (("report-1", {"7/1"}), ("report-2", set())):
        post(officer, f"/hq/reports/{name}/roads", f"/hq/reports/{name}", version="2", link="7/1", open="1")
        with site.store.read() as tx:
            assert conditions.closed_roads(tx) == left


def test_a_road_that_somebody_closed_by_hand_is_not_opened_by_a_report(site: Site, officer: FlaskClient) -> None:
    with_roads(site)
    with site.store.write() as tx:
        conditions.close_road(tx, "7/1", "console", town.NOW, "橋の点検")
    put(site)
    page = "/hq/reports/report-1"
    assert post(officer, f"{page}/roads", page, version="1", link="7/1")[0] == 303
    assert post(officer, f"{page}/roads", page, version="2", open="1")[0] == 400
    assert post(officer, f"{page}/roads", page, version="2", link="7/1", open="1")[0] == 303
    with site.store.read() as tx:
        assert conditions.closed_roads(tx) == {"7/1"}


def jpeg(**said: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (900, 600), "green").save(out, "JPEG", **said)
    return out.getvalue()


def test_a_photo_is_cleaned_shown_to_the_desk_and_to_nobody_else(site: Site, officer: FlaskClient) -> None:
    put(site)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2026:09:18 17:32:10"
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 54.0, 36.0), 3: "E", 4: (139.0, 18.0, 18.0)})
    page = "/hq/reports/report-1"
    file = (BytesIO(jpeg(exif=exif) + bytes(400_000)), "photo.jpg")
    answer = officer.post(f"{page}/photos", data={"csrf_token": token(officer, page), "photo": file})
    assert answer.status_code == 303
    proposed = officer.get(answer.location).get_data(as_text=True)
    assert "写真の記録では 17:32 に 別の場所で撮られています" in proposed.replace("\n", "")
    made = found(site, "report-1")
    assert len(made.photos) == 1
    shown = officer.get(f"/hq/photos/{made.photos[0]}")
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert not dict(Image.open(BytesIO(shown.data)).getexif())
    assert site.client.get(f"/hq/photos/{made.photos[0]}").status_code in {302, 303}
    assert officer.get("/hq/photos/nothing").status_code == 404


def test_photos_need_the_token_and_must_be_photos(site: Site, officer: FlaskClient) -> None:
    put(site)
    page = "/hq/reports/report-1"
    file = {"photo": (BytesIO(jpeg()), "photo.jpg")}
    assert officer.post(f"{page}/photos", data=file).status_code == 400
    assert found(site, "report-1").photos == ()
    for body in (b"<svg/>", b""):
        post(officer, f"{page}/photos", page, photo=(BytesIO(body), "photo.jpg"))
        assert "写真は加えていません" in officer.get(page).get_data(as_text=True)


def test_the_table_saves_all_lines_or_none(site: Site, officer: FlaskClient) -> None:
    def table(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
        said: dict[str, list[str]] = {name: [] for name in ("id", "place", "lon", "lat", "kind", "said", "seen")}
        for number, (place, kind, words) in enumerate(rows):
            for name, value in {"id": f"line-000{number}", "place": place, "kind": kind, "said": words}.items():
                said[name].append(value)
            for name in ("lon", "lat", "seen"):
                said[name].append("")
        return said

    page = "/hq/reports/new"
    good, bad = ("大橋", "levee", "漏水"), ("柳橋", "", "")
    status, text = post(officer, page, page, department="土木部", **table(good, ("", "", ""), bad))
    assert status == 400
    assert "3行目" in text
    assert "漏水" in text
    with site.store.read() as tx:
        assert reports.reports(tx) == []
    assert post(officer, page, page, **table(("", "", "")))[0] == 400
    status, _ = post(officer, page, page, department="土木部", **table(good, ("柳橋", "power", "")))
    assert status == 303
    with site.store.read() as tx:
        assert [(r.department, r.source) for r in reports.reports(tx)] == [("土木部", "department")] * 2
    status, text = post(officer, page, page, more="1", **table(good))
    assert (status, text.count("<legend>")) == (200, 6)


def test_the_layer_holds_every_report_and_no_person(site: Site, officer: FlaskClient) -> None:
    put(site, person="p123")
    put(site, "joined", state=ReportState.JOINED, joined_to="report-1")
    answer = officer.get("/hq/reports.geojson")
    said = json.loads(answer.data)["features"]
    assert [f["properties"]["number"] for f in said] == [1]
    assert said[0]["properties"]["kind_name"] == "道路冠水"
    assert "p123" not in answer.get_data(as_text=True)
    assert officer.get("/hq/reports.geojson", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_caller_can_be_forgotten_by_those_who_may(site: Site, officer: FlaskClient) -> None:
    post(officer, "/hq/call", "/hq/call", **CALL | {"name": "山田花子"})
    page = "/hq/reports/call-0001"
    department = signed_in(site, "department")
    assert post(department, f"{page}/forget", page)[0] == 403
    assert post(officer, f"{page}/forget", page)[0] == 303
    made = found(site, "call-0001")
    with site.app.app_context(), site.store.read() as tx:
        assert persons.read(tx, desk().keys, made.person) is None
        last = journal.entries(tx, limit=1)[0]
    assert (last.kind, last.because) == ("personal_emptied", made.person)


@pytest.mark.parametrize("role", ["viewer", "field", "leader"])
def test_those_who_only_look_change_nothing(site: Site, role: str) -> None:
    put(site)
    client = signed_in(site, role)
    looks = 200 if role != "leader" else 403
    assert client.get("/hq/reports").status_code == looks
    assert client.get("/hq/reports/report-1").status_code == looks
    assert client.get("/hq/places?q=x").status_code == looks
    assert client.get("/hq/call").status_code == 403
    assert client.get("/hq/reports/new").status_code == 403


def test_a_time_only_just_ahead_is_a_slip_and_not_yesterday(site: Site, officer: FlaskClient) -> None:
    status, page = post(officer, "/hq/call", "/hq/call", **CALL | {"seen": "18:10"})
    assert status == 400
    assert "18:10" in page
    assert "先です" in page
    site.wall[0] = town.NOW + timedelta(hours=6, minutes=5)  # 00:05
    night = signed_in(site, "approver")
    assert post(night, "/hq/call", "/hq/call", **CALL | {"id": "call-0002", "seen": "23:55"})[0] == 303
    assert found(site, "call-0002").seen_at == town.NOW + timedelta(hours=5, minutes=55)


def test_a_report_of_yesterday_put_right_stays_one_of_yesterday(site: Site, officer: FlaskClient) -> None:
    put(site, seen_at=town.NOW - timedelta(hours=24, minutes=-30))  # 18:30 of the day before
    page = "/hq/reports/report-1"
    said = {"version": "1", "kind": "flooded_road", "place": "大橋の下", "said": "膝まで水", "lon": "", "lat": ""}
    assert post(officer, f"{page}/words", page, **said, seen="17:50")[0] == 303
    assert found(site, "report-1").seen_at == town.NOW - timedelta(hours=24, minutes=10)
