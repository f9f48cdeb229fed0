"""Setting type on a PDF page: which font a letter comes from, how wide words are, where a line breaks."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from timelines import fonts

SMALLEST = 12.0
"""Points. Nothing on paper is smaller."""

NOT_FIRST = frozenset(
    "、。，．・：；？！）］｝」』】〉》〕’”…‥ー〜々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%℃"
)
NOT_LAST = frozenset("（［｛「『【〈《〔‘“([{＃#¥□■")

# reportlab keeps fonts under a name for the whole process: one sheet at a time registers its own and takes them away.
_ONE_SHEET = threading.Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one weight."""

    words: str
    bold: bool = False
    whole: bool = False
    """True where they rather begin a new line than be broken."""


class Type:
    """The fonts of one sheet."""

    def __init__(self, language: str) -> None:
        self.language = language

    def runs(self, words: str, *, bold: bool = False) -> list[tuple[str, str]]:
        """Cut *words* into (font name, piece)."""
        return [(_name(script, bold=bold), piece) for script, piece in fonts.split(words, self.language)]

    def width(self, words: str, size: float, *, bold: bool = False) -> float:
        """Give how wide *words* are in points."""
        return sum(_wide(name, piece) for name, piece in self.runs(words, bold=bold)) * size

    def write(self, canvas: Canvas, x: float, y: float, words: str, size: float, *, bold: bool = False) -> float:
        """Write *words* from (x, y) on the base line; give where they end."""
        if size < SMALLEST:
            raise ValueError(f"{size} pt is too small to read by torchlight")
        for name, piece in self.runs(words, bold=bold):
            canvas.setFont(name, size)
            canvas.drawString(x, y, piece)
            x += _wide(name, piece) * size
        return x


def _wide(name: str, piece: str) -> float:
    return float(pdfmetrics.stringWidth(piece, name, 1000)) / 1000


def _name(script: str, *, bold: bool) -> str:
    return f"sheet-{script}-{'bold' if bold else 'regular'}"


@contextmanager
def typeset(language: str, texts: Iterable[str]) -> Iterator[Type]:
    """Cut the fonts for *texts*, hold them while one sheet is made, let them go afterwards."""
    letters: dict[str, set[str]] = {}
    for text in texts:
        for script, piece in fonts.split(text, language):
            letters.setdefault(script, set()).update(piece)
    cut = [
        (_name(script, bold=bold), fonts.font(script, used, fonts.BOLD if bold else fonts.REGULAR))
        for script, used in letters.items()
        for bold in (False, True)
    ]
    with _ONE_SHEET:
        try:
            for name, data in cut:
                made = TTFont(name, io.BytesIO(data))
                # Both weights come out of one file under one name, which reportlab would take for one font.
                made.face.name = f"Noto{name.replace('sheet-', '')}".encode()
                pdfmetrics.registerFont(made)
            yield Type(language)
        finally:
            for name, _ in cut:
                gone = pdfmetrics._fonts.pop(name, None)  # noqa: SLF001  # there is no public way to let a font go
                if gone is not None:
                    pdfmetrics._dynFaceNames.pop(gone.face.name, None)  # noqa: SLF001  # as above


@lru_cache(maxsize=4096)
def _breaks_after(letter: str, following: str) -> bool:
    """Tell whether a line may break between two letters: after spaces, and around full-width letters but Hangul."""
    if following in NOT_FIRST or letter in NOT_LAST or following == " ":
        return False
    return letter == " " or letter in "-/" or _free(letter) or _free(following)


def _free(letter: str) -> bool:
    """Tell whether *letter* is of a script that is written without spaces."""
    return (
        "\u2e80" <= letter <= "\u9fff"
        or "\uf900" <= letter <= "\ufaff"
        or "\uff00" <= letter <= "\uffef"
        or letter >= "\U00020000"
    )


def pieces(runs: Iterable[Run]) -> list[Run]:
    """Cut *runs* where lines may break; one that stays whole is one piece."""
    return [piece for run in runs for piece in ([run] if run.whole else broken(run))]


def broken(run: Run) -> list[Run]:
    """Cut one run wherever a line may break in it."""
    cut = [""]
    for number, letter in enumerate(run.words):
        before = run.words[number - 1] if number else ""
        # A number stays with its unit: 620 m.
        unit = before == " " and number > 1 and run.words[number - 2].isdigit() and letter in "mk%円分"
        if before and not unit and _breaks_after(before, letter):
            cut.append("")
        cut[-1] += letter
    return [Run(words, run.bold) for words in cut if words]
