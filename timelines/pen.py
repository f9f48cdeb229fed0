"""What a picture is drawn with: the same strokes on a screen (SVG) and on paper."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Protocol

Points = Sequence[tuple[float, float]]
"""Points in the picture's own units, y downwards."""

INK, GROUND, SOFT, LINE, FAINT, BLUE = "ink", "ground", "soft", "line", "faint", "blue"
"""The colours there are: neutral ones, and one blue for the way. Level colours are for levels."""


class Pen(Protocol):
    """Draws; whoever holds it does not know on what."""

    def area(self, rings: Sequence[Points], hatch: str) -> None:
        """Fill the *rings* (holes included, even-odd) with a *hatch*: one of `HATCHES`, or a colour."""

    def line(self, lines: Sequence[Points], width: float, colour: str, dash: str = "") -> None:
        """Draw *lines* in one go."""

    def text(self, at: tuple[float, float], words: str, size: float, *, bold: bool = False) -> None:
        """Write *words* from *at* (left end of the base line), with a rim of ground around the letters."""

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """Give how wide *words* are."""


HATCHES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "depth": ((0, 6, 6, 0), (-1, 1, 1, -1), (5, 7, 7, 5)),
    "collapse": ((0, 6, 6, 0), (0, 0, 6, 6)),
    "landslide": ((2, 2, 3.6, 2), (5, 5, 6.6, 5)),
    "surge": ((0, 3, 6, 3),),
    "tsunami": ((0, 1.5, 6, 1.5), (0, 3.5, 6, 3.5)),
    "inland": ((3, 0, 3, 6),),
    "unknown": ((0, 0, 6, 6), (-1, 5, 1, 7), (5, -1, 7, 1)),
}
"""Kind of zone → strokes in a square of six: told apart by their shape, in black and white too."""

COLOURS = {
    INK: "var(--ink,CanvasText)",
    GROUND: "var(--paper,Canvas)",
    SOFT: "var(--soft,GrayText)",
    LINE: "var(--line,#999)",
    FAINT: "var(--faint,#8884)",
    BLUE: "var(--blue,LinkText)",
}


def letters_wide(words: str) -> float:
    """Reckon how many full-width letters wide *words* are, where no font is at hand to ask."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.58 for letter in words)


class SvgPen:
    """Draws SVG that follows the page's colours, dark or light, without any style sheet of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Sets this picture's hatches apart from those of another on the same page."""
        self.pieces: list[str] = []
        self._hatches: dict[str, str] = {}

    def area(self, rings: Sequence[Points], hatch: str) -> None:
        """Fill *rings*; see Pen."""
        path = "".join(_path(ring) + "z" for ring in rings)
        if hatch in COLOURS:
            self.pieces.append(f'<path d="{path}" fill="{COLOURS[hatch]}" fill-rule="evenodd"/>')
            return
        strokes = "".join(f"M{x} {y}L{to_x} {to_y}" for x, y, to_x, to_y in HATCHES[hatch])
        self._hatches[hatch] = (
            f'<pattern id="{self.name}-{hatch}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<path d="{strokes}" stroke="{COLOURS[SOFT]}" fill="none"/></pattern>'
        )
        self.pieces.append(
            f'<path d="{path}" fill="url(#{self.name}-{hatch})" fill-rule="evenodd" stroke="{COLOURS[SOFT]}"/>'
        )

    def line(self, lines: Sequence[Points], width: float, colour: str, dash: str = "") -> None:
        """Draw *lines*; see Pen."""
        path = "".join(_path(points) for points in lines if len(points) > 1)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        if path:
            self.pieces.append(
                f'<path d="{path}" fill="none" stroke="{COLOURS[colour]}" stroke-width="{width:g}"{dashed}'
                ' stroke-linecap="round" stroke-linejoin="round"/>'
            )

    def text(self, at: tuple[float, float], words: str, size: float, *, bold: bool = False) -> None:
        """Write *words*; see Pen."""
        weight = ' font-weight="700"' if bold else ""
        self.pieces.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}"{weight} fill="{COLOURS[INK]}"'
            f' stroke="{COLOURS[GROUND]}" stroke-width="4" stroke-linejoin="round" paint-order="stroke">'
            f"{escape(words)}</text>"
        )

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """Give how wide *words* are, reckoned."""
        return letters_wide(words) * size * (1.04 if bold else 1.0)

    def svg(self, width: float, height: float, title: str, said: str) -> str:
        """Give the finished picture; *title* and *said* are what a screen reader reads out."""
        hatches = f"<defs>{''.join(self._hatches.values())}</defs>" if self._hatches else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
            f' aria-labelledby="{self.name}-t {self.name}-d" font-family="inherit">'
            f'<title id="{self.name}-t">{escape(title)}</title><desc id="{self.name}-d">{escape(said)}</desc>'
            f"{hatches}{''.join(self.pieces)}</svg>"
        )


def _path(points: Points) -> str:
    """Write *points* as a path of small steps, to a tenth of a unit."""
    pieces, last = [], (0, 0)
    for number, (x, y) in enumerate(points):
        here = (round(x * 10), round(y * 10))
        if number and here == last:
            continue
        step = (here[0] - last[0], here[1] - last[1])
        pieces.append(
            f"{'l' if number else 'M'}{step[0] / 10 if number else here[0] / 10:g} "
            f"{step[1] / 10 if number else here[1] / 10:g}"
        )
        last = here
    return "".join(pieces)
