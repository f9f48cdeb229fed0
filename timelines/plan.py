"""Why a plan is refused: it sends people out too late, into a zone, or upstairs where upstairs is no safe place."""

from __future__ import annotations

from collections.abc import Iterable

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination, Kind, Plan
from timelines.home import dangers
from timelines.proposals import in_zone
from timelines.shelters import DEFAULT
from timelines.town import Town
from timelines.upstairs import upstairs

LAST_LEVEL = 4


def refusals(town: Town, plan: Plan) -> tuple[str, ...]:
    """Name the phrases that say why; none: the plan is good."""
    here = dangers(town.zones, plan.home.spot)
    inside = frozenset(d.hazard for d in here if d.inside)
    found: list[str] = []
    if not 3 <= plan.leave_level <= LAST_LEVEL:
        found.append("refused.level_5" if plan.leave_level > LAST_LEVEL else "refused.level")
    for place in (plan.first, plan.second):
        if place is None:
            continue
        if place.kind is Kind.UPSTAIRS and not upstairs(here, plan.home, plan.household).allowed:
            found.append("refused.upstairs")
        if place.kind is Kind.SHELTER:
            found += _shelter(town, place, inside or DEFAULT)
        if place.kind is Kind.RELATIVES and place.spot is not None and in_zone(town.zones, place.spot, inside):
            found.append("refused.into_zone")
    return tuple(dict.fromkeys(found))


def _shelter(town: Town, place: Destination, hazards: frozenset[Hazard]) -> Iterable[str]:
    """Judge a shelter by what lasts; that it is full tonight does not refuse a plan."""
    number = town.shelters.number.get(place.shelter or "")
    if number is None:
        yield "refused.unknown_shelter"
        return
    why = town.shelters.why_not(number, hazards, {})
    if "in_zone" in why:
        yield "refused.into_zone"
    if "not_designated" in why or "not_emergency" in why:
        yield "refused.not_designated"
