"""What stands before a household now: where to go, how, and until when. The door through which planning comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from shapely import LineString, Point

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Destination, Home, Household, Kind
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.way import Choice, LeaveBy, Outlook, Upstairs, Water
from timelines.answers import answers
from timelines.asked import Asked, Door, doors_of
from timelines.conditions import EPOCH, State
from timelines.leave_by import Case, as_of, assumptions, leave_by, level_to_leave
from timelines.proposals import SAFETY, TOLERANCE, Option, Proposals, allowed, known
from timelines.town import Town
from timelines.trails import RouteTable, trails
from timelines.upstairs import upstairs
from timelines.wet import Source

__all__ = [
    "Asked",
    "RouteTable",
    "State",
    "Town",
    "as_of",
    "choices",
    "leavings",
    "outlook",
    "outlooks",
    "route_table",
    "warm",
]

DYNAMIC = frozenset({"closed", "full", "no_way", "no_dry_way"})
"""Reasons that may come while water rises: a place that falls away for one of these never makes the minute later."""


def outlook(
    town: Town,
    home: Home,
    household: Household,
    state: State,
    wishes: tuple[Destination | None, Destination | None] = (None, None),
    start: LonLat | None = None,
    leave_level: int | None = None,
) -> Outlook:
    """Say where one household goes, how and until when, from home or from *start*."""
    return outlooks(town, [Asked(home, household, wishes, leave_level, start)], state)[0]


def outlooks(town: Town, asked: Sequence[Asked], state: State) -> list[Outlook]:
    """Say the same for many households, each search made once for all that share it."""
    situation = town.situation(state)
    every = _doors(town, asked, state)
    found = answers(situation, every)
    return [
        _outlook(Proposals(situation, door, state.now, found.best.get(n), found.wished.get(n, {})), state)
        for n, door in enumerate(every)
    ]


def leavings(town: Town, asked: Sequence[Asked], state: State) -> list[Outlook]:
    """Say the same without drawings and other places, in a fraction of the time: for who needs the minutes alone."""
    situation = town.situation(state)
    every = _doors(town, asked, state)
    found = answers(situation, every)
    return [
        _leaving(Proposals(situation, door, state.now, found.best.get(n), found.wished.get(n, {})), state)
        for n, door in enumerate(every)
    ]


def route_table(town: Town, asked: Sequence[Asked], state: State) -> RouteTable:
    """Give the links of every household's ways: closing a link changes the outlook of nobody who is not on it."""
    situation = town.situation(state)
    found = answers(situation, _doors(town, asked, state))
    parts = [(part.members, trails(part.reach, part.homes, part.found)) for part in found.parts]
    return RouteTable.joined(parts, len(asked))


def choices(town: Town, asked: Asked, state: State) -> tuple[Choice, ...]:
    """Give every place that fits one household, each with its way, best first."""
    situation = town.situation(state)
    every = _doors(town, [asked], state)
    answer = answers(situation, every)
    found = Proposals(situation, every[0], state.now, answer.best.get(0), answer.wished.get(0, {}))
    drawn = [found.drawn(option)[0] for option in found.ranked]
    return tuple(choice for choice in drawn if choice is not None)


def _doors(town: Town, asked: Sequence[Asked], state: State) -> list[Door]:
    return doors_of(town.zones, town.situation(state).conditions, asked, night=state.night)


def warm() -> None:
    """Compile the searches, so that nobody waits for it later; what was compiled once is kept beside the code."""
    ends = {"from_node": 1, "to_node": 2, "length_m": 100.0, "highway": "residential"}
    road = Feature("roads", "1/0", LineString([(0, 0), (0.001, 0)]), ends)
    place = Feature("shelters", "1", Point(0.001, 0), {h.value: True for h in Hazard})
    town = Town.build([], [road], [place], [], [])
    asked = [Asked(Home(LonLat(0.0, 0.0)), Household())]
    state = State(EPOCH)
    outlooks(town, asked, state)
    route_table(town, asked, state)


def _outlook(found: Proposals, state: State) -> Outlook:
    """Put one outlook together."""
    door = found.door
    up = upstairs(door.home, door.asked.home, door.asked.household)
    first, second = _pick(found, up)
    rest = [o for o in found.ranked if o not in (first, second)]
    dropped = [o for o in found.wishes if o not in (first, second) and o not in rest]
    chosen, binding = found.drawn(first)
    other, _ = found.drawn(second)
    others = [c for o in (*dropped, *rest) if (c := found.drawn(o, whole=False)[0]) is not None]
    named = {c.destination.name for c in (chosen, other, *others) if c is not None}
    others += found.unfit(named)
    leave = _leave(found, state, first, chosen, binding, up)
    made = Outlook(chosen, other, tuple(others), up, leave, door.hazards)
    return _sealed(made)


def _leaving(found: Proposals, state: State) -> Outlook:
    """Put the first place and the minute together."""
    up = upstairs(found.door.home, found.door.asked.home, found.door.asked.household)
    first, _ = _pick(found, up)
    chosen, binding = found.drawn(first, whole=False, floods=False)
    return Outlook(chosen, None, (), up, _leave(found, state, first, chosen, binding, up), found.door.hazards)


