"""Levels: the official one, the city's own order and its own observation; the three never merge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEVEL_WORDS = {
    1: "早期注意情報", 2: "注意報", 3: "警報", 4: "危険警報", 5: "特別警報",
}  # fmt: skip
"""JMA's words for what it issues at each level; at 3 to 5 they are 相当, a yardstick and not an order."""

ORDER_WORDS = {3: "高齢者等避難", 4: "避難指示", 5: "緊急安全確保"}
"""The municipality's own orders (災害対策基本法); only a person issues one."""


class AreaKind(StrEnum):
    """What kind of place a level stands for."""

    MUNICIPALITY = "municipality"
    RIVER = "river"


@dataclass(frozen=True, slots=True)
class Official:
    """One hazard's official information for one area, as its issuer last said it."""

    area: str
    area_name: str
    area_kind: AreaKind
    hazard: str
    level: int | None
    """1 to 5; 0 none in force; None in force but of unknown level, or not known."""
    name: str
    issuer: str
    since: datetime | None
    confirmed: datetime | None
    """ReportDateTime of the last telegram that said so."""
    until: datetime | None
    evidence: str
    """Identity of the telegram that decides."""
    unknown: bool = False
    """True where a code stands in force that nobody here knows."""


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One area moved from one official level to another; rows are only ever added."""

    area: str
    area_name: str
    area_kind: AreaKind
    at: datetime
    before: int | None
    after: int | None
    issuer: str
    reason: str
    evidence: str


class Judgement(StrEnum):
    """What the city's own reading says against the city's own threshold."""

    MET = "met"
    NEAR = "near"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"
