"""Geolonia japanese-addresses, a city's JSON or the CSV with kana: the middle point of every town and koaza (小字)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import point
from sensors.datasets.table import Material, Row

KIND = "geolonia"
CREDIT = "Geolonia 住所データ（CC BY 4.0）"
COLUMNS = {"town", "koaza", "lat", "lng"}
NEEDED = {"都道府県名", "市区町村名", "大字町丁目名", "緯度", "経度"}
KANA = {
    "都道府県名カナ": "pref_kana", "都道府県名ローマ字": "pref_romaji", "市区町村名カナ": "city_kana",
    "市区町村名ローマ字": "city_romaji", "大字町丁目名カナ": "town_kana", "大字町丁目名ローマ字": "town_romaji",
}  # fmt: skip
ALLOWED = {"都道府県コード", "市区町村コード", "大字町丁目コード", "小字・通称名", *KANA}
"""The columns of `latest.csv`, which alone says how a place is read."""


def fits(material: Material) -> bool:
    """Tell whether the file is a list whose first entry has town and koaza, or the CSV of all towns."""
    value = material.value
    if any({"大字町丁目名", "市区町村名"} <= columns for columns in material.columns()):
        return True
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping) and "town" in value[0]


def read(material: Material) -> Dataset:
    """Read the towns; one without coordinates is counted and stays off the map."""
    if material.tables:
        return _read_csv(material)
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


def _read_csv(material: Material) -> Dataset:
    """Read the CSV, or the rows of one city cut out of it."""
    tally = Tally()
    found: dict[str, Feature] = {}
    for table in material.tables:
        table.require(NEEDED, ALLOWED)
        for row in table.rows:
            if row.text("緯度") is None and row.text("経度") is None:
                tally.note("address without coordinates, left off the map", row.where)
                continue
            feature = _row(row)
            if feature.id in found:
                raise BadInput(f"{row.where}: {feature.id[:60]} stands there twice")
            found[feature.id] = feature
    return Dataset(KIND, material.path.name, ("addresses",), tuple(found.values()), CREDIT, tally.lines())


def _row(row: Row) -> Feature:
    """Turn one row of the CSV into an address, with its readings."""
    pref, city, town, koaza = (row.text(c) for c in ("都道府県名", "市区町村名", "大字町丁目名", "小字・通称名"))
    if pref is None or city is None or town is None:
        raise BadInput(f"{row.where}: 都道府県名, 市区町村名 or 大字町丁目名 is empty")
    readings = {name: row.text(column) for column, name in KANA.items()}
    columns = {"pref": pref, "city": city, "town": town, "koaza": koaza, "kana": readings["town_kana"], **readings}
    identity = f"{pref}{city}{town}{'/' if koaza else ''}{koaza or ''}"
    return Feature("addresses", identity, point(row.text("経度"), row.text("緯度"), row.where), columns)


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
