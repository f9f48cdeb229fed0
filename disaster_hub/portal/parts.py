"""Live parts of the desk's pages: drawn once for every change, given as bytes to however many look at them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from flask import Response, current_app, request
from gevent.lock import BoundedSemaphore

from disaster_hub.portal.hub import hub
from disaster_hub.portal.packed import Packed, pack

NAME = "disaster_hub.parts"
KIND = "text/html; charset=utf-8"
HEADERS = (("Cache-Control", "private, no-cache"), ("X-Content-Type-Options", "nosniff"))
AT_MOST_S = 5.0
"""What hangs on the time of day (a countdown) is never older."""
MOST = 200


@dataclass(slots=True)
class Parts:
    """The parts of one portal."""

    made: OrderedDict[Hashable, tuple[str, float, Packed]] = field(default_factory=OrderedDict)
    turns: dict[Hashable, BoundedSemaphore] = field(default_factory=dict)

    def get(self, key: Hashable, token: str, make: Callable[[], str]) -> Packed:
        """Give a part as it was made under *token*, or make it: one at a time, the others wait for the same."""
        found = self._fresh(key, token)
        if found is not None:
            return found
        with self.turns.setdefault(key, BoundedSemaphore(1)):
            found = self._fresh(key, token)
            if found is None:
                found = pack(make().encode(), KIND, HEADERS, level=4)
                self.made[key] = (token, time.monotonic(), found)
                while len(self.made) > MOST:
                    gone, _ = self.made.popitem(last=False)
                    self.turns.pop(gone, None)
        return found

    def _fresh(self, key: Hashable, token: str) -> Packed | None:
        held = self.made.get(key)
        fresh = held is not None and held[0] == token and time.monotonic() - held[1] <= AT_MOST_S
        return held[2] if held is not None and fresh else None


def part(key: Hashable, make: Callable[[], str], kind: str = KIND) -> Response:
    """Answer with a live part that is the same for everybody whom *key* names; *make* renders it from the store.

    What differs by role or person belongs into *key*, for what is made is given to the next who asks. It is made anew
    when anything in the store has changed (facts, journal, open data), and at the latest after AT_MOST_S.
    """
    made = _made(key, make, kind)
    encodings, known = (request.headers.get(h, "") for h in ("Accept-Encoding", "If-None-Match"))
    status, headers, body = made.answer(encodings, known)
    return Response(body, status, [(n, kind if n == "Content-Type" else v) for n, v in headers])


def words(key: Hashable, make: Callable[[], str]) -> str:
    """Give the same part as text, for the page that it stands in at its opening."""
    return _made(key, make, KIND).body.decode()


def _made(key: Hashable, make: Callable[[], str], kind: str) -> Packed:
    app = current_app
    held: Parts = app.extensions.setdefault(NAME, Parts())
    return held.get((key, kind), hub(app).board.token, make)
