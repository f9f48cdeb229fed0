"""Shelters of open data as buildings: what stands there twice, as both kinds, is one and speaks with one voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.shelter import Word


def grouped(features: Iterable[Feature]) -> list[list[Feature]]:
    """Put together what stands there twice; the place to escape to comes first."""
    found: dict[tuple[object, ...], list[Feature]] = {}
    for feature in features:
        spot = spot_of(feature)
        name = feature.columns.get("name")
        at = (round(spot.lon, 4), round(spot.lat, 4)) if spot else (feature.id,)
        found.setdefault((name, *at), []).append(feature)
    return [sorted(same, key=lambda f: f.columns.get("designation") == "evacuation") for same in found.values()]


def spot_of(feature: Feature) -> LonLat | None:
    """Give a feature's point; None where it has no place."""
    if feature.geometry is None or feature.geometry.is_empty:
        return None
    point = feature.geometry.representative_point()
    return LonLat(float(point.x), float(point.y))


def states_by_place(words: Mapping[str, Word], features: Iterable[Feature]) -> dict[str, Word]:
    """Give the word on every feature of the layer: a building's two kinds speak with one voice, the newest."""
    found: dict[str, Word] = {}
    for same in grouped(features):
        word = max((words[one.id] for one in same if one.id in words), key=lambda w: w.at, default=None)
        if word is not None:
            found |= {one.id: word for one in same}
    return found
