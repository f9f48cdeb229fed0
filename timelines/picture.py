"""The map of one plan: home, way, where it floods first, the place to go, and the zones around, from shapes alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.place import LonLat
from timelines import map_strokes
from timelines.map_frame import Frame, framed
from timelines.pen import GROUND, HATCHES, INK, Pen, SvgPen


@dataclass(frozen=True, slots=True)
class Area:
    """One zone to hatch."""

    shape: BaseGeometry
    kind: str
    """One of `pen.HATCHES`."""


@dataclass(frozen=True, slots=True)
class Street:
    """One road; *grade* is `main`, `street` or `path`."""

    line: BaseGeometry
    grade: str = "street"
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place, left out where they would cover something that matters more."""

    spot: LonLat
    words: str


@dataclass(frozen=True, slots=True)
class MapPicture:
    """Everything on the map, in lon/lat, with all its words in the reader's language."""

    title: str
    said: str
    """The same as the picture, for those who cannot see it."""
    home: LonLat
    home_words: str
    way: tuple[tuple[float, float], ...] = ()
    end: LonLat | None = None
    end_words: str = ""
    floods: LonLat | None = None
    floods_words: str = ""
    streets: tuple[Street, ...] = ()
    rivers: tuple[BaseGeometry, ...] = ()
    zones: tuple[Area, ...] = ()
    labels: tuple[Label, ...] = ()
    legend: Mapping[str, str] = field(default_factory=dict)
    """Kind of zone → its name; kinds that are not on the map are left out. `closed` names closed roads."""
    north: str = "N"


SCREEN = (360.0, 340.0, 15.0)
"""Width and height of the map on a page and the size of its letters: drawn for a phone, larger on a desk."""


LARGEST = 60_000
"""Bytes of a map on a page; of a dense town the small roads are left out first, never the way, a zone or a closure."""


def map_svg(picture: MapPicture, width: float = SCREEN[0], height: float = SCREEN[1]) -> str:
    """Draw the map as SVG to stand in a page: it takes the page's colours, dark or light."""
    told = repr((picture.title, picture.home, picture.way)).encode()
    for kept in (map_strokes.GRADES, ("street", "main"), ("main",), ()):
        pen = SvgPen("m" + hashlib.blake2b(told, digest_size=4).hexdigest())
        streets = tuple(one for one in picture.streets if one.grade in kept or one.closed)
        bottom = draw(replace(picture, streets=streets), pen, width, height, SCREEN[2])
        drawn = pen.svg(width, bottom, picture.title, picture.said)
        if len(drawn.encode()) <= LARGEST:
            break
    return drawn


def draw(picture: MapPicture, pen: Pen, width: float, height: float, size: float) -> float:
    """Draw the map with *pen* in *width* × *height*, words *size* high, its legend below; give where it ends."""
    spots = [Point() if s is None else s.point for s in (picture.home, picture.end, picture.floods)]
    way = LineString(picture.way) if len(picture.way) > 1 else LineString()
    groups: dict[str, Sequence[BaseGeometry]] = {
        "labels": [label.spot.point for label in picture.labels],
        "streets": [street.line for street in picture.streets],
        "rivers": picture.rivers,
        "zones": [zone.shape for zone in picture.zones],
    }
    frame, must, seen = framed([*spots, way], groups, width, height)
    edge = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    pen.area([edge], GROUND)
    shown = _ground(picture, pen, frame, seen)
    if not must[3].is_empty:
        map_strokes.way(pen, frame.lines([must[3]])[0])
    taken = map_strokes.scale(pen, frame.per_metre, picture.north, (width, height), size)
    _marks(picture, pen, [frame.spot(spot) for spot in must[:3]], taken, (width, height, size))
    for label, shape in zip(picture.labels, seen["labels"], strict=True):
        at = frame.spot(shape)
        if at is not None and label.words not in {picture.home_words, picture.end_words}:
            map_strokes.label(pen, (*at, *at), label.words, size, taken, (width, height), must=False)
    # Round ends of roads stand out over the edge by half their width.
    pen.line([[(-4, -4), (width + 4, -4), (width + 4, height + 4), (-4, height + 4), (-4, -4)]], 7, GROUND)
    pen.line([[*edge, edge[0]]], 1, INK)
    return _legend(picture, pen, shown, height, size)


def _ground(picture: MapPicture, pen: Pen, frame: Frame, seen: Mapping[str, Sequence[BaseGeometry]]) -> list[str]:
    """Draw what lies on the ground; give the kinds that the legend must explain."""
    map_strokes.water(pen, frame.rings(seen["rivers"]), frame.lines(seen["rivers"]))
    for grade in map_strokes.GRADES:
        lines = [s for street, s in zip(picture.streets, seen["streets"], strict=True) if street.grade == grade]
        map_strokes.roads(pen, grade, frame.lines(lines))
    shown = []
    for kind in HATCHES:
        rings = frame.rings([s for zone, s in zip(picture.zones, seen["zones"], strict=True) if zone.kind == kind])
        if rings:
            shown.append(kind)
            pen.area(rings, kind)
    shut = frame.lines([s for street, s in zip(picture.streets, seen["streets"], strict=True) if street.closed])
    if shut:
        shown.append("closed")
        map_strokes.closed(pen, shut)
    return shown


def _marks(
    picture: MapPicture,
    pen: Pen,
    spots: Sequence[tuple[float, float] | None],
    taken: list[map_strokes.Box],
    room: tuple[float, float, float],
) -> None:
    """Draw the three marks, then their words, so that no words are covered by a mark."""
    drawers = (map_strokes.home, map_strokes.goal, map_strokes.first_water)
    words = (picture.home_words, picture.end_words, picture.floods_words)
    marks = [
        (draw_mark(pen, *spot), said)
        for draw_mark, spot, said in zip(drawers, spots, words, strict=True)
        if spot is not None
    ]
    taken.extend(mark for mark, _ in marks)
    for mark, said in marks:
        if said:
            map_strokes.label(pen, mark, said, room[2], taken, room[:2], must=True)


def _legend(picture: MapPicture, pen: Pen, shown: Sequence[str], top: float, size: float) -> float:
    """Explain every hatch on the map below it, one line each; give where the last line ends."""
    y = top + 4
    for kind in shown:
        words = picture.legend.get(kind)
        if not words:
            continue
        box = [(1.0, y), (1 + size * 2, y), (1 + size * 2, y + size * 1.1), (1.0, y + size * 1.1)]
        if kind == "closed":
            map_strokes.closed(pen, [[(3, y + size * 0.55), (size * 2 - 1, y + size * 0.55)]])
        else:
            pen.area([box], kind)
        pen.text((size * 2 + 8, y + size * 0.95), words, size)
        y += size * 1.4
    return y
