"""Statistics of a town as CSV: households, people, people of 75 and more, by evacuation area or by 町丁目."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.table import Material, Row, Table

KIND = "statistics"
LAYER = "statistics"
CREDIT = "住民基本台帳等の統計（市提供）"
KEYS = {
    "area": ("area", "区域コード"),
    "town": ("town", "町丁目", "町名", "地域名"),
    "as_of": ("as_of", "基準日", "調査年月日"),
    "jis5": ("jis5", "市区町村コード", "全国地方公共団体コード"),
}
NUMBERS = {
    "households": ("households", "世帯数"),
    "people": ("people", "人口", "総人口"),
    "elderly": ("elderly", "75歳以上", "75歳以上人口", "後期高齢者数"),
}
AGES = tuple(f"{age}の{sex}" for age in ("75-79歳", "80-84歳", "85歳以上") for sex in ("男性", "女性"))
"""The columns of the standard sheet 地域・年齢別人口 that add up to 75 and more."""
UNIT = re.compile(r"(.+?)\((.+)\)")
UNITS = {"人": 1, "世帯": 1, "戸": 1, "千人": 1000, "千世帯": 1000}
UNKNOWN = frozenset({"X", "x", "χ", "-", "－", "―", "‐", "…", "...", "***", "*", "秘匿", "不明", "不詳"})
"""秘匿, not counted or not known: none of them is zero."""
NUMBER = re.compile(r"(\d+(?:\.\d+)?)(人|世帯|戸)?")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
ERA = re.compile(r"(令和|平成)(元|\d{1,2})年(\d{1,2})月(\d{1,2})日")
ERAS = {"令和": 2018, "平成": 1988}
NOWHERE = shapely.GeometryCollection()


def fits(material: Material) -> bool:
    """Tell whether a table counts households or people of areas or 町丁目."""
    return any(
        any(name in heads for key in ("area", "town") for name in KEYS[key])
        and any(name in heads for names in NUMBERS.values() for name in names)
        for heads in ({_head(column)[0] for column in columns} for columns in material.columns())
    )


def read(material: Material) -> Dataset:
    """Read every row; what is withheld or missing is not known, and never zero."""
    tally = Tally()
    found: dict[tuple[str, str], Feature] = {}
    for table in material.tables:
        columns = _columns(table)
        for row in table.rows:
            feature = _row(row, columns, tally)
            key = (feature.columns["area"], feature.columns["town"])
            if key in found:
                raise BadInput(f"{row.where}: {' '.join(key).strip()[:40]} stands there twice")
            found[key] = feature
    return Dataset(KIND, material.path.name, (LAYER,), tuple(found.values()), CREDIT, tally.lines())


def _head(column: str) -> tuple[str, int]:
    """Give a column's plain name and the number that its unit multiplies with; 0 for a unit that nobody knows."""
    plain = unicodedata.normalize("NFKC", column).strip()
    matched = UNIT.fullmatch(plain)
    return (matched[1].strip(), UNITS.get(matched[2].strip(), 0)) if matched else (plain, 1)


def _columns(table: Table) -> dict[str, tuple[str, int]]:
    """Find what we read, with its unit; two columns for one thing, or an unknown unit, raise BadInput."""
    found: dict[str, tuple[str, int]] = {}
    names = {name: key for group in (KEYS, NUMBERS) for key, several in group.items() for name in several}
    names |= dict(zip(AGES, AGES, strict=True))
    if table.twice:
        raise BadInput(f"{table.name}: column {', '.join(table.twice)} stands there twice")
    for column in table.columns:
        name, unit = _head(column)
        key = names.get(name)
        if key is None:
            continue  # other ages and sexes, remarks: the standard sheet alone has forty columns that are not ours
        if key in found:
            raise BadInput(f"{table.name}: columns {found[key][0]} and {column} say the same")
        if unit == 0:
            raise BadInput(f"{table.name}: column {column[:40]}: a unit that nobody knows ({', '.join(UNITS)})")
        found[key] = column, unit
    return found


def _row(row: Row, columns: Mapping[str, tuple[str, int]], tally: Tally) -> Feature:
    area, town, code = (row.text(columns[key][0]) if key in columns else None for key in ("area", "town", "jis5"))
    if area is None and town is None:
        raise BadInput(f"{row.where}: neither an area nor a 町丁目 is named")
    numbers = {key: _number(row, columns, key) for key in (*NUMBERS, *AGES)}
    aged = [numbers.pop(name) for name in AGES]
    if "elderly" not in columns and all(name in columns for name in AGES):
        known = [number for number in aged if number is not None]
        numbers["elderly"] = sum(known) if len(known) == len(AGES) else None
    for key in NUMBERS:
        if key in columns and numbers[key] is None:
            tally.note(f"{key} withheld or missing: not known", row.where)
    more = {
        "area": area or "",
        "town": town or "",
        "as_of": _day(row, columns),
        **numbers,
    }
    if code is not None:
        more["jis5"] = code[:5]
    return Feature(LAYER, f"{area or ''} {town or ''}".strip(), NOWHERE, more)


def _number(row: Row, columns: Mapping[str, tuple[str, int]], key: str) -> int | None:
    """Read a count with its unit and separators; nothing and 秘匿 are None."""
    if key not in columns:
        return None
    column, unit = columns[key]
    text = row.text(column)
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if text in UNKNOWN or plain in UNKNOWN:
        return None
    matched = NUMBER.fullmatch(plain)
    number = float(matched[1]) * unit if matched else -1.0
    if number < 0 or not number.is_integer():
        raise BadInput(f"{row.where}: {column} {text[:20]!r} is no count")
    return int(number)


def _day(row: Row, columns: Mapping[str, tuple[str, int]]) -> date | None:
    """Read the day that the numbers are of."""
    column = columns.get("as_of", ("", 1))[0]
    text = row.text(column) if column else None
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    day, era = DAY.fullmatch(plain), ERA.fullmatch(plain)
    try:
        if day:
            return date(int(day[1]), int(day[2]), int(day[3]))
        if era:
            return date(ERAS[era[1]] + (1 if era[2] == "元" else int(era[2])), int(era[3]), int(era[4]))
    except ValueError:
        pass
    raise BadInput(f"{row.where}: {column} {text[:20]!r} is no day such as 2026-04-01 or 令和8年4月1日")
