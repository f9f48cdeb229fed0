"""The `clock` process: APScheduler alone, exactly one; it polls, judges and watches."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Lock

from apscheduler.schedulers.background import BackgroundScheduler

from disaster_hub.alerts.cap_anew import write_anew
from disaster_hub.alerts.sirens import LOOK_S
from disaster_hub.config import Config
from disaster_hub.jobs.automatic import automatic_notices
from disaster_hub.jobs.cameras import MOST_BYTES, Watcher
from disaster_hub.jobs.canary import Canaries
from disaster_hub.jobs.crossings import Crossings
from disaster_hub.jobs.daemons import Daemons
from disaster_hub.jobs.decide import decide
from disaster_hub.jobs.decide_by import decide_by_job
from disaster_hub.jobs.forget import forget
from disaster_hub.jobs.helping import Helping
from disaster_hub.jobs.ingest import Poller
from disaster_hub.jobs.judge import judge_waiting
from disaster_hub.jobs.memory import long_lived
from disaster_hub.jobs.plausible import Plausible
from disaster_hub.jobs.process import Heart, dead_here, stop_on_signals, worker_name
from disaster_hub.jobs.releases import put_files
from disaster_hub.jobs.spread import spread_job
from disaster_hub.jobs.watch import Moment, watch
from disaster_hub.planning.replan import Replanner, replanner
from disaster_hub.store import pulse, raws, worlds
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import Unreachable, whereabouts
from disaster_hub.terms.world import World
from sensors.fetch import Door

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=6)
"""A clock that was killed is replaced within this time."""
RENEW_S = 2.0
WAIT_S = 1.0
FASTEST_POLL_S = 0.5
FASTEST_JUDGE_S = 0.25
REPLAN_S = 1.0
SPREAD_S = 0.5
DECIDE_BY_S = 2.0
DECIDE_S = 1.0
WATCH_S = 3.0
"""Of the wall, in every world."""
CANARY_S = LOOK_S
PURGE_S = 86_400.0
CAP_S = 600.0
PURGE_PART = 20_000


def run_clock(config: Config) -> None:
    """Run the schedule until told to stop; a second clock on the same store waits for the first to end."""
    stop = stop_on_signals()
    store = open_store(config.store)
    with store.read() as tx:
        world = worlds.current(tx)
    holder = worker_name()
    with Heart(store, world, "clock") as heart:
        if _wait_for_lease(store, holder, stop, heart):
            scheduler = _scheduler(store, config, world)
            scheduler.start()
            long_lived()
            _keep_lease(store, holder, stop)
            scheduler.shutdown(wait=True)
    store.close()


def _wait_for_lease(store: Store, holder: str, stop: Event, heart: Heart) -> bool:
    """Wait until this is the only clock; False where the end came first."""
    said = False
    while not stop.is_set():
        held = _lease(store, holder)
        if held:
            heart.note = ""
            return True
        if held is False and not said:
            log.warning("clock: another clock runs on this store; waiting for it to end")
            heart.note, said = "waits: another clock runs", True
        stop.wait(WAIT_S)
    return False


def _lease(store: Store, holder: str) -> bool | None:
    """Take or keep the lease; False where another clock has it, None where the store does not answer."""
    try:
        with store.write() as tx:
            before = pulse.lease_holder(tx, "clock")
            if before is not None and before != holder and dead_here(before):
                pulse.drop_lease(tx, "clock", before)  # killed on this machine: its lease need not run out
            return pulse.take_lease(tx, "clock", holder, utc_now(), LEASE)
    except Unreachable as fault:
        log.error("clock: %s", fault)
        return None


def _keep_lease(store: Store, holder: str, stop: Event) -> None:
    """Keep the lease until told to stop, or until another clock has it: two would only be in each other's way."""
    while not stop.wait(RENEW_S):
        if _lease(store, holder) is False:
            log.error("clock: another clock has taken over; this one ends")
            return
    try:
        with store.write() as tx:
            pulse.drop_lease(tx, "clock", holder)
    except Unreachable as fault:
        log.error("clock: %s; the lease runs out by itself", fault)


