"""Doubt: why a reading is not counted, who else says the same, and what an officer saw with their own eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DoubtKind(StrEnum):
    """What is wrong with a reading, as far as it can be told from here."""

    RANGE = "range"
    """No water stands there: beyond the instrument, or far above every mark."""
    LEAP = "leap"
    """It rose or fell faster than this gauge alone may say."""
    STUCK = "stuck"
    """It says the same to the millimetre while others move, or its own noise is gone."""
    TILT = "tilt"
    """The device itself says that it no longer hangs straight."""
    CLOCK = "clock"
    """Its times are off by always the same."""
    MOVED = "moved"
    """It was moved and nobody has looked at its heights since."""
    ALONE = "alone"
    """It rises to a mark while its neighbours stand still and no rain fell."""


DOUBT_WORDS: Mapping[DoubtKind, str] = {
    DoubtKind.RANGE: "ありえない値", DoubtKind.LEAP: "急な変化", DoubtKind.STUCK: "値が動かない",
    DoubtKind.TILT: "傾き", DoubtKind.CLOCK: "時計のずれ", DoubtKind.MOVED: "移設後 未確認",
    DoubtKind.ALONE: "ほかと合わない",
}  # fmt: skip


class By(StrEnum):
    """Who else says so: the second witness."""

    NEIGHBOUR = "neighbour"
    RAIN = "rain"
    TELEGRAM = "telegram"
    LOOK = "look"
    """An officer looked at the camera, or went there, and tapped."""


BY_WORDS: Mapping[By, str] = {
    By.NEIGHBOUR: "近くの観測所", By.RAIN: "雨量", By.TELEGRAM: "気象庁・河川事務所の情報", By.LOOK: "職員の目視",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a reading is not counted."""

    kind: DoubtKind
    words: str
    since: datetime
    """The first reading of this doubt."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who else says that the water stands there."""

    by: By
    words: str
    at: datetime
    """Of the reading that it speaks for."""


@dataclass(frozen=True, slots=True)
class Look:
    """An officer looked and says that the water is really that high."""

    station: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Trust:
    """How far one gauge can be believed now, and what is remembered of it until its next reading."""

    station: str
    at: datetime
    """Of the newest reading that was judged."""
    value: float
    doubt: Doubt | None = None
    """None: nothing speaks against it, which alone sends nothing."""
    witness: Witness | None = None
    danger: bool = False
    """True where the doubt may hide high water: not known, and counted as danger."""
    good_at: datetime | None = None
    good: float | None = None
    """The newest reading that nothing spoke against; leaps are measured from it."""
    same_since: datetime | None = None
    same: int = 1
    """Readings in a row with the same value."""
    restless: int = 0
    """The longest run of readings that each differed from the one before, as long as the last flat line began."""
    leaps: int = 0
    """Readings in a row beyond a leap."""
    behind_s: float = 0.0
    behind: int = 0
    """Readings in a row that came this many seconds after their own time."""

    @property
    def believed(self) -> bool:
        """Tell whether it counts towards a notice: nothing speaks against it and somebody else says so too."""
        return self.doubt is None and self.witness is not None
