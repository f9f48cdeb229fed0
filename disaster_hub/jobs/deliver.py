"""The `post` process: claims due notices with a lease, sends outside any transaction, settles."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from disaster_hub.config import Config
from disaster_hub.jobs.addresses import ContactBook
from disaster_hub.jobs.process import Heart, stop_on_signals, worker_name
from disaster_hub.jobs.watch import Moment, watch_clock
from disaster_hub.store import outbox, worlds
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, Undeliverable, Unreachable
from disaster_hub.terms.notice import Delivery
from disaster_hub.terms.world import World
from timelines.channel import Channel, channel

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=30)
BATCH = 20
IDLE_S = 0.5
TROUBLE_S = 5.0
LOOK = timedelta(seconds=10)
MAX_TRIES = 8
BACK_OFF = timedelta(seconds=10)
LONGEST = timedelta(hours=1)
"""However long the other side asks us to wait, we ask again after this."""


class Addresses(Protocol):
    """Where a delivery's address is looked up just before sending: what is personal does not lie in the outbox."""

    def find(self, delivery: Delivery) -> str:
        """Give the address itself; Undeliverable where there is none any more."""

    def gone(self, delivery: Delivery) -> None:
        """Take it off the list: the channel says that nobody is there any more."""


class AsWritten:
    """The addresses of staff stand in the outbox as they are."""

    def find(self, delivery: Delivery) -> str:
        """Give what is written."""
        return delivery.address

    def gone(self, delivery: Delivery) -> None:
        """Leave the list alone: the staff's is in the configuration."""


AS_WRITTEN = AsWritten()


@dataclass(frozen=True, slots=True)
class Ending:
    """How one try ended."""

    outcome: str
    reason: str = ""
    asked: timedelta = timedelta(0)
    """The wait that the other side asked for."""
    gone: bool = False


def deliver_due(
    store: Store,
    now: datetime,
    wall: datetime,
    worker: str,
    give: Callable[[str], Channel],
    clock: Callable[[], datetime] | None = None,
    addresses: Addresses = AS_WRITTEN,
) -> int:
    """Send what is due, at most one batch; give how many were tried. *clock* tells the time at each sending."""
    with store.write() as tx:
        batch = outbox.claim(tx, now, wall=wall, lease=LEASE, limit=BATCH, worker=worker)
    for one in batch:
        end = _send(one, clock() if clock else now, give, addresses)
        with store.write() as tx:
            again = max(BACK_OFF * 2 ** min(one.tries, MAX_TRIES), end.asked)
            outbox.settle(tx, one.id, end.outcome, end.reason, now, worker, wall=wall, again=again)
        # Afterwards: where we die in between, the next message finds the same nobody there.
        if end.gone:
            addresses.gone(one)
    return len(batch)


def _send(one: Delivery, now: datetime, give: Callable[[str], Channel], addresses: Addresses) -> Ending:
    """Send one; what has expired since it was claimed is not sent."""
    if one.notice.expires_at <= now:
        return Ending("expired", "its time had passed")
    key = f"{one.notice.key}/{one.channel}/{one.address}"
    again = "refused" if one.tries >= MAX_TRIES else "retry"
    try:
        give(one.channel).send(one.notice, addresses.find(one), key)
    except Undeliverable as fault:
        asked = min(timedelta(seconds=fault.after_s or 0), LONGEST)
        return Ending("refused" if fault.forever else again, str(fault), asked, fault.gone)
    except BadConfig as fault:
        return Ending("refused", str(fault))
    except Exception as fault:  # noqa: BLE001  # a channel's own bug must not keep every other notice from going out
        # The type and the place only: its text, and the values in its traceback, may hold the address.
        place = traceback.extract_tb(fault.__traceback__)[-1]
        log.error("post: %s failed: %s at %s:%s", one.channel, type(fault).__name__, place.filename, place.lineno)
        return Ending(again, type(fault).__name__)
    return Ending("sent")


def run_post(config: Config) -> None:
    """Deliver until told to stop; a store that does not answer is waited for."""
    stop = stop_on_signals()
    store = open_store(config.store)
    world = _world(store)
    worker = worker_name()
    known: dict[str, Channel] = {}
    mine = replace(config, world=world)  # the store's clock is the one that decides what is late
    started = looked = utc_now()

    def give(kind: str) -> Channel:
        return known.get(kind) or known.setdefault(kind, channel(kind, mine))

    book = ContactBook(store, config.keys.folder)
    with Heart(store, world, "post"):
        while not stop.is_set():
            wall = utc_now()
            try:
                tried = deliver_due(store, world.now(wall), wall, worker, give, lambda: world.now(utc_now()), book)
                if wall - looked > LOOK:
                    looked = wall
                    watch_clock(store, config, Moment(world.now(wall), wall, world.now(started), started))
            except Unreachable as fault:
                log.error("post: %s", fault)
                stop.wait(TROUBLE_S)
                continue
            if not tried:
                stop.wait(IDLE_S)
    book.close()
    store.close()


def _world(store: Store) -> World:
    with store.read() as tx:
        return worlds.current(tx)
