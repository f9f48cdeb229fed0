"""The house in the water: how high a depth class stands against its storeys, and on which floor the household lives."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise

from disaster_hub.terms.hazard import Depth
from timelines.map_strokes import ring
from timelines.pen import FAINT, GROUND, INK, SOFT, SvgPen
from timelines.upstairs import level_of

WIDE, HIGH, FOOT = 360.0, 300.0, 34.0
LEFT, RIGHT = 110.0, 250.0
"""Where the house's walls stand."""
MOST = 6
"""Storeys drawn without a gap; of a higher house the floors that matter are."""


@dataclass(frozen=True, slots=True)
class HouseWords:
    """The words in the picture, in the reader's language."""

    title: str
    said: str
    """The same as the picture, for those who cannot see it."""
    depth: str
    """The class as a class, such as 0.5〜3 m, or that it is not known."""
    here: str
    """Marks the household's own floor: あなたの階."""
    floor: str
    """A floor by its number: {n}階."""


def house_svg(depth: Depth | None, storeys: int, floor: int, words: HouseWords, *, known: bool = True) -> str:
    """Draw the house and the water at the upper end of its class.

    *depth* None with *known* is no water here; with *known* False the depth is not known, and the whole picture is
    hatched: not known is never drawn as dry. An open-ended class reaches over the top of the picture.
    """
    told = repr((depth, storeys, floor, words, known)).encode()
    pen = SvgPen("h" + hashlib.blake2b(told, digest_size=4).hexdigest())
    deep = depth.reckoned if depth is not None and known else 0.0
    floors = _floors(deep, max(storeys, floor), floor)
    over = math.isinf(deep)
    tall = max(_levels(floors)[-1] + 1.8, 0.0 if over else deep + 1.0)
    ground = HIGH - FOOT
    per_metre = (ground - 10) / tall
    top = 0.0 if over else ground - deep * per_metre
    pen.area([[(0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)]], GROUND)
    if not known:
        pen.area([[(0, 0), (WIDE, 0), (WIDE, ground), (0, ground)]], "unknown")
    elif deep:
        _water(pen, top, ground, over=over)
    _house(pen, ground, per_metre, floors, floor, words)
    pen.line([[(0, ground), (WIDE, ground)]], 3, INK)
    if deep:
        if not over:
            pen.line([_waves(top + 3, LEFT, RIGHT)], 2, INK)
        _measure(pen, top, ground, open_ended=over)
    wide = pen.width(words.depth, 18, bold=True)
    pen.text(((WIDE - wide) / 2, HIGH - 10), words.depth, 18, bold=True)
    return pen.svg(WIDE, HIGH, words.title, words.said)


def _floors(deep: float, storeys: int, own: int) -> list[int]:
    """Give the floors to draw: all of a low house; of a high one those in the water, the one above, own and top."""
    if storeys <= MOST:
        return list(range(1, storeys + 1))
    wet = next((n for n in range(1, storeys + 1) if level_of(n) >= deep), storeys) if math.isfinite(deep) else 2
    low = range(1, min(storeys, max(3, wet + 1)) + 1)
    return sorted({*low, own, storeys})


def _levels(floors: list[int]) -> list[float]:
    """Give how high each floor lies in the picture, metres, and the eaves; a gap is drawn as one metre."""
    levels = [level_of(floors[0])]
    for below, floor in pairwise(floors):
        high = level_of(below + 1) - level_of(below)
        levels.append(levels[-1] + high + (1.0 if floor > below + 1 else 0.0))
    return [*levels, levels[-1] + level_of(floors[-1] + 1) - level_of(floors[-1])]


def _waves(y: float, start: float = 0.0, end: float = WIDE) -> list[tuple[float, float]]:
    return [(x, y + 2.5 * math.sin(x / 9)) for x in range(int(start), int(end) + 1, 3)]


def _water(pen: SvgPen, top: float, ground: float, *, over: bool) -> None:
    """Fill the water; a class without an upper end has no surface to be seen."""
    surface = [(0.0, 0.0), (WIDE, 0.0)] if over else _waves(top + 3)
    pen.area([[*surface, (WIDE, ground), (0, ground)]], FAINT)
    pen.area([[*surface, (WIDE, ground), (0, ground)]], "tsunami")
    if not over:
        pen.line([surface], 2.5, INK)


def _house(pen: SvgPen, ground: float, per_metre: float, floors: list[int], own: int, words: HouseWords) -> None:
    """Draw the storeys with their numbers, the own floor with a person in it, a gap where floors are left out."""
    levels = [ground - level * per_metre for level in _levels(floors)]
    eaves = levels[-1]
    body = [(LEFT, ground), (LEFT, eaves), (RIGHT, eaves), (RIGHT, ground)]
    pen.area([[(LEFT - 12, eaves), ((LEFT + RIGHT) / 2, eaves - 1.4 * per_metre), (RIGHT + 12, eaves)]], SOFT)
    pen.line([[*body, body[0]]], 3, INK)
    for place, number in enumerate(floors):
        low, high = levels[place], levels[place + 1]
        if place + 1 < len(floors) and floors[place + 1] > number + 1:
            high += per_metre
            _gap(pen, high, levels[place + 1])
        pen.line([[(LEFT, low), (RIGHT, low)]], 1.5, INK)
        size = min(16.0, (low - high) * 0.8)
        name = words.floor.replace("{n}", str(number))
        pen.text((LEFT + 8, (low + high) / 2 + size * 0.35), name, size, bold=number == own)
        if number == own:
            _person(pen, RIGHT - 24, low - 2, min(28.0, (low - high) * 0.8))
            wide = pen.width(words.here, 15, bold=True)
            pen.text((max(2, LEFT - 14 - wide), (low + high) / 2 + 5), words.here, 15, bold=True)


def _gap(pen: SvgPen, low: float, high: float) -> None:
    """Draw that floors are left out: the house is broken through."""
    pen.line([[(LEFT, low), (RIGHT, low)]], 1.5, INK)
    pen.area([[(LEFT - 6, low - 2), (RIGHT + 6, low - 2), (RIGHT + 6, high + 2), (LEFT - 6, high + 2)]], GROUND)
    for y in (low - 2, high + 2):
        pen.line([[(LEFT - 8, y + 2), (LEFT + 45, y - 2), (LEFT + 95, y + 2), (RIGHT + 8, y - 2)]], 1.5, INK)


def _person(pen: SvgPen, x: float, foot: float, tall: float) -> None:
    """Draw somebody standing: a head and a body on a plate of ground."""
    head = tall * 0.2
    pen.area([ring(x, foot - tall + head, head + 2)], GROUND)
    pen.area([ring(x, foot - tall + head, head)], INK)
    body = [(x - tall * 0.22, foot), (x - tall * 0.22, foot - tall * 0.55), (x + tall * 0.22, foot - tall * 0.55)]
    pen.area([[*body, (x + tall * 0.22, foot)]], INK)


def _measure(pen: SvgPen, top: float, ground: float, *, open_ended: bool) -> None:
    """Draw the arrow from the ground to the water's height; without a head where the class has no upper end."""
    x = WIDE - 40
    pen.line([[(x, ground), (x, top + 2)]], 6, GROUND)
    pen.line([[(x, ground), (x, top + 2)]], 2.5, INK, "6 5" if open_ended else "")
    head = [(x - 6, top + 14), (x, top + 3), (x + 6, top + 14)]
    pen.line([head], 2.5, INK)
    pen.line([[(x - 8, ground), (x + 8, ground)]], 2.5, INK)
