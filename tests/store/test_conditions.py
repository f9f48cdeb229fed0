"""Roads and shelters: what the city said last holds, in the journal and beside it; nothing is said of the unknown."""

from __future__ import annotations

import getpass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from shapely import LineString, Point

from disaster_hub.cli import main
from disaster_hub.store import conditions, journal, places
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from disaster_hub.terms.way import ShelterState

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="town")
def a_store_with_roads(store: Store) -> Store:
    with store.write() as tx:
        line = LineString([(139.3, 38.9), (139.31, 38.9)])
        links = [Feature("roads", f"7/{n}", line, {"highway": "residential", "name": "芦原通り"}) for n in range(3)]
        places.replace(tx, "roads", "f", links)
        places.replace(tx, "shelters", "f", [Feature("shelters", "E1", Point(139.3, 38.9), {"name": "みなも小"})])
    return store


def test_the_last_word_holds(town: Store, now: datetime) -> None:
    with town.write() as tx:
        conditions.close_road(tx, "7/0", "desk", now, "冠水")
        conditions.close_road(tx, "7/1", "desk", now)
        conditions.open_road(tx, "7/1", "desk", now + timedelta(minutes=1))
        conditions.set_shelter(tx, "E1", ShelterState.OPEN, "desk", now)
        conditions.set_shelter(tx, "E1", ShelterState.FULL, "desk", now + timedelta(minutes=2))
    with town.read() as tx:
        assert conditions.closed_roads(tx) == {"7/0"}
        assert conditions.shelter_states(tx) == {"E1": ShelterState.FULL}
        rows = journal.entries(tx)[::-1]
    assert [(e.kind, e.where, e.who) for e in rows] == [
        ("road_closed", "7/0", "desk"),
        ("road_closed", "7/1", "desk"),
        ("road_opened", "7/1", "desk"),
        ("shelter_state", "E1", "desk"),
        ("shelter_state", "E1", "desk"),
    ]
    assert rows[0].because == "冠水"
    assert "芦原通り" in rows[0].what
    assert "みなも小" in rows[4].what
    assert "満員" in rows[4].what


def test_nothing_was_said_is_not_known(town: Store) -> None:
    with town.read() as tx:
        assert conditions.closed_roads(tx) == set()
        assert conditions.shelter_states(tx) == {}


def test_a_place_that_is_not_loaded_is_refused_by_name(town: Store, now: datetime) -> None:
    with pytest.raises(BadInput, match=r"road '7/9'.*3 that are loaded"), town.write() as tx:
        conditions.close_road(tx, "7/9", "desk", now)
    with pytest.raises(BadInput, match="shelter '7/0'"), town.write() as tx:
        conditions.set_shelter(tx, "7/0", ShelterState.OPEN, "desk", now)
    with town.read() as tx:
        assert journal.entries(tx) == []


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(words)
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


def test_the_command_writes_what_the_desk_will(
    town: Store, address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISASTER_HUB_CONFIG", str(ROOT / "config.toml"))
    monkeypatch.setenv("DISASTER_HUB_STORE", address)
    assert called(capsys, "road", "close", "7/2", "--because", "倒木") == (0, "road 7/2: close\n", "")
    assert called(capsys, "shelter", "E1", "filling") == (0, "shelter E1: filling\n", "")
    code, out, err = called(capsys, "road", "close", "芦原")
    assert (code, out) == (1, "")
    assert err.startswith("disaster-hub: road '芦原'")
    assert err.count("\n") == 1
    code, _, err = called(capsys, "shelter", "E1", "broken")
    assert code == 2
    assert "filling" in err
    again = open_store(address)
    with again.read() as tx:
        assert conditions.closed_roads(tx) == {"7/2"}
        assert conditions.shelter_states(tx) == {"E1": ShelterState.FILLING}
        assert {e.who for e in journal.entries(tx)} == {f"{getpass.getuser()} (console)"}
    again.close()
