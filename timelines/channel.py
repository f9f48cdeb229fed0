"""The page to read before adding a channel: what a channel is, and every kind there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Protocol

from disaster_hub.config import Config
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.notice import Notice

Clock = Callable[[], datetime]


class Channel(Protocol):
    """One way to people; `send` returns, or raises Undeliverable saying whether trying again can help."""

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Say *notice* to *address*; the same *key* again is the same message, not a second one."""


CHANNELS = {
    "console": "timelines.channels.console:make",
    "email": "timelines.channels.email:make",
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
