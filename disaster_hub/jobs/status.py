"""How the hub is: heartbeats, sources, broker, clock and disk, in words an operator reads on the phone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from disaster_hub.config import Config
from disaster_hub.rules.health import Health, beat_states, broker_note, clock_state, source_states
from disaster_hub.store import bulletins, observations, outbox, pulse, worlds
from disaster_hub.store.session import Store
from disaster_hub.terms.world import World

LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the status says, as it stood at one moment."""

    world: World
    now: datetime
    processes: Sequence[Health]
    sources: Sequence[Health]
    outbox: Mapping[str, int]
    newest: datetime | None
    """The newest fact there is; a clock is wrong where it lies in the future."""


def look(store: Store, config: Config, wall: datetime) -> Status:
    """Read the status in one snapshot."""
    with store.read() as tx:
        world = worlds.current(tx)
        now = world.now(wall)
        beats = beat_states([(b.process, b.worker, b.wall, b.note) for b in pulse.heartbeats(tx)], wall)
        names = [(f.name, timedelta(seconds=f.stale_after_s)) for f in config.feeds]
        sources = source_states(names, {p.source: p for p in pulse.sources(tx)}, now)
        times = [o.at for seen in observations.latest(tx).values() for o in seen]
        times += [b.bulletin.sent_at for b in bulletins.recent(tx, 20)]
        return Status(world, now, beats, sources, outbox.counts(tx), max(times, default=None))


def status_text(store: Store, config: Config, wall: datetime) -> str:
    """Give the status as plain text; every late or failing line begins with an exclamation mark."""
    seen = look(store, config, wall)
    local = seen.now.astimezone(config.city.zone)
    lines = [f"world: {seen.world.kind.value} {seen.world.name!r}, {local:%Y-%m-%d %H:%M}", ""]
    lines += [_line(h) for h in seen.processes] + [""] + [_line(h) for h in seen.sources] + [""]
    lines.append(f"  outbox: {seen.outbox.get('due', 0)} due, {seen.outbox.get('sent', 0)} sent")
    lines.append(f"  broker: {broker_note(embedded=config.mqtt.embedded)}")
    lines.append(_line(clock_state(seen.newest, seen.now)))
    lines.append(_disk(store))
    return "\n".join(lines) + "\n"


def status_dict(store: Store, config: Config, wall: datetime) -> dict[str, Any]:
    """Give the same for programs: what is well, what is not, and the words."""
    seen = look(store, config, wall)
    return {
        "world": {"kind": seen.world.kind.value, "name": seen.world.name},
        "now": seen.now.astimezone(config.city.zone).isoformat(timespec="seconds"),
        "processes": [asdict(h) for h in seen.processes],
        "sources": [asdict(h) for h in seen.sources],
        "outbox": dict(seen.outbox),
        "broker": broker_note(embedded=config.mqtt.embedded),
        "clock": asdict(clock_state(seen.newest, seen.now)),
        "disk": _disk(store).strip(),
    }


def _line(health: Health) -> str:
    return f"{' ' if health.good else '!'} {health.name}: {health.words}"


def _disk(store: Store) -> str:
    if not store.sqlite:
        return f"  store: {store.url}"
    place = Path(str(store.engine.url.database)).absolute().parent
    free = shutil.disk_usage(place).free
    return f"{' ' if free > LOW_DISK_BYTES else '!'} disk: {free / 1e9:.1f} GB free beside the store"
