"""Shelters as the desk sees them: state, heads, room, needs, and whether the place is right for tonight's hazards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disaster_hub.desk.facilities import grouped, spot_of
from disaster_hub.planning.plans import Planner
from disaster_hub.planning.state import SAID_AS, state_of
from disaster_hub.rules import shelters as rule
from disaster_hub.store import places, shelter_desk
from disaster_hub.store.session import Transaction
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.shelter import Headcount, Need, Word
from disaster_hub.terms.way import Water
from timelines.shelters import Shelters

TONIGHT_LEVEL = 2
"""From 注意報 on a hazard is one of tonight's."""
HAZARD_WORDS = {
    Hazard.FLOOD: "洪水",
    Hazard.LANDSLIDE: "土砂災害",
    Hazard.SURGE: "高潮",
    Hazard.TSUNAMI: "津波",
    Hazard.INLAND: "内水氾濫",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a shelter is right for one hazard."""

    hazard: Hazard
    designated: bool
    in_zone: bool
    upper_only: bool
    """In the zone, but its upper floors stay dry."""
    unknown: bool
    """No zones of this hazard are loaded there: not known, which is not dry."""
    tonight: bool
    unheard: bool = False
    """Nobody knows which levels are in force: it may be one of tonight's hazards, or not."""
    breaks: bool = False
    """In a zone where houses collapse or slopes come down: no place to be, whatever the hazard."""

    @property
    def name(self) -> str:
        """Name the hazard."""
        return HAZARD_WORDS[self.hazard]

    @property
    def wrong(self) -> bool:
        """Tell whether it is not the place to escape to from this hazard."""
        return self.in_zone or not self.designated

    @property
    def words(self) -> str:
        """Say it in a few words."""
        if self.breaks:
            return "建物がこわれる区域の中"
        if self.in_zone:
            return "区域の中"
        said = "指定あり" if self.designated else "指定なし"
        if self.upper_only:
            return f"{said}・上の階だけ"
        return f"{said}・区域は不明" if self.unknown else said


@dataclass(frozen=True, slots=True)
class Facility:
    """One place as it stands now; a building that open data names twice, once a kind, is one."""

    id: str
    name: str
    address: str
    spot: LonLat | None
    emergency: bool
    twins: tuple[str, ...] = ()
    word: Word | None = None
    count: Headcount | None = None
    capacity: int | None = None
    needs: tuple[Need, ...] = ()
    stale: bool = False
    old_count: bool = False

    @property
    def share(self) -> int | None:
        """Give how full it is, in per cent; None where heads or room are not known."""
        return None if self.count is None or not self.capacity else round(100 * self.count.people / self.capacity)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of them, the most urgent first."""

    all: tuple[Facility, ...]

    def number(self, state: str | None) -> int:
        """Count the shelters in one state; None counts those of which nothing is known."""
        return sum(1 for one in self.all if (one.word.state.value if one.word else None) == state)

    @property
    def people(self) -> int:
        """Add up the people of the open shelters that counted."""
        return sum(one.count.people for one in self.all if one.count is not None and rule.running(one.word))

    @property
    def uncounted(self) -> int:
        """Count the open shelters that have not counted, or not lately: the sum is at least what it says."""
        return sum(1 for one in self.all if rule.running(one.word) and (one.count is None or one.old_count))


def shelf(tx: Transaction, now: datetime) -> Shelf:
    """Give every shelter with what it said of itself."""
    words, counts, rooms = shelter_desk.words(tx), shelter_desk.counts(tx), shelter_desk.capacities(tx)
    needs: dict[str, list[Need]] = {}
    for need in shelter_desk.needs(tx):
        needs.setdefault(need.shelter, []).append(need)
    found = []
    for features in grouped(places.features(tx, "shelters")):
        first = features[0]
        ids = [one.id for one in features]
        word = max((words[i] for i in ids if i in words), key=lambda w: w.at, default=None)
        count = max((counts[i] for i in ids if i in counts), key=lambda c: c.at, default=None)
        room = next((rooms[i] for i in ids if i in rooms), None) or _capacity(features)
        found.append(Facility(
            first.id, str(first.columns.get("name") or first.id), str(first.columns.get("address") or ""),
            spot_of(first), first.columns.get("designation") != "evacuation", tuple(ids[1:]), word, count, room,
            tuple(need for i in ids for need in needs.get(i, ())),
            rule.stale(word, count, now), rule.old_count(word, count, now),
        ))  # fmt: skip
    return Shelf(tuple(sorted(found, key=lambda one: (rule.urgency(one.word), not one.stale, one.name, one.id))))


def fits(planner: Planner, tx: Transaction, shelter: str, now: datetime) -> tuple[Fit, ...]:
    """Say for each hazard whether *shelter* is right, tonight's first; none where it has no place on the map."""
    waters = state_of(tx, planner.config, now).waters
    return fit_of(planner.town.shelters, shelter, tonights(waters), unheard(waters))


def fit_of(
    shelters: Shelters, shelter: str, tonight: frozenset[Hazard], silent: frozenset[Hazard] = frozenset()
) -> tuple[Fit, ...]:
    """Say for each hazard whether *shelter* is right, tonight's first."""
    n = shelters.number.get(shelter)
    if n is None:
        return ()
    found = []
    for hazard in Hazard:
        wish = frozenset({hazard})
        why = shelters.why_not(n, wish, {})
        found.append(Fit(
            hazard, "not_designated" not in why, "in_zone" in why, shelters.upper_only(n, wish),
            hazard in shelters.standing[n].unknown, hazard in tonight,
            hazard in silent, shelters.standing[n].never,
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda fit: not fit.tonight))


def tonights(waters: Iterable[Water]) -> frozenset[Hazard]:
    """Name the hazards of which an official word is in force tonight."""
    return frozenset(w.hazard for w in waters if w.zero is not None or (w.level or 0) >= TONIGHT_LEVEL)


def unheard(waters: Iterable[Water]) -> frozenset[Hazard]:
    """Name the hazards that are heard of at other times and of which nobody can say now what is in force."""
    waters = list(waters)
    return frozenset(w.hazard for w in waters if w.level is None and SAID_AS[w.hazard]) - tonights(waters)


def doubts(found: Iterable[Fit], *, emergency: bool) -> list[str]:
    """Say what speaks against opening the place tonight; people decide."""
    every = list(found)
    said = _tonight([fit for fit in every if fit.tonight], emergency=emergency)
    blind = [fit.name for fit in every if fit.unheard and (fit.in_zone or fit.breaks)]
    if blind:
        said.append(f"{'・'.join(blind)}の区域の中にあり、いまの警戒レベルが分かりません")
    return said


def _tonight(found: list[Fit], *, emergency: bool) -> list[str]:
    if any(fit.breaks for fit in found):
        return ["建物がこわれるおそれのある区域（家屋倒壊等・土砂災害特別警戒）の中にあります"]
    said = []
    for fit in found:
        if fit.in_zone:
            said.append(f"{fit.name}の区域の中にあります")
        elif not fit.designated and emergency:
            said.append(f"{fit.name}の避難場所には指定されていません")
        elif fit.upper_only:
            said.append(f"{fit.name}では上の階だけが使えます")
        elif fit.unknown:
            said.append(f"{fit.name}の区域のデータがなく、安全かどうか分かりません")
    return said


def _capacity(features: Iterable[Feature]) -> int | None:
    said: list[Any] = [feature.columns.get("capacity") for feature in features]
    return next((int(one) for one in said if isinstance(one, int | float) and one > 0), None)