def _scheduler(store: Store, config: Config, world: World) -> BackgroundScheduler:
    """Give every job its interval, in this world's seconds; each runs alone and never twice at once."""
    late = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone="UTC", executors={"default": Daemons()}, job_defaults=late)
    out = config.outgoing
    judging = partial(_judge, store, config, world, Lock())
    started = utc_now()

    def add(name: str, job: Callable[[], object], seconds: float, least: float) -> None:
        wall = max(least, world.wall_seconds(seconds))
        scheduler.add_job(_living(name, job), "interval", seconds=wall, id=name, next_run_time=utc_now())

    for feed in config.feeds:
        door = Door(timeout_s=out.timeout_s, max_bytes=out.max_bytes, proxy=out.proxy, ca=out.ca)
        poller = Poller(store, feed, door)
        add(f"poll {feed.name}", partial(_poll, poller, world, judging), feed.every_s, FASTEST_POLL_S)
    for camera in config.cameras:
        door = Door(timeout_s=out.timeout_s, max_bytes=MOST_BYTES, proxy=out.proxy, ca=out.ca)
        eye = Watcher(store, camera, door, world, config.city.zone)
        add(f"camera {camera.id}", partial(_look, eye, world), camera.every_s, FASTEST_POLL_S)
    add("judge", judging, config.judge_every_s, FASTEST_JUDGE_S)
    plans = replanner(store, config)
    add("replan", partial(_replan, plans, world), 0, REPLAN_S)
    add("spread", spread_job(plans.planner, lambda: world.now(utc_now()), utc_now), 0, SPREAD_S)
    add("decide by", decide_by_job(plans.planner, lambda: world.now(utc_now())), 0, DECIDE_BY_S)
    add("decide", lambda: decide(store, config, world.now(utc_now())), config.judge_every_s, DECIDE_S)
    add("watch", partial(_watch, store, config, world, started), 0, WATCH_S)
    looks = (Plausible(store, config), Crossings(store, config))
    add("crossings", partial(_cross, store, config, world, looks), 0, WATCH_S)
    keys = Keyring.open(config.keys.folder)
    helping = Helping(store, config, keys)
    canaries = Canaries(store, replace(config, world=world), keys)
    add("canary", lambda: canaries.run(world.now(utc_now()), utc_now()), 0, CANARY_S)
    add("helping", lambda: helping.run(world.now(utc_now())), 0, WATCH_S)
    add("cap", lambda: write_anew(store, config, world.now(utc_now())), CAP_S, 10.0)
    add("releases", lambda: put_files(store, config, world.now(utc_now())), 0, WATCH_S)
    add("forget", lambda: forget(store, keys, world.now(utc_now())), PURGE_S, 3600.0)
    add("forget canaries", lambda: canaries.forget(utc_now()), PURGE_S, 3600.0)
    add("purge", lambda: _purge(store, config, world), PURGE_S, 3600.0)
    return scheduler


def _poll(poller: Poller, world: World, judging: Callable[[], None]) -> None:
    """Poll, and judge at once what came."""
    poller.poll(world.now(utc_now()))
    judging()


def _look(eye: Watcher, world: World) -> None:
    """Look through one camera."""
    eye.look(world.now(utc_now()))


def _judge(store: Store, config: Config, world: World, one_at_a_time: Lock) -> None:
    """Judge what came, and let the town's rules see it at once."""
    with one_at_a_time:
        judge_waiting(store, config)
        automatic_notices(store, config, world.now(utc_now()))


def _replan(plans: Replanner, world: World) -> None:
    """Keep every household's plan true."""
    plans.run(world.now(utc_now()))


def _cross(store: Store, config: Config, world: World, looks: tuple[Plausible, Crossings]) -> None:
    """Write which readings are doubted, then which gauges passed a threshold; then the town's rules see both."""
    now = world.now(utc_now())
    for look in looks:
        look.run(now)
    automatic_notices(store, config, now)


def _watch(store: Store, config: Config, world: World, started: datetime) -> None:
    wall = utc_now()
    watch(store, config, Moment(world.now(wall), wall, world.now(started), started))


def _living(name: str, job: Callable[[], object]) -> Callable[[], None]:
    """Let a job fail without ending the schedule: a store that does not answer is said once, then again when back."""
    down = False

    def run() -> None:
        nonlocal down
        try:
            job()
        except Unreachable as fault:
            if not down:
                log.error("%s: %s", name, fault)
            down = True
        except Exception as fault:  # noqa: BLE001  # its text may hold what is personal
            log.error("%s: failed; it is tried again at its next time: %s", name, whereabouts(fault))
        else:
            if down:
                log.info("%s: goes on", name)
            down = False

    return run


def _purge(store: Store, config: Config, world: World) -> None:
    """Forget old raw answers, a part at a time: nobody waits long for the store meanwhile."""
    before = world.now(utc_now()) - timedelta(days=config.keep_raw_days)
    while True:
        with store.write() as tx:
            if raws.purge(tx, before, limit=PURGE_PART) < PURGE_PART:
                return
