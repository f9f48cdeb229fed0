"""Automatic notices: the town's rules held against what is known, and what goes out because of it.

Without a saved version nothing goes out. Who is told, by whose word, is in the alert; why, with everything that the
rule looked at, in a row of its own. Two clocks by mistake make one alert: its id comes of rule, evidence and revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from disaster_hub.alerts import city_word, issuing
from disaster_hub.alerts.releases import REVIEWS
from disaster_hub.config import Config
from disaster_hub.desk.rule_people import Nobody, audience, names_of
from disaster_hub.desk.trusting import Place, places
from disaster_hub.rules.notice_rules import Act, NoticeRule, Stand, WhenLevel, identity, stand, step
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.store import alerts, journal, levels, notice_rules, outbox, witness
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.doubt import BY_WORDS, DOUBT_WORDS, Trust
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.level import Official
from disaster_hub.terms.mark import bears
from disaster_hub.terms.notice import JournalEntry, Notice
from disaster_hub.terms.notice_rule import Evaluation, RuleStanding
from timelines import messages
from timelines.phrases import FIRST, Reviews

OWN = "市のセンサー（目安）"
OTHERS = "国・県の水位計（目安）"


@dataclass(frozen=True, slots=True)
class Known:
    """What rules are held against at one moment."""

    now: datetime
    words: tuple[Official, ...]
    trusts: Mapping[str, Trust]
    places: Mapping[str, Place]


def evaluate(tx: Transaction, config: Config, now: datetime) -> list[Alert]:
    """Hold every rule against what is known and issue what follows, in this transaction; give what was issued."""
    version = notice_rules.newest(tx, lock=True)
    if version is None:
        return []
    made = []
    for rule, found, inputs, before in _looks(tx, config, version.text, now):
        act, after = step(rule, before, found, now)
        if after == before:
            continue
        made += _act(tx, config, (rule, version.number), found, before, (act, after), inputs, now)
    return made


def due(tx: Transaction, config: Config, now: datetime) -> bool:
    """Tell whether a look would write anything: most looks say what the one before said."""
    version = notice_rules.newest(tx)
    if version is None:
        return False
    looks = _looks(tx, config, version.text, now)
    return any(step(rule, before, found, now)[1] != before for rule, found, _, before in looks)


def ruling(tx: Transaction) -> tuple[NoticeRule, ...]:
    """Give the rules that hold now; none where the town has saved none."""
    version = notice_rules.newest(tx)
    return () if version is None else _read(version.text)


def known(tx: Transaction, config: Config, rules: Iterable[NoticeRule], now: datetime) -> Known:
    """Read what rules look at."""
    gauges = {rule.subject for rule in rules if not isinstance(rule.when, WhenLevel)}
    around = places(tx, config, now) if gauges else {}
    return Known(now, tuple(levels.officials(tx)), witness.trusts(tx, gauges) if gauges else {}, around)


def inputs_of(rule: NoticeRule, facts: Known) -> dict[str, Any]:
    """Give what one rule looks at as plain JSON."""
    if isinstance(rule.when, WhenLevel):
        mine = sorted((w for w in facts.words if w.area == rule.when.area), key=lambda w: w.hazard)
        return {"now": zulu(facts.now), "words": [_word(w) for w in mine]}
    trust, place = facts.trusts.get(rule.subject), facts.places.get(rule.subject)
    mark: float | None = None
    if place is not None:
        mark = place.post.marks.get(rule.when.mark) if isinstance(rule.when.mark, str) else rule.when.mark
    said = None if trust is None else trust.witness
    return {
        "now": zulu(facts.now),
        "name": rule.subject if place is None else place.post.name,
        "value": None if trust is None else trust.value,
        "at": "" if trust is None else zulu(trust.at),
        "mark": mark,
        "interval_s": 600.0 if place is None else place.interval_s,
        "maintained": place is not None and place.post.maintained,
        "doubt": "" if trust is None or trust.doubt is None else DOUBT_WORDS[trust.doubt.kind],
        "witness": "" if said is None else f"{BY_WORDS[said.by]}：{said.words}",
        "issuer": OWN if place is None or place.mine else OTHERS,
    }


def _looks(
    tx: Transaction, config: Config, text: str, now: datetime
) -> list[tuple[NoticeRule, Stand, dict[str, Any], RuleStanding | None]]:
    rules, before = _read(text), notice_rules.standings(tx)
    facts = known(tx, config, rules, now)
    found = []
    for rule in rules:
        inputs = inputs_of(rule, facts)
        found.append((rule, stand(rule, inputs), inputs, before.get((rule.id, rule.subject))))
    return found


def _act(
    tx: Transaction,
    config: Config,
    named: tuple[NoticeRule, int],
    found: Stand,
    before: RuleStanding | None,
    step_: tuple[Act, RuleStanding],
    inputs: Mapping[str, Any],
    now: datetime,
) -> list[Alert]:
    """Issue or end, then write how the rule stands and why."""
    (rule, number), (act, after) = named, step_
    made: Alert | None = None
    if act is Act.ISSUE:
        made = _issue(tx, config, rule, number, found, after, now)
        if made is None:
            # Nothing was told: it is tried again at every look, until somebody has mended what is wrong.
            told = before or RuleStanding(rule.id, rule.subject, found.verdict, found.level, found.reason, now, "")
            after = replace(after, alert=told.alert, told=told.told, revision=told.revision)
            act = Act.NOTHING
        else:
            after = replace(after, alert=made.id)
    elif act is Act.CALM:
        made = _calm(tx, config, after, found, now)
        after = replace(after, alert="")
    if after == before:
        return []
    notice_rules.put_standing(tx, after)
    if act is not Act.NOTHING or before is None or (before.verdict, before.level) != (after.verdict, after.level):
        alert = "" if made is None else made.id
        row = Evaluation(
            rule.id, number, rule.subject, now, found.verdict, found.level, found.reason, inputs, alert
        )  # fmt: skip
        notice_rules.log(tx, row)
    return [] if made is None else [made]


def _issue(
    tx: Transaction, config: Config, rule: NoticeRule, number: int, found: Stand, after: RuleStanding, now: datetime
) -> Alert | None:
    """Put the alert on its way; where nobody can say for whom it is, the officers are told instead."""
    try:
        around = places(tx, config, now)
        people = audience(tx, config, rule, around)
    except Nobody as fault:
        _refused(tx, config, rule, number, after, str(fault), now)
        return None
    *codes, name = names_of(tx, config, rule, around)
    made = Alert(
        id=identity(rule, found, after.revision),
        world=config.world.kind,
        kind=AlertKind.AUTOMATIC,
        areas=tuple(codes),
        area_name=name,
        audience=people,
        issuer=found.issuer,
        why=found.reason,
        decided_at=now,
        expires_at=now + rule.expires,
        urgency=rule.urgency,
        level=found.level,
        hazard=rule.hazard,
        note=rule.note,
        revision=after.revision,
        earlier=after.alert,
        rule=f"{rule.id}@{number}",
        evidence=found.evidence,
        city_order=_order(tx, config, rule),
        state=AlertState.SPREADING,
    )
    if config.real and bears(made.area_name, made.why, made.note, made.issuer):
        # The words are another office's, or the rule's: one rule that must not speak stops none of the others.
        what = f"自動通知「{rule.title}」は送りません：文面に訓練・テストの印があります"
        key = f"marked:{rule.id}:{number}:{after.revision}"
        journal.add(tx, JournalEntry(now, "alert_refused", "hub", what, rule.subject, found.evidence or None, key))
        return None
    try:
        issuing.issue(tx, made, config, now)
    except BadInput as fault:  # before anything of it was written; the rules behind it are not to wait for it
        _refused(tx, config, rule, number, after, str(fault), now)
        return None
    if unread := _unreviewed(config, made):
        why = f"日本語の定型文 {unread} 件がまだ確認されていません（disaster-hub reviewed）"
        _refused(tx, config, rule, number, after, why, now)
    return made


def _unreviewed(config: Config, made: Alert) -> int:
    """Count the Japanese phrases of an actual alert that nobody has reviewed: with one of them it reaches nobody."""
    if not config.real:
        return 0
    folder = config.source.parent if config.source is not None else Path()
    return messages.missing_reviews(Reviews(folder / REVIEWS), made.kind, made.level).get(FIRST, 0)


def _refused(
    tx: Transaction, config: Config, rule: NoticeRule, number: int, after: RuleStanding, why: str, now: datetime
) -> None:
    """Write, and tell the staff once, that a rule was met and nothing could go out."""
    what = f"自動通知「{rule.title}」は送れません：{why}"
    key = f"nobody:{rule.id}:{number}:{after.revision}"
    if not journal.add(tx, JournalEntry(now, "alert_refused", "hub", what, rule.subject, after.evidence or None, key)):
        return
    mark = "【訓練】" if config.world.exercise else ""
    notice = Notice(
        key, config.world.kind, "alert_refused", f"{mark}自動通知を送れません：{rule.title}", f"{mark}{what}", now,
        now + rule.expires, rule.urgency, url="/hq/rules",
    )  # fmt: skip
    outbox.enqueue(tx, notice, [(said.channel, said.address) for said in config.staff])


def _calm(tx: Transaction, config: Config, after: RuleStanding, found: Stand, now: datetime) -> Alert | None:
    """Tell those who got it that it is over; what somebody took back meanwhile needs no end."""
    if not after.alert:
        return None
    earlier = alerts.find(tx, after.alert)
    if earlier is None or earlier.state is AlertState.CANCELLED:
        return None
    try:
        return issuing.calm(
            tx, after.alert, config, now, why=found.reason, evidence=found.evidence, issuer=found.issuer
        )  # fmt: skip
    except BadInput:
        return None  # ended by somebody else in the meantime


def _order(tx: Transaction, config: Config, rule: NoticeRule) -> int | None:
    """Give the highest order of the city in force in the rule's areas; None is said aloud to whoever is told."""
    return city_word.highest(tx, config, rule.areas)


def _word(word: Official) -> dict[str, Any]:
    return {
        "area": word.area,
        "area_name": word.area_name,
        "hazard": word.hazard,
        "level": word.level,
        "name": word.name,
        "issuer": word.issuer,
        "until": None if word.until is None else zulu(word.until),
        "evidence": word.evidence,
        "unknown": word.unknown,
    }


@lru_cache(maxsize=8)
def _read(text: str) -> tuple[NoticeRule, ...]:
    return read(text)
