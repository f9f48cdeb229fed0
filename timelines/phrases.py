"""Fixed phrases in eight languages, each with its reviewer; one that nobody reviewed is never sent as actual."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime

from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadConfig, BadInput

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "vi", "pt")
FIRST = "ja"
UNREVIEWED = "unreviewed"
LOCALES = {
    "ja": "ja", "ja-easy": "ja", "en": "en", "zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "ko": "ko", "vi": "vi",
    "pt": "pt_BR",
}  # fmt: skip
PATTERNS = {
    "ja": "M月d日(E) HH:mm", "ja-easy": "M月d日(E) HH:mm", "en": "EEE d MMM HH:mm", "zh-Hans": "M月d日(EEE) HH:mm",
    "zh-Hant": "M月d日(EEE) HH:mm", "ko": "M월 d일(E) HH:mm", "vi": "EEE d/M HH:mm", "pt": "EEE d/M HH:mm",
}  # fmt: skip
"""Day, weekday and a clock of 24 hours, in the order in which each language is read."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one language."""

    text: str
    reviewer: str = UNREVIEWED

    @property
    def mark(self) -> str:
        """Name this very text: a review holds for it and for no later one."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@lru_cache(maxsize=len(LANGUAGES))
def table(language: str) -> Mapping[str, Phrase]:
    """Give every phrase of *language*, as this package brings it: nobody of a city has reviewed any."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        said = tomllib.load(file)
    return {key: Phrase(str(text)) for key, text in said.items()}


def say(key: str, language: str, /, **values: Any) -> str:
    """Say a phrase; a key that is not there is a fault of ours: KeyError, and never another language instead."""
    return table(language)[key].text.format(**values)


def when(moment: datetime, language: str) -> str:
    """Say a moment with its weekday and a clock of 24 hours, as the city's clock shows it."""
    return format_datetime(moment.astimezone(JAPAN), PATTERNS[language], locale=LOCALES[language])


class Reviews:
    """What a city's own people have reviewed: a file beside the configuration, by language, phrase and text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: dict[str, dict[str, dict[str, str]]] = {}
        self._known: dict[tuple[frozenset[str], str], bool] = {}
        """What was asked already: a hundred thousand messages ask the same."""
        if path.exists():
            try:
                self.said = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
                raise BadConfig(f"{path}: {fault}") from fault
        for language, rows in self.said.items():
            if language not in LANGUAGES or not isinstance(rows, dict):
                raise BadConfig(f"{path}: [{language}]: there are {', '.join(LANGUAGES)}")
            for key, row in rows.items():
                if not isinstance(row, dict) or {type(row.get(name)) for name in ("reviewer", "text")} != {str}:
                    raise BadConfig(f"{path}: [{language}.{key}]: needs reviewer and text")

    def reviewer(self, key: str, language: str) -> str:
        """Name who reviewed this text as it stands today; `unreviewed` where nobody did, or it was changed since."""
        phrase = table(language)[key]
        row = self.said.get(language, {}).get(key, {})
        return row["reviewer"] if row.get("text") == phrase.mark else phrase.reviewer

    def sendable(self, keys: Collection[str], language: str, *, actual: bool) -> bool:
        """Tell whether a message of these phrases may go out: an actual one only where all were reviewed."""
        if not actual:
            return True
        asked = frozenset(keys), language
        if asked not in self._known:
            self._known[asked] = all(self.reviewer(key, language) != UNREVIEWED for key in keys)
        return self._known[asked]

    def sign(self, reviewer: str, language: str, keys: Collection[str]) -> None:
        """Write down that *reviewer* has read these phrases as they stand."""
        if not reviewer.strip() or reviewer.strip() == UNREVIEWED:
            raise BadInput("reviewed by: whose name?")
        unknown = sorted(set(keys) - set(table(language)))
        if unknown:
            raise BadInput(f"{language}: there is no phrase {unknown[0]!r}")
        self._known.clear()
        rows = self.said.setdefault(language, {})
        for key in keys:
            rows[key] = {"reviewer": reviewer.strip(), "text": table(language)[key].mark}
        lines = [
            f"[{_quoted(name)}.{_quoted(key)}]\nreviewer = {_quoted(row['reviewer'])}\ntext = {_quoted(row['text'])}\n"
            for name, rows in sorted(self.said.items())
            for key, row in sorted(rows.items())
        ]
        fresh = self.path.with_suffix(".new")
        fresh.write_text("\n".join(lines), encoding="utf-8")
        fresh.replace(self.path)

    def counts(self, language: str) -> tuple[int, int]:
        """Count the reviewed phrases, and all."""
        keys = table(language)
        return sum(self.reviewer(key, language) != UNREVIEWED for key in keys), len(keys)


def _quoted(text: str) -> str:
    safe = "".join(c if c.isprintable() else " " for c in text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
