"""How many messages LINE still allows this month: asked in the background, never so that an approval waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock, Thread

from flask import current_app

from disaster_hub.config import Config
from disaster_hub.portal.hub import hub
from timelines.channels import line
from timelines.channels.line import Quota
from timelines.outside import Outside

NAME = "disaster_hub.line_quota"
FRESH_S = 60.0
PATIENCE_S = 0.7
"""So long a page waits for the first answer; later it comes with the next look."""


@dataclass(slots=True)
class Remaining:
    """What LINE last said."""

    config: Config
    said: Quota | None = None
    asked: float = -FRESH_S
    _lock: Lock = field(default_factory=Lock)

    def look(self) -> Quota | None:
        """Give what is known; ask anew where it is old. None: there is no LINE here, or it does not say."""
        if self.config.line_bot is None:
            return None
        with self._lock:
            old = time.monotonic() - self.asked >= FRESH_S
            if old:
                self.asked = time.monotonic()
        if old:
            asking = Thread(target=self._ask, name="line quota", daemon=True)
            asking.start()
            if self.said is None:
                asking.join(PATIENCE_S)
        return self.said

    def _ask(self) -> None:
        self.said = line.quota(self.config, Outside(self.config.outgoing))


def remaining() -> Remaining:
    """Give what the application at hand knows of LINE's quota."""
    app = current_app
    found: Remaining = app.extensions.setdefault(NAME, Remaining(hub(app).config))
    return found
