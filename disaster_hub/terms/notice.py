"""Notices: exactly what is said, to whom, by which channel; frozen at the moment of deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.terms.world import WorldKind

CONTACT = "contact:"
SOON_OVER = timedelta(days=1)
TESTS = frozenset({"test", "canary"})
"""Kinds that are marked as tests in every world: of one's own phone, and the canaries."""


def of_contact(contact: str) -> str:
    """Write a household's contact as the address of a delivery: an id that says nothing."""
    return f"{CONTACT}{contact}"


CHANNEL_WORDS: Mapping[str, str] = {
    "webpush": "プッシュ", "line": "LINE", "email": "メール", "sms": "SMS", "voice": "電話", "webhook": "他のシステム",
    "console": "試験用の画面",
}  # fmt: skip
"""Every channel as officers call it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message as decided; *key* makes it unique: the same cause never writes a second one."""

    key: str
    world: WorldKind
    kind: str
    """`level_changed`, `source_down`, `source_back`; `test` proves a channel and is marked as a test in every world."""
    headline: str
    text: str
    decided_at: datetime
    expires_at: datetime
    urgency: int
    """5 goes before 1."""
    url: str = ""
    """The page that opens at a tap: a path of the portal or a whole address; an opaque token may stand in it."""
    unsubscribe: str = ""
    """Where one click ends these messages (RFC 8058), a path or a whole address; empty where nothing is to end."""
    alert: str = ""
    """Id of the alert whose households get it, each in the words of its own plan; empty for what the staff is told."""

    @property
    def patient(self) -> bool:
        """Tell whether it is tried until it expires: an alert, and whatever is of use for a day at most.

        What holds for longer (an invitation) ends after some tries: nobody is knocked at for a week.
        """
        return bool(self.alert) or self.expires_at - self.decided_at <= SOON_OVER


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one address on one channel."""

    id: int
    notice: Notice
    channel: str
    address: str
    tries: int
    household: str = ""
    """Whose plan the words are of; empty for the staff."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that happened: who, when, what, where, because of what; only ever added."""

    at: datetime
    kind: str
    who: str
    what: str
    where: str | None = None
    because: str | None = None
    key: str | None = None
    """Set where the same happening must be written once, however often it is judged."""
    noted_at: datetime | None = None
    """When it was written down, where a person did that; *at* is when it happened."""
    about: int | None = None
    """Number of the row that this one corrects, pins or unpins; that row stays as it is."""
    person: str | None = None
    """Random id of personal data that are sealed elsewhere; deletion empties them."""
