"""The registry of the city's own sensors: list, strangers, one form for each, its history and its maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.facts import Point
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.rules import water
from disaster_hub.store import sensors as registry
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right, may
from disaster_hub.terms.sensor import Maintenance, SensorEntry, Version, unseen_after_move
from sensors.decoders import DECODERS

room = Room("hq_sensors", __name__, door=Right.SEE, url_prefix="/hq/sensors")
SPANS = {"30": "30分", "60": "1時間", "180": "3時間", "480": "8時間", "1440": "1日", "10080": "7日"}
"""Minutes of maintenance; every one has an end."""
KINDS = {"sensor": "水位", "rain": "雨量"}
NUMBERS = {
    "zero_m": "零点高", "start_m": "観測開始水位", "near": "注意の目安", "met": "到達の目安",
    "interval_s": "間隔", "interval_low_s": "低いときの間隔", "lon": "経度", "lat": "緯度",
}  # fmt: skip
DATES = {"cleaned_at": "清掃日", "moved_at": "移設日"}


@dataclass(frozen=True, slots=True)
class Row:
    """One sensor of the list."""

    entry: SensorEntry
    versions: list[Version]
    point: Point | None
    state: water.OwnState | None
    stale: bool
    maintenance: Maintenance | None

    @property
    def unseen(self) -> bool:
        """Tell whether it was moved and nobody looked at its heights since."""
        return unseen_after_move(self.versions)


@room.get("")
def sensors() -> str:
    """List every sensor, and the devices that speak and are not entered."""
    return render_template("hq/sensors.html", may_edit=_may_edit(), **_list())


@room.get("/part")
def part() -> str:
    """Give the list alone, for the live page."""
    return render_template("hq/sensors_part.html", may_edit=_may_edit(), **_list())


@room.route("/new", methods=["GET", "POST"])
@only(Right.SENSORS)
def new() -> Any:
    """Enter a device; one that was heard brings its id along."""
    city = hub(current_app).config.city
    blank = SensorEntry(request.args.get("device", "")[:64], "", "", round(city.lon, 6), round(city.lat, 6))
    return _form(blank, [], expected=0)


@room.route("/<device>", methods=["GET", "POST"])
def one(device: str) -> Any:
    """Show one sensor with its history, and change it."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        versions = registry.versions(tx, device)
        configured = next((s for s in shared.config.sensors if s.id.lower() == device), None)
    if not versions and configured is None:
        abort(404)
    entry = versions[-1].entry if versions else registry.as_entry(configured) if configured else None
    assert entry is not None
    if request.method == "POST" and not _may_edit():
        abort(403)
    return _form(entry, versions, expected=len(versions))


@room.post("/<device>/maintenance")
@only(Right.SENSORS)
def maintenance(device: str) -> Any:
    """Begin or end a time of maintenance."""
    shared, who = hub(current_app), _who()
    now = shared.now
    try:
        with shared.store.write() as tx:
            if request.form.get("do") == "end":
                registry.end_maintenance(tx, device, who, now)
            else:
                ends = now + timedelta(minutes=_span(request.form.get("minutes", "")))
                registry.begin_maintenance(tx, device, ends, who, request.form.get("why", "")[:200], now)
    except BadInput as fault:
        flash(str(fault))
        return redirect(url_for("hq_sensors.one", device=device), 303)
    flash("保守を記録しました。", f"saved:maintenance-{device}")
    return redirect(url_for("hq_sensors.one", device=device), 303)


def _span(minutes: str) -> int:
    if minutes not in SPANS:
        raise BadInput("保守の終わり: いつまでかを選んでください")
    return int(minutes)


def _form(entry: SensorEntry, versions: list[Version], expected: int) -> Any:
    shared = hub(current_app)
    wrong, typed, status = "", request.form if request.method == "POST" else _typed(entry, shared), 200
    if request.method == "POST":
        try:
            said = _read(request.form, entry, shared, fresh=not versions and not entry.name)
            with shared.store.write() as tx:
                note = request.form.get("note", "")[:500]
                registry.save(tx, said, _who(), note, shared.now, int(request.form.get("version", "0") or 0))
        except BadInput as fault:
            wrong, status = str(fault), 400
        except registry.Changed as fault:
            wrong, status = (
                f"{fault}。あなたの入力は残っています。新しい内容を確かめてから、もう一度保存してください",
                409,
            )
        else:
            flash(f"「{said.name}」を保存しました。数秒で受信に使われます。", f"saved:sensor-{entry.id or 'new'}")
            return redirect(url_for("hq_sensors.one", device=said.id), 303)
    with shared.store.read() as tx:
        spans = registry.maintenances(tx, entry.id) if entry.id else []
        running = registry.maintained(tx, shared.now).get(entry.id)
    return render_template(
        "hq/sensor.html", entry=entry, versions=versions[::-1], typed=typed, wrong=wrong, expected=expected,
        models=sorted({*DECODERS, "plain", entry.model} - {""}), kinds=KINDS, spans=SPANS, maintenances=spans,
        running=running, may_edit=_may_edit(), now=shared.now, unseen=unseen_after_move(versions),
        row=_row_of(entry, shared),
    ), status  # fmt: skip


