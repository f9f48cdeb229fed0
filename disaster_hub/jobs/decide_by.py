"""The decide-by clock's hand in the schedule: it reckons every evacuation area again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from disaster_hub.desk.decide_by import DecideByClock
from disaster_hub.desk.renew import renew
from disaster_hub.planning.plans import Planner


def decide_by_job(planner: Planner, world_now: Callable[[], datetime]) -> Callable[[], int]:
    """Give the job; it keeps what it reckoned as long as nothing happens."""
    clock = DecideByClock(planner)
    return lambda: renew(clock, world_now())
