"""The outbox: decided once, claimed by one, settled once, and never lost with the worker that held it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from disaster_hub.store import outbox
from disaster_hub.store.session import Store
from disaster_hub.terms.notice import Delivery, Notice
from disaster_hub.terms.world import WorldKind
from tests.store import workers

LEASE = timedelta(seconds=60)
STAFF = [("console", "staff")]


def a_notice(now: datetime, key: str = "k1", urgency: int = 3) -> Notice:
    text = "みなも市：レベル2→4"
    return Notice(key, WorldKind.REPLAY, "level_changed", "見出し", text, now, now + timedelta(hours=2), urgency)


def put(store: Store, *notices: Notice) -> None:
    with store.write() as tx:
        for one in notices:
            assert outbox.enqueue(tx, one, STAFF)


def claim(
    store: Store, now: datetime, worker: str = "w1", wall: datetime | None = None, limit: int = 10
) -> list[Delivery]:
    with store.write() as tx:
        return outbox.claim(tx, now, wall=wall or now, lease=LEASE, limit=limit, worker=worker)


def settle(store: Store, number: int, outcome: str, now: datetime, worker: str = "w1") -> bool:
    with store.write() as tx:
        return outbox.settle(tx, number, outcome, "why", now, worker)


def attempts(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(row[0], row[1]) for row in tx.execute(text("SELECT worker, outcome FROM attempt ORDER BY id"))]


def counts(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return outbox.counts(tx)


def test_a_notice_comes_back_as_it_was_decided(store: Store, now: datetime) -> None:
    linked = replace(a_notice(now, "k2"), url="/my/plan", unsubscribe="/my/stop/x1")
    put(store, a_notice(now), linked)
    assert [one.notice for one in claim(store, now)] == [a_notice(now), linked]


def test_a_notice_is_decided_once(store: Store, now: datetime) -> None:
    to = [("console", "staff"), ("email", "a@example.jp"), ("console", "staff")]
    with store.write() as tx:
        assert outbox.enqueue(tx, a_notice(now), to)
        assert not outbox.enqueue(tx, replace(a_notice(now), text="again"), to)
    taken = claim(store, now)
    assert [(d.channel, d.address, d.tries) for d in taken] == [("console", "staff", 1), ("email", "a@example.jp", 1)]
    assert {d.notice for d in taken} == {a_notice(now)}


def test_the_urgent_goes_first(store: Store, now: datetime) -> None:
    put(store, a_notice(now, "low", 1), a_notice(now, "high", 5), a_notice(now - LEASE, "old", 1))
    assert [d.notice.key for d in claim(store, now, limit=2)] == ["high", "old"]
    assert [d.notice.key for d in claim(store, now, limit=2)] == ["low"]
    assert claim(store, now) == []


def test_what_a_dead_worker_held_is_due_again_after_its_lease(store: Store, address: str, now: datetime) -> None:
    put(store, a_notice(now))
    assert workers.together(workers.claim_and_die, [(address, now, now)]) == [-9]
    assert claim(store, now, "w2", now + LEASE / 2) == []
    (again,) = claim(store, now, "w2", now + LEASE)
    assert (again.notice.key, again.tries) == ("k1", 2)
    assert settle(store, again.id, "sent", now, "w2")
    assert counts(store) == {"sent": 1}


def test_what_is_settled_is_settled(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    (one,) = claim(store, now)
    assert settle(store, one.id, "sent", now)
    assert not settle(store, one.id, "sent", now)
    assert not settle(store, one.id, "refused", now)
    assert counts(store) == {"sent": 1}
    assert attempts(store) == [("w1", "sent"), ("w1", "refused")]


def test_a_try_that_failed_is_due_later(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    (one,) = claim(store, now)
    assert settle(store, one.id, "retry", now)
    assert claim(store, now) == []
    (again,) = claim(store, now + timedelta(seconds=30))
    assert again.tries == 2


def test_a_worker_that_was_too_slow_cannot_take_it_from_the_next(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    (one,) = claim(store, now, "slow")
    assert claim(store, now, "next", now + 2 * LEASE)
    assert not settle(store, one.id, "retry", now, "slow")
    assert claim(store, now + LEASE, "third", now + 2 * LEASE) == []
    assert settle(store, one.id, "sent", now, "slow"), "it was sent, and that is true whoever says so"
    assert not settle(store, one.id, "sent", now, "next")
    assert attempts(store) == [("next", "unknown"), ("slow", "retry"), ("slow", "sent"), ("next", "sent")]


def test_what_came_too_late_is_not_sent(store: Store, now: datetime) -> None:
    put(store, a_notice(now), a_notice(now, "in hand"))
    held = claim(store, now, limit=1)
    late = now + timedelta(hours=2)
    assert claim(store, late, wall=now) == []
    assert counts(store) == {"due": 1, "expired": 1}
    assert claim(store, late, wall=now) == []
    assert settle(store, held[0].id, "sent", late)
    assert counts(store) == {"sent": 1, "expired": 1}
    assert attempts(store) == [("w1", "expired"), ("w1", "sent")]


@pytest.mark.parametrize("number", [120])
def test_several_workers_share_the_work_and_none_is_sent_twice(
    store: Store, address: str, now: datetime, number: int
) -> None:
    put(store, *(a_notice(now, f"k{n}", n % 5 + 1) for n in range(number)))
    assert workers.together(workers.deliver_all, [(address, name, now) for name in "abc"]) == [0, 0, 0]
    assert counts(store) == {"sent": number}
    assert len(attempts(store)) == number


@pytest.mark.postgres
def test_a_worker_does_not_wait_for_what_another_is_claiming(store: Store, now: datetime) -> None:
    if store.sqlite:
        return  # SQLite has one writer at a time
    put(store, a_notice(now, "one", 5), a_notice(now, "two", 1))
    with store.write() as tx:
        first = outbox.claim(tx, now, wall=now, lease=LEASE, limit=1, worker="a")
        assert [d.notice.key for d in first] == ["one"]
        assert [d.notice.key for d in claim(store, now, "b")] == ["two"]


def test_channels_are_found_and_claimed_for_themselves(store: Store, now: datetime) -> None:
    to = [(channel, f"{channel}{n}") for channel in ("sms", "email", "webpush") for n in range(3)]
    with store.write() as tx:
        assert outbox.channels_due(tx) == []
        outbox.enqueue(tx, a_notice(now), to)
        assert outbox.channels_due(tx) == ["email", "sms", "webpush"]
        mine = outbox.claim(tx, now, wall=now, lease=LEASE, limit=10, worker="w", channel="sms")
        assert [one.address for one in mine] == ["sms0", "sms1", "sms2"]
        outbox.settle_many(tx, [outbox.Ending(one.id, "sent") for one in mine], now, "w", wall=now)
        assert outbox.channels_due(tx) == ["email", "webpush"]


def test_many_endings_are_written_at_once_each_as_it_was(store: Store, now: datetime) -> None:
    with store.write() as tx:
        outbox.enqueue(tx, a_notice(now), [("sms", str(n)) for n in range(50)])
        held = outbox.claim(tx, now, wall=now, lease=LEASE, limit=50, worker="w1")
        words = ("sent", "refused", "retry", "later", "withdrawn")
        ends = [outbox.Ending(one.id, words[n % 5], again=LEASE) for n, one in enumerate(held)]
        assert outbox.settle_many(tx, ends, now, "w1", wall=now) == 50
        assert outbox.settle_many(tx, ends, now, "w1", wall=now) == 0
    assert counts(store) == {"sent": 10, "refused": 10, "due": 20, "withdrawn": 10}
    assert len(attempts(store)) == 40, "what was not tried is no attempt"
    again = claim(store, now + LEASE, limit=50)
    assert sorted(one.tries for one in again) == [1] * 10 + [2] * 10


def test_what_is_settled_is_found_by_its_number_however_much_is_due(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    said: list[tuple[str, Any]] = []

    def note(_link: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        said.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    (one,) = claim(store, now)
    assert settle(store, one.id, "sent", now)
    event.remove(store.engine, "before_cursor_execute", note)
    writes = [(statement, values) for statement, values in said if statement.startswith("UPDATE delivery")]
    assert len(writes) == 2
    if store.engine.dialect.name == "sqlite":  # the other one plans by what the tables hold
        with store.read() as tx:
            for statement, values in writes:
                plan = " ".join(row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))
                assert "PRIMARY KEY" in plan, plan


def test_what_was_sent_was_sent_though_another_thought_it_had_expired(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    (one,) = claim(store, now, "slow")
    late = now + timedelta(hours=3)
    assert claim(store, late, "next") == []
    assert counts(store) == {"expired": 1}
    assert settle(store, one.id, "sent", late, "slow")
    assert counts(store) == {"sent": 1}


def test_what_nobody_comes_for_expires_all_the_same(store: Store, now: datetime) -> None:
    put(store, a_notice(now), replace(a_notice(now, "k2"), expires_at=now + timedelta(days=1)))
    with store.write() as tx:
        assert outbox.expire(tx, now, since=None, wall=now, worker="w") == 0
        late = now + timedelta(hours=3)
        assert outbox.expire(tx, late, since=now, wall=late, worker="w") == 1
        assert outbox.expire(tx, late, since=late, wall=late, worker="w") == 0
    assert counts(store) == {"due": 1, "expired": 1}


def test_a_lease_of_a_clock_that_went_back_since_holds_nobody_up(store: Store, now: datetime) -> None:
    put(store, a_notice(now))
    assert claim(store, now, "ahead", wall=now + timedelta(days=1))
    assert claim(store, now, "right", wall=now)


def test_progress_is_counted_by_channel_and_state(store: Store, now: datetime) -> None:
    with store.write() as tx:
        outbox.enqueue(tx, replace(a_notice(now), alert="a1"), [("sms", "1"), ("sms", "2"), ("email", "3")])
        outbox.enqueue(tx, a_notice(now, "other"), [("sms", "9")])
        (one,) = outbox.claim(tx, now, wall=now, lease=LEASE, limit=1, worker="w", channel="email")
        outbox.settle_many(tx, [outbox.Ending(one.id, "sent")], now, "w", wall=now)
        assert outbox.progress(tx, "a1") == {"sms": {"due": 2}, "email": {"sent": 1}}
