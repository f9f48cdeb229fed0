"""The gate before residents' reports: open by level, or by the headquarters until a time that it names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk.call import without_numbers
from disaster_hub.desk.gate import gate as standing
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.store import gate as store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

MOST_LETTERS = 200
HOURS = (3, 6, 12, 24)
room = Room("hq_gate", __name__, door=Right.GATE, url_prefix="/hq")


@room.get("/gate")
def gate() -> str:
    """Show how the gate stands; the script asks for the live part alone."""
    return _page()


@room.post("/gate")
def change() -> Any:
    """Open the gate until a time, or end an opening."""
    shared = hub(current_app)
    account = signed_in()
    assert account is not None  # the door asked
    try:
        because = without_numbers(request.form.get("because", "").strip()[:MOST_LETTERS])
        with shared.store.write() as tx:
            if request.form.get("do") == "shut":
                store.shut(tx, account.name, shared.now, because)
            else:
                store.open_until(tx, _until(shared.now), account.name, shared.now, because)
    except BadInput as fault:
        return _page(str(fault)), 400
    flash("受付を変えました。住民の画面には数秒で伝わります。", "saved:gate")
    return redirect(url_for("hq_gate.gate"), 303)


def _until(now: datetime) -> datetime:
    hours = request.form.get("hours", "")
    if hours not in {str(one) for one in HOURS}:
        raise BadInput("いつまで開けるかを選んでください")
    return now + timedelta(hours=int(hours))


def _page(wrong: str = "") -> str:
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = standing(tx, shared.config, shared.now)
    page = {"gate": found, "now": shared.now, "hours": HOURS, "wrong": wrong}
    return render_template("hq/gate_part.html" if "X-Part" in request.headers else "hq/gate.html", **page)
