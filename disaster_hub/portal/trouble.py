"""What is wrong with the hub itself, in codes that the page puts into words: said, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from disaster_hub.config import Config, Feed
from disaster_hub.rules.health import PROCESSES, clock_state
from disaster_hub.store.pulse import Heartbeat, SourcePulse
from disaster_hub.terms.clock import local

LATE_AFTER = timedelta(seconds=30)
"""Six heartbeats of the wall clock."""
FAILED_IN_A_ROW = 3
CAMERA = "camera:"
"""Begins the name of a camera's pulse: the desk says beside its picture that it is silent, not every page."""

Trouble = dict[str, str | None]


def of_processes(beats: Iterable[Heartbeat], wall: datetime, begun: datetime, config: Config) -> list[Trouble]:
    """Name the processes that give no sign; none is missed in the first half minute."""
    newest: dict[str, Heartbeat] = {}
    for one in beats:
        if one.process not in newest or newest[one.process].wall < one.wall:
            newest[one.process] = one
    found: list[Trouble] = []
    for process in PROCESSES[1:]:
        beat = newest.get(process)
        last = begun if beat is None else max(beat.wall, begun)
        if wall - last > LATE_AFTER:
            since = None if beat is None else local(beat.at, config.city.zone)
            found.append({"code": "process", "what": process, "since": since})
    return found


def of_sources(pulses: Sequence[SourcePulse], config: Config, now: datetime) -> list[Trouble]:
    """Name the sources that do not answer, with the time of their last good answer."""
    feeds = {feed.name: feed for feed in config.feeds}
    found: list[Trouble] = []
    for pulse in pulses:
        if not pulse.source.startswith(CAMERA) and silent(pulse, feeds.get(pulse.source), now):
            last = None if pulse.last_success is None else local(pulse.last_success, config.city.zone)
            found.append({"code": "source", "what": pulse.source, "since": last})
    return found


def silent(pulse: SourcePulse, feed: Feed | None, now: datetime) -> bool:
    """Tell whether a source is silent: a feed older than it may be, anything else failing again and again."""
    if feed is None:
        return pulse.failures >= FAILED_IN_A_ROW
    last = pulse.last_success
    return pulse.failures > 0 and (last is None or now - last > timedelta(seconds=feed.stale_after_s))


def of_clock(newest: datetime | None, now: datetime) -> list[Trouble]:
    """Say that a clock is wrong where facts come from the future."""
    return [] if clock_state(newest, now).good else [{"code": "clock", "what": "", "since": None}]
