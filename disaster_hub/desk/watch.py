"""The watch board (監視盤): everything that the room must see at once, put together from one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from disaster_hub.alerts import sirens
from disaster_hub.config import Config
from disaster_hub.desk import counts, decisions, gauges
from disaster_hub.desk.counts import Counts
from disaster_hub.desk.gauges import Line, Point
from disaster_hub.rules.gauges import Standing
from disaster_hub.store import chronology, decide_bys, drafts, evacuation_areas, levels
from disaster_hub.store.chronology import LogRow, Wish
from disaster_hub.store.session import Transaction
from disaster_hub.terms.chronology import HIDDEN
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.decision import DecideBy, Decision, DecisionState, Order, Posture
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import ORDER_WORDS
from disaster_hub.terms.siren import Siren

RECENT = timedelta(minutes=30)
MOST_CHANGES = 40
TO_EVERYBODY = 4
"""避難指示; 高齢者等避難 is for those who need longer."""
HAZARD_WORDS: Mapping[Hazard, str] = {
    Hazard.FLOOD: "洪水", Hazard.LANDSLIDE: "土砂災害", Hazard.SURGE: "高潮", Hazard.TSUNAMI: "津波",
    Hazard.INLAND: "内水",
}  # fmt: skip
STATE_WORDS = {"met": "到達", "near": "接近", "not_known": "不明", "not_met": "基準未満"}
URGENT_FIRST = ("not_known_danger", "met", "near", "not_known", "not_met")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with the hub itself."""

    code: str
    what: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the portal's board of facts already holds in memory; the rest is read here."""

    areas: Sequence[Mapping[str, Any]]
    """Rows of the situation: code, name, level, issuer, since, reason, age_s, observed."""
    points: Sequence[Point]
    troubles: Sequence[Trouble]
    wall: datetime | None = None
    """The wall's clock, by which the canaries are measured; None where nobody asks for them."""


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One place: the official level, the city's order, the city's observation; never merged."""

    code: str
    name: str
    level: int | None
    issuer: str
    since: datetime | None
    reason: str
    checked: datetime | None
    """When the source last answered well."""
    orders: Sequence[Order]
    observed: str
    """What the city's own devices say, in words; empty where there are none here."""
    danger: bool
    """True where the city's own observation says danger, silence when high included."""
    change: int | None = None
    """Row of the journal that tells of a change in the last half hour."""


@dataclass(frozen=True, slots=True)
class DecideLine:
    """One latest minute to issue."""

    said: DecideBy
    place: str
    hazard: str
    level: int | None
    """The order that is proposed for it; None where nothing is."""
    order: Order | None
    """What is in force there already."""
    proposal: str | None = None
    """The highest proposal that waits for people."""

    def passed(self, now: datetime) -> bool:
        """Tell whether the minute is over."""
        return self.said.at is not None and self.said.at <= now


@dataclass(frozen=True, slots=True)
class Watch:
    """The whole board."""

    now: datetime
    areas: Sequence[AreaLine]
    gauges: Sequence[Line]
    silent: Sequence[str]
    """Own devices without thresholds that are silent."""
    changes: Sequence[LogRow]
    clock: Sequence[DecideLine]
    """Minutes that nobody has met by an order yet, the next first."""
    unsaid: Sequence[DecideLine]
    """Areas for which nobody can say a minute."""
    settled: Sequence[DecideLine]
    """Minutes of areas for which an order is in force."""
    open: Sequence[Decision]
    due: int
    """How many of the open ones wait for people now."""
    posture: Posture | None
    counts: Counts
    troubles: Sequence[Trouble]
    crossed: Mapping[str, int]
    """Station → row of the journal of the last half hour."""
    drafts: Sequence[Draft] = ()
    """What waits for an approver, the first to run out first."""
    alone: Sequence[Draft] = ()
    """What one officer sent alone and no approver has looked at yet."""
    sirens: Sequence[Siren] = ()
    """Channels that were not seen to work: broken ones, and those that nobody has measured."""


def watch(tx: Transaction, config: Config, seen: Seen, now: datetime) -> Watch:
    """Put the board together."""
    standing = decisions.standing(tx, config, now)
    changes = chronology.rows(tx, Wish(without=HIDDEN, since=now - RECENT), limit=MOST_CHANGES)
    fresh: dict[str, int] = {}
    for row in changes:
        if row.entry.where is not None:
            fresh.setdefault(row.entry.where, row.id)
    clock, unsaid, settled = _clock(tx, standing.open, standing.orders, now)
    waiting = [one for one in standing.open if not _later(one, now)]
    found = gauges.board(tx, seen.points, levels.officials(tx), now)
    return Watch(
        now=now,
        areas=_areas(config, seen, standing.orders, found, fresh, now),
        gauges=found,
        silent=gauges.silent_without_marks(seen.points, now),
        changes=changes,
        clock=clock,
        unsaid=unsaid,
        settled=settled,
        open=_by_minute(standing.open, clock, now),
        due=len(waiting),
        posture=standing.posture,
        counts=counts.counts(tx, config, now),
        troubles=seen.troubles,
        crossed=fresh,
        drafts=drafts.waiting(tx, now),
        alone=drafts.unseen(tx),
        sirens=() if seen.wall is None else sirens.shown(tx, config, seen.wall),
    )


