"""What is doubted now, with what an officer needs to decide it: the curve, what was said of it, and one tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.desk.trusting import WATER, Place, places
from disaster_hub.rules.gauges import MARK_WORDS, NO_DANGER
from disaster_hub.store import journal, observations, sensors, witness
from disaster_hub.store.session import Transaction
from disaster_hub.terms.doubt import Look, Trust
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry

BACK = timedelta(hours=6)
SILENT_FOR = timedelta(hours=48)
"""A doubt about a gauge that has not spoken since is not tonight's."""
WIDE, TALL = 320.0, 96.0
FAULT_LASTS = (60, 180, 480, 1440)
"""Minutes for which a faulty gauge may be left out; every one has an end."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The last hours as a picture: points, and where the marks stand, in its own units; what is impossible is cut."""

    points: tuple[tuple[float, float, bool], ...]
    """x, y, and whether the reading is doubted."""
    marks: tuple[tuple[float, str], ...]
    low: float
    top: float
    begun: datetime
    ended: datetime

    @property
    def line(self) -> str:
        """Give the readings as an SVG polyline's points."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True, slots=True)
class Case:
    """One gauge whose newest reading is doubted, or stands high with nobody else saying so."""

    name: str
    trust: Trust
    place: Place
    curve: Curve | None
    unit: str = "m"

    @property
    def waits(self) -> bool:
        """Tell whether nothing speaks against it and only a witness is missing."""
        return self.trust.doubt is None


def cases(tx: Transaction, config: Config, now: datetime) -> list[Case]:
    """Give what is doubted or waits for a witness, danger first, then the longest doubted."""
    known = places(tx, config, now)
    mine = [one for one in witness.trusts(tx).values() if one.station in known and _open(one, known, now)]
    series = observations.of_stations(tx, [one.station for one in mine], now - BACK)
    doubts = witness.marks(tx, now - BACK, [one.station for one in mine])
    found = []
    for one in mine:
        place = known[one.station]
        seen = [(o.at, o.value) for o in series.get(one.station, ()) if o.quantity == WATER and o.value is not None]
        curve = _curve([(at, value, (one.station, WATER, at) in doubts) for at, value in seen], place.post.marks)
        found.append(Case(place.post.name, one, place, curve))
    return sorted(found, key=lambda c: (c.waits, not c.trust.danger, _since(c.trust), c.name))


def really_high(tx: Transaction, config: Config, station: str, who: str, now: datetime) -> None:
    """Keep that an officer looked and says that the water is really that high; a witness for the next hour."""
    place = _known(tx, config, station, now)
    witness.looked(tx, Look(station, now, who))
    value = witness.trusts(tx, (station,)).get(station)
    reading = "" if value is None else f"（値 {value.value:.2f}m）"
    what = f"{place.post.name}：目で確かめました。本当に高い{reading}"
    journal.add(tx, JournalEntry(now, "reading_witnessed", who, what, station))


def faulty(tx: Transaction, config: Config, station: str, minutes: int, who: str, now: datetime) -> None:
    """Leave a gauge out for a while: its readings count for nothing, neither high nor low, until the end."""
    place = _known(tx, config, station, now)
    if minutes not in FAULT_LASTS:
        raise BadInput("保守の終わり: いつまでかを選んでください")
    why = f"{place.post.name}：機器の異常（カメラか現地で確かめました）"
    sensors.begin_maintenance(tx, station, now + timedelta(minutes=minutes), who, why, now)


def _known(tx: Transaction, config: Config, station: str, now: datetime) -> Place:
    place = places(tx, config, now).get(station)
    if place is None:
        raise BadInput(f"観測所 {station[:40]}: 知りません")
    return place


def _open(one: Trust, known: Mapping[str, Place], now: datetime) -> bool:
    post = known[one.station].post
    if post.maintained or now - one.at > SILENT_FOR:
        return False
    return one.doubt is not None or (one.witness is None and bool(post.marks) and _at_mark(one.value, post.marks))


def _at_mark(value: float, marks: Mapping[str, float]) -> bool:
    return any(value >= height for mark, height in marks.items() if mark not in NO_DANGER)


def _since(one: Trust) -> datetime:
    return one.at if one.doubt is None else one.doubt.since


def _curve(seen: Sequence[tuple[datetime, float, bool]], marks: Mapping[str, float]) -> Curve | None:
    """Draw the readings into a box; what stands far beyond the marks is drawn at the edge."""
    if len(seen) < 2:
        return None
    heights = [h for m, h in marks.items() if m not in NO_DANGER]
    good = [value for _, value, doubted in seen if not doubted] or [value for _, value, _ in seen]
    low, top = min([*good, *heights]), max([*good, *heights])
    room = max(top - low, 0.5)
    low, top = low - 0.1 * room, top + 0.6 * room
    begun, ended = seen[0][0], seen[-1][0]
    span = max((ended - begun).total_seconds(), 1.0)

    def y(value: float) -> float:
        return TALL - (min(max(value, low), top) - low) / (top - low) * TALL

    points = tuple(((at - begun).total_seconds() / span * WIDE, y(value), doubted) for at, value, doubted in seen)
    lines = tuple((y(h), f"{MARK_WORDS.get(m, m)} {h:.2f}") for m, h in marks.items() if m not in NO_DANGER)
    return Curve(points, lines, low, top, begun, ended)
