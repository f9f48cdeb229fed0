"""Screen texts: Japanese in the code, other languages from catalogues read at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Request, g

FIRST = "ja"
CATALOGUES = Path(__file__).parent / "catalogues"
COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; a text without a translation stands in Japanese."""

    lang: str
    table: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str, **values: Any) -> str:
        """Give *text* in this language, with `%(name)s` filled in."""
        said = self.table.get(text, text)
        return said % values if values else said


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Words]:
    """Give every language there is, Japanese first."""
    found = {FIRST: Words(FIRST)}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        table = {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
        found[path.stem] = Words(path.stem, table)
    return found


def asked(request: Request) -> Words:
    """Choose the language: `?lang=`, else what was chosen before, else Japanese."""
    known = languages()
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish is not None and wish in known:
            return known[wish]
    return known[FIRST]


def here() -> Words:
    """Give the texts of the request at hand."""
    if "words" not in g:
        g.words = languages()[FIRST]
    words: Words = g.words
    return words


def _(text: str, **values: Any) -> str:
    """Give *text* in the language of the request at hand."""
    return here()(text, **values)