def _later(one: Decision, now: datetime) -> bool:
    return one.state is DecisionState.WAITING and one.look_again_at is not None and one.look_again_at > now


def _by_minute(found: Sequence[Decision], clock: Sequence[DecideLine], now: datetime) -> list[Decision]:
    """Put the gravest proposal first, then the one whose minute is the next; those to look at again later come last."""
    minutes = {line.proposal: place for place, line in enumerate(clock) if line.proposal is not None}
    return sorted(found, key=lambda one: (_later(one, now), -one.order, minutes.get(one.id, len(clock))))


def _areas(
    config: Config, seen: Seen, orders: Sequence[Order], lines: Sequence[Line], fresh: Mapping[str, int], now: datetime
) -> list[AreaLine]:
    names = {line.station: line for line in lines}
    found = [_area(config, row, orders, names, fresh, now) for row in seen.areas]
    return sorted(found, key=_urgency)


def _urgency(line: AreaLine) -> tuple[float, float]:
    """Put the highest level first; not known stands above calm and below every known level from 3."""
    level = 2.5 if line.level is None else float(line.level)
    order = max((one.level for one in line.orders), default=0)
    return -max(level, order), -level


def _area(
    config: Config,
    row: Mapping[str, Any],
    orders: Sequence[Order],
    names: Mapping[str, Line],
    fresh: Mapping[str, int],
    now: datetime,
) -> AreaLine:
    since, age = row["since"], row["age_s"]
    observed, danger = _observed(row["observed"], names)
    return AreaLine(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        issuer=row["issuer"] or "",
        since=None if since is None else datetime.fromisoformat(since),
        reason=row["reason"],
        checked=None if age is None else now - timedelta(seconds=age),
        orders=orders if row["code"] == config.city.area else (),
        observed=observed,
        danger=danger,
        change=fresh.get(row["code"]),
    )


def _observed(rows: Iterable[Mapping[str, Any]], names: Mapping[str, Line]) -> tuple[str, bool]:
    """Say the worst of the city's own devices, with how many others say so too."""
    by_state: dict[str, list[str]] = {}
    for row in rows:
        line = names.get(row["station"])
        dark = line is not None and line.look.standing is Standing.SILENT_DANGER
        state = "not_known_danger" if dark else row["state"]
        by_state.setdefault(state, []).append(line.name if line is not None else row["station"])
    for state in URGENT_FIRST:
        if state in by_state:
            mine = by_state[state]
            more = f"ほか{len(mine) - 1}" if len(mine) > 1 else ""
            word = "不明＝危険側" if state == "not_known_danger" else STATE_WORDS[state]
            return f"{word} {mine[0]}{more}", state in {"not_known_danger", "met"}
    return "", False


def _clock(
    tx: Transaction, proposed: Sequence[Decision], orders: Sequence[Order], now: datetime
) -> tuple[list[DecideLine], list[DecideLine], list[DecideLine]]:
    """Give the minutes still to meet, those that nobody can say, and those of areas with an order in force."""
    names = evacuation_areas.names(tx)
    clock: list[DecideLine] = []
    unsaid: list[DecideLine] = []
    settled: list[DecideLine] = []
    for said in (row.decide_by for row in decide_bys.rows(tx).values()):
        mine = [one for one in orders if (one.area, one.hazard) == (said.area, said.hazard)]
        order = max(mine, key=lambda one: one.level, default=None)
        open_ = [one for one in proposed if (one.area, one.hazard) == (said.area, said.hazard)]
        top = max(open_, key=lambda one: one.order, default=None)
        level, proposal = (None, None) if top is None else (top.order, top.id)
        line = DecideLine(said, names.get(said.area, said.area), HAZARD_WORDS[said.hazard], level, order, proposal)
        # An order to the elderly alone has not told everybody: the minute stays in sight until it is over.
        told = order is not None and (order.level >= TO_EVERYBODY or said.at is None or line.passed(now))
        if order is not None and told and (level is None or level <= order.level):
            settled.append(line)
        elif said.at is None:
            unsaid.append(line)
        else:
            clock.append(line)
    clock.sort(key=lambda line: (zulu(line.said.at) if line.said.at else "", line.place))
    return clock, unsaid, settled


def order_words(level: int) -> str:
    """Name an order as the law does."""
    return ORDER_WORDS.get(level, f"レベル{level}")
