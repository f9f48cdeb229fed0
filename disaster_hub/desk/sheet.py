"""One A4 page for the room's table: blocks of lines that always fit; what is cut off is counted, never just gone."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from timelines.paper_type import Run, Type, broken, typeset

WIDE, HIGH = A4
MARGIN = 11 * mm
BAND = 7 * mm
"""Width of the exercise band along every edge."""
SIZE, LEADING = 12.0, 15.0
"""Points; nothing on paper is smaller."""
HEAD = 18.0
ALWAYS = " 0123456789ほか件行…（）・／、。訓練これは実際の災害情報ではありません時点作成"


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines under a heading; where the page is full, the last ones are counted instead of printed."""

    heading: str
    lines: Sequence[str]
    least: int = 2
    """As many printed lines as it keeps when the page is full."""
    rest: str = "クロノロジーと画面にあります"
    """Where the cut-off ones stand."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on one page."""

    title: str
    under: str
    """City, time of making, who made it."""
    blocks: Sequence[Block]
    drill: str = ""
    """The mark of a world that is not real; empty on a page that counts."""

    def texts(self) -> Iterator[str]:
        """Give every word that is printed, so that its letters can be cut out."""
        yield from (self.title, self.under, self.drill, ALWAYS)
        for block in self.blocks:
            yield from (block.heading, block.rest, *block.lines)


def pdf(page: Page) -> bytes:
    """Print *page* on one A4 sheet."""
    held = io.BytesIO()
    with typeset("ja", page.texts()) as face:
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        canvas.setTitle(page.title)
        edge = frame(canvas, face, page.drill)
        top = _head(canvas, face, page, edge)
        _fill(canvas, face, page.blocks, (edge[0], edge[1], edge[2], top))
        canvas.showPage()
        canvas.save()
    return held.getvalue()


def frame(canvas: Canvas, face: Type, drill: str) -> tuple[float, float, float, float]:
    """Draw the exercise band where there is one; give what is left: left, bottom, right, top in points."""
    if not drill:
        return MARGIN, MARGIN, WIDE - MARGIN, HIGH - MARGIN
    canvas.setFillGray(0.75)
    for box in ((0, 0, WIDE, BAND), (0, HIGH - BAND, WIDE, BAND), (0, 0, BAND, HIGH), (WIDE - BAND, 0, BAND, HIGH)):
        canvas.rect(*box, stroke=0, fill=1)
    canvas.setFillGray(0)
    words = f"{drill}　これは訓練です。実際の災害情報ではありません。"
    for y in (HIGH - BAND + 4.5, 4.5):
        wide = face.width(words, SIZE, bold=True)
        face.write(canvas, (WIDE - wide) / 2, y, words, SIZE, bold=True)
    gap = BAND + 3 * mm
    return gap, gap, WIDE - gap, HIGH - gap


def wrapped(face: Type, words: str, wide: float, *, size: float = SIZE, bold: bool = False) -> list[str]:
    """Break *words* into lines of *wide* points."""
    lines = [""]
    for piece in broken(Run(words, bold)):
        if lines[-1] and face.width(lines[-1] + piece.words.rstrip(), size, bold=bold) > wide:
            lines.append(piece.words.lstrip())
        else:
            lines[-1] += piece.words
    return [line.rstrip() for line in lines]


def _head(canvas: Canvas, face: Type, page: Page, edge: tuple[float, float, float, float]) -> float:
    left, _, right, top = edge
    y = top - HEAD
    face.write(canvas, left, y, page.title, HEAD, bold=True)
    for line in wrapped(face, page.under, right - left):
        y -= LEADING
        face.write(canvas, left, y, line, SIZE)
    canvas.setLineWidth(1.2)
    canvas.line(left, y - 5, right, y - 5)
    return y - 5


def _fill(canvas: Canvas, face: Type, blocks: Sequence[Block], edge: tuple[float, float, float, float]) -> None:
    left, bottom, right, top = edge
    room = int((top - bottom) / LEADING)
    indent = SIZE
    set_lines = [[wrapped(face, line, right - left - indent) for line in block.lines] for block in blocks]
    shares = shared_out(
        room, [(sum(map(len, lines)), block.least) for block, lines in zip(blocks, set_lines, strict=True)]
    )
    y = top
    for block, lines, share in zip(blocks, set_lines, shares, strict=True):
        y -= LEADING
        face.write(canvas, left, y, block.heading, SIZE, bold=True)
        for words, first in _cut(lines, share, block.rest):
            y -= LEADING
            if first:
                face.write(canvas, left, y, "・", SIZE)
            face.write(canvas, left + indent, y, words, SIZE)


def shared_out(room: int, wants: Iterable[tuple[int, int]]) -> list[int]:
    """Give each block its lines: (wanted, least) in the order of urgency; a heading takes a line of its own each."""
    asked = list(wants)
    shares = [min(want, least) for want, least in asked]
    left = room - len(asked) - sum(shares)
    for number, (want, _) in enumerate(asked):
        more = max(0, min(want - shares[number], left))
        shares[number] += more
        left -= more
    return shares


def _cut(lines: Sequence[Sequence[str]], share: int, rest: str) -> Iterator[tuple[str, bool]]:
    """Give the printed lines that fit in *share*, whole entries only; the last says how many are left out."""
    used = 0
    for number, entry in enumerate(lines):
        last = number == len(lines) - 1
        if used + len(entry) > share - (0 if last else 1):
            if used < share:
                yield f"ほか {len(lines) - number} 件（{rest}）", True
            return
        yield from ((words, n == 0) for n, words in enumerate(entry))
        used += len(entry)
