"""What the tests of channels say: notices, and the settings under which they are sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from disaster_hub.config import Outgoing
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import World, WorldKind

NOW = datetime(2026, 9, 18, 11, 0, tzinfo=UTC)
REAL = World(WorldKind.REAL, "本番")
REPLAY = World(WorldKind.REPLAY, "架空の夜", NOW, NOW, None, 60.0)


def notice(
    kind: str = "level_changed",
    world: WorldKind = WorldKind.REAL,
    *,
    key: str = "level:9920100:e1",
    headline: str = "みなも市：レベル４",
    text: str = "今すぐみなも小学校へ\n20:58までに出る・あと29分",
    life: timedelta = timedelta(hours=1),
    urgency: int = 5,
    url: str = "",
    unsubscribe: str = "",
) -> Notice:
    return Notice(key, world, kind, headline, text, NOW, NOW + life, urgency, url, unsubscribe)


def outgoing(ca: Path | None = None, timeout_s: float = 5) -> Outgoing:
    return Outgoing(None, ca, timeout_s, 1_000_000)
