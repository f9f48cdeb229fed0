"""The town's rules of automatic notices at the desk: read aloud, checked, saved as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.desk.criteria_desk import noted
from disaster_hub.desk.rule_people import wrong
from disaster_hub.desk.trusting import Place, places
from disaster_hub.rules.criteria_words import mark_words
from disaster_hub.rules.notice_rules import NoticeRule, WhenLevel
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.store import evacuation_areas, journal, notice_rules
from disaster_hub.store.session import Transaction
from disaster_hub.store.versions import Version
from disaster_hub.terms.notice import JournalEntry

TEMPLATE = Path(__file__).with_name("notice_rules_template.toml")
"""Where a town begins that has no rules yet; nothing goes out before somebody has saved them."""
OFFICIAL_WORDS = {"rain": "大雨", "flood": "洪水", "landslide": "土砂災害", "surge": "高潮", "": "いずれかの災害"}
ZONE_WORDS = {"flood": "洪水", "landslide": "土砂災害", "surge": "高潮", "tsunami": "津波", "inland": "内水"}


def aloud(tx: Transaction, config: Config, rule: NoticeRule, known: Mapping[str, Place]) -> list[str]:
    """Give a rule as sentences that an officer can read: when, whom, for how long."""
    names = {config.city.area: config.city.name} | {a.code: a.name for a in config.areas}
    names |= {r.code: r.name for r in config.rivers}
    if isinstance(rule.when, WhenLevel):
        one = rule.when
        hazard = OFFICIAL_WORDS[one.hazard]
        when = f"{names.get(one.area, one.area)}の公式の情報（{hazard}）が警戒レベル{one.level}相当以上になったとき"
    else:
        place = known.get(rule.subject)
        name = rule.subject if place is None else place.post.name
        when = f"{name}の水位が{mark_words(rule.when.mark)}に達し、疑わしくなく、ほかの裏付けがあるとき"
    return [when, _whom(tx, rule), f"{rule.expires.total_seconds() / 60:.0f}分を過ぎたら送らない"]


def _whom(tx: Transaction, rule: NoticeRule) -> str:
    loaded = evacuation_areas.names(tx)
    where = "市内" if not rule.areas else "・".join(loaded.get(code, code) for code in rule.areas)
    if rule.along is not None and not rule.areas:
        where = f"観測所から下流{rule.along.km:g}km（次の観測所まで）、川から{rule.along.metres:g}mと浸水想定区域"
    zone = f"で、{ZONE_WORDS[rule.hazard.value]}の区域に家がある世帯" if rule.zones else "の世帯"
    plan = (
        f"のうち、計画が警戒レベル{'・'.join(map(str, sorted(rule.leave_levels)))}で出るもの"
        if rule.leave_levels
        else ""
    )
    return f"{where}{zone}{plan}へ"


def check(tx: Transaction, config: Config, text: str, now: datetime) -> tuple[tuple[NoticeRule, ...], list[str]]:
    """Read a text and say which of its rules would stay silent here; BadInput where it is wrong."""
    rules, known = read(text), places(tx, config, now)
    return rules, [line for rule in rules for line in wrong(tx, config, rule, known)]


def save(tx: Transaction, text: str, note: str, who: str, now: datetime, *, expected: int | None = None) -> Version:
    """Save a new version, which rules from now on; *expected* is the version that the editor began from (0: none)."""
    rules = read(text)
    why = noted(notice_rules.newest(tx, lock=True), note, expected)
    made = notice_rules.add(tx, text, who, why, now)
    notice_rules.forget_unsent(tx)
    what = f"自動通知の規則 第{made.number}版を保存しました（{len(rules)}件）：{why}"
    journal.add(tx, JournalEntry(now, "rules_changed", who, what, None, None, f"rules:{made.number}"))
    return made
