"""The town's own list of check points: added, changed, taken off, read from a sheet; every version is kept."""

from __future__ import annotations

import csv
import io
import secrets
from dataclasses import replace
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from disaster_hub.desk import rounds
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.store import checkpoints
from disaster_hub.store.checkpoints import Changed
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right
from disaster_hub.terms.rounds import CheckPoint

NEW = "new"
room = Room("hq_check_list", __name__, door=Right.HANDLE, url_prefix="/hq")


@room.get("/checks/list")
def listed() -> str:
    """Show the list as it is kept, with what was taken off it."""
    return _page()


@room.route("/checks/list/<identity>", methods=["GET", "POST"])
def edit(identity: str) -> Any:
    """Add a check point, or change one."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        known = None if identity == NEW else checkpoints.find(tx, identity)
    if known is None and identity != NEW:
        raise NotFound("この重点確認箇所はありません")
    if request.method == "GET":
        return render_template("hq/check_edit.html", said=_said(known), known=known, wrong="", others="")
    said = {name: request.form.get(name, "") for name in (*rounds.COLUMNS, "version")}
    try:
        made = rounds.point_of(said | {"ID": known.id if known else secrets.token_hex(8)}, "入力")
        _write(made, known, request.form.get("version", ""))
    except BadInput as fault:
        status = 409 if isinstance(fault, Changed) else 400
        others = _said(known) if status == 409 else ""
        page = render_template("hq/check_edit.html", said=said, known=known, wrong=str(fault), others=others)
        return page, status
    flash(f"「{made.name}」を保存しました。", f"saved:check {identity}")
    return redirect(url_for("hq_check_list.listed"), 303)


@room.post("/checks/list/<identity>/close")
def close(identity: str) -> Response:
    """Take a check point off the list, or put it back; what was seen there stays."""
    shared = hub(current_app)
    back = request.form.get("back") == "1"
    with shared.store.write() as tx:
        known = checkpoints.find(tx, identity)
        if known is None:
            raise NotFound("この重点確認箇所はありません")
        if (known.closed_at is None) is not back:
            checkpoints.change(tx, replace(known, closed_at=None if back else shared.now), _who(), shared.now)
    flash(f"「{known.name}」を{'一覧に戻しました' if back else '一覧から外しました'}。")
    return redirect(url_for("hq_check_list.listed"), 303)


@room.post("/checks/list.csv")
def upload() -> Any:
    """Bring the list up to a sheet; one wrong line, and nothing of it is taken."""
    shared = hub(current_app)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page("ファイルを選んでください"), 400
    try:
        points = rounds.read(file.stream.read(), file.filename[:60])
        with shared.store.write() as tx:
            added, changed = rounds.take(tx, points, _who(), shared.now)
    except BadInput as fault:
        return _page(str(fault)), 400
    flash(f"{len(points)}か所を読みました（新しい {added}、変わった {changed}）。")
    return redirect(url_for("hq_check_list.listed"), 303)


@room.get("/checks/list.csv")
def download() -> Response:
    """Give the list as the sheet that can be read in again."""
    with hub(current_app).store.read() as tx:
        points = checkpoints.points(tx)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(rounds.COLUMNS)
    for point in points:
        said = _said(point)
        writer.writerow([_safe(said[column]) for column in rounds.COLUMNS])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=check-points.csv"
    return answer


def _write(made: CheckPoint, known: CheckPoint | None, version: str) -> None:
    shared = hub(current_app)
    with shared.store.write() as tx:
        if known is None:
            checkpoints.add(tx, made, _who(), shared.now)
            return
        seen = int(version) if version.isascii() and version.isdigit() else 0
        checkpoints.change(tx, replace(made, version=seen, closed_at=known.closed_at), _who(), shared.now)


def _page(wrong: str = "") -> str:
    with hub(current_app).store.read() as tx:
        points = checkpoints.points(tx, closed=True)
    return render_template("hq/check_list.html", points=points, wrong=wrong, columns=rounds.COLUMNS)


def _said(point: CheckPoint | None) -> dict[str, str]:
    if point is None:
        return dict.fromkeys(rounds.COLUMNS, "") | {
            "間隔（分）": "60",
            "始めるレベル": "2",
            "順番": "0",
            "version": "0",
        }
    return {
        "ID": point.id, "名前": point.name, "経度": f"{point.spot.lon:.6f}", "緯度": f"{point.spot.lat:.6f}",
        "見るもの": point.look_at, "行く人": point.goes, "間隔（分）": str(point.every_min),
        "始めるレベル": str(point.from_level), "順番": str(point.turn), "写真": "1" if point.photo_wanted else "",
        "version": str(point.version),
    }  # fmt: skip


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a word for a formula."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text


def _who() -> str:
    account = signed_in()
    assert account is not None  # the door asked
    return account.name
