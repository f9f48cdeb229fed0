"""The picture of a way: the household's own streets, the zones and the water around them, from the store alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.portal.resident.talk import say
from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.place import Feature, LonLat, Plane
from disaster_hub.terms.way import Choice
from timelines.picture import Area, Label, MapPicture, Street

AROUND_M = 350.0
MOST_LINKS = 4_000
MOST_ZONES = 3_000
MAIN = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
PATHS = frozenset({"footway", "path", "steps", "pedestrian", "cycleway", "track"})
KINDS = ("depth", "collapse", "landslide", "surge", "tsunami", "inland")


def of_choice(tx: Transaction, home: LonLat, choice: Choice | None, closed: frozenset[str] = frozenset()) -> MapPicture:
    """Give the picture of the way to *choice*, or of the home alone where there is none."""
    way = choice.way if choice is not None else None
    destination = choice.destination if choice is not None else None
    floods = way.floods if way is not None else None
    low, high = _window(home, way.line if way is not None else (), destination.spot if destination else None)
    return MapPicture(
        title=say("picture.title"),
        said=say("picture.said", place=destination.name if destination is not None else say("picture.home")),
        home=home,
        home_words=say("picture.home"),
        way=way.line if way is not None else (),
        end=destination.spot if destination is not None else None,
        end_words=destination.name if destination is not None else "",
        floods=floods.spot if floods is not None else None,
        floods_words=say("picture.floods") if floods is not None else "",
        streets=tuple(islice(_streets(tx, low, high, closed), MOST_LINKS)),
        rivers=tuple(_drawn(places.within_box(tx, "rivers", low, high, ()))),
        zones=tuple(islice(_zones(tx, low, high), MOST_ZONES)),
        labels=tuple(_labels(tx, low, high)),
        legend={kind: say(f"picture.{kind}") for kind in (*KINDS, "closed")},
        north=say("picture.north"),
    )


def _window(home: LonLat, line: tuple[tuple[float, float], ...], end: LonLat | None) -> tuple[LonLat, LonLat]:
    spots = [(home.lon, home.lat), *line, *([(end.lon, end.lat)] if end is not None else [])]
    east, north = (max(values) for values in zip(*spots, strict=True))
    west, south = (min(values) for values in zip(*spots, strict=True))
    reach = max(AROUND_M, *(abs(n) for n in Plane(LonLat(west, south)).metres(east, north)))
    low = Plane(LonLat(west, south)).lonlat(-reach * 0.6, -reach * 0.6)
    return low, Plane(LonLat(east, north)).lonlat(reach * 0.6, reach * 0.6)


def _streets(tx: Transaction, low: LonLat, high: LonLat, closed: frozenset[str]) -> Iterator[Street]:
    for feature in places.within_box(tx, "roads", low, high, ("highway",)):
        kind = str(feature.columns.get("highway") or "")
        grade = "main" if kind in MAIN else "path" if kind in PATHS else "street"
        yield Street(feature.geometry, grade, feature.id in closed)


def _zones(tx: Transaction, low: LonLat, high: LonLat) -> Iterator[Area]:
    """Give the zones in the window, cut to it: a published zone may be as long as its river."""
    window = shapely.box(low.lon, low.lat, high.lon, high.lat)
    for feature in places.within_box(tx, "hazards", low, high, ("hazard", "rank_kind")):
        kind = _kind(feature)
        if kind is None or feature.geometry is None:
            continue
        shape = feature.geometry if feature.geometry.is_valid else shapely.make_valid(feature.geometry)
        yield Area(shape.intersection(window), kind)


def _kind(feature: Feature) -> str | None:
    hazard, kind = feature.columns.get("hazard"), feature.columns.get("rank_kind") or "depth"
    if hazard == Hazard.FLOOD:
        return "collapse" if kind == "collapse" else "depth" if kind == "depth" else None
    return str(hazard) if hazard in KINDS and kind != "duration" else None


def _labels(tx: Transaction, low: LonLat, high: LonLat) -> Iterator[Label]:
    seen = set()
    for feature in places.within_box(tx, "shelters", low, high, ("name",)):
        name = str(feature.columns.get("name") or "")
        # A school stands twice in the open data, as the place of two kinds of shelter: its name is written once.
        if name and name not in seen:
            seen.add(name)
            yield Label(LonLat(feature.geometry.x, feature.geometry.y), name[:24])


def _drawn(features: list[Feature]) -> Iterator[BaseGeometry]:
    return (feature.geometry for feature in features if feature.geometry is not None)
