"""Check points: a list with its versions, ticks that are one however often they come, undone ones that stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from disaster_hub.store import checkpoints, gate, journal
from disaster_hub.store.checkpoints import Changed
from disaster_hub.store.round_tables import APPEND_ONLY, shelter_count
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.rounds import CheckPoint, Look

BRIDGE = CheckPoint("p1", "柳橋", LonLat(139.31, 38.9), "橋脚の流木", "土木課", 60, 2, 1)
MINUTE = timedelta(minutes=1)


def look(name: str, at: datetime, **more) -> Look:
    return Look(name, "p1", at, at + timedelta(minutes=40), "yamada", fine=True, **more)


@pytest.fixture(name="listed")
def a_store_with_a_list(store: Store, now: datetime) -> Store:
    with store.write() as tx:
        assert checkpoints.add(tx, BRIDGE, "sato", now)
        assert not checkpoints.add(tx, BRIDGE, "sato", now)
    return store


def test_a_tick_sent_234_times_is_one_and_keeps_when_and_where_it_was_seen(listed: Store, now: datetime) -> None:
    spot = LonLat(139.3101, 38.9002)
    for _ in range(234):
        with listed.write() as tx:
            checkpoints.tick(tx, look("l1", now, spot=spot, said="水位は低い"))
    with listed.read() as tx:
        assert checkpoints.last_looks(tx)["p1"] == look("l1", now, spot=spot, said="水位は低い")
        rows = journal.entries(tx, kinds=("check_done",))
    assert [(e.at, e.who, e.where) for e in rows] == [(now, "yamada", "p1")]
    assert rows[0].what == "柳橋：異常なし（ひとことあり）", "free words stay out of what nobody can empty"


def test_the_newest_look_is_the_one_that_was_seen_last_not_the_one_that_came_last(listed: Store, now: datetime) -> None:
    with listed.write() as tx:
        checkpoints.tick(tx, look("late", now + 30 * MINUTE))
        checkpoints.tick(tx, look("early", now))
    with listed.read() as tx:
        assert checkpoints.last_looks(tx)["p1"].id == "late"
        assert [one.id for one in checkpoints.looks(tx, "p1")] == ["late", "early"]


def test_within_a_minute_a_tick_can_be_taken_back_and_both_stay_to_be_read(listed: Store, now: datetime) -> None:
    with listed.write() as tx:
        checkpoints.tick(tx, look("first", now - 30 * MINUTE))
        checkpoints.tick(tx, look("wrong", now))
        assert checkpoints.undo(tx, "wrong", "yamada", now + MINUTE / 2, now + 5 * MINUTE)
        assert not checkpoints.undo(tx, "wrong", "yamada", now + MINUTE / 2, now + 6 * MINUTE)
    with listed.read() as tx:
        assert checkpoints.last_looks(tx)["p1"].id == "first"
        assert [(one.id, one.undone) for one in checkpoints.looks(tx, "p1")] == [("wrong", True), ("first", False)]
        kinds = [e.kind for e in journal.entries(tx)][::-1]
    assert kinds == ["check_listed", "check_done", "check_done", "check_undone"]


@pytest.mark.parametrize(("who", "after_s"), [("yamada", 61), ("tanaka", 10), ("yamada", -1)])
def test_after_a_minute_and_for_others_a_tick_stays(listed: Store, now: datetime, who: str, after_s: int) -> None:
    with listed.write() as tx:
        checkpoints.tick(tx, look("l1", now))
    at = now + timedelta(seconds=after_s)
    with pytest.raises(BadInput), listed.write() as tx:
        checkpoints.undo(tx, "l1", who, at, at)
    with listed.read() as tx:
        assert checkpoints.last_looks(tx)["p1"].id == "l1"


def test_every_version_of_a_check_point_is_kept_and_the_second_editor_is_told(listed: Store, now: datetime) -> None:
    with listed.write() as tx:
        after = checkpoints.change(tx, replace(BRIDGE, every_min=30), "sato", now)
        assert (after.version, after.every_min) == (2, 30)
        assert checkpoints.change(tx, after, "sato", now).version == 2, "nothing changed, nothing is written"
    with pytest.raises(Changed), listed.write() as tx:
        checkpoints.change(tx, replace(BRIDGE, every_min=15), "tanaka", now)
    with listed.write() as tx:
        checkpoints.change(tx, replace(after, closed_at=now), "sato", now)
    with listed.read() as tx:
        assert checkpoints.points(tx) == []
        assert [p.version for p in checkpoints.points(tx, closed=True)] == [3]
        assert [(n, said["every_min"]) for n, _, _, said in checkpoints.versions(tx, "p1")] == [
            (1, 60),
            (2, 30),
            (3, 30),
        ]
        assert "外しました" in journal.entries(tx, limit=1)[0].what


def test_a_place_that_is_not_on_the_list_cannot_be_ticked(store: Store, now: datetime) -> None:
    with pytest.raises(BadInput, match="p1"), store.write() as tx:
        checkpoints.tick(tx, look("l1", now))


@pytest.mark.parametrize("verb", ["UPDATE {} SET who = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_what_happened(listed: Store, now: datetime, table: str, verb: str) -> None:
    with listed.write() as tx:
        checkpoints.tick(tx, look("l1", now))
        checkpoints.undo(tx, "l1", "yamada", now, now)
        gate.shut(tx, "sato", now)
        row = {"shelter": "E1", "people": 3, "at": now, "who": "yamada"}
        tx.execute(shelter_count.insert().values(**row))
    with pytest.raises(DBAPIError, match="only ever added"), listed.write() as tx:
        tx.exec_driver_sql(verb.format(table))
