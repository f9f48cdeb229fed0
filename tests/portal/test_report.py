"""Residents' reports: only while the gate is open, once however often sent, in the city, and nothing typed is lost."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image

from disaster_hub.portal.public.report import PHONES, PICTURES
from disaster_hub.store import gate, journal, levels, photos, reports
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import ReportSource, ReportState
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

OURS = {"X-Hub": "1"}
HERE = {"lon": f"{town.LON + 0.01}", "lat": f"{town.LAT}"}


def calm(site: Site) -> None:
    with site.store.write() as tx:
        for word in levels.officials(tx):
            levels.drop_official(tx, word.area, word.hazard)


def send(client: FlaskClient, identity: str = "abcdef-0001", **more):
    said = {"id": identity, "kind": "flooded_road", "said": "ひざまで水"} | HERE | more
    return client.post("/report", data=said, headers=OURS)


def held(site: Site) -> list:
    with site.store.read() as tx:
        return reports.reports(tx)


def test_the_gate_is_open_by_level_three_and_shut_without(site: Site) -> None:
    client = site.client
    assert client.get("/report/open").get_json() == {"open": True}
    assert 'id="report"' in client.get("/report").get_data(as_text=True)
    link = '<a class="button report-link" id="report-link" href="/report"'
    assert f"{link}>" in client.get("/").get_data(as_text=True)
    calm(site)
    page = client.get("/report").get_data(as_text=True)
    assert 'id="report"' not in page
    assert 'href="tel:119"' in page
    assert f"{link} hidden>" in client.get("/").get_data(as_text=True)


def test_what_was_typed_is_not_lost_at_a_gate_that_has_shut(site: Site) -> None:
    client = site.client
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/report").get_data(as_text=True))
    calm(site)
    answer = client.post("/report", data={"csrf_token": found[1], "kind": "levee", "said": "水があふれた"} | HERE)
    assert answer.status_code == 409
    assert "水があふれた" in answer.get_data(as_text=True)
    assert send(client).status_code == 409
    assert held(site) == []


def test_the_headquarters_opens_it_until_a_time_and_everybody_can_read_who_did(site: Site) -> None:
    calm(site)
    client = signed_in(site, "author", "honbu")
    said = {"csrf_token": token(client, "/hq/gate"), "hours": "3", "because": "大雨の予想", "do": "open"}
    assert client.post("/hq/gate", data=said | {"hours": ""}).status_code == 400
    assert client.post("/hq/gate", data=said).status_code == 303
    assert site.client.get("/report/open").get_json() == {"open": True}
    site.wall[0] = town.NOW + timedelta(hours=3)
    assert site.client.get("/report/open").get_json() == {"open": False}, "an opening ends by itself"
    with site.store.read() as tx:
        entry = journal.entries(tx, limit=1, kinds=("gate_opened",))[0]
        assert gate.newest(tx) is not None
    assert (entry.who, entry.because) == ("honbu", "大雨の予想")
    assert signed_in(site, "department").get("/hq/gate").status_code == 403


def test_a_report_sent_234_times_is_one_unconfirmed_and_never_public(site: Site) -> None:
    client = site.client
    client.get("/report")
    seen = town.NOW - timedelta(minutes=25)
    for _ in range(234):
        assert send(client, seen_at=zulu(seen)).status_code == 200
    found = held(site)
    assert len(found) == 1
    one = found[0]
    assert (one.state, one.source, one.who) == (ReportState.RECEIVED, ReportSource.RESIDENT, "resident")
    assert one.spot == LonLat(float(HERE["lon"]), float(HERE["lat"])), "the place of seeing"
    assert one.seen_at == seen
    for path in ("/", "/api/situation", "/api/layers/shelters.geojson"):
        assert "ひざまで水" not in client.get(path).get_data(as_text=True)


def test_one_phone_cannot_flood_the_room(site: Site) -> None:
    client = site.client
    client.get("/report")
    codes = [send(client, f"abcdef-{n:04}").status_code for n in range(int(PHONES.size) + 2)]
    assert codes == [200] * int(PHONES.size) + [429, 429]
    said = send(client, "abcdef-9999").get_json()["said"]
    assert "119" in said
    other = site.client
    other.get("/report")
    assert send(other, "abcdef-8888").status_code == 200, "the neighbour's phone is another one"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"kind": "ufo"}, "何がありましたか"),
        ({"lon": "", "lat": ""}, "どこで見ましたか"),
        ({"lon": "139.7", "lat": "35.7"}, "市の外"),
        ({"said": "あ" * 301}, "文が長すぎます"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(site: Site, more: dict[str, str], word: str) -> None:
    client = site.client
    client.get("/report")
    answer = send(client, **more)
    assert answer.status_code == 400
    assert word in answer.get_json()["said"]
    assert held(site) == []


def test_a_program_that_fills_in_everything_leaves_nothing_behind(site: Site) -> None:
    assert send(site.client, website="https://x.example").status_code == 200
    assert held(site) == []


def test_a_form_of_another_site_is_not_taken_and_an_old_page_keeps_its_text(site: Site) -> None:
    client = site.client
    said = {"kind": "levee", "said": "水があふれた"} | HERE
    for headers in ({}, OURS | {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/report", data=said, headers=headers)
        assert answer.status_code == 400
    assert held(site) == []
    plain = client.post("/report", data=said)
    assert "水があふれた" in plain.get_data(as_text=True)


def test_a_photo_comes_clean_and_what_is_none_is_refused(site: Site) -> None:
    client = site.client
    client.get("/report")
    body = io.BytesIO()
    exif = Image.Exif()
    exif[271] = "SecretMaker"
    Image.new("RGB", (60, 40), "grey").save(body, "JPEG", exif=exif)
    assert send(client, photo=(io.BytesIO(body.getvalue()), "a.jpg")).status_code == 200
    with site.store.read() as tx:
        one = reports.reports(tx)[0]
        kept = photos.get(tx, one.photos[0])
    assert kept is not None
    assert b"SecretMaker" in body.getvalue()
    assert b"SecretMaker" not in kept
    bad = send(client, "abcdef-0002", photo=(io.BytesIO(b"GIF89a not a picture"), "a.jpg"))
    assert bad.status_code == 400
    assert "写真" in bad.get_json()["said"]


def test_it_speaks_english_too(site: Site) -> None:
    page = site.client.get("/report?lang=en").get_data(as_text=True)
    assert "Water on the road" in page
    assert "What happened?" in page


def test_a_telephone_number_in_the_words_goes_sealed(site: Site) -> None:
    client = site.client
    client.get("/report")
    assert send(client, said="助けて 090-1234-5678").status_code == 200
    one = held(site)[0]
    assert "1234" not in one.said
    assert one.person
    layer = signed_in(site, "viewer").get("/hq/reports.geojson").get_data(as_text=True)
    assert "1234" not in layer


def test_one_who_sends_pictures_without_end_is_stopped_before_they_are_unpacked(site: Site) -> None:
    client = site.client
    client.get("/report")
    codes = [
        send(client, f"abcdef-{n:04}", photo=(io.BytesIO(b"none"), "a.jpg")).status_code
        for n in range(int(PICTURES.size) + 1)
    ]
    assert codes == [400] * int(PICTURES.size) + [429]
    assert send(client, "abcdef-9999").status_code == 200, "words without a picture still come in"
