"""Which places are proposed to a household: its own wishes where they fit, else the best; the unfit are named."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination, Kind
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Choice, Upstairs
from timelines.asked import Door
from timelines.conditions import UNSAID_FROM
from timelines.home import ZoneIndex, dangers
from timelines.leave_by import SAFETY_MIN, TOLERANCE_MIN
from timelines.roads import TENTHS
from timelines.route import Reached, Walk, way
from timelines.town import Situation
from timelines.wet import Source

TOLERANCE = int(TOLERANCE_MIN * 60 * TENTHS)
SAFETY = timedelta(minutes=SAFETY_MIN)
MOST_UNFIT = 3


@dataclass(frozen=True, slots=True)
class Option:
    """A place that one household could go to, with the latest set-out that the search gave."""

    choice: Choice
    latest: int | None = None
    """Tenths; None where no way was reckoned."""
    time: int = 0
    walk: Walk | None = None


class Proposals:
    """All places of one household, sorted, with what keeps it from going to the others."""

    def __init__(
        self, situation: Situation, door: Door, now: datetime, best: Reached | None, wished: dict[int, Reached]
    ) -> None:
        self.situation = situation
        self.door = door
        self.now = now
        self.fitting = situation.fitting(door.of.hazards)
        self.ranked = self._ranked(best)
        self.best = max((o.latest for o in self.ranked if o.latest is not None), default=None)
        self.wishes = [self._wish(wish, wished.get(n)) for n, wish in enumerate(door.asked.wishes) if wish]

    def dry(self, latest: int) -> bool:
        """Tell whether one may still set out: with the margin, or before anybody has said when water comes."""
        at = self.situation.conditions.at(latest)
        return at is None or self.now <= at - SAFETY

    def drawn(
        self, option: Option | None, *, whole: bool = True, floods: bool = True
    ) -> tuple[Choice | None, Source | None]:
        """Draw an option's way up, *whole* or with its figures alone; with it the water that ends it."""
        if option is None:
            return None, None
        if option.walk is None or option.choice.why_not:
            return option.choice, None
        found, source = way(option.walk, self.situation.conditions, drawn=whole, floods=floods)
        return replace(option.choice, way=found), source

    def unfit(self, named: Collection[str], most: int = MOST_UNFIT) -> list[Choice]:
        """Give the nearest shelters that do not fit, with the reasons; a name that was *named* is not said again.

        A school is often designated twice, to escape to and to stay in: two entries, one name.
        """
        shelters = self.situation.town.shelters
        good = set(self.fitting)
        seen, found = set(named), list[Choice]()
        for n in shelters.nearest(self.door.asked.spot, [n for n in range(len(shelters.all)) if n not in good]):
            if len(found) == most:
                break
            if shelters.all[n].name not in seen:
                seen.add(shelters.all[n].name)
                found.append(self._shelter(n))
        return found

    def _ranked(self, best: Reached | None) -> list[Option]:
        """Sort the fitting shelters: the quickest of those that may be left for about as late as the best one."""
        if best is None:
            nearest = self.situation.town.shelters.nearest(self.door.asked.spot, self.fitting)[:4]
            return [Option(_noted(self._shelter(n), "roads_not_loaded")) for n in nearest]
        f, row = best.found, best.row
        options = []
        for slot in range(f.latest.shape[1]):
            if f.origin[row, slot] < 0:
                break
            choice = self._shelter(self.fitting[int(f.origin[row, slot])])
            latest = int(f.latest[row, slot])
            if not self.dry(latest):
                choice = replace(choice, why_not=(*choice.why_not, "no_dry_way"))
            options.append(
                Option(
                    choice,
                    latest,
                    int(f.time[row, slot]),
                    self._walk(best, slot, choice),
                )
            )
        first = max((o.latest or 0 for o in options), default=0)

        def order(option: Option) -> tuple[bool, int, int]:
            latest = option.latest or 0
            near = latest >= first - TOLERANCE
            return (not near, 0 if near else -latest, option.time)

        return sorted(options, key=order)

    def _wish(self, wish: Destination, reached: Reached | None) -> Option:
        """Look at a place that the household chose itself."""
        choice, known = self._wished(wish)
        mine = next((o for o in self.ranked if o.choice.destination.shelter == wish.shelter), None)
        if known and mine is not None and wish.kind is Kind.SHELTER:
            return mine
        if reached is None or wish.kind is Kind.UPSTAIRS:
            if known and wish.kind is Kind.SHELTER and not choice.why_not and self._reckoned(choice):
                choice = replace(choice, why_not=("no_way",))
            return Option(choice)
        f, row = reached.found, reached.row
        if f.origin[row, 0] < 0:
            return Option(replace(choice, why_not=(*choice.why_not, "no_way")))
        latest = int(f.latest[row, 0])
        if not self.dry(latest):
            choice = replace(choice, why_not=(*choice.why_not, "no_dry_way"))
        return Option(
            choice,
            latest,
            int(f.time[row, 0]),
            self._walk(reached, 0, choice),
        )

    def _walk(self, reached: Reached, slot: int, choice: Choice) -> Walk:
        return reached.walk(self.door.asked.spot, slot, choice.destination.spot, self.door.of)

    def _reckoned(self, choice: Choice) -> bool:
        return "roads_not_loaded" not in choice.notes

    def _wished(self, wish: Destination) -> tuple[Choice, bool]:
        """Give a wish as a choice, and whether it is a shelter that is known here."""
        shelters = self.situation.town.shelters
        number = shelters.number.get(wish.shelter or "") if wish.kind is Kind.SHELTER else None
        if number is not None:
            choice = self._shelter(number)
            return (choice if len(self.situation.town.roads) else _noted(choice, "roads_not_loaded")), True
        if wish.kind is Kind.SHELTER:
            return Choice(wish, None, why_not=("not_designated",)), False
        if wish.kind is Kind.UPSTAIRS or wish.spot is None:
            return Choice(wish, None), False
        # A zone may have been loaded since the plan was saved: what stands in water is proposed to nobody.
        why_not = ("in_zone",) if in_zone(self.situation.town.zones, wish.spot, self.door.hazards) else ()
        choice = Choice(wish, None, why_not=why_not)
        return (choice if len(self.situation.town.roads) else _noted(choice, "roads_not_loaded")), False

    def _shelter(self, n: int) -> Choice:
        town, hazards = self.situation.town, self.door.of.hazards
        states = self.situation.shelters
        return Choice(
            town.shelters.destination(n, hazards),
            None,
            states.get(town.shelters.all[n].id),
            town.shelters.why_not(n, hazards, states),
            town.shelters.notes(n, hazards, states),
        )


def allowed(option: Option, upstairs: Upstairs) -> bool:
    """Tell whether a wish may be proposed."""
    if option.choice.destination.kind is Kind.UPSTAIRS:
        return upstairs.allowed
    return not option.choice.why_not


def in_zone(zones: ZoneIndex, spot: LonLat, hazards: Collection[Hazard]) -> bool:
    """Tell whether a place that is no shelter lies in a zone of *hazards*, or where houses are swept away."""
    return any(d.inside and (d.hazard in hazards or d.collapse or d.special) for d in dangers(zones, spot))


def known(latest: int | None) -> bool:
    """Tell whether a latest set-out is a time that officials' words give."""
    return latest is not None and latest < UNSAID_FROM


def _noted(choice: Choice, note: str) -> Choice:
    return replace(choice, notes=(*choice.notes, note))