def _typed(entry: SensorEntry, shared: Hub) -> dict[str, str]:
    """Give the form's texts for an entry."""
    zone = shared.config.city.zone
    said = {name: _plain(getattr(entry, name)) for name in NUMBERS}
    dates = {name: getattr(entry, name) for name in DATES}
    said |= {name: "" if at is None else f"{at.astimezone(zone):%Y-%m-%d}" for name, at in dates.items()}
    return said | {n: getattr(entry, n) for n in ("id", "model", "name", "name_en", "kind", "owner")}


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _read(form: Mapping[str, str], old: SensorEntry, shared: Hub, *, fresh: bool) -> SensorEntry:
    """Read the form; what cannot be a number or a date raises BadInput with its field."""
    text = {name: form.get(name, "").strip()[:100] for name in ("model", "name", "name_en", "kind", "owner")}
    number = {name: _number(form.get(name, ""), word) for name, word in NUMBERS.items()}
    if number["lon"] is None or number["lat"] is None:
        raise BadInput("位置: 地図で選ぶか、経度と緯度を入れてください")
    if number["interval_s"] is None:
        raise BadInput("間隔: 空です")
    dates = {name: _date(form.get(name, ""), word, shared) for name, word in DATES.items()}
    identity = form.get("id", "").strip().lower()[:64] if fresh else old.id
    retired = form.get("retired") == "yes"
    values: dict[str, Any] = {**text, **number, **dates}
    return replace(old, id=identity, retired=retired, **values)


def _number(text: str, word: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{word}: {text[:20]!r} は数ではありません") from None


def _date(text: str, word: str, shared: Hub) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=shared.config.city.zone)
    except ValueError:
        raise BadInput(f"{word}: {text[:20]!r} は日付ではありません") from None
    if at > shared.now:
        raise BadInput(f"{word}: 先の日付です")
    return at


def _list() -> dict[str, Any]:
    shared = hub(current_app)
    with shared.store.read() as tx:
        newest = registry.newest(tx)
        rows = _rows(tx, shared, newest)
        strangers = registry.strangers(tx, {*newest, *(s.id.lower() for s in shared.config.sensors)})
    return {"rows": rows, "strangers": strangers, "now": shared.now}


def _rows(tx: Transaction, shared: Hub, newest: Mapping[str, Version]) -> list[Row]:
    entries = {s.id.lower(): registry.as_entry(s) for s in shared.config.sensors}
    entries |= {device: version.entry for device, version in newest.items()}
    at_work, points = registry.maintained(tx, shared.now), _points(shared)
    rows = [
        _row(entry, registry.versions(tx, device) if device in newest else [], points.get(device), shared,
             at_work.get(device))
        for device, entry in entries.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (r.entry.retired, not r.unseen, not r.stale, r.entry.name))


def _points(shared: Hub) -> dict[str, Point]:
    return {p.station.id.lower(): p for p in shared.board.facts().points}


def _row_of(entry: SensorEntry, shared: Hub) -> Row:
    return _row(entry, [], _points(shared).get(entry.id), shared, None)


def _row(
    entry: SensorEntry, versions: list[Version], point: Point | None, shared: Hub, at_work: Maintenance | None
) -> Row:
    now = shared.now
    state = water.judge(point.own, point.seen, now) if point is not None and point.mine and point.seen else None
    last = None if point is None or point.last is None else point.last.at
    stale = point is None or water.stale(last, point.interval_s, now)
    return Row(entry, versions, point, state, stale, at_work)


def _who() -> str:
    account = signed_in()
    return account.name if account is not None else "?"


def _may_edit() -> bool:
    account = signed_in()
    return account is not None and may(account.role, Right.SENSORS)
