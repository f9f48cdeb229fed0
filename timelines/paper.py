"""The plan on one sheet of A4: what to do first, the map, the steps, and twice the code that holds the plan itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from timelines import picture, qr
from timelines.paper_flow import Box, Flow, Line, Paragraph, Room
from timelines.paper_pen import PaperPen
from timelines.paper_type import SMALLEST, Run, Type, typeset
from timelines.picture import MapPicture

WIDE, HIGH = A4
MARGIN = 10 * mm
GAP = 4 * mm
BAND = 8 * mm
"""Width of the exercise band along every edge."""
RATIOS = (1.5, 1.4, 1.32, 1.25)
"""Line heights to try, the airiest first; the letters never shrink."""
MAPS = ((270.0, 215.0), (235.0, 180.0), (210.0, 150.0), (190.0, 120.0))
"""Sizes of the map to try, in points, the largest first."""


@dataclass(frozen=True, slots=True)
class LevelSteps:
    """What the household does at one level."""

    heading: str
    """With number and word: 警戒レベル3 高齢者等避難."""
    steps: tuple[str, ...] = ()
    own: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the sheet, already worded in the reader's language; an empty string is left out."""

    language: str
    title: str
    act: str
    """What to do, the first thing that is read."""
    leave: str
    """By when, or at which level."""
    code: str
    """The text of both QR codes."""
    code_words: str
    """What the codes are, in a few words."""
    made_at: str
    why: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """First and second place, each with what must be said about it."""
    way_heading: str = ""
    way: tuple[str, ...] = ()
    """The turns, one after the other."""
    map: MapPicture | None = None
    no_map: str = ""
    """Why there is no map."""
    steps_heading: str = ""
    levels: tuple[LevelSteps, ...] = ()
    contacts_heading: str = ""
    contacts: tuple[str, ...] = ()
    unknown_heading: str = ""
    unknown: tuple[str, ...] = ()
    """What is not known, said so."""
    drill: str = ""
    """訓練 in the reader's language; empty on a sheet that counts."""
    page: str = "{page} / {pages}"

    def texts(self) -> Iterator[str]:
        """Give every word that is printed, so that its letters can be cut out."""
        yield from (self.title, self.act, self.leave, self.code_words, self.made_at, self.no_map, self.drill, self.page)
        yield from (self.way_heading, self.steps_heading, self.contacts_heading, self.unknown_heading)
        yield from (*self.why, *self.places, *self.way, *self.contacts, *self.unknown)
        for level in self.levels:
            yield from (level.heading, *level.steps, level.own)
        if self.map is not None:
            yield from (self.map.home_words, self.map.end_words, self.map.floods_words, self.map.north)
            yield from (*self.map.legend.values(), *(label.words for label in self.map.labels))
        yield "□■「」“”0123456789 km"


def pdf(sheet: Sheet) -> bytes:
    """Print *sheet* as A4; on one page where its words allow, and never smaller than 12 pt."""
    code = qr.code(sheet.code)
    with typeset(sheet.language, sheet.texts()) as face:
        lines, map_box = _set(sheet, face, code)
        held = io.BytesIO()
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang=sheet.language)
        canvas.setTitle(sheet.title)
        pages = 1 + max((line.page for line in lines), default=0)
        for page in range(pages):
            if sheet.drill:
                _band(canvas, face, sheet.drill)
            if page == 0:
                _codes(canvas, face, sheet, code)
                if sheet.map is not None and map_box is not None:
                    _map(canvas, face, sheet.map, map_box)
            for line in lines:
                if line.page == page:
                    _write(canvas, face, line)
            _foot(canvas, face, sheet, (page + 1, pages))
            canvas.showPage()
        canvas.save()
    return held.getvalue()


def _edge(sheet: Sheet) -> Box:
    # A code needs four white squares around it before the dark band begins.
    margin = MARGIN + (BAND + 3 * mm if sheet.drill else 0)
    return margin, margin, WIDE - margin, HIGH - margin


def _set(sheet: Sheet, face: Type, code: qr.Code) -> tuple[list[Line], Box | None]:
    """Set all words as airily as one page allows; give the lines and where the map stands."""
    left, top, right, bottom = _edge(sheet)
    flow, map_box = None, None
    for ratio, size in ((ratio, size) for size in MAPS for ratio in RATIOS):
        taken, map_box = _taken(sheet, face, code, size)
        flow = Flow(face, Room((left, top, right, bottom - SMALLEST * 1.5), taken), ratio)
        for paragraph in _paragraphs(sheet):
            flow.set(paragraph)
        if flow.page == 0:
            break
    return flow.lines if flow else [], map_box


def _taken(sheet: Sheet, face: Type, code: qr.Code, size: tuple[float, float]) -> tuple[tuple[Box, ...], Box | None]:
    """Give what stands on the first page before any word does: both codes, the words under one, the map."""
    left, top, right, bottom = _edge(sheet)
    side = code.side_mm * mm
    below = top + side + SMALLEST * 1.3 * len(_caption(sheet, face, side)) + GAP
    upper = (right - side - GAP, top, right, below)
    lower = (left, bottom - side - GAP, left + side + GAP, bottom)
    if sheet.map is None:
        return (upper, lower), None
    wide, high = size
    kinds = {zone.kind for zone in sheet.map.zones} | {"closed" for street in sheet.map.streets if street.closed}
    legend = sum(SMALLEST * 1.4 for kind in kinds if sheet.map.legend.get(kind))
    box = (right - wide, below, right, below + high + 6 + legend)
    return (upper, lower, (box[0] - GAP, box[1], box[2], box[3] + GAP / 2)), box


