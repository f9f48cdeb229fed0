"""From an order to the last message that the push service took, beside what others would write; the same stand-in.

`alerts_fanout` (and beside it a bare aiohttp loop and apprise), `alerts_first`, `alerts_growth`, `alerts_two_posts`.
Every sender is a process of its own, and so is the stand-in; a round begins when all of them are up.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import func, select

from bench import alert_town as town
from bench.missing import Missing
from bench.telegram import spread
from disaster_hub.alerts import issuing
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.config import Config
from disaster_hub.jobs.deliver import LEASE, run_post
from disaster_hub.jobs.memory import long_lived
from disaster_hub.store import alerts, outbox, worlds
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, open_store
from disaster_hub.store.tables import delivery
from disaster_hub.terms.clock import utc_now

HOMES, BARE, PLAIN, APPRISE, ROUNDS = 100_000, 30_000, 500, 300, 5
FIRST_ROUNDS, FIRST_HOMES = 20, 1_000
GROWTH = (10_000, 1_000_000)
TWO = 6_000
DELAY_MS = 50
FANOUT_DELAY_MS = 5
"""Quicker than any push service: with it every sender is bound by its own work, but for the loop that waits."""
GOAL_PLAIN, GOAL_BARE, GOAL_TWO, LIMIT_FIRST_S = 4.0, 0.75, 1.7, 5.0
PATIENCE_S = 200.0
SPAWN = multiprocessing.get_context("spawn")
POSTGRES = "DISASTER_HUB_TEST_POSTGRES"


class Stand:
    """The stand-in in its process."""

    def __init__(self, delay_ms: float = 0, module: str = "bench.push_stand", *more: str) -> None:
        words = [sys.executable, "-m", module, str(delay_ms), *more]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
        assert self.process.stdout is not None
        self.ports = [int(port) for port in self.process.stdout.readline().split()]
        self.port = self.ports[0]

    def ask(self, word: str) -> dict[str, float]:
        """Ask what came in; `reset` begins anew."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        link.request("GET", f"/{word}")
        said: dict[str, float] = json.loads(link.getresponse().read())
        link.close()
        return said

    def wait(self, number: int) -> dict[str, float]:
        """Wait until so many came."""
        until = time.monotonic() + PATIENCE_S
        while (seen := self.ask("count"))["count"] < number:
            if time.monotonic() > until:
                raise RuntimeError(f"only {seen['count']} of {number} came")
            time.sleep(0.05)
        return seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def post(config: Config, ready: Any, memory: Any) -> None:
    """Run `post`, and say how much memory it needed at most."""
    ready.set()
    run_post(config)
    memory.value = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def hub(
    folder: Path, homes: int, port: int, posts: int = 1, config: Config | None = None, channel: str = "webpush"
) -> Iterator[tuple[Store, Any, Any]]:
    """Give a filled store, a function that issues an order and spreads it, and the memory of the `post`s."""
    config = config or town.config_of(folder)
    town.fill(config, homes, port, channel)
    store, ring, memory = open_store(config.store), Keyring.open(config.keys.folder), SPAWN.Value("l", 0)
    with store.read() as tx:
        world = worlds.current(tx)
    events = [SPAWN.Event() for _ in range(posts)]
    started = [SPAWN.Process(target=post, args=(config, ready, memory)) for ready in events]
    for one in started:
        one.start()
    for ready in events:
        ready.wait(60)
    time.sleep(1.5)  # the first look of each
    spreader = Spreader(store, ring)
    long_lived()  # as the clock does

    def order(number: int, *, spread_all: bool = True) -> float:
        begun = time.monotonic()
        with store.write() as tx:
            issuing.issue(tx, town.order(number), config, world.now(utc_now()))
        while spread_all:
            wall = utc_now()
            spreader.run(Moment(world.now(wall), wall))
            with store.read() as tx:
                if not alerts.spreading(tx):
                    break
        return begun

    try:
        yield store, order, memory
    finally:
        for one in started:
            if one.pid is not None:
                os.kill(one.pid, signal.SIGTERM)
            one.join(20)
        ring.close()
        store.close()


