"""Watching the watchers: sources and processes that fall silent, sensors that die while the water is high."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.config import Config, Sensor
from disaster_hub.rules import water
from disaster_hub.rules.health import PROCESSES
from disaster_hub.store import journal, observations, outbox, pulse, sensors
from disaster_hub.store.pulse import SourcePulse
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice import JournalEntry, Notice

LIFE = timedelta(hours=2)
LOOK_BACK = timedelta(hours=26)
"""A cheap gauge may speak once a day while it is low."""
QUIET = timedelta(seconds=15)
"""In wall time: in a fast replay a hiccup of this machine is no outage."""
LATE = timedelta(seconds=30)
"""Six heartbeats missed, in wall time."""
BROKER = "mqtt"
BROKER_QUIET = timedelta(seconds=60)
DOWN, BACK = "source_down", "source_back"


@dataclass(frozen=True, slots=True)
class Moment:
    """One look: the world's time, the wall's, and both at which the looking began.

    What was silent while nobody looked is not late yet: this process may itself have been down.
    """

    now: datetime
    wall: datetime
    since: datetime
    wall_since: datetime


def watch(store: Store, config: Config, look: Moment) -> None:
    """Write what has fallen silent and what came back, each once, and tell the staff."""
    with store.write() as tx:
        _sources(tx, config, look)
        _processes(tx, config, look, [p for p in PROCESSES if p != "clock"])
        at_work = sensors.maintained(tx, look.now)
        for sensor in sensors.current(tx, config.sensors):
            _sensor(tx, sensor, config, look.now, maintained=sensor.id in at_work)


def watch_clock(store: Store, config: Config, look: Moment) -> None:
    """Write that the clock is late: `post` looks after it, since it cannot do so itself."""
    with store.write() as tx:
        _processes(tx, config, look, ["clock"])


def _sources(tx: Transaction, config: Config, look: Moment) -> None:
    patience = {feed.name: (timedelta(seconds=feed.stale_after_s), QUIET) for feed in config.feeds}
    patience[BROKER] = (timedelta(0), BROKER_QUIET)
    open_ones: dict[str | None, JournalEntry] = {}
    for entry in journal.entries(tx, kinds=(DOWN, BACK), limit=200):
        open_ones.setdefault(entry.where, entry)
    for one in pulse.sources(tx):
        if one.source in patience:
            _source(tx, one, patience[one.source], open_ones.get(one.source), config, look)


def _source(
    tx: Transaction,
    one: SourcePulse,
    patience: tuple[timedelta, timedelta],
    last: JournalEntry | None,
    config: Config,
    look: Moment,
) -> None:
    """Tell the beginning and the end of one silence; its key is the last good answer before it."""
    good = one.last_success
    silent = look.now - max(good or look.since, look.since)
    wall = timedelta(seconds=config.world.wall_seconds(silent.total_seconds()))
    if silent > patience[0] and wall > patience[1]:
        since = f"{good.astimezone(config.city.zone):%H:%M} から" if good else "一度も"
        text = f"情報源 {one.source} が {since}応答しません：{one.last_reason or '理由不明'}"
        key = f"{DOWN}:{one.source}:{good.isoformat() if good else 'never'}"
        _tell(tx, key, DOWN, one.source, text, config, look.now)
    elif last is not None and last.kind == DOWN and good is not None and good > last.at:
        text = f"情報源 {one.source} が {good.astimezone(config.city.zone):%H:%M} に応答を再開しました"
        _tell(tx, f"{BACK}:{last.key}", BACK, one.source, text, config, look.now)


def _processes(tx: Transaction, config: Config, look: Moment, names: list[str]) -> None:
    newest = {beat.process: beat.wall for beat in sorted(pulse.heartbeats(tx), key=lambda beat: beat.wall)}
    for name in names:
        last = newest.get(name)
        if last is not None and look.wall - max(last, look.wall_since) > LATE:
            text = f"プロセス {name} が {last.astimezone(config.city.zone):%H:%M:%S} から止まっています"
            _tell(tx, f"process_late:{name}:{last.isoformat()}", "process_late", name, text, config, look.now)


def own(sensor: Sensor, *, maintained: bool = False) -> water.Own:
    """Give what the city has set for *sensor*, as the rules want it."""
    marks = (sensor.start_m, sensor.near, sensor.met)
    return water.Own(sensor.interval_s, sensor.interval_low_s, *marks, maintained=maintained)


def _sensor(tx: Transaction, sensor: Sensor, config: Config, now: datetime, *, maintained: bool) -> None:
    quantity = "rainfall" if sensor.kind == "rain" else "water_level"
    seen = [o for o in observations.of_station(tx, sensor.id, quantity, now - LOOK_BACK) if o.issued_at is None]
    state = water.judge(own(sensor, maintained=maintained), seen, now)
    if state.state is Judgement.NOT_KNOWN and state.danger and state.since is not None:
        text = f"{sensor.name}：{state.reason}、{state.since.astimezone(config.city.zone):%H:%M}から"
        key = f"sensor_silent:{sensor.id}:{state.since.isoformat()}"
        _tell(tx, key, "sensor_silent", sensor.id, text, config, now)


def _tell(tx: Transaction, key: str, kind: str, where: str, text: str, config: Config, now: datetime) -> None:
    """Write the happening and tell the staff, once."""
    if not journal.add(tx, JournalEntry(now, kind, "hub", text, where, None, key)):
        return
    mark = "【訓練】" if config.world.exercise else ""
    notice = Notice(key, config.world.kind, kind, f"{mark}{text[:60]}", f"{mark}{text}", now, now + LIFE, 3)
    outbox.enqueue(tx, notice, [(s.channel, s.address) for s in config.staff])
