"""How fast one channel goes: so many a second, a rest where the other side asks for one, and clocks that jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

BURST_S = 1.0
"""What was not used counts for so long."""
FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0
"""However long a channel asks for rest, one letter knocks again after this."""
DOUBTED_S = 10.0
"""A clock that has jumped is believed after this: most jumps are taken back, or are the machine's waking up."""
JUMP = timedelta(seconds=3)


@dataclass(slots=True)
class Bucket:
    """So many a second, and no more than a second's worth at once; 0 is as many as one likes."""

    per_second: float
    _left: float = field(init=False)
    _at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Begin full."""
        self._left = self._full

    @property
    def _full(self) -> float:
        return max(1.0, self.per_second * BURST_S)

    def take(self, now: float) -> float:
        """Take one and give the seconds to wait before it may be used; whoever comes next waits behind it."""
        if self.per_second <= 0:
            return 0.0
        if self._at is not None:
            self._left = min(self._full, self._left + max(0.0, now - self._at) * self.per_second)
        self._at = now
        self._left -= 1
        return max(0.0, -self._left / self.per_second)


@dataclass(slots=True)
class Rest:
    """When a channel rests, and that it begins again with a single letter."""

    until: float = 0.0
    knocking: bool = False
    """True from a rest on until something was taken again: one letter at a time."""
    _times: int = 0

    def begin(self, now: float, asked_s: float | None) -> None:
        """Rest for as long as was asked, or ever longer; those who were under way at the same time change nothing."""
        if now < self.until and not asked_s:
            return
        own = FIRST_REST_S * 2**self._times
        if not self.knocking or now >= self.until:
            self._times = min(self._times + 1, 10)
        self.knocking = True
        self.until = max(self.until, now + min(LONGEST_REST_S, max(own, asked_s or 0.0)))

    def left(self, now: float) -> float:
        """Give the seconds that are left of it."""
        return max(0.0, min(self.until - now, LONGEST_REST_S))

    def over(self) -> None:
        """Go on as before: something was taken."""
        self.until, self.knocking, self._times = 0.0, False, 0


@dataclass(slots=True)
class Steady:
    """The wall clock, with its jumps left out until they have lasted: nothing expires because of a glitch."""

    wall: Callable[[], datetime]
    ticks: Callable[[], float]
    """Seconds that never jump and go on while the machine sleeps."""
    _known: tuple[datetime, float] = field(init=False)
    """The wall's time that was believed last, and its tick; one value, for several threads ask."""
    _doubt: tuple[timedelta, float] | None = field(init=False, default=None)
    """How far off the wall is, and since which tick."""
    went_back: bool = field(init=False, default=False)
    """Set where the clock was put back and that was believed; whoever reads it clears it."""

    def __post_init__(self) -> None:
        """Begin with what the wall says."""
        self._known = self.wall(), self.ticks()

    def now(self) -> datetime:
        """Give the time; a jump counts once it has lasted."""
        ticks, wall, (base, begun) = self.ticks(), self.wall(), self._known
        mine = base + timedelta(seconds=ticks - begun)
        off, doubt = wall - mine, self._doubt
        if abs(off) > JUMP:
            if doubt is None or abs(off - doubt[0]) > JUMP:
                self._doubt = doubt = off, ticks
            if ticks - doubt[1] < DOUBTED_S:
                return mine
            self.went_back = self.went_back or off < timedelta(0)
        self._known, self._doubt = (wall, ticks), None
        return wall
