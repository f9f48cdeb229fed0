"""Who is there is read once for everybody, and never remembered longer than the store says so."""

from __future__ import annotations

from datetime import timedelta

from disaster_hub.portal.present import KEPT_S, Present
from disaster_hub.store import staff, staff_sessions
from tests.portal import town
from tests.portal.conftest import Site

NAMES = ("aoki", "baba", "chiba")


def _begin(site: Site) -> None:
    with site.store.write() as tx:
        for name in NAMES:
            staff.add(tx, name, "x", "viewer", town.NOW)
            staff_sessions.begin(tx, f"token of {name}", name, "192.0.2.0/24", town.NOW)


def _readings(site: Site, monkeypatch) -> list[int]:
    """Count how many each reading asks for."""
    counted: list[int] = []
    real = staff_sessions.find_all

    def find_all(tx, asked):
        keys = list(asked)
        counted.append(len(keys))
        return real(tx, keys)

    monkeypatch.setattr(staff_sessions, "find_all", find_all)
    return counted


def test_one_reading_answers_all_until_something_is_committed(site: Site, monkeypatch) -> None:
    _begin(site)
    counted = _readings(site, monkeypatch)
    present = Present(site.store)
    for _ in range(3):
        for name in NAMES:
            account, row = present.find(f"token of {name}", name)
            assert account is not None
            assert row is not None
            assert (account.name, row.name) == (name, name)
    assert counted == [1, 1, 1]
    with site.store.write() as tx:
        staff_sessions.touch(tx, "token of baba", town.NOW + timedelta(minutes=2))
    assert [present.find(f"token of {name}", name)[1].ended for name in NAMES] == [None] * 3
    assert counted == [1, 1, 1, 3]


def test_an_end_is_known_at_the_next_question(site: Site) -> None:
    _begin(site)
    present = Present(site.store)
    assert present.find("token of aoki", "aoki")[1].ended is None
    with site.store.write() as tx:
        staff_sessions.end(tx, "token of aoki", town.NOW)
    assert present.find("token of aoki", "aoki")[1].ended == town.NOW


def test_a_token_is_nobody_elses(site: Site) -> None:
    _begin(site)
    present = Present(site.store)
    account, row = present.find("token of aoki", "baba")
    assert account is not None
    assert row is None
    assert present.find("token of nobody", "nobody") == (None, None)


def test_who_has_gone_is_forgotten(site: Site, monkeypatch) -> None:
    _begin(site)
    clock = [0.0]
    present = Present(site.store, clock=lambda: clock[0])
    present.find("token of aoki", "aoki")
    clock[0] = KEPT_S + 1
    present.find("token of baba", "baba")
    counted = _readings(site, monkeypatch)
    with site.store.write() as tx:
        staff_sessions.touch(tx, "token of baba", town.NOW + timedelta(minutes=2))
    present.find("token of baba", "baba")
    assert counted == [1]
    assert set(present.held) == {("token of baba", "baba")}
