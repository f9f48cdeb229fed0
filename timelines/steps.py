"""What a household can do at each level: the town's choices as data, by hazard and by who lives there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from disaster_hub.terms.errors import BadConfig, BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Household, Need
from timelines import phrases

FILE = Path(__file__).parent / "choices" / "town.toml"
ID = re.compile(r"[a-z][a-z0-9_]{0,23}")
LEVELS = range(1, 6)
NO_MORE_LEAVING = 5
EARLY = frozenset({Need.ELDER, Need.CARE, Need.INFANT, Need.PREGNANT})
"""Whoever needs time leaves at level 3."""


@dataclass(frozen=True, slots=True)
class Step:
    """One choice of one level."""

    id: str
    level: int
    hazards: frozenset[Hazard] = frozenset()
    """Offered where one of these counts for the home; empty is for every hazard."""
    needs: frozenset[Need] = frozenset()
    """Offered where one of these lives there; empty is for everybody."""
    leaves: bool = False
    """True for those that set out."""
    preset: bool = False
    """Ticked unless the household takes it away."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """A town's own words; without them the words are the phrase `step.<id>`."""

    def text(self, language: str) -> str:
        """Say it; a town that has not translated its own words is quoted in Japanese."""
        if self.texts:
            return self.texts.get(language) or self.texts[phrases.FIRST]
        return phrases.say(f"step.{self.id}", language)


@lru_cache(maxsize=4)
def all_steps(path: Path = FILE) -> tuple[Step, ...]:
    """Read the choices of a town; what is wrong raises BadConfig naming file, row and key."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadConfig(f"{path}: {fault}") from fault
    rows = said.get("step")
    if not isinstance(rows, list) or set(said) != {"step"}:
        raise BadConfig(f"{path}: write every choice as [[step]]")
    made = tuple(_step(row, f"{path}: step[{number}]") for number, row in enumerate(rows, 1))
    names = [step.id for step in made]
    for name in names:
        if names.count(name) > 1:
            raise BadConfig(f"{path}: {name!r} stands there twice")
    return made


def offered(level: int, hazards: Collection[Hazard], household: Household, path: Path = FILE) -> tuple[Step, ...]:
    """Give what fits this household at *level*, in the town's order."""
    return tuple(step for step in all_steps(path) if step.level == level and _fits(step, hazards, household))


def defaults(
    level: int,
    hazards: Collection[Hazard],
    household: Household,
    path: Path = FILE,
    leave_at: int | None = None,
) -> tuple[Step, ...]:
    """Give what is ticked at first: the town's own choice, and leaving at *leave_at*, else at the household's level."""
    leave_at = leave_at or leave_level(household)
    every = offered(level, hazards, household, path)
    return tuple(step for step in every if (step.level == leave_at if step.leaves else step.preset))


def leave_level(household: Household) -> int:
    """Give the level at which this household leaves at the latest: 3 for whoever needs time, 4 for everybody."""
    slow = bool(household.needs & EARLY) or household.mode.value == "wheelchair" or not household.stairs
    return 3 if slow else 4


def check(level: int, ids: Iterable[str], path: Path = FILE) -> None:
    """Refuse choices that are not of this level, and leaving at level 5, by name."""
    known = {step.id: step for step in all_steps(path)}
    for name in ids:
        step = known.get(name)
        if step is None or step.level != level:
            raise BadInput(f"step {name[:24]!r}: not offered at level {level}")


def _fits(step: Step, hazards: Collection[Hazard], household: Household) -> bool:
    return (not step.hazards or bool(step.hazards & set(hazards))) and (
        not step.needs or bool(step.needs & household.needs)
    )


def _step(row: Any, where: str) -> Step:
    if not isinstance(row, dict):
        raise BadConfig(f"{where}: not a table")
    for key in row:
        if key not in {"id", "level", "hazards", "needs", "leaves", "preset", "texts"}:
            raise BadConfig(f"{where}.{key}: unknown key")
    for key in ("leaves", "preset"):
        if not isinstance(row.get(key, False), bool):
            raise BadConfig(f"{where}.{key}: {row[key]!r} is neither true nor false")
    name, level = row.get("id"), row.get("level", 0)
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise BadConfig(f"{where}.id: {name!r} is no short plain name")
    if isinstance(level, bool) or level not in LEVELS:
        raise BadConfig(f"{where}.level: {level!r} is none of 1 to 5")
    leaves = bool(row.get("leaves", False))
    if leaves and level == NO_MORE_LEAVING:
        raise BadConfig(f"{where}.leaves: nobody sets out at level 5")
    return Step(
        name,
        level,
        frozenset(_named(Hazard, row.get("hazards", []), f"{where}.hazards")),
        frozenset(_named(Need, row.get("needs", []), f"{where}.needs")),
        leaves,
        bool(row.get("preset", False)),
        _texts(name, row.get("texts", {}), f"{where}.texts"),
    )


def _texts(name: str, said: Any, where: str) -> Mapping[str, str]:
    """Check a town's own words: Japanese at least, unless the choice is one that has its words already."""
    if not isinstance(said, dict) or not all(isinstance(text, str) and text.strip() for text in said.values()):
        raise BadConfig(f"{where}: write them by language")
    odd = sorted(set(said) - set(phrases.LANGUAGES))
    if odd:
        raise BadConfig(f"{where}: {odd[0]!r}; there are {', '.join(phrases.LANGUAGES)}")
    if phrases.FIRST not in said and (said or f"step.{name}" not in phrases.table(phrases.FIRST)):
        raise BadConfig(f"{where}: without {phrases.FIRST}")
    return said


def _named(kind: Any, said: Any, where: str) -> list[Any]:
    try:
        if isinstance(said, list):
            return [kind(one) for one in said]
    except (ValueError, TypeError):
        pass
    raise BadConfig(f"{where}: {said!r}; write a list of {', '.join(kind)}")
