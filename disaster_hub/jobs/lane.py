"""One channel's lane in `post`: it takes what is due, sends as much at once as the channel likes, and rests when asked.

Lanes share nothing but the store's desk: one that stalls keeps no other from sending.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from disaster_hub.jobs.pace import Bucket, Rest
from disaster_hub.store.outbox import LATER, RETRY, Ending
from disaster_hub.terms.errors import BadConfig, Undeliverable, whereabouts
from disaster_hub.terms.notice import Delivery
from timelines.channel import Channel, Enveloped, Letter, Wired, parallel, per_second, together

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)
FEWEST, MOST = 20, 500
"""Deliveries of one claim: as many as go out in about a second."""
AHEAD = 2
"""Batches that are claimed and opened while one goes out."""
QUICK_S, SLOW_S = 0.5, 1.5
LINGER_S = 2.0
"""A rest that is longer gives back what is in hand."""
MAX_TRIES = 8
BACK_OFF = timedelta(seconds=10)
LONGEST_BACK_OFF = timedelta(minutes=5)
"""Of what is tried until it expires."""
LONGEST = timedelta(hours=1)
"""However long the other side asks us to wait, we ask again after this; for what is patient after LONGEST_BACK_OFF."""
GRACE_S = 20.0
"""What is left of a lease when sending must have begun: by its end it is over, one way or the other."""
UNSURE = timedelta(seconds=5)
IN_A_ROW = 5
"""Letters that got no answer, one after the other, before a channel counts as stalled."""


@dataclass(frozen=True, slots=True)
class InHand:
    """One delivery that this process has claimed, opened and written."""

    delivery: Delivery
    letter: Letter
    until: float
    """Tick at which the lease nears its end: whoever has not begun by then must not begin."""


class Desk(Protocol):
    """What a lane needs of the process around it."""

    def ticks(self) -> float:
        """Give seconds that never jump."""

    def wire(self) -> aiohttp.ClientSession:
        """Give the connections that channels share."""

    async def take(self, kind: str, limit: int) -> list[InHand]:
        """Claim and open what is due for a channel."""

    def end(self, one: Delivery, ending: Ending, *, gone: bool = False) -> None:
        """Write down soon how a try ended."""

    def moment(self) -> tuple[datetime, datetime]:
        """Give the world's time twice: by the steady clock, and by the wall as it is at this very moment."""

    def withdrawn(self, alert: str) -> bool:
        """Tell whether an alert was taken back."""


