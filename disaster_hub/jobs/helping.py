"""The clock's part for helpers: whoever is to be asked is asked in time."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.alerts import helping
from disaster_hub.alerts.helping import Step
from disaster_hub.alerts.unanswered import Unanswered, in_force
from disaster_hub.config import Config
from disaster_hub.store import help_calls
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store


class Helping:
    """Looks at the board of those who have not answered, again and again."""

    def __init__(self, store: Store, config: Config, keys: Keyring) -> None:
        self.store, self.config, self.keys = store, config, keys
        self.unanswered = Unanswered(keys)

    def run(self, now: datetime) -> Step:
        """Look once; in a quiet night nothing is read but the alerts in force."""
        with self.store.read() as tx:
            if not in_force(tx, now)[0] and not help_calls.still_open(tx):
                return Step()
            board = self.unanswered.board(tx, now)
        with self.store.write() as tx:
            return helping.look(tx, self.keys, board, self.config, now)
