"""The town's rules of automatic notices: when an office's level or a believed gauge tells which people.

Pure and repeatable: what a rule looked at is plain JSON, and the same rule says the same of it again whenever somebody
asks. A rule never issues an order, never looks into the future, and believes no gauge alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from disaster_hub.rules.gauges import MARK_WORDS
from disaster_hub.terms.clock import aware
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice_rule import RuleStanding

MET, NEAR, NOT_MET, NOT_KNOWN = Judgement.MET, Judgement.NEAR, Judgement.NOT_MET, Judgement.NOT_KNOWN
DIP_M = 0.05
"""A gauge that dips so little below its mark has not fallen."""
CALM_AFTER = timedelta(minutes=30)
"""Water must have stood below a gauge's mark for so long before anybody hears that it is over; our own."""
STALE_AFTER_INTERVALS = 2
LEAST_STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class WhenLevel:
    """An office's word for an area has come to a level."""

    area: str
    hazard: str
    """JMA's hazard; empty for the highest of all."""
    level: int


@dataclass(frozen=True, slots=True)
class WhenGauge:
    """A gauge that is believed stands at a threshold."""

    station: str
    mark: str | float


@dataclass(frozen=True, slots=True)
class Along:
    """The people along a river from a gauge downstream."""

    km: float
    metres: float
    """To both sides of the river's line; the river's own flood zone beside it is added."""


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """One rule of the town."""

    id: str
    title: str
    hazard: Hazard
    """Which zones homes must lie in, and which plans it speaks of."""
    when: WhenLevel | WhenGauge
    areas: tuple[str, ...] = ()
    """Codes of evacuation areas; none stands for everybody whom the hazard can reach, or for the reach of the gauge."""
    along: Along | None = None
    zones: bool = True
    """Homes in a zone of the hazard alone."""
    leave_levels: frozenset[int] = frozenset()
    expires: timedelta = timedelta(hours=6)
    urgency: int = 6
    note: str = ""

    @property
    def subject(self) -> str:
        """Give the code that it looks at."""
        return self.when.area if isinstance(self.when, WhenLevel) else self.when.station


@dataclass(frozen=True, slots=True)
class Stand:
    """How a rule stands at one look."""

    verdict: Judgement
    level: int | None
    reason: str
    issuer: str = ""
    evidence: str = ""


class Act(StrEnum):
    """What a look leads to."""

    NOTHING = "nothing"
    ISSUE = "issue"
    CALM = "calm"


def stand(rule: NoticeRule, inputs: Mapping[str, Any]) -> Stand:
    """Say how a rule stands on its inputs; the ledger asks the same again later."""
    if isinstance(rule.when, WhenLevel):
        return _level(rule.when, inputs)
    return _gauge(rule.when, inputs)


def step(rule: NoticeRule, before: RuleStanding | None, found: Stand, now: datetime) -> tuple[Act, RuleStanding]:
    """Say what to do, and how the rule stands from now on; whoever acts writes the alert's id into it."""
    same = before is not None and (before.verdict, before.level) == (found.verdict, found.level)
    since = before.since if before is not None and same else now
    base = before or RuleStanding(rule.id, rule.subject, found.verdict, found.level, found.reason, now, "")
    new = replace(
        base, verdict=found.verdict, level=found.level, reason=found.reason, since=since,
        evidence=found.evidence or base.evidence,
    )  # fmt: skip
    level = found.level or 0
    if found.verdict is MET:
        if base.told is None or level > base.told:
            return Act.ISSUE, replace(new, told=level, revision=base.revision + 1, calm_from=None)
        return Act.NOTHING, replace(new, told=level, calm_from=None)
    if base.told is None or found.verdict is not NOT_MET:
        return Act.NOTHING, replace(new, calm_from=None)
    return _falling(rule, new, now)


def identity(rule: NoticeRule, found: Stand, revision: int) -> str:
    """Give the id of the alert that a look leads to: two clocks that see the same make one alert."""
    said = f"{rule.id}|{rule.subject}|{found.level}|{found.evidence}|{revision}"
    return f"auto-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def _falling(rule: NoticeRule, new: RuleStanding, now: datetime) -> tuple[Act, RuleStanding]:
    """End what was told: at an office's own word at once, at a gauge's only when it has been lower for a while."""
    begun = new.calm_from or now
    if isinstance(rule.when, WhenGauge) and now - begun < CALM_AFTER:
        return Act.NOTHING, replace(new, calm_from=begun)
    return Act.CALM, replace(new, told=None, calm_from=None)


def _level(when: WhenLevel, inputs: Mapping[str, Any]) -> Stand:
    """Hold the offices' words against the level; silence and unknown codes are not known, and end nothing."""
    now = aware(inputs["now"])
    mine = [w for w in inputs["words"] if w["area"] == when.area and _counts(when, w["hazard"])]
    force = [w for w in mine if w["until"] is None or aware(w["until"]) > now]
    known = [w for w in force if w["level"] is not None and not (w["unknown"] and not w["level"])]
    top = max(known, key=lambda w: (w["level"], w["evidence"]), default=None)
    if top is not None and top["level"] >= when.level:
        words = f"{top['area_name']}に{top['name']}（警戒レベル{top['level']}相当）が出ています"
        return Stand(MET, top["level"], words, top["issuer"], top["evidence"])
    if len(known) < len(mine) or top is None:
        return Stand(NOT_KNOWN, None, "公式の情報が分かりません")
    words = f"{top['area_name']}の公式の情報は警戒レベル{when.level}相当より低くなっています"
    return Stand(NOT_MET, top["level"], words, top["issuer"], top["evidence"])


def _counts(when: WhenLevel, hazard: str) -> bool:
    """Tell whether a word is about the hazard; a code that nobody knows may be about any."""
    return not when.hazard or hazard in {when.hazard, "other"}


def _gauge(when: WhenGauge, inputs: Mapping[str, Any]) -> Stand:
    """Hold a gauge against its mark: doubted or silent is not known, high without a second witness is only near."""
    unknown = _unknown(inputs)
    if unknown:
        return Stand(NOT_KNOWN, None, unknown)
    value, mark = float(inputs["value"]), float(inputs["mark"])
    word = MARK_WORDS.get(when.mark, when.mark) if isinstance(when.mark, str) else "決めた高さ"
    said = f"{inputs['name']}の水位{value:.2f}m（{word}{mark:.2f}m）"
    evidence = f"gauge:{when.station}:{inputs['at']}"
    if value < mark:
        verdict = NOT_MET if value < mark - DIP_M else NEAR
        return Stand(verdict, None, f"{said}：下回っています", inputs["issuer"], evidence)
    if not inputs["witness"]:
        return Stand(NEAR, None, f"{said}：裏付けを待っています", inputs["issuer"], evidence)
    return Stand(MET, None, f"{said}に達しました。{inputs['witness']}", inputs["issuer"], evidence)


def _unknown(inputs: Mapping[str, Any]) -> str:
    """Say why nothing is known of a gauge; empty where something is."""
    name, value = inputs["name"], inputs["value"]
    if inputs["mark"] is None or value is None:
        return f"{name}の{'値がありません' if value is None else '基準の高さが分かりません'}"
    if inputs["maintained"]:
        return f"{name}は保守中です"
    if inputs["doubt"]:
        return f"{name}の値{value:.2f}mは疑わしく、裏付けがありません（{inputs['doubt']}）"
    oldest = max(STALE_AFTER_INTERVALS * timedelta(seconds=inputs["interval_s"]), LEAST_STALE)
    return f"{name}の値が途絶えています" if aware(inputs["now"]) - aware(inputs["at"]) > oldest else ""
