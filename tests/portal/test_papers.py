"""Papers: one A4 page each, from the live state; uncounted is 調査中; what people typed is kept."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from flask.testing import FlaskClient
from PIL import Image

from disaster_hub.desk.sheet import shared_out
from disaster_hub.store import damage, journal
from disaster_hub.terms.notice import JournalEntry
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

A4 = (595, 842)
PDFS = ("handover", "situation", "damage")


def text_of(body: bytes) -> str:
    """Give the words of a PDF's only page; fails where it is not one A4 page."""
    book = pypdfium2.PdfDocument(body)
    assert len(book) == 1
    assert tuple(round(side) for side in book[0].get_size()) == A4
    return str(book[0].get_textpage().get_text_range())


@pytest.fixture(name="officer")
def an_officer(site: Site) -> FlaskClient:
    return signed_in(site, "author")


@pytest.mark.parametrize("name", PDFS)
def test_each_paper_is_one_page_and_bears_the_mark(officer: FlaskClient, name: str) -> None:
    answer = officer.get(f"/hq/papers/{name}.pdf")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "訓練" in text_of(answer.data)


def test_the_handover_stays_one_page_in_a_long_night(site: Site, officer: FlaskClient) -> None:
    with site.store.write() as tx:
        for n in range(300):
            journal.add(tx, JournalEntry(town.NOW, "note", "honbu", f"{n}番目の記入。" + "長い文" * 20))
    words = text_of(officer.get("/hq/papers/handover.pdf").data)
    assert re.search(r"ほか \d+ 件", words)
    assert "299番目" in words


def test_the_officers_own_words_are_printed_and_kept(officer: FlaskClient) -> None:
    said = {"csrf_token": token(officer, "/hq/papers"), "note": "芦原橋の見張りを続ける\r\n23時に交代"}
    assert officer.post("/hq/papers/note", data=said).status_code == 303
    words = text_of(officer.get("/hq/papers/handover.pdf").data)
    assert "芦原橋の見張りを続ける" in words
    assert "23時に交代" in words
    too_long = {"csrf_token": token(officer, "/hq/papers"), "note": "あ" * 601}
    answer = officer.post("/hq/papers/note", data=too_long)
    assert answer.status_code == 400
    assert "あ" * 601 in answer.get_data(as_text=True)


def test_what_nobody_counted_is_not_zero(site: Site, officer: FlaskClient) -> None:
    assert "死者 調査中" in text_of(officer.get("/hq/papers/situation.pdf").data)
    said = {"csrf_token": token(officer, "/hq/papers"), "dead": "0", "missing": "2"}
    assert officer.post("/hq/papers/damage", data=said).status_code == 303
    words = text_of(officer.get("/hq/papers/situation.pdf").data)
    assert "死者 0人" in words
    assert "不明 2人" in words
    assert "重傷 調査中" in words
    with site.store.read() as tx:
        assert damage.counts(tx)["missing"].value == 2


def test_two_officers_counting_the_same_are_told(officer: FlaskClient) -> None:
    first = {"csrf_token": token(officer, "/hq/papers"), "missing": "2"}
    officer.post("/hq/papers/damage", data=first)
    second = officer.post("/hq/papers/damage", data=first | {"missing": "5"})
    assert second.status_code == 409
    assert 'value="5"' in second.get_data(as_text=True)


def test_a_number_that_is_none_is_named(officer: FlaskClient) -> None:
    said = {"csrf_token": token(officer, "/hq/papers"), "dead": "二人"}
    answer = officer.post("/hq/papers/damage", data=said)
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "人的被害 死者" in page
    assert "二人" in page


def test_the_reports_own_fields_are_printed(officer: FlaskClient) -> None:
    said = {"csrf_token": token(officer, "/hq/papers"), "situation_name": "台風第99号", "situation_number": "3"}
    assert officer.post("/hq/papers/situation", data=said).status_code == 303
    assert "台風第99号" in text_of(officer.get("/hq/papers/situation.pdf").data)


def test_the_map_is_a_picture(officer: FlaskClient) -> None:
    with Image.open(io.BytesIO(officer.get("/hq/papers/map.png").data)) as image:
        assert image.size == (1600, 1200)
        assert len(image.convert("RGB").getcolors(1 << 24) or []) > 20


def test_a_viewer_prints_but_does_not_write(site: Site) -> None:
    viewer = signed_in(site, "viewer")
    assert viewer.get("/hq/papers/handover.pdf").status_code == 200
    said = {"csrf_token": token(viewer, "/hq/papers"), "note": "x"}
    assert viewer.post("/hq/papers/note", data=said).status_code == 403


@pytest.mark.parametrize(
    ("room", "wants", "given"),
    [
        (20, [(3, 2), (4, 2)], [3, 4]),
        (9, [(3, 2), (9, 2)], [3, 4]),
        (6, [(9, 2), (9, 2)], [2, 2]),
    ],
)
def test_the_urgent_blocks_get_the_room_first(room: int, wants: list, given: list) -> None:
    assert shared_out(room, wants) == given
