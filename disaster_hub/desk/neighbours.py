"""A leader's own neighbourhood: the households that chose to be seen by it, and nobody else."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from disaster_hub.alerts.unanswered import Board
from disaster_hub.rules.unanswered import Unheard
from disaster_hub.store import evacuation_areas, home_points, households, leader_areas
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import PlanVersion

NEIGHBOURS = "neighbours"
MANY = 400
"""From so many plans on, reading all of them is quicker than one by one."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One household that agreed to be seen by its neighbourhood."""

    household: str
    area: str
    address: str
    word: str
    """The newest answer it gave; empty where it gave none, or nothing was asked."""
    waiting: Unheard | None
    """Its line on the board, while it has not answered."""


class Neighbourhoods:
    """Who agreed, read once a version of their plan; safe to ask from several threads."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, str | None]] = {}

    def of(self, tx: Transaction, leader: str, board: Board) -> list[Neighbour]:
        """Give those whom *leader* may see, whoever has least minutes first."""
        mine = leader_areas.of(tx, leader)
        found: dict[str, str] = {}
        homes: dict[str, int] = {}
        for area in evacuation_areas.all_areas(tx) if mine else ():
            if area.code in mine and area.shape is not None:
                for name, version in home_points.within(tx, area.shape).inside(area.shape):
                    if version > 0:
                        found.setdefault(name, area.code)
                        homes[name] = version
        with self._lock:
            self._read(tx, homes)
            seen = {name: held[1] for name in homes if (held := self._known.get(name)) and held[1] is not None}
        rank = {one.household: (n, one) for n, one in enumerate((*board.help, *board.rows))}
        last = len(rank)
        rows = [
            Neighbour(
                name, board.names.get(found[name], ""), address or "（住所の文字なし）", board.said.get(name, ""),
                rank[name][1] if name in rank else None,
            )
            for name, address in seen.items()
        ]  # fmt: skip
        return sorted(rows, key=lambda one: (rank.get(one.household, (last, None))[0], one.area, one.address))

    def _read(self, tx: Transaction, homes: dict[str, int]) -> None:
        new = {name for name, version in homes.items() if self._known.get(name, (None, None))[0] != version}
        for name, saved in _plans(tx, self.keys, new):
            agreed = saved is not None and NEIGHBOURS in saved.plan.seen_by
            self._known[name] = homes[name], saved.plan.home.address if saved is not None and agreed else None


def _plans(tx: Transaction, keys: Keyring, names: Collection[str]) -> Sequence[tuple[str, PlanVersion | None]]:
    if len(names) > MANY:
        return [(name, saved) for name, saved in households.everyone(tx, keys) if name in names]
    found: list[tuple[str, PlanVersion | None]] = []
    for name in names:
        try:
            found.append((name, households.latest(tx, keys, name)))
        except (KeyGone, BadInput):
            found.append((name, None))
    return found
