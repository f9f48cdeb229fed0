"""Proposals: the clock holds the town's criteria against the facts, opens what is met, and tells the staff."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.desk.proposing import headline, look, see
from disaster_hub.desk.say_decisions import about
from disaster_hub.store import outbox
from disaster_hub.store.session import Store
from disaster_hub.terms.decision import Decision
from disaster_hub.terms.notice import Notice

LIFE = timedelta(hours=6)


def decide(store: Store, config: Config, now: datetime) -> int:
    """Look once, and write what changed in one transaction; give how many proposals came onto the table."""
    with store.read() as tx:
        seen = see(tx, config, now)
    if not seen.stir:
        return 0
    with store.write() as tx:
        opened = look(tx, seen, config, now)
        for one in opened:
            outbox.enqueue(tx, _notice(one, config, now), [(s.channel, s.address) for s in config.staff])
    return len(opened)


def _notice(one: Decision, config: Config, now: datetime) -> Notice:
    """Tell the staff that people must decide; nothing of this goes to residents."""
    mark = "【訓練】" if config.world.exercise else ""
    text = f"{mark}{about(one)} の案が開いています。発令するかどうかを判断してください。{one.because}"
    return Notice(
        f"proposal:{one.id}:{one.version}", config.world.kind, "proposal_opened", f"{mark}{headline(one)}",
        text, now, now + LIFE, one.order, url="/hq/decisions",
    )  # fmt: skip
