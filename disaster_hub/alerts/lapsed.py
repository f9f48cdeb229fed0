"""Where an order that went out stands no more: it was raised, lowered or lifted there, by the town's own decisions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import shapely

from disaster_hub.store import alerts, decisions, drafts, drawn_areas, evacuation_areas, home_points
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.decision import DecisionState, EvacuationArea


def areas(tx: Transaction, one: Alert, at: datetime | None = None) -> frozenset[str]:
    """Name the areas in which the order of an alert stands no more; none where no draft put it in force.

    *at*: as it was then; now where None.
    """
    first = alerts.chain(tx, one)[-1] if one.kind is AlertKind.UPDATE else one
    if first.kind is not AlertKind.ORDER or drafts.of_alert(tx, first.id) is None:
        return frozenset()
    if at is not None and first.level is not None and first.hazard is not None:
        return frozenset(first.areas) - decisions.stood(tx, first.level, first.hazard, first.areas, at)
    stands = {
        d.area for d in decisions.live(tx)
        if d.state is DecisionState.ISSUED and (d.hazard, d.order) == (first.hazard, first.level)
    }  # fmt: skip
    return frozenset(first.areas) - stands


def wholly(tx: Transaction, one: Alert) -> bool:
    """Tell whether an order stands nowhere any more."""
    gone = areas(tx, one)
    return bool(gone) and gone >= set(one.areas)


def over(one: Alert, lies_in: Collection[EvacuationArea], gone: Collection[str]) -> bool:
    """Tell whether the order is over in every area of it that a home lies in: one where it stands still asks."""
    named = {area.code for area in lies_in} & set(one.areas)
    return bool(named) and named <= set(gone)


def homes(tx: Transaction, one: Alert, names: Collection[str], at: datetime | None = None) -> set[str]:
    """Name those of *names* whose home lies where the order stands no more, and nowhere where it still does."""
    gone = areas(tx, one, at)
    if not gone:
        return set()
    if gone >= set(one.areas):
        return set(names)
    ground = {area.code: area.shape for area in evacuation_areas.all_areas(tx) if area.shape is not None}
    ground |= {code: area.shape for code, area in drawn_areas.of(tx, one.areas).items() if area.shape is not None}
    left = shapely.union_all([ground[code] for code in gone if code in ground])
    still = shapely.union_all([ground[code] for code in one.areas if code in ground and code not in gone])
    points = home_points.at(tx, names)
    return {name for name, _ in points.inside(left)} - {name for name, _ in points.inside(still)}
