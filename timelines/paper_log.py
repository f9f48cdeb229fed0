"""The chronology on A4: days, times, what happened; what was corrected is struck and stays readable."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from timelines.paper_flow import Flow, Line, Paragraph, Room
from timelines.paper_type import SMALLEST, Run, Type, typeset

WIDE, HIGH = A4
MARGIN = 15 * mm
BAND = 8 * mm
RATIO = 1.35
INDENT = 42.0
"""Further lines begin where the words after the time do."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the entries."""

    title: str
    span: str
    filters: str
    made: str
    drill: str = ""
    """訓練 and the exercise's name; empty where it counts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, already in words."""

    day: str
    time: str
    number: str
    kind: str
    who: str
    text: str
    notes: Sequence[str] = ()
    """What corrects it."""
    struck: bool = False
    pinned: bool = False


def draw(head: Head, entries: Sequence[Entry]) -> bytes:
    """Draw the log; every page says what it is, when it was made and which page it is."""
    with typeset("ja", _texts(head, entries)) as face:
        flow, struck = _set(head, entries, face)
        held = io.BytesIO()
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        canvas.setTitle(f"{head.drill} {head.title}".strip())
        by_page: dict[int, list[tuple[Line, bool]]] = {}
        for number, line in enumerate(flow.lines):
            by_page.setdefault(line.page, []).append((line, number in struck))
        pages = 1 + max(by_page, default=0)
        for page in range(pages):
            _frame(canvas, face, head, (page + 1, pages))
            for line, through in by_page.get(page, ()):
                _write(canvas, face, line, through=through)
            canvas.showPage()
        canvas.save()
    return held.getvalue()


def _texts(head: Head, entries: Sequence[Entry]) -> Iterator[str]:
    yield from (head.title, head.span, head.filters, head.made, head.drill)
    yield "0123456789 / ページ　■★（）#該当する記録はありません"
    for one in entries:
        yield from (one.day, one.time, one.number, one.kind, one.who, one.text, *one.notes)


def _set(head: Head, entries: Sequence[Entry], face: Type) -> tuple[Flow, set[int]]:
    edge = MARGIN + (BAND if head.drill else 0)
    room = Room((edge, edge + SMALLEST * 1.6, WIDE - edge, HIGH - edge - SMALLEST * 1.8), ())
    flow = Flow(face, room, RATIO)
    flow.set(Paragraph((Run(head.title, bold=True),), 16))
    for words in (head.span, head.filters):
        flow.set(Paragraph((Run(words),)))
    struck: set[int] = set()
    day = ""
    for one in entries:
        if one.day != day:
            day = one.day
            flow.set(Paragraph((Run(f"■ {day}", bold=True),), 13, above=8, rule=True))
        star = "★" if one.pinned else ""
        said = (Run(f"{one.time}  ", bold=True), Run(f"{star}{one.kind}　", bold=True), Run(one.text))
        begun = len(flow.lines)
        flow.set(Paragraph((*said, Run(f"（{one.who} {one.number}）", whole=True)), above=3, indent=INDENT))
        if one.struck:
            struck |= set(range(begun, len(flow.lines)))
        for note in one.notes:
            flow.set(Paragraph((Run(f"　　　　{note}"),), indent=INDENT))
    if not entries:
        flow.set(Paragraph((Run("該当する記録はありません"),), above=8))
    return flow, struck


def _frame(canvas: Canvas, face: Type, head: Head, page: tuple[int, int]) -> None:
    """Draw the band of an exercise, and the foot."""
    edge = MARGIN
    if head.drill:
        edge += BAND
        canvas.setFillGray(0.25)
        for box in ((0, HIGH - BAND, WIDE, BAND), (0, 0, WIDE, BAND), (0, 0, BAND, HIGH), (WIDE - BAND, 0, BAND, HIGH)):
            canvas.rect(*box, stroke=0, fill=1)
        canvas.setFillGray(1)
        for y in (HIGH - BAND + 6, 6):
            face.write(canvas, BAND + 4, y, head.drill, SMALLEST, bold=True)
    canvas.setFillGray(0)
    number = f"{page[0]} / {page[1]} ページ"
    face.write(canvas, edge, edge, head.made, SMALLEST)
    face.write(canvas, WIDE - edge - face.width(number, SMALLEST), edge, number, SMALLEST)


def _write(canvas: Canvas, face: Type, line: Line, *, through: bool) -> None:
    canvas.setFillGray(0)
    canvas.setStrokeGray(0)
    y, x = HIGH - line.y, line.x
    if line.rule_to is not None:
        canvas.setLineWidth(0.5)
        canvas.line(x, y + line.size * 1.02, line.rule_to, y + line.size * 1.02)
    for run in line.runs:
        x = face.write(canvas, x, y, run.words, line.size, bold=run.bold)
    if through:
        canvas.setLineWidth(0.7)
        canvas.line(line.x, y + line.size * 0.35, x, y + line.size * 0.35)
