"""A `post` process whose channels write what arrives at a handset into a file: python -m tests.whole.sender STORE FILE PACE."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from disaster_hub.config import Config
from disaster_hub.jobs import deliver
from disaster_hub.jobs.addresses import AS_WRITTEN, AsDecided
from disaster_hub.store import worlds
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.notice import Delivery, Notice
from tests.jobs.hub import config
from timelines import channel


class Handsets:
    """What arrived, a line each: the channel, the address, the notice's key."""

    parallel = 2

    def __init__(self, kind: str, file: Path, per_second: float) -> None:
        self.kind, self.per_second = kind, per_second
        self._file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Let it arrive, in one write."""
        del key
        os.write(self._file, f"{self.kind} {address} {notice.key}\n".encode())


class Letters(AsDecided):
    """Letters in the notice's own words, to the contact's id."""

    def __init__(self, store: Store, mine: Config) -> None:
        super().__init__(AS_WRITTEN)
        del store, mine

    def write(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Any]:
        """Write."""
        return super().write(batch, now)

    def close(self) -> None:
        """Nothing is open."""


def main(address: str, file: str, pace: str) -> None:
    """Deliver until told to stop."""
    store = open_store(address)
    with store.read() as tx:
        world = worlds.current(tx)
    store.close()

    def give(kind: str, _: Config) -> channel.Channel:
        return Handsets(kind, Path(file), float(pace))

    vars(deliver).update(Household=Letters, channel=give)
    deliver.run_post(config(address, world))


if __name__ == "__main__":
    main(*sys.argv[1:])
