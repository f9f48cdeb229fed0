"""Households with plans in the made-up city: a seeded handful of everybody, for the demo and for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from disaster_hub.config import Config
from disaster_hub.rehearsal.city import HEIGHT_M, MINAMO, lonlat, river_y
from disaster_hub.rehearsal.gazetteer import TOWNS
from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.household import Home, Household, Mode, Need, Plan, Structure
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.world import WorldKind

SEED = 990606
HOMES = 200
SCATTER_M = 170.0
OFF_RIVER_M = 110.0
EAST_X = 5600.0
OLDEST_DAYS = 300
SEEN = 0.6
"""So many of a hundred let their neighbourhood see whether they are safe."""
SLOW = frozenset({Need.ELDER, Need.CARE, Need.INFANT, Need.PREGNANT})


def plans(count: int = HOMES) -> list[Plan]:
    """Draw *count* plans; the same number gives the same homes."""
    chance = np.random.default_rng(SEED)
    towns = [(name, x, y) for name, _, x, y in TOWNS if x is not None and y is not None]
    found: list[Plan] = []
    while len(found) < count:
        name, east, north = towns[int(chance.integers(len(towns)))]
        x, y = east + float(chance.normal(0, SCATTER_M)), north + float(chance.normal(0, SCATTER_M))
        if 60 < x < EAST_X and 500 < y < HEIGHT_M - 60 and abs(y - river_y(x)) > OFF_RIVER_M:
            address = f"{MINAMO.name}{name}{int(chance.integers(1, 20))}-{int(chance.integers(1, 15))}"
            found.append(_plan(chance, LonLat(*lonlat(x, y)), address))
    open_ = np.random.default_rng([SEED, 4]).random(count) < SEEN
    return [
        replace(one, seen_by=frozenset({"neighbours"}) if seen else one.seen_by)
        for one, seen in zip(found, open_, strict=True)
    ]


def _plan(chance: np.random.Generator, spot: LonLat, address: str) -> Plan:
    """Draw who lives there; one in eight does not know how fast they are."""
    mode = Mode(chance.choice(["foot", "foot", "foot", "foot", "foot", "wheelchair", "car"]))
    odds = {Need.ELDER: 0.35, Need.CARE: 0.08, Need.INFANT: 0.12, Need.CHILD: 0.2, Need.PREGNANT: 0.03, Need.PET: 0.2}
    needs = frozenset(need for need, share in odds.items() if chance.random() < share)
    household = Household(
        people=int(chance.integers(1, 6)),
        needs=needs,
        mode=mode,
        ten_minutes_m=[None, 360, 480, 600, 600, 700, 700, 700][int(chance.integers(8))],
        stairs=mode is not Mode.WHEELCHAIR and bool(chance.random() < 0.9),
        pram=Need.INFANT in needs and bool(chance.random() < 0.6),
        prepare_min=int(chance.choice([5, 10, 10, 15, 15, 20, 30])),
        endure_hours=[None, 24, 72][int(chance.integers(3))],
    )
    structure = Structure(chance.choice(["wood", "wood", "wood", "steel", "concrete", "unknown"]))
    storeys = int(chance.integers(1, 3)) if structure is not Structure.CONCRETE else int(chance.integers(2, 6))
    home = Home(spot, address, storeys, int(chance.integers(1, storeys + 1)), structure)
    return Plan(home, household, leave_level=3 if needs & SLOW else 4, language=str(chance.choice(["ja"] * 9 + ["en"])))


def furnish(store: Store, keys: Keyring, config: Config, now: datetime, count: int = HOMES) -> list[str]:
    """Save the plans, as if their people had made them in the months before; give their random ids.

    Only a made-up world gets made-up people. What stands before each of them is reckoned by the clock, as for anybody.
    """
    if config.world.kind is WorldKind.REAL:
        raise WrongWorld("made-up households are for made-up worlds")
    chance = np.random.default_rng([SEED, 1])
    made = []
    with store.write() as tx:
        for plan in plans(count):
            at = now - timedelta(days=int(chance.integers(1, OLDEST_DAYS)))
            made.append(households.create(tx, keys, plan, at).household)
    return made
