"""The chronology's pages: write, correct, pin, filter, take along; nothing goes, and no person is in it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from disaster_hub.store import chronology, journal, persons
from disaster_hub.store.chronology import LogRow, Wish
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.notice import JournalEntry
from tests.portal import evening, town
from tests.portal.conftest import Site

SECRET = "鈴木ハナ 090-0000-1234"


@pytest.fixture(name="author")
def an_author(site: Site) -> FlaskClient:
    return evening.signed_in(site, "author")


def post(client: FlaskClient, path: str, **said: str):
    return client.post(path, data={"csrf_token": evening.token(client, "/hq/log")} | said)


def rows(site: Site, **wish) -> list[LogRow]:
    with site.store.read() as tx:
        return chronology.rows(tx, Wish(**wish), limit=1000)


def text_of(client: FlaskClient, path: str = "/hq/log") -> str:
    return client.get(path).get_data(as_text=True)


def test_a_note_keeps_both_times(site: Site, author: FlaskClient) -> None:
    assert post(author, "/hq/log", text=" 橋の下が\n冠水 ", at="17:40", place="大橋").status_code == 303
    entry = rows(site, kinds=["note"])[0].entry
    assert (entry.what, entry.where, entry.who) == ("橋の下が 冠水", "大橋", "author")
    assert (entry.at, entry.noted_at) == (town.NOW - timedelta(minutes=20), town.NOW)
    said = text_of(author)
    assert "17:40" in said
    assert "18:00記入" in said
    assert 'data-saved="log"' in said
    assert 'data-saved="log"' not in text_of(author), "it was said once, at the page that came first"


def test_an_empty_time_is_now_and_one_of_yesterday_evening_is_yesterdays(site: Site, author: FlaskClient) -> None:
    post(author, "/hq/log", text="a")
    post(author, "/hq/log", text="b", at="23:50")
    times = {row.entry.what: row.entry.at for row in rows(site, kinds=["note"])}
    assert times["a"] == town.NOW
    assert times["b"] == town.NOW.replace(hour=14, minute=50) - timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"text": "  "}, "本文が空です"),
        ({"text": "あ" * 501}, "500文字まで"),
        ({"text": "x", "at": "25:99"}, "読めません"),
        ({"text": "x", "at": "2026-09-18T23:00"}, "先の時刻"),
        ({"text": "x", "at": "2026-09-01T10:00"}, "3日より前"),
        ({"text": "x", "place": "あ" * 81}, "80文字まで"),
    ],
)
def test_what_cannot_be_kept_is_said_and_shown_again(site: Site, author: FlaskClient, said, word: str) -> None:
    answer = post(author, "/hq/log", **said)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert word in page
    assert said["text"].strip() in page
    assert rows(site, kinds=["note"]) == []


def test_a_correction_leaves_the_original_readable_beside_it(site: Site, author: FlaskClient) -> None:
    post(author, "/hq/log", text="避難者は12人")
    first = rows(site, kinds=["note"])[0]
    assert "避難者は12人" in text_of(author, f"/hq/log/{first.id}/correct")
    assert post(author, f"/hq/log/{first.id}/correct", text="避難者は21人").status_code == 303
    second = rows(site, kinds=["note_corrected"])[0]
    assert (second.entry.about, second.entry.because) == (first.id, f"訂正 #{first.id}")
    assert rows(site, kinds=["note"])[0] == first
    page = text_of(author)
    assert "<del>避難者は12人</del>" in page
    assert re.search(r"<ins>訂正（18:00 author #\d+）：避難者は21人</ins>", page)
    post(author, f"/hq/log/{second.id}/correct", text="避難者は22人")
    assert {row.entry.about for row in rows(site, kinds=["note_corrected"])} == {first.id}, "all name the first"


def test_what_the_system_wrote_cannot_be_corrected(site: Site, author: FlaskClient) -> None:
    with site.store.write() as tx:
        journal.add(tx, JournalEntry(town.NOW, "level_changed", "hub", "x"))
    row = rows(site, kinds=["level_changed"])[0]
    assert post(author, f"/hq/log/{row.id}/correct", text="y").status_code == 400
    assert post(author, "/hq/log/999999/correct", text="y").status_code == 400


def test_a_pin_stays_on_top_until_it_is_taken_away(site: Site, author: FlaskClient) -> None:
    post(author, "/hq/log", text="固定するもの")
    number = str(rows(site, kinds=["note"])[0].id)
    post(author, f"/hq/log/{number}/pin", on="1")
    post(author, f"/hq/log/{number}/pin", on="1")
    assert len(rows(site, kinds=["pinned"])) == 1
    page = text_of(author)
    assert page.index("log-pins") < page.index("固定するもの") < page.index("記録（新しい順）")
    post(author, f"/hq/log/{number}/pin", on="0")
    assert "log-pins" not in text_of(author)


def test_persons_are_sealed_elsewhere_and_can_be_emptied(site: Site, author: FlaskClient) -> None:
    post(author, "/hq/log", text="通報者から再度電話", person=SECRET)
    entry = rows(site, kinds=["note"])[0].entry
    assert entry.person
    keys = Keyring.open(site.config.keys.folder)
    with site.store.read() as tx:
        assert persons.read(tx, keys, entry.person) == {"said": SECRET}
    for path in ("/hq/log", "/hq/log/log.csv", "/hq/watch"):
        assert "鈴木" not in text_of(author, path)
    assert "個人情報あり" in text_of(author)
    with site.store.write() as tx:
        persons.empty(tx, keys, entry.person)
    assert "（個人情報は消去済み）" in text_of(author)
    assert rows(site, kinds=["note"])[0].entry == entry, "the log itself is as it was"


def test_filters_and_pages(site: Site, author: FlaskClient) -> None:
    with site.store.write() as tx:
        for n in range(250):
            journal.add(tx, JournalEntry(town.NOW - timedelta(seconds=n), "note", "author", f"記入{n:03}"))
        journal.add(tx, JournalEntry(town.NOW, "gauge_crossed", "hub", "大橋が基準に達した", "g"))
        journal.add(tx, JournalEntry(town.NOW, "bulletin", "気象台", "静かな電文"))
    first = text_of(author)
    assert "記入000" in first
    assert "記入150" not in first
    assert "静かな電文" not in first
    assert "静かな電文" in text_of(author, "/hq/log?all=1")
    older = re.search(r'href="(/hq/log\?[^"]*before=\d+[^"]*)"', first)[1].replace("&amp;", "&")
    second = text_of(author, older)
    found = re.findall(r"記入(\d{3})", first) + re.findall(r"記入(\d{3})", second)
    assert [int(n) for n in found] == list(range(len(found)))
    water = text_of(author, "/hq/log?group=water")
    assert "大橋が基準に達した" in water
    assert "記入000" not in water
    assert "大橋が基準に達した" not in text_of(author, "/hq/log?hand=1")
    assert "記入007" in text_of(author, "/hq/log?word=記入007")
    assert "種類 &#39;nonsense&#39; はありません" in text_of(author, "/hq/log?group=nonsense")


def test_who_only_looks_cannot_write(site: Site) -> None:
    viewer = evening.signed_in(site, "viewer")
    assert "<textarea" not in text_of(viewer)
    token = evening.token(viewer, "/hq/log")
    assert viewer.post("/hq/log", data={"csrf_token": token, "text": "x"}).status_code == 403
    assert rows(site, kinds=["note"]) == []


def test_without_the_forms_token_nothing_is_written(site: Site, author: FlaskClient) -> None:
    assert author.post("/hq/log", data={"text": "x"}).status_code == 400
    assert rows(site, kinds=["note"]) == []


def test_the_sheet_is_safe_for_a_spreadsheet(site: Site, author: FlaskClient) -> None:
    post(author, "/hq/log", text="=HYPERLINK(1)", place="+81")
    answer = author.get("/hq/log/log.csv?group=note")
    body = answer.get_data()
    assert body.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    head, row = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    said = dict(zip(head, row, strict=True))
    assert (said["内容"], said["場所"]) == ("'=HYPERLINK(1)", "'+81")
    assert rows(site, kinds=["exported"]), "who took it along is written down"


def test_the_paper_says_world_time_filters_and_pages(site: Site, author: FlaskClient) -> None:
    import pypdfium2  # slow to load, and only here

    for n in range(60):
        post(author, "/hq/log", text=f"記入{n:03}　" + "あ" * 60) if n < 2 else None
    with site.store.write() as tx:
        for n in range(80):
            journal.add(tx, JournalEntry(town.NOW - timedelta(minutes=n), "note", "author", f"行{n:03} 途中経過の報告"))
    post(author, f"/hq/log/{rows(site, kinds=['note'])[0].id}/correct", text="正しい文")
    answer = author.get("/hq/log/log.pdf?group=note&hand=1")
    assert answer.mimetype == "application/pdf"
    sheet = pypdfium2.PdfDocument(answer.get_data())
    pages = [sheet[n].get_textpage().get_text_range() for n in range(len(sheet))]
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert "訓練" in page
        assert f"{number} / {len(pages)}" in page
        assert "18:00 作成" in page
    assert "種類：本部の記入" in pages[0]
    assert "行079" in pages[0]
    assert "正しい文" in "".join(pages)
    width, height = sheet[0].get_size()
    assert (round(width), round(height)) == (595, 842)


def test_a_time_only_just_ahead_is_a_slip_and_not_yesterday(site: Site, author: FlaskClient) -> None:
    answer = post(author, "/hq/log", text="堤防に亀裂", at="18:20")
    assert answer.status_code == 400
    assert "堤防に亀裂" in answer.get_data(as_text=True)
    assert rows(site, kinds=["note"]) == []
    assert post(author, "/hq/log", text="昨夜", at="2026-09-17T18:20").status_code == 303


def test_a_telephone_number_never_enters_what_nobody_can_empty(site: Site, author: FlaskClient) -> None:
    assert post(author, "/hq/log", text="区長 090-1234-5678 に連絡", place="自宅 0235-22-1111").status_code == 303
    entry = rows(site, kinds=["note"])[0].entry
    assert "1234" not in entry.what
    assert "1111" not in (entry.where or "")
    with site.store.read() as tx:
        sealed = persons.read(tx, Keyring.open(site.config.keys.folder), entry.person or "")
    assert sealed == {"said": "090-1234-5678\n0235-22-1111"}
    number = rows(site, kinds=["note"])[0].id
    answer = post(author, f"/hq/log/{number}/correct", text="正しくは 090-9999-8888")
    assert answer.status_code == 400
    assert rows(site, kinds=["note_corrected"]) == []
