"""Reports in the store: entered once, numbered, told to the second editor, joined, found near, never in the journal's words."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disaster_hub.store import journal, reports
from disaster_hub.store.reports import Conflict, Wish
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState, akin

SPOT = LonLat(139.3, 38.9)


def seen(identity: str, now: datetime, **said: Any) -> Report:
    plain = Report(
        identity, 0, ReportKind.FLOODED_ROAD, ReportState.RECEIVED, ReportSource.CALL, SPOT, "芦原橋の下",
        "膝まで水", now, now, "sato",
    )  # fmt: skip
    return replace(plain, **said)


def test_a_report_is_entered_once_and_numbered(store: Store, now: datetime) -> None:
    with store.write() as tx:
        first = reports.add(tx, seen("a", now), now)
        again = reports.add(tx, seen("a", now, said="other"), now + timedelta(minutes=1))
        second = reports.add(tx, seen("b", now), now)
    assert (first.number, again, second.number) == (1, first, 2)
    with store.read() as tx:
        assert reports.find(tx, "a") == first
        assert reports.numbered(tx, 2) == second
        said = journal.entries(tx)
    assert [(e.kind, e.what, e.where) for e in said] == [
        ("report_received", "報告2 道路冠水 芦原橋の下（電話）", "b"),
        ("report_received", "報告1 道路冠水 芦原橋の下（電話）", "a"),
    ]


def test_many_at_once_get_different_numbers(store: Store, now: datetime) -> None:
    def enter(name: str) -> None:
        with store.write() as tx:
            reports.add(tx, seen(name, now), now)

    threads = [threading.Thread(target=enter, args=(f"r{n % 8}",)) for n in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with store.read() as tx:
        assert sorted(r.number for r in reports.reports(tx)) == list(range(1, 9))


def test_the_second_editor_is_told(store: Store, now: datetime) -> None:
    with store.write() as tx:
        reports.add(tx, seen("a", now), now)
        reports.change(tx, "a", 1, "suzuki", now, state=ReportState.CONFIRMED)
    with pytest.raises(Conflict) as told, store.write() as tx:
        reports.change(tx, "a", 1, "tanaka", now, state=ReportState.CLOSED)
    assert told.value.who == "suzuki"
    assert told.value.standing.state is ReportState.CONFIRMED
    with store.read() as tx:
        assert reports.find(tx, "a").version == 2
        assert [c.who for c in reports.history(tx, "a")] == ["suzuki"]


def test_a_change_says_what_it_took_away_but_not_in_the_journal(store: Store, now: datetime) -> None:
    with store.write() as tx:
        reports.add(tx, seen("a", now), now)
        reports.change(tx, "a", 1, "suzuki", now, said="腰まで水", state=ReportState.WORKING, department="土木部")
        unchanged = reports.change(tx, "a", 2, "suzuki", now, said="腰まで水")
    assert unchanged.version == 2
    with store.read() as tx:
        change = reports.history(tx, "a")[0]
        line = journal.entries(tx, limit=1)[0]
    assert (change.before["said"], change.after["said"]) == ("膝まで水", "腰まで水")
    assert line.what == ("報告1 道路冠水 芦原橋の下（電話） 受付→対応中、担当：なし→土木部、内容を書き直しました")
    assert "腰" not in line.what
    assert line.where == "a"


def test_what_may_not_be_changed_is_refused(store: Store, now: datetime) -> None:
    with store.write() as tx:
        reports.add(tx, seen("a", now), now)
        with pytest.raises(TypeError, match="number"):
            reports.change(tx, "a", 1, "x", now, number=9)
        with pytest.raises(BadInput, match="no such report"):
            reports.change(tx, "zz", 1, "x", now, said="")


def test_joining_leads_to_the_head_and_can_be_undone(store: Store, now: datetime) -> None:
    with store.write() as tx:
        for name in "abc":
            reports.add(tx, seen(name, now), now)
        reports.join(tx, "b", 1, "a", "x", now)
        reports.join(tx, "c", 1, "b", "x", now)
        with pytest.raises(BadInput, match="itself"):
            reports.join(tx, "a", 1, "c", "x", now)
    with store.read() as tx:
        assert [r.id for r in reports.joined(tx, "a")] == ["b", "c"]
        assert journal.entries(tx, limit=1)[0].what == "報告3 は報告1と同じ"
    with store.write() as tx:
        reports.part(tx, "b", 2, "x", now)
    with store.read() as tx:
        assert [r.id for r in reports.joined(tx, "a")] == ["c"]
        assert reports.find(tx, "b").state is ReportState.RECEIVED


def test_a_head_that_is_joined_takes_its_own_along(store: Store, now: datetime) -> None:
    with store.write() as tx:
        for name in "abc":
            reports.add(tx, seen(name, now), now)
        reports.join(tx, "b", 1, "a", "x", now)
        reports.join(tx, "a", 1, "c", "x", now)
    with store.read() as tx:
        assert [r.id for r in reports.joined(tx, "c")] == ["a", "b"]


def test_near_means_near_akin_recent_and_still_standing(store: Store, now: datetime) -> None:
    metre = 1 / 111_195
    with store.write() as tx:
        reports.add(tx, seen("here", now, spot=LonLat(139.3, 38.9 + 30 * metre)), now)
        reports.add(tx, seen("far", now, spot=LonLat(139.3, 38.9 + 200 * metre)), now)
        reports.add(tx, seen("old", now - timedelta(hours=4)), now)
        reports.add(tx, seen("fire", now, kind=ReportKind.FIRE), now)
        reports.add(tx, seen("akin", now, kind=ReportKind.BLOCKED_ROAD), now)
        wrong = reports.add(tx, seen("wrong", now), now)
        reports.change(tx, wrong.id, 1, "x", now, state=ReportState.MISTAKEN)
    since = now - timedelta(hours=3)
    with store.read() as tx:
        found = reports.near(tx, SPOT, ReportKind.FLOODED_ROAD, 150, since)
        anything = reports.near(tx, SPOT, None, 150, since)
    assert [r.id for r in found] == ["akin", "here"]
    assert {r.id for r in anything} == {"akin", "here", "fire"}


def test_the_list_begins_with_danger_and_what_nobody_saw_yet(store: Store, now: datetime) -> None:
    with store.write() as tx:
        for minute, (name, kind) in enumerate({
            "rescue": ReportKind.RESCUE, "power": ReportKind.POWER, "road": ReportKind.FLOODED_ROAD,
            "closed": ReportKind.RESCUE,
        }.items()):  # fmt: skip
            at = now + timedelta(minutes=minute)
            reports.add(tx, seen(name, at, kind=kind, department="土木部" if name == "road" else ""), at)
        reports.change(tx, "closed", 1, "x", now, state=ReportState.CLOSED)
        reports.change(tx, "road", 1, "x", now, state=ReportState.WORKING)
    with store.read() as tx:
        assert [r.id for r in reports.reports(tx)] == ["rescue", "power", "road", "closed"]
        assert [r.id for r in reports.reports(tx, open_only=True)] == ["rescue", "power", "road"]
        assert [r.id for r in reports.listed(tx, Wish(), limit=2, offset=1)] == ["power", "road"]
        assert [r.id for r in reports.listed(tx, Wish(department="土木部"))] == ["road"]
        assert reports.count(tx, Wish(kinds=frozenset({ReportKind.RESCUE}))) == 2
        assert reports.by_state(tx)[ReportState.RECEIVED] == 2
        later = reports.reports(tx, since=now + timedelta(minutes=2, seconds=30))
    assert [r.id for r in later] == ["closed"]


def test_the_links_that_a_report_closed_lead_back_to_it(store: Store, now: datetime) -> None:
    with store.write() as tx:
        reports.add(tx, seen("a", now), now)
        reports.change(tx, "a", 1, "x", now, links=("10/1", "10/2"))
        reports.add(tx, seen("b", now, links=("110/1",)), now)
    with store.read() as tx:
        assert [r.id for r in reports.of_link(tx, "10/1")] == ["a"]
        assert "道路 2区間を通行止め" in reports.history(tx, "a")[0].words


def test_kinds_are_akin_both_ways() -> None:
    for one in ReportKind:
        assert one in akin(one)
        assert all(one in akin(other) for other in akin(one))
