"""When a check point must be looked at again, and which comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from disaster_hub.terms.rounds import CheckPoint, Due, Look, Standing

ORDER = {due: number for number, due in enumerate(Due)}


def standing(
    point: CheckPoint, last: Look | None, level: int | None, begun: datetime | None, now: datetime
) -> Standing:
    """Say how *point* stands at the official *level*; a level that is not known lets nothing rest.

    *begun* is when the rounds of this event began: what was seen before it says nothing about tonight.
    """
    if level is not None and level < point.from_level:
        return Standing(point, Due.RESTING, last)
    if last is None or (begun is not None and last.seen_at < begun):
        return Standing(point, Due.NEVER, last)
    until = last.seen_at + timedelta(minutes=point.every_min)
    if now > until:
        return Standing(point, Due.OVERDUE, last, until)
    return Standing(point, Due.SEEN if last.fine else Due.ODD, last, until)


def round_of(
    points: Iterable[CheckPoint], looks: Mapping[str, Look], level: int | None, begun: datetime | None, now: datetime
) -> list[Standing]:
    """Give the round: never seen first, then what is longest overdue, then by the town's own order."""
    found = [standing(point, looks.get(point.id), level, begun, now) for point in points]
    return sorted(found, key=lambda one: _urgency(one, now))


def _urgency(one: Standing, now: datetime) -> tuple[int, float, int, str]:
    late = (now - one.next_at).total_seconds() if one.due is Due.OVERDUE and one.next_at is not None else 0.0
    return ORDER[one.due], -late, one.point.turn, one.point.name
