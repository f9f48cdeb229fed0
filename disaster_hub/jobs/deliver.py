"""The `post` process: claims due notices with a lease, sends outside any transaction, settles; a lane each channel."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from threading import Event

from disaster_hub.config import Config
from disaster_hub.jobs.addresses import AS_WRITTEN, Addresses, AsDecided
from disaster_hub.jobs.letters import Household, Letters
from disaster_hub.jobs.memory import long_lived
from disaster_hub.jobs.pace import Steady
from disaster_hub.jobs.post import LEASE, Post
from disaster_hub.jobs.process import Heart, dead_here, stop_on_signals, worker_name
from disaster_hub.jobs.scribe import Scribe
from disaster_hub.jobs.watch import Moment, watch_clock
from disaster_hub.store import outbox, pulse, worlds
from disaster_hub.store.session import Store, Transaction, open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import Unreachable, whereabouts
from timelines.channel import Channel, channel

__all__ = ["LEASE", "deliver_due", "run_post"]

log = logging.getLogger(__name__)
IDLE_S = 0.25
TROUBLE_S = 5.0
LOOK_S = 5.0


def deliver_due(
    store: Store,
    now: datetime,
    wall: datetime,
    worker: str,
    give: Callable[[str], Channel],
    clock: Callable[[], datetime] | None = None,
    addresses: Addresses = AS_WRITTEN,
    letters: Letters | None = None,
) -> int:
    """Send what is due, one batch a channel; give how many were tried. *clock* tells the time at each sending."""
    with store.read() as tx:
        world = worlds.current(tx)

    def sending() -> tuple[datetime, datetime]:
        moment = clock() if clock else now
        return moment, moment

    async def once() -> int:
        post = Post(store, world, worker, give, letters or AsDecided(addresses), lambda: (now, wall), sending)
        try:
            return await post.once()
        finally:
            await post.shut()

    return asyncio.run(once())


def run_post(config: Config) -> None:
    """Deliver until told to stop; a store that does not answer is waited for."""
    stop = stop_on_signals()
    store = open_store(config.store)
    with store.read() as tx:
        world = worlds.current(tx)
    mine = replace(config, world=world)  # the store's clock is the one that decides what is late
    household = Household(store, mine)
    letters = Scribe(household, mine)
    long_lived()
    with Heart(store, world, "post"):
        asyncio.run(_run(store, mine, letters, stop))
    letters.close()
    household.close()
    store.close()


async def _run(store: Store, config: Config, letters: Letters, stop: Event) -> None:
    world = config.world
    steady = Steady(utc_now, lambda: time.clock_gettime(time.CLOCK_BOOTTIME))

    def clocks() -> tuple[datetime, datetime]:
        wall = steady.now()
        return world.now(wall), wall

    def sending() -> tuple[datetime, datetime]:
        return world.now(steady.now()), world.now(utc_now())

    post = Post(store, world, worker_name(), lambda kind: channel(kind, config), letters, clocks, sending)
    watcher = Watcher(post, config, steady)
    jobs = [
        asyncio.ensure_future(_forever(job, every_s))
        for job, every_s in (
            (post.look, IDLE_S), (post.settle_soon, 0.0), (post.look_back, 0.0), (watcher.look, LOOK_S)
        )
    ]  # fmt: skip
    await asyncio.get_running_loop().run_in_executor(None, stop.wait)
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    await post.close()


async def _forever(job: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Do a job again and again; a store that does not answer is said once, and waited for."""
    down = False
    while True:
        try:
            await job()
            await asyncio.sleep(every_s)
            down = False
        except Unreachable as fault:
            if not down:
                log.error("post: %s", fault)
            down = True
            await asyncio.sleep(TROUBLE_S)
        except Exception as fault:  # noqa: BLE001  # its text may hold an address
            log.error("post: failed; it is tried again: %s", whereabouts(fault))
            await asyncio.sleep(TROUBLE_S)


class Watcher:
    """Looks after what nobody sends: what expired unseen, what a dead worker held, a clock that went back."""

    def __init__(self, post: Post, config: Config, steady: Steady) -> None:
        self.post, self.config, self.steady = post, config, steady
        self.started, self.wall_started = post.clocks()
        self._expired_to: datetime | None = None
        self._buried: set[str] = set()

    async def look(self) -> None:
        """Look once."""
        await self.post.aside(self._look)

    def _look(self) -> None:
        now, wall = self.post.clocks()
        watch_clock(self.post.store, self.config, Moment(now, wall, self.started, self.wall_started))
        with self.post.store.write() as tx:
            for worker in self._dead(tx):
                outbox.let_go(tx, worker)
                self._buried.add(worker)
            if self.steady.went_back:
                outbox.wake(tx)
                self.steady.went_back = False
            if outbox.expire(tx, now, since=self._expired_to, wall=wall, worker=self.post.worker) < outbox.PART:
                self._expired_to = now

    def _dead(self, tx: Transaction) -> set[str]:
        """Name the workers of this machine that are no more; at the start that is also who bore our name before."""
        before = {beat.worker for beat in pulse.heartbeats(tx) if beat.process == "post" and dead_here(beat.worker)}
        return before - self._buried
