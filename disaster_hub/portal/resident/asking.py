"""What every question page does: render itself in the reader's language, and read picks that may be forged."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.talk import say

if TYPE_CHECKING:
    from disaster_hub.portal.resident.visit import Visit

LONGEST_WORDS = 200
PARTS = {4: ("who", "pace", "way", "ready"), 6: ("1", "2", "3", "4")}
"""Questions that are asked on pages of their own; the progress stays at their step."""
ANSWERS = ("left", "arrived", "help", "staying")
FIRST_STEP, PIN_STEP, SAVE_STEP = 1, 2, 7
FARTHEST_M = 60_000.0
"""A home farther from the city's middle than this is not of this city."""


def page(at: Visit | None, step: int, question: str, **values: Any) -> str:
    """Render the page of *step*; `wrong` is a sentence that says what to mend."""
    editing = at is not None and at.draft.number is not None
    template = values.pop("template")
    part = values.get("part", "")
    values.setdefault("wrong", "")
    back = before(step, part) if not editing or step == PIN_STEP else url_for("resident.plan")
    return render_template(template, step=step, question=question, editing=editing, back=back, **values)


def before(step: int, part: str = "") -> str:
    """Give the page before this one."""
    parts = PARTS.get(step, ())
    if part in parts[1:]:
        return url_for("resident.part", step=step, part=parts[parts.index(part) - 1])
    if step == FIRST_STEP:
        return url_for("resident.start")
    return here(step - 1, last=True)


def here(step: int, *, last: bool = False) -> str:
    """Give the address of a step's first (or last) question."""
    parts = PARTS.get(step)
    if parts is None:
        return url_for("resident.step", step=step)
    return url_for("resident.part", step=step, part=parts[-1 if last else 0])


def onward(at: Visit, step: int, part: str = "") -> Response | None:
    """Go to the next question; None where a saved plan was changed: then it is saved, and shown (`sharing`)."""
    if at.draft.number is not None and step != FIRST_STEP:
        return None
    if at.draft.next_step == SAVE_STEP and step < SAVE_STEP - 1 and at.draft.plan.first is not None:
        return redirect(here(SAVE_STEP), 303)  # brought back from paper, or looked through once more
    parts = PARTS.get(step, ())
    if part in parts[:-1]:
        return redirect(url_for("resident.part", step=step, part=parts[parts.index(part) + 1]), 303)
    return redirect(here(step + 1), 303)


def pick(name: str, allowed: Collection[str], otherwise: str) -> str:
    """Give what was picked where it was on offer."""
    said = request.form.get(name, "")
    return said if said in allowed else otherwise


def ticked(name: str, allowed: Collection[str]) -> list[str]:
    """Give what was ticked and was on offer, each once, in the order of the offer."""
    said = set(request.form.getlist(name))
    return [one for one in allowed if one in said]


def words(name: str, longest: int = LONGEST_WORDS) -> str:
    """Give free text as it was typed: without what no screen can show, and no longer than it may be."""
    said = request.form.get(name, "").replace("\r\n", "\n")
    shown = "".join(c for c in said if c.isprintable() or c == "\n")
    return shown.strip()[:longest]


def number(name: str) -> float | None:
    """Give a number of the form; None where it is none."""
    try:
        found = float(request.form.get(name, ""))
    except ValueError:
        return None
    return found if -360.0 <= found <= 360.0 else None  # degrees; NaN is refused too


def yes_no(*, yes: bool) -> str:
    """Say yes or no."""
    return say("button.yes") if yes else say("button.no")
