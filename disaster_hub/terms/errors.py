"""What can go wrong, in the words of the person who must mend it."""

from __future__ import annotations

import traceback


class HubError(Exception):
    """Anything the hub refuses or cannot do, with a sentence fit for the operator."""


class BadConfig(HubError):
    """The configuration names something wrong; the message names the key."""


class BadInput(HubError):
    """A file, telegram or payload cannot be read; the message names file, element, field or offset."""


class Overtaken(HubError):
    """Somebody else has changed this since the page was read; the message says what, and maybe who."""


class WrongWorld(HubError):
    """A fact or a store belongs to another world (real, replay, drill) than the one at hand."""


class Unreachable(HubError):
    """A feed, broker or store did not answer; what was known before stays as it was."""


class Undeliverable(HubError):
    """A channel could not deliver; *forever* means that trying this address again is pointless.

    *gone*: the address itself is no more, and whoever keeps it may take it off the list. *after_s*: the other side
    asked to be left alone for so many seconds. *busy*: it is too many at once, so the whole channel waits, and this
    try does not count. The reason never names the address.
    """

    def __init__(
        self, reason: str, *, forever: bool = False, gone: bool = False, after_s: float | None = None,
        busy: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(reason)
        self.forever = forever or gone
        self.gone = gone
        self.after_s = after_s
        self.busy = busy


def whereabouts(fault: BaseException) -> str:
    """Name a fault by its kind and place alone: its own text may hold an address, and goes to no log."""
    found = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} at {found[-1].filename}:{found[-1].lineno}" if found else type(fault).__name__
