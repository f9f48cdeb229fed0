"""Every gauge against its own thresholds, the most urgent first, as the watch board shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from disaster_hub.rules import gauges as rule
from disaster_hub.rules.gauges import MARK_WORDS, Gauge, Look, Standing
from disaster_hub.rules.water import Own, stale
from disaster_hub.store import observations
from disaster_hub.store.session import Transaction
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation, Station, StationKind

HOUR = timedelta(minutes=65)
LONG = timedelta(hours=48)
"""Who is silent for longer is not tonight's news: such rows stay in a public file for years."""


class Point(Protocol):
    """One station with its newest reading, as the portal's board of facts holds it."""

    @property
    def station(self) -> Station:
        """Give the station."""

    @property
    def own(self) -> Own:
        """Give what may be expected of it."""

    @property
    def mine(self) -> bool:
        """Tell whether it is the city's own."""

    @property
    def quantity(self) -> str:
        """Name what it shows first."""

    @property
    def unit(self) -> str:
        """Give the unit of that."""

    @property
    def last(self) -> Observation | None:
        """Give the newest reading."""

    @property
    def hour(self) -> Sequence[Observation]:
        """Give the last hour's readings."""

    @property
    def trend(self) -> str | None:
        """Say rising, falling or steady; None is not known."""

    @property
    def interval_s(self) -> float:
        """Give the interval to expect now."""


@dataclass(frozen=True, slots=True)
class Line:
    """One gauge of the board."""

    station: str
    name: str
    mine: bool
    unit: str
    last: Observation | None
    trend: str | None
    look: Look
    issuer: str = ""
    """Who made the forecast, where that is known."""

    @property
    def reached(self) -> str:
        """Name the highest mark that the last reading has reached; empty where there is none."""
        return MARK_WORDS.get(self.look.reached or "", self.look.reached or "")

    @property
    def next(self) -> str:
        """Name the next mark; empty where there is none."""
        return MARK_WORDS.get(self.look.mark or "", self.look.mark or "")


def board(tx: Transaction, points: Iterable[Point], words: Sequence[Official], now: datetime) -> list[Line]:
    """Give every gauge with thresholds, the most urgent first."""
    ahead = observations.forecasts(tx, now)
    issuers = {word.area: word.issuer for word in words}
    found = [_line(tx, one, ahead, issuers, now) for one in points if _has_marks(one)]
    return sorted(found, key=lambda line: (*line.look.key(), line.name, line.station))


def silent_without_marks(points: Iterable[Point], now: datetime) -> list[str]:
    """Name the city's own devices that are silent and have no thresholds, so that nothing else tells of them."""
    return [
        one.station.name
        for one in points
        if one.mine
        and not one.own.maintained
        and not _has_marks(one)
        and stale(None if one.last is None else one.last.at, one.interval_s, now)
    ]


def _has_marks(one: Point) -> bool:
    return one.station.kind is not StationKind.RAIN and bool(set(one.station.thresholds) - rule.NO_DANGER)


def _line(
    tx: Transaction,
    one: Point,
    ahead: Mapping[str, Sequence[Observation]],
    issuers: Mapping[str, str],
    now: datetime,
) -> Line:
    last = one.last
    future = [o for o in ahead.get(one.station.id, ()) if o.quantity == one.quantity]
    hour = one.hour
    old = last is not None and stale(last.at, one.interval_s, now)
    if last is not None and old and now - last.at < LONG:
        before = observations.of_station(tx, one.station.id, one.quantity, last.at - HOUR, last.at)
        hour = [o for o in before if o.issued_at is None]
    look = rule.look(Gauge(one.own, one.station.thresholds, last, hour, future), now)
    if look.standing is Standing.SILENT_DANGER and look.since is not None and now - look.since >= LONG:
        look = Look(Standing.SILENT, look.reached, since=look.since, reason="長く途絶")
    issuer = issuers.get(one.station.river or "", "")
    return Line(one.station.id, one.station.name, one.mine, one.unit, last, one.trend, look, issuer)
