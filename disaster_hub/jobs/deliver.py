"""The `post` process: claims due notices with a lease, sends outside any transaction, settles."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from disaster_hub.config import Config
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


def deliver_due(
    store: Store,
    now: datetime,
    wall: datetime,
    worker: str,
    give: Callable[[str], Channel] = channel,
    clock: Callable[[], datetime] | None = None,
) -> int:
    """Send what is due, at most one batch; give how many were tried. *clock* tells the time at each sending."""
    with store.write() as tx:
        batch = outbox.claim(tx, now, wall=wall, lease=LEASE, limit=BATCH, worker=worker)
    for one in batch:
        outcome, reason = _send(one, clock() if clock else now, give)
        with store.write() as tx:
            again = BACK_OFF * 2 ** min(one.tries, MAX_TRIES)
            outbox.settle(tx, one.id, outcome, reason, now, worker, wall=wall, again=again)
    return len(batch)


def _send(one: Delivery, now: datetime, give: Callable[[str], Channel]) -> tuple[str, str]:
    """Send one; what has expired since it was claimed is not sent."""
    if one.notice.expires_at <= now:
        return "expired", "its time had passed"
    key = f"{one.notice.key}/{one.channel}/{one.address}"
    try:
        give(one.channel).send(one.notice, one.address, key)
    except Undeliverable as fault:
        final = fault.forever or one.tries >= MAX_TRIES
        return ("refused" if final else "retry"), str(fault)
    except BadConfig as fault:
        return "refused", str(fault)
    except Exception as fault:  # a channel's own bug must not keep every other notice from going out
        log.exception("post: %s failed", one.channel)
        return ("refused" if one.tries >= MAX_TRIES else "retry"), f"{type(fault).__name__}: {fault}"
    return "sent", ""


def run_post(config: Config) -> None:
    """Deliver until told to stop; a store that does not answer is waited for."""
    stop = stop_on_signals()
    store = open_store(config.store)
    world = _world(store)
    worker = worker_name()
    known: dict[str, Channel] = {}
    started = looked = utc_now()

    def give(kind: str) -> Channel:
        return known.get(kind) or known.setdefault(kind, channel(kind))

    with Heart(store, world, "post"):
        while not stop.is_set():
            wall = utc_now()
            try:
                tried = deliver_due(store, world.now(wall), wall, worker, give, lambda: world.now(utc_now()))
                if wall - looked > LOOK:
                    looked = wall
                    watch_clock(store, config, Moment(world.now(wall), wall, world.now(started), started))
            except Unreachable as fault:
                log.error("post: %s", fault)
                stop.wait(TROUBLE_S)
                continue
            if not tried:
                stop.wait(IDLE_S)
    store.close()


def _world(store: Store) -> World:
    with store.read() as tx:
        return worlds.current(tx)
