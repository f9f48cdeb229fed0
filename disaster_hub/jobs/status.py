"""How the hub is: heartbeats, sources, broker, clock and disk, in words an operator reads on the phone."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.rules.health import Health, beat_states, broker_note, source_states
from disaster_hub.store import outbox, pulse, worlds
from disaster_hub.store.session import Store

LOW_DISK_BYTES = 1_000_000_000


def status_text(store: Store, config: Config, wall: datetime) -> str:
    """Give the status as plain text; every late or failing line begins with an exclamation mark."""
    with store.read() as tx:
        world = worlds.current(tx)
        now = world.now(wall)
        beats = beat_states([(b.process, b.worker, b.wall, b.note) for b in pulse.heartbeats(tx)], wall)
        names = [(f.name, timedelta(seconds=f.stale_after_s)) for f in config.feeds]
        known = {p.source: p for p in pulse.sources(tx)}
        waiting = outbox.counts(tx)
    sources = source_states(names, known, now)
    lines = [f"world: {world.kind.value} {world.name!r}, {now.astimezone(config.city.zone):%Y-%m-%d %H:%M}", ""]
    lines += [_line(h) for h in beats] + [""] + [_line(h) for h in sources] + [""]
    lines.append(f"  outbox: {waiting.get('due', 0)} due, {waiting.get('sent', 0)} sent")
    lines.append(f"  broker: {broker_note(embedded=config.mqtt.embedded)}")
    lines.append(_disk(store))
    return "\n".join(lines) + "\n"


def _line(health: Health) -> str:
    return f"{' ' if health.good else '!'} {health.name}: {health.words}"


def _disk(store: Store) -> str:
    if not store.sqlite:
        return f"  store: {store.url}"
    place = Path(str(store.engine.url.database)).absolute().parent
    free = shutil.disk_usage(place).free
    return f"{' ' if free > LOW_DISK_BYTES else '!'} disk: {free / 1e9:.1f} GB free beside the store"
