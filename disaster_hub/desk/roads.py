"""Roads that a report closes: the links next to it, closing and opening them, and what that did to the plans."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from disaster_hub.store import conditions, journal, places, reports
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat, Plane
from disaster_hub.terms.report import Report

NEAR_M = 120.0
PICTURE_M = 130.0
MOST = 8
CHANGED = "plans_changed"
BECAUSE = "報告"
"""How a closing says that a report was why; any other reason is somebody's own, and only they take it back."""
NUMBER = re.compile(r"\d+")
KINDS = {
    "motorway": "高速道路", "trunk": "幹線道路", "primary": "主要道路", "secondary": "主要道路", "tertiary": "一般道路",
    "residential": "生活道路", "unclassified": "一般道路", "service": "構内の道", "living_street": "生活道路",
    "footway": "歩道", "path": "小道", "steps": "階段", "pedestrian": "歩行者用の道", "cycleway": "自転車道",
    "track": "農道・林道",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """One stretch of road between two crossings, as near to a report as *metres* say."""

    id: str
    name: str
    metres: float
    length_m: float
    line: tuple[tuple[float, float], ...]
    """East and north of the report, in metres: for the little picture."""
    closed: bool
    label: tuple[float, float] = (0.0, 0.0)
    """Where its number stands: on the link, within the picture."""


def links_near(tx: Transaction, spot: LonLat, metres: float = NEAR_M, also: Collection[str] = ()) -> list[Link]:
    """Give the links within *metres* of *spot*, the nearest first; those of *also* stay in, however far."""
    plane = Plane(spot)
    low, high = plane.lonlat(-metres, -metres), plane.lonlat(metres, metres)
    shut = conditions.closed_roads(tx)
    here = shapely.Point(0, 0)
    found = []
    for one in places.within_box(tx, "roads", low, high, columns=("name", "highway", "bridge")):
        line = shapely.LineString([plane.metres(*point[:2]) for point in shapely.get_coordinates(one.geometry)])
        far = float(line.distance(here))
        if far <= metres or one.id in also:
            found.append(Link(
                one.id, _named(one.columns), far, float(line.length), tuple(map(_rounded, line.coords)),
                one.id in shut, _label(line),
            ))  # fmt: skip
    found.sort(key=lambda link: (link.id not in also, link.metres, link.id))
    return found[: max(MOST, len(also))]


def around(tx: Transaction, spot: LonLat, metres: float) -> list[tuple[tuple[float, float], ...]]:
    """Give every road's line around *spot*, in metres east and north: the ground of the little picture."""
    plane = Plane(spot)
    low, high = plane.lonlat(-metres, -metres), plane.lonlat(metres, metres)
    return [
        tuple(_rounded(plane.metres(*point[:2])) for point in shapely.get_coordinates(one.geometry))
        for one in places.within_box(tx, "roads", low, high, columns=("name",))
    ]


def close(tx: Transaction, report: Report, version: int, links: Sequence[str], who: str, now: datetime) -> Report:
    """Close *links* because of *report*, which remembers them; all in one go or nothing."""
    if not links:
        raise BadInput("通行止めにする道を選んでください。")
    wanted = tuple(dict.fromkeys((*report.links, *links)))
    made = reports.change(tx, report.id, version, who, now, links=wanted)
    shut = conditions.closed_roads(tx)
    for link in links:
        if link not in shut:
            conditions.close_road(tx, link, who, now, f"{BECAUSE}{report.number}")
    return made


def open_again(tx: Transaction, report: Report, version: int, links: Sequence[str], who: str, now: datetime) -> Report:
    """Open *links* again that this report closed; one that another report or somebody by hand closed stays closed."""
    if not links:
        raise BadInput("通行止めを解除する道を選んでください。")
    by_hand = {word.place for word in conditions.closures(tx) if not word.because.startswith(BECAUSE)}
    left = tuple(link for link in report.links if link not in links)
    made = reports.change(tx, report.id, version, who, now, links=left)
    for link in set(links) & set(report.links):
        if link not in by_hand and not any(other.id != report.id for other in reports.of_link(tx, link)):
            conditions.open_road(tx, link, who, now, f"{BECAUSE}{report.number}")
    return made


def acted_at(tx: Transaction, report: Report) -> datetime | None:
    """Give when the roads of *report* were last closed or opened; None where they never were."""
    changes = [one for one in reports.history(tx, report.id) if "links" in one.after]
    return changes[-1].at if changes else None


def plans_changed(tx: Transaction, since: datetime) -> tuple[int, datetime] | None:
    """Give how many plans the clock reckoned anew first from *since* on, and when; None where it said nothing yet."""
    said = journal.entries(tx, since=since, kinds=(CHANGED,), limit=200)
    number = NUMBER.search(said[-1].what) if said else None
    return (int(number[0]), said[-1].at) if number else None


def _named(columns: Mapping[str, Any]) -> str:
    kind = KINDS.get(str(columns.get("highway") or ""), "道")
    bridge = "（橋）" if columns.get("bridge") else ""
    return f"{columns.get('name') or f'名前のない{kind}'}{bridge}"


def _label(line: shapely.LineString) -> tuple[float, float]:
    """Give a point of the part that the picture shows, off its middle: links that meet at the report differ there."""
    seen = line.intersection(shapely.box(-PICTURE_M, -PICTURE_M, PICTURE_M, PICTURE_M))
    longest = max(shapely.get_parts(seen), key=lambda part: part.length, default=line)
    spot = (longest if longest.length else line).interpolate(0.3, normalized=True)
    return round(spot.x, 1), round(spot.y, 1)


def _rounded(point: tuple[float, ...]) -> tuple[float, float]:
    return round(point[0], 1), round(point[1], 1)
