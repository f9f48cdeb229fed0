"""The veil over counts: nobody behind a number, behind a difference of numbers, or behind its change over time.

Three rules, argued in docs/households.md and attacked in tests/planning/test_veil.py:

1. A row is shown from ten households on. What is shown changes only when at least five households net came or went,
   and then anew from ten on: so a shown row never holds fewer than six, and no change that can be seen stands for
   fewer than five.
2. What is shown is rounded down to fives: a difference of shown numbers is never 1 to 4.
3. In every table whose rows add up to all plans, what is not shown is at least two rows and at least ten households,
   or else the smallest shown row is hidden too: nothing hidden is had by subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping

ENTER = 10
STEP = 5

Counts = Mapping[str, Mapping[str, int]]


def held(before: Counts, now: Counts) -> dict[str, dict[str, int]]:
    """Give the counts to speak of from now on: as *before* wherever fewer than STEP came or went."""
    found: dict[str, dict[str, int]] = {}
    for table, rows in now.items():
        known = before.get(table, {})
        found[table] = {
            row: value for row, number in rows.items() if (value := _held(known.get(row), number)) is not None
        }
    return found


def shown(kept: Counts, now: Counts) -> dict[str, dict[str, int | None]]:
    """Give what is shown of each row of *now*, out of what is *kept* of it; None is hidden."""
    found: dict[str, dict[str, int | None]] = {}
    for table, rows in now.items():
        open_rows = dict(kept.get(table, {}))
        if len(rows) > 1:
            _hide_more(open_rows, rows)
        found[table] = {row: _round(open_rows[row]) if row in open_rows else None for row in rows}
    return found


def _held(before: int | None, number: int) -> int | None:
    if before is not None and abs(number - before) < STEP:
        return before
    return number if number >= ENTER else None


def _hide_more(open_rows: dict[str, int], rows: Mapping[str, int]) -> None:
    """Hide the smallest shown rows until the hidden ones protect each other; none hidden is fine too."""
    while open_rows and len(open_rows) < len(rows):
        rest = [number for row, number in rows.items() if row not in open_rows]
        if len(rest) > 1 and sum(rest) >= ENTER:
            return
        del open_rows[min(open_rows, key=lambda row: (open_rows[row], row))]


def _round(number: int) -> int:
    return number // STEP * STEP
