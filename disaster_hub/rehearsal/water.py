"""The night's true water: a breach fills the low quarter, roads drown and come back. Only tests read the result."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from disaster_hub.rehearsal import stage
from disaster_hub.rehearsal.city import NOON, minutes, moment, river_y
from disaster_hub.rehearsal.streets import Link
from disaster_hub.rehearsal.terrain import (
    BANK_X,
    BED_M,
    CELL_M,
    CREST_TO_M,
    Array,
    Ground,
    Mask,
    cell,
    plain,
    reached,
    spread,
)
from disaster_hub.terms.clock import local

BREACH_X = 2400.0
BEHIND_M = 30.0
BREACH = (BREACH_X, river_y(BREACH_X) + CREST_TO_M + BEHIND_M)
"""The first ground behind the levee."""
WEIR = 1.6
"""Flow over a broad crest in m3/s: WEIR times width times head to the power of 1.5."""
WIDEST_M, WIDENING_MIN = 110.0, 40.0
SHEET_SHARE, SHEET_SLOPE = 0.45, 0.0012
"""How high the running sheet stands in the breach between sill and river, and how it falls on its way."""
CELLS_A_MINUTE = 2
"""The front moves 40 m a minute, 0.67 m/s, the pace of a walker."""
RISE_M_A_MINUTE = 0.06
"""Behind the front the water deepens no faster."""
GATE_M3S = 320.0
"""What the opened gate and the pumps take away."""
BROOK_AT = (1900.0, 3900.0)
BROOK_POOL_M, BROOK_FULL, BROOK_EMPTIES_MIN = 0.9, 0.14, 150.0
"""Depth of the brook's pool when the brook stands BROOK_FULL over its banks, and how long it takes to empty."""
CLASSES_M = (0.01, 0.1, 0.3, 0.5, 1.0, 2.0, 3.0)
"""A road is wet from the first; a row is written whenever another is crossed."""
SAMPLE_M = 10.0
FINISH = "02:00"
FIRST = "17:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """The water at one minute (after noon): depth in metres of every cell, and of the underpass."""

    minute: int
    depth: Array
    underpass: float
    highest: float
    """The highest surface behind the breach, metres above the city's zero; -inf before it."""


@dataclass(frozen=True, slots=True)
class Break:
    """One break of the northern levee: where, from which minute after noon, how wide, and under which river."""

    x: float
    at: float
    gate: float
    """When the gate at the bottom of the low quarter is opened."""
    widest_m: float
    stage: Callable[[float], float]
    """The river's depth at みなも橋 by minutes after noon, metres."""

    @property
    def source(self) -> tuple[int, int]:
        """Give the cell of the first ground behind the levee."""
        return cell(self.x, river_y(self.x) + CREST_TO_M + BEHIND_M)

    def surface(self, minute: float) -> float:
        """Give the river's water level at the break, metres above the city's zero."""
        return float(plain(self.x)) + BED_M + self.stage(minute)


def river_surface(x: float, minute: float) -> float:
    """Give the river's water level at *x*, metres above the city's zero."""
    return float(plain(x)) + BED_M + stage.level("river", minute)


def night(ground: Ground, until: str = FINISH) -> Iterator[Moment]:
    """Give the water minute by minute: the brook's pool from the evening on, the river's from the breach."""
    gate = minutes(moment(stage.GATE_OPENS))
    here = Break(BREACH_X, minutes(moment(stage.BREACH)), gate, WIDEST_M, lambda at: stage.level("river", at))
    river = Breach(ground, here)
    brook = Brook(ground)
    for minute in range(int(minutes(moment(FIRST))), int(minutes(moment(until))) + 1):
        if minute >= here.at:
            river.pass_minute(minute)
        depth = np.maximum(river.depth, brook.depth_at(minute))
        yield Moment(minute, depth, stage.level("underpass", minute), max(river.head, river.pool))


