"""Work for other processes: started with `spawn`, as the hub's own processes are."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from disaster_hub.store import households, journal, observations, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.world import World

SPAWN = multiprocessing.get_context("spawn")


def together(work: Callable[..., None], calls: list[tuple[Any, ...]]) -> list[int | None]:
    """Run *work* in one process for each of *calls* at the same time; give their exit codes."""
    gate = SPAWN.Barrier(len(calls))
    started = [SPAWN.Process(target=_at_once, args=(gate, work, call)) for call in calls]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    return [process.exitcode for process in started]


def _at_once(gate: Any, work: Callable[..., None], call: tuple[Any, ...]) -> None:
    gate.wait(30)
    work(*call)


def prepared(address: str, world: World) -> None:
    prepare(address, world).close()


def read_then_write(address: str, name: str, times: int, now: datetime) -> None:
    """Read, then write what was read: the pattern that deferred transactions lose."""
    store = open_store(address)
    for _ in range(times):
        with store.write() as tx:
            last = journal.entries(tx, limit=1)
            number = int(last[0].what) + 1 if last else 1
            journal.add(tx, JournalEntry(now, "count", name, str(number)))
    store.close()


def write_batches(address: str, name: str, batches: int, now: datetime) -> None:
    """Bring the same series and readings as everybody else, in another order."""
    store = open_store(address)
    devices = [f"fe99{n:04d}" for n in range(40)]
    if name == "b":
        devices.reverse()
    for batch in range(batches):
        at = now + timedelta(seconds=batch)
        seen = [Observation(device, "water_level", at, 1.0, "m") for device in devices]
        kept = [observations.RawMessage(f"t/{d}", "uplink", d.encode(), None, at) for d in devices]
        with store.write() as tx:
            observations.add_batch(tx, "mqtt", kept, seen, now)
    store.close()


def die_before_commit(address: str, now: datetime) -> None:
    store = open_store(address)
    with store.write() as tx:
        journal.add(tx, JournalEntry(now, "k", "w", "never"))
        os.kill(os.getpid(), signal.SIGKILL)


def claim_and_die(address: str, now: datetime, wall: datetime) -> None:
    store = open_store(address)
    with store.write() as tx:
        outbox.claim(tx, now, wall=wall, lease=timedelta(seconds=60), limit=10, worker="dead")
    os.kill(os.getpid(), signal.SIGKILL)


def deliver_all(address: str, worker: str, now: datetime) -> None:
    """Claim until nothing is left, and say that it was sent."""
    store = open_store(address)
    while True:
        with store.write() as tx:
            batch = outbox.claim(tx, now, wall=now, lease=timedelta(minutes=5), limit=7, worker=worker)
        if not batch:
            break
        for one in batch:
            with store.write() as tx:
                assert outbox.settle(tx, one.id, "sent", "", now, worker)
    store.close()


def delete_and_die(address: str, folder: str, home: str, now: datetime, when: str) -> None:
    """Delete a household and die right before the commit, or right after it."""
    store, keys = open_store(address), Keyring.open(Path(folder))
    with store.write() as tx:
        households.delete(tx, keys, home, now)
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        tx.info["after_commit"].insert(0, lambda: os.kill(os.getpid(), signal.SIGKILL))


def open_households(address: str, folder: str, times: int, now: datetime) -> None:
    """Make households, each in a transaction of its own, and look at what was made."""
    store, keys = open_store(address), Keyring.open(Path(folder))
    for _ in range(times):
        with store.write() as tx:
            made = households.create(tx, keys, Plan(Home(LonLat(139.3, 38.9))), now)
        with store.read() as tx:
            assert households.latest(tx, keys, made.household) is not None
    keys.close()
    store.close()
