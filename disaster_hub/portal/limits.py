"""How often somebody may ask: a bucket of tokens for each session or network, so that no one drowns the others.

Every POST costs one token; a view that is dear says so with `costs`. The desk's buckets are large: nobody who works by
hand meets them. An answer of 429 says when to come back, and the browser still holds what was typed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, request, session
from werkzeug.exceptions import TooManyRequests

View = TypeVar("View", bound=Callable[..., Any])
MOST_REMEMBERED = 20_000
USUAL: tuple[float, float, None] = (1.0, 0.0, None)
"""What a view costs that says nothing: one token to post, nothing to read."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many tokens there are at most, and how many come back each second."""

    size: float
    per_s: float


DESK = Bucket(240, 8)
"""Of one session."""
STREET = Bucket(600, 20)
"""Of one address without a session: a whole shelter may stand behind it."""
DOOR = Bucket(120, 2)
"""Of one address at the sign-in: a whole city hall may stand behind it, and each try costs 64 MiB for a moment."""


@dataclass(slots=True)
class Limits:
    """The buckets of one process, on a clock that only goes forward."""

    clock: Callable[[], float]
    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Key → tokens that were left, and when."""

    def take(self, key: str, bucket: Bucket, cost: float = 1.0) -> float:
        """Take *cost* tokens; give 0, or the seconds until there are enough, and then nothing was taken."""
        now = self.clock()
        had, at = self.left.get(key, (bucket.size, now))
        tokens = min(bucket.size, had + (now - at) * bucket.per_s)
        if tokens < cost:
            return (cost - tokens) / bucket.per_s
        if len(self.left) >= MOST_REMEMBERED:
            # Whoever asked longest ago has the fullest bucket: forgetting them gives away the least.
            for old in sorted(self.left, key=lambda one: self.left[one][1])[: MOST_REMEMBERED // 2]:
                del self.left[old]
        self.left[key] = (tokens - cost, now)
        return 0.0


def costs(posting: float, reading: float = 0.0, bucket: Bucket | None = None) -> Callable[[View], View]:
    """Say what one request to a view costs, and from which bucket; it stands between the route and the function."""

    def mark(view: View) -> View:
        view.costs = (posting, reading, bucket)  # type: ignore[attr-defined]
        return view

    return mark


def guard(app: Flask, clock: Callable[[], float]) -> None:
    """Count the requests of *app*, before any door is tried."""
    limits = Limits(clock)
    app.extensions["disaster_hub.limits"] = limits

    @app.before_request
    def _count() -> None:
        view = app.view_functions.get(request.endpoint or "")
        posting, reading, bucket = getattr(view, "costs", USUAL)
        cost = reading if request.method in {"GET", "HEAD", "OPTIONS"} else posting
        wait = limits.take(*_bucket(bucket), cost) if cost else 0.0
        if wait > 0:
            raise TooManyRequests(retry_after=int(wait) + 1)


def _bucket(named: Bucket | None) -> tuple[str, Bucket]:
    """Choose whose bucket pays: the session's, which is signed, else the address's."""
    token = session.get("id")
    if named is not None:
        return f"{named.size:g} {network()}", named
    return (f"session {token}", DESK) if isinstance(token, str) else (network(), STREET)


def network() -> str:
    """Give the address; of IPv6 the network of one home, which has as many addresses as it likes."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "?"
    return str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False))