class Breach:
    """The water behind a break: a sheet that runs down from it, and the pool that it fills at the bottom."""

    def __init__(self, ground: Ground, here: Break, within: Mask | None = None) -> None:
        """Take the ground and the break; *within* keeps the water to these cells."""
        self.z = ground.z
        self.here = here
        self.source = here.source
        self.sill = float(self.z[self.source])
        top = here.surface(here.at)
        free = (self.z < top) & (ground.off > 0) & ~ground.corridor
        self.basin = reached(self.source, free if within is None else free & within)
        self.levels = np.linspace(float(self.z[self.basin].min()), top, 400)
        self.volumes = np.array([np.maximum(0, one - self.z[self.basin]).sum() for one in self.levels]) * CELL_M**2
        self.volume = 0.0
        self.pool = -np.inf
        self.head = -np.inf
        self.sheet: Array = np.full_like(self.z, -np.inf)
        self.wet: Mask = np.zeros_like(self.basin)
        self.depth: Array = np.zeros_like(self.z)

    def pass_minute(self, minute: int) -> None:
        """Let one minute's water in and out, move the front, deepen what is behind it."""
        since = minute - self.here.at
        river = self.here.surface(minute)
        opened = min(1.0, (since + 5) / WIDENING_MIN)
        self._fill(minute, max(0.0, river - max(self.pool, self.sill)), self.here.widest_m * opened)
        self._run(min(river, max(self.head, self.sill + SHEET_SHARE * opened * (river - self.sill))))
        self.wet |= np.isfinite(self.sheet)
        for _ in range(CELLS_A_MINUTE):
            self.wet = spread(self.wet, self.basin & (self.z < self.pool))
        level = np.maximum(self.sheet, np.where(self.wet, self.pool, -np.inf))
        self.depth = np.minimum(np.maximum(0, level - self.z), self.depth + RISE_M_A_MINUTE)

    def _fill(self, minute: int, over: float, width: float) -> None:
        """Keep the account of the pool: what comes over the weir, what the opened gate takes away."""
        gate = GATE_M3S if minute > self.here.gate else 0.0
        self.volume = max(0.0, self.volume + 60 * (WEIR * width * over**1.5 - gate))
        self.pool = float(np.interp(self.volume, self.volumes, self.levels))

    def _run(self, head: float) -> None:
        """Move the sheet: each cell's surface lies a little below that of the neighbour it comes from."""
        if head < self.head:
            self.sheet = self.sheet - (self.head - head)
        self.head = head
        self.sheet[self.source] = head
        for _ in range(CELLS_A_MINUTE):
            padded = np.pad(self.sheet, 1, constant_values=-np.inf)
            sides = (padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2])
            self.sheet = np.maximum(self.sheet, np.maximum.reduce(sides) - SHEET_SLOPE * CELL_M)
        self.sheet[~self.basin | (self.sheet <= self.z)] = -np.inf


class Brook:
    """Rain water and the brook's overflow at the bottom of the low quarter, held by the closed gate."""

    def __init__(self, ground: Ground, stands: Callable[[float], float] | None = None) -> None:
        """Take the ground, and how the brook *stands* by minutes after noon (1 is bankfull); without, as that night."""
        self.stands = stands or (lambda at: stage.level("brook", at))
        low = ground.z.copy()
        low[(ground.off < 0) | ground.corridor | (ground.xs[None, :] < BANK_X)] = np.inf
        self.z = ground.z
        self.bottom = float(low.min())
        ceiling = min(self.bottom + BROOK_POOL_M, float(ground.z[cell(*BROOK_AT)]) + 0.2)
        self.deep = ceiling - self.bottom
        row, column = np.unravel_index(int(low.argmin()), low.shape)
        self.basin = reached((int(row), int(column)), low < ceiling)
        self.share = 0.0

    def depth_at(self, minute: int) -> Array:
        """Give the depth of every cell of the pool; it falls only once the gate is open."""
        over = min(1.0, max(0.0, self.stands(minute) - 1.0) / BROOK_FULL)
        late = max(0.0, minute - minutes(moment(stage.GATE_OPENS))) / BROOK_EMPTIES_MIN
        self.share = max(self.share, over)
        level = self.bottom + self.deep * self.share * max(0.0, 1 - late)
        return np.asarray(np.where(self.basin, np.maximum(0, level - self.z), 0))


def rows(ground: Ground, links: Iterable[Link], moments: Iterable[Moment]) -> Iterator[tuple[str, str, str]]:
    """Give (link, time, depth) whenever a link's greatest depth passes from one class to another."""
    roads = [link for link in links if not link.bridge]
    places = [np.ravel_multi_index(np.array(cells(link)).T, ground.z.shape) for link in roads]
    starts = np.cumsum([0, *(len(one) for one in places[:-1])])
    flat = np.concatenate(places)
    under = np.array([link.under for link in roads])
    last = np.zeros(len(roads), dtype=int)
    for now in moments:
        depths = np.maximum.reduceat(now.depth.ravel()[flat], starts) + under * now.underpass
        ranks = np.searchsorted(CLASSES_M, depths, side="right")
        time = local(NOON + timedelta(minutes=now.minute))
        for n in np.flatnonzero(ranks != last):
            yield roads[n].id, time, f"{depths[n] if ranks[n] else 0.0:.2f}"
        last = ranks


def cells(link: Link) -> list[tuple[int, int]]:
    """Give the cells that a link passes, looked at every few metres."""
    places = set()
    for (x1, y1), (x2, y2) in zip(link.points, link.points[1:], strict=False):
        steps = max(1, round(float(np.hypot(x2 - x1, y2 - y1)) / SAMPLE_M))
        for share in np.linspace(0, 1, steps + 1):
            places.add(cell(x1 + (x2 - x1) * float(share), y1 + (y2 - y1) * float(share)))
    return sorted(places)


def write(path: Path, ground: Ground, links: list[Link], until: str = FINISH) -> None:
    """Write `link,time,depth_m` in the order of time: a road is dry where no row says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("link", "time", "depth_m"))
        out.writerows(rows(ground, links, night(ground, until)))
