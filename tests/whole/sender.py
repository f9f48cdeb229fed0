"""A `post` process whose channels write what arrives at a handset into a file: python -m tests.whole.sender STORE FILE PACE.

Beside FILE a test may keep a gate, FILE.gate: how many may have arrived by each channel, as JSON; what comes after that
hangs on its way until the gate lets it in, or is taken away. FILE.looked says which alerts `post` knows as taken back.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from disaster_hub.config import Config
from disaster_hub.jobs import deliver
from disaster_hub.jobs.addresses import AS_WRITTEN, AsDecided
from disaster_hub.store import outbox, worlds
from disaster_hub.store.session import Store, Transaction, open_store
from disaster_hub.terms.notice import Delivery, Notice
from tests.jobs.hub import config
from timelines import channel


class Handsets:
    """What arrived, a line each: the channel, the address, the notice's key."""

    parallel = 2

    def __init__(self, kind: str, file: Path, per_second: float) -> None:
        self.kind, self.per_second, self.path = kind, per_second, file
        self._file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._door = Lock()

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Let it arrive, in one write, as soon as the gate lets it."""
        del key
        while True:
            with self._door:
                if self._may():
                    os.write(self._file, f"{self.kind} {address} {notice.key}\n".encode())
                    return
            time.sleep(0.02)

    def _may(self) -> bool:
        """Tell whether the gate lets one more in; what processes before this one let in counts too."""
        try:
            gate = json.loads(beside(self.path, "gate").read_text())
        except FileNotFoundError:
            return True
        came = sum(line.startswith(f"{self.kind} ") for line in self.path.read_text().splitlines())
        return came < int(gate.get(self.kind, 0))


def beside(file: Path, name: str) -> Path:
    """Name the file of the gate, or of what was looked up, beside that of what arrived."""
    return file.with_name(f"{file.name}.{name}")


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

    look = outbox.taken_back

    def looked(tx: Transaction, alerts: Collection[str]) -> set[str]:
        """Look, and write what was found for the test to see."""
        found = look(tx, alerts)
        for one in sorted(found):
            with beside(Path(file), "looked").open("a") as said:
                said.write(f"{one}\n")
        return found

    vars(outbox)["taken_back"] = looked
    vars(deliver).update(Household=Letters, channel=give)
    deliver.run_post(config(address, world))


if __name__ == "__main__":
    main(*sys.argv[1:])
