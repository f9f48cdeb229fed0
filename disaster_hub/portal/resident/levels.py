"""Step 6: what to do at each level, from the town's choices, with room for own words; at level 5 nobody sets out."""

from __future__ import annotations

from dataclasses import replace

from flask import abort
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import PARTS, onward, page, ticked, words
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.talk import chosen, say
from disaster_hub.portal.resident.visit import Visit, at_home, keep
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Plan
from timelines import steps

STEP = 6
FIVE = 5
LONGEST_OWN = 200


def ask(part: str, wrong: str = "") -> str:
    """Ask what the household does at one level."""
    at = at_home()
    level = _level(part)
    plan = at.draft.plan
    offered = steps.offered(level, _hazards(at), plan.household, desk().choices)
    picked = plan.steps.get(level)
    if picked is None:
        ticked_first = steps.defaults(level, _hazards(at), plan.household, desk().choices, plan.leave_level)
        picked = tuple(step.id for step in ticked_first)
    last = part == PARTS[STEP][-1]
    remains = steps.offered(FIVE, _hazards(at), plan.household, desk().choices) if last else ()
    return page(
        at,
        STEP,
        say("levels.question", level=level),
        template="resident/levels.html",
        part=part,
        wrong=wrong,
        level=level,
        name=say(f"level.{level}.name"),
        meaning=say(f"level.{level}.meaning"),
        also=say(f"level.{level}.also") if level > 1 else "",
        offered=[(step.id, step.text(chosen())) for step in offered],
        chosen_steps=list(picked),
        own=plan.own_words.get(level, ""),
        remains=[step.text(chosen()) for step in remains],
        name5=say("level.5.name"),
    )


def take(part: str) -> str | Response | None:
    """Keep the ticked choices and the own words of one level."""
    at = at_home()
    level = _level(part)
    plan = at.draft.plan
    offered = [step.id for step in steps.offered(level, _hazards(at), plan.household, desk().choices)]
    plan = replace(plan, steps={**plan.steps, level: tuple(ticked("steps", offered))}, own_words=_own(plan, level))
    draft = replace(at.draft, plan=plan)
    if part == PARTS[STEP][-1]:
        remains = steps.offered(FIVE, _hazards(at), plan.household, desk().choices)
        plan = replace(plan, steps={**plan.steps, FIVE: tuple(step.id for step in remains)})
        draft = draft.after(STEP, plan)
    here = desk()
    refused = here.aside(here.planner.refusals, plan)
    if refused:
        return ask(part, " ".join(say(key) for key in refused))
    return onward(keep(draft), STEP, part)


def _own(plan: Plan, level: int) -> dict[int, str]:
    own = {**plan.own_words, level: words("own", LONGEST_OWN)}
    return {at: text for at, text in own.items() if text}


def _level(part: str) -> int:
    if part not in PARTS[STEP]:
        abort(404)
    return int(part)


def _hazards(at: Visit) -> frozenset[Hazard]:
    """Give the hazards that the home lies in; where nothing is known, all of them."""
    found = desk().planner.dangers(at.draft.plan.home.spot)
    return frozenset(d.hazard for d in found if d.inside) or frozenset(Hazard)
