"""QR codes that survive a torn corner: level H, in sizes that were measured to lose the least."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import segno
from segno import consts

from disaster_hub.terms.errors import BadInput

LEVEL = "H"
"""Level Q is what the law of the sheet asks for; it was measured and lost one torn code in ten (docs/paper.md)."""
SIDE_MM = 62.0
"""How wide a code is printed; two of them stand on an A4 sheet beside its text."""
SIZES = {23: 464, 30: 745, 33: 901}
"""Version → bytes that it holds at level H, at squares of 0.57, 0.45 and 0.42 mm; 0.4 mm is what a 200 dpi scan needs.

A code's words are dealt out to blocks that are mended one by one. In some versions the dealing runs in step with the
rows, and one hole hits the same block again and again (32 lost forty times as many codes as 30): those are left out.
"""
ROOM = 8 * max(SIZES.values())
"""Bits that one code on the sheet holds."""
CODED = re.compile(r"[0-9A-Z ]+")
PIECE = re.compile(r"[^\x00-\x7f]+|[0-9A-Z ]{16,}|[\x00-\x7f]", re.ASCII)
"""A run of kanji, a long run in the code's own alphabet, or one other letter."""


@dataclass(frozen=True, slots=True)
class Code:
    """One QR code as rows of squares, True where dark; the white edge of four squares is not in it."""

    rows: tuple[tuple[bool, ...], ...]
    version: int

    @property
    def squares(self) -> int:
        """Give how many squares it is wide."""
        return len(self.rows)

    @property
    def side_mm(self) -> float:
        """Give how wide it is printed, in mm."""
        return SIDE_MM

    def bars(self) -> list[tuple[int, int, int]]:
        """Give the dark squares joined to bars: (row from the top, first column, number of squares)."""
        found = []
        for row, squares in enumerate(self.rows):
            start = None
            for column, dark in enumerate((*squares, False)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    found.append((row, start, column - start))
                    start = None
        return found


def _parts(text: str) -> list[tuple[str, int, str | None]]:
    """Cut *text* into pieces for the code's modes: kanji at 13 bits a letter where every phone reads it alike.

    Kanji mode is used only where the whole text is ASCII and JIS X 0208 and both common tables (Shift_JIS and
    CP932) agree on each letter; anything else goes as UTF-8 as a whole, so that no phone mixes two alphabets.
    """
    if not all(_plain(letter) or _kanji(letter) for letter in text):
        return [(text, consts.MODE_BYTE, "utf-8")]
    parts: list[tuple[str, int, str | None]] = []
    for piece in PIECE.findall(text):
        if _kanji(piece[0]):
            parts.append((piece, consts.MODE_KANJI, None))
        elif len(piece) >= 16 and CODED.fullmatch(piece):
            parts.append((piece, consts.MODE_ALPHANUMERIC, None))
        elif parts and parts[-1][1] == consts.MODE_BYTE:
            parts[-1] = (parts[-1][0] + piece, consts.MODE_BYTE, "iso-8859-1")
        else:
            parts.append((piece, consts.MODE_BYTE, "iso-8859-1"))
    return parts


def _plain(letter: str) -> bool:
    return "\x00" < letter <= "\x7f" and letter not in "\\~"


@lru_cache(maxsize=16_384)
def _kanji(letter: str) -> bool:
    """Tell whether *letter* is one of kanji mode and the same in both tables."""
    try:
        raw = letter.encode("shift_jis")
        return len(raw) == 2 and raw == letter.encode("cp932") and raw.decode("cp932") == letter
    except UnicodeError:
        return False


def _bits(text: str) -> int:
    """Count the bits that *text* takes, with the letter counts of version 27 or more (two bits longer than below)."""
    total = 0
    for piece, mode, _ in _parts(text):
        if mode == consts.MODE_KANJI:
            total += 4 + 12 + 13 * len(piece)
        elif mode == consts.MODE_ALPHANUMERIC:
            total += 4 + 13 + (11 * len(piece) + 1) // 2
        else:
            total += 4 + 16 + 8 * len(piece.encode())
    return total


def fits(text: str) -> bool:
    """Tell whether *text* can be printed as one code."""
    return _bits(text) <= ROOM


def code(text: str) -> Code:
    """Make the code of *text* in the smallest version that holds it; BadInput where none does."""
    bits = _bits(text)
    version = next((version for version, room in SIZES.items() if bits <= 8 * room), None)
    if version is None:
        raise BadInput(f"QR code: {bits // 8} bytes, and {ROOM // 8} fit on the sheet; shorten the text")
    # segno takes a list of parts, and says so in its code only.
    parts: Any = _parts(text)
    made = segno.make_qr(parts, error=LEVEL, version=version, boost_error=False)
    rows = tuple(tuple(bool(square) for square in row) for row in made.matrix)
    return Code(rows=rows, version=version)


def svg(text: str, title: str) -> str:
    """Draw the code of *text* for a screen, dark on white in dark mode too; *title* is what a screen reader says."""
    made = code(text)
    path = "".join(f"M{column + 4} {row + 4.5}h{width}" for row, column, width in made.bars())
    side = made.squares + 8
    said = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{said}"'
        f' shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path d="{path}" stroke="#000" fill="none"/></svg>'
    )
