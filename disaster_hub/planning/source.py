"""How the source of official information does, as everybody who reads levels must know."""

from __future__ import annotations

from collections.abc import Iterable

from disaster_hub.config import Feed
from disaster_hub.rules.situation import Source
from disaster_hub.store.pulse import SourcePulse


def official_source(feeds: Iterable[Feed], pulses: Iterable[SourcePulse]) -> Source:
    """Say how the official information's source does: where there are several feeds, the worst of them."""
    known = {p.source: p for p in pulses}
    mine = [feed for feed in feeds if feed.kind == "jma-feed"]
    found = [known.get(feed.name) for feed in mine]
    times = [p.last_success for p in found if p is not None and p.last_success is not None]
    whole = bool(mine) and len(times) == len(mine)
    healed = all(
        feed.long_url is None or (p is not None and p.long_success is not None)
        for feed, p in zip(mine, found, strict=True)
    )
    patience = min((feed.stale_after_s for feed in mine), default=600.0)
    return Source(min(times) if whole else None, healed, patience)
