"""The town's criteria: every version that was ever saved, and how each criterion stands now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, select

from disaster_hub.store.decision_tables import assessment, criteria_version
from disaster_hub.store.upsert import put
from disaster_hub.store.versions import Versions
from disaster_hub.terms.clock import aware, zulu
from disaster_hub.terms.decision import Assessment, Reason
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement

_KEPT = Versions(criteria_version)
add, newest, find, versions = _KEPT.add, _KEPT.newest, _KEPT.find, _KEPT.versions


def assessments(tx: Connection) -> list[Assessment]:
    """Give how every criterion stood when it was last looked at."""
    table = assessment
    order = (table.c.order_level.desc(), table.c.hazard, table.c.area, table.c.criterion)
    return [_assessment(row) for row in tx.execute(select(table).order_by(*order))]


def put_assessment(tx: Connection, one: Assessment) -> None:
    """Write how a criterion stands for an area."""
    row: dict[str, Any] = {"criterion": one.criterion, "area": one.area, "order_level": one.order}
    row |= {"hazard": one.hazard.value, "area_name": one.area_name, "title": one.title, "since": one.since}
    row |= {"verdict": one.verdict.value, "reasons": [_said(reason) for reason in one.reasons]}
    put(tx, assessment, row, ("criterion", "area"))


def drop_assessments(tx: Connection, gone: Collection[tuple[str, str]]) -> None:
    """Forget criteria and areas (criterion, area) that the town no longer has."""
    for criterion, area in gone:
        mine = (assessment.c.criterion == criterion, assessment.c.area == area)
        tx.execute(delete(assessment).where(*mine))


def _said(reason: Reason) -> dict[str, str | None]:
    since = None if reason.since is None else zulu(reason.since)
    return {"text": reason.text, "verdict": reason.verdict.value, "since": since}


def _reason(said: dict[str, str]) -> Reason:
    return Reason(said["text"], Judgement(said["verdict"]), aware(said["since"]) if said["since"] else None)


def _assessment(row: Any) -> Assessment:
    return Assessment(
        row.criterion, row.order_level, Hazard(row.hazard), row.area, row.area_name, Judgement(row.verdict),
        tuple(_reason(said) for said in row.reasons), row.since, row.title,
    )  # fmt: skip