class Lane:
    """Sends the letters of one channel."""

    def __init__(self, kind: str, channel: Channel, desk: Desk) -> None:
        self.kind, self.channel, self.desk = kind, channel, desk
        self.limit = FEWEST
        self.sent = 0
        self.rest, self.bucket = Rest(), Bucket(per_second(channel))
        self.parallel = parallel(channel)
        self._wired = channel if isinstance(channel, Wired) else None
        self.together = together(channel)
        self._waiting: deque[list[InHand]] = deque()
        self._hands: set[asyncio.Task[None]] = set()
        """Each sends one group after the other."""
        self._under_way = 0
        self._landed, self._emptied, self._door = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self._unanswered = 0
        self._threads: ThreadPoolExecutor | None = None

    async def until_empty(self) -> None:
        """Send all that is due now; while a batch goes out, the next ones are opened."""
        if self._long_rest():
            return
        opening = deque(self._opened() for _ in range(AHEAD))
        try:
            while opening:
                batch = await opening.popleft()
                if batch and not self._long_rest():
                    opening.append(self._opened())
                    await self.send(batch)
                else:
                    self.give_back(batch)
        except asyncio.CancelledError:
            for one in opening:
                one.cancel()
            raise
        finally:
            for left in await asyncio.gather(*opening, return_exceptions=True):
                self.give_back(left if isinstance(left, list) else ())

    def _opened(self) -> asyncio.Future[list[InHand]]:
        return asyncio.ensure_future(self.desk.take(self.kind, self.limit))

    async def send(self, batch: Sequence[InHand]) -> None:
        """Set a batch on its way; some of it is perhaps still under way at the end."""
        begun = self.desk.ticks()
        self._waiting.extend(self._groups(batch))
        self._emptied.clear()
        self._begin()
        try:
            while self._waiting:
                await self._emptied.wait()
        except asyncio.CancelledError:
            self._put_down()
            raise
        self._adapt(self.desk.ticks() - begun, len(batch))

    async def landed(self) -> None:
        """Wait for everything that is under way; what broke down in it is raised here."""
        while self._hands:
            done, _ = await asyncio.wait(set(self._hands), return_when=asyncio.FIRST_COMPLETED)
            for hand in done:
                hand.result()

    def give_back(self, batch: Iterable[InHand], again: timedelta = timedelta(0)) -> None:
        """Give back what was not tried."""
        for one in batch:
            self.desk.end(one.delivery, Ending(one.delivery.id, LATER, again=again))

    def close(self) -> None:
        """Let go of threads and connections; a call that hangs is not waited for."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        shut = getattr(self.channel, "close", None)
        if shut is not None:
            shut()

    def _begin(self) -> None:
        """Set as many hands to work as there are groups, and as the channel likes."""
        for _ in range(min(self.parallel - len(self._hands), len(self._waiting))):
            hand = asyncio.ensure_future(self._work())
            self._hands.add(hand)
            hand.add_done_callback(self._ended)

    def _ended(self, hand: asyncio.Task[None]) -> None:
        self._hands.discard(hand)
        fault = None if hand.cancelled() else hand.exception()
        if isinstance(fault, Exception):
            log.error("post: %s: %s", self.kind, whereabouts(fault))
        self._begin()  # what came while it ended, or what it left where it broke down

    async def _work(self) -> None:
        """Send one group after the other while any wait."""
        while self._waiting:
            if not self._free() and not await self._turn():
                return
            group = self._waiting.popleft()
            if not self._waiting:
                self._emptied.set()
            try:
                if still := self._still(group):
                    await self._go(still)
            except Exception as bug:  # noqa: BLE001  # what is never ended stays in hand, and nobody would try it again
                log.error("post: %s: %s", self.kind, whereabouts(bug))
                for one in group:
                    self.desk.end(one.delivery, Ending(one.delivery.id, RETRY, type(bug).__name__, BACK_OFF))

    def _long_rest(self) -> bool:
        return self.rest.left(self.desk.ticks()) > LINGER_S

    def _free(self) -> bool:
        """Tell whether one more may go at once, without a look at clock or door."""
        return not self.rest.knocking and self.bucket.per_second <= 0

    async def _turn(self) -> bool:
        """Wait until one more may go, one behind the other; False where none waits any more."""
        async with self._door:
            while self._waiting:
                left = self.rest.left(self.desk.ticks())
                if left > LINGER_S:
                    self._put_down()
                elif left > 0:
                    await asyncio.sleep(left)
                elif self.rest.knocking and self._under_way:
                    self._landed.clear()
                    await self._landed.wait()
                else:
                    if (wait := self.bucket.take(self.desk.ticks())) > 0:
                        await asyncio.sleep(wait)
                    break
        return bool(self._waiting)

    def _put_down(self) -> None:
        """Give back everything that waits."""
        self.give_back(one for group in self._waiting for one in group)
        self._waiting.clear()
        self._emptied.set()

    def _adapt(self, took_s: float, number: int) -> None:
        """Claim more where a batch is gone in no time, fewer where others wait long behind it."""
        if self.rest.knocking:
            self.limit = FEWEST
        elif took_s < QUICK_S and number >= self.limit:
            self.limit = min(MOST, self.limit * 2)
        elif took_s > SLOW_S:
            self.limit = max(FEWEST, self.limit // 2)

    def _groups(self, batch: Sequence[InHand]) -> Iterator[list[InHand]]:
        """Put letters of the same words together where the channel takes several in one call."""
        if self.together == 1:
            yield from ([one] for one in batch)
            return
        alike: dict[tuple[str, str, str, str, str], list[InHand]] = {}
        for one in batch:
            notice = one.letter.notice
            words = (notice.headline, notice.text, notice.url, notice.unsubscribe, one.letter.language)
            alike.setdefault(words, []).append(one)
        for group in alike.values():
            for at in range(0, len(group), self.together):
                yield group[at : at + self.together]

    def _still(self, group: Sequence[InHand]) -> list[InHand]:
        """Look once more, just before sending: what is late, taken back, or soon another's, is not sent."""
        now, at_the_wall = self.desk.moment()
        kept: list[InHand] = []
        for one in group:
            number, end = one.delivery.id, one.delivery.notice.expires_at
            if end <= now:
                self.desk.end(one.delivery, Ending(number, "expired", "its time had passed"))
            elif end <= at_the_wall:  # the clock has just jumped: believed only once that has lasted
                self.desk.end(one.delivery, Ending(number, LATER, again=UNSURE))
            elif self.desk.withdrawn(one.delivery.notice.alert):
                self.desk.end(one.delivery, Ending(number, "withdrawn", "it was taken back before it was sent"))
            elif self.desk.ticks() >= one.until:
                self.desk.end(one.delivery, Ending(number, LATER))
            else:
                kept.append(one)
        return kept

    async def _go(self, group: Sequence[InHand]) -> None:
        """Send one group and say how each of it ended."""
        self._under_way += 1
        try:
            ends = await self._handed(group)
        finally:
            self._under_way -= 1
            self._landed.set()
        if any(end is None for end in ends):
            self.rest.over()
            self._unanswered = 0
        for one, end in zip(group, ends, strict=True):
            self.sent += end is None
            ending = Ending(one.delivery.id, "sent") if end is None else self._failed(one.delivery, end)
            self.desk.end(one.delivery, ending, gone=end is not None and end.gone)

    async def _handed(self, group: Sequence[InHand]) -> Sequence[Undeliverable | None]:
        left = max(0.1, min(one.until for one in group) + GRACE_S - self.desk.ticks())
        try:
            async with asyncio.timeout(left):
                if self._wired is not None:
                    return await self._wired.hand_over([one.letter for one in group], self.desk.wire())
                return [await self._called(one.letter) for one in group]
        except TimeoutError:
            fault = Undeliverable(f"{self.kind}: no answer within {left:.0f} s")
        except Undeliverable as known:
            fault = known
        except BadConfig as wrong:
            fault = Undeliverable(str(wrong), forever=True)
        except Exception as bug:  # noqa: BLE001  # a channel's own bug must not keep every other notice from going out
            log.error("post: %s failed: %s", self.kind, whereabouts(bug))
            fault = Undeliverable(type(bug).__name__)
        return [fault] * len(group)

    async def _called(self, letter: Letter) -> Undeliverable | None:
        """Call a channel that waits itself, from a thread of this lane's own."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.parallel, thread_name_prefix=f"post {self.kind}")
        loop, one = asyncio.get_running_loop(), self.channel
        if isinstance(one, Enveloped):
            await loop.run_in_executor(self._threads, one.send_sealed, letter)
        else:
            await loop.run_in_executor(self._threads, one.send, letter.notice, letter.address, letter.key)
        return None

    def _failed(self, one: Delivery, fault: Undeliverable) -> Ending:
        """Say what follows from a failure, and let the channel rest where it is the channel's."""
        if fault.forever:
            return Ending(one.id, "refused", str(fault))
        longest = LONGEST_BACK_OFF if one.notice.patient else LONGEST
        asked = min(timedelta(seconds=fault.after_s or 0), longest)
        if fault.busy or fault.after_s is not None:
            self.rest.begin(self.desk.ticks(), fault.after_s)
            return Ending(one.id, RETRY, str(fault), max(asked, timedelta(seconds=1)))
        self._unanswered += 1
        if self._unanswered >= IN_A_ROW:
            self.rest.begin(self.desk.ticks(), None)
        if one.tries >= MAX_TRIES and not one.notice.patient:
            return Ending(one.id, "refused", str(fault))
        wait = BACK_OFF * 2 ** min(one.tries, MAX_TRIES)
        if one.notice.patient:
            wait = min(wait, LONGEST_BACK_OFF)
        return Ending(one.id, RETRY, str(fault), max(wait, asked))
