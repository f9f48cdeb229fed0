"""The official word on each hazard in each area: JMA's and the river offices' own, never ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from disaster_hub.rules.lineage import COPIES, NEW, SUPPLEMENT, types_for
from disaster_hub.rules.standing import Row, Said, Step, steps, withdrawn_to_nothing
from disaster_hub.terms.bulletin import AreaWarning, Hazard, RiverWarning
from disaster_hub.terms.level import AreaKind, Official

NOTHING = "発表なし"
TAKEN_BACK = "取り消され、その前の情報がありません"

LEVELLESS = ("02", "05", "06", "07", *map(str, range(12, 18)), *map(str, range(20, 28)), "32", "35", "36", "37")
WITHOUT_LEVEL = frozenset({*LEVELLESS, "03"})
"""Kind codes that carry no 警戒レベル (JMA 別表3); 03 in the old system for 浸水害 alone."""


def of_municipality(area: str, said: Iterable[Said]) -> list[Official]:
    """Judge the weather warnings of one municipality from all that was said (any order, any duplicates)."""
    by_type: dict[str | None, list[Said]] = {}
    for one in said:
        by_type.setdefault(one[1].type, []).append(one)
    copies = steps([s for kind in COPIES for s in by_type.get(kind, ())], area)
    new = {h: _new(area, h, [s for kind in types_for(h) for s in by_type.get(kind, ())]) for h in Hazard}
    words = []
    for hazard in Hazard:
        word = new[hazard]
        if word is None or _taken_back(word):
            word = _copy(area, hazard, copies, rain_decided=new[Hazard.RAIN] is not None) or word
        if hazard is Hazard.LANDSLIDE:
            word = _raised(word, _alert(area, by_type.get(SUPPLEMENT, ())))
        if hazard is Hazard.OTHER:
            word = _raised(word, _strange(area, copies))
        words += [word] if word is not None else []
    return words


def of_river(area: str, said: Iterable[Said]) -> Official | None:
    """Judge one flood forecast area; it never ends by age, only by code 10."""
    mine = list(said)
    found = steps(mine, area)
    return _word(area, Hazard.FLOOD, found) or _nothing_known(area, Hazard.FLOOD, mine)


def _new(area: str, hazard: Hazard, said: Sequence[Said]) -> Official | None:
    """Judge the new lineage; a kind that its telegram should not hold still counts for that telegram's hazard."""
    found = [Step(s.said, tuple(r for r in s.rows if _hazard(r, s.said) is hazard)) for s in steps(said, area)]
    return _word(area, hazard, found) or _nothing_known(area, hazard, said)


def _hazard(row: Row, said: Said) -> Hazard | None:
    """Give the hazard that a row counts for: its own where the telegram's type owns it, else the type's first."""
    owned = NEW.get(said[1].type or "", frozenset())
    own = row.hazard if isinstance(row, AreaWarning) else Hazard.FLOOD
    return own if own in owned else min(owned, default=None)


def _copy(area: str, hazard: Hazard, copies: Sequence[Step], *, rain_decided: bool) -> Official | None:
    """Judge one hazard by the transition copies, None where they never named it.

    An old 大雨警報 that names 土砂災害 counts for landslides where the new telegram of rain is known, and so decides
    about rain, but that of landslides is not.
    """
    slides = hazard is Hazard.LANDSLIDE and rain_decided
    found = [Step(s.said, tuple(r for r in s.rows if _is(r, hazard) or (slides and _slides(r)))) for s in copies]
    return _word(area, hazard, found) if any(step.rows for step in found) else None


def _is(row: Row, hazard: Hazard) -> bool:
    return isinstance(row, AreaWarning) and row.hazard is hazard and not _unknown(row) and bool(row.code)


def _slides(row: Row) -> bool:
    """Tell whether an old 大雨警報 names 土砂災害: only then it has a level."""
    return row.code == "03" and row.level is not None


