"""The ground of the made-up city: a river between levees, a low quarter behind them, hills in the south."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disaster_hub.rehearsal.city import HEIGHT_M, WIDTH_M

CELL_M = 20.0
COLUMNS, ROWS = int(WIDTH_M / CELL_M), int(HEIGHT_M / CELL_M)
BED_M = -3.0
"""The river's bed against the plain; the zero of its gauges."""
CREST_M = 4.0
"""The levees' crest against the plain."""
CHANNEL_HALF_M, TOE_M, CREST_FROM_M, CREST_TO_M = 40.0, 48.0, 55.0, 82.0
BANK_X, BANK_TOP_M = 900.0, 12.2
"""The embankment of the bypass, which closes the low quarter to the west."""
TERRACE_M = 5.0
HILLS_BELOW_Y, HILLS_M, HILLS_WIDE_M = 1500.0, 150.0, 800.0
LOW_X, LOW_Y, LOW_DEPTH_M = 2100.0, 3750.0, 2.2

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Line = tuple[tuple[float, float], ...]

BROOKS: dict[str, Line] = {
    "こがね川": ((5400, 4900), (4300, 4500), (3300, 4300), (2450, 4080), (1900, 3900), (1500, 3720), (1350, 3600),
              (700, 3300), (330, 2910)),
    "みず沢川": ((3700, 250), (3750, 900), (3900, 1350), (3850, 1620), (3950, 2400)),
    "すぎ川": ((760, 150), (700, 700), (720, 900), (650, 1700), (520, 2780)),
    "みどり用水": ((5600, 3520), (4700, 3300), (3900, 3080), (3350, 3140)),
    "はこ川": ((6000, 4700), (5990, 3700), (5900, 3000), (5850, 2150)),
}  # fmt: skip


def plain(x: ArrayLike) -> Array:
    """Give the height of the plain beside the river in metres; it falls to the west."""
    return np.asarray(6.0 + 0.0012 * np.asarray(x, dtype=np.float64), dtype=np.float64)


def middle(x: ArrayLike) -> Array:
    """Give where the river's middle runs, for many *x* at once (see `city.river_y`)."""
    east = np.asarray(x, dtype=np.float64)
    return np.asarray(2900 - 0.12 * east + 60 * np.sin(east / 500), dtype=np.float64)


def height(x: ArrayLike, y: ArrayLike) -> Array:
    """Give the ground's height in metres at metres east and north of the corner."""
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    off = north - middle(east)
    ground = plain(east) + np.where(off > 0, 0.0004, 0.0006) * np.abs(off)
    ground = ground - LOW_DEPTH_M * np.exp(-(((east - LOW_X) / 1000) ** 2) - ((north - LOW_Y) / 520) ** 2)
    ground = ground + TERRACE_M * _step((north - 4450) / 300)
    ground = ground + HILLS_M * _step((HILLS_BELOW_Y - north) / HILLS_WIDE_M) * _ridges(east)
    # A slope of one in two, so that even a 20 m cell knows where the bank is.
    bank = BANK_TOP_M - 0.5 * np.maximum(0, np.abs(east - BANK_X) - 14)
    ground = np.where(off > 0, np.maximum(ground, bank), ground)
    return np.asarray(_levees(ground, plain(east), np.abs(off)), dtype=np.float64)


def _levees(ground: Array, beside: Array, off: Array) -> Array:
    """Lay channel, berm and levee into the ground; *off* is the distance from the river's middle."""
    slope = np.maximum(0, np.maximum(off - CREST_TO_M, CREST_FROM_M - off)) * 0.3
    ground = np.where(off > TOE_M, np.maximum(ground, beside + CREST_M - slope), beside - 0.5)
    return np.asarray(np.where(off < CHANNEL_HALF_M, beside + BED_M, ground))


def _step(share: Array) -> Array:
    """Rise from 0 to 1 without a corner."""
    s = np.clip(share, 0, 1)
    return s * s * (3 - 2 * s)


def _ridges(x: Array) -> Array:
    """Give the hills' ridges and valleys; the brooks come out of the valleys."""
    return 0.62 + 0.22 * np.cos((x - 2200) / 480) + 0.16 * np.cos(x / 260)


@dataclass(frozen=True)
class Ground:
    """The height function on its grid: cell [row, column], rows from the south, columns from the west."""

    @cached_property
    def xs(self) -> Array:
        """Give the middles of the columns, metres east."""
        return np.asarray((np.arange(COLUMNS) + 0.5) * CELL_M, dtype=np.float64)

    @cached_property
    def ys(self) -> Array:
        """Give the middles of the rows, metres north."""
        return np.asarray((np.arange(ROWS) + 0.5) * CELL_M, dtype=np.float64)

    @cached_property
    def z(self) -> Array:
        """Give the height of every cell."""
        return height(self.xs[None, :], self.ys[:, None])

    @cached_property
    def beside(self) -> Array:
        """Give the height of the plain at every cell's *x*."""
        return np.broadcast_to(plain(self.xs)[None, :], self.z.shape)

    @cached_property
    def off(self) -> Array:
        """Give every cell's distance north of the river's middle."""
        return self.ys[:, None] - middle(self.xs)[None, :]

    @cached_property
    def corridor(self) -> Mask:
        """Tell which cells lie between the outer toes of the levees."""
        return np.abs(self.off) < CREST_TO_M

    @cached_property
    def slope(self) -> Array:
        """Give the steepness of every cell, metres a metre."""
        north, east = np.gradient(self.z, CELL_M)
        return np.asarray(np.hypot(north, east))


def cell(x: float, y: float) -> tuple[int, int]:
    """Give the row and column of the cell at a place; outside the city it is the nearest one."""
    return min(max(int(y // CELL_M), 0), ROWS - 1), min(max(int(x // CELL_M), 0), COLUMNS - 1)


def spread(wet: Mask, free: Mask) -> Mask:
    """Give *wet* and those *free* cells that touch it."""
    grown = wet.copy()
    grown[1:] |= wet[:-1]
    grown[:-1] |= wet[1:]
    grown[:, 1:] |= wet[:, :-1]
    grown[:, :-1] |= wet[:, 1:]
    return wet | (grown & free)


def reached(source: tuple[int, int], free: Mask) -> Mask:
    """Give every free cell that *source* reaches without leaving them."""
    wet = np.zeros_like(free)
    wet[source] = True
    while True:
        grown = spread(wet, free)
        if np.array_equal(grown, wet):
            return wet
        wet = grown
