"""One way in full: its line on the map, its turns, where it floods first, and whether it stays dry while walked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Flooding, Turn, Way
from timelines.conditions import NEVER_FROM, Class, Conditions
from timelines.pace import DETOUR
from timelines.reach import DIRECT, Found, Reach, links
from timelines.roads import DRY, TENTHS, Flags, Floats, Ints, Roads, Snaps
from timelines.wet import Source

STRAIGHT, SLIGHT, BACK = 30.0, 60.0, 150.0
"""Degrees up to which a turn is none, a slight one, and from which it is back the way one came."""
DECIMALS = 7
PLAIN, STAIRS, BRIDGE = 0, 1, 2
SPECIAL = {STAIRS: "stairs", BRIDGE: "bridge"}


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
    def trail(self) -> Trail:
        """Give its links, with the shares at which each is entered and left."""
        own = int(self.homes.link[self.home])
        start, end = float(self.homes.share[self.home]), float(self.reach.places.share[self.origin])
        if self.side == DIRECT:
            return Trail(np.array([own]), np.array([end >= start]), np.array([start]), np.array([end]))
        way, along = links(self.reach, own, self.side, self.slot)
        enter, leave = np.where(along, 0.0, 1.0), np.where(along, 1.0, 0.0)
        enter[0], leave[-1] = start, end
        return Trail(way, along, enter, leave)


@dataclass(frozen=True, slots=True)
class Trail:
    """Links in the order of going; *along* their own direction or against it; shares of entering and leaving."""

    links: Ints
    along: Flags
    enter: Floats
    leave: Floats

    @property
    def share(self) -> Floats:
        """Give how much of each link is gone."""
        return np.abs(self.leave - self.enter)


@dataclass(frozen=True, slots=True)
class Reached:
    """One search's answer for one household."""

    reach: Reach
    homes: Snaps
    found: Found
    row: int
    until: int = DRY

    def walk(self, spot: LonLat, slot: int, goal: LonLat | None, of: Class) -> Walk:
        """Give the way from *spot* to the place in *slot*."""
        f, n = self.found, self.row
        return Walk(
            self.reach, self.homes, n, spot, goal or spot, int(f.origin[n, slot]), int(f.side[n, slot]),
            int(f.slot[n, slot]), int(f.latest[n, slot]), int(f.time[n, slot]), self.until, of.tsunami, of.soft,
        )  # fmt: skip


def way(walk: Walk, now: Conditions, *, drawn: bool = True, floods: bool = True) -> tuple[Way, Source | None]:
    """Reckon one way, and draw it up where it is *drawn*; with it the water that ends it, None where none does."""
    roads, trail = walk.roads, walk.trail
    beside = float(walk.homes.metres[walk.home]) + float(walk.reach.places.metres[walk.origin])
    gone = trail.share * roads.length[trail.links]
    bound, limit = binding(walk, trail, now)
    slack = None
    if walk.latest < NEVER_FROM and bound is not None:
        slack = (walk.latest - now.offset(bound, soft=walk.soft)) / TENTHS
    found = Way(
        links=tuple(roads.ids[link] for link in trail.links.tolist()) if drawn else (),
        line=_line(walk, trail) if drawn else (),
        metres=round(float(gone.sum()) + beside * DETOUR, 1),
        minutes=round(walk.time / TENTHS / 60, 2),
        turns=_turns(roads, trail, gone) if drawn else (),
        floods=_floods(walk, trail, now) if floods else None,
        slack_s=slack,
    )
    return found, bound if limit < NEVER_FROM else None


def binding(walk: Walk, trail: Trail, now: Conditions) -> tuple[Source | None, int]:
    """Walk it through: give the water that ends the way first, and the latest set-out that this walk comes to."""
    ground = walk.reach.ground
    full = np.where(trail.along, ground.along[trail.links], ground.against[trail.links])
    first = int(ground.pace.beside(walk.homes.metres[walk.home : walk.home + 1])[0])
    spent = first + np.cumsum(np.ceil(full * trail.share).astype(np.int64))
    dry = ground.dry[trail.links]
    latest = np.where(dry < DRY, dry - spent, DRY)
    worst = int(np.argmin(latest))
    door = walk.until - first if walk.until < DRY else DRY
    if latest[worst] >= DRY or door < latest[worst]:
        return None, min(int(latest[worst]), door)
    found = now.who(int(trail.links[worst]), tsunami=walk.tsunami, soft=walk.soft)
    return (found[0] if found else None), int(latest[worst])


