"""An answer as somebody typed it: a digit, or a word in any of our languages; whatever asks for help is help."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from timelines import phrases

WORDS = ("left", "arrived", "help", "staying")
"""The four answers; in messages they are numbered 1 to 4 in this order."""
RECEIVED = "received"
"""What a person says to a test: it arrived."""
NUMBERED = re.compile(r"([1-4])(?:$|[ .、。:)\-])(.*)")
EDGES = " 　。、.,!！?？「」『』\"'()（）・…~〜-ー:："
LONGEST = 40
"""Characters of an answer; what is longer is a letter, and only a call for help is looked for in it."""
MORE = {
    "left": ("出ました", "出発", "出発しました", "でた", "家を出た", "避難中", "出た", "left", "leaving", "out"),
    "arrived": ("着きました", "ついた", "到着", "到着しました", "着いた", "arrived", "here"),
    "help": ("助けて", "たすけて", "sos", "help"),
    "staying": ("残ります", "のこる", "家にいる", "残る", "stay", "staying"),
    RECEIVED: ("届きました", "とどいた", "届いた", "はい", "ok", "yes", "了解", "received"),
}
CRIES = (
    "助けて", "たすけて", "助け求", "救助", "救援", "help", "sos", "求助", "救命", "도와", "살려", "giúp", "cứu",
    "ajuda", "socorro",
)  # fmt: skip
"""What stands in a call for help, whatever stands around it."""


def read(text: str) -> str | None:
    """Give the answer that *text* is: one of `WORDS`, or `received`; None where it is none that we can read."""
    lines = [line for line in unicodedata.normalize("NFKC", text[:2000]).casefold().split("\n") if line.strip(EDGES)]
    if not lines:
        return None
    first = lines[0].strip(EDGES)
    numbered = NUMBERED.fullmatch(first)
    if numbered:
        word, rest = WORDS[int(numbered[1]) - 1], numbered[2].strip(EDGES)
        if not rest or _table().get(rest) == word:
            return word
    if len(first) <= LONGEST and (known := _table().get(first)):
        return known
    return "help" if any(cry in " ".join(lines) for cry in CRIES) else None


def digit(pressed: str) -> str | None:
    """Give the answer behind a key of the telephone."""
    return WORDS[int(pressed) - 1] if pressed in {"1", "2", "3", "4"} else None


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    known = {_plain(one): word for word, many in MORE.items() for one in many}
    for language in phrases.LANGUAGES:
        for word in (*WORDS, RECEIVED):
            known[_plain(phrases.say(f"answer.{word}", language))] = word
    return known


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip(EDGES)
