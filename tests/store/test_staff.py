"""Accounts, locks and sessions in the store, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from disaster_hub.store import staff, staff_locks, staff_sessions
from disaster_hub.store.session import Store
from disaster_hub.store.staff_locks import FIRST_LOCK, LONGEST_LOCK, TRIES, lock_after

HERE, THERE = b"desk", b"afar"
MINUTE = timedelta(minutes=1)


@pytest.fixture(name="store")
def with_somebody(store: Store, now: datetime) -> Store:
    with store.write() as tx:
        staff.add(tx, "hanako", "hash", "author", now, "総務課", "架空 花子", must_change=True)
    return store


def tries(store: Store, mark: bytes, now: datetime, count: int) -> list[staff_locks.Lock]:
    found = []
    for _ in range(count):
        with store.write() as tx:
            found.append(staff_locks.try_once(tx, "hanako", mark, now))
    return found


def test_an_account_says_what_was_written(store: Store, now: datetime) -> None:
    with store.read() as tx:
        one = staff.find(tx, "hanako")
    assert (one.role, one.department, one.shown, one.must_change) == ("author", "総務課", "架空 花子", True)
    with store.write() as tx:
        assert staff.change(tx, "hanako", now, disabled_at=now, shown="")
        assert not staff.change(tx, "nobody", now, role="viewer")
        with pytest.raises(ValueError, match="password"):
            staff.change(tx, "hanako", now, password="x")
        assert staff.find(tx, "hanako").shown == "hanako"
        assert [one.name for one in staff.accounts(tx)] == ["hanako"]


def test_the_last_administrator_is_counted_without_those_who_cannot_come(store: Store, now: datetime) -> None:
    with store.write() as tx:
        staff.add(tx, "a", "h", "administrator", now)
        staff.add(tx, "b", "h", "administrator", now)
        assert staff.other_administrators(tx, "a") == 1
        staff.change(tx, "b", now, disabled_at=now)
        assert staff.other_administrators(tx, "a") == 0


def test_ten_wrong_tries_shut_the_door_and_each_later_one_for_longer(store: Store, now: datetime) -> None:
    found = tries(store, THERE, now, TRIES + 1)
    assert [lock.fresh for lock in found] == [False] * (TRIES - 1) + [True, False]
    assert found[-1].until == now + FIRST_LOCK
    later = now + FIRST_LOCK + MINUTE
    assert tries(store, THERE, later, 2)[-1].until == later + 2 * FIRST_LOCK
    assert lock_after(TRIES - 1) is None
    assert lock_after(TRIES + 500) == LONGEST_LOCK


def test_a_day_later_it_is_forgotten(store: Store, now: datetime) -> None:
    tries(store, THERE, now, TRIES)
    assert tries(store, THERE, now + timedelta(days=1, minutes=1), 1) == [staff_locks.Lock()]


def test_a_stranger_cannot_lock_out_who_came_before_and_the_other_way_round(store: Store, now: datetime) -> None:
    with store.write() as tx:
        staff_locks.right(tx, "hanako", HERE, now, stranger=True)
    tries(store, THERE, now, TRIES)
    assert tries(store, HERE, now, 1) == [staff_locks.Lock(None, known=True)]
    tries(store, HERE, now, TRIES)
    assert tries(store, HERE, now, 1)[0].until is not None, "a known network has an end too"
    with store.write() as tx:
        staff_locks.right(tx, "hanako", HERE, now, stranger=False)
        assert staff.find(tx, "hanako").locked_until is not None, "strangers stay locked out"
        assert staff_locks.unlock(tx, "hanako")
        assert not staff_locks.unlock(tx, "nobody")
        assert staff.find(tx, "hanako").locked_until is None


def test_a_network_is_known_for_thirty_days(store: Store, now: datetime) -> None:
    with store.write() as tx:
        staff_locks.right(tx, "hanako", HERE, now, stranger=True)
    with store.read() as tx:
        assert staff_locks.known(tx, "hanako", HERE, now + timedelta(days=29))
        assert not staff_locks.known(tx, "hanako", HERE, now + timedelta(days=31))
        assert not staff_locks.known(tx, "somebody", HERE, now)


def test_a_name_that_nobody_has_counts_nothing(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert staff_locks.try_once(tx, "nobody", THERE, now) == staff_locks.Lock()


def test_sessions_begin_are_used_and_end(store: Store, now: datetime) -> None:
    with store.write() as tx:
        staff_sessions.begin(tx, "secret", "hanako", "192.0.2.0/24", now)
        staff_sessions.begin(tx, "secret", "hanako", "192.0.2.0/24", now)
        staff_sessions.begin(tx, "other", "hanako", "192.0.2.0/24", now)
        staff_sessions.touch(tx, "secret", now + MINUTE)
    with store.read() as tx:
        account, session = staff_sessions.find(tx, "secret", "hanako")
        assert account.name == "hanako"
        assert session.last_used == now + MINUTE
        assert b"secret" not in session.id
        assert staff_sessions.find(tx, "secret", "somebody") == (None, None)
        assert [one.last_used for one in staff_sessions.in_use(tx, now)] == [now + MINUTE, now]
        assert len(staff_sessions.in_use(tx, now + MINUTE)) == 1
    with store.write() as tx:
        staff_sessions.end(tx, "secret", now)
        assert staff_sessions.end_all(tx, "hanako", now + MINUTE) == 1
        assert staff_sessions.find(tx, "secret", "hanako")[1].ended == now
        assert staff.find(tx, "hanako").ended_at == now + MINUTE


def test_old_sessions_are_forgotten(store: Store, now: datetime) -> None:
    with store.write() as tx:
        staff_sessions.begin(tx, "old", "hanako", "?", now)
        staff_sessions.begin(tx, "new", "hanako", "?", now + timedelta(days=91))
        assert staff_sessions.find(tx, "old", "hanako")[1] is None


def test_an_identity_is_one_account(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert staff.remember_identity(tx, "https://op.example", "7", "hanako", now)
        assert not staff.remember_identity(tx, "https://op.example", "7", "hanako", now)
        assert staff.by_identity(tx, "https://op.example", "7").name == "hanako"
        assert staff.by_identity(tx, "https://other.example", "7") is None