def _floods(walk: Walk, trail: Trail, now: Conditions) -> Flooding | None:
    """Name the link of the way that is wet first."""
    roads = walk.roads
    which = int(np.argmin(walk.reach.ground.dry[trail.links]))
    link, a, b = int(trail.links[which]), float(trail.enter[which]), float(trail.leave[which])
    found = now.who(link, tsunami=walk.tsunami, soft=walk.soft)
    if found is None:
        return None
    source, after = found
    x, y = _part(roads.points(link), a, (a + b) / 2)[-1].tolist()
    at = now.at(now.offset(source) + after)
    where = LonLat(round(x, DECIMALS), round(y, DECIMALS))
    return Flooding(roads.ids[link], roads.street[link], where, after / TENTHS / 60, at)


def _line(walk: Walk, trail: Trail) -> tuple[tuple[float, float], ...]:
    """Join the links' lines, from door to door."""
    roads, last = walk.roads, len(trail.links) - 1
    parts = [np.array([[walk.spot.lon, walk.spot.lat]])]
    parts.append(_part(roads.points(int(trail.links[0])), float(trail.enter[0]), float(trail.leave[0])))
    if last > 1:
        parts.append(roads.line(trail.links[1:last], trail.along[1:last]))
    if last:
        parts.append(_part(roads.points(int(trail.links[last])), float(trail.enter[last]), float(trail.leave[last])))
    parts.append(np.array([[walk.goal.lon, walk.goal.lat]]))
    every = np.round(np.concatenate(parts), DECIMALS)
    new = np.concatenate([[True], (every[1:] != every[:-1]).any(axis=1)])
    return tuple(map(tuple, every[new].tolist()))


def _part(points: Floats, a: float, b: float) -> Floats:
    """Cut a link's line from one share of its length to another."""
    shrink = math.cos(math.radians(float(points[0, 1])))
    steps = np.hypot(np.diff(points[:, 0]) * shrink, np.diff(points[:, 1]))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    low, high = sorted((a * along[-1], b * along[-1]))
    inner = points[(along > low) & (along < high)]
    ends = np.column_stack([np.interp([low, high], along, points[:, axis]) for axis in (0, 1)])
    cut = np.concatenate([ends[:1], inner, ends[1:]])
    return cut if b >= a else cut[::-1]


def _turns(roads: Roads, trail: Trail, gone: Floats) -> tuple[Turn, ...]:
    """Say the turns; links of one street that go straight on are one."""
    which = trail.links
    first, final = roads.bearings[which].T
    enters = np.where(trail.along, first, final + 180.0)
    leaves = np.where(trail.along, final, first + 180.0)
    change = (enters[1:] - leaves[:-1] + 180) % 360 - 180
    kind = np.where(roads.steps[which], STAIRS, np.where(roads.bridge[which], BRIDGE, PLAIN))
    street = roads.street_number[which]
    onto = (kind[1:] != kind[:-1]) & (kind[1:] != PLAIN)
    cuts = np.flatnonzero(onto | (street[1:] != street[:-1]) | (np.abs(change) >= SLIGHT)) + 1
    metres = np.add.reduceat(gone, np.concatenate([[0], cuts]))
    found = [Turn("start", roads.street[int(which[0])], round(float(metres[0]), 1))]
    for n, cut in enumerate(cuts.tolist(), start=1):
        go = SPECIAL[int(kind[cut])] if onto[cut - 1] else _turn(float(change[cut - 1]))
        found.append(Turn(go, roads.street[int(which[cut])], round(float(metres[n]), 1)))
    return (*found, Turn("arrive", "", 0.0))


def _turn(change: float) -> str:
    """Name a change of direction, degrees to the right."""
    size = abs(change)
    if size < STRAIGHT:
        return "straight"
    if size >= BACK:
        return "back"
    side = "right" if change > 0 else "left"
    return f"slight_{side}" if size < SLIGHT else side
