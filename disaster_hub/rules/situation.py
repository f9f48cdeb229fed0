"""One place at a glance: official level, the city's order and its own readings side by side, never merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from disaster_hub.terms.level import AreaKind, Official


@dataclass(frozen=True, slots=True)
class Source:
    """How the source of an area's official information has been doing."""

    last_success: datetime | None
    healed: bool
    """True once the long feed has been read: before that, something may be in force unseen."""
    stale_after_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """An area's highest official level in force and why; None is not known, never calm."""

    level: int | None
    issuer: str | None
    since: datetime | None
    until: datetime | None
    reason: str
    age_s: float | None
    """Seconds since the source last answered well."""
    stale: bool
    evidence: str


def highest(words: Sequence[Official], source: Source, now: datetime, zone: ZoneInfo) -> Standing:
    """Combine one area's hazards: the highest level decides; an old source takes calm away, never a warning."""
    age = None if source.last_success is None else max(0.0, (now - source.last_success).total_seconds())
    fresh = age is not None and age <= source.stale_after_s
    force = [w for w in words if w.level != 0 and not _ended(w, now)]
    known = [w for w in force if w.level is not None]
    strange = [w for w in force if w.level is None or w.unknown]
    if known:
        top = max(known, key=lambda w: (w.level or 0, w.confirmed or now))
        words_ = [sentence(w, zone) for w in sorted(known, key=lambda w: -(w.level or 0))]
        reason = "、".join(words_ + [f"不明な情報あり（{w.name}）" for w in strange])
        return Standing(top.level, top.issuer, top.since, top.until, reason, age, not fresh, top.evidence)
    if strange:
        first = strange[0]
        reason = f"不明：{first.name}（{first.issuer}）"
        return Standing(None, first.issuer, first.since, None, reason, age, not fresh, first.evidence)
    return _calm_or_unknown(words, source, fresh=fresh, age=age, now=now)


def _calm_or_unknown(
    words: Sequence[Official], source: Source, *, fresh: bool, age: float | None, now: datetime
) -> Standing:
    """Say 0 only where the source is fresh and whole; otherwise not known, since when and why."""
    if not fresh:
        since = source.last_success
        reason = "不明：情報源から応答がありません" if since else "不明：情報源からまだ何も届いていません"
        return Standing(None, None, since, None, reason, age, stale=True, evidence="")
    if not source.healed:
        return Standing(
            None, None, None, None, "不明：過去の電文をまだ読み終えていません", age, stale=False, evidence=""
        )
    newest = max(words, key=lambda w: w.confirmed or now, default=None)
    others = [w.name for w in words if w.level == 0 and w.name not in {"発表なし", ""} and _weather(w)]
    reason = "警戒レベルにかかわる発表はありません"
    reason += f"（発表中：{'・'.join(others)}）" if others else ""
    since = newest.since if newest else None
    issuer = newest.issuer if newest else None
    return Standing(0, issuer, since, None, reason, age, stale=False, evidence=newest.evidence if newest else "")


def _weather(word: Official) -> bool:
    """Tell whether a word at level 0 is a warning without a level (wind, thunder), not one that has ended."""
    return word.area_kind is AreaKind.MUNICIPALITY


def _ended(word: Official, now: datetime) -> bool:
    return word.until is not None and word.until <= now


def sentence(word: Official, zone: ZoneInfo) -> str:
    """Say one hazard's word with its issuer and the time at which it was last said."""
    at = f" {word.confirmed.astimezone(zone):%H:%M}" if word.confirmed else ""
    return f"{word.name}（{word.issuer}{at}発表）"
