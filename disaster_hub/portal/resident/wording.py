"""Findings as sentences: dangers, places, ways and minutes in the reader's language, from fixed phrases alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.talk import chosen, say, unfilled
from disaster_hub.terms.hazard import Danger, Depth, Hazard, Known
from disaster_hub.terms.household import Home, Kind, Plan
from disaster_hub.terms.way import Choice, Turn, Upstairs
from timelines.steps import all_steps

THREE = (Hazard.FLOOD, Hazard.LANDSLIDE)
MARKS = ((0.5, "ankle"), (3.0, "one"), (5.0, "two"), (10.0, "three"), (20.0, "six"))
"""Up to this depth in metres → how high one sees it: 床下, 1階の天井, 2階の天井, and so on."""
HALF_DAY, DAY = 12, 24
NEAR_M = 995.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line about one hazard; *look* is `inside`, `outside` or `unknown`."""

    text: str
    look: str
    more: tuple[str, ...] = ()


def plain(dangers: Sequence[Danger], upstairs: Upstairs) -> list[Line]:
    """Say it in three lines: the flood, the landslide, and the worst of the rest."""
    said = {d.hazard: d for d in dangers}
    lines = [_line(said[hazard]) for hazard in THREE if hazard in said]
    rest = [d for d in dangers if d.hazard not in THREE]
    inside = [d for d in rest if d.inside]
    if inside:
        return [*lines, *(_line(d) for d in inside)]
    names = say("list.and").join(say(f"hazard.{d.hazard.value}") for d in rest)
    if any(d.known is Known.NO_DATA for d in rest):
        unknown = say("list.and").join(say(f"hazard.{d.hazard.value}") for d in rest if d.known is Known.NO_DATA)
        return [*lines, Line(say("danger.rest_no_data", hazards=unknown), "unknown")]
    del upstairs
    return [*lines, Line(say("danger.rest_outside", hazards=names), "outside")]


def details(dangers: Sequence[Danger]) -> list[Line]:
    """Say everything that is known of every hazard, and what is not."""
    return [Line(_line(d).text, _line(d).look, tuple(_more(d))) for d in dangers]


def _line(danger: Danger) -> Line:
    name = say(f"hazard.{danger.hazard.value}")
    if danger.known is Known.NO_DATA:
        return Line(say("danger.no_data", hazard=name), "unknown")
    if not danger.inside:
        return Line(say("danger.outside", hazard=name), "outside")
    if danger.hazard is Hazard.LANDSLIDE:
        key = "danger.landslide_special" if danger.special else "danger.landslide"
        return Line(say(key), "inside")
    worst = _worst(danger)
    if worst is None:
        return Line(say("danger.depth_unknown", hazard=name), "inside")
    more = (say("danger.collapse"),) if danger.collapse else ()
    return Line(say("danger.depth", hazard=name, depth=depth_words(worst)), "inside", more)


def _worst(danger: Danger) -> Depth | None:
    if danger.depth_unknown:
        return None
    return max((d for d in (danger.planned, danger.maximum) if d is not None), key=lambda d: d.reckoned, default=None)


def worst_water(dangers: Sequence[Danger]) -> tuple[Depth | None, bool]:
    """Give the deepest water that is reckoned with, and whether a covering zone has no depth class."""
    inside = [d for d in dangers if d.inside and d.hazard is not Hazard.LANDSLIDE]
    unknown = any(_worst(d) is None for d in inside)
    depths = [depth for d in inside if (depth := _worst(d)) is not None]
    return max(depths, key=lambda d: d.reckoned, default=None), unknown


def depth_words(depth: Depth) -> str:
    """Say a depth as something one can see, with its class: 1階の天井まで (0.5〜3 m)."""
    seen = next((name for metres, name in MARKS if depth.reckoned <= metres), "over")
    return say(f"depth.{seen}", range=depth_range(depth))


def depth_range(depth: Depth) -> str:
    """Say a class as a class; metres only where the data has metres."""
    if depth.exact is not None:
        return say("depth.exact", metres=_metres(depth.exact))
    if depth.high is None:
        return say("depth.from", low=_metres(depth.low))
    return say("depth.range", low=_metres(depth.low), high=_metres(depth.high))


def _metres(number: float) -> str:
    return f"{number:g}"


