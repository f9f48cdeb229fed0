"""Rules of automatic notices as they stand: what was found, what was told because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disaster_hub.terms.level import Judgement


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """How one rule stood at its last look, and what was told because of it."""

    rule: str
    subject: str
    """Code of the area, river or gauge that it looks at."""
    verdict: Judgement
    level: int | None
    reason: str
    since: datetime
    evidence: str
    alert: str = ""
    """The newest alert that went out and was not yet calmed; empty where there is none."""
    told: int | None = None
    """The level that was told (0 for a gauge's mark); None where nothing is to be taken back."""
    revision: int = 0
    calm_from: datetime | None = None
    """Since when a gauge has been below its mark."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look that said something else than the one before, with everything that it was reckoned from."""

    rule: str
    version: int
    subject: str
    at: datetime
    verdict: Judgement
    level: int | None
    reason: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON; `rules.notice_rules.stand` says the same of it again."""
    alert: str = ""
    """What went out because of it: an alert or its end; empty where nothing did."""
