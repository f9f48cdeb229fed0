"""The latest safe minute to leave: from the slack of the way, the official zero hour and the time now.

The minute rests on the best way of all that fit, less what the proposed place may be worse; so closing a road or a
shelter, more water or a slower pace can only make it sooner. Without an official zero hour no minute is invented.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from disaster_hub.terms.household import Household, Mode, Need
from disaster_hub.terms.way import Basis, LeaveBy, Water, Word
from timelines.pace import NIGHT, RAIN, Pace
from timelines.wet import ARRIVAL_MARGIN_MIN

SAFETY_MIN = 5.0
"""Between the latest set-out that was reckoned and the one that is said; our own."""
TOLERANCE_MIN = 5.0
"""A nearer place is proposed where it may be left for at most this much sooner than the best one; our own."""
LAST_MINUTE = timedelta(minutes=1)
EARLY, ALL = 3, 4
"""The levels at which the slow ones leave (高齢者等避難), and everybody (避難指示)."""
SAVE_YOURSELF = 5
SLOW_NEEDS = frozenset({Need.ELDER, Need.CARE, Need.INFANT, Need.PREGNANT})


@dataclass(frozen=True, slots=True)
class Case:
    """What decides one household's word."""

    now: datetime
    level: int
    """Highest official level in force for its hazards; 0 where none is known."""
    leave_level: int
    outside: bool = False
    """Outside every zone, and every hazard's zones are loaded."""
    upstairs: bool = False
    """They chose to stay upstairs, and may."""
    roads: bool = True
    way: bool = True
    """There is a way at all."""
    begun: bool = False
    """The zero hour of a water at the home is known."""
    limit: datetime | None = None
    """The latest set-out, every margin taken off; None where nobody has said when the water comes."""
    promised: datetime | None = None
    """The latest set-out for the place that they chose and that fell away."""
    lost: bool = False
    """The place that they chose cannot be reached any more."""
    leave: bool = False
    """They stand in a landslide zone for which a level is in force: out, as long as water lets them."""
    home_wet: bool = False
    """Water is, or may be, at the door already."""
    wet_from: datetime | None = None
    """When it is, or may be, there; None where nobody has said it."""
    water: Water | None = None


def leave_by(case: Case) -> LeaveBy:
    """Say what to do, in one word, with the minute where there is one."""
    word, at = _word(case)
    level = None if word in {Word.STAY, Word.GO_UP} else case.leave_level
    until = case.limit if word is Word.LEAVE_NOW else case.wet_from if word is Word.NO_WAY_KNOWN else None
    return LeaveBy(word, at, level, case.water, until=None if until is None else minute(until))


def _word(case: Case) -> tuple[Word, datetime | None]:  # noqa: PLR0911  # one line for each thing that can be so
    if case.outside:
        return Word.STAY, None
    called = case.level >= case.leave_level
    if case.level >= SAVE_YOURSELF:
        return Word.GO_UP, None
    if case.upstairs:
        return (Word.GO_UP if called or case.begun else Word.STAY), None
    if not case.roads or not case.way:
        if case.home_wet or (case.roads and (called or case.begun)):
            return Word.GO_UP, None
        return Word.NO_WAY_KNOWN, None
    if case.limit is None:
        return (Word.LEAVE_NOW if called or case.leave else Word.LEAVE_AT_LEVEL), None
    if case.now > case.limit:
        return Word.GO_UP, None
    if case.leave or case.lost:
        return Word.LEAVE_NOW, None
    at = minute(case.limit if case.promised is None else min(case.limit, case.promised))
    if case.now > at - LAST_MINUTE:
        return Word.LEAVE_NOW, None
    return Word.LEAVE_BY, at


def minute(at: datetime) -> datetime:
    """Round a time down to its minute."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def as_of(leave: LeaveBy, now: datetime) -> LeaveBy:
    """Give a word that was reckoned earlier as it stands *now*: when its minute has passed, do not go out."""
    if leave.until is not None and now > leave.until:
        return replace(leave, word=Word.GO_UP, at=None, level=None, until=None)
    if leave.word is not Word.LEAVE_BY or leave.at is None or now <= leave.at - LAST_MINUTE:
        return leave
    if now > leave.at:
        return replace(leave, word=Word.GO_UP, at=None, level=None)
    return replace(leave, word=Word.LEAVE_NOW, at=None, until=leave.at)


def level_to_leave(household: Household, chosen: int | None, slack_s: float | None) -> int:
    """Give the level at which to leave: 4 only for quick households whose way stays dry after the zero hour."""
    slow = bool(household.needs & SLOW_NEEDS) or household.mode is Mode.WHEELCHAIR or not household.stairs
    needed = (household.prepare_min + SAFETY_MIN + TOLERANCE_MIN) * 60
    cut = slack_s is not None and slack_s < needed
    return EARLY if slow or cut or chosen == EARLY else ALL


def assumptions(pace: Pace, household: Household, water: Water | None, *, arrivals: bool) -> dict[str, str]:
    """Name everything that was assumed, by phrase key."""
    said = {"speed": f"{pace.flat:.2f}"}
    if pace.stairs:
        said["stairs"] = f"{pace.stairs:.2f}"
    if pace.night:
        said["night"] = f"{NIGHT:g}"
    said |= {"rain": f"{RAIN:g}", "prepare": str(household.prepare_min)}
    if household.ten_minutes_m is None:
        said["slowest"] = ""
    said["margin"] = f"{SAFETY_MIN + TOLERANCE_MIN:g}"
    if arrivals:
        said["arrival_margin"] = f"{ARRIVAL_MARGIN_MIN:g}"
    else:
        said["whole_zone"] = ""
    if water is not None and water.zero is not None and water.basis is not Basis.UNKNOWN:
        said[f"zero_{water.basis.value}"] = water.zero.isoformat()
    else:
        said["zero_unknown"] = ""
    return said
