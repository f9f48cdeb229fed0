"""Type for paper: Noto Sans cut down to the characters of one sheet, at the weight it is printed in.

The type comes from the PyPI package `justmytype-intl-cjk` (variable Noto Sans JP, SC, TC and KR, SIL Open Font
License, 30 MB). HarfBuzz (`uharfbuzz`) cuts the characters out and fixes the weight in about ten milliseconds, so
nothing is cached and nothing is written to disk; fontTools' instancer takes 0.8 s for the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

import uharfbuzz as hb

ORDER = {
    "ja": ("JP", "SC", "TC", "KR"),
    "zh-Hans": ("SC", "JP", "TC", "KR"),
    "zh-Hant": ("TC", "JP", "SC", "KR"),
    "ko": ("KR", "JP", "SC", "TC"),
}
"""Language → scripts in the order in which a character is looked for; any other language reads as `ja`."""

MISSING = "〓"
"""Printed for a character that no font has (an emoji, a rare kanji): the printers' own mark for missing type."""

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Characters without a shape of their own: controls, joiners, marks of direction, nothing."""

REGULAR, BOLD = 400, 700


def scripts(language: str) -> tuple[str, ...]:
    """Give the scripts for *language*, the one to prefer first; `ja-easy` reads as `ja`."""
    return ORDER.get(language, ORDER["ja"])


@lru_cache(maxsize=4)
def _blob(script: str) -> hb.Blob:
    """Map the variable font of *script* from disk; the system shares its pages between processes."""
    where = files("justmytype_intl_cjk") / "fonts/ofl" / f"notosans{script.lower()}" / f"NotoSans{script}[wght].ttf"
    return hb.Blob.from_file_path(str(where))


@lru_cache(maxsize=4)
def covered(script: str) -> frozenset[int]:
    """Give the code points that the font of *script* has."""
    return frozenset(hb.Face(_blob(script)).unicodes)


def split(text: str, language: str) -> list[tuple[str, str]]:
    """Cut *text* into (script, piece) runs that have all their glyphs; what nobody has becomes `MISSING`."""
    runs: list[tuple[str, str]] = []
    order = scripts(language)
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter) in UNSEEN or unicodedata.name(letter, "").startswith("VARIATION SELECTOR"):
            continue
        script = next((s for s in order if ord(letter) in covered(s)), None)
        shown = letter if script else MISSING
        script = script or order[0]
        if runs and runs[-1][0] == script:
            runs[-1] = (script, runs[-1][1] + shown)
        else:
            runs.append((script, shown))
    return runs


def font(script: str, letters: Iterable[str], weight: int = REGULAR) -> bytes:
    """Give a TrueType font of *script* with these *letters* only, at *weight*."""
    face = hb.Face(_blob(script))
    wanted = hb.SubsetInput()
    wanted.unicode_set.update({0x20, *(ord(letter) for letter in letters)})
    # Ligatures and alternates are of no use to a printer that places letter after letter.
    wanted.layout_feature_tag_set.clear()
    wanted.pin_axis_location(face, "wght", weight)
    cut = hb.subset(face, wanted)
    return bytes(cut.blob.data)