def _pick(found: Proposals, up: Upstairs) -> tuple[Option | None, Option | None]:
    """Choose first and second: wishes that fit, in their order, then the best that are other places."""
    wishes = found.door.asked.wishes
    good = [o for o in found.wishes if allowed(o, up)]
    dry = [o for o in found.ranked if not o.choice.why_not]
    kept = {_name(o) for o in good}
    if wishes[0] is None and good:
        best = next((o for o in dry if _name(o) not in kept), None)
        return (best, good[0]) if best is not None else (good[0], None)
    picked: list[Option] = []
    for option in (*good, *dry):
        if _name(option) not in {_name(o) for o in picked}:
            picked.append(option)
    return (picked[0] if picked else None), (picked[1] if len(picked) > 1 else None)


def _name(option: Option) -> tuple[object, ...]:
    to = option.choice.destination
    return to.kind, to.shelter, to.spot, to.name if to.kind is Kind.RELATIVES else ""


def _leave(
    found: Proposals,
    state: State,
    first: Option | None,
    chosen: Choice | None,
    binding: Source | None,
    up: Upstairs,
) -> LeaveBy:
    """Say when to leave."""
    door, situation, now = found.door, found.situation, found.situation.conditions
    asked = door.asked
    wish = found.wishes[0] if found.wishes and asked.wishes[0] is not None else None
    lost = wish is not None and wish is not first and bool(set(wish.choice.why_not) & DYNAMIC)
    unreckoned = first is not None and first.latest is None and first.choice.destination.kind is Kind.RELATIVES
    slack = chosen.way.slack_s if chosen is not None and chosen.way is not None else None
    latest = _latest(found, first)
    if latest is None and len(situation.town.roads):
        slack = 0.0  # No way is left: whatever is to be said is said early.
    begins = [at for s in door.sources if now.said(s) and (at := now.at(now.offset(s))) is not None]
    wet_from = min(begins, default=None)
    water = _water(found, binding)
    case = Case(
        state.now,
        now.level(door.heard),
        level_to_leave(asked.household, asked.leave_level, slack),
        outside=door.outside,
        upstairs=up.allowed and first is not None and first.choice.destination.kind is Kind.UPSTAIRS,
        roads=bool(len(situation.town.roads)),
        way=latest is not None,
        begun=any(now.said(source) for source in door.sources),
        limit=_time(found, latest),
        promised=_time(found, wish.latest) if lost and wish is not None and wish.latest is not None else None,
        lost=unreckoned or (lost and wish is not None and (wish.latest is None or not found.dry(wish.latest))),
        leave=door.of.soft,
        home_wet=wet_from is not None and wet_from <= state.now,
        wet_from=wet_from,
        water=None if door.outside else water,
    )
    said = leave_by(case)
    arrivals = any(source in situation.town.wet.arrived for source in door.sources)
    named: Mapping[str, str] = assumptions(door.of.pace, asked.household, water, arrivals=arrivals)
    return replace(said, assumptions=tuple(named.items()))


def _latest(found: Proposals, first: Option | None) -> int | None:
    """Give the latest set-out to reckon with: for a wish its own, else what the best place leaves over."""
    if first is not None and first.latest is not None and first in found.wishes:
        return first.latest
    return None if found.best is None else found.best - TOLERANCE


def _time(found: Proposals, latest: int | None) -> datetime | None:
    """Give the latest set-out as a time, the margin taken off; None where nobody has said when water comes."""
    if latest is None or not known(latest):
        return None
    at = found.situation.conditions.at(latest)
    return None if at is None else at - SAFETY


def _water(found: Proposals, binding: Source | None) -> Water | None:
    """Name the water that the word rests on: the one that ends the way, else the first at the door."""
    now = found.situation.conditions
    sources = [binding] if binding is not None else sorted(found.door.heard, key=lambda s: (now.offset(s), s))
    if not sources:
        return None
    return now.words.get(sources[0], Water(sources[0].hazard, sources[0].area))


def _sealed(made: Outlook) -> Outlook:
    """Add the digest: over everything but when the water's word was said again unchanged."""
    water = made.leave.water
    said = (
        [_choice(c) for c in (made.first, made.second, *made.others) if c is not None],
        made.first is None, made.second is None, made.upstairs, made.hazards,
        made.leave.word, made.leave.at, made.leave.level, made.leave.assumptions, made.leave.until,
        water and (water.hazard, water.area, water.zero, water.basis, water.issuer, water.level, water.stale),
    )  # fmt: skip
    digest = blake2b(repr(said).encode(), digest_size=16).hexdigest()
    return Outlook(made.first, made.second, made.others, made.upstairs, made.leave, made.hazards, digest)


def _choice(choice: Choice) -> tuple[object, ...]:
    way = choice.way
    walked = way and (way.links, way.metres, way.minutes, way.floods, way.slack_s, way.line[:1], way.line[-1:])
    return choice.destination, choice.state, choice.why_not, choice.notes, walked
