"""MQTT QoS 1 into the durable store, beside a subscriber that only counts; live, with the publisher beside both."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import paho.mqtt.client as paho
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from bench.mosquitto import mosquitto
from bench.publisher import DEVICES, device
from disaster_hub.config import Sensor
from disaster_hub.jobs.listen import Intake
from disaster_hub.store import observations
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.world import World, WorldKind
from sensors.mqtt import Message, Subscriber

ROUNDS = 5
COUNT = 60_000
LONG = 1_000_000
TOPIC = "hub/devices/+/up"
WORLD = World(WorldKind.REPLAY, "bench", None)


@dataclass(slots=True)
class Span:
    """When the first and the last message of a round were done."""

    wanted: int
    done: int = 0
    first: float = 0.0
    last: float = 0.0

    def add(self, number: int) -> bool:
        """Count; tell whether all are there."""
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.done += number
        return self.done >= self.wanted

    @property
    def rate(self) -> float:
        """Messages a second."""
        return (self.done - 1) / (self.last - self.first)


def count_only(port: int, count: int, first: int) -> float:
    """Measure the peer: paho as it comes, counting."""
    span, ready, full = Span(count), Event(), Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"peer-{first}")
    client.on_connect = lambda c, *_: c.subscribe(TOPIC, 1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda *_: full.set() if span.add(1) else None
    client.connect("127.0.0.1", port)
    thread = Thread(target=client.loop_forever, daemon=True)
    thread.start()
    _publish(ready, full, port, count, first)
    client.disconnect()
    thread.join(10)
    return span.rate


def kept(port: int, count: int, first: int, store: Store, *, on_batch: Callable[[int], None] | None = None) -> float:
    """Measure ours: the listener's own code, validated, raw kept, FULL, acknowledged after the commit."""
    span, ready, full, stop = Span(count), Event(), Event(), Event()
    sensors = {device(n): _sensor(device(n)) for n in range(DEVICES)}
    intake = Intake(store, WORLD, sensors, clock=lambda: datetime(2026, 9, 20, tzinfo=UTC))

    def keep(batch: Sequence[Message]) -> None:
        intake.keep(batch)
        if on_batch:
            on_batch(span.done)
        if span.add(len(batch)):
            full.set()

    subscriber = Subscriber("127.0.0.1", port, client_id=f"ours-{first}", topics=[TOPIC], keep=keep)
    tell = lambda: ready.set() if subscriber.subscribed else None  # noqa: E731  # a callback of one word
    thread = Thread(target=subscriber.run, args=(stop, tell), daemon=True)
    thread.start()
    _publish(ready, full, port, count, first)
    stop.set()
    thread.join(10)
    return span.rate


def _sensor(name: str) -> Sensor:
    return Sensor(name, "plain", name, name, 139.3, 38.9)


def _publish(ready: Event, full: Event, port: int, count: int, first: int) -> None:
    assert ready.wait(20), "the subscriber did not get its subscription"
    arguments = [sys.executable, "-m", "bench.publisher", str(port), str(count), str(first)]
    subprocess.run(arguments, check=True, timeout=600, cwd=Path(__file__).parents[1])
    assert full.wait(60), "messages are missing"


def run() -> Mapping[str, Mapping[str, Any]]:
    """Measure rate by turns, then memory over a million messages, then what a second listener adds."""
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        ours, peers = [], []
        for number in range(ROUNDS):
            peers.append(count_only(port, COUNT, (2 * number) * COUNT))
            with _fresh(Path(name), f"rate-{number}") as store:
                ours.append(kept(port, COUNT, (2 * number + 1) * COUNT, store.store))
        entries = {"mqtt": _entry(ours, peers)}
        entries["mqtt_memory"] = _memory(port, Path(name))
        entries["mqtt_two_listens"] = _two(port, Path(name), statistics.median(ours))
    return entries


class _fresh:  # noqa: N801  # a context manager read as a phrase
    """Gives a new store in *folder*, and closes it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.store = prepare(f"sqlite:///{folder / name}.gpkg", WORLD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.store.read() as tx:
            assert observations.total(tx) > 0
        self.store.close()


def _entry(ours: Sequence[float], peers: Sequence[float]) -> dict[str, Any]:
    ratios = [a / b for a, b in zip(ours, peers, strict=True)]
    low, _, high = statistics.quantiles(ours, n=4)
    return {
        "ours": round(statistics.median(ours)),
        "peer": round(statistics.median(peers)),
        "unit": "messages/s",
        "ratio": round(statistics.median(ratios), 3),
        "goal": 0.85,
        "noise": round((high - low) / statistics.median(ours), 3),
        "size": f"{COUNT} readings of 150 bytes, {ROUNDS} rounds",
        "peer_name": "paho subscriber that only counts, same broker and publisher",
    }


def _memory(port: int, folder: Path) -> dict[str, Any]:
    """Resident memory at the end of a million messages, beside that after the first tenth."""
    process, seen = psutil.Process(), {}

    def look(done: int) -> None:
        if done >= LONG // 10 and "early" not in seen:
            seen["early"] = process.memory_info().rss / 1e6

    with _fresh(folder, "long") as fresh:
        kept(port, LONG, 100 * COUNT, fresh.store, on_batch=look)
        late = process.memory_info().rss / 1e6
    return {
        "ours": round(late, 1),
        "peer": round(seen["early"], 1),
        "unit": "MB resident",
        "ratio": round(seen["early"] / late, 3),
        "goal": 0.9,
        "noise": 0.0,
        "size": f"{LONG} readings, one run",
        "peer_name": "the same process after a tenth of them",
    }


def _two(port: int, folder: Path, alone: float) -> dict[str, Any]:
    """Two listeners that divide the work ($share) on one SQLite store: what the second one adds."""
    with _fresh(folder, "two") as fresh:
        rate = _shared(port, fresh.store)
    return {
        "ours": round(rate),
        "peer": round(alone),
        "unit": "messages/s",
        "ratio": round(rate / alone, 3),
        "goal": None,
        "noise": 0.0,
        "size": f"{COUNT} readings, two processes, one run",
        "peer_name": "one listener",
    }


def _shared(port: int, store: Store) -> float:
    path = str(store.engine.url.database)
    arguments = [sys.executable, "-m", "bench.second", str(port), path]
    others = [
        subprocess.Popen([*arguments, str(n)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) for n in (1, 2)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
    begun = time.perf_counter()
    first = 200 * COUNT
    arguments = [sys.executable, "-m", "bench.publisher", str(port), str(COUNT), str(first)]
    subprocess.run(arguments, check=True, timeout=600, cwd=Path(__file__).parents[1])
    while True:
        with store.read() as tx:
            if observations.total(tx) >= COUNT:
                break
        time.sleep(0.05)
    took = time.perf_counter() - begun
    for other in others:
        other.terminate()
        other.wait(10)
    return COUNT / took
