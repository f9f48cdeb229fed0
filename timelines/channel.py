"""The page to read before adding a channel: what a channel is, and every kind there is."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.notice import Notice


class Channel(Protocol):
    """One way to people; `send` returns, or raises Undeliverable saying whether trying again can help."""

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Say *notice* to *address*; the same *key* again is the same message, not a second one."""


CHANNELS = {"console": "timelines.channels.console:Console"}
"""kind → where its class lives."""


def channel(kind: str) -> Channel:
    """Give the channel of *kind*; an unknown kind raises BadConfig."""
    if kind not in CHANNELS:
        raise BadConfig(f"staff.channel: {kind!r} is none of {', '.join(sorted(CHANNELS))}")
    module, _, name = CHANNELS[kind].partition(":")
    made: Channel = getattr(import_module(module), name)()
    return made
