"""The lanes of `post`: none waits for another, nothing goes late, and whoever asks for rest gets it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from disaster_hub.jobs import pace
from disaster_hub.jobs import post as post_module
from disaster_hub.jobs.addresses import AS_WRITTEN, AsDecided
from disaster_hub.jobs.post import LEASE, Post
from disaster_hub.store import alerts, journal, outbox
from disaster_hub.store.alert_tables import alert as alert_table
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt, delivery
from disaster_hub.store.tables import notice as notice_table
from disaster_hub.terms.alert import Alert, AlertKind, Audience
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Delivery, Notice
from disaster_hub.terms.world import WorldKind
from tests.jobs.hub import REPLAY
from tests.rules.said import at
from timelines.channel import Letter

PATIENCE_S = 20.0


def notice(key: str, urgency: int = 3, life: float = 60, alert: str = "") -> Notice:
    end = at(0) + timedelta(minutes=life)
    return Notice(key, WorldKind.REPLAY, "order", key, "本文", at(0), end, urgency, alert=alert)


def put(store: Store, one: Notice, channel: str, number: int) -> None:
    with store.write() as tx:
        outbox.enqueue(tx, one, [(channel, f"{channel} {n}") for n in range(number)])


class Wire:
    """A channel over shared connections, which does with each call what the test says."""

    def __init__(self, do: Callable[[Sequence[Letter]], Awaitable[Any]] | None = None, **wishes: Any) -> None:
        self.together, self.parallel, self.per_second = 1, 8, 0.0
        self.do, self.said, self.calls, self.most = do, [], [], 0
        self.under_way = 0
        for name, value in wishes.items():
            setattr(self, name, value)

    def send(self, *_: object) -> None:
        raise AssertionError("post uses the wire where there is one")

    async def hand_over(self, letters: Sequence[Letter], _wire: object) -> Sequence[Undeliverable | None]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.calls.append(len(letters))
        try:
            fault = await self.do(letters) if self.do else None
        finally:
            self.under_way -= 1
        if fault is None:
            self.said += [letter.key for letter in letters]
        return [fault] * len(letters)


class Hub:
    """One `post` in this process, with clocks that the test turns."""

    def __init__(self, store: Store, **channels: Wire) -> None:
        self.store, self.channels = store, channels
        self.now = at(1)
        self.wall: datetime | None = None

    def moment(self) -> tuple[datetime, datetime]:
        return self.now, self.now

    def post(self, worker: str = "here:1") -> Post:
        give: Any = self.channels.__getitem__
        clocks = lambda: (self.now, self.wall or self.now)  # noqa: E731
        return Post(self.store, REPLAY, worker, give, AsDecided(AS_WRITTEN), clocks, self.moment)

    def run(self, until: Callable[[], bool], meanwhile: Callable[[Post], Awaitable[None]] | None = None) -> None:
        """Run as the process does until something holds."""

        async def go() -> None:
            post = self.post()
            over = asyncio.get_running_loop().time() + PATIENCE_S
            beside = asyncio.ensure_future(meanwhile(post)) if meanwhile else None
            try:
                while not until():
                    assert asyncio.get_running_loop().time() < over, "it did not come to that"
                    await post.look()
                    await asyncio.sleep(0.02)
                    await post.settle()
                if beside is not None:
                    await beside
            finally:
                await post.close()

        asyncio.run(go())

    def states(self) -> dict[str, int]:
        with self.store.read() as tx:
            return outbox.counts(tx)


def test_every_letter_goes_once_and_no_more_at_a_time_than_the_channel_likes(store: Store) -> None:
    async def slowly(_letters: object) -> None:
        await asyncio.sleep(0.001)

    put(store, notice("a"), "wire", 300)
    wire = Wire(slowly)
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states() == {"sent": 300})
    assert len(wire.said) == len(set(wire.said)) == 300
    assert wire.most == 8


def test_a_channel_that_stalls_keeps_no_other_from_sending(store: Store) -> None:
    stalled = asyncio.Event()

    async def never(_letters: object) -> None:
        await stalled.wait()

    put(store, notice("a", 9), "dead", 100)
    put(store, notice("b", 1), "wire", 50)
    dead, wire = Wire(never), Wire()
    hub = Hub(store, dead=dead, wire=wire)
    hub.run(lambda: hub.states().get("sent") == 50)
    assert len(wire.said) == 50
    assert dead.most == 8
    assert dead.said == []


def test_a_channel_that_stalled_past_the_expiry_sends_nothing_late(store: Store) -> None:
    put(store, notice("a", life=30), "wire", 40)
    hub = Hub(store)

    async def too_late(letters: Sequence[Letter]) -> None:
        await asyncio.sleep(0.05)
        hub.now = at(31)

    hub.channels["wire"] = wire = Wire(too_late, parallel=4)
    hub.run(lambda: hub.states().get("due") is None)
    assert len(wire.said) == 4
    assert hub.states() == {"sent": 4, "expired": 36}


def test_a_storm_lets_the_whole_channel_rest_and_then_knock_with_one_letter(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FIRST_REST_S", 0.05)
    put(store, notice("a"), "wire", 60)
    refused: list[int] = []

    async def storm(letters: Sequence[Letter]) -> Undeliverable | None:
        await asyncio.sleep(0.001)
        if len(refused) < 12:
            refused.append(len(letters))
            return Undeliverable("429", busy=True)
        return None

    wire = Wire(storm)
    hub = Hub(store, wire=wire)

    def over() -> bool:
        hub.now += timedelta(seconds=1)  # the retries wait on the wall's clock
        return hub.states() == {"sent": 60}

    hub.run(over)
    assert sorted(set(wire.said)) == sorted(wire.said)
    # Eight were under way when the first was refused; after that it knocks with one letter at a time.
    assert len(refused) == 12
    with store.read() as tx:
        assert tx.execute(select(attempt.c.outcome).where(attempt.c.outcome == "refused")).first() is None


def test_who_asks_for_a_minute_gets_it_and_nothing_else_is_tried_meanwhile(store: Store) -> None:
    async def wait(_letters: object) -> Undeliverable:
        return Undeliverable("429", busy=True, after_s=60)

    put(store, notice("a"), "wire", 200)
    wire = Wire(wait, parallel=3)
    hub = Hub(store, wire=wire)
    rounds = iter(range(30))
    hub.run(lambda: next(rounds, None) is None)
    assert len(wire.calls) <= 3
    with store.read() as tx:
        free = select(delivery.c.id).where(delivery.c.worker.is_(None), delivery.c.state == "due")
        assert len(tx.execute(free).all()) == 200, "what was not tried is given back"


def test_a_channel_that_loses_count_leaves_nobody_in_hand_for_ever(store: Store) -> None:
    put(store, notice("k1"), "line", 3)

    class Short(Wire):
        async def hand_over(self, letters: Sequence[Letter], wire: object) -> Sequence[Undeliverable | None]:
            return (await super().hand_over(letters, wire))[: 1 if len(self.calls) == 1 else None]

    line = Short(together=3)
    hub = Hub(store, line=line)

    def all_sent() -> bool:
        hub.now += timedelta(seconds=1)
        return hub.states() == {"sent": 3}

    hub.run(all_sent)
    assert line.calls == [3, 2]


def test_letters_of_the_same_words_go_together_where_the_channel_takes_several(store: Store) -> None:
    put(store, notice("a", 5), "wire", 25)
    put(store, replace(notice("b", 4), text="別の本文"), "wire", 5)
    wire = Wire(together=10)
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states() == {"sent": 30})
    assert max(wire.calls) <= 10
    assert len(wire.calls) <= 6
    assert len(set(wire.said)) == 30


def test_so_many_a_second_and_no_more(store: Store) -> None:
    put(store, notice("a"), "wire", 60)
    times: list[float] = []

    async def note(_letters: object) -> None:
        times.append(asyncio.get_running_loop().time())

    hub = Hub(store, wire=Wire(note, per_second=40.0))
    hub.run(lambda: hub.states() == {"sent": 60})
    assert times[-1] - times[0] >= (60 - 40) / 40 - 0.05


def an_alert() -> Alert:
    return Alert(
        "a1",
        WorldKind.REPLAY,
        AlertKind.ORDER,
        ("9920100",),
        "北部",
        Audience(),
        "みなも市",
        "試し",
        at(0),
        at(60),
        7,
        4,
    )


def test_what_is_taken_back_while_it_is_in_hand_does_not_go(store: Store) -> None:
    with store.write() as tx:
        alerts.add(tx, an_alert())
    put(store, notice("alert:a1", alert="a1"), "wire", 40)
    first, known = asyncio.Event(), asyncio.Event()

    async def slowly(_letters: object) -> None:
        first.set()
        await known.wait()

    async def cancel(post: Post) -> None:
        await first.wait()
        with store.write() as tx:
            alerts.cancelled(tx, "a1")
        await post.look_back()
        known.set()

    wire = Wire(slowly, parallel=4)
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states().get("due") is None, cancel)
    assert hub.states() == {"sent": 4, "withdrawn": 36}
    with store.read() as tx:
        assert outbox.progress(tx, "a1") == {"wire": {"sent": 4, "withdrawn": 36}}


def test_what_was_taken_back_before_is_not_even_claimed(store: Store) -> None:
    with store.write() as tx:
        alerts.add(tx, an_alert())
        tx.execute(update(alert_table).values(state="cancelled"))
    put(store, notice("alert:a1", alert="a1"), "wire", 45)
    wire = Wire()
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states() == {"withdrawn": 45})
    assert wire.calls == []


def test_a_notice_of_another_world_is_refused_and_told(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    put(store, notice("alert:x"), "wire", 3)
    with store.write() as tx:  # past every door: the outbox itself takes none
        tx.execute(update(notice_table).where(notice_table.c.key == "alert:x").values(world="real"))
    put(store, notice("b"), "wire", 2)
    wire = Wire()
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states() == {"sent": 2, "refused": 3})
    assert {key.partition("/")[0] for key in wire.said} == {"b"}
    with store.read() as tx:
        (row,) = journal.entries(tx, kinds=("alert_refused",))
    assert row.key == "alert_refused:alert:x"
    assert "of the world real in the store of the world replay" in caplog.text


def test_a_wall_that_jumps_past_our_own_lease_sends_nothing_twice(store: Store) -> None:
    put(store, notice("a", life=600), "wire", 30)
    hub = Hub(store)

    async def jump(_letters: object) -> None:
        await asyncio.sleep(0.2)
        hub.wall = at(1) + 3 * LEASE  # the lease of what is in hand seems to have run out

    hub.channels["wire"] = wire = Wire(jump, parallel=4)
    hub.run(lambda: hub.states() == {"sent": 30})
    assert len(wire.said) == len(set(wire.said)) == 30


def test_a_wall_that_went_back_leaves_nobody_waiting_for_the_old_time(store: Store) -> None:
    put(store, notice("a", life=60 * 24 * 30), "wire", 2)
    with store.write() as tx:
        held = outbox.claim(tx, at(1), wall=at(60 * 24), lease=LEASE, limit=1, worker="elsewhere:7")
        again = outbox.claim(tx, at(1), wall=at(60 * 24), lease=LEASE, limit=1, worker="elsewhere:7")
        waits = [outbox.Ending(one.id, "retry", "busy", timedelta(minutes=50)) for one in again]
        outbox.settle_many(tx, waits, at(1), "elsewhere:7", wall=at(60 * 24))
    assert len(held) == len(again) == 1
    wire = Wire()
    hub = Hub(store, wire=wire)
    hub.run(lambda: hub.states() == {"sent": 2})


def test_a_dead_worker_leaves_its_letters_to_the_next_at_once(store: Store) -> None:
    put(store, notice("a"), "wire", 5)
    with store.write() as tx:
        assert len(outbox.claim(tx, at(1), wall=at(1), lease=LEASE, limit=5, worker="here:dead")) == 5
    wire = Wire()
    hub = Hub(store, wire=wire)
    with store.write() as tx:
        assert outbox.let_go(tx, "here:dead") == 5
    hub.run(lambda: hub.states() == {"sent": 5})
    with store.read() as tx:
        said = [tuple(row) for row in tx.execute(select(attempt.c.worker, attempt.c.outcome).order_by(attempt.c.id))]
    assert said == [("here:1", "unknown")] * 5 + [("here:1", "sent")] * 5


def test_an_end_gives_back_what_was_not_tried(store: Store) -> None:
    put(store, notice("a"), "wire", 100)
    begun = asyncio.Event()

    async def slowly(_letters: object) -> None:
        begun.set()
        await asyncio.sleep(0.3)

    wire = Wire(slowly, parallel=2)
    hub = Hub(store, wire=wire)
    hub.run(begun.is_set)
    assert hub.states() == {"sent": len(wire.said), "due": 100 - len(wire.said)}
    with store.read() as tx:
        left = [tuple(r) for r in tx.execute(select(delivery.c.leased_until).where(delivery.c.state == "due"))]
    assert set(left) == {(None,)}


class Twice:
    """Letters that count how often each was written."""

    def __init__(self) -> None:
        self.here = AsDecided(AS_WRITTEN)
        self.written: Counter[int] = Counter()

    def write(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Letter | Undeliverable]:
        self.written.update(one.id for one in batch)
        return self.here.write(batch, now)

    def gone(self, delivery: Delivery) -> None:
        self.here.gone(delivery)


def test_a_letter_that_has_lain_for_long_is_written_anew_before_it_goes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_module, "FRESH_S", 5.0)
    put(store, notice("a"), "wire", 10)
    hub, letters, ticks = Hub(store), Twice(), [0.0]
    made = hub.post()
    made.letters = letters
    monkeypatch.setattr(made, "ticks", lambda: ticks[0])
    monkeypatch.setattr(hub, "post", lambda: made)

    async def slowly(_letters: object) -> None:
        ticks[0] += 3

    hub.channels["wire"] = wire = Wire(slowly, parallel=1)
    hub.run(lambda: hub.states() == {"sent": 10})
    assert len(wire.said) == len(set(wire.said)) == 10
    assert max(letters.written.values()) > 1, "its words were looked at again"
    with store.read() as tx:
        assert tx.execute(select(attempt.c.outcome).distinct()).scalars().all() == ["sent"], "lying there was no try"


def test_a_channel_that_could_not_be_made_for_a_moment_is_not_lost_for_the_night(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, notice("a"), "wire", 1)
    hub, wire, broken = Hub(store), Wire(), [True]
    made = hub.post()
    monkeypatch.setattr(hub, "post", lambda: made)

    def give(kind: str) -> Any:
        if broken[0]:
            raise BadConfig(f"{kind}: its key cannot be read")
        return wire

    def mended() -> bool:
        states = hub.states()
        if states == {"refused": 1} and broken[0]:
            broken[0] = False
            put(store, notice("b"), "wire", 1)
        return states == {"refused": 1, "sent": 1}

    made.give = give
    hub.run(mended)
    assert len(wire.said) == 1
