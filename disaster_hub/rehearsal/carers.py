"""The made-up helpers: neighbours who agreed to look after somebody, and the leader's own streets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from disaster_hub.rehearsal.homes import SEED
from disaster_hub.rehearsal.phones import Phone
from disaster_hub.store import evacuation_areas, household_helpers, leader_areas
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store

NAMED = 0.3
"""So many of a hundred households have named somebody."""
MANY = 3
"""How many households each of every third helper would look after."""
LEADER, STREETS = "chonai", "芦原"


def furnish(store: Store, keys: Keyring, homes: Sequence[str], now: datetime) -> list[Phone]:
    """Let households name helpers, who agree by mail; give the mailboxes of those."""
    chance = np.random.default_rng([SEED, 3])
    boxes = []
    with store.write() as tx:
        for number, home in enumerate(homes, start=1):
            if chance.random() >= NAMED:
                continue
            box = Phone(f"支援者 {number:03d}", "email", f"helper{number:03d}@minamo.example")
            identity, _ = household_helpers.invite(
                tx, keys, home, now, channel=box.channel, address=box.address, called="近所の人"
            )
            made = household_helpers.find(tx, keys, identity)
            load = MANY if number % 3 == 0 else 1
            if made is not None and household_helpers.confirm(
                tx, keys, made, now, channel=box.channel, address=box.address, language="ja", load=load
            ):
                boxes.append(box)
        mine = [area.code for area in evacuation_areas.all_areas(tx) if STREETS in area.name]
        leader_areas.put(tx, LEADER, mine)
    return boxes
