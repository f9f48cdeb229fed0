"""Orders put in force, replaced and lifted for all the areas of one draft at once; two people have said so before."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disaster_hub.desk.say_decisions import ORDERS, about
from disaster_hub.store import alerts, decisions, drafts, journal
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import AlertState
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry

HAND = "hand"
LONGEST_CHAIN = 20
PENDING = (DecisionState.OPEN, DecisionState.WAITING, DecisionState.DRAFTED)


@dataclass(frozen=True, slots=True)
class Moves:
    """What became of the decisions of a draft's areas."""

    issued: tuple[str, ...]
    ended: tuple[str, ...]
    highest: int | None = None
    """The highest order that was ended."""


def in_force(live: Sequence[Decision], area: str, hazard: Hazard | None) -> list[Decision]:
    """Give the orders in force in one area against one hazard, the highest first."""
    mine = [d for d in live if d.state is DecisionState.ISSUED and (d.area, d.hazard) == (area, hazard)]
    return sorted(mine, key=lambda d: -d.order)


def issue(tx: Transaction, draft: Draft, names: Sequence[str], approver: str, now: datetime) -> Moves:
    """Put a draft's order in force in each of its areas; what stood there at another level ends with it."""
    live = decisions.live(tx)
    issued, ended = [], []
    for area, name in zip(draft.areas, names, strict=True):
        standing = in_force(live, area, draft.hazard)
        narrow = [one for one in standing if one.order == draft.level and widens(tx, draft, one)]
        if any(one.order == draft.level and one not in narrow for one in standing):
            continue
        wider = f"{ORDERS[draft.level or 0]} を区域の全員へ広げる" if narrow else ""
        ended += [_end(tx, old, approver, now, wider, "order_lifted").id for old in narrow]
        live = [one for one in live if one not in narrow]
        new = _in_force(tx, draft, _decision(tx, live, draft, (area, name), now), approver, now)
        issued.append(new.id)
        for old in in_force(live, area, draft.hazard):
            word = "引き上げ" if old.order < new.order else "引き下げ"
            ended.append(_end(tx, old, approver, now, f"{ORDERS[new.order]} への{word}", "order_lifted").id)
        for below in live:
            lower = below.order < new.order and (below.area, below.hazard) == (area, draft.hazard)
            if lower and below.id in draft.decisions and below.state in PENDING:
                _answer(tx, below, approver, now, f"{ORDERS[new.order]} の発令でまとめて判断しました")
    if not issued:
        raise BadInput(
            "すべての区域に同じ避難情報がもう発令されています。文を直すときは、送った知らせから訂正してください"
        )
    return Moves(tuple(issued), tuple(ended))


def widens(tx: Transaction, draft: Draft, one: Decision) -> bool:
    """Tell whether *draft* tells everybody what a draft before it has told some households of an area only."""
    before = None if draft.leave_levels or draft.needs else drafts.of_decision(tx, one)
    return before is not None and bool(before.leave_levels or before.needs)


def lift(tx: Transaction, draft: Draft, approver: str, now: datetime) -> Moves:
    """End every order against a draft's hazard in its areas; this is no cancel."""
    live = decisions.live(tx)
    found = [one for area in draft.areas for one in in_force(live, area, draft.hazard)]
    if not found:
        raise BadInput("この区域に、解除できる発令はもうありません")
    ended = [_end(tx, one, approver, now, draft.why, "order_lifted").id for one in found]
    return Moves((), tuple(ended), max(one.order for one in found))


def take_back(tx: Transaction, draft: Draft, who: str, now: datetime, why: str) -> Moves:
    """Undo what a wrong alert did to the orders: what it put in force ends, what it ended stands again.

    Only where it still stood: an area that was raised or lifted since is left as people have decided it.
    """
    ended, again, undone = [], [], set()
    for identity in draft.issued:
        one = decisions.find(tx, identity)
        if one is not None and one.state is DecisionState.ISSUED:
            ended.append(_end(tx, one, who, now, f"取消：{why}", "order_lifted").id)
            undone.add(one.area)
    for one in _before(tx, draft, undone):
        if one.state is DecisionState.LIFTED and not _taken(tx, one):
            back = replace(one, state=DecisionState.ISSUED, ended_at=None)
            what = f"{about(one)} は引き続き発令中です（取り消した知らせの前に戻しました）"
            again.append(_write(tx, back, who, now, "order_issued", what, f"取消：{why}").id)
    return Moves(tuple(again), tuple(ended))


def _before(tx: Transaction, draft: Draft, areas: Collection[str], deep: int = 0) -> list[Decision]:
    """Give what a draft ended in *areas*; of what was itself taken back, as wrong, what that one had ended before."""
    found: list[Decision] = []
    for identity in draft.ended:
        one = decisions.find(tx, identity)
        if one is None or one.area not in areas:
            continue
        whose = drafts.of_decision(tx, one)
        alert = None if whose is None else alerts.find(tx, whose.alert)
        if whose is None or alert is None or alert.state is not AlertState.CANCELLED:
            found.append(one)
        elif deep < LONGEST_CHAIN:
            found += _before(tx, whose, {one.area}, deep + 1)
    return found


def _taken(tx: Transaction, one: Decision) -> bool:
    """Tell whether another live decision is about the same by now."""
    mine = decisions.lane(one.order, one.hazard, one.area)
    return any(decisions.lane(d.order, d.hazard, d.area) == mine for d in decisions.live(tx))


def _decision(
    tx: Transaction, live: Sequence[Decision], draft: Draft, area: tuple[str, str], now: datetime
) -> Decision:
    """Give the proposal that waits for this very order, or begin one: people may see more than any criterion does."""
    assert draft.level is not None  # an order has one
    assert draft.hazard is not None
    mine = decisions.lane(draft.level, draft.hazard, area[0])
    for one in live:
        if decisions.lane(one.order, one.hazard, one.area) == mine:
            return one
    new = Decision(
        secrets.token_hex(8), draft.level, draft.hazard, *area, DecisionState.OPEN, now, HAND, who=draft.author,
        note=draft.why,
    )  # fmt: skip
    decisions.open_once(tx, new)
    return new


def _in_force(tx: Transaction, draft: Draft, one: Decision, approver: str, now: datetime) -> Decision:
    new = replace(
        one, state=DecisionState.ISSUED, who=draft.author, approver=approver, decided_at=now, note=draft.why,
        look_again_at=None,
    )  # fmt: skip
    by = f"起案 {draft.author}、承認 {approver}" if approver != draft.author else f"{approver} が一人で緊急発令"
    return _write(tx, new, approver, now, "order_issued", f"{about(new)} を発令しました（{by}）", draft.why)


def _end(tx: Transaction, one: Decision, who: str, now: datetime, why: str, kind: str) -> Decision:
    new = replace(one, state=DecisionState.LIFTED, ended_at=now, lifting_by="")
    return _write(tx, new, who, now, kind, f"{about(one)} を解除しました（{why}）", why)


def _answer(tx: Transaction, one: Decision, who: str, now: datetime, why: str) -> Decision:
    new = replace(one, state=DecisionState.DECLINED, who=who, note=why, decided_at=now, look_again_at=None)
    return _write(tx, new, who, now, "decision_made", f"{about(one)} の案：{why}", why)


def _write(tx: Transaction, new: Decision, who: str, now: datetime, kind: str, what: str, note: str) -> Decision:
    kept = decisions.change(tx, new, who, now, note)
    journal.add(tx, JournalEntry(now, kind, who, what, kept.area, note or None, f"{kind}:{kept.id}:{kept.version}"))
    return kept
