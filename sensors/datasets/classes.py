"""Classes as publishers give them: a depth in words, a rank of their table, and the columns made of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from disaster_hub.terms.errors import BadInput

Class = tuple[float, float | None]
"""From, and up to; None where it is open-ended."""

DEPTHS: Mapping[int, Class] = {
    1: (0.0, 0.5), 2: (0.5, 3.0), 3: (3.0, 5.0), 4: (5.0, 10.0), 5: (10.0, 20.0), 6: (20.0, None),
}  # fmt: skip
"""Metres of the six ranks that A31, A31a, A31b and PLATEAU's rivers, tsunami, surge and inland water share."""
DEPTHS_2012: Mapping[int, Class] = {
    11: (0.0, 0.5), 12: (0.5, 1.0), 13: (1.0, 2.0), 14: (2.0, 5.0), 15: (5.0, None),
    21: (0.0, 0.5), 22: (0.5, 1.0), 23: (1.0, 2.0), 24: (2.0, 3.0), 25: (3.0, 4.0), 26: (4.0, 5.0), 27: (5.0, None),
}  # fmt: skip
"""Metres of the codes of 2012: 11 to 15 where the map had five classes, 21 to 27 where it had seven."""
HOURS: Mapping[int, Class] = {
    1: (0.0, 12.0), 2: (12.0, 24.0), 3: (24.0, 72.0), 4: (72.0, 168.0), 5: (168.0, 336.0), 6: (336.0, 672.0),
    7: (672.0, None),
}  # fmt: skip
"""Hours of A31's ranks of 浸水継続時間."""

NUMBER = r"(\d{1,3}(?:\.\d{1,3})?)(m|cm)?"
FROM_TO = re.compile(rf"{NUMBER}(以上|超)?(~)?{NUMBER}(未満|以下)?")
UP_TO = re.compile(rf"(?=~|.*(?:未満|以下))~?{NUMBER}(?:未満|以下)?")
FROM = re.compile(rf"{NUMBER}(?:以上|超|(?=~))~?")
DEEPEST = 100.0
"""Metres that no published class goes beyond: what says more was read wrongly."""


def depth_class(text: str, where: str) -> Class:
    """Read a depth class in words, such as 0.3m以上1.0m未満, 0.5m未満 or 20m以上; BadInput for any other text."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    plain = re.sub(r"[〜~∼\-‐–—−ー]", "~", plain).replace("メートル", "m").replace("を超え", "超")
    found = _limits(plain)
    if found is None or not _sound(found):
        raise BadInput(f"{where}: {text[:40]!r} is no depth class that is read, such as 0.5m以上3m未満")
    return found


def _limits(plain: str) -> Class | None:
    """Give the two limits in metres; None for a text of another form."""
    if match := FROM_TO.fullmatch(plain):
        low, low_unit, from_word, dash, high, high_unit, _ = match.groups()
        if from_word or dash:
            return _metres(low, low_unit or high_unit), _metres(high, high_unit)
    if match := UP_TO.fullmatch(plain):
        return 0.0, _metres(*match.groups())
    if match := FROM.fullmatch(plain):
        return _metres(*match.groups()), None
    return None


def _metres(number: str, unit: str | None) -> float:
    """Give metres; a number without a unit is metres."""
    return round(float(number) / 100, 5) if unit == "cm" else float(number)


def _sound(one: Class) -> bool:
    """Tell whether a class has a width, and no more than an ocean's."""
    low, high = one
    return low <= DEEPEST if high is None else low < high <= DEEPEST


def metres(one: Class | None) -> dict[str, float | None]:
    """Give the columns of a depth class; all None where it is not known."""
    return {"low_m": None if one is None else one[0], "high_m": None if one is None else one[1], "depth_m": None}


def hours(one: Class | None) -> dict[str, float | None]:
    """Give the columns of a class of duration; all None where it is not known."""
    return {"low_h": None if one is None else one[0], "high_h": None if one is None else one[1]}
