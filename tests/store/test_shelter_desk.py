"""Shelters and the gate: the last word holds, with its time; what nobody said is not there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from shapely import Point

from disaster_hub.store import conditions, gate, journal, places, shelter_desk
from disaster_hub.store.session import Store
from disaster_hub.store.shelter_desk import Changed
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from disaster_hub.terms.shelter import Goods, Need, NeedState
from disaster_hub.terms.way import ShelterState

HOUR = timedelta(hours=1)


@pytest.fixture(name="town")
def a_store_with_shelters(store: Store) -> Store:
    with store.write() as tx:
        rows = [
            Feature("shelters", n, Point(139.3, 38.9), {"name": name})
            for n, name in (("E1", "みなも小"), ("E2", "南小"))
        ]
        places.replace(tx, "shelters", "f", rows)
    return store


def need(now: datetime, **more) -> Need:
    asked = {"goods": Goods.BLANKETS, "quantity": 40, "said": "", "state": NeedState.ASKED} | more
    return Need(id="n1", shelter="E1", asked_at=now, changed_at=now, who="yamada", **asked)


def test_a_word_has_its_time_and_its_sayer_and_changes_the_stamp(town: Store, now: datetime) -> None:
    with town.read() as tx:
        before = shelter_desk.stamp(tx)
        assert shelter_desk.words(tx) == {}
    with town.write() as tx:
        conditions.set_shelter(tx, "E1", ShelterState.OPEN, "yamada", now)
    with town.read() as tx:
        opened = shelter_desk.stamp(tx)
        said = shelter_desk.words(tx)
    assert opened != before
    assert set(said) == {"E1"}
    assert (said["E1"].state, said["E1"].at, said["E1"].who) == (ShelterState.OPEN, now, "yamada")


def test_the_newest_count_holds_and_the_older_ones_stay(town: Store, now: datetime) -> None:
    with town.write() as tx:
        shelter_desk.count(tx, "E1", 40, 15, "yamada", now)
        shelter_desk.count(tx, "E1", 38, None, "yamada", now + HOUR)
    with town.read() as tx:
        found = shelter_desk.counts(tx)
        rows = journal.entries(tx, kinds=("shelter_count",))
    assert set(found) == {"E1"}, "nobody counted E2: that is not 0"
    assert (found["E1"].people, found["E1"].households, found["E1"].at) == (38, None, now + HOUR)
    assert [e.what for e in rows] == ["みなも小：避難者38人", "みなも小：避難者40人・15世帯"]


@pytest.mark.parametrize("people", [-1, 100_001])
def test_a_number_that_cannot_be_is_refused(town: Store, now: datetime, people: int) -> None:
    with pytest.raises(BadInput, match="人数"), town.write() as tx:
        shelter_desk.count(tx, "E1", people, None, "yamada", now)
    with pytest.raises(BadInput, match="読み込まれていません"), town.write() as tx:
        shelter_desk.count(tx, "E9", 1, None, "yamada", now)


def test_a_need_is_one_however_often_it_is_sent_and_goes_on_from_asked_to_arrived(town: Store, now: datetime) -> None:
    with town.write() as tx:
        assert [shelter_desk.ask(tx, need(now)) for _ in range(3)] == [True, False, False]
        moved = shelter_desk.move_need(tx, "n1", 1, NeedState.ON_THE_WAY, "sato", now + HOUR)
        assert (moved.state, moved.version) == (NeedState.ON_THE_WAY, 2)
    with pytest.raises(Changed, match="輸送中"), town.write() as tx:
        shelter_desk.move_need(tx, "n1", 1, NeedState.DROPPED, "tanaka", now + HOUR)
    with town.write() as tx:
        shelter_desk.move_need(tx, "n1", 2, NeedState.ARRIVED, "sato", now + 2 * HOUR)
    with town.read() as tx:
        assert shelter_desk.needs(tx) == []
        assert [e.what for e in journal.entries(tx)][::-1] == [
            "みなも小：毛布 40を要請", "みなも小：毛布 40 → 輸送中", "みなも小：毛布 40 → 到着",
        ]  # fmt: skip


def test_a_capacity_that_was_entered(town: Store, now: datetime) -> None:
    with town.write() as tx:
        shelter_desk.set_capacity(tx, "E1", 200, "sato", now)
        shelter_desk.set_capacity(tx, "E1", 180, "sato", now)
    with town.read() as tx:
        assert shelter_desk.capacities(tx) == {"E1": 180}


def test_the_gate_has_an_end_and_the_newest_word_holds(town: Store, now: datetime) -> None:
    with pytest.raises(BadInput, match="終わり"), town.write() as tx:
        gate.open_until(tx, now, "sato", now)
    with town.read() as tx:
        assert gate.newest(tx) is None
    with town.write() as tx:
        gate.open_until(tx, now + 3 * HOUR, "sato", now, "大雨の予想")
    with town.read() as tx:
        word = gate.newest(tx)
        assert word is not None
        assert (word.opened, word.until) == (True, now + 3 * HOUR)
    with town.write() as tx:
        gate.shut(tx, "sato", now + HOUR)
    with town.read() as tx:
        word = gate.newest(tx)
        assert word is not None
        assert not word.opened
        assert [e.kind for e in journal.entries(tx)] == ["gate_shut", "gate_opened"]
