"""The searches that many households need together: each is made once for all that share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from disaster_hub.terms.household import Destination, Kind
from disaster_hub.terms.place import LonLat
from timelines.asked import Door
from timelines.conditions import Class
from timelines.reach import Found, Reach, doors
from timelines.roads import Ints, Snaps
from timelines.route import Reached
from timelines.town import Situation


@dataclass(frozen=True, slots=True)
class Part:
    """One search and the households that it answers, by their place in the asking."""

    members: NDArray[np.int64]
    reach: Reach
    homes: Snaps
    until: Ints
    found: Found


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found: for each household the shelters that fit, and the way to each place it wished for."""

    best: dict[int, Reached] = field(default_factory=dict)
    wished: dict[int, dict[int, Reached]] = field(default_factory=lambda: defaultdict(dict))
    parts: list[Part] = field(default_factory=list)


def answers(situation: Situation, every: Sequence[Door]) -> Answers:
    """Search class by class, first for the shelters that fit, then for what households wish for besides."""
    out = Answers()
    by_class: dict[Class, list[int]] = defaultdict(list)
    for n, door in enumerate(every):
        by_class[door.of].append(n)
    if len(situation.town.roads):
        if len(by_class) > 1:
            situation.prepare(by_class)
        for of, members in by_class.items():
            part = _best(situation, of, every, np.array(members))
            out.parts.append(part)
            for row, n in enumerate(members):
                out.best[n] = Reached(part.reach, part.homes, part.found, row, int(part.until[row]))
            _wished(situation, of, every, part, out)
    return out


def _best(situation: Situation, of: Class, every: Sequence[Door], members: NDArray[np.int64]) -> Part:
    """Answer all households of one class."""
    homes = situation.town.roads.snap([every[n].asked.spot for n in members], of.pace.mode)
    until = [every[n].until(situation.conditions, int(link)) for n, link in zip(members, homes.link, strict=True)]
    found, dry = situation.reach(of), np.array(until, dtype=np.int32)
    return Part(members, found, homes, dry, doors(found, homes, dry))


def _wished(situation: Situation, of: Class, every: Sequence[Door], best: Part, out: Answers) -> None:
    """Answer those who wish for a place that the first search did not reach for them; one search a place."""
    groups: dict[LonLat, list[tuple[int, int, int]]] = defaultdict(list)
    fitting, shelters = situation.fitting(of.hazards), situation.town.shelters
    for row, n in enumerate(best.members.tolist()):
        have: set[str] | None = None
        for slot, wish in enumerate(every[n].asked.wishes):
            goal = _goal(situation, wish)
            if goal is None or wish is None:
                continue
            if have is None:
                have = {shelters.all[fitting[int(o)]].id for o in best.found.origin[row] if o >= 0}
            if wish.shelter not in have:
                groups[goal].append((n, slot, row))
    for goal, rows in groups.items():
        which = np.array([row for _, _, row in rows])
        mine = best.homes[which]
        way = situation.to(of, goal, mine)
        found = doors(way, mine, best.until[which])
        out.parts.append(Part(best.members[which], way, mine, best.until[which], found))
        for at, (n, slot, row) in enumerate(rows):
            out.wished[n][slot] = Reached(way, mine, found, at, int(best.until[row]))


def _goal(situation: Situation, wish: Destination | None) -> LonLat | None:
    """Give the point of a wish; a shelter stands where open data says, whatever the plan says."""
    if wish is None or wish.kind is Kind.UPSTAIRS:
        return None
    if wish.kind is Kind.SHELTER:
        number = situation.town.shelters.number.get(wish.shelter or "")
        return None if number is None else situation.town.shelters.all[number].spot
    return wish.spot
