"""Worlds: the real one, and every replay or drill, each with its own store and its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WorldKind(StrEnum):
    """Which world a store belongs to; a store never changes its world."""

    REAL = "real"
    REPLAY = "replay"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class World:
    """One world and its clock: wall time when real, else *speed* times wall time from *starts*."""

    kind: WorldKind
    name: str
    opened: datetime | None = None
    """Wall time (UTC) at which the world's clock stood at *starts*."""
    starts: datetime | None = None
    ends: datetime | None = None
    """World time at which the clock stops; the last state stays."""
    speed: float = 1.0

    def now(self, wall: datetime) -> datetime:
        """Give this world's time at the wall time *wall*; it stands at *starts* until the world is opened."""
        if self.opened is None or self.starts is None:
            return wall
        passed = timedelta(seconds=max(0.0, (wall - self.opened).total_seconds()) * self.speed)
        moment = self.starts + passed
        return min(moment, self.ends) if self.ends else moment

    def wall_seconds(self, world_seconds: float) -> float:
        """Turn a span of this world's seconds into seconds of the wall clock."""
        return world_seconds / self.speed

    @property
    def exercise(self) -> bool:
        """Tell whether everything this world shows and says carries the 訓練 mark."""
        return self.kind is not WorldKind.REAL
