"""One table of a TOML text that a town writes: each field read once, each fault one sentence with line, name, value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any, TypeVar

from disaster_hub.terms.errors import BadInput

T = TypeVar("T")
NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
AREA = re.compile(r"[0-9]{7}|[0-9]{12}")
"""A municipality, or a river's reach."""
RIVER_DIGITS = 12
THRESHOLDS = ("standby", "advisory", "judgement", "danger", "design_high", "start", "warn", "flood")


class Row:
    """One table of the file with the name by which a mistake in it is called."""

    def __init__(self, row: Mapping[str, Any], name: str) -> None:
        self.row = row
        self.name = name

    def bad(self, field: str, why: str) -> BadInput:
        """Give the fault of one field, with its value."""
        value = f" {self.row[field]!r}"[:60] if field in self.row else ""
        return BadInput(f"{self.name}：{field}{value}：{why}")

    def text(self, field: str, *, needed: bool = True, allowed: tuple[str, ...] = ()) -> str:
        """Read words."""
        value = self.row.get(field, "")
        if not isinstance(value, str):
            raise self.bad(field, "文字で書いてください")
        if needed and not value.strip():
            raise self.bad(field, "書いてありません")
        if allowed and value not in allowed:
            raise self.bad(field, f"{'、'.join(filter(None, allowed))} のどれかにしてください")
        return value.strip()

    def number(self, field: str, low: float, high: float, *, default: float | None = None) -> float:
        """Read a number between two."""
        value = self.row.get(field, default)
        if value is None:
            raise self.bad(field, "書いてありません")
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.bad(field, f"{low:g} から {high:g} までの数にしてください")
        return float(value)

    def maybe(self, field: str, low: float, high: float) -> float | None:
        """Read a number that may be left out."""
        return self.number(field, low, high) if field in self.row else None

    def mark(self) -> str | float:
        """Read a threshold: its name at the source, or a height."""
        value = self.row.get("threshold")
        if isinstance(value, str):
            return self.text("threshold", allowed=THRESHOLDS)
        return self.number("threshold", -1000, 100_000)

    def areas(self) -> tuple[str, ...]:
        """Read evacuation areas; none is all of them."""
        value = self.row.get("areas", "all")
        if value == "all":
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(code, str) and code for code in value):
            raise self.bad("areas", '"all" か、避難区域の番号の並び ["A1", "A2"] にしてください')
        return tuple(dict.fromkeys(value))

    def level(self, lowest: int) -> int:
        """Read a warning level."""
        value = self.number("level", lowest, 5)
        if value != int(value):
            raise self.bad("level", f"{lowest} から 5 までの整数にしてください")
        return int(value)

    def time(self, field: str) -> time:
        """Read a time of day."""
        try:
            return time.fromisoformat(self.text(field))
        except ValueError:
            raise self.bad(field, "17:00 のような時刻にしてください") from None

    def flag(self, field: str) -> bool:
        """Read yes or no."""
        value = self.row.get(field, False)
        if not isinstance(value, bool):
            raise self.bad(field, "true か false にしてください")
        return value


def parsed(text: str, what: str, longest: int) -> dict[str, Any]:
    """Read the TOML of a town; *what* is the word for one of its tables."""
    if len(text) > longest:
        raise BadInput(f"{what}の文が長すぎます（{len(text)}字。{longest}字まで）")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadInput(f"TOMLとして読めません：{where(str(fault))}") from None


def each(
    rows: Sequence[Mapping[str, Any]], text: str, what: str, most: int, make: Callable[[str, Row], T]
) -> tuple[T, ...]:
    """Read tables one after the other, each by the name that it has alone."""
    if len(rows) > most:
        raise BadInput(f"{what}が多すぎます（{len(rows)}件。{most}件まで）")
    found: dict[str, T] = {}
    for number, row in enumerate(rows, 1):
        name = row.get("id")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise BadInput(f"{number}番目の{what}：id {name!r}：半角の英数字と - _ . で60字までの名前を付けてください")
        if name in found:
            raise BadInput(f"{line(text, name)}{what} {name}：id が2回使われています")
        found[name] = make(name, Row(row, f"{line(text, name)}{what} {name}"))
    return tuple(found.values())


def only(row: Mapping[str, Any], known: set[str] | frozenset[str], name: str) -> None:
    """Refuse fields that nobody knows."""
    strange = sorted(set(row) - known)
    if strange:
        raise BadInput(f"{name}：{strange[0]}：知らない項目です（書けるのは {'、'.join(sorted(known))}）")


def line(text: str, name: str) -> str:
    """Give the line at which the criterion called *name* begins, as the beginning of a sentence."""
    found = re.search(rf"""^\s*id\s*=\s*["']{re.escape(name)}["']""", text, re.MULTILINE)
    return "" if found is None else f"{text.count(chr(10), 0, found.end()) + 1}行目、"


def where(said: str) -> str:
    """Turn the parser's place into ours."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", said)
    if found is None:
        return said
    return f"{found[1]}行目の{found[2]}文字目（{said[: found.start()].strip()}）"