def _paragraphs(sheet: Sheet) -> Iterator[Paragraph]:
    """Give the paragraphs in the order in which they are read."""
    if sheet.title:
        yield Paragraph((Run(sheet.title),), 12)
    yield Paragraph((Run(sheet.act, bold=True),), 20, above=2)
    yield Paragraph((Run(sheet.leave, bold=True),), 16, above=2)
    for words in sheet.why:
        yield Paragraph((Run(words),))
    for words in sheet.places:
        yield Paragraph((Run(words, bold=True),), 13, above=2, indent=13)
    if sheet.way_heading or sheet.way:
        yield Paragraph((Run(sheet.way_heading, bold=True),), above=3)
        yield from (Paragraph((Run(words),), indent=12) for words in sheet.way)
    if sheet.no_map:
        yield Paragraph((Run(sheet.no_map),))
    if sheet.steps_heading:
        yield Paragraph((Run(sheet.steps_heading, bold=True),), 13, above=5)
    for level in sheet.levels:
        runs = [Run(f"■ {level.heading}  ", bold=True)]
        runs += [Run(f"□{step}  ", whole=True) for step in level.steps]
        if level.own:
            runs.append(Run(_quoted(level.own, sheet.language), whole=True))
        yield Paragraph(tuple(runs), above=3, indent=12, rule=True)
    for heading, every in ((sheet.contacts_heading, sheet.contacts), (sheet.unknown_heading, sheet.unknown)):
        if every:
            yield Paragraph((Run(heading + "  ", bold=True), Run("  ".join(every))), above=4, rule=True)


def _quoted(words: str, language: str) -> str:
    """Give what the household wrote on one line, in the marks of its language."""
    plain = " ".join(words.split())
    return f"「{plain}」" if language.startswith(("ja", "zh-Hant")) else f"“{plain}”"


def _write(canvas: Canvas, face: Type, line: Line) -> None:
    """Write one set line; *line* counts from the top, paper from the bottom."""
    canvas.setFillGray(0)
    x = line.x
    if line.rule_to is not None:
        canvas.setStrokeGray(0.5)
        canvas.setLineWidth(0.5)
        above = HIGH - line.y + line.size * 1.02
        canvas.line(line.x, above, line.rule_to, above)
    for run in line.runs:
        x = face.write(canvas, x, HIGH - line.y, run.words, line.size, bold=run.bold)


def _caption(sheet: Sheet, face: Type, side: float) -> list[Line]:
    """Set the words under the upper code."""
    flow = Flow(face, Room((0, 0, side, HIGH), ()), 1.3)
    if sheet.code_words:
        flow.set(Paragraph((Run(sheet.code_words),)))
    return flow.lines


def _codes(canvas: Canvas, face: Type, sheet: Sheet, code: qr.Code) -> None:
    """Print the code in the upper right and the lower left corner: one tear never takes both."""
    left, top, right, bottom = _edge(sheet)
    side = code.side_mm * mm
    for x, y in ((right - side, top), (left, bottom - side)):
        square = side / code.squares
        canvas.setFillGray(0)
        path = canvas.beginPath()
        for row, column, width in code.bars():
            path.rect(x + column * square, HIGH - y - (row + 1) * square, width * square, square)
        canvas.drawPath(path, stroke=0, fill=1)
    for line in _caption(sheet, face, side):
        _write(canvas, face, Line(0, right - side + line.x, top + side + 4 + line.y, line.runs, line.size))


def _map(canvas: Canvas, face: Type, shown: MapPicture, box: Box) -> None:
    """Print the map into *box*, nothing of it beyond the frame."""
    legend = max(0.0, box[3] - box[1] - 6)
    kinds = {zone.kind for zone in shown.zones} | {"closed" for street in shown.streets if street.closed}
    high = legend - sum(SMALLEST * 1.4 for kind in kinds if shown.legend.get(kind))
    picture.draw(shown, PaperPen(canvas, face, box[0], HIGH - box[1]), box[2] - box[0], high, SMALLEST)


def _foot(canvas: Canvas, face: Type, sheet: Sheet, number: tuple[int, int]) -> None:
    """Print when it was made and which page this is, at the lower right."""
    _, _, right, bottom = _edge(sheet)
    page = sheet.page.replace("{page}", str(number[0])).replace("{pages}", str(number[1]))
    words = f"{sheet.made_at}   {page}"
    canvas.setFillGray(0)
    face.write(canvas, right - face.width(words, SMALLEST), HIGH - bottom + 2, words, SMALLEST)


def _band(canvas: Canvas, face: Type, drill: str) -> None:
    """Print the exercise band along every edge, with its word at the top and the bottom."""
    canvas.setFillGray(0.25)
    for x, y, wide, high in (
        (MARGIN, HIGH - MARGIN - BAND, WIDE - 2 * MARGIN, BAND), (MARGIN, MARGIN, WIDE - 2 * MARGIN, BAND),
        (MARGIN, MARGIN, BAND, HIGH - 2 * MARGIN), (WIDE - MARGIN - BAND, MARGIN, BAND, HIGH - 2 * MARGIN),
    ):  # fmt: skip
        canvas.rect(x, y, wide, high, stroke=0, fill=1)
    canvas.setFillGray(1)
    words = "   ".join([drill] * 6)
    for y in (HIGH - MARGIN - BAND + 6, MARGIN + 6):
        face.write(canvas, (WIDE - face.width(words, 14, bold=True)) / 2, y, words, 14, bold=True)
