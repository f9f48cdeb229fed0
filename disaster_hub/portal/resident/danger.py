"""Step 3: what can happen at this house, in plain lines first; its picture and three questions about it below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from disaster_hub.portal.resident import wording
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.asking import onward, page, pick
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.talk import say, unfilled
from disaster_hub.portal.resident.visit import at_home, keep
from disaster_hub.terms.hazard import Danger
from disaster_hub.terms.household import Home, Structure
from timelines.house_picture import HouseWords, house_svg
from timelines.upstairs import upstairs

STEP = 3
MOST_STOREYS = 4


def ask(wrong: str = "") -> str:
    """Say what can happen, and ask about the house."""
    at, here = at_home(), desk()
    plan = at.draft.plan
    dangers = here.aside(here.planner.dangers, plan.home.spot)
    found = upstairs(dangers, plan.home, plan.household)
    depth, _ = wording.worst_water(dangers)
    floors = [(str(n), str(n)) for n in range(1, MOST_STOREYS)]
    return page(
        at,
        STEP,
        say("danger.question"),
        template="resident/danger.html",
        wrong=wrong,
        lines=wording.plain(dangers, found),
        details=wording.details(dangers),
        upstairs=wording.upstairs(found, plan.home),
        picture=_picture(dangers, plan.home),
        picture_words=wording.depth_words(depth) if depth is not None else say("danger.unknown_depth"),
        home=plan.home,
        storeys=[*floors, (str(MOST_STOREYS), say("house.storeys_more", n=MOST_STOREYS))],
        floors=[*floors, (str(MOST_STOREYS), say("house.floor_more", n=MOST_STOREYS))],
        structures=[(one.value, say(f"structure.{one.value}")) for one in Structure],
    )


def _picture(dangers: Sequence[Danger], home: Home) -> Markup | str:
    """Draw the water against the house; no picture where nothing is loaded, or where the house stands outside."""
    depth, unknown = wording.worst_water(dangers)
    if depth is None and not unknown:
        return ""
    said = say("danger.unknown_depth") if unknown or depth is None else wording.depth_words(depth)
    words = HouseWords(
        title=say("house.picture"),
        said=said,
        depth=say("danger.unknown_short") if unknown or depth is None else wording.depth_range(depth),
        here=say("house.here"),
        floor=unfilled("house.floor_n"),
    )
    return Markup(house_svg(depth, home.storeys, home.floor, words, known=not unknown))  # noqa: S704  # escapes its words


def take() -> str | Response | None:
    """Keep what the house is like."""
    at = at_home()
    home = at.draft.plan.home
    numbers = [str(n) for n in range(1, MOST_STOREYS + 1)]
    storeys = int(pick("storeys", numbers, str(home.storeys)))
    floor = min(storeys, int(pick("floor", numbers, str(home.floor))))
    structure = Structure(pick("structure", [s.value for s in Structure], home.structure.value))
    plan = at.draft.at_home(storeys=storeys, floor=floor, structure=structure)
    if request.form.get("go") == "look":
        keep(replace(at.draft, plan=plan))
        return redirect(address_of(STEP), 303)
    return onward(keep(at.draft.after(STEP, plan)), STEP)
