"""The words of decisions: orders, verdicts and acts as the room's log and the pages say them."""

from __future__ import annotations

from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.terms.decision import Assessment, Decision, DecisionState, Order, Posture
from disaster_hub.terms.level import ORDER_WORDS, Judgement

ORDERS = {level: f"警戒レベル{level} {word}" for level, word in ORDER_WORDS.items()}
VERDICTS = {
    Judgement.MET: "基準を満たす", Judgement.NEAR: "基準に近い", Judgement.NOT_MET: "基準未満",
    Judgement.NOT_KNOWN: "不明",
}  # fmt: skip
MARKS = {Judgement.MET: "✓", Judgement.NEAR: "近い", Judgement.NOT_MET: "－", Judgement.NOT_KNOWN: "不明"}
STATES = {
    DecisionState.OPEN: "判断待ち", DecisionState.WAITING: "あとで見直す", DecisionState.DRAFTED: "承認待ち",
    DecisionState.ISSUED: "発令中", DecisionState.DECLINED: "見送り", DecisionState.LIFTED: "解除済み",
}  # fmt: skip


def about(one: Decision | Order) -> str:
    """Say what a decision is about in one breath: level, order, area, hazard."""
    level = one.order if isinstance(one, Decision) else one.level
    return f"{ORDERS[level]} {one.area_name}（{HAZARD_WORDS[one.hazard.value]}）"


def reasons_in_one_line(one: Assessment) -> str:
    """Give the reasons with their marks, those that decide first."""
    rank = {Judgement.MET: 0, Judgement.NEAR: 1, Judgement.NOT_KNOWN: 2, Judgement.NOT_MET: 3}
    said = sorted(one.reasons, key=lambda r: rank[r.verdict])
    return "／".join(f"[{MARKS[r.verdict]}] {r.text}" for r in said)


def posture_words(one: Posture) -> str:
    """Say the posture in one line."""
    here = "災害対策本部 設置中" if one.headquarters else "災害対策本部なし"
    people = f"、在席 {'・'.join(one.present)}" if one.present else ""
    return f"{here}、{one.stage or '配備なし'}{people}"
