"""The ledger in plain Japanese: 「なぜ届いたのか」「なぜ届かなかったのか」, with the times at which things happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.alerts.issuing import title
from disaster_hub.alerts.ledger import Account, Line
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.terms.alert import Alert, AlertKind, Because
from disaster_hub.terms.household import Need
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice import CHANNEL_WORDS
from disaster_hub.terms.notice_rule import Evaluation

VERDICTS: Mapping[Because, str] = {
    Because.CHOSEN: "送りました",
    Because.NO_CHANNEL: "送れませんでした",
    Because.HAZARD: "対象外でした",
    Because.PLAN_LEVEL: "対象外でした",
    Because.NEEDS: "対象外でした",
    Because.UNREADABLE: "判断できませんでした",
    Because.NO_PLAN: "計画がありませんでした",
    Because.DOUBLE: "重ねて送りませんでした",
    Because.OUTSIDE: "範囲の外でした",
}
SHORT: Mapping[Because, str] = {
    Because.CHOSEN: "送信", Because.NO_CHANNEL: "連絡先なし", Because.HAZARD: "区域外の家",
    Because.PLAN_LEVEL: "計画のレベル", Because.NEEDS: "世帯の条件", Because.UNREADABLE: "開けない計画",
    Because.NO_PLAN: "計画なし", Because.DOUBLE: "重複", Because.OUTSIDE: "範囲外",
}  # fmt: skip
NOT_YET = "まだ処理の途中でした"
STATES: Mapping[str, str] = {
    "due": "送信の列に入れました",
    "sent": "送りました",
    "refused": "送れませんでした",
    "expired": "期限が過ぎたため送りませんでした",
    "withdrawn": "取りやめました",
    "held": "保留しました",
    "retry": "送れず、あとで送り直すことにしました",
    "unknown": "届いたかどうか分かりません",
}
NEEDS: Mapping[Need, str] = {
    Need.INFANT: "乳幼児", Need.CHILD: "子ども", Need.ELDER: "高齢者", Need.CARE: "介護・障害のある人",
    Need.PREGNANT: "妊婦", Need.PET: "ペット", Need.CAR: "車", Need.MEDICINE: "薬や医療機器が必要な人",
    Need.LANGUAGE: "ほかの言語を使う人",
}  # fmt: skip
FOUND: Mapping[Judgement, str] = {
    Judgement.MET: "満たされています", Judgement.NEAR: "近づいていますが、満たされていません",
    Judgement.NOT_MET: "満たされていません", Judgement.NOT_KNOWN: "分かりません（値が届いていません）",
}  # fmt: skip
MOST_REASON = 80


@dataclass(frozen=True, slots=True)
class Step:
    """One time in the line of what happened."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One alert as the page tells of it."""

    title: str
    verdict: str
    sentence: str
    steps: tuple[Step, ...]
    agrees: bool
    came: bool
    """It was for this household."""


def told(found: Account) -> list[Said]:
    """Tell of every alert that was in force at that minute, the newest first."""
    return [
        Said(
            title(line.alert),
            NOT_YET if line.reason is None else VERDICTS[line.reason],
            sentence(line, planned=found.version > 0),
            _steps(line),
            line.agrees,
            line.reason in {Because.CHOSEN, Because.NO_CHANNEL},
        )
        for line in found.lines
    ]


def sentence(line: Line, *, planned: bool = True) -> str:
    """Say in one sentence why it came, or why it did not."""
    wanted = line.alert.audience
    if line.reason is None:
        return "この時刻には、まだこの世帯まで処理が届いていませんでした。"
    if line.reason is Because.OUTSIDE:
        return _outside(line.alert, planned=planned)
    hazards = "・".join(HAZARD_WORDS[h.value] for h in sorted(wanted.hazards))
    levels = "・".join(f"レベル{level}" for level in sorted(wanted.leave_levels))
    needs = "・".join(NEEDS[need] for need in sorted(wanted.needs))
    return {
        Because.CHOSEN: _chosen(line.alert),
        Because.NO_CHANNEL: "対象の世帯ですが、確認の済んだ連絡先がありません。未回答の一覧に載っています。",
        Because.HAZARD: f"{hazards}の区域にある家に送る知らせで、自宅はその区域に入っていません。",
        Because.PLAN_LEVEL: f"{levels}で避難する計画の世帯に送る知らせで、この世帯の計画は違うレベルでした。",
        Because.NEEDS: f"{needs}がいる世帯に送る知らせで、この世帯の計画にはその記載がありませんでした。",
        Because.UNREADABLE: "この世帯の計画を開くことができず、対象かどうかを判断できませんでした。",
        Because.NO_PLAN: "この時刻には、計画がまだ保存されていませんでした。",
        Because.DOUBLE: "同じ災害について、同じかより高いレベルの知らせをすでに送っていたためです。",
    }[line.reason]


def rule(one: Evaluation) -> str:
    """Say how an automatic rule stood, where nothing went out because of it."""
    return f"自動通知「{one.rule}」の条件は{FOUND[one.verdict]}：{one.reason}"


def _chosen(alert: Alert) -> str:
    if alert.audience.same_as:
        return "前の知らせが届いた（届いたかもしれない）世帯なので、同じ連絡先に送りました。"
    if alert.audience.households:
        return "この知らせは、この世帯に宛てたものです。"
    where = alert.area_name or "知らせの範囲"
    return f"自宅が{where}の中にあり、条件にも合うため、確認の済んだ連絡先のすべてに送りました。"


def _outside(alert: Alert, *, planned: bool) -> str:
    if alert.audience.same_as:
        kind = "訂正" if alert.kind is AlertKind.UPDATE else "取消・終わりの知らせ"
        return f"前の知らせがこの世帯に届いていないため、{kind}も送りませんでした。"
    if not planned:
        return "この時刻には計画がまだ保存されていなかったため、自宅の場所が分かりませんでした。"
    return f"自宅は{alert.area_name or '知らせの範囲'}の外にありました。"


def _steps(line: Line) -> tuple[Step, ...]:
    steps = [Step(line.alert.decided_at, f"{line.alert.issuer or '市'}が決めました：{line.alert.why}")]
    if line.found_at is not None and line.reason is not None:
        steps.append(Step(line.found_at, f"この世帯について判断しました：{VERDICTS[line.reason]}"))
    for one in line.passages:
        state = one.state if one.tried else "due"
        why = f"（{one.reason[:MOST_REASON]}）" if one.tried and one.reason and one.state != "sent" else ""
        steps.append(Step(one.at, f"{CHANNEL_WORDS.get(one.channel, one.channel)}：{STATES.get(state, state)}{why}"))
    return tuple(sorted(steps, key=lambda step: step.at))
