"""The town's rules of automatic notices: every version, how each stands, every look that said something new."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from disaster_hub.store.upsert import add_once, put
from disaster_hub.store.versions import Versions
from disaster_hub.store.witness_tables import notice_rules, rule_evaluation, rule_standing
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice_rule import Evaluation, RuleStanding

_KEPT = Versions(notice_rules)
add, newest, find, versions = _KEPT.add, _KEPT.newest, _KEPT.find, _KEPT.versions


def standings(tx: Connection) -> dict[tuple[str, str], RuleStanding]:
    """Give how every rule stood at its last look, by rule and subject."""
    return {(row.rule, row.subject): _standing(row) for row in tx.execute(select(rule_standing))}


def put_standing(tx: Connection, one: RuleStanding) -> None:
    """Write how a rule stands."""
    names = ("rule", "subject", "level", "reason", "since", "evidence", "alert", "told", "revision", "calm_from")
    row = {name: getattr(one, name) for name in names} | {"verdict": one.verdict.value}
    put(tx, rule_standing, row, ("rule", "subject"))


def forget_unsent(tx: Connection) -> None:
    """Let rules that could tell nobody look afresh: a new version may say for whom they are."""
    mine = (rule_standing.c.told.is_not(None)) & (rule_standing.c.alert == "")
    tx.execute(update(rule_standing).where(mine).values(told=None))


def log(tx: Connection, one: Evaluation) -> bool:
    """Keep a look that said something new; False where it is kept already."""
    said = f"{one.rule}|{one.version}|{one.subject}|{zulu(one.at)}|{one.verdict.value}|{one.level}"
    names = ("rule", "version", "subject", "at", "level", "reason", "alert")
    row = {name: getattr(one, name) for name in names}
    row |= {"key": hashlib.sha256(said.encode()).hexdigest()[:32], "verdict": one.verdict.value}
    return add_once(tx, rule_evaluation, row | {"inputs": dict(one.inputs)}, ("key",))


def evaluations(tx: Connection, rule: str = "", at: datetime | None = None, limit: int = 200) -> list[Evaluation]:
    """Give the looks of a rule (all: empty) that were made up to *at*, the newest first: its first one held then."""
    query = select(rule_evaluation)
    if rule:
        query = query.where(rule_evaluation.c.rule == rule)
    if at is not None:
        query = query.where(rule_evaluation.c.at <= at)
    rows = tx.execute(query.order_by(rule_evaluation.c.at.desc(), rule_evaluation.c.key).limit(limit))
    return [_evaluation(row) for row in rows]


def _standing(row: Any) -> RuleStanding:
    return RuleStanding(
        row.rule, row.subject, Judgement(row.verdict), row.level, row.reason, row.since, row.evidence, row.alert,
        row.told, row.revision, row.calm_from,
    )  # fmt: skip


def _evaluation(row: Any) -> Evaluation:
    return Evaluation(
        row.rule, row.version, row.subject, row.at, Judgement(row.verdict), row.level, row.reason, row.inputs,
        row.alert,
    )  # fmt: skip
