"""Helpers: whom a household named to look after it, who was asked when no answer came, and what they said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

STAFF = "staff:"
NAMED = "helper:"
"""How a call names its helper: a person with an account of the city's, or one whom a household named."""


class CallState(StrEnum):
    """How a call to a helper stands."""

    ASKED = "asked"
    GOING = "going"
    """見に行く."""
    TOGETHER = "together"
    """一緒に出た."""
    CANNOT = "cannot"
    """会えない."""
    SILENT = "silent"
    """Nothing came back in time; the next one is proposed."""
    ENDED = "ended"
    """The household answered, or the alert is over: nobody needs to go any more."""
    MISSING = "missing"
    """There is nobody to ask."""


OPEN = frozenset({CallState.ASKED, CallState.GOING})
"""Somebody is asked, or on the way."""
UNFINISHED = OPEN | {CallState.SILENT}
"""While it is so, a message that has not gone yet may still go: who was given up may say that they go."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody whom a household named, and what they agreed to."""

    id: str
    household: str
    """Who named them."""
    channel: str
    """`email`, `line`, `sms` or `webpush`; empty as long as the helper has not said where to be reached."""
    address: str
    called: str = ""
    """How the household calls them; never sent to others."""
    invited_at: datetime | None = None
    confirmed_at: datetime | None = None
    """When they agreed; before that nothing is sent to them but the invitation."""
    stopped_at: datetime | None = None
    language: str = "ja"
    """In which they agreed; what is sent to them is in it where its phrases are reviewed."""
    load: int = 1
    """For how many households at once; more than one: also for others than the one that named them."""
    ended_at: datetime | None = None
    """When the way to them ended on their side (the account blocked, the browser's subscription gone)."""

    @property
    def ready(self) -> bool:
        """Tell whether they agreed and can be reached."""
        ended = self.stopped_at is not None or self.ended_at is not None
        return self.confirmed_at is not None and not ended and bool(self.channel)


@dataclass(frozen=True, slots=True)
class HelpCall:
    """One helper asked to look after one household because no answer came."""

    id: str
    root: str
    """The first alert of its chain."""
    household: str
    helper: str
    """`helper:<id>`, `staff:<name>`; empty where there is nobody."""
    state: CallState
    asked_at: datetime
    shuts_at: datetime | None = None
    """The household's latest minute when the helper was asked; None is not known."""
    answered_at: datetime | None = None
