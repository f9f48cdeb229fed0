"""The official word on each hazard in each area: JMA's and the river offices' own, never ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from disaster_hub.rules.lineage import COPIES, NEW, SUPPLEMENT, types_for
from disaster_hub.rules.standing import Said, standing, withdrawn_to_nothing
from disaster_hub.terms.bulletin import AreaWarning, Bulletin, Hazard, Status
from disaster_hub.terms.level import AreaKind, Official

UNKNOWN_WORD = "不明なコード"


def of_municipality(area: str, said: Sequence[Said]) -> list[Official]:
    """Judge the weather warnings of one municipality from all that its office has said (any order, duplicates)."""
    words: list[Official] = []
    real = [s for s in said if s[1].status is Status.ACTUAL]
    by_type = {kind: [s for s in real if s[1].type == kind] for kind in (*NEW, *COPIES, SUPPLEMENT)}
    copy = [s for kind in COPIES for s in by_type[kind]]
    for hazard in Hazard:
        deciding = [s for kind in types_for(hazard) for s in by_type[kind]]
        word = _word(area, hazard, deciding or copy)
        if hazard is Hazard.LANDSLIDE:
            word = _higher(word, _word(area, hazard, by_type[SUPPLEMENT]))
        if word is not None:
            words.append(word)
    return words


def of_river(area: str, said: Sequence[Said]) -> Official | None:
    """Judge one flood forecast area; it never ends by age, only by code 10."""
    mine = [s for s in said if any(r.area == area for r in s[1].rivers) or not s[1].rivers]
    stack = standing(mine)
    if not stack:
        return _nothing_known(area, "", AreaKind.RIVER, Hazard.FLOOD, withdrawn_to_nothing(mine))
    identity, newest = stack[-1]
    now = [r for r in newest.rivers if r.area == area]
    if not now:
        return _nothing_known(area, "", AreaKind.RIVER, Hazard.FLOOD, newest)
    top = max(now, key=lambda r: _rank(r.level, r.active))
    begun = _since(stack, lambda b: _river_level(area, b))
    return Official(
        area=area,
        area_name=top.area_name,
        area_kind=AreaKind.RIVER,
        hazard=Hazard.FLOOD.value,
        level=top.level if top.active else 0,
        name=top.name,
        issuer=newest.office,
        since=begun.reported_at,
        confirmed=newest.reported_at,
        until=None,
        evidence=identity,
        unknown=top.active and top.level is None,
    )


def _word(area: str, hazard: Hazard, said: Sequence[Said]) -> Official | None:
    """Give the word of one lineage on one hazard, or None where it never spoke of this area."""
    stack = [s for s in standing(said) if any(w.area == area for w in s[1].warnings)]
    if not stack:
        return _nothing_known(area, "", AreaKind.MUNICIPALITY, hazard, withdrawn_to_nothing(said))
    identity, newest = stack[-1]
    mine = [w for w in newest.warnings if w.area == area and w.hazard is hazard]
    named = next(w.area_name for w in newest.warnings if w.area == area)
    active = [w for w in mine if w.active]
    if not mine and not _spoke_of(hazard, area, stack):
        return None
    begun = _since(stack, lambda b: _municipal(area, hazard, b))
    until = newest.valid_until
    return Official(
        area=area,
        area_name=named,
        area_kind=AreaKind.MUNICIPALITY,
        hazard=hazard.value,
        level=_highest(active),
        name=_names(active) or "発表なし",
        issuer=newest.office,
        since=begun.reported_at,
        confirmed=newest.reported_at,
        until=until,
        evidence=identity,
        unknown=any(UNKNOWN_WORD in w.name or (w.level is None and _should_have_level(w)) for w in active),
    )


def _spoke_of(hazard: Hazard, area: str, stack: Sequence[Said]) -> bool:
    """Tell whether this lineage owns *hazard* here: by its telegram type, or because it named it once."""
    if any(hazard in NEW.get(b.type or "", ()) for _, b in stack):
        return True
    return any(w.area == area and w.hazard is hazard for _, b in stack for w in b.warnings)


def _highest(active: Sequence[AreaWarning]) -> int | None:
    """Give the highest level in force: 0 where nothing or only hazards without levels, None where not known."""
    levels = [w.level for w in active if w.level is not None]
    if any(w.level is None and _should_have_level(w) for w in active):
        return max(levels) if levels else None
    return max(levels, default=0)


def _should_have_level(warning: AreaWarning) -> bool:
    """Tell whether a warning without a level is one that nobody here knows: wind, snow and thunder have none."""
    return warning.code not in WITHOUT_LEVEL


LEVELLESS = ("02", "05", "06", "07", *map(str, range(12, 18)), *map(str, range(20, 28)), "32", "35", "36", "37")
WITHOUT_LEVEL = frozenset({*LEVELLESS, "03", "0"})
"""Kind codes that carry no 警戒レベル (JMA 別表3); 03 in the old system for 浸水害 alone, 0 is VXWW50's なし."""


def _names(active: Iterable[AreaWarning]) -> str:
    return "・".join(dict.fromkeys(w.name for w in active))


def _municipal(area: str, hazard: Hazard, bulletin: Bulletin) -> tuple[object, ...]:
    active = [w for w in bulletin.warnings if w.area == area and w.hazard is hazard and w.active]
    return _highest(active), _names(active)


def _river_level(area: str, bulletin: Bulletin) -> tuple[object, ...]:
    mine = [r for r in bulletin.rivers if r.area == area]
    return tuple((r.level, r.active) for r in mine)


def _since(stack: Sequence[Said], state: object) -> Bulletin:
    """Give the bulletin with which the newest *state* began, unbroken."""
    assert callable(state)
    begun = stack[-1][1]
    wanted = state(begun)
    for _, bulletin in reversed(stack):
        if state(bulletin) != wanted:
            break
        begun = bulletin
    return begun


def _higher(one: Official | None, other: Official | None) -> Official | None:
    """Let the supplement raise, never lower."""
    if one is None or other is None:
        return one or other
    if other.level is None or other.level == 0:
        return replace(one, unknown=one.unknown or other.unknown)
    return other if (one.level or 0) < other.level else one


def _nothing_known(area: str, name: str, kind: AreaKind, hazard: Hazard, withdrawn: Bulletin | None) -> Official | None:
    """Say "not known" where everything was withdrawn; None where nothing was ever said."""
    if withdrawn is None:
        return None
    at = withdrawn.reported_at
    words = "取り消され、その前の情報がありません"
    return Official(area, name, kind, hazard.value, None, words, withdrawn.office, at, at, None, "", unknown=True)


def _rank(level: int | None, active: bool) -> int:
    """Put what is in force but unknown above everything: it must be looked at."""
    return 0 if not active else 9 if level is None else level
