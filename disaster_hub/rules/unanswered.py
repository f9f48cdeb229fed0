"""Who of those that have not answered stands on top: whose minutes run out first; not known counts as running out.

A disaster officer can read this beside us. No answer is never taken for "has left", a household that no message reached
stands above others of the same minute, and one for which nobody can say a minute stands where a minute is just over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf

from disaster_hub.terms.alert import Alert, AlertKind, Brief
from disaster_hub.terms.way import Word

OUT = frozenset({"left", "arrived"})
"""Whoever has said one of these is no longer at home, to whichever alert it was said."""
HELP = "help"
ASKS_FROM = 3
"""An automatic alert asks for an answer from this official level on."""


class Window(StrEnum):
    """Whether there is still time to leave."""

    SHUT = "shut"
    """Its minute is over, or no way is dry any more: up, not out. Nobody is sent there on foot."""
    OPEN = "open"
    NOT_KNOWN = "not_known"
    """Nobody can say a minute: as urgent as one that is just running out."""
    STAYS = "stays"
    """The plan says that they may stay at home, where they are or on their upper floor, and never had to leave."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """One household that has not answered; a random id and no more."""

    household: str
    alert: str
    """The newest alert that asked them."""
    root: str
    """The first alert of its chain."""
    area: str
    """Code of the evacuation area; empty where its home lies in none."""
    minute: datetime | None
    """Their latest minute to walk out of the door."""
    word: Word | None
    """What their plan says now; None where no brief can be read."""
    unreached: bool = False
    """No message reached them: no channel, or every one failed."""
    needs: bool = False
    """Somebody there needs more time or help."""
    named: bool = False
    """They named a helper."""
    upstairs: bool = False
    """Their upper floor is known to be safe enough; not known is not."""

    def window(self, now: datetime) -> Window:
        """Tell whether there is still time."""
        up = self.word is Word.GO_UP and self.upstairs and self.minute is None
        if self.word is Word.STAY or up:
            return Window.STAYS
        if self.word is Word.GO_UP or (self.minute is not None and self.minute <= now):
            return Window.SHUT
        return Window.NOT_KNOWN if self.minute is None else Window.OPEN

    def slack_s(self, now: datetime) -> float:
        """Give the seconds left; of a shut window less than nothing, of an unknown one nothing."""
        window = self.window(now)
        if window is Window.STAYS:
            return inf
        if self.minute is not None:
            left = (self.minute - now).total_seconds()
            return min(left, -1.0) if window is Window.SHUT else left
        return -inf if window is Window.SHUT else 0.0


def ranked(found: Iterable[Unheard], now: datetime) -> list[Unheard]:
    """Put the least slack first; of the same minute, those whom nothing reached."""
    return sorted(found, key=lambda one: (one.slack_s(now), not one.unreached, not one.needs, one.household))


def minute_of(brief: Brief | None) -> datetime | None:
    """Give the latest minute to leave that a brief tells: its own, or the one after which the word is up."""
    if brief is None:
        return None
    return brief.leave_at if brief.leave_at is not None else brief.until


def asks(alert: Alert) -> bool:
    """Tell whether an alert wants an answer."""
    if alert.kind is AlertKind.AUTOMATIC:
        return alert.level is not None and alert.level >= ASKS_FROM
    return alert.kind in {AlertKind.ORDER, AlertKind.UPDATE}


def settled(word: str, given_at: datetime, asked_at: datetime) -> bool:
    """Tell whether an answer is one to what was asked: being out always is, staying only where it came afterwards."""
    return word in OUT or (word != HELP and given_at >= asked_at)
