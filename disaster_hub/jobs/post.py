"""What the lanes of one `post` process share: the store, its clocks, what is in hand, and what is to be settled.

Everything that waits for the network waits in one loop; whatever speaks to the store does so in threads beside it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from disaster_hub.jobs.lane import GRACE_S, UNSURE, InHand, Lane
from disaster_hub.jobs.letters import Letters
from disaster_hub.store import journal, outbox
from disaster_hub.store.outbox import LATER, RETRY, Ending
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.errors import BadConfig, Undeliverable, Unreachable
from disaster_hub.terms.notice import Delivery, JournalEntry
from disaster_hub.terms.world import World
from timelines.channel import Channel, Letter

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)
T = TypeVar("T")
LEASE = timedelta(seconds=60)
FRESH_S = 10.0
"""A letter that was written longer ago is not begun any more but written anew: by then its minute may be another."""
SETTLE_S = 0.03
TAKEN_BACK_S = 0.25
"""How often it is looked whether an alert whose letters are in hand was taken back."""
LAST_S = 5.0
"""At the end, what is under way is waited for so long."""
AT_ONCE = 1000
THREADS = 4


class Post:
    """What the lanes share: the store, the clocks, what is in hand, and what is to be settled."""

    def __init__(
        self, store: Store, world: World, worker: str, give: Callable[[str], Channel], letters: Letters,
        moment: Callable[[], tuple[datetime, datetime]], sending: Callable[[], tuple[datetime, datetime]],
    ) -> None:  # fmt: skip
        self.store, self.world, self.worker = store, world, worker
        self.give, self.letters = give, letters
        self.clocks = moment
        """The world's time and the wall's, as claims are made and settled with."""
        self.moment = sending
        self.lanes: dict[str, Lane] = {}
        self.in_hand: dict[int, Delivery] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ended: list[tuple[Delivery, Ending, bool]] = []
        self._some = asyncio.Event()
        self._back: set[str] = set()
        self._wire: aiohttp.ClientSession | None = None
        self._desk = ThreadPoolExecutor(THREADS, thread_name_prefix="post desk")

    def ticks(self) -> float:
        """Give seconds that never jump and go on while the machine sleeps."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wire(self) -> aiohttp.ClientSession:
        """Give the connections that channels share, made at the first need."""
        if self._wire is None:
            from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415  # slow to load

            doors = TCPConnector(limit=AT_ONCE, limit_per_host=0, keepalive_timeout=30, ttl_dns_cache=300)
            self._wire = ClientSession(connector=doors, cookie_jar=DummyCookieJar())
        return self._wire

    def withdrawn(self, alert: str) -> bool:
        """Tell whether an alert was taken back."""
        return alert in self._back

    def end(self, one: Delivery, ending: Ending, *, gone: bool = False) -> None:
        """Write down soon how a try ended."""
        self._ended.append((one, ending, gone))
        self._some.set()

    async def take(self, kind: str, limit: int) -> list[InHand]:
        """Claim and open what is due for a channel."""
        ready: list[InHand] = []
        while not ready:
            until = self.ticks() + min(FRESH_S, LEASE.total_seconds() - GRACE_S)
            opened = await self.aside(self._taken, kind, limit)
            if not opened:
                break
            for one, letter in opened:
                if isinstance(letter, Undeliverable):
                    self.end(one, Ending(one.id, "refused" if letter.forever else RETRY, str(letter), LEASE))
                else:
                    ready.append(InHand(one, letter, until))
        return ready

    def lane(self, kind: str) -> Lane:
        """Give the lane of a channel; one that is not set up refuses everything, and is looked at again each time."""
        known = self.lanes.get(kind)
        if known is None or isinstance(known.channel, _Closed):
            try:
                made = self.give(kind)
            except BadConfig as fault:
                made = _Closed(str(fault))
            self.lanes[kind] = Lane(kind, made, self)
        return self.lanes[kind]

    async def once(self) -> int:
        """Send what is due now, and give how many were tried."""
        for kind in await self.aside(self._due):
            lane = self.lane(kind)
            await lane.send(await self.take(kind, lane.limit))
            await lane.landed()
        tried = sum(ending.outcome != LATER for _, ending, _ in self._ended)
        await self.settle()
        return tried

    async def look(self) -> None:
        """Start a lane wherever something is due."""
        for kind in await self.aside(self._due):
            task = self.tasks.get(kind)
            if task is None or task.done():
                if task is not None:
                    _said(kind, task)
                self.tasks[kind] = asyncio.ensure_future(self.lane(kind).until_empty())

    async def settle(self) -> None:
        """Write how tries ended; what the store does not take now is kept and written later."""
        while self._ended:
            part = self._ended
            self._ended = []
            try:
                await self.aside(self._settled, part)
            except BaseException:
                self._ended = part + self._ended
                raise
            for one, _, _ in part:
                if self.in_hand.get(one.id) is one:
                    del self.in_hand[one.id]
            for one in (one for one, _, gone in part if gone):
                # Afterwards: where we die in between, the next message finds the same nobody there.
                await self.aside(self.letters.gone, one)

    async def settle_soon(self) -> None:
        """Write what ended, a little at a time."""
        self._some.clear()
        if not self._ended:
            await self._some.wait()
        await asyncio.sleep(SETTLE_S)
        await self.settle()

    async def look_back(self) -> None:
        """Look whether an alert whose letters are in hand was taken back."""
        await asyncio.sleep(TAKEN_BACK_S)
        names = {one.notice.alert for one in list(self.in_hand.values()) if one.notice.alert}
        self._back = await self.aside(self._taken_back, names) if names else set()

    async def close(self) -> None:
        """Stop the lanes, give back what was not tried, and write how everything else ended."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await asyncio.gather(*(lane.landed() for lane in self.lanes.values()))
        with suppress(Unreachable):
            await self.settle()
            # What was claimed in this very moment: nobody is to wait for its lease.
            await self.aside(self._let_go, self.worker)
        await self.shut()

    async def shut(self) -> None:
        """Let go of threads and connections."""
        for lane in self.lanes.values():
            lane.close()
        if self._wire is not None:
            await self._wire.close()
        await asyncio.sleep(0)  # connections end in the loop's next turn
        self._desk.shutdown(wait=False, cancel_futures=True)

    async def aside(self, function: Callable[..., T], *arguments: Any) -> T:
        """Speak to the store in a thread: the loop goes on sending."""
        return await asyncio.get_running_loop().run_in_executor(self._desk, function, *arguments)

    def _due(self) -> list[str]:
        with self.store.read() as tx:
            return outbox.channels_due(tx)

    def _taken(self, kind: str, limit: int) -> list[tuple[Delivery, Letter | Undeliverable]]:
        """Claim, and write the letters; a notice of another world is refused before anything is written."""
        now, wall = self.clocks()
        with self.store.write() as tx:
            batch = outbox.claim(tx, now, wall=wall, lease=LEASE, limit=limit, worker=self.worker, channel=kind)
            # In hand already: the wall's clock has jumped past a lease of our own.
            batch = [one for one in batch if one.id not in self.in_hand]
            strange = [one for one in batch if one.notice.world is not self.world.kind]
            for one in strange:
                _refuse(tx, one, self.world, now, self.worker, wall)
        mine = [one for one in batch if one.notice.world is self.world.kind]
        self.in_hand.update((one.id, one) for one in mine)
        try:
            return list(zip(mine, self.letters.write(mine, now), strict=True)) if mine else []
        except BaseException:
            for one in mine:
                self.in_hand.pop(one.id, None)
            with suppress(Unreachable), self.store.write() as tx:
                back = [Ending(one.id, LATER, again=UNSURE) for one in mine]
                outbox.settle_many(tx, back, now, self.worker, wall=wall)
            raise

    def _settled(self, part: list[tuple[Delivery, Ending, bool]]) -> None:
        now, wall = self.clocks()
        with self.store.write() as tx:
            outbox.settle_many(tx, [ending for _, ending, _ in part], now, self.worker, wall=wall)

    def _let_go(self, worker: str) -> None:
        with self.store.write() as tx:
            outbox.let_go(tx, worker)

    def _taken_back(self, names: set[str]) -> set[str]:
        with self.store.read() as tx:
            return outbox.taken_back(tx, names)


class _Closed:
    """A channel that is not set up."""

    def __init__(self, why: str) -> None:
        self.why = why

    def send(self, notice: object, address: str, key: str) -> None:
        """Refuse."""
        del notice, address, key
        raise BadConfig(self.why)


def _refuse(tx: Transaction, one: Delivery, world: World, now: datetime, worker: str, wall: datetime) -> None:
    """Write that a notice of another world lay here: it is not sent, and somebody must find out why."""
    there, here = one.notice.world.value, world.kind.value
    log.error("post: a notice of the world %s in the store of the world %s: refused", there, here)
    reason = f"a notice of the world {there} in the store of the world {here}"
    outbox.settle_many(tx, [Ending(one.id, "refused", reason)], now, worker, wall=wall)
    what = f"世界の違う知らせ（{there}）を送りませんでした"
    key = f"alert_refused:{one.notice.key}"
    journal.add(tx, JournalEntry(now, "alert_refused", "hub", what, because=one.notice.alert or None, key=key))


def _said(kind: str, task: asyncio.Task[None]) -> None:
    """Log how a lane broke down; it is started anew."""
    fault = None if task.cancelled() else task.exception()
    if isinstance(fault, Unreachable):
        log.error("post: %s: %s", kind, fault)
    elif fault is not None:
        log.error("post: %s: %s", kind, type(fault).__name__, exc_info=fault)
