"""How things look on a map: roads, water, the way, the marks for home, the place to go and the first water."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from timelines.pen import BLUE, FAINT, GROUND, INK, LINE, SOFT, Pen, Points

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

GRADES = ("path", "street", "main")
"""Kinds of road in the order in which they are drawn."""


def water(pen: Pen, banks: Sequence[Points], lines: Sequence[Points]) -> None:
    """Draw rivers: banks as areas, mere lines as a band with a broken line in it."""
    if banks:
        pen.area(banks, FAINT)
        pen.line([[*ring, ring[0]] for ring in banks], 1, SOFT)
    pen.line(lines, 7, FAINT)
    pen.line(lines, 1.4, SOFT, "9 4 3 4")


def roads(pen: Pen, grade: str, lines: Sequence[Points]) -> None:
    """Draw the roads of one *grade*: a main road as two lines, a street as one, a path dotted."""
    if grade == "main":
        pen.line(lines, 4.5, LINE)
        pen.line(lines, 2.7, GROUND)
    elif grade == "street":
        pen.line(lines, 1.2, LINE)
    else:
        pen.line(lines, 0.8, LINE, "2 3")


def closed(pen: Pen, lines: Sequence[Points]) -> None:
    """Draw closed roads: black, crossed out along their whole length."""
    pen.line(lines, 1.5, INK)
    pen.line([stroke for line in lines for x, y, _ in along(line, 13) for stroke in cross(x, y, 3.5)], 1.6, INK)


def way(pen: Pen, line: Points) -> None:
    """Draw the way to walk: thick, with a rim of ground, and arrow heads that say in which direction."""
    pen.line([line], 8.5, GROUND)
    pen.line([line], 5, BLUE)
    heads = []
    for x, y, heading in along(line, 42):
        tips = [(x + 4 * math.cos(heading + turn), y + 4 * math.sin(heading + turn)) for turn in (2.4, 0, -2.4)]
        heads.append(tips)
    pen.line(heads, 1.8, GROUND)


def home(pen: Pen, x: float, y: float) -> Box:
    """Draw a house."""
    pen.area(
        [[(x - 14, y), (x, y - 14), (x + 14, y), (x + 11, y), (x + 11, y + 12), (x - 11, y + 12), (x - 11, y)]], GROUND
    )
    pen.area(
        [
            [
                (x - 11, y - 1),
                (x, y - 11),
                (x + 11, y - 1),
                (x + 8, y - 1),
                (x + 8, y + 9),
                (x - 8, y + 9),
                (x - 8, y - 1),
            ]
        ],
        INK,
    )
    pen.area([[(x - 2.5, y + 9), (x - 2.5, y + 2), (x + 2.5, y + 2), (x + 2.5, y + 9)]], GROUND)
    return x - 14, y - 14, x + 14, y + 12


def goal(pen: Pen, x: float, y: float) -> Box:
    """Draw the place to go: a flag on a plate."""
    plate = [(x - 12, y - 12), (x + 12, y - 12), (x + 12, y + 12), (x - 12, y + 12)]
    pen.area([plate], GROUND)
    pen.line([[*plate, plate[0]]], 2, INK)
    pen.line([[(x - 5, y + 9), (x - 5, y - 8)]], 2.4, INK)
    pen.area([[(x - 5, y - 8.5), (x + 8, y - 4), (x - 5, y + 1)]], INK)
    return x - 13, y - 13, x + 13, y + 13


def first_water(pen: Pen, x: float, y: float) -> Box:
    """Draw where the way floods first: a cross on a white disc."""
    pen.area([ring(x, y, 11)], GROUND)
    pen.line([[*ring(x, y, 11), ring(x, y, 11)[0]]], 2, INK)
    pen.line(cross(x, y, 5.5), 3.6, INK)
    return x - 12, y - 12, x + 12, y + 12


def ring(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Give a circle as twenty points."""
    return [(x + radius * math.cos(n * math.tau / 20), y + radius * math.sin(n * math.tau / 20)) for n in range(20)]


