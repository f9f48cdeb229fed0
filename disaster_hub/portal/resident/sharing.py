"""Step 7: who may see this household's answers, and who helps; nobody unless it is ticked. Then the plan is saved."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.asking import onward, page, pick, ticked, words
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.draft import LAST, of_plan
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import Visit, at_home, keep
from disaster_hub.store import households
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.household import Plan

STEP = 7
VIEWERS = ("family", "neighbours")
LONGEST_HELPER = 80


def ask(wrong: str = "") -> str:
    """Ask who may see, and who helps."""
    at = at_home()
    plan = at.draft.plan
    return page(
        at,
        STEP,
        say("sharing.question"),
        template="resident/sharing.html",
        wrong=wrong,
        viewers=[(name, say(f"sharing.{name}")) for name in VIEWERS],
        seen_by=list(plan.seen_by),
        helper=plan.helper,
    )


def take() -> str | Response | None:
    """Keep the choices and save the plan."""
    at = at_home()
    helper = (
        words("helper", LONGEST_HELPER).replace("\n", " ") if pick("has_helper", ("yes", "no"), "no") == "yes" else ""
    )
    plan = replace(at.draft.plan, seen_by=frozenset(ticked("seen_by", VIEWERS)), helper=helper)
    at = keep(at.draft.after(STEP, plan))
    if at.draft.number is not None:
        return onward(at, STEP)
    missing = at.draft.next_step
    if missing < STEP:
        return redirect(address_of(missing), 303)
    refused = save(at)
    return ask(refused) if refused else redirect(address_of(LAST), 303)


def save(at: Visit) -> str:
    """Save the draft as a new version of the plan; give the reason where it is refused."""
    here = desk()
    plan = replace(at.draft.plan, reviewed_on=here.now.astimezone(JAPAN).date())
    plan = here.aside(here.planner.levelled, plan, here.now)
    refused = here.aside(here.planner.refusals, plan)
    if refused:
        return " ".join(say(key) for key in refused)
    view = here.aside(here.planner.save, at.household, plan, here.now, at.draft.number)
    keep(of_plan(plan, view.saved.number))
    return ""


def save_changes() -> str | Response:
    """Save a changed plan and show it; where another phone was faster, ask which of the two to keep."""
    at = at_home()
    if at.draft.number is None:
        return redirect(address_of(at.draft.next_step), 303)
    try:
        refused = save(at)
    except households.Conflict:
        return render_template("resident/conflict.html"), 409  # type: ignore[return-value]
    if refused:
        return render_template("resident/refused.html", reason=refused), 409  # type: ignore[return-value]
    return redirect(url_for("resident.plan", told="saved"), 303)


def settle() -> str | Response:
    """Keep this phone's changes over the newer plan, or take the newer plan."""
    at, here = at_home(), desk()
    with here.shared.store.read() as tx:
        newest = households.latest(tx, here.keys, at.household)
    if newest is None:
        return redirect(address_of(at.draft.next_step), 303)
    mine: Plan = at.draft.plan
    plan = mine if request.form.get("keep") == "mine" else newest.plan
    keep(of_plan(plan, newest.number))
    return save_changes() if plan is mine else redirect(url_for("resident.plan"), 303)
