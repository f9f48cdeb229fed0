"""Codes that prove a number: they hold once, for a while, and against five wrong tries; events are taken once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.store import contacts, enrolment, households, outbox
from disaster_hub.store.enrolment_tables import enrolment as table
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt
from disaster_hub.terms.notice import Notice, of_contact
from disaster_hub.terms.world import WorldKind

HALF_HOUR = timedelta(minutes=30)
NUMBER = "+819012345678"
USER = "U" + "1" * 32


@pytest.fixture(name="keys")
def the_keys(tmp_path: Path) -> Iterator[Keyring]:
    ring = Keyring.open(tmp_path / "keys")
    yield ring
    ring.close()


@pytest.fixture(name="home")
def a_home(store: Store, keys: Keyring, now: datetime) -> str:
    with store.write() as tx:
        return households.create(tx, keys, None, now).household


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def test_a_code_proves_once_and_only_its_own_contact(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    with store.write() as tx:
        made = households.add_contact(tx, keys, home, "sms", NUMBER, now)
        code = enrolment.offer(tx, keys, home, "sms", made, now + HALF_HOUR)
        assert len(code) == 6
        assert enrolment.waiting(tx, home, now) == {made}
        assert not enrolment.prove(tx, keys, home, "voice", made, code, now)
        assert not enrolment.prove(tx, keys, home, "sms", made, another(code), now)
        assert enrolment.prove(tx, keys, home, "sms", made, code, now)
        assert not enrolment.prove(tx, keys, home, "sms", made, code, now)
        assert enrolment.waiting(tx, home, now) == set()
        rows = list(tx.execute(select(table)))
        assert not rows


def test_five_wrong_ones_end_it(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    with store.write() as tx:
        code = enrolment.offer(tx, keys, home, "sms", "c1", now + HALF_HOUR)
        for _ in range(enrolment.MOST_TRIES):
            assert not enrolment.prove(tx, keys, home, "sms", "c1", another(code), now)
        assert not enrolment.prove(tx, keys, home, "sms", "c1", code, now)
        fresh = enrolment.offer(tx, keys, home, "sms", "c1", now + HALF_HOUR)
        assert enrolment.prove(tx, keys, home, "sms", "c1", fresh, now)


def test_it_ends_with_its_time_and_a_new_one_ends_the_old(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    with store.write() as tx:
        old = enrolment.offer(tx, keys, home, "line", "", now + HALF_HOUR)
        assert len(old) == 8
        code = enrolment.offer(tx, keys, home, "line", "", now + HALF_HOUR)
        if old != code:
            assert enrolment.whose(tx, keys, "line", old, now) is None
        assert enrolment.whose(tx, keys, "line", code, now + HALF_HOUR) is None
        assert enrolment.whose(tx, keys, "line", code, now) == (home, "")
        assert enrolment.whose(tx, keys, "line", code, now) is None


def test_the_code_itself_stands_nowhere(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    with store.write() as tx:
        code = enrolment.offer(tx, keys, home, "sms", "c1", now + HALF_HOUR)
        (row,) = tx.execute(select(table))
        assert code.encode() not in bytes(row.code)
        assert NUMBER not in str(row)


def test_an_event_is_taken_once_and_forgotten_in_the_end(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert enrolment.hear(tx, "line", "01J", now)
        assert not enrolment.hear(tx, "line", "01J", now)
        assert enrolment.hear(tx, "sms", "01J", now), "another service's own"
        enrolment.forget(tx, now + timedelta(days=1))
        assert not enrolment.hear(tx, "line", "01J", now)
        enrolment.forget(tx, now + timedelta(days=8))
        assert enrolment.hear(tx, "line", "01J", now)


def test_a_deleted_household_leaves_no_code(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    with store.write() as tx:
        code = enrolment.offer(tx, keys, home, "line", "", now + HALF_HOUR)
        households.delete(tx, keys, home, now)
        assert enrolment.whose(tx, keys, "line", code, now) is None


def test_an_address_finds_everybody_behind_it_and_ends_for_all(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    with store.write() as tx:
        other = households.create(tx, keys, None, now).household
        for one in (home, other):
            made = households.add_contact(tx, keys, one, "line", USER, now)
            households.confirm_contact(tx, keys, one, made, now)
        found = contacts.behind(tx, keys, "line", USER)
        assert {one for one, _ in found} == {home, other}
        assert contacts.behind(tx, keys, "sms", USER) == []
        for one, known in found:
            contacts.end(tx, keys, one, known, now)
        assert households.find_contact(tx, keys, "line", USER) is None
        ended = contacts.behind(tx, keys, "line", USER)
        assert {known.ended_at for _, known in ended} == {now}
        contacts.resume(tx, keys, *ended[0], now)
        assert households.find_contact(tx, keys, "line", USER) == ended[0][0]


def test_a_receipt_stands_beside_its_delivery_once(store: Store, now: datetime) -> None:
    one = Notice("alert:1", WorldKind.REPLAY, "order", "x", "y", now, now + HALF_HOUR, 7)
    with store.write() as tx:
        outbox.enqueue(tx, one, [("sms", of_contact("c1"))])
        key = f"alert:1/sms/{of_contact('c1')}"
        assert contacts.received(tx, key, "received", "the gateway says: delivered", now) == "c1"
        assert contacts.received(tx, key, "received", "again", now + HALF_HOUR) == "c1"
        for wrong in ("", "x", "alert:1/sms/contact:c2", "alert:2/sms/contact:c1", "a/b/c/d"):
            assert contacts.received(tx, wrong, "received", "", now) is None
        assert [row.outcome for row in tx.execute(select(attempt))] == ["received"]
