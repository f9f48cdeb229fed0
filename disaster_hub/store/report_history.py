"""How reports stood before: since when each is known, and when its state changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from disaster_hub.store.report_tables import report, report_version
from disaster_hub.terms.clock import local


def spans(tx: Connection, since: datetime, zone: ZoneInfo) -> dict[str, list[list[str]]]:
    """Give for each report the states it had, as (time, state), the first at its receipt, oldest first.

    Only what changed since *since* is followed back; a report that did not change stands as it stands now.
    """
    columns = (report.c.id, report.c.received_at, report.c.state)
    now: dict[str, Any] = {row.id: row for row in tx.execute(select(*columns))}
    query = select(report_version).where(report_version.c.at >= since)
    steps: dict[str, list[list[str]]] = {}
    first: dict[str, str] = {}
    for row in tx.execute(query.order_by(report_version.c.report, report_version.c.version)):
        if "state" in row.after:
            first.setdefault(row.report, str(row.before.get("state", "")))
            steps.setdefault(row.report, []).append([local(row.at, zone), str(row.after["state"])])
    return {
        one: [[local(row.received_at, zone), first.get(one) or row.state], *steps.get(one, [])]
        for one, row in now.items()
    }