def cross(x: float, y: float, arm: float) -> list[Points]:
    """Give the two strokes of a ✕."""
    return [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]]


def along(line: Points, apart: float) -> Iterator[tuple[float, float, float]]:
    """Give (x, y, heading) every *apart* units along *line*, at least once."""
    length = sum(math.dist(*ends) for ends in pairwise(line))
    count = max(1, int(length / apart))
    wanted = [(number + 0.5) * length / count for number in range(count)]
    gone = 0.0
    for one, other in pairwise(line):
        step = math.dist(one, other)
        while wanted and step > 0 and wanted[0] <= gone + step:
            share = (wanted.pop(0) - gone) / step
            x, y = (a + (b - a) * share for a, b in zip(one, other, strict=True))
            yield x, y, math.atan2(other[1] - one[1], other[0] - one[0])
        gone += step


def label(
    pen: Pen, mark: Box, words: str, size: float, taken: list[Box], edge: tuple[float, float], *, must: bool
) -> None:
    """Write *words* beside *mark* where nothing is covered; left out where there is no room and they need not be."""
    wide, high = pen.width(words, size, bold=must), size * 1.25
    left, top, right, bottom = mark
    middle = ((left + right) / 2 - wide / 2, (top + bottom) / 2 - high / 2)
    starts = [
        (right + 3, middle[1]), (left - 3 - wide, middle[1]), (middle[0], top - high - 1), (middle[0], bottom + 1),
        (right + 1, top - high), (left - 1 - wide, top - high), (right + 1, bottom), (left - 1 - wide, bottom),
    ]  # fmt: skip
    # Pushed inside: words that hang over the edge cannot be read.
    inside = [
        (min(max(x, 3), max(3, edge[0] - wide - 3)), min(max(y, 3), max(3, edge[1] - high - 3))) for x, y in starts
    ]
    boxes = [(x, y, x + wide, y + high) for x, y in (*starts, *inside)]
    free = [
        box for box in boxes
        if box[0] >= 2 and box[1] >= 2 and box[2] <= edge[0] - 2 and box[3] <= edge[1] - 2
        and not any(_touch(box, other) for other in taken)
    ]  # fmt: skip
    if not free and not must:
        return
    box = free[0] if free else min(boxes[len(starts) :], key=lambda one: sum(_touch(one, other) for other in taken))
    taken.append(box)
    pen.text((box[0], box[1] + size), words, size, bold=must)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scale(pen: Pen, per_metre: float, north: str, edge: tuple[float, float], size: float) -> list[Box]:
    """Draw the scale bar (a quarter of the width at most) and the arrow to the north."""
    most = edge[0] * 0.25 / per_metre
    metres = max((n * 10**power for power in range(1, 6) for n in (1, 2, 5) if n * 10**power <= most), default=10)
    wide, y = metres * per_metre, edge[1] - 8
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    high = size * 1.3 + 12
    box = (4.0, edge[1] - high, max(wide, pen.width(words, size)) + 16, edge[1] - 2)
    pen.area([[(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]], GROUND)
    pen.line([[(10, y - 5), (10, y), (10 + wide, y), (10 + wide, y - 5)]], 2, INK)
    pen.text((10, y - 8), words, size)
    x, top = edge[0] - 16, 8.0
    arrow = (x - 12, 3.0, x + 12, top + 26 + size)
    pen.area([[(arrow[0], arrow[1]), (arrow[2], arrow[1]), (arrow[2], arrow[3]), (arrow[0], arrow[3])]], GROUND)
    pen.area([[(x, top), (x + 7, top + 20), (x, top + 15), (x - 7, top + 20)]], INK)
    pen.text((x - pen.width(north, size, bold=True) / 2, top + 22 + size * 0.9), north, size, bold=True)
    return [box, arrow]
