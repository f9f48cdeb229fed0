"""Watching the watchers: sources that fall silent, sensors that die while the water is high; staff are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.config import Config, Sensor
from disaster_hub.rules import water
from disaster_hub.store import journal, observations, outbox, pulse
from disaster_hub.store.pulse import SourcePulse
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice import JournalEntry, Notice
from disaster_hub.terms.observation import Observation

LIFE = timedelta(hours=2)
LOOK_BACK = timedelta(hours=26)
"""A cheap gauge may speak once a day while it is low."""


def watch(store: Store, config: Config, now: datetime) -> None:
    """Write what has fallen silent and what came back; each silence once."""
    with store.write() as tx:
        known = {p.source: p for p in pulse.sources(tx)}
        for feed in config.feeds:
            if feed.name in known:
                _source(tx, known[feed.name], feed.stale_after_s, config, now)
        recent = observations.recent(tx, now - LOOK_BACK)
        for sensor in config.sensors:
            _sensor(tx, sensor, recent.get(sensor.id, []), config, now)


def _source(tx: Transaction, one: SourcePulse, stale_after_s: float, config: Config, now: datetime) -> None:
    good = one.last_success
    if good is None or now - good <= timedelta(seconds=stale_after_s):
        return
    text = f"情報源 {one.source} が {good.astimezone(config.city.zone):%H:%M} から応答しません：{one.last_reason}"
    _tell(tx, f"source_down:{one.source}:{good.isoformat()}", "source_down", one.source, text, config, now)


def own(sensor: Sensor) -> water.Own:
    """Give what the city has set for *sensor*, as the rules want it."""
    return water.Own(sensor.interval_s, sensor.interval_low_s, sensor.start_m, sensor.near, sensor.met)


def _sensor(tx: Transaction, sensor: Sensor, seen: list[Observation], config: Config, now: datetime) -> None:
    readings = [o for o in seen if o.quantity in {"water_level", "rainfall"}]
    state = water.judge(own(sensor), readings, now)
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
