"""Which word holds where a plan was reckoned anew since a message went out: the one that gives less time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disaster_hub.terms.alert import Brief
from disaster_hub.terms.way import Word
from timelines.message_lines import as_it_stands

PRESSING = {
    Word.STAY: 0, Word.LEAVE_AT_LEVEL: 1, Word.NO_WAY_KNOWN: 1, Word.LEAVE_BY: 2, Word.LEAVE_NOW: 3, Word.GO_UP: 4,
}  # fmt: skip


def of(sent: Brief | None, present: Brief | None, now: datetime) -> Brief | None:
    """Give the brief to show *now*: where to go is the newest word, by when is the earlier of the two."""
    if sent is None or present is None or sent == present:
        return sent or present
    before, after = as_it_stands(sent, now), as_it_stands(present, now)
    newest = replace(present, language=sent.language)
    minutes = [one for one in (before[1], after[1]) if one is not None]
    ends = [one for one in (before[2], after[2]) if one is not None]
    word = max((before[0], after[0]), key=PRESSING.__getitem__)
    level = min(sent.leave_level, present.leave_level)
    return replace(
        newest,
        word=word,
        leave_at=min(minutes) if word is Word.LEAVE_BY else None,
        until=min(ends) if ends else None,
        leave_level=level,
        unsure=sent.unsure and sent.cause == present.cause,
    )
