"""Counts that may be published (公開できる指標): levels, orders, shelters, reports, and plans through the veil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from disaster_hub.config import Config
from disaster_hub.desk import counts, decisions
from disaster_hub.desk.counts import Counts
from disaster_hub.planning import census
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import local
from disaster_hub.terms.decision import Order
from disaster_hub.terms.report import KIND_NAMES
from disaster_hub.terms.shelter import STATE_WORDS


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a city may show of itself this minute."""

    at: datetime
    world: str
    exercise: bool
    levels: Sequence[Mapping[str, Any]]
    orders: Sequence[Order]
    counts: Counts
    plans: Mapping[str, int | None]
    """Row → number of plans, rounded; None is hidden."""

    def plain(self, zone: ZoneInfo) -> dict[str, Any]:
        """Give it as plain values; None is not known, or hidden because it is small."""
        now = self.counts
        return {
            "at": local(self.at, zone),
            "world": self.world,
            "exercise": self.exercise,
            "levels": [
                {"code": one["code"], "name": one["name"], "level": one["level"], "since": one["since"]}
                for one in self.levels
            ],
            "orders": [
                {"area": one.area_name, "level": one.level, "hazard": one.hazard.value, "since": local(one.since, zone)}
                for one in self.orders
            ],
            "shelters": {STATE_WORDS[state]: now.shelters.get(state, 0) for state in STATE_WORDS},
            "sheltered": now.sheltered,
            "reports_open": {KIND_NAMES[kind]: number for kind, number in now.reports.items()},
            "roads_closed": now.closed_roads,
            "plans_about": dict(self.plans),
        }


def numbers(
    tx: Transaction,
    config: Config,
    levels: Sequence[Mapping[str, Any]],
    plans: Mapping[str, Mapping[str, int | None]],
    now: datetime,
) -> Numbers:
    """Count what may be published; *plans* is what the veil lets through."""
    shown = {"すべて": plans.get(census.ALL, {}).get(census.ALL)}
    shown |= {"通知先あり": plans.get(census.CHANNEL, {}).get("with")}
    return Numbers(
        at=now,
        world=config.world.name,
        exercise=config.world.exercise,
        levels=levels,
        orders=decisions.in_force(tx, config),
        counts=counts.counts(tx, config, now),
        plans=shown,
    )
