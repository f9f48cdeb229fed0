"""Drawing a picture on a PDF page: the strokes of `pen.Pen` in points, y turned round."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import FILL_EVEN_ODD, Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from timelines import pen
from timelines.paper_type import Type
from timelines.pen import Points

TINTS = {
    pen.INK: Color(0, 0, 0),
    pen.GROUND: Color(1, 1, 1),
    pen.SOFT: Color(0.33, 0.33, 0.33),
    pen.LINE: Color(0.58, 0.58, 0.58),
    pen.FAINT: Color(0.86, 0.86, 0.86),
    # Dark enough to be the darkest line on a grey print too.
    pen.BLUE: Color(0, 0.05, 0.5),
}


class PaperPen:
    """Draws on *canvas*; the picture's upper left corner lies at (left, top) of the page."""

    def __init__(self, canvas: Canvas, face: Type, left: float, top: float) -> None:
        self.canvas, self.face, self.left, self.top = canvas, face, left, top

    def area(self, rings: Sequence[Points], hatch: str) -> None:
        """Fill *rings*; see Pen."""
        path = self._path(rings, close=True)
        if hatch in TINTS:
            self.canvas.setFillColor(TINTS[hatch])
            self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_EVEN_ODD)
            return
        self.canvas.saveState()
        self.canvas.setStrokeColor(TINTS[pen.SOFT])
        self.canvas.setLineWidth(0.6)
        self.canvas.drawPath(path, stroke=1, fill=0)
        self.canvas.clipPath(path, stroke=0, fill=0, fillMode=FILL_EVEN_ODD)
        self.canvas.lines(self._hatch(rings, hatch))
        self.canvas.restoreState()

    def line(self, lines: Sequence[Points], width: float, colour: str, dash: str = "") -> None:
        """Draw *lines*; see Pen."""
        self.canvas.setStrokeColor(TINTS[colour])
        self.canvas.setLineWidth(width)
        self.canvas.setLineCap(1)
        self.canvas.setLineJoin(1)
        self.canvas.setDash([float(part) for part in dash.split()] if dash else [])
        self.canvas.drawPath(self._path(lines, close=False), stroke=1, fill=0)
        self.canvas.setDash([])

    def text(self, at: tuple[float, float], words: str, size: float, *, bold: bool = False) -> None:
        """Write *words*; see Pen."""
        x, y = self.left + at[0], self.top - at[1]
        # A plate, not a rim round each letter: a program that reads the sheet aloud would say every word twice.
        self.canvas.setFillColor(TINTS[pen.GROUND])
        self.canvas.rect(x - 1, y - size * 0.22, self.width(words, size, bold=bold) + 2, size * 1.2, stroke=0, fill=1)
        self.canvas.setFillColor(TINTS[pen.INK])
        self.face.write(self.canvas, x, y, words, size, bold=bold)

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """Give how wide *words* are."""
        return self.face.width(words, size, bold=bold)

    def _path(self, lines: Sequence[Points], *, close: bool) -> PDFPathObject:
        path = self.canvas.beginPath()
        for points in lines:
            for number, (x, y) in enumerate(points):
                (path.lineTo if number else path.moveTo)(self.left + x, self.top - y)
            if close:
                path.close()
        return path

    def _hatch(self, rings: Sequence[Points], kind: str) -> list[tuple[float, float, float, float]]:
        """Give the strokes of a hatch over the whole box around *rings*."""
        across = [x for ring in rings for x, _ in ring]
        down = [y for ring in rings for _, y in ring]
        return [
            (self.left + column + x, self.top - row - y, self.left + column + to_x, self.top - row - to_y)
            for column in range(int(min(across)) // 6 * 6, int(max(across)) + 6, 6)
            for row in range(int(min(down)) // 6 * 6, int(max(down)) + 6, 6)
            for x, y, to_x, to_y in pen.HATCHES[kind]
        ]
