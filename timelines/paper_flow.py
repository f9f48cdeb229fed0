"""Letting text flow down a page around what already stands there: codes, a map, a line at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from timelines.paper_type import Run, Type, broken, pieces

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the upper left corner of the page."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: runs of words, how large, how much room above, how far its further lines are set in."""

    runs: tuple[Run, ...]
    size: float = 12.0
    above: float = 0.0
    indent: float = 0.0
    rule: bool = False
    """True where a thin line parts it from what stands above."""


@dataclass(frozen=True, slots=True)
class Line:
    """One set line: page number from 0, left end and base line, its pieces."""

    page: int
    x: float
    y: float
    runs: tuple[Run, ...]
    size: float
    rule_to: float | None = None
    """Right end of the thin line above, where there is one."""


@dataclass(frozen=True, slots=True)
class Room:
    """The pages to flow over: the edge that no line may cross, and what stands on the first page."""

    edge: Box
    taken: tuple[Box, ...]

    def span(self, page: int, top: float, bottom: float) -> tuple[float, float]:
        """Give the widest free stretch (left, right) between *top* and *bottom*."""
        left, _, right, _ = self.edge
        free = [(left, right)]
        for box in self.taken if page == 0 else ():
            if box[1] < bottom and top < box[3]:
                free = [
                    part
                    for start, end in free
                    for part in ((start, min(end, box[0])), (max(start, box[2]), end))
                    if part[1] > part[0]
                ]
        return max(free, key=lambda part: part[1] - part[0], default=(left, left))


@dataclass(slots=True)
class Flow:
    """Sets paragraphs line by line."""

    face: Type
    room: Room
    ratio: float
    """Line height by letter height."""
    page: int = 0
    y: float = field(init=False)
    lines: list[Line] = field(default_factory=list)
    _widths: dict[tuple[str, bool], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.y = self.room.edge[1]

    def set(self, paragraph: Paragraph) -> None:
        """Set one paragraph where the last one ended."""
        waiting = pieces(paragraph.runs)
        rule = paragraph.rule
        self.y += paragraph.above if self.y > self.room.edge[1] else 0
        first = True
        while waiting:
            left, right = self._next(paragraph.size)
            start = left if first else left + paragraph.indent
            taken = self._fill(waiting, right - start, paragraph.size)
            base = self.y + paragraph.size * (0.5 + self.ratio / 2) - paragraph.size * 0.12
            self.lines.append(Line(self.page, start, base, _joined(taken), paragraph.size, right if rule else None))
            self.y += paragraph.size * self.ratio
            first = rule = False

    def _next(self, size: float) -> tuple[float, float]:
        """Go down to where a line of ten letters at least has room, over to the next page where there is none."""
        high = size * self.ratio
        while True:
            if self.y + high > self.room.edge[3]:
                self.page, self.y = self.page + 1, self.room.edge[1]
            left, right = self.room.span(self.page, self.y, self.y + high)
            if right - left >= size * 10:
                return left, right
            self.y += 3

    def _fill(self, waiting: list[Run], room: float, size: float) -> list[Run]:
        """Take as many pieces as have room; a single piece that is too long is cut."""
        taken: list[Run] = []
        used = 0.0
        while waiting:
            piece = waiting[0]
            if not taken and not piece.words.strip():
                waiting.pop(0)
                continue
            wide = self._wide(piece.words.rstrip(), piece.bold) * size
            if used + wide > room:
                if piece.whole and not taken:
                    waiting[0:1] = broken(piece)
                    continue
                if not taken:
                    fitting = self._cut(piece, room, size)
                    taken.append(Run(piece.words[:fitting], piece.bold))
                    waiting[0] = Run(piece.words[fitting:], piece.bold)
                break
            taken.append(waiting.pop(0))
            used += self._wide(piece.words, piece.bold) * size
        return taken

    def _cut(self, piece: Run, room: float, size: float) -> int:
        """Give how many letters of an over-long *piece* have room, one at least."""
        count = 1
        while count < len(piece.words) and self._wide(piece.words[: count + 1], piece.bold) * size <= room:
            count += 1
        return count

    def _wide(self, words: str, bold: bool) -> float:
        key = (words, bold)
        if key not in self._widths:
            self._widths[key] = self.face.width(words, 1.0, bold=bold)
        return self._widths[key]


def _joined(taken: Sequence[Run]) -> tuple[Run, ...]:
    """Join pieces of one weight, so that a line is written in few strokes."""
    joined: list[Run] = []
    for piece in taken:
        if joined and joined[-1].bold == piece.bold:
            joined[-1] = Run(joined[-1].words + piece.words, piece.bold)
        else:
            joined.append(piece)
    return tuple(joined)
