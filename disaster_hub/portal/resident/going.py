"""Step 5: where to go. The right places for this home's hazards are proposed; what is not right says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import redirect, request
from werkzeug.wrappers import Response

from disaster_hub.portal.resident import now as saying
from disaster_hub.portal.resident import wording
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.asking import onward, page, words
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import at_home, keep
from disaster_hub.portal.resident.ways import way_view
from disaster_hub.terms.household import Destination, Kind, Plan
from disaster_hub.terms.way import Choice, Outlook

STEP = 5
LONGEST_NAME = 60
MOST_OPTIONS = 4
MOST_REFUSED = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One place as the page shows it."""

    value: str
    name: str
    lines: tuple[str, ...]
    destination: Destination


def ask(wrong: str = "") -> str:
    """Propose first and second choice, with the way to the first."""
    at, here = at_home(), desk()
    plan = at.draft.plan
    outlook = here.aside(here.planner.calm, plan, here.now)
    present = here.aside(here.planner.outlook, plan, here.now)
    options = list(_options(outlook, plan))
    first = next((o for o in options if _same(o.destination, plan.first)), options[0] if options else None)
    second = next((o for o in options if _same(o.destination, plan.second) and o is not first), None)
    if second is None:
        second = next((o for o in options if o is not first), None)
    choice = _choice(outlook, first)
    return page(
        at,
        STEP,
        say("going.question"),
        template="resident/going.html",
        wrong=wrong,
        options=options,
        seconds=options,
        first=first.value if first else "",
        second=second.value if second else "",
        tonight=saying.action(present, plan) if present.leave.word in saying.URGENT else "",
        none_fits="" if options else say("going.none_fits"),
        way=way_view(plan.home.spot, choice, "first"),
        relatives=next((d.name for d in (plan.first, plan.second) if d and d.kind is Kind.RELATIVES), ""),
        upstairs=wording.upstairs(outlook.upstairs, plan.home),
        refused=[wording.place(c) for c in _refused(outlook)],
    )


def take() -> str | Response | None:
    """Keep the choice where it is one that may be chosen."""
    at, here = at_home(), desk()
    plan = at.draft.plan
    outlook = here.aside(here.planner.calm, plan, here.now)
    relatives = words("relatives", LONGEST_NAME).replace("\n", " ")
    offered = {o.value: o.destination for o in _options(outlook, plan)}
    if relatives:
        offered["relatives"] = _relatives(plan, relatives)
    first = offered.get(request.form.get("first", ""))
    second = offered.get(request.form.get("second", ""))
    if relatives and Kind.RELATIVES not in {d.kind for d in (first, second) if d is not None}:
        second = offered["relatives"]
    if first is None and offered:
        return ask(say("going.choose"))
    changed = replace(plan, first=first, second=None if _same(second, first) else second)
    refused = here.aside(here.planner.refusals, changed)
    if refused:
        return ask(" ".join(say(key) for key in refused))
    if request.form.get("go") == "look":
        keep(replace(at.draft, plan=changed))
        return redirect(f"{address_of(STEP)}#way-first", 303)
    changed = here.aside(here.planner.levelled, changed, here.now)
    return onward(keep(at.draft.after(STEP, changed)), STEP)


def _options(outlook: Outlook, plan: Plan) -> Iterable[Option]:
    """Give what may be chosen: places that fit, upstairs where it is allowed, relatives who were named."""
    seen: set[str] = set()
    for choice in _all(outlook):
        kind = choice.destination.kind
        if choice.why_not and kind is not Kind.RELATIVES:
            continue
        said = wording.place(choice)
        value = _value(choice.destination)
        if value not in seen and len(seen) < MOST_OPTIONS:
            seen.add(value)
            yield Option(value, said["name"], tuple(said["lines"]), choice.destination)
    if outlook.upstairs.allowed and "upstairs" not in seen:
        floor = Destination(Kind.UPSTAIRS, name=say("kind.upstairs"), spot=plan.home.spot)
        yield Option("upstairs", floor.name, (say("upstairs.allowed_short"),), floor)


def _refused(outlook: Outlook) -> Sequence[Choice]:
    return [c for c in _all(outlook) if c.why_not and c.destination.kind is Kind.SHELTER][:MOST_REFUSED]


def _all(outlook: Outlook) -> list[Choice]:
    return [c for c in (outlook.first, outlook.second, *outlook.others) if c is not None]


def _choice(outlook: Outlook, option: Option | None) -> Choice | None:
    if option is None:
        return None
    return next((c for c in _all(outlook) if _same(c.destination, option.destination)), None)


def _relatives(plan: Plan, name: str) -> Destination:
    """Keep a point that relatives already have; a new name has none, and no way is reckoned to it."""
    known = next((d for d in (plan.first, plan.second) if d and d.kind is Kind.RELATIVES), None)
    return replace(known, name=name) if known is not None else Destination(Kind.RELATIVES, name=name)


def _value(place: Destination) -> str:
    return f"shelter:{place.shelter}" if place.kind is Kind.SHELTER else place.kind.value


def _same(one: Destination | None, other: Destination | None) -> bool:
    return one is not None and other is not None and _value(one) == _value(other)