def _strange(area: str, copies: Sequence[Step]) -> Official | None:
    """Judge what the copies hold under codes that nobody knows: no new telegram can have decided that."""
    found = [Step(s.said, tuple(r for r in s.rows if r.active and _unknown(r))) for s in copies]
    word = _word(area, Hazard.OTHER, found)
    return word if word is not None and word.unknown else None


def _alert(area: str, said: Sequence[Said]) -> Official | None:
    """Judge the supplement on landslides: level 4 or no word at all."""
    word = _word(area, Hazard.LANDSLIDE, steps(said, area))
    return word if word is not None and (word.level or word.unknown) else None


def _word(area: str, hazard: Hazard, found: Sequence[Step]) -> Official | None:
    """Make the word of the last step, since the first of the unbroken run of steps that say the same."""
    if not found:
        return None
    state = _state(found[-1].rows)
    begun = found[-1]
    for step in reversed(found):
        if _state(step.rows) != state:
            break
        begun = step
    level, name, unknown = state
    identity, newest = found[-1].said
    return Official(
        area=area,
        area_name=next((row.area_name for step in reversed(found) for row in step.rows), ""),
        area_kind=_kind(area),
        hazard=hazard.value,
        level=level,
        name=name,
        issuer=newest.office,
        since=begun.said[1].reported_at,
        confirmed=newest.reported_at,
        until=newest.valid_until,
        evidence=identity,
        unknown=unknown,
    )


def _state(rows: Iterable[Row]) -> tuple[int | None, str, bool]:
    """Give (level, names, unknown): the highest level in force, 0 where none is, None where nobody can tell."""
    rows = list(rows)
    active = [row for row in rows if row.active]
    unknown = any(_unknown(row) for row in active)
    level = max((row.level for row in active if row.level is not None), default=None if unknown else 0)
    deciding = active if not level else [row for row in active if row.level == level or _unknown(row)]
    ended = [row for row in rows if isinstance(row, RiverWarning)]
    names = dict.fromkeys(row.name or f"コード{row.code}" for row in deciding or ended)
    return level, "・".join(names) or NOTHING, unknown


def _unknown(row: Row) -> bool:
    """Tell whether a row that should have a level has none: wind, snow and thunder have none by law."""
    if isinstance(row, RiverWarning):
        return row.active and row.level is None
    return row.active and row.level is None and row.code not in WITHOUT_LEVEL


def _raised(word: Official | None, other: Official | None) -> Official | None:
    """Let *other* raise a word, never lower it; what either does not know stays marked."""
    if word is None or other is None:
        return word or other
    unknown = word.unknown or other.unknown
    if (word.level or 0) >= (other.level or 0) and not (_taken_back(word) and other.level is None):
        names = f"{word.name}・{other.name}" if other.unknown else word.name
        level = None if other.unknown and not word.level else word.level
        return replace(word, level=level, name=names, unknown=unknown)
    return replace(other, unknown=unknown)


def _taken_back(word: Official) -> bool:
    return word.name == TAKEN_BACK


def _nothing_known(area: str, hazard: Hazard, said: Iterable[Said]) -> Official | None:
    """Say "not known" where all there was has been withdrawn; None where nothing was ever said."""
    withdrawal = withdrawn_to_nothing(said, area)
    if withdrawal is None:
        return None
    identity, by = withdrawal
    at, value = by.reported_at, hazard.value
    return Official(area, "", _kind(area), value, None, TAKEN_BACK, by.office, at, at, None, identity, unknown=True)


def _kind(area: str) -> AreaKind:
    return AreaKind.RIVER if len(area) == 12 else AreaKind.MUNICIPALITY


def combined(words: Iterable[Official]) -> int | None:
    """Give one area's level from its hazards: the highest in force, 0 where none is, None where nobody can tell."""
    levels = {word.level for word in words}
    return max(filter(None, levels), default=None if None in levels or not levels else 0)