def _more(danger: Danger) -> Iterator[str]:
    if danger.hazard is Hazard.FLOOD and danger.inside:
        for scale, depth in (("planned", danger.planned), ("maximum", danger.maximum)):
            if depth is not None:
                yield say(f"danger.{scale}", depth=depth_range(depth))
        if not danger.planned_known:
            yield say("danger.planned_no_data")
        yield from (say(f"danger.collapse_{kind}") for kind in danger.collapse)
        if not danger.collapse_known:
            yield say("danger.collapse_no_data")
    if danger.inside and danger.hazard is not Hazard.LANDSLIDE:
        yield _duration(danger)
    if danger.rivers:
        yield say("danger.rivers", rivers=say("list.and").join(danger.rivers))
    if danger.phenomena:
        yield say("danger.phenomena", what=say("list.and").join(danger.phenomena))


def _duration(danger: Danger) -> str:
    if not danger.duration_known or danger.hours is None:
        return say("danger.duration_no_data")
    high = danger.hours.high
    if high is None:
        return say("danger.duration_long", days=f"{danger.hours.low / DAY:g}")
    return say("danger.hours", hours=f"{high:g}") if high < DAY else say("danger.days", days=f"{high / DAY:g}")


def upstairs(found: Upstairs, home: Home) -> dict[str, Any]:
    """Say whether upstairs is safe, and which of the three conditions hold, fail or are not known."""
    marks = {True: "yes", False: "no", None: "unknown"}
    said = {"collapse": found.collapse_ok, "above": found.above_water, "endure": found.endures}
    conditions = [say(f"upstairs.{name}_{marks[holds]}") for name, holds in said.items()]
    if found.other_hazard:
        conditions.append(say("upstairs.other_hazard"))
    key = "upstairs.allowed" if found.allowed else "upstairs.not_allowed"
    return {"allowed": found.allowed, "text": say(key, floor=home.storeys), "conditions": conditions}


def place(choice: Choice) -> dict[str, Any]:
    """Say one place to go: its name, how far it is, what is to be known of it, or why it is none."""
    destination = choice.destination
    name = say("kind.upstairs") if destination.kind is Kind.UPSTAIRS else destination.name
    lines = []
    if choice.way is not None:
        lines.append(say("way.short", minutes=minutes(choice.way.minutes), metres=distance(choice.way.metres)))
    if destination.upper_floors:
        lines.append(say("shelter.upper_floors"))
    if choice.state is not None:
        lines.append(say(f"shelter.{choice.state.value}"))
    lines += [say(f"why_not.{why}") for why in choice.why_not]
    lines += [say(f"note.{note}") for note in choice.notes if note != "upper_floors"]
    return {"name": name, "lines": lines}


def way(choice: Choice, name: str) -> dict[str, Any]:
    """Say one way: how long, how far, its turns, and where it floods first."""
    found = choice.way
    assert found is not None  # the caller asked for a choice with a way
    floods = ""
    if found.floods is not None:
        street = found.floods.street or say("way.no_name")
        after = found.floods.after_min
        key = "way.floods" if after is None or after <= 0 else "way.floods_after"
        floods = (
            say(key, street=street) if key == "way.floods" else say(key, street=street, minutes=math.floor(after or 0))
        )
    return {
        "id": name,
        "title": say("way.title", place=choice.destination.name),
        "metres": distance(found.metres),
        "minutes": minutes(found.minutes),
        "floods": floods,
        "turns": [turn(t) for t in found.turns],
    }


def turn(found: Turn) -> str:
    """Say one turn."""
    street = found.street or say("way.no_name")
    return say(f"turn.{found.go}", street=street, metres=distance(found.metres))


def minutes(number: float) -> str:
    """Say minutes, rounded up: never shorter than reckoned."""
    return say("way.n_minutes", n=math.ceil(number))


def distance(metres: float) -> str:
    """Say a distance in tens of metres, or in kilometres."""
    if metres < NEAR_M:
        return say("way.n_metres", n=round(metres / 10) * 10)
    return say("way.n_km", n=f"{metres / 1000:.1f}")


def code_words(key: str) -> str:
    """Give the words of the paper's code: a phrase with its blanks, or what the town itself calls a step."""
    if not key.startswith("step."):
        return unfilled(key)
    name = key.removeprefix("step.")
    known = {step.id: step for step in all_steps(desk().choices)}
    return known[name].text(chosen()) if name in known else name


def step_texts(plan: Plan, level: int, language: str) -> list[str]:
    """Give the texts of a plan's choices at *level*; a choice that the town no longer offers is left out."""
    known = {step.id: step for step in all_steps(desk().choices)}
    return [known[name].text(language) for name in plan.steps.get(level, ()) if name in known]
