"""Geolonia japanese-addresses, one city's JSON: the middle point of every town (町丁目) and koaza (小字)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import point
from sensors.datasets.table import Material

KIND = "geolonia"
CREDIT = "Geolonia 住所データ（CC BY 4.0）"
COLUMNS = {"town", "koaza", "lat", "lng"}


def fits(material: Material) -> bool:
    """Tell whether the file is a list whose first entry has town and koaza."""
    value = material.value
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping) and "town" in value[0]


def read(material: Material) -> Dataset:
    """Read the towns; one without coordinates is counted and stays off the map."""
    tally = Tally()
    prefecture, city = _city(material.path)
    found: dict[str, Feature] = {}
    for number, entry in enumerate(material.value):
        where = f"{material.path.name}: entry {number}"
        feature = _town(entry, prefecture, city, where, tally)
        if feature is not None and feature.id in found:
            raise BadInput(f"{where}: {feature.id[:60]} stands there twice")
        if feature is not None:
            found[feature.id] = feature
    name = f"{prefecture or ''}{city}"
    return Dataset(KIND, name, ("addresses",), tuple(found.values()), CREDIT, tally.lines())


def _city(path: Path) -> tuple[str | None, str]:
    """Take the city from the file's name and its prefecture from the folder: the rows name neither."""
    folder = path.absolute().parent.name
    return (folder if folder.endswith(("都", "道", "府", "県")) else None), path.stem


def _town(entry: Any, prefecture: str | None, city: str, where: str, tally: Tally) -> Feature | None:
    """Turn one entry into an address; unknown columns and half a position raise BadInput."""
    if not isinstance(entry, Mapping):
        raise BadInput(f"{where}: not an object")
    odd = sorted(COLUMNS ^ entry.keys())
    if odd:
        raise BadInput(f"{where}: column {', '.join(map(str, odd))[:60]} is unknown or missing")
    town, koaza, lat, lon = (entry[column] for column in ("town", "koaza", "lat", "lng"))
    if not isinstance(town, str) or not isinstance(koaza, str) or not town:
        raise BadInput(f"{where}: town or koaza is not a text")
    if lat is None and lon is None:
        tally.note("address without coordinates, left off the map", f"{where}, {town}{koaza}")
        return None
    columns = {"pref": prefecture, "city": city, "town": town, "koaza": koaza or None, "kana": None}
    identity = f"{prefecture or ''}{city}{town}{koaza and '/'}{koaza}"
    return Feature("addresses", identity, point(lon, lat, where), columns)
