"""Kinds of weather warnings: names, order within one hazard, what the old formats made of them, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NEW = {
    "10": "レベル２大雨注意報", "03": "レベル３大雨警報", "43": "レベル４大雨危険警報", "33": "レベル５大雨特別警報",
    "29": "レベル２土砂災害注意報", "09": "レベル３土砂災害警報", "49": "レベル４土砂災害危険警報",
    "39": "レベル５土砂災害特別警報", "15": "強風注意報", "14": "雷注意報", "97": "架空現象注意報",
}  # fmt: skip
OLD = {
    "10": "大雨注意報", "03": "大雨警報", "33": "大雨特別警報", "18": "洪水注意報", "04": "洪水警報",
    "15": "強風注意報", "14": "雷注意報",
}  # fmt: skip
NEW_LADDERS = (("10", "03", "43", "33"), ("29", "09", "49", "39"), ("15",), ("14",), ("97",))
OLD_LADDERS = (("10", "03", "33"), ("18", "04"), ("14",), ("15",))
"""The kinds of one hazard in rising order: of each ladder one rung stands at a time."""
WORDS = ("特別警報", "危険警報", "警報", "注意報")

Kinds = tuple[str, ...]
State = Mapping[str, Kinds]


@dataclass(frozen=True, slots=True)
class Change:
    """One kind for one area: its code, its Kind/Status, and the code that stood before."""

    code: str
    status: str
    last: str | None

    @property
    def active(self) -> bool:
        """Tell whether it stands from now on."""
        return self.status != "解除"


def changes(before: Kinds, now: Kinds, ladders: Iterable[tuple[str, ...]], names: Mapping[str, str]) -> list[Change]:
    """Say of every ladder what became of it, in the words of Kind/Status."""
    found = []
    for ladder in ladders:
        old = next((code for code in ladder if code in before), None)
        new = next((code for code in ladder if code in now), None)
        if new is not None:
            found.append(Change(new, _status(ladder, old, new, names), old))
        elif old is not None:
            found.append(Change(old, "解除", old))
    return found


def _status(ladder: tuple[str, ...], old: str | None, new: str, names: Mapping[str, str]) -> str:
    """Name the step from one rung to another."""
    if old == new:
        return "継続"
    if old is None or ladder.index(old) < ladder.index(new):
        return "発表"
    return f"{_word(names[old])}から{_word(names[new])}"


def _word(name: str) -> str:
    """Give the last word of a kind's name: 特別警報, 危険警報, 警報 or 注意報."""
    return next(word for word in WORDS if name.endswith(word))


def level(codes: Iterable[str], ladder: tuple[str, ...]) -> int:
    """Give the level 2 to 5 that stands on a four-rung ladder, 0 where none does."""
    return max((ladder.index(code) + 2 for code in codes if code in ladder), default=0)


def as_old(codes: Kinds) -> Kinds:
    """Give what VPWW53/54 carry for the new kinds: no level 4, 洪水 beside 大雨, landslides inside 大雨."""
    rain, soil = level(codes, NEW_LADDERS[0]), level(codes, NEW_LADDERS[1])
    top = max(rain, soil)
    old = ["33"] if top == 5 else ["03"] if top >= 3 else ["10"] if top == 2 else []
    old += ["04"] if rain >= 3 else ["18"] if rain == 2 else []
    return (*old, *(code for code in codes if code in {"14", "15"}))


def condition(codes: Kinds) -> str:
    """Give the Condition of an old 大雨警報: which of its two hazards reached the warning."""
    hazards = (("土砂災害", NEW_LADDERS[1]), ("浸水害", NEW_LADDERS[0]))
    return "、".join(word for word, ladder in hazards if level(codes, ladder) >= 3)


def highest(state: State, ladders: Iterable[tuple[str, ...]]) -> Kinds:
    """Give the highest rung of every ladder over all areas, as the blocks above the municipalities say it."""
    standing = {code for codes in state.values() for code in codes}
    tops = (next((code for code in reversed(ladder) if code in standing), None) for ladder in ladders)
    return tuple(code for code in tops if code is not None)
