"""The town in memory: zones, roads, shelters, arrival times and addresses, read anew when open data was loaded."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from disaster_hub.config import Config
from disaster_hub.store import places
from disaster_hub.store.session import Store, Transaction
from timelines.find_address import AddressBook
from timelines.town import Town

GLANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Places:
    """What was loaded, ready to be asked."""

    stamp: str
    """Changes whenever an open-data file is loaded."""
    town: Town
    addresses: AddressBook


def read(tx: Transaction, config: Config) -> Places:
    """Read the whole town; some seconds and some hundred megabytes for a large city."""
    town = Town.build(
        places.features(tx, "hazards"),
        places.features(tx, "roads"),
        places.features(tx, "shelters"),
        places.features(tx, "arrivals"),
        config.governs,
        config.city.area,
    )
    return Places(places.stamp(tx), town, AddressBook.build(places.features(tx, "addresses")))


class Library:
    """Keeps the town of one store and reads it again when it has changed; safe to ask from several threads."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self._held: Places | None = None
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def places(self) -> Places:
        """Give the town as it was last loaded; a file that was loaded this very second may be missing."""
        held = self._held
        if held is not None and time.monotonic() - self._looked < GLANCE_S:
            return held
        with self.store.read() as tx:
            newest = places.stamp(tx)
            self._looked = time.monotonic()
            if held is not None and held.stamp == newest:
                return held
            with self._lock:
                if self._held is None or self._held.stamp != newest:
                    self._held = read(tx, self.config)
                return self._held
