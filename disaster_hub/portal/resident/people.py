"""Step 4: who lives here, how far the slowest gets in ten minutes, how they go, how long they need; only picks."""

from __future__ import annotations

from dataclasses import replace

from flask import abort
from markupsafe import Markup
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import PARTS, onward, page, pick, ticked
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.draft import Draft
from disaster_hub.portal.resident.neighbourhood import around, ground
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import Visit, at_home, keep
from disaster_hub.terms.household import Household, Mode, Need
from timelines.steps import leave_level

STEP = 4
TEMPLATE = "resident/people.html"
MOST_PEOPLE = 6
DISTANCES = {"A": 200, "B": 400, "C": 600}
"""Ten minutes at 0.33, 0.67 and 1.0 m/s: very slowly, as the elderly went in 2011, as a healthy adult."""
RINGS_M = 700.0
"""Half the side of the map with the rings."""
PREPARES = (10, 20, 30, 60)
ENDURES = (0, 24, 72, 168)
"""Hours; 0 stands for not known, which is never enough."""
ASKED_NEEDS = tuple(need for need in Need if need is not Need.CAR)


def ask(part: str, wrong: str = "") -> str:
    """Ask one of the four questions about the people."""
    at = at_home()
    if part not in PARTS[STEP]:
        abort(404)
    asking = {"who": _who, "pace": _pace, "way": _way, "ready": _ready}[part]
    return page(at, STEP, part=part, wrong=wrong, household=at.draft.plan.household, **asking(at))  # type: ignore[arg-type]


def take(part: str) -> Response | None:
    """Keep the picks."""
    at = at_home()
    if part not in PARTS[STEP]:
        abort(404)
    household = {"who": _took_who, "pace": _took_pace, "way": _took_way, "ready": _took_ready}[part](at.draft)
    plan = replace(at.draft.plan, household=household, leave_level=leave_level(household))
    changed = at.draft.after(STEP, plan) if part == PARTS[STEP][-1] else replace(at.draft, plan=plan)
    return onward(keep(changed), STEP, part)


def _who(at: Visit) -> dict[str, object]:
    household = at.draft.plan.household
    counts = [(str(n), str(n)) for n in range(1, MOST_PEOPLE)]
    return {
        "template": TEMPLATE,
        "question": say("people.question"),
        "counts": [*counts, (str(MOST_PEOPLE), say("people.more", n=MOST_PEOPLE))],
        "needs": [(need.value, say(f"need.{need.value}")) for need in ASKED_NEEDS],
        "chosen_needs": [need.value for need in household.needs],
    }


def _pace(at: Visit) -> dict[str, object]:
    ten = at.draft.plan.household.ten_minutes_m
    known = next((name for name, metres in DISTANCES.items() if metres == ten), "unknown")
    options = [(name, say(f"pace.{name.lower()}", metres=metres)) for name, metres in DISTANCES.items()]
    return {
        "template": TEMPLATE,
        "question": say("pace.title"),
        "picture": _rings(at),
        "distances": [*options, ("unknown", say("pace.unknown"))],
        "ten": known,
    }


def _way(at: Visit) -> dict[str, object]:
    household = at.draft.plan.household
    said = {"stairs": not household.stairs, "pram": household.pram}
    return {
        "template": TEMPLATE,
        "question": say("way.question"),
        "modes": [(mode.value, say(f"mode.{mode.value}")) for mode in Mode],
        "also": [("stairs", say("way.no_stairs")), ("pram", say("way.pram"))],
        "chosen_also": [name for name, true in said.items() if true],
    }


def _ready(at: Visit) -> dict[str, object]:
    return {
        "template": TEMPLATE,
        "question": say("ready.title"),
        "prepares": [(str(n), say("ready.minutes", n=n)) for n in PREPARES],
        "endures": [(str(n), say(f"ready.endure_{n}")) for n in ENDURES],
        "endure": str(at.draft.plan.household.endure_hours or 0),
    }


def _took_who(draft: Draft) -> Household:
    old = draft.plan.household
    people = int(pick("people", [str(n) for n in range(1, MOST_PEOPLE + 1)], str(old.people)))
    needs = {Need(value) for value in ticked("needs", [need.value for need in ASKED_NEEDS])}
    kept = old.needs & {Need.CAR}
    return replace(old, people=people, needs=frozenset(needs | kept))


def _took_pace(draft: Draft) -> Household:
    picked = pick("ten", list(DISTANCES), "")
    return replace(draft.plan.household, ten_minutes_m=DISTANCES.get(picked))


def _took_way(draft: Draft) -> Household:
    old = draft.plan.household
    mode = Mode(pick("mode", [m.value for m in Mode], old.mode.value))
    also = ticked("also", ["stairs", "pram"])
    needs = old.needs | {Need.CAR} if mode is Mode.CAR else old.needs - {Need.CAR}
    return replace(old, mode=mode, stairs="stairs" not in also, pram="pram" in also, needs=needs)


def _took_ready(draft: Draft) -> Household:
    old = draft.plan.household
    prepare = int(pick("prepare", [str(n) for n in PREPARES], str(old.prepare_min)))
    endure = int(pick("endure", [str(n) for n in ENDURES], "0"))
    return replace(old, prepare_min=prepare, endure_hours=endure or None)


def _rings(at: Visit) -> Markup:
    """Draw how far ten minutes go: three rings on the household's own streets."""
    here = desk()
    with here.shared.store.read() as tx:
        streets = ground(around(tx, at.draft.plan.home.spot, RINGS_M), scale=3.0, names=False)
    rings = "".join(
        f'<circle class="ring {name.lower()}" cx="0" cy="0" r="{metres}" fill="none"/>'
        f'<text class="ring-name" x="0" y="{-metres - 8}">{name}</text>'
        for name, metres in DISTANCES.items()
    )
    house = '<path class="house" d="M-44 0L0 -44 44 0h-14v40h-60v-40z"/>'
    return Markup(  # noqa: S704  # our own shapes; names are escaped in `ground`
        '<svg class="street-map" viewBox="-680 -680 1360 1360" role="img" aria-labelledby="rings-name">'
        f'<title id="rings-name">{Markup.escape(say("pace.picture"))}</title>{streets}{rings}{house}</svg>'
    )
