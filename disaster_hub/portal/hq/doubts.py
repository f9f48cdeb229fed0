"""Doubted readings: the curve, the neighbours, the camera's picture, and one tap that says what one saw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.desk import doubts as desk_doubts
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq import map_gauge
from disaster_hub.portal.hq.decisions import allowed
from disaster_hub.portal.hub import hub
from disaster_hub.store import journal
from disaster_hub.terms.doubt import BY_WORDS, DOUBT_WORDS
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

room = Room("hq_doubts", __name__, door=Right.SEE, url_prefix="/hq/doubts")
KINDS = ("reading_doubted", "reading_believed", "reading_witnessed")
MOST = 30
"""So many are shown with everything around them; a night with more is another kind of night."""
DAY = timedelta(hours=24)


@room.get("")
def doubts() -> str:
    """Show what is doubted now; the script asks for the live part alone."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = desk_doubts.cases(tx, shared.config, shared.now)
        log = journal.entries(tx, since=shared.now - DAY, limit=20, kinds=KINDS)
    rows = [(case, map_gauge.detail(shared, case.trust.station)) for case in found[:MOST]]
    page = "hq/doubts_part.html" if "X-Part" in request.headers else "hq/doubts.html"
    return render_template(
        page, rows=rows, rest=max(0, len(found) - MOST), log=log, words=DOUBT_WORDS, by=BY_WORDS, now=shared.now,
        may_say=allowed(Right.WITNESS), lasts=desk_doubts.FAULT_LASTS, wide=desk_doubts.WIDE, tall=desk_doubts.TALL,
    )  # fmt: skip


@room.post("/<station>/high")
@only(Right.WITNESS)
def high(station: str) -> Any:
    """Take an officer's word that the water is really that high."""
    shared = hub(current_app)
    try:
        with shared.store.write() as tx:
            desk_doubts.really_high(tx, shared.config, station, _who(), shared.now)
    except BadInput:
        abort(404)
    flash("「本当に高い」を記録しました。これから1時間、この水位の裏付けになります。", f"saved:doubt-{station}")
    return redirect(url_for("hq_doubts.doubts"), 303)


@room.post("/<station>/fault")
@only(Right.WITNESS)
def fault(station: str) -> Any:
    """Leave a faulty gauge out until a chosen end."""
    shared, minutes = hub(current_app), request.form.get("minutes", "")
    try:
        with shared.store.write() as tx:
            lasts = int(minutes) if minutes.isdecimal() and len(minutes) < 5 else 0  # no day has more digits
            desk_doubts.faulty(tx, shared.config, station, lasts, _who(), shared.now)
    except BadInput as wrong:
        flash(str(wrong))
        return redirect(url_for("hq_doubts.doubts"), 303)
    flash("機器の異常として、終わりの時刻まで値を数えません。", f"saved:doubt-{station}")
    return redirect(url_for("hq_doubts.doubts"), 303)


def _who() -> str:
    account = signed_in()
    return account.name if account is not None else "?"
