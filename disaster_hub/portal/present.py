"""Who is there: the sessions of the last minute, read together and anew whenever anything was committed.

After a commit every open page of the desk asks at once. Each asks who it is; one reading answers them all, and what is
remembered is never older than the store: an ended session or a disabled account is shut out at the next request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from disaster_hub.store import staff_sessions
from disaster_hub.store.session import Store
from disaster_hub.store.staff_sessions import Found, Key

KEPT_S = 60.0
MOST = 2000


@dataclass(slots=True)
class Present:
    """The sessions that one process has seen of late, on a clock that only goes forward."""

    store: Store
    clock: Callable[[], float] = time.monotonic
    version: str | None = None
    held: dict[Key, Found] = field(default_factory=dict)
    used: dict[Key, float] = field(default_factory=dict)

    def find(self, token: str, name: str) -> Found:
        """Give the account of *name*, and the session of *token* where it is theirs."""
        key = token, name
        now = self.clock()
        version = self.store.version()
        if version == self.version and key in self.held:
            self.used[key] = now
            return self.held[key]
        # The version was asked before: what is committed in between is read again at the next question.
        asked = {key} if version == self.version else self._recent(now) | {key}
        with self.store.read() as tx:
            found = staff_sessions.find_all(tx, asked)
        self.held = self.held | found if version == self.version else found
        self.version = version
        self.used = {one: at for one, at in self.used.items() if one in self.held} | {key: now}
        return found[key]

    def _recent(self, now: float) -> set[Key]:
        recent = sorted(((at, key) for key, at in self.used.items() if now - at <= KEPT_S), reverse=True)
        return {key for _, key in recent[:MOST]}
