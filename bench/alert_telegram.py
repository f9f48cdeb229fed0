"""From a river office's telegram at the door to the push service: every step of a night, by the processes of a hub.

The telegram is read as any other, the clock judges it, reckons anew every plan that it touches, lets the town's own
rule speak, spreads, and `post` sends. Each round begins with a copy of the same town.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import insert, select

from bench.alert_town import phones
from bench.alerts import LIMIT_FIRST_S, SPAWN, Stand, _limit
from bench.people import PLANS, city_with_plans
from disaster_hub.config import Config, Feed, Folder, Keys
from disaster_hub.desk import rules_desk
from disaster_hub.jobs.deliver import run_post
from disaster_hub.jobs.ingest import Poller
from disaster_hub.jobs.judge import judge_waiting
from disaster_hub.jobs.schedule import run_clock
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import moment
from disaster_hub.rehearsal.telegrams import Telegram, telegrams
from disaster_hub.store import alerts, briefs, outbox
from disaster_hub.store.alert_tables import alert
from disaster_hub.store.household_tables import household_contact
from disaster_hub.store.households import Contact
from disaster_hub.store.sealing import seal
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.clock import utc_now, zulu
from sensors.fetch import Answer, Door
from timelines import vapid

ROUNDS = 5
PATIENCE_S = 180.0
HOST = "http://127.0.0.1:1/"
WARNED = "18:40"
"""The made-up river's level 3."""


@dataclass
class Shelf(Door):
    """A feed and its telegrams, lying ready."""

    lies: Mapping[str, bytes] = field(default_factory=dict)

    def get(self, url: str, *, again: bool = False) -> Answer | None:
        """Give what lies there."""
        del again
        return Answer(url, self.lies[url])


def run() -> Mapping[str, Mapping[str, Any]]:
    """Measure the first message and the last, from the telegram on."""
    first, last, number = [], [], 0
    _, warning = _telegrams()
    with tempfile.TemporaryDirectory() as name, Stand() as stand:
        config = _town(Path(name) / "town", stand.port)
        for n in range(ROUNDS):
            with _night(config, Path(name) / f"night{n}") as store:
                stand.ask("reset")
                begun = time.monotonic()
                _take(store, warning)
                number = _spread(store)
                seen = stand.wait(number)
                first.append(seen["first"] - begun)
                last.append(seen["last"] - begun)
    size = f"{PLANS:,} plans, {number:,} messages; the last one after {statistics.median(last):.1f} s; {ROUNDS} nights"
    return {"alerts_telegram": _limit(max(first), LIMIT_FIRST_S, "s (slowest of all)", first, size)}


def _telegrams() -> tuple[Sequence[Telegram], Sequence[Telegram]]:
    """Give what came before the river's level 3, and that one."""
    every = telegrams()
    first = next(n for n, one in enumerate(every) if one.at >= moment(WARNED))
    return every[:first], every[first : first + 1]


def _take(store: Store, said: Sequence[Telegram]) -> None:
    """Let telegrams come in at the door."""
    entries = "".join(
        f"<entry><title>{escape(one.title)}</title><id>{HOST}{one.name}</id><updated>{zulu(one.updated)}</updated>"
        f"<author><name>{escape(one.office)}</name></author><content>{escape(one.content)}</content></entry>"
        for one in said
    )
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>i</id>'
    feed = f"{head}<updated>{zulu(said[-1].updated)}</updated>{entries}</feed>".encode()
    door = Shelf(1, 1, None, None, lies={HOST: feed, **{f"{HOST}{one.name}": one.body for one in said}})
    Poller(store, Feed("jma", "jma-feed", HOST, 60), door).poll(said[-1].at)


def _town(folder: Path, port: int) -> Config:
    """Make the town, with a phone in every home, as it stood a moment before."""
    folder.mkdir()
    starts = moment(WARNED)
    planner = city_with_plans(folder, world(utc_now(), start=WARNED, speed=1.0))
    known = phones(port)
    rows = []
    for n in range(PLANS):
        home = f"{n:032x}"
        phone = known[n % len(known)]
        mine = Contact(f"{n:032x}", "webpush", replace(phone, endpoint=f"{phone.endpoint}-{n}").text(), starts, starts)
        rows.append({"id": mine.id, "household": home, "added_at": starts, "lookup": n.to_bytes(32, "big"),
                     "sealed": seal(bytes(32), f"contact {home} {mine.id}", mine)})  # fmt: skip
    with planner.store.write() as tx:
        tx.execute(insert(household_contact), rows)
        rules_desk.save(tx, rules_desk.TEMPLATE.read_text(encoding="utf-8"), "ひな形から", "bench", starts)
    _take(planner.store, _telegrams()[0])
    judge_waiting(planner.store, planner.config)
    vapid.ensure(planner.config.keys.folder)
    planner.store.close()
    return replace(planner.config, feeds=(), cameras=())


@contextmanager
def _night(config: Config, folder: Path) -> Iterator[Store]:
    """Run a hub on a copy of the town until every plan is right for what is known."""
    shutil.copytree(config.keys.folder.parent, folder)
    mine = replace(config, store=f"sqlite:///{folder / 'hub.gpkg'}", keys=Keys(Folder(folder / "keys")))
    store = open_store(mine.store)
    started = [SPAWN.Process(target=job, args=(mine,)) for job in (run_clock, run_post)]
    for one in started:
        one.start()
    try:
        _until(lambda: _stands(store))
        yield store
    finally:
        for one in started:
            if one.pid is not None:
                os.kill(one.pid, signal.SIGTERM)
            one.join(20)
        store.close()


def _stands(store: Store) -> bool:
    """Tell whether every plan is right for what is known."""
    with store.read() as tx:
        return briefs.stand(tx) is not None


def _spread(store: Store) -> int:
    """Wait until the town's rule has spoken and everybody was looked at; count the messages to phones."""

    def number() -> int:
        with store.read() as tx:
            if alerts.spreading(tx):
                return 0
            ids = [row.id for row in tx.execute(select(alert.c.id))]
            return sum(sum(outbox.progress(tx, one).get("webpush", {}).values()) for one in ids)

    _until(lambda: number() > 0)
    return number()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise RuntimeError("it did not come to that")
        time.sleep(0.05)
