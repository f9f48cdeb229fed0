"""Who acts on something that others may have changed since: one shape for drafts and for decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts on which draft or decision, on the version of it that they saw."""

    id: str
    version: int
    who: str
    now: datetime
