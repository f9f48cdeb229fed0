"""Sirens: whether a channel was seen to work, measured by a message to a test handset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.notice import CHANNEL_WORDS


class SirenState(StrEnum):
    """What is known of one channel."""

    OK = "ok"
    LATE = "late"
    """The channel took it, and no receipt came in time."""
    BROKEN = "broken"
    """The channel did not take it."""
    UNKNOWN = "unknown"
    """Never measured, or not for longer than a period; that is not well."""
    NOT_SET = "not_set"
    """The channel is in use and no test handset is named for it: nobody would see it break."""


STATE_WORDS: Mapping[SirenState, str] = {
    SirenState.OK: "届いています", SirenState.LATE: "届いた返事がありません", SirenState.BROKEN: "送れません",
    SirenState.UNKNOWN: "未確認", SirenState.NOT_SET: "確認の端末がありません",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """One canary: when it was sent, until when its receipt is awaited, when it came; all by the wall's clock."""

    id: int
    sent_wall: datetime
    due_wall: datetime
    received_wall: datetime | None = None
    refused: str = ""
    """Why it was not even tried."""
    state: str = ""
    """Of its delivery in the outbox."""
    reason: str = ""
    """What the channel last said; it never names an address."""

    @property
    def seconds(self) -> float | None:
        """Give how long its receipt took; None where there is none."""
        return None if self.received_wall is None else (self.received_wall - self.sent_wall).total_seconds()


@dataclass(frozen=True, slots=True)
class Handset:
    """A browser of the city's own that an administrator made a test handset."""

    id: str
    channel: str
    name: str
    address: str
    mark: str
    """Digest of the address, by which its canaries are known."""
    added_by: str
    added_at: datetime
    asked_wall: datetime
    """When a test was last wished for; nobody tests an unproved one for ever."""
    proved_wall: datetime | None = None
    """When its first receipt came; before that no channel is judged by it."""


@dataclass(frozen=True, slots=True)
class Siren:
    """One channel as it stands."""

    channel: str
    state: SirenState
    last_ok: datetime | None = None
    """When the last receipt came, by the wall's clock."""
    seconds: float | None = None
    """How long that one took."""
    why: str = ""
    name: str = ""
    """Of the test handset."""
    handset: str = ""
    """Digest of its address."""
    round: int = 0
    """Number of the round that the state rests on."""

    @property
    def word(self) -> str:
        """Name the channel as people do."""
        return CHANNEL_WORDS.get(self.channel, self.channel)

    @property
    def wrong(self) -> bool:
        """Tell whether the room must see it."""
        return self.state in {SirenState.LATE, SirenState.BROKEN}
