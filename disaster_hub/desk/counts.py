"""Counts of the evening: reports, check points, shelters, roads, strangers; no person's name or place is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk import rounds, shelters
from disaster_hub.store import conditions, reports, sensors, shelter_desk
from disaster_hub.store.session import Transaction
from disaster_hub.terms.report import URGENT, ReportKind
from disaster_hub.terms.rounds import Due
from disaster_hub.terms.way import ShelterState


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are now."""

    reports: Mapping[ReportKind, int]
    """Open ones, by kind, the most first."""
    overdue: int
    """Check points that nobody has looked at in time, those never seen included."""
    points: int
    """Check points on the round now."""
    shelters: Mapping[ShelterState, int]
    sheltered: int | None
    """People in shelters as counted; None where nobody has counted."""
    needs: int
    closed_roads: int
    strangers: int
    """Devices that speak and that nobody has entered."""

    @property
    def open_reports(self) -> int:
        """Count the open reports."""
        return sum(self.reports.values())

    @property
    def urgent(self) -> int:
        """Count those where somebody may be in danger."""
        return sum(number for kind, number in self.reports.items() if kind in URGENT)


def counts(tx: Transaction, config: Config, now: datetime) -> Counts:
    """Count."""
    due = Counter(row.due for row in rounds.tonight(tx, config, now).rows)
    shelf = shelters.shelf(tx, now)
    known = [device.id for device in sensors.current(tx, config.sensors)]
    return Counts(
        reports=reports.open_by_kind(tx),
        overdue=due[Due.NEVER] + due[Due.OVERDUE],
        points=sum(due.values()) - due[Due.RESTING],
        shelters=Counter(one.word.state for one in shelf.all if one.word is not None),
        sheltered=shelf.people if any(one.count is not None for one in shelf.all) else None,
        needs=len(shelter_desk.needs(tx)),
        closed_roads=len(conditions.closed_roads(tx)),
        strangers=len(sensors.strangers(tx, known)),
    )
