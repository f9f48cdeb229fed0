"""The sheet and the reminder; a lost phone gets the plan back from the sheet's code."""

from __future__ import annotations

import io
import time

import pytest

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.store import households
from disaster_hub.terms.household import Plan
from tests.portal.resident.hamlet import HOSTILE, Hamlet, Phone


def saved(hamlet: Hamlet) -> list[Plan]:
    with hamlet.store.read() as tx:
        return [v.plan for _, v in households.everyone(tx, hamlet.app.extensions[NAME].keys)]


def codes(pdf: bytes) -> list[str]:
    """Read every QR code of the first page, as a scanner at 200 dpi sees it."""
    pdfium = pytest.importorskip("pypdfium2")
    zxing = pytest.importorskip("zxingcpp")
    page = pdfium.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil()
    return [code.text for code in zxing.read_barcodes(page)]


def photo(pdf: bytes) -> bytes:
    pdfium = pytest.importorskip("pypdfium2")
    pytest.importorskip("zxingcpp")
    out = io.BytesIO()
    pdfium.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().rotate(4, fillcolor="white").save(
        out, "JPEG", quality=80
    )
    return out.getvalue()


@pytest.mark.parametrize("lang", ["ja", "en", "ko"])
def test_the_sheet_holds_the_plan_itself_twice(hamlet: Hamlet, phone: Phone, lang: str) -> None:
    phone.walk(helper="となりの佐藤さん", own="薬を持つ")
    begun = time.perf_counter()
    answer = phone.get(f"/my/plan.pdf?lang={lang}")
    print(f"{lang}: {len(answer.data) / 1000:.0f} kB in {time.perf_counter() - begun:.2f} s")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    found = codes(answer.data)
    assert len(found) == 2
    assert found[0] == found[1]
    assert len(saved(hamlet)) == 1


def test_a_new_phone_gets_the_plan_from_the_codes_text(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk(helper="となりの佐藤さん", own="薬を持つ")
    text = codes(phone.get("/my/plan.pdf").data)[0]
    new = hamlet.phone()
    assert new.post("/my/back", text=text).headers["Location"].endswith("/my/2")
    assert new.post("/my/2", go="next").headers["Location"].endswith("/my/7"), "nothing is asked again"
    assert "佐藤" in new.get("/my/7").get_data(as_text=True)
    new.post("/my/7", has_helper="yes", helper="となりの佐藤さん", go="next")
    one, other = saved(hamlet)
    assert (one.home, one.household, one.own_words, one.first) == (
        other.home, other.household, other.own_words, other.first,
    )  # fmt: skip


def test_a_photo_of_the_sheet_will_do(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    picture = photo(phone.get("/my/plan.pdf").data)
    new = hamlet.phone()
    answer = new.client.post("/my/back", data={"photo": (io.BytesIO(picture), "code.jpg")})
    assert answer.headers["Location"].endswith("/my/2")


@pytest.mark.parametrize("text", ["", "HUB1 ABC", *HOSTILE, "\x00" * 100], ids=range(8))
def test_a_text_that_is_no_plan_is_refused_in_one_sentence(hamlet: Hamlet, text: str) -> None:
    new = hamlet.phone()
    answer = new.post("/my/back", text=text)
    assert answer.status_code == 200
    assert 'class="said wrong"' in answer.get_data(as_text=True)
    assert "<script>alert" not in answer.get_data(as_text=True)
    assert saved(hamlet) == []


@pytest.mark.parametrize("body", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, b"<svg/>"])
def test_a_photo_that_is_none_is_told(hamlet: Hamlet, body: bytes) -> None:
    answer = hamlet.phone().client.post("/my/back", data={"photo": (io.BytesIO(body), "x.jpg")})
    assert answer.status_code == 200
    assert 'class="said wrong"' in answer.get_data(as_text=True)


def test_the_reminder_says_nothing_about_the_household(phone: Phone) -> None:
    phone.walk(helper="となりの佐藤さん")
    answer = phone.get("/my/review.ics")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/calendar"
    assert "BEGIN:VEVENT" in text
    assert "朝日町" not in text
    assert "佐藤" not in text
