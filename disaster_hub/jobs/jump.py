"""A replay's clock put forward: played fast to a time, so that nothing of the night is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from disaster_hub.jobs.supervise import Supervisor
from disaster_hub.store import worlds
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import JAPAN, utc_now
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.world import World

FAST = 600.0
LEAD = timedelta(seconds=12)
"""The clock stands still for so long (of the wall) until everybody is up again; else they would miss the beginning."""
WISH = "jump"
"""A file in the replay's folder, such as `18:40 1`: the time to go to, and how fast to go on; taken away when read."""


@dataclass(slots=True)
class Jump:
    """Looks for the wish and fulfils it; whoever runs by the clock is started anew each time it changes."""

    folder: Path
    store: Store
    supervisor: Supervisor
    followers: Sequence[str]
    """The portal is none of them: it reads the clock from the store, and its pages stay open."""
    moment: Callable[[str], datetime]
    """Reads a time of the night, such as 18:40; ValueError or BadConfig where it is none."""
    say: Callable[[str], None]
    write: Callable[[World], None]
    """Writes the configuration for a world with another clock."""
    _goal: tuple[datetime, float, datetime | None] | None = field(default=None, init=False)
    """Where to, how fast from there on, and when the night ends."""

    def look(self) -> None:
        """Look once: begin what is wished, end it where the time is reached."""
        if self._goal is None:
            self._begin()
        elif self._world().now(utc_now()) >= self._goal[0]:
            (at, speed, ends), self._goal = self._goal, None
            self._set(at, speed, ends)

    def _begin(self) -> None:
        file = self.folder / WISH
        if not file.exists():
            return
        text = file.read_text(encoding="utf-8")
        file.unlink()
        world = self._world()
        now = world.now(utc_now())
        try:
            time, _, speed = text.strip().partition(" ")
            at, then = self.moment(time).astimezone(UTC), float(speed or world.speed)
        except (ValueError, BadConfig) as fault:
            self.say(f"{WISH}: {fault}")
            return
        if at > now:
            self._goal = at, then, world.ends
            self._set(now, FAST, at, LEAD)
        else:
            self._set(now, then, world.ends)

    def _world(self) -> World:
        with self.store.read() as tx:
            return worlds.current(tx)

    def _set(self, at: datetime, speed: float, ends: datetime | None, lead: timedelta = timedelta()) -> None:
        """Let the clock stand at *at*, run at *speed* after the *lead*, and stop at *ends*."""
        world = replace(self._world(), opened=utc_now() + lead, starts=at, speed=speed, ends=ends)
        with self.store.write() as tx:
            worlds.set_clock(tx, world)
        self.write(world)
        self.supervisor.again(self.followers)
        self.say(f"the clock stands at {at.astimezone(JAPAN):%H:%M} and runs {speed:g} times as fast as yours")
