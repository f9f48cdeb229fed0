"""Patience with wrong passwords: a few tries are free, then each costs a longer wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

FREE_TRIES = 5
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0
FORGET_AFTER_S = 3600.0
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Throttle:
    """Wrong tries by key (an address, an address with a name), on a clock that only goes forward."""

    clock: Callable[[], float]
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def wait_s(self, *keys: str) -> float:
        """Give the seconds that must still pass before a try under any of *keys* is looked at."""
        return max((self._wait(key) for key in keys), default=0.0)

    def wrong(self, *keys: str) -> None:
        """Count a wrong try."""
        now = self.clock()
        if len(self.seen) > MOST_REMEMBERED:
            self.seen = {k: v for k, v in self.seen.items() if now - v[1] < LONGEST_WAIT_S}
        for key in keys:
            tries, last = self.seen.get(key, (0, now))
            self.seen[key] = (1 if now - last > FORGET_AFTER_S else tries + 1, now)

    def right(self, *keys: str) -> None:
        """Forget what was wrong before."""
        for key in keys:
            self.seen.pop(key, None)

    def _wait(self, key: str) -> float:
        tries, last = self.seen.get(key, (0, 0.0))
        if tries < FREE_TRIES:
            return 0.0
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (tries - FREE_TRIES))
        return max(0.0, last + wait - self.clock())
