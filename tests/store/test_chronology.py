"""The journal as a time log: order, filters, pages, pins, corrections; and nothing that can be taken away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from disaster_hub.store import chronology, journal
from disaster_hub.store.chronology import Wish
from disaster_hub.store.session import Store
from disaster_hub.terms.notice import JournalEntry


def write(store: Store, now: datetime, *rows: tuple[float, str, str], who: str = "author") -> None:
    with store.write() as tx:
        for minutes, kind, what in rows:
            journal.add(tx, JournalEntry(now - timedelta(minutes=minutes), kind, who, what))


def said(store: Store, wish: Wish | None = None, **more) -> list[str]:
    with store.read() as tx:
        return [row.entry.what for row in chronology.rows(tx, wish or Wish(), **more)]


def test_the_newest_happening_stands_first_whenever_it_was_written(store: Store, now: datetime) -> None:
    write(store, now, (5, "note", "b"), (1, "note", "c"), (9, "note", "a"))
    assert said(store) == ["c", "b", "a"]


def test_pages_follow_each_other_without_a_gap_or_a_double(store: Store, now: datetime) -> None:
    write(store, now, *((n // 3, "note", str(n)) for n in range(20)))
    whole = said(store)
    pages: list[str] = []
    before = None
    while True:
        with store.read() as tx:
            page = chronology.rows(tx, Wish(), limit=7, before=before)
        if not page:
            break
        pages += [row.entry.what for row in page]
        before = page[-1].id
    assert pages == whole
    assert len(pages) == 20


def test_filters(store: Store, now: datetime) -> None:
    write(store, now, (9, "note", "橋の下が冠水"), (8, "report_received", "100%の雨"), (7, "note", "100人"))
    write(store, now, (6, "signed_in", "x"), who="other")
    assert said(store, Wish(kinds=["note"])) == ["100人", "橋の下が冠水"]
    assert said(store, Wish(without=["note", "signed_in"])) == ["100%の雨"]
    assert said(store, Wish(who="other")) == ["x"]
    assert said(store, Wish(word="冠水")) == ["橋の下が冠水"]
    assert said(store, Wish(word="100%")) == ["100%の雨"], "a sign of SQL means itself"
    span = Wish(since=now - timedelta(minutes=8), until=now - timedelta(minutes=7))
    assert said(store, span) == ["100人", "100%の雨"]


def test_a_pin_holds_until_it_is_taken_away(store: Store, now: datetime) -> None:
    write(store, now, (9, "note", "a"), (8, "note", "b"))
    with store.write() as tx:
        first = {row.entry.what: row.id for row in chronology.rows(tx, Wish())}
        for number, kind in ((first["a"], "pinned"), (first["b"], "pinned"), (first["a"], "unpinned")):
            journal.add(tx, JournalEntry(now, kind, "author", "-", about=number))
    with store.read() as tx:
        assert chronology.pins(tx) == [first["b"]]
    assert said(store, Wish(pinned=True)) == ["b"]


def test_both_times_and_the_sealed_id_are_kept(store: Store, now: datetime) -> None:
    entry = JournalEntry(now - timedelta(minutes=20), "note", "author", "x", noted_at=now, person="p1")
    with store.write() as tx:
        journal.add(tx, entry)
    with store.read() as tx:
        assert chronology.rows(tx, Wish())[0].entry == entry


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal",
        "DELETE FROM journal WHERE id = 1",
        "UPDATE journal SET what = 'nothing happened'",
        "UPDATE journal SET at = at, noted_at = NULL, person = NULL, about = NULL",
        "DELETE FROM level_change",
    ],
)
def test_nothing_can_be_taken_away(store: Store, now: datetime, statement: str) -> None:
    write(store, now, (1, "note", "it happened"))
    with store.write() as tx:
        tx.execute(
            text(
                "INSERT INTO level_change (area, area_name, area_kind, at, before, after, issuer, reason, evidence)"
                " SELECT 'a', 'a', 'municipality', at, 1, 2, 'i', 'r', 'e' FROM journal"
            )
        )
    with pytest.raises(Exception, match="only ever added"), store.write() as tx:
        tx.execute(text(statement))
    assert said(store) == ["it happened"]


def test_not_even_all_at_once(store: Store, now: datetime) -> None:
    write(store, now, (1, "note", "it happened"))
    if store.sqlite:
        # A REPLACE deletes past the trigger of a DELETE unless SQLite is told to look.
        with pytest.raises(Exception, match="only ever added"), store.write() as tx:
            tx.execute(text("REPLACE INTO journal (id, at, kind, who, what) VALUES (1, 0, 'note', 'x', 'nothing')"))
    else:
        with pytest.raises(Exception, match="only ever added"), store.write() as tx:
            tx.execute(text("TRUNCATE journal"))
    assert said(store) == ["it happened"]
