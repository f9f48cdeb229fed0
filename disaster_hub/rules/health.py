"""Is the hub itself well? Heartbeats and sources against what may be expected of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

PROCESSES = ("web", "clock", "listen", "post")
LATE = timedelta(seconds=15)
"""Three heartbeats missed, in wall time."""
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Health:
    """One line of the status: who, whether it is well, and the words."""

    name: str
    good: bool
    words: str


class Pulse(Protocol):
    """What is known of one source."""

    @property
    def last_success(self) -> datetime | None:
        """Say when it last answered well."""

    @property
    def last_try(self) -> datetime | None:
        """Say when it was last asked."""

    @property
    def failures(self) -> int:
        """Count the failures in a row."""

    @property
    def refusals(self) -> int:
        """Count what could not be read."""

    @property
    def last_reason(self) -> str:
        """Say what went wrong last."""

    @property
    def detail(self) -> str:
        """Say what else there is to say."""


def beat_states(beats: Iterable[tuple[str, str, datetime, str]], wall: datetime) -> list[Health]:
    """Judge the four processes (and any others that beat) by the newest sign of each."""
    newest: dict[str, tuple[str, str, datetime, str]] = {}
    for beat in beats:
        if beat[0] not in newest or beat[2] > newest[beat[0]][2]:
            newest[beat[0]] = beat
    names = [*PROCESSES, *sorted(newest.keys() - set(PROCESSES))]
    return [_beat(name, newest.get(name), wall) for name in names]


def _beat(name: str, beat: tuple[str, str, datetime, str] | None, wall: datetime) -> Health:
    if beat is None:
        return Health(name, good=False, words="never seen")
    _, worker, at, note = beat
    age = wall - at
    if age < -SKEW:
        return Health(name, good=False, words=f"beats from the future ({at.isoformat()}): the clock may be wrong")
    words = f"{'alive' if age <= LATE else 'LATE'}, {max(0, int(age.total_seconds()))} s ago ({worker})"
    return Health(name, good=age <= LATE, words=f"{words} {note}".rstrip())


def source_states(names: Sequence[tuple[str, timedelta]], known: Mapping[str, Pulse], now: datetime) -> list[Health]:
    """Judge each configured source (name, stale after), then whatever else has spoken."""
    limits = dict(names)
    return [_source(name, known.get(name), limits.get(name), now) for name in [*limits, *sorted(known.keys() - limits)]]


def _source(name: str, pulse: Pulse | None, limit: timedelta | None, now: datetime) -> Health:
    if pulse is None or pulse.last_try is None:
        if pulse is not None and pulse.last_success is None and pulse.refusals:
            return Health(name, good=False, words=f"nothing good yet, {pulse.refusals} refused: {pulse.last_reason}")
        return Health(name, good=False, words="not tried yet")
    age = None if pulse.last_success is None else now - pulse.last_success
    late = age is None or (limit is not None and age > limit)
    parts = [
        "no good answer yet" if age is None else f"good {_span(age)} ago",
        f"tried {_span(now - pulse.last_try)} ago",
        f"{pulse.failures} failures in a row",
        f"{pulse.refusals} refused",
    ]
    if age is not None and age < -SKEW:
        parts.append("its last answer lies in the future: the clock may be wrong")
    if (late or pulse.failures or pulse.refusals) and pulse.last_reason:
        parts.append(pulse.last_reason)
    if pulse.detail:
        parts.append(pulse.detail)
    return Health(name, good=not late and not pulse.failures, words=", ".join(parts))


def _span(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    return f"{seconds} s" if abs(seconds) < 120 else f"{seconds // 60} min"


def broker_note(*, embedded: bool) -> str:
    """Say what the broker in use cannot do."""
    if embedded:
        return (
            "embedded; it has no rule per topic (a device could speak in another's name) and keeps its queue in "
            "memory: docs/mosquitto has the files for Mosquitto"
        )
    return "configured broker; its own rules decide who may publish where (docs/mosquitto/acl)"


def clock_state(newest: datetime | None, now: datetime) -> Health:
    """Judge this machine's clock by the newest fact: what comes from the future came by a wrong clock."""
    if newest is None or newest <= now + SKEW:
        return Health("time", good=True, words="no fact lies in the future")
    ahead = _span(newest - now)
    return Health(
        "time", good=False, words=f"a fact is stamped {ahead} ahead of now: the clock may be wrong (timedatectl)"
    )