def run_fanout() -> Mapping[str, Mapping[str, Any]]:
    """Measure messages a second, ours from the order on, the peers from their first line on; by turns."""
    rates: dict[str, list[float]] = {name: [] for name in ("ours", "plain", "bare", "bare_ours", "apprise")}
    numbers = {"plain": PLAIN, "bare": BARE, "bare_ours": BARE, "apprise": APPRISE}
    with (
        tempfile.TemporaryDirectory() as folder,
        Stand(FANOUT_DELAY_MS) as stand,
        hub(Path(folder), HOMES, stand.port) as (_, order, _memory),
    ):
        for n in range(ROUNDS):
            stand.ask("reset")
            begun = order(n)
            rates["ours"].append(HOMES / (stand.wait(HOMES)["last"] - begun))
            time.sleep(1)  # what is left to settle is not the peers' burden
            for name, number in numbers.items():
                rates[name].append(_peer(name, number, stand, Path(folder)))
    size = (
        f"{HOMES:,} households a round, SQLite, from the order to the last message taken; "
        f"stand-in answers in {FANOUT_DELAY_MS} ms"
    )
    peers = {
        "alerts_fanout": ("plain", GOAL_PLAIN, f"a plain loop over pywebpush and requests ({PLAIN:,} a round)"),
        "alerts_fanout_bare": (
            "bare",
            GOAL_BARE,
            f"a bare aiohttp loop, sealed by pywebpush ({BARE:,} a round)",
        ),
        "alerts_fanout_cipher": (
            "bare_ours",
            None,
            f"a bare aiohttp loop, sealed by our own cipher ({BARE:,} a round)",
        ),
        "alerts_fanout_apprise": ("apprise", None, f"apprise's JSON plugin, unencrypted ({APPRISE:,} a round)"),
    }
    return {
        job: _rates(rates["ours"], rates[name], goal, size, words) for job, (name, goal, words) in peers.items()
    }  # fmt: skip


def run_first() -> Mapping[str, Mapping[str, Any]]:
    """Measure from the order to the first message taken, while the others queue behind it."""
    took = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Stand() as stand,
        hub(Path(folder), FIRST_HOMES, stand.port) as (_, order, _memory),
    ):
        for n in range(FIRST_ROUNDS):
            stand.ask("reset")
            begun = order(n)
            took.append(stand.wait(FIRST_HOMES)["first"] - begun)
    p95 = statistics.quantiles(took, n=20)[18]
    size = f"{FIRST_ROUNDS} orders to {FIRST_HOMES:,} households each, median {statistics.median(took):.2f} s"
    return {"alerts_first": _limit(p95, LIMIT_FIRST_S, "s (p95)", took, size)}


def run_growth() -> Mapping[str, Mapping[str, Any]]:
    """Measure the outbox alone: claim and settle of ever more deliveries; time each and memory must stay the same."""
    seconds: dict[int, float] = {}
    memory: dict[int, int] = {}
    for number in GROWTH:
        with tempfile.TemporaryDirectory() as folder:
            seconds[number], memory[number] = _drained(Path(folder), number)
    each = {number: took / number * 1e6 for number, took in seconds.items()}
    small, large = GROWTH[0], GROWTH[-1]
    more = memory[large] / memory[small]
    size = (
        f"{large:,} deliveries: {each[large]:.0f} µs each, of {small:,} {each[small]:.0f}; memory ×{more:.2f}; "
        "store alone, a channel that swallows"
    )
    return {
        "alerts_growth": {
            "ours": round(each[large], 1), "peer": round(each[small], 1), "unit": "µs/delivery",
            "ratio": round(each[small] / each[large], 2), "goal": 0.8, "noise": 0.0, "size": size,
            "peer_name": f"the same with {small:,}",
        }
    }  # fmt: skip


def run_two() -> Mapping[str, Mapping[str, Any]]:
    """Measure one `post` and two, on PostgreSQL, at a stand-in that answers in 50 ms."""
    with _server() as server:
        rates = _one_and_two(server)
    size = f"{TWO:,} households, stand-in answers in {DELAY_MS} ms, 50 connections a process, PostgreSQL, warm"
    return {"alerts_two_posts": _rates(rates[2], rates[1], GOAL_TWO, size, "one `post`")}


