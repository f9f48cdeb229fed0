"""The time series: each reading once, the newest by its own time and not by its coming, and fast."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from disaster_hub.store import observations
from disaster_hub.store.observations import RawMessage
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.observation import Basis, Observation
from disaster_hub.terms.quantity import Quality
from tests.store import workers

MINUTE = timedelta(minutes=1)


def reading(
    at: datetime, value: float | None = 1.0, station: str = "fe99a", quantity: str = "water_level"
) -> Observation:
    return Observation(station, quantity, at, value, "m")


def message(one: Observation, at: datetime | None = None) -> RawMessage:
    return RawMessage(f"hub/devices/{one.station}/up", "uplink", f"{one.value} {one.at}".encode(), None, at)


def keep(store: Store, seen: list[Observation], now: datetime, *, timed: bool = True) -> int:
    kept = [message(one, one.at if timed else None) for one in seen]
    with store.write() as tx:
        return observations.add_batch(tx, "mqtt", kept, seen, now)


def count(store: Store, table: str) -> int:
    with store.read() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Collect the statements that go to the database."""
    said: list[str] = []

    def note(_link: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield said
    event.remove(store.engine, "before_cursor_execute", note)


def test_a_reading_comes_back_as_it_went_in(store: Store, now: datetime) -> None:
    seen = [
        reading(now, 1.25),
        replace(reading(now + MINUTE, None), quality=Quality.MISSING),
        replace(reading(now + MINUTE, 2.5), basis=Basis.FORECAST, issued_at=now),
        replace(
            reading(now + MINUTE, None), basis=Basis.FORECAST, issued_at=now - MINUTE, quality=Quality.NOT_COMPUTED
        ),
    ]
    with store.write() as tx:
        assert observations.add(tx, seen, raw_id=7) == 4
        assert observations.add(tx, [], raw_id=None) == 0
    with store.read() as tx:
        assert observations.of_station(tx, "fe99a", "water_level", now) == seen[:3]
        assert observations.of_station(tx, "fe99a", "water_level", now, now) == seen[:1]
        assert observations.of_station(tx, "fe99a", "discharge", now) == []
        assert observations.total(tx) == 4


def test_only_the_newest_forecast_is_given(store: Store, now: datetime) -> None:
    def forecast(issued: datetime, value: float) -> list[Observation]:
        base = replace(reading(now, value), basis=Basis.FORECAST, issued_at=issued)
        return [replace(base, at=now + n * MINUTE) for n in (60, 120)]

    with store.write() as tx:
        observations.add(tx, forecast(now, 2.0), raw_id=None)
        observations.add(tx, forecast(now - 10 * MINUTE, 1.0), raw_id=None)
    with store.read() as tx:
        assert [o.value for o in observations.of_station(tx, "fe99a", "water_level", now)] == [2.0, 2.0]
        assert observations.latest(tx) == {}
        assert observations.recent(tx, now) == {}


def test_the_same_reading_is_stored_once_and_never_changed(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert observations.add(tx, [reading(now, 1.0), reading(now, 9.0)], raw_id=None) == 1
    with store.write() as tx:
        assert observations.add(tx, [reading(now, 2.0), reading(now + MINUTE, 3.0)], raw_id=None) == 1
    with store.read() as tx:
        assert [o.value for o in observations.of_station(tx, "fe99a", "water_level", now)] == [1.0, 3.0]


def test_the_newest_is_the_newest_by_its_own_time(store: Store, now: datetime) -> None:
    with store.write() as tx:
        observations.add(tx, [reading(now + 2 * MINUTE, 2.0)], raw_id=None)
        observations.add(tx, [reading(now, 0.5), reading(now + MINUTE, 1.0)], raw_id=None)
        observations.add(tx, [reading(now, 80.0, quantity="battery")], raw_id=None)
    with store.read() as tx:
        assert [(o.quantity, o.value) for o in observations.latest(tx)["fe99a"]] == [
            ("water_level", 2.0),
            ("battery", 80.0),
        ]
        assert [o.value for o in observations.latest(tx, until=now + MINUTE)["fe99a"]] == [1.0, 80.0]
        assert [o.value for o in observations.recent(tx, now + MINUTE)["fe99a"]] == [1.0, 2.0]


@pytest.mark.parametrize("timed", [True, False])
def test_a_message_delivered_again_makes_nothing_new(store: Store, now: datetime, timed: bool) -> None:
    seen = [reading(now + n * MINUTE, float(n), station=f"fe99{n % 3}") for n in range(20)]
    assert keep(store, seen, now, timed=timed) == 20
    assert keep(store, [*seen[10:], reading(now, 5.0, "fe99x")], now + MINUTE, timed=timed) == 1
    assert keep(store, seen[:2] * 2, now + MINUTE, timed=timed) == 0
    assert (count(store, "raw"), count(store, "observation")) == (21, 21)


def test_messages_alone_and_readings_alone_are_a_batch_too(store: Store, now: datetime) -> None:
    with store.write() as tx:
        bad = RawMessage("hub/devices/x/up", "uplink", b"\xff\x00", "not JSON")
        assert observations.add_batch(tx, "mqtt", [bad, bad], [], now) == 0
        assert observations.add_batch(tx, "mqtt", [], [reading(now)], now) == 1
        assert observations.add_batch(tx, "mqtt", [], [], now) == 0
    assert (count(store, "raw"), count(store, "observation")) == (1, 1)


def test_a_series_made_in_a_transaction_that_failed_is_forgotten(store: Store, now: datetime) -> None:
    """Else its number, given to another series by then, would file one gauge's water under another's name."""
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012  # the three belong together
        observations.add(tx, [reading(now, 1.0, "fe99lost")], raw_id=None)
        observations.add(tx, [reading(now + MINUTE, 1.0, "fe99lost")], raw_id=None)
        raise ZeroDivisionError
    keep(store, [reading(now, 7.0, "fe99other")], now)
    keep(store, [reading(now, 8.0, "fe99lost")], now)
    with store.read() as tx:
        newest = {station: [o.value for o in seen] for station, seen in observations.latest(tx).items()}
    assert newest == {"fe99other": [7.0], "fe99lost": [8.0]}


def test_several_listeners_may_bring_the_same(store: Store, address: str, now: datetime) -> None:
    calls = [(address, name, 15, now) for name in "abc"]
    assert workers.together(workers.write_batches, calls) == [0, 0, 0]
    assert (count(store, "raw"), count(store, "observation"), count(store, "series")) == (600, 600, 40)
    with store.read() as tx:
        assert {len(seen) for seen in observations.latest(tx).values()} == {1}


def test_a_real_store_refuses_made_up_devices(real_store: Store, now: datetime) -> None:
    with pytest.raises(WrongWorld, match="fe99a"):
        keep(real_store, [reading(now, station="24e124aa"), reading(now)], now)
    with pytest.raises(WrongWorld, match="99000001"), real_store.write() as tx:
        observations.add(tx, [reading(now, station="99000001")], raw_id=None)
    assert count(real_store, "raw") == count(real_store, "observation") == count(real_store, "series") == 0
    assert keep(real_store, [reading(now, station="24e124aa")], now) == 1


def test_two_thousand_stations_are_read_in_one_query_and_fast(store: Store, now: datetime) -> None:
    seen = [reading(now + n * MINUTE, float(n), f"fe99{s:05d}") for s in range(2000) for n in range(3)]
    keep(store, seen, now)
    with counted(store) as said, store.read() as tx:
        newest = observations.latest(tx)
    assert len(said) == 1
    assert len(newest) == 2000
    assert {o.value for station in newest.values() for o in station} == {2.0}
    spans = []
    for _ in range(5):
        started = time.perf_counter()
        with store.read() as tx:
            observations.latest(tx)
        spans.append(time.perf_counter() - started)
    assert min(spans) < 0.2, f"{min(spans):.3f} s for 2,000 stations"


def test_a_batch_costs_a_few_statements_however_many_rows(store: Store, now: datetime) -> None:
    keep(store, [reading(now, 1.0, f"fe99{s}") for s in range(50)], now)
    keep(store, [reading(now + MINUTE, 1.0, f"fe99{s}") for s in range(50)], now)
    with counted(store) as said:
        keep(store, [reading(now + 2 * MINUTE, 1.0, f"fe99{s}") for s in range(50)], now)
    assert len(said) == 2, said


def test_new_stations_cost_a_few_statements_too(store: Store, now: datetime) -> None:
    with counted(store) as said:
        keep(store, [reading(now, 1.0, f"fe99{s}") for s in range(400)], now)
    assert len(said) < 12, len(said)


@pytest.mark.slow
def test_memory_stays_flat(sqlite_store: Store, now: datetime) -> None:
    def bring(first: int, batches: int) -> None:
        for batch in range(first, first + batches):
            at = now + timedelta(seconds=batch)
            keep(sqlite_store, [reading(at, 1.0, f"fe99{s}") for s in range(500)], now)

    bring(0, 60)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bring(60, 200)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 12_000, "KB for 100,000 messages"


def test_it_is_there_after_opening_again(store: Store, address: str, now: datetime) -> None:
    keep(store, [reading(now, 4.0)], now)
    other = open_store(address)
    with other.read() as tx:
        assert [o.value for o in observations.latest(tx)["fe99a"]] == [4.0]
    other.close()
