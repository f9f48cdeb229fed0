"""The status page: which processes live, which sources answer, what was refused, what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from disaster_hub.config import Config
from disaster_hub.portal import trouble
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hub import hub
from disaster_hub.rules.health import PROCESSES
from disaster_hub.store import bulletins, journal, outbox, pulse, raws
from disaster_hub.store.pulse import Heartbeat, SourcePulse
from disaster_hub.store.session import Transaction
from disaster_hub.terms.bulletin import Status
from disaster_hub.terms.role import Right

RECENT = 60
SHOWN = 15

room = Room("hq", __name__, door=Right.SEE, url_prefix="/hq")


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One of the four processes and its newest sign."""

    name: str
    beat: Heartbeat | None
    late: bool
    age_s: float | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source and how it does."""

    name: str
    pulse: SourcePulse | None
    silent: bool


@room.get("/")
def first_page() -> Response:
    """Lead to the watch board."""
    return redirect(url_for("hq_watch.watch"))


@room.get("/status")
def status() -> str:
    """Show how the hub itself is doing."""
    shared = hub(current_app)
    now, wall = shared.now, shared.wall()
    with shared.store.read() as tx:
        said = bulletins.recent(tx, RECENT)
        sources = _sources(pulse.sources(tx), shared.config, now)
        page = {
            "processes": _processes(tx, wall),
            "sources": sources,
            "actual": [b for b in said if b.bulletin.status is Status.ACTUAL][:SHOWN],
            "drills": [b for b in said if b.bulletin.status is not Status.ACTUAL][:SHOWN],
            "unreadable": raws.unreadable(tx, SHOWN),
            "journal": journal.entries(tx, limit=40),
            "outbox": outbox.counts(tx),
        }
    wrong = trouble.of_clock(shared.board.facts().newest, now)
    return render_template(
        "status.html", page=page, now=now, config=shared.config, store=shared.store.url,
        clock_wrong=bool(wrong), listeners=shared.wire.listeners, account=signed_in(),
    )  # fmt: skip


def _processes(tx: Transaction, wall: datetime) -> list[ProcessRow]:
    """Give every process that should live, and every worker that gave a sign in the last hour."""
    rows: list[ProcessRow] = []
    beats = pulse.heartbeats(tx)
    for name in PROCESSES:
        mine = sorted((b for b in beats if b.process == name), key=lambda b: b.wall, reverse=True)
        alive = [b for b in mine if wall - b.wall <= trouble.LATE_AFTER] or mine[:1]
        rows += [ProcessRow(name, b, wall - b.wall > trouble.LATE_AFTER, _age(wall - b.wall)) for b in alive]
        if not alive:
            rows.append(ProcessRow(name, None, late=True, age_s=None))
    return rows


def _age(span: timedelta) -> float:
    return max(0.0, span.total_seconds())


def _sources(pulses: list[SourcePulse], config: Config, now: datetime) -> list[SourceRow]:
    """Give every configured feed, heard of or not, then whatever else has a pulse."""
    known = {p.source: p for p in pulses}
    feeds = {feed.name: feed for feed in config.feeds}
    rows = []
    for name in (*feeds, *sorted(known.keys() - feeds.keys())):
        one = known.get(name)
        rows.append(SourceRow(name, one, one is None or trouble.silent(one, feeds.get(name), now)))
    return rows
