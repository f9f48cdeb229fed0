"""The watch board (監視盤) and the counts that may be published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, jsonify, render_template, request
from werkzeug.wrappers import Response

from disaster_hub.config import Config
from disaster_hub.desk import numbers as counted
from disaster_hub.desk.composing import title
from disaster_hub.desk.watch import DecideLine, Seen, Trouble, Watch, order_words
from disaster_hub.desk.watch import watch as put_together
from disaster_hub.planning import census
from disaster_hub.portal import parts, trouble
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.unheard import unheard
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.rules.gauges import Ahead, Standing
from disaster_hub.store.pulse import SourcePulse
from disaster_hub.terms.chronology import kind_of
from disaster_hub.terms.clock import local
from disaster_hub.terms.decision import DecideByBasis, DecisionState
from disaster_hub.terms.level import LEVEL_WORDS
from disaster_hub.terms.report import KIND_NAMES
from disaster_hub.terms.role import Right
from disaster_hub.terms.way import ShelterState

room = Room("hq_watch", __name__, door=Right.SEE, url_prefix="/hq")
TOP_GAUGES = 8
TOP_DEADLINES = 3
MORE_GAUGES = 24
TOP_CHANGES = 10
PROCESS_WORDS = {"web": "画面", "clock": "取り込み・判定", "listen": "センサー受信", "post": "通知"}
STATES = {
    DecisionState.OPEN: "未判断", DecisionState.WAITING: "様子を見る", DecisionState.DRAFTED: "承認待ち",
}  # fmt: skip
BASIS_WORDS = {
    DecideByBasis.PLANS: "住民の計画から", DecideByBasis.CITY: "市が決めた避難時間から", DecideByBasis.NOT_KNOWN: "",
}  # fmt: skip
WORDS: dict[str, Any] = {
    "Ahead": Ahead, "Standing": Standing, "ShelterState": ShelterState, "order_words": order_words,
    "level_words": LEVEL_WORDS, "kind_names": KIND_NAMES, "kind_of": kind_of, "states": STATES,
    "processes": PROCESS_WORDS, "basis_words": BASIS_WORDS, "title": title,
}  # fmt: skip


@room.get("/watch")
def watch() -> str:
    """Show the board; `?wall=1` shows it alone, for a screen on the wall."""
    return render_template("hq/watch.html", part=parts.words("watch", _part), wall=request.args.get("wall") == "1")


@room.get("/watch/part")
def part() -> Response:
    """Give the board alone, for the live page: the same packed bytes for everybody."""
    return parts.part("watch", _part)


@room.get("/numbers")
def numbers() -> str:
    """Show the counts that may be published."""
    return render_template("hq/numbers.html", said=_numbers())


@room.get("/numbers.json")
def numbers_json() -> Response:
    """Give the counts that may be published, as JSON."""
    made = jsonify(_numbers().plain(hub(current_app).config.city.zone))
    made.headers["Cache-Control"] = "no-store"
    return made


def _part() -> str:
    shared = hub(current_app)
    said: Watch = shared.aside(board_now, shared)
    return render_template(
        "hq/watch_part.html",
        said=said,
        now=said.now,
        unheard=unheard(),
        **WORDS,
        **_cut(said),
        there=current_app.view_functions,
    )


def _cut(said: Watch) -> dict[str, Any]:
    """Cut the lists to what a wall can hold; what is left out is counted."""
    quiet = {Standing.SILENT, Standing.AT_WORK}
    due = chosen_deadlines(said.clock, said.now)
    loud = [line for line in said.gauges if line.look.standing not in quiet]
    return {
        "clock": due,
        "clock_rest": (rest := [line for line in said.clock if line not in due]),
        "over_rest": sum(line.passed(said.now) for line in rest),
        "top": loud[:TOP_GAUGES],
        "more": loud[TOP_GAUGES : TOP_GAUGES + MORE_GAUGES],
        "rest": max(0, len(loud) - TOP_GAUGES - MORE_GAUGES),
        "quiet": [line for line in said.gauges if line.look.standing in quiet],
        "changes": said.changes[:TOP_CHANGES],
        "older": max(0, len(said.changes) - TOP_CHANGES),
    }


def chosen_deadlines(clock: Sequence[DecideLine], now: datetime) -> list[DecideLine]:
    """Choose what stands on top: minutes that are over, the gravest first, and the next one that can still be met."""
    over, ahead = [line for line in clock if line.passed(now)], [line for line in clock if not line.passed(now)]
    over.sort(key=lambda line: -(line.level or 0))
    kept = over[: TOP_DEADLINES - 1] if ahead else over[:TOP_DEADLINES]
    return kept + ahead[: TOP_DEADLINES - len(kept)]


def board_now(shared: Hub) -> Watch:
    """Put the board together as it stands now, for the page and for the papers."""
    now = shared.now
    seen = Seen(shared.board.rows()["areas"], shared.board.facts().points, _troubles(shared, now), shared.wall())
    with shared.store.read() as tx:
        return put_together(tx, shared.config, seen, now)


def _troubles(shared: Hub, now: datetime) -> list[Trouble]:
    facts, board = shared.board.facts(), shared.board
    found = trouble.of_processes(facts.heartbeats, shared.wall(), board.begun, shared.config)
    found += trouble.of_sources(facts.pulses, shared.config, now)
    found += _old_feeds(facts.pulses, shared.config, now, {str(t["what"]) for t in found})
    found += trouble.of_clock(facts.newest, now)
    return [Trouble(str(t["code"]), str(t["what"]), _moment(t["since"])) for t in found]


def _old_feeds(
    pulses: Sequence[SourcePulse], config: Config, now: datetime, told: Collection[str]
) -> list[trouble.Trouble]:
    """Name the feeds whose last good answer is old though nothing failed: nobody has asked them."""
    last = {pulse.source: pulse.last_success for pulse in pulses}
    found: list[trouble.Trouble] = []
    for feed in config.feeds:
        good = last.get(feed.name)
        if feed.name not in told and (good is None or now - good > timedelta(seconds=feed.stale_after_s)):
            since = None if good is None else local(good, config.city.zone)
            found.append({"code": "source", "what": feed.name, "since": since})
    return found


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _numbers() -> counted.Numbers:
    shared, one = hub(current_app), desk()
    tally = one.aside(census.census, shared.store, one.keys, one.planner.town.zones, one.now)
    rows = shared.board.rows()["areas"]
    with shared.store.read() as tx:
        return counted.numbers(tx, shared.config, rows, tally.shown, shared.now)