@contextmanager
def _server() -> Iterator[str]:
    """Give the PostgreSQL that is named, or a throw-away one."""
    named = os.environ.get(POSTGRES)
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if named:
        yield named
    elif not programs:
        raise Missing(f"PostgreSQL with PostGIS (Debian packages postgresql and postgis, or {POSTGRES})")
    else:
        from tests.conftest import _cluster

        yield from _cluster(programs[-1].parent)


def _one_and_two(server: str) -> dict[int, list[float]]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for n in range(ROUNDS):
        for posts, found in rates.items():
            schema = f"bench_{os.getpid()}_{n}_{posts}"
            address = f"{server}{'&' if '?' in server else '?'}schema={schema}"
            with tempfile.TemporaryDirectory() as folder, Stand(DELAY_MS) as stand:
                try:
                    config = town.config_of(Path(folder), address)
                    with hub(Path(folder), TWO, stand.port, posts, config) as (_, order, _memory):
                        order(0)  # every process is up after this one
                        stand.wait(TWO)
                        stand.ask("reset")
                        order(1)
                        seen = stand.wait(TWO)
                        found.append(TWO / (seen["last"] - seen["first"]))
                finally:
                    _drop(server, schema)
    return rates


def _drained(folder: Path, number: int) -> tuple[float, int]:
    """Fill an outbox and empty it in a fresh process; give seconds and memory."""
    config = town.config_of(folder)
    town.fill(config, 1, 1)
    store = open_store(config.store)
    alert = town.order(1)
    with store.write() as tx:
        issuing.issue(tx, alert, config, alert.decided_at)
        said = issuing.general(alert)  # its row is there: deliveries are added to it
        row = outbox.notice_number(tx, said.key)
    for at in range(0, number, 20_000):
        with store.write() as tx:
            outbox.address(tx, row, said, (("webpush", f"c{n}", "") for n in range(at, min(at + 20_000, number))))
    store.close()
    with SPAWN.Pool(1) as pool:
        return pool.apply(drain, (config.store, number))


def drain(address: str, number: int) -> tuple[float, int]:
    """Claim and settle until nothing is left."""
    store, begun, done = open_store(address), time.perf_counter(), 0
    now = town.STARTS
    while done < number:
        wall = utc_now()
        with store.write() as tx:
            batch = outbox.claim(tx, now, wall=wall, lease=LEASE, limit=500, worker="bench", channel="webpush")
        with store.write() as tx:
            outbox.settle_many(tx, [outbox.Ending(one.id, "sent") for one in batch], now, "bench", wall=wall)
        done += len(batch)
    took = time.perf_counter() - begun
    with store.read() as tx:
        left = tx.execute(select(func.count()).select_from(delivery).where(delivery.c.state != "sent")).scalar_one()
    if left:
        raise RuntimeError(f"{left} were not sent")
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _peer(name: str, number: int, stand: Stand, folder: Path) -> float:
    stand.ask("reset")
    words = [sys.executable, "-m", "bench.alert_peers", name, str(number), str(stand.port), str(folder)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018
        process.stdout.readline()
        begun = time.monotonic()
        process.stdin.write("go\n")
        process.stdin.flush()
        process.stdout.readline()
        seen = stand.ask("count")
    if seen["count"] < number:
        raise RuntimeError(f"{name}: {seen['count']} of {number} came")
    return number / (seen["last"] - begun)


def _drop(server: str, schema: str) -> None:
    store = open_store(server)
    with store.write() as tx:
        tx.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    store.close()


def _rates(
    ours: Sequence[float], peer: Sequence[float], goal: float | None, size: str, words: str
) -> Mapping[str, Any]:
    ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
    return {
        "ours": round(statistics.median(ours)), "peer": round(statistics.median(peer)), "unit": "messages/s",
        "ratio": round(statistics.median(ratios), 2), "goal": goal, "noise": max(spread(ours), spread(peer)),
        "size": size, "peer_name": words,
    }  # fmt: skip


def _limit(ours: float, limit: float, unit: str, took: Sequence[float], size: str) -> Mapping[str, Any]:
    return {
        "ours": round(ours, 2), "peer": limit, "unit": unit, "ratio": round(limit / ours, 2), "goal": 1.0,
        "noise": spread(took), "size": size, "peer_name": f"limit of {limit:.0f} s",
    }  # fmt: skip
