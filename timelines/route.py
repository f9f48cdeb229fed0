"""One way in full: its line on the map, its turns, where it floods first, and whether it stays dry while walked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Flooding, Turn, Way
from timelines.conditions import NEVER_FROM, Conditions
from timelines.pace import DETOUR, TENTHS
from timelines.reach import DIRECT, Reach, links
from timelines.roads import Floats, Roads, Snaps
from timelines.wet import DRY, Source

STRAIGHT, SLIGHT, BACK = 30.0, 60.0, 150.0
"""Degrees up to which a turn is none, a slight one, and from which it is back the way one came."""
DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Walk:
    """A way as links: where it comes from and goes to, and what holds there."""

    reach: Reach
    homes: Snaps
    home: int
    """Which of *homes*."""
    spot: LonLat
    goal: LonLat
    origin: int
    side: int
    slot: int
    latest: int
    time: int
    until: int = DRY
    """Tenths until the door itself is wet."""
    tsunami: bool = False
    soft: bool = False

    @property
    def roads(self) -> Roads:
        """Give the roads it goes along."""
        return self.reach.ground.roads

    @property
    def pieces(self) -> list[tuple[int, float, float]]:
        """Give each link with the shares at which it is entered and left."""
        own, goal = int(self.homes.link[self.home]), int(self.reach.places.link[self.origin])
        start, end = float(self.homes.share[self.home]), float(self.reach.places.share[self.origin])
        if self.side == DIRECT:
            return [(own, start, end)]
        way, along = links(self.reach, own, self.side, self.slot)
        found = [(link, 0.0, 1.0) if go else (link, 1.0, 0.0) for link, go in zip(way, along, strict=True)]
        found[0] = (own, start, found[0][2])
        found[-1] = (goal, found[-1][1], end)
        return found


def way(walk: Walk, now: Conditions) -> tuple[Way, Source | None]:
    """Draw one way up; with it the water that ends it, None where none does."""
    roads, pieces = walk.roads, walk.pieces
    line = _line(walk, pieces)
    beside = float(walk.homes.metres[walk.home]), float(walk.reach.places.metres[walk.origin])
    metres = sum(abs(b - a) * float(roads.length[link]) for link, a, b in pieces)
    bound, limit = binding(walk, pieces, now)
    slack = None
    if walk.latest < NEVER_FROM and bound is not None:
        slack = (walk.latest - now.offset(bound, soft=walk.soft)) / TENTHS
    return (
        Way(
            links=tuple(roads.ids[link] for link, _, _ in pieces),
            line=line,
            metres=round(metres + sum(beside) * DETOUR, 1),
            minutes=round(walk.time / TENTHS / 60, 2),
            turns=tuple(_turns(roads, pieces)),
            floods=_floods(walk, pieces, now),
            slack_s=slack,
        ),
        bound if limit < NEVER_FROM else None,
    )


def binding(walk: Walk, pieces: Sequence[tuple[int, float, float]], now: Conditions) -> tuple[Source | None, int]:
    """Walk it through: give the water that ends the way first, and the latest set-out that this walk comes to."""
    ground = walk.reach.ground
    spent = int(ground.pace.beside(walk.homes.metres[walk.home : walk.home + 1])[0])
    latest, where = walk.until - spent if walk.until < DRY else DRY, -1
    for link, a, b in pieces:
        full = int((ground.along if b >= a else ground.against)[link])
        spent += math.ceil(full * abs(b - a))
        if int(ground.dry[link]) < DRY and int(ground.dry[link]) - spent < latest:
            latest, where = int(ground.dry[link]) - spent, link
    if where < 0:
        return None, latest
    found = now.who(where, tsunami=walk.tsunami, soft=walk.soft)
    return (found[0] if found else None), latest


def _floods(walk: Walk, pieces: Sequence[tuple[int, float, float]], now: Conditions) -> Flooding | None:
    """Name the link of the way that is wet first."""
    roads, dry = walk.roads, walk.reach.ground.dry
    link, a, b = min(pieces, key=lambda piece: int(dry[piece[0]]))
    found = now.who(link, tsunami=walk.tsunami, soft=walk.soft)
    if found is None:
        return None
    source, after = found
    x, y = _part(roads.points(link), a, (a + b) / 2)[-1].tolist()
    at = now.at(now.offset(source) + after)
    where = LonLat(round(x, DECIMALS), round(y, DECIMALS))
    return Flooding(roads.ids[link], roads.street[link], where, after / TENTHS / 60, at)


def _line(walk: Walk, pieces: Sequence[tuple[int, float, float]]) -> tuple[tuple[float, float], ...]:
    """Join the links' lines, from door to door."""
    points = [np.array([[walk.spot.lon, walk.spot.lat]])]
    points += [_part(walk.roads.points(link), a, b) for link, a, b in pieces]
    points.append(np.array([[walk.goal.lon, walk.goal.lat]]))
    every = np.round(np.concatenate(points), DECIMALS)
    new = np.concatenate([[True], (every[1:] != every[:-1]).any(axis=1)])
    return tuple(map(tuple, every[new].tolist()))


def _part(points: Floats, a: float, b: float) -> Floats:
    """Cut a link's line from one share of its length to another."""
    if (a, b) == (0.0, 1.0):
        return points
    if (a, b) == (1.0, 0.0):
        return points[::-1]
    shrink = math.cos(math.radians(float(points[0, 1])))
    steps = np.hypot(np.diff(points[:, 0]) * shrink, np.diff(points[:, 1]))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    low, high = sorted((a * along[-1], b * along[-1]))
    inner = points[(along > low) & (along < high)]
    ends = np.column_stack([np.interp([low, high], along, points[:, axis]) for axis in (0, 1)])
    cut = np.concatenate([ends[:1], inner, ends[1:]])
    return cut if b >= a else cut[::-1]


def _turns(roads: Roads, pieces: Sequence[tuple[int, float, float]]) -> Iterator[Turn]:
    """Say the turns; links of one street that go straight on are one."""
    go, street, metres, kind = "start", None, 0.0, ""
    last: float | None = None
    for link, a, b in pieces:
        first, final = _bearings(roads, link, a, b)
        name = roads.street[link]
        now = "stairs" if roads.steps[link] else "bridge" if roads.bridge[link] else ""
        turn = _turn(last, first)
        if street is None:
            street, kind = name, now
        elif (now != kind and now) or name != street or turn not in {"straight", "slight_left", "slight_right"}:
            yield Turn(go, street, round(metres, 1))
            go, street, metres = (now if now and now != kind else turn), name, 0.0
        kind, last = now, final
        metres += abs(b - a) * float(roads.length[link])
    yield Turn(go, street or "", round(metres, 1))
    yield Turn("arrive", "", 0.0)


def _turn(last: float | None, now: float) -> str:
    """Name the change of direction between two bearings."""
    if last is None:
        return "straight"
    change = (now - last + 180) % 360 - 180
    size = abs(change)
    if size < STRAIGHT:
        return "straight"
    if size >= BACK:
        return "back"
    side = "right" if change > 0 else "left"
    return f"slight_{side}" if size < SLIGHT else side


def _bearings(roads: Roads, link: int, a: float, b: float) -> tuple[float, float]:
    """Give the bearings, degrees from north, at which a link is entered and left."""
    first, final = roads.bearings[link]
    return (first, final) if b >= a else (final + 180.0, first + 180.0)
