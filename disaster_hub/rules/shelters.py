"""When a shelter's word is too old to go by, and which shelter an officer must look at first."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.terms.shelter import Headcount, Word
from disaster_hub.terms.way import ShelterState

EVERY = timedelta(minutes=60)
"""An open shelter speaks at least this often."""
TAKES_PEOPLE = frozenset({ShelterState.OPEN, ShelterState.FILLING, ShelterState.FULL})
ORDER = {
    ShelterState.FULL: 0,
    ShelterState.FILLING: 1,
    ShelterState.OPEN: 2,
    ShelterState.CLOSED: 4,
}
UNKNOWN = 3
"""Between those with people and those that are shut: somebody may have to ask."""


def running(word: Word | None) -> bool:
    """Tell whether people are, or may be, in there."""
    return word is not None and word.state in TAKES_PEOPLE


def heard(word: Word | None, count: Headcount | None) -> datetime | None:
    """Give when the shelter last said anything of itself."""
    return max((said.at for said in (word, count) if said is not None), default=None)


def stale(word: Word | None, count: Headcount | None, now: datetime, every: timedelta = EVERY) -> bool:
    """Tell whether an open shelter has been silent for too long; a shut one may be silent."""
    at = heard(word, count)
    return running(word) and (at is None or now - at > every)


def old_count(word: Word | None, count: Headcount | None, now: datetime, every: timedelta = EVERY) -> bool:
    """Tell whether the number of people is too old to go by while the shelter is open."""
    return running(word) and count is not None and now - count.at > every


def urgency(word: Word | None) -> int:
    """Give the place in the list: full first, then filling, open, not known, shut."""
    return UNKNOWN if word is None else ORDER[word.state]
