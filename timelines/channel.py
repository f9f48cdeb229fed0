"""The page to read before adding a channel: what a channel is, and every kind there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from disaster_hub.config import Config
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Notice

if TYPE_CHECKING:
    import aiohttp  # a quarter of a second to load: only who sends needs it

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message ready to go: headline, text and url of *notice* are already the household's own."""

    notice: Notice
    address: str
    key: str
    """The same key again is the same message."""
    language: str = ""
    """Of the text, for what a channel adds itself (the words on LINE's buttons); empty is Japanese."""
    sealed: object = None
    """What the channel's own `sealed` has made of it beforehand; None where nobody did."""


class Channel(Protocol):
    """One way to people; `send` returns, or raises Undeliverable saying whether trying again can help.

    It may say how it wants to be used, as attributes of its class: `parallel` (how many at once; 1) and `per_second`
    (0: as many as it takes). `send` is then called from so many threads.
    """

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Say *notice* to *address*; the same *key* again is the same message, not a second one."""


@runtime_checkable
class Wired(Protocol):
    """A channel that also speaks over the connections of `post`; `post` then uses this and never `send`."""

    together: int
    """How many letters it takes at a time; `post` gives more than one only where headline, text and url are equal."""
    parallel: int
    """How many calls may be under way at once."""
    per_second: float
    """Calls a second that the other side allows; 0: as many as it takes."""

    async def hand_over(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> Sequence[Undeliverable | None]:
        """Hand all of *letters* over; give for each None where it was taken, else why not. It raises nothing."""


@runtime_checkable
class Sealing(Protocol):
    """A channel whose letters take work before there is any connection, which another process may do."""

    def sealed(self, letter: Letter) -> Letter:
        """Give the letter with that done; Undeliverable where it can never go."""


@runtime_checkable
class Enveloped(Sealing, Protocol):
    """One of those that waits itself, and takes what it has sealed."""

    def send_sealed(self, letter: Letter) -> None:
        """Do what `send` does with a letter that may be sealed."""


def parallel(one: object) -> int:
    """Give how many letters a channel takes at once; one that says nothing takes one after the other."""
    return max(1, int(getattr(one, "parallel", 1)))


def per_second(one: object) -> float:
    """Give how many a second a channel allows; 0 is as many as it takes."""
    return max(0.0, float(getattr(one, "per_second", 0)))


def together(one: object) -> int:
    """Give how many equal letters a channel takes in one call."""
    return max(1, int(getattr(one, "together", 1))) if isinstance(one, Wired) else 1


CHANNELS = {
    "console": "timelines.channels.console:make",
    "email": "timelines.channels.email:make",
    "line": "timelines.channels.line:make",
    "sms": "timelines.channels.sms:make",
    "voice": "timelines.channels.voice:make",
    "webhook": "timelines.channels.webhook:make",
    "webpush": "timelines.channels.webpush:make",
}
"""kind → the function that makes it of the configuration and the wall clock."""


def channel(kind: str, config: Config, wall: Clock = utc_now) -> Channel:
    """Give the channel of *kind*; an unknown kind, or one that is not set up, raises BadConfig."""
    if kind not in CHANNELS:
        raise BadConfig(f"staff.channel: {kind!r} is none of {', '.join(sorted(CHANNELS))}")
    module, _, name = CHANNELS[kind].partition(":")
    made: Channel = getattr(import_module(module), name)(config, wall)
    return made
