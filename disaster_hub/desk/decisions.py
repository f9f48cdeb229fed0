"""How the decisions stand: the town's criteria live, what is proposed, which orders are in force, the posture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.desk.criteria_facts import areas, gather
from disaster_hub.rules.assess import assess
from disaster_hub.rules.criteria import STAGES, Criteria
from disaster_hub.rules.criteria_text import read
from disaster_hub.store import criteria as versions
from disaster_hub.store import decisions, posture
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import Assessment, Decision, DecisionState, Order, Posture

TEMPLATE = Path(__file__).with_name("criteria_template.toml")
"""Where a town begins that has no criteria of its own yet; it rules nothing before somebody has saved it."""


@dataclass(frozen=True, slots=True)
class DecisionBoard:
    """Everything about decisions at one moment."""

    assessments: tuple[Assessment, ...]
    """Every criterion for every area, the highest order first."""
    open: tuple[Decision, ...]
    """Proposals that wait for people: open, to be looked at again, drafted; the most urgent first."""
    orders: tuple[Order, ...]
    """What is in force, the highest first."""
    posture: Posture | None
    version: int | None = None
    """Of the criteria; None where the town has none."""
    issued: tuple[Decision, ...] = ()
    """The decisions behind *orders*."""


def standing(tx: Transaction, config: Config, now: datetime) -> DecisionBoard:
    """Give how things stood when the clock last looked; *now* decides which waiting proposals are due again."""
    live = decisions.live(tx)
    ruling = versions.newest(tx)
    pending = [one for one in live if one.state is not DecisionState.ISSUED]
    issued = tuple(one for one in live if one.state is DecisionState.ISSUED)
    return DecisionBoard(
        tuple(versions.assessments(tx)) if ruling is not None else (),
        tuple(sorted(pending, key=lambda one: _urgency(one, now))),
        tuple(orders(issued, config)),
        posture.current(tx),
        None if ruling is None else ruling.number,
        issued,
    )


def orders(issued: Sequence[Decision], config: Config) -> list[Order]:
    """Give the orders in force, the highest first; the city is who gives them, whoever signed."""
    found = [
        Order(one.area, one.area_name, one.hazard, one.order, one.decided_at or one.opened_at, config.city.name)
        for one in issued
    ]
    return sorted(found, key=lambda order: (-order.level, order.since, order.area))


def in_force(tx: Transaction, config: Config) -> list[Order]:
    """Give the orders in force, read from the store."""
    return orders([one for one in decisions.live(tx) if one.state is DecisionState.ISSUED], config)


def highest(found: Sequence[Order]) -> Order | None:
    """Give the highest order in force in any area, since its first minute; None where there is none."""
    return min(found, key=lambda order: (-order.level, order.since), default=None)


def ruling(tx: Transaction) -> Criteria | None:
    """Give the criteria that rule; None where the town has saved none yet."""
    newest = versions.newest(tx)
    return None if newest is None else _read(newest.text)


def stages(tx: Transaction) -> tuple[str, ...]:
    """Give the stages of 配備体制 that the town has."""
    said = ruling(tx)
    return STAGES if said is None else said.stages


def evaluate(tx: Transaction, config: Config, now: datetime, said: Criteria | None = None) -> list[Assessment]:
    """Hold the criteria (those that rule, or *said*) against everything that is known now."""
    said = said or ruling(tx)
    return [] if said is None else assess(said, gather(tx, config, said, now), areas(tx, config))


@lru_cache(maxsize=8)
def _read(text: str) -> Criteria:
    return read(text)


def _urgency(one: Decision, now: datetime) -> tuple[bool, int, int, datetime]:
    """Put what is due first, what waits for its time last."""
    waits = one.state is DecisionState.WAITING and one.look_again_at is not None and one.look_again_at > now
    return waits, -one.order, 0 if one.state is DecisionState.DRAFTED else 1, one.opened_at
