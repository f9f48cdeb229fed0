"""200 officers with live updates: from a commit until each has the watch board's part and the situation in hand."""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.demo import spread
from bench.desk_town import REPORTS, STATIONS, desk_portal, officer, sign_in
from bench.towns import STARTS, device
from disaster_hub.store import journal, observations
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Observation

OFFICERS, NAMES = 200, 10
ROUNDS, WARM_UP = 20, 3
APART_S = 4.0
LIMIT_S = 2.0
PART = "/hq/watch/part"
FACTS = "/api/situation"
Got = tuple[float, str, bytes]
"""When an answer was in hand, its path, its bytes as they came."""


def run() -> Mapping[str, Mapping[str, Any]]:
    """Commit a reading and a line of the log together; wait until all officers have both, again and again."""
    with tempfile.TemporaryDirectory() as folder, desk_portal(Path(folder), zones=0, officers=NAMES) as (store, port):
        cookies = [sign_in(port, officer(n)) for n in range(NAMES)]
        here, there = multiprocessing.Pipe()
        crowd = multiprocessing.Process(target=_crowd, args=(there, port, cookies), daemon=True)
        crowd.start()
        try:
            _until(here, "open")
            time.sleep(APART_S)
            rounds = [_one(here, store, number) for number in range(ROUNDS + WARM_UP)][WARM_UP:]
        finally:
            crowd.terminate()
            crowd.join()
    delays = [delay for one in rounds for delay in one]
    p95 = statistics.quantiles(delays, n=20)[18]
    worst = [max(one) for one in rounds]
    return {
        "officers": {
            "ours": round(p95, 2),
            "peer": LIMIT_S,
            "unit": "s (p95)",
            "ratio": round(LIMIT_S / p95, 2),
            "goal": 1.0,
            "noise": spread([statistics.median(one) for one in rounds]),
            "size": (
                f"{OFFICERS} officers, {STATIONS:,} stations, {REPORTS:,} reports, {ROUNDS} commits; "
                f"median {statistics.median(delays):.2f} s, slowest {max(worst):.2f} s"
            ),
            "peer_name": f"limit of {LIMIT_S:.0f} s",
        }
    }


def _one(here: Connection, store: Store, number: int) -> list[float]:
    """Give the seconds from one commit until each officer held both answers that know of it."""
    while here.poll():
        here.recv()
    value, line = 2 + number / 1000, f"計測の行 {number:04d} です"
    at = STARTS - timedelta(seconds=240 - number)
    with store.write() as tx:
        observations.add(tx, [Observation(device(number), "water_level", at, value, "m")], raw_id=None)
        journal.add(tx, JournalEntry(utc_now(), "note", officer(0), line))
    begun = time.monotonic()
    time.sleep(APART_S)
    here.send("what?")
    heard: list[list[Got]] = _until(here, "heard")
    sign = f'"value":{value:g}'.encode()
    known: dict[bytes, bool] = {}

    def fits(path: str, body: bytes) -> bool:
        if body not in known:
            known[body] = path != FACTS or sign in gzip.decompress(body)
        return known[body]

    delays = []
    for got in heard:
        facts = [at_ for at_, path, body in got if path == FACTS and fits(path, body)]
        parts = [at_ for at_, path, _ in got if path == PART]
        if not facts or not parts:
            raise RuntimeError(f"an officer has not heard of commit {number} in {APART_S:.0f} s")
        delays.append(max(facts[0], parts[0]) - begun)
    return delays


def _until(here: Connection, word: str) -> Any:
    while True:
        if not here.poll(120):
            raise RuntimeError(f"the officers do not say {word!r}")
        said, what = here.recv()
        if said == "failed":
            raise RuntimeError(f"an officer: {what}")
        if said == word:
            return what


def _crowd(there: Connection, port: int, cookies: list[str]) -> None:
    """Be all the officers, in a process of their own: what they take of the two cores is counted in."""
    asyncio.run(_meet(there, port, cookies))


async def _meet(there: Connection, port: int, cookies: list[str]) -> None:
    heard: list[list[Got]] = [[] for _ in range(OFFICERS)]
    ready = [asyncio.Event() for _ in range(OFFICERS)]
    jobs = [asyncio.create_task(_officer(port, cookies[n % len(cookies)], heard[n], ready[n])) for n in range(OFFICERS)]
    waiting = asyncio.gather(*(one.wait() for one in ready))
    await asyncio.wait([*jobs, waiting], return_when=asyncio.FIRST_COMPLETED)
    failed = next((str(job.exception()) for job in jobs if job.done()), None)
    there.send(("failed", failed) if failed else ("open", None))
    while True:
        await asyncio.to_thread(there.recv)
        there.send(("heard", heard))
        for one in heard:
            one.clear()


async def _officer(port: int, cookie: str, got: list[Got], ready: asyncio.Event) -> None:
    """Listen to the live wire; at each word fetch what a page at the desk fetches."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    before: tuple[Any, ...] | None = None
    async for line in reader:
        if not line.startswith(b'data: {"facts"'):
            continue
        word = json.loads(line[6:])
        now = tuple(word[key] for key in ("facts", "desk", "places", "stations"))
        if now == before:
            continue
        before = now
        await asyncio.gather(*(
            _fetch(link, path, cookie, got) for link, path in zip(links, (FACTS, PART), strict=True)
        ))  # fmt: skip
        ready.set()
    raise ConnectionError("the live wire ended")


async def _fetch(link: Any, path: str, cookie: str, got: list[Got]) -> None:
    reader, writer = link
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nX-Part: 1\r\nAccept-Encoding: gzip\r\n\r\n"
    writer.write(head.encode())
    said = await reader.readuntil(b"\r\n\r\n")
    if not said.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{path}: {said[:60]!r}")
    fields = dict(line.split(": ", 1) for line in said.decode().split("\r\n")[1:] if ": " in line)
    body = await reader.readexactly(int(fields["Content-Length"]))
    got.append((time.monotonic(), path, body if path == FACTS else b""))
