"""Whether a changed plan is worth another message: another place, another word, or a minute that comes earlier."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.terms.alert import Brief
from disaster_hub.terms.way import Word

EARLIER = timedelta(minutes=5)
"""A minute that comes earlier by less wakes nobody: it has that much to spare."""
PAUSE = timedelta(minutes=5)
"""No household is told of a changed plan more often."""
OUT = frozenset({Word.LEAVE_BY, Word.LEAVE_NOW, Word.LEAVE_AT_LEVEL})


def worth_telling(before: Brief, now: Brief) -> bool:
    """Tell whether who was told *before* must hear of *now*."""
    return _place(before) != _place(now) or _earlier(before, now)


def _place(brief: Brief) -> tuple[bool, str, bool]:
    """Say where they go: out or not, to which place, to its upper floors alone."""
    return brief.word in OUT, brief.place, brief.upper_floors


def _earlier(before: Brief, now: Brief) -> bool:
    """Tell whether the last minute comes earlier, or stands now where none did."""
    old, new = _minute(before), _minute(now)
    if new is None:
        return False
    return old - new >= EARLIER if old is not None else before.word is not Word.LEAVE_NOW


def _minute(brief: Brief) -> datetime | None:
    """Give the last minute to walk out of the door; of who was told to leave now, the one at which it is too late."""
    return brief.leave_at or (brief.until if brief.word is Word.LEAVE_NOW else None)
