"""The clock's look at the town's rules of automatic notices, right after the telegrams were judged."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk import automatic
from disaster_hub.store.session import Store


def automatic_notices(store: Store, config: Config, now: datetime) -> int:
    """Issue what the rules say; give how many alerts went on their way. Can be killed anywhere and run again."""
    with store.read() as tx:
        if not automatic.due(tx, config, now):
            return 0
    with store.write() as tx:
        return len(automatic.evaluate(tx, config, now))
