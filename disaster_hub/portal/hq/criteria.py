"""The town's own criteria: as sentences with how each stands, their versions, and the editor."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import criteria_desk, criteria_past, decisions
from disaster_hub.desk.criteria_desk import Outrun
from disaster_hub.desk.criteria_facts import all_names
from disaster_hub.desk.decisions import TEMPLATE
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.decisions import WORDS, allowed, who
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.rules.criteria import Criteria
from disaster_hub.store import criteria as versions
from disaster_hub.store.versions import Version
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

LONGEST_NUMBER = 9
room = Room("hq_criteria", __name__, door=Right.SEE, url_prefix="/hq")


@room.get("/criteria")
def criteria() -> str:
    """Show the criteria that rule, each with how it stands now; the script asks for its live part alone."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        newest, said = versions.newest(tx), decisions.ruling(tx)
        standing = versions.assessments(tx)
        names = all_names(tx, shared.config)
    by_criterion: dict[str, list[Any]] = {}
    for one in standing:
        by_criterion.setdefault(one.criterion, []).append(one)
    rows = (
        [] if said is None else [(c, criteria_desk.aloud(c, names), by_criterion.get(c.id, [])) for c in said.criteria]
    )
    rows.sort(key=lambda row: (-row[0].order, row[0].hazard.value, row[0].title))
    page = "hq/criteria_part.html" if "X-Part" in request.headers else "hq/criteria.html"
    return render_template(page, rows=rows, newest=newest, may_edit=allowed(Right.CRITERIA), now=shared.now, **WORDS)


@room.get("/criteria/versions")
def history() -> str:
    """Show every version; two of them can be compared."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = versions.versions(tx)
        old, new = (_chosen(tx, name) for name in ("old", "new"))
    pairs = criteria_desk.compared(old.text, new.text) if old is not None and new is not None else None
    return render_template("hq/criteria_versions.html", versions=found, old=old, new=new, pairs=pairs)


@room.route("/criteria/edit", methods=["GET", "POST"])
@only(Right.CRITERIA)
def edit() -> Any:
    """Edit the criteria: check, try on the last 24 hours, save as a new version."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        newest = versions.newest(tx)
    page: dict[str, Any] = {"wrong": "", "warnings": None, "tried": None, "names": {}, "read": None, "outrun": None}
    status, standing = 200, 0 if newest is None else newest.number
    text = newest.text if newest is not None else TEMPLATE.read_text(encoding="utf-8")
    if request.method == "POST":
        text = request.form.get("text", "").replace("\r\n", "\n")
        try:
            saved = _do(request.form.get("do", ""), text, page)
        except BadInput as fault:
            page["wrong"], status = f"{fault}。", 400
        except Outrun as fault:
            said = f"{fault}。あなたの文は残っています。違いを確かめてから、もう一度保存してください。"
            page["wrong"], page["outrun"], status = said, _base(standing) or None, 409
        else:
            if saved is not None:
                flash(f"第{saved.number}版を保存しました。数秒で判断に使われます。", f"saved:criteria-{standing}")
                return redirect(url_for("hq_criteria.criteria"), 303)
        if status != 409:  # told that somebody was faster, one goes on from what stands now
            standing = _base(standing)
    return render_template(
        "hq/criteria_edit.html", text=text, newest=newest, expected=standing, note=request.form.get("note", ""),
        aloud=criteria_desk.aloud, **page, **WORDS,
    ), status  # fmt: skip


def _do(act: str, text: str, page: dict[str, Any]) -> Version | None:
    """Check, try or save; what was found goes into *page*."""
    shared = hub(current_app)
    if act == "save":
        with shared.store.write() as tx:
            return criteria_desk.save(
                tx, text, request.form.get("note", ""), who(), shared.now,
                expected=_base(0),
            )  # fmt: skip
    with shared.store.read() as tx:
        page["read"], page["warnings"] = criteria_desk.check(tx, shared.config, text)
        page["names"] = all_names(tx, shared.config)
    if act == "try":
        page["tried"] = shared.aside(_tried, shared, page["read"])
    return None


def _base(standing: int) -> int:
    """Give the version from which the editor began."""
    expected = request.form.get("expected", "")
    return int(expected) if expected.isdecimal() and len(expected) < LONGEST_NUMBER else standing


def _tried(shared: Hub, said: Criteria) -> criteria_past.Past:
    with shared.store.read() as tx:
        return criteria_past.last_day(tx, shared.config, said, shared.now)


def _chosen(tx: Any, name: str) -> Version | None:
    number = request.args.get(name, "")
    if not number:
        return None
    good = number.isdecimal() and len(number) < LONGEST_NUMBER
    found = versions.find(tx, int(number)) if good else None
    if found is None:
        abort(404)
    return found
