"""The page to read before adding a source: every kind of fact that is pulled or read, and where its reader lives."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.findings import Findings

Reader = Callable[[bytes], Findings]
"""Pure: the same bytes give the same findings; what cannot be read stands in `problems`, nothing is raised."""

SOURCES = {
    "jma-feed": "sensors.feeds.atom:read",
    "jma-telegram": "sensors.feeds.telegram:read",
    "k-river": "sensors.feeds.k_river:read",
}
"""kind in config.toml → where its reader lives."""


def reader(kind: str) -> Reader:
    """Give the reader of *kind*; an unknown kind raises BadConfig."""
    if kind not in SOURCES:
        raise BadConfig(f"feeds.kind: {kind!r} is none of {', '.join(sorted(SOURCES))}")
    module, _, name = SOURCES[kind].partition(":")
    read: Reader = getattr(import_module(module), name)
    return read
