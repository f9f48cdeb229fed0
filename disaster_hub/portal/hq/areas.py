"""The evacuation areas (避難区域) and the clock over them: how many live there, by when to issue, who is behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from disaster_hub.desk import behind, people, say
from disaster_hub.planning import veil
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.opening import opened
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store import decide_bys, evacuation_areas
from disaster_hub.terms.decision import Affected, DecideBy, EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.role import Right, may

room = Room("hq_areas", __name__, door=Right.SEE, url_prefix="/hq")
HOUSEHOLD = re.compile(r"[0-9a-f]{32}")
MINUTES = re.compile(r"[0-9０-９]{1,4}")
MOST_LATE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One area on the page."""

    area: EvacuationArea
    affected: Affected
    minutes: Sequence[DecideBy]


@room.get("/areas")
def areas() -> str:
    """Show every area: its hazards, its times, its people, its latest minutes."""
    return _page({}, "")


@room.post("/areas/<code>")
@only(Right.CRITERIA)
def set_minutes(code: str) -> tuple[str, int] | Response:
    """Set how long an area's people need, by day and by night."""
    one = desk()
    typed = {"code": code, "day": request.form.get("day", ""), "night": request.form.get("night", "")}
    account = signed_in()
    try:
        day, night = _minutes(typed["day"], "昼"), _minutes(typed["night"], "夜")
        with one.shared.store.write() as tx:
            area = evacuation_areas.set_minutes(tx, code, day, night, account.name if account else "", one.now)
    except BadInput as fault:
        return _page(typed, str(fault)), 400
    flash(f"{area.name}の避難所要時間を保存しました", f"saved:area-{code}")
    return redirect(url_for("hq_areas.areas") + f"#area-{code}", 303)


@room.get("/decide-by/<code>")
def decide_by(code: str) -> str:
    """Show one area's latest minutes and who is behind them; the homes as figures, to the headquarters alone."""
    one = desk()
    with one.shared.store.read() as tx:
        area = evacuation_areas.find(tx, code)
        rows = [said for key, said in decide_bys.rows(tx).items() if key[0] == code]
    if area is None:
        abort(404)
    close = _may(Right.DECIDE)
    shown = [
        (said.decide_by, *one.aside(_homes, one, said.decide_by, one.now)) if close else (said.decide_by, (), (), 0)
        for said in sorted(rows, key=lambda said: (said.decide_by.at is None, str(said.decide_by.at)))
    ]
    return render_template(
        "hq/decide_by.html", area=area, rows=shown, close=close, now=one.now, left=left, hazards=say.HAZARDS,
        reckoned=max((said.reckoned_at for said in rows), default=None),
        opens=_may(Right.PERSONAL),
    )  # fmt: skip


@room.route("/decide-by/<code>/<household>", methods=["GET", "POST"])
@only(Right.PERSONAL)
def home(code: str, household: str) -> str:
    """Open one home's address, for a reason that is typed and kept; who it is, is asked of nobody's plan."""
    if not HOUSEHOLD.fullmatch(household):
        abort(404)
    found = opened("期限を決めている家の住所", household, behind.address)
    return render_template(
        "hq/opened.html", what=f"家 {household[:8]}", rows=list((found or {}).items()), gone=found is None,
        back="hq_areas.areas", code=code,
    )  # fmt: skip


def _homes(one: Desk, said: DecideBy, now: datetime) -> tuple[list[behind.Home], list[behind.Home], int]:
    """Give the tightest homes; once somebody is late, who would not arrive dry."""
    late: tuple[list[behind.Home], int] = ([], 0)
    if said.late or (said.at is not None and said.at < now):
        late = behind.would_not(one.planner, said.area, said.hazard, now, MOST_LATE)
    return behind.tightest(one.planner, said.slowest), *late


def _page(typed: Mapping[str, str], fault: str) -> str:
    one = desk()
    lines = one.aside(_lines, one)
    return render_template(
        "hq/areas.html", lines=lines, close=_may(Right.DECIDE), edit=_may(Right.CRITERIA), typed=typed, fault=fault,
        about=about, left=left, now=one.now, hazards=say.HAZARDS, order=list(Hazard),
    )  # fmt: skip


def _lines(one: Desk) -> list[Line]:
    with one.shared.store.read() as tx:
        known = evacuation_areas.all_areas(tx)
        counted = people.affected(tx, known, one.keys)
        minutes: dict[str, list[DecideBy]] = {}
        for (code, _), said in decide_bys.rows(tx).items():
            minutes.setdefault(code, []).append(said.decide_by)
    return [Line(area, counted[area.code], minutes.get(area.code, [])) for area in known]


def about(number: int) -> str:
    """Say a number of homes to those who need no exact one: rounded down, and none that is small."""
    if number < veil.ENTER:
        return f"{veil.ENTER}戸未満"
    return f"約{number // veil.STEP * veil.STEP}戸"


def left(at: datetime, now: datetime) -> str:
    """Say how long there is left, or for how long it has passed."""
    minutes = int(abs(at - now) / timedelta(minutes=1))
    size = f"{minutes // 60}時間{minutes % 60}分" if minutes >= 60 else f"{minutes}分"
    return f"あと{size}" if at >= now else f"{size}過ぎました"


def _may(right: Right) -> bool:
    account = signed_in()
    return account is not None and may(account.role, right)


def _minutes(text: str, which: str) -> int | None:
    """Read minutes as they were typed; nothing is not known."""
    plain = text.strip()
    if not plain:
        return None
    if not MINUTES.fullmatch(plain):
        raise BadInput(f"避難所要時間（{which}）: 「{plain[:20]}」は分の数ではありません")
    return int(plain)
