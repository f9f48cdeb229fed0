"""The plan on paper, and the yearly reminder to look through it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import abort
from werkzeug.wrappers import Response

from disaster_hub.planning.plans import PlanView
from disaster_hub.portal.resident import now as saying
from disaster_hub.portal.resident import wording
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.sight import of_choice
from disaster_hub.portal.resident.talk import chosen, say, when
from disaster_hub.portal.resident.visit import at_home
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.hazard import Known
from disaster_hub.terms.way import Choice
from timelines import calendar, qrtext
from timelines.paper import LevelSteps, Sheet, pdf

REMINDER = "review@my-timeline"
"""The same for everybody: it says nothing about a household, and the newer reminder takes the older one's place."""


def sheet() -> Response:
    """Give the plan as one A4 sheet."""
    at, here = at_home(), desk()
    view = here.aside(here.planner.current, at.household, here.now)
    if view is None:
        abort(404)
    body = here.aside(pdf, _sheet(here, view))
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="my-timeline.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def review() -> Response:
    """Give the reminder as a calendar file; nothing of the household stands in it."""
    at_home()
    here = desk()
    today = here.now.astimezone(JAPAN).date()
    next_year = today + timedelta(days=365)
    body = calendar.reminder(next_year, here.now, REMINDER, say("calendar.title"), say("calendar.text"))
    answer = Response(body, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-timeline.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sheet(here: Desk, view: PlanView) -> Sheet:
    plan, tonight = view.saved.plan, view.standing.outlook
    # The sheet hangs on the wall for a year: it is reckoned for any night, and tonight's word is one dated line.
    outlook = here.aside(here.planner.calm, plan, here.now)
    with here.shared.store.read() as tx:
        drawn = of_choice(tx, plan.home.spot, outlook.first)
    first = outlook.first
    way = wording.way(first, "paper") if first is not None and first.way is not None else None
    dangers = here.planner.dangers(plan.home.spot)
    return Sheet(
        language=chosen(),
        title=say("paper.title"),
        act=saying.action(outlook, plan),
        leave=saying.on_paper(outlook.leave, plan),
        code=qrtext.write(plan, wording.code_words, ()),
        code_words=say("paper.code"),
        made_at=say("plan.made", time=when(view.standing.at)),
        why=(
            *saying.tonight(tonight, plan, here.now),
            *(line.text for line in wording.plain(dangers, outlook.upstairs)),
        ),
        places=tuple(_places(first, outlook.second)),
        way_heading=say("way.turns") if way else "",
        way=tuple([way["floods"], *way["turns"]] if way and way["floods"] else way["turns"] if way else ()),
        map=drawn,
        no_map="" if drawn.streets else say("pin.no_roads"),
        steps_heading=say("plan.steps"),
        levels=tuple(_levels(plan)),
        contacts_heading=say("plan.helper_title") if plan.helper else "",
        contacts=(plan.helper,) if plan.helper else (),
        unknown_heading=say("paper.unknown"),
        unknown=tuple(
            say("danger.no_data", hazard=say(f"hazard.{d.hazard.value}")) for d in dangers if d.known is Known.NO_DATA
        ),
        drill=say("mark.exercise") if here.shared.config.world.exercise else "",
    )


def _places(first: Choice | None, second: Choice | None) -> Iterator[str]:
    for key, choice in (("paper.first", first), ("paper.second", second)):
        if choice is not None:
            said = wording.place(choice)
            yield say(key, place="・".join([said["name"], *said["lines"]]))


def _levels(plan: Any) -> Iterator[LevelSteps]:
    for level in range(1, 6):
        steps = tuple(wording.step_texts(plan, level, chosen()))
        own = plan.own_words.get(level, "")
        if steps or own:
            name = say(f"level.{level}.name")
            yield LevelSteps(f"{say('level.badge', level=level)} {name}", steps, own)
