"""Whether residents' reports are taken now: an official level of 3 or more holds the gate open, or the headquarters."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk.in_force import in_force
from disaster_hub.store import gate as store
from disaster_hub.store.session import Transaction
from disaster_hub.terms.gate import OPENS_AT_LEVEL, Gate


def gate(tx: Transaction, config: Config, now: datetime) -> Gate:
    """Say how the gate stands at *now*."""
    force = in_force(tx, config, now)
    word = store.newest(tx)
    held = word is not None and word.opened and word.until is not None and now < word.until
    by_level = force.level if force.level is not None and force.level >= OPENS_AT_LEVEL else None
    return Gate(by_level is not None or held, by_level, force.place if by_level else "", word if held else None)
