"""The headquarters' pages in the order of an evening; everybody sees the ones that their role may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app

from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Door, door_of
from disaster_hub.terms.role import Right, Role, may

FIELD = "hq_field.field"
ON_THE_ROAD = (Role.FIELD, Role.LEADER)
"""Whose work is to say what they see; for everybody else that form stands behind one more tap."""


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the navigation."""

    endpoint: str
    title: str
    kept: bool = False
    """True for what is looked after in quiet times; it stands behind one more tap."""


def pages() -> list[Page]:
    """Give the pages that whoever is signed in may open."""
    account = signed_in()
    return in_order([page for page in _all() if _open(page.endpoint)], None if account is None else account.role)


def in_order(found: Sequence[Page], role: Role | str | None) -> list[Page]:
    """Put the form for what one sees first, and in plain sight, for those who are on the road."""
    if role not in ON_THE_ROAD:
        return list(found)
    first = [replace(page, kept=False) for page in found if page.endpoint == FIELD]
    return first + [page for page in found if page.endpoint != FIELD]


def _all() -> list[Page]:
    return [
        Page("hq_watch.watch", "監視盤"),
        Page("hq_map.desk_map", "地図"),
        Page("hq_call.call", "電話受付"),
        Page("hq_reports.reports", "報告"),
        Page(FIELD, "現場の報告", kept=True),
        Page("hq_gate.gate", "住民の報告", kept=True),
        Page("hq_checks.checks", "重点確認"),
        Page("hq_shelters.shelters", "避難所"),
        Page("hq_decisions.decisions", "判断"),
        Page("hq_compose.compose", "発令・送信"),
        Page("hq_alerts.alerts", "送った知らせ"),
        Page("hq_board.board", "未回答"),
        Page("hq_neighbours.neighbours", "ご近所の返事"),
        Page("hq_log.log", "クロノロジー"),
        Page("hq_papers.papers", "引継ぎ・報告書"),
        Page("hq_sensors.sensors", "センサー", kept=True),
        Page("hq_doubts.doubts", "疑わしい値", kept=True),
        Page("hq_rules.rules", "自動通知", kept=True),
        Page("hq_sirens.sirens", "経路の確認", kept=True),
        Page("hq_ledger.entrance", "送信の理由", kept=True),
        Page("hq_areas.areas", "避難区域", kept=True),
        Page("hq_criteria.criteria", "判断基準", kept=True),
        Page("hq_layers.layers", "部局の地図", kept=True),
        Page("hq_plans.plans", "計画の数", kept=True),
        Page("hq_staff.staff", "職員", kept=True),
        Page("hq_audit.audit", "閲覧の記録", kept=True),
        Page("hq.status", "システム", kept=True),
    ]


def _open(endpoint: str) -> bool:
    if endpoint not in current_app.view_functions:
        return False
    door, account = door_of(current_app, endpoint), signed_in()
    return door is Door.ANYONE or (
        account is not None and (door is Door.STAFF or (isinstance(door, Right) and may(account.role, door)))
    )
