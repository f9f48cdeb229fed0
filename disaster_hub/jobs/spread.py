"""The clock's hand that spreads alerts, and brings those in force to whoever comes late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from disaster_hub.alerts.late import LateComers
from disaster_hub.alerts.plan_updates import PlanUpdates
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.planning.plans import Planner

Clock = Callable[[], datetime]


def spread_job(planner: Planner, world: Clock, wall: Clock) -> Callable[[], None]:
    """Give the job; *world* tells the world's time, *wall* the wall's, on which leases run."""
    spreader = Spreader(planner.store, planner.keys, lambda now: planner.state(now)[1], config=planner.config)
    late = LateComers(planner.store, planner.keys)
    changed = PlanUpdates(planner.store, planner.keys, planner.config)

    def run() -> None:
        spreader.run(Moment(world(), wall()))
        late.run(world(), spreader.needed)
        if changed.run(world()):
            spreader.run(Moment(world(), wall()))

    return run
