"""The plan on one page: what to do now first, the reasons below; for its household, and for whom they showed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.planning.plans import PlanView
from disaster_hub.portal.resident import now as saying
from disaster_hub.portal.resident import record, wording
from disaster_hub.portal.resident.asking import ANSWERS, FARTHEST_M, PARTS, number
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import of_plan
from disaster_hub.portal.resident.talk import chosen, say, when
from disaster_hub.portal.resident.visit import at_home, keep
from disaster_hub.portal.resident.ways import way_view
from disaster_hub.store import household_doors, households
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.household import Plan
from disaster_hub.terms.place import LonLat, metres_between

SHARED_FOR = timedelta(days=365)
MOST_VERSIONS = 10
TOLD = ("saved", "reviewed", "unshared", "back", *ANSWERS)
STEPS = {1: "home", 3: "house", 4: "people", 5: "going", 6: "levels", 7: "sharing"}


def own() -> str | Response:
    """Show the household its plan; who has none yet goes on where the questions stopped."""
    at, here = at_home(), desk()
    view = here.aside(here.planner.current, at.household, here.now)
    if view is None:
        return redirect(address_of(at.draft.next_step), 303)
    if at.draft.number is None or (at.draft.number != view.saved.number and request.args.get("told") is None):
        keep(of_plan(view.saved.plan, view.saved.number))
    with here.shared.store.read() as tx:
        versions = households.versions(tx, here.keys, at.household)
        shared = household_doors.shares(tx, at.household, here.now)
        given = households.answers(tx, here.keys, at.household)
        order = record.standing(tx, here, at.household)
    told = request.args.get("told", "")
    last = given[-1] if given else None
    return render_template(
        "resident/plan.html",
        own=True,
        told=say(f"told.{told}") if told in TOLD else "",
        answer_words=ANSWERS,
        answered=say("answer.last", time=when(last.given_at), word=say(f"answer.{last.word}")) if last else "",
        shared=shared,
        changes=list(_changes()),
        versions=[say("plan.version", n=v.number, time=when(v.at)) for v in versions[-MOST_VERSIONS:][::-1]],
        order=order[1] if order is not None else None,
        **shown(here, view, order),
    )


def shared(household: str) -> str:
    """Show somebody else the plan that was shared with them: to read, nothing to press."""
    here = desk()
    view = here.aside(here.planner.current, household, here.now)
    if view is None:
        abort(404)
    return render_template("resident/plan.html", own=False, **shown(here, view))


def shown(here: Desk, view: PlanView, order: tuple[str, record.Entry] | None = None) -> dict[str, Any]:
    """Give everything that the page says of a plan."""
    plan, standing = view.saved.plan, view.standing
    outlook = standing.outlook
    dangers = here.planner.dangers(plan.home.spot)
    levels = [one for one in (view.level, order[1].level if order is not None else None) if one]
    first = wording.place(outlook.first) if outlook.first is not None else None
    return {
        "changed": saying.changed(standing.changes[0] if standing.changes else None),
        "now": saying.view(outlook, plan, here.now, max(levels, default=None)),
        "way": way_view(plan.home.spot, outlook.first, "first"),
        "first_name": first["name"] if first else "",
        "first_lines": first["lines"] if first else [],
        "second": wording.place(outlook.second) if outlook.second is not None else None,
        "levels": list(_levels(plan)),
        "lines": wording.plain(dangers, outlook.upstairs),
        "upstairs": wording.upstairs(outlook.upstairs, plan.home),
        "assumptions": list(saying.assumptions(outlook.leave)),
        "others": [wording.place(choice) for choice in outlook.others[:8]],
        "helper": plan.helper,
        "made": when(standing.at),
        "made_iso": standing.at.isoformat(),
        "mark": _mark(view, order),
    }


def mark() -> Response:
    """Say whether the plan that is open somewhere is still the one that stands."""
    at, here = at_home(), desk()
    view = here.aside(here.planner.current, at.household, here.now)
    if view is None:
        abort(404)
    with here.shared.store.read() as tx:
        order = record.standing(tx, here, at.household)
    return jsonify({"mark": _mark(view, order)})


def _mark(view: PlanView, order: tuple[str, record.Entry] | None) -> str:
    said = f" {order[0]}" if order is not None else ""
    return f"{view.saved.number} {view.standing.at.isoformat()} {view.standing.outlook.leave.word.value}{said}"


def from_here() -> str | Response:
    """Show the way from where the phone is; the plan itself stays as it is."""
    at, here = at_home(), desk()
    lon, lat = number("lon"), number("lat")
    with here.shared.store.read() as tx:
        saved = households.latest(tx, here.keys, at.household)
    if saved is None or lon is None or lat is None:
        return redirect(url_for("resident.plan"), 303)
    start = LonLat(lon, lat)
    city = here.shared.config.city
    if metres_between(LonLat(city.lon, city.lat), start) > FARTHEST_M:
        return redirect(url_for("resident.plan"), 303)
    outlook = here.aside(here.planner.outlook, saved.plan, here.now, start)
    return render_template(
        "resident/here.html",
        now=saying.view(outlook, saved.plan, here.now),
        way=way_view(start, outlook.first, "here"),
    )


def reviewed() -> Response:
    """Note that the plan was looked through and is still right."""
    at, here = at_home(), desk()
    with here.shared.store.read() as tx:
        saved = households.latest(tx, here.keys, at.household)
    if saved is not None:
        plan = replace(saved.plan, reviewed_on=here.now.astimezone(JAPAN).date())
        view = here.aside(here.planner.save, at.household, plan, here.now, saved.number)
        keep(of_plan(plan, view.saved.number))
    return redirect(url_for("resident.plan", told="reviewed"), 303)


def share() -> Response:
    """Give a link with which others may read this plan."""
    at, here = at_home(), desk()
    with here.shared.store.write() as tx:
        token = household_doors.give_door(tx, at.household, "share", here.now + SHARED_FOR)
    link = url_for("resident.shared_plan", token=token, _external=True)
    return make_response(render_template("resident/share.html", link=link))


def unshare() -> Response:
    """End every link that was given."""
    at, here = at_home(), desk()
    with here.shared.store.write() as tx:
        household_doors.revoke(tx, at.household, "share")
    return redirect(url_for("resident.plan", told="unshared"), 303)


def delete() -> str | Response:
    """Ask once more, then destroy the plan: its key and its point."""
    at = at_home()
    if request.method == "GET":
        return render_template("resident/delete.html")
    here = desk()
    here.aside(_destroy, here, at.household)
    answer = make_response(render_template("resident/deleted.html"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _destroy(here: Desk, household: str) -> None:
    with here.shared.store.write() as tx:
        households.delete(tx, here.keys, household, here.now)


def _levels(plan: Plan) -> Iterator[dict[str, Any]]:
    for level in range(1, 6):
        lines = wording.step_texts(plan, level, chosen())
        own_words = plan.own_words.get(level)
        lines += [own_words] if own_words else []
        if lines:
            yield {"level": level, "name": say(f"level.{level}.name"), "lines": lines}


def _changes() -> Iterator[tuple[str, str]]:
    for step, name in STEPS.items():
        parts = PARTS.get(step)
        if parts is None or name == "levels":
            yield say(f"plan.change_{name}"), address_of(step)
        else:
            for part in parts:
                yield say(f"plan.change_{part}"), url_for("resident.part", step=step, part=part)
