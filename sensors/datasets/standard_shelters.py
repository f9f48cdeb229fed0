"""自治体標準オープンデータセット 指定緊急避難場所一覧: the sheet that cities publish themselves."""

from __future__ import annotations

import math
import re
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.gsi_shelters import FLAGS
from sensors.datasets.shapes import point
from sensors.datasets.table import Material, Row

KIND = "standard-shelters"
CREDIT = "自治体標準オープンデータセット 指定緊急避難場所一覧（各自治体）"
FLAG_COLUMNS = {f"災害種別_{hazard}": word for hazard, word in FLAGS.items()}
CODES = ("全国地方公共団体コード", "都道府県コード又は市区町村コード")
"""The municipality's code of six digits, under its new and its old name."""
NEEDED = {"名称", "緯度", "経度", *FLAG_COLUMNS}
HEIGHTS = ("標高", "高度の値")
ALLOWED = {
    *CODES, "ID", "NO", "地方公共団体名", "都道府県名", "市区町村名", "市区町村コード", "名称_カナ",
    "名称_英字", "名称_通称", "所在地_全国地方公共団体コード", "町字ID", "所在地_連結表記", "所在地_都道府県",
    "所在地_市区町村", "所在地_町字", "所在地_番地以下", "建物名等(方書)", "建物名等（方書）", "住所", "方書",
    "標高", "高度の種別", "高度の値", "階数", "電話番号", "内線番号", "連絡先メールアドレス", "連絡先FormURL",
    "連絡先備考（その他、SNSなど）", "連絡先備考(その他、SNSなど)", "郵便番号", "指定避難所との重複",
    "想定収容人数", "地域", "対象となる町会・自治会", "URL", "画像", "画像_ライセンス", "備考",
}  # fmt: skip
TWICE = frozenset({"郵便番号"})
"""Columns that a published form of the sheet really has twice."""
CODE = re.compile(r"\d{5,6}")


def fits(material: Material) -> bool:
    """Tell whether a table has the sheet's columns of hazards."""
    return any(len(columns & FLAG_COLUMNS.keys()) >= 2 for columns in material.columns())


def read(material: Material) -> Dataset:
    """Read every row; a shelter without a position is counted and stays off the map."""
    tally = Tally()
    found: dict[str, Feature] = {}
    for table in material.tables:
        table.require(NEEDED, ALLOWED, TWICE)
        if "ID" not in table.columns and "NO" not in table.columns:
            raise BadInput(f"{table.name}: column ID is missing")
        for row in table.rows:
            if row.text("緯度") is None and row.text("経度") is None:
                tally.note("shelter without a position, left off the map", row.where)
                continue
            feature = _shelter(row)
            if feature.id in found:
                raise BadInput(f"{row.where}: ID {feature.id[:40]} stands there twice")
            found[feature.id] = feature
    return Dataset(KIND, material.path.name, ("shelters",), tuple(found.values()), CREDIT, tally.lines())


def _shelter(row: Row) -> Feature:
    """Turn one row into a place to escape to, hazard by hazard."""
    number, name = row.text("ID") or row.text("NO"), row.text("名称")
    if number is None or name is None:
        raise BadInput(f"{row.where}: {'名称' if number else 'ID'} is empty")
    code = next((text for column in CODES if (text := row.text(column)) is not None), None)
    if code is not None and not CODE.fullmatch(code):
        raise BadInput(f"{row.where}: {CODES[0]} {code[:20]!r} is no municipality")
    parts = ("所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下")
    city = row.text("地方公共団体名") or "".join(row.text(part) or "" for part in parts[:2])
    columns: dict[str, Any] = {
        "designation": "emergency",
        "name": name,
        "kana": row.text("名称_カナ"),
        "address": row.text("所在地_連結表記") or row.text("住所") or "".join(row.text(p) or "" for p in parts) or None,
        "city": city or None,
        "jis5": code[:5] if code else None,
        **{word: row.flag(column) for column, word in FLAG_COLUMNS.items()},
        "same_address": row.flag("指定避難所との重複"),
        "height_m": _number(row, next((c for c in HEIGHTS if row.text(c)), HEIGHTS[0])),
        "height_kind": row.text("高度の種別"),
        "floors": _whole(row, "階数"),
        "capacity": _whole(row, "想定収容人数"),
        "for": row.text("対象となる町会・自治会"),
        "note": row.text("備考"),
    }
    identity = f"{code}-{number}" if code else number
    return Feature("shelters", identity, point(row.text("経度"), row.text("緯度"), row.where), columns)


def _number(row: Row, column: str) -> float | None:
    """Read a number; nothing is None, a text raises BadInput."""
    text = row.text(column)
    try:
        number = None if text is None else float(text.removesuffix("m"))
    except ValueError:
        number = math.nan
    if number is not None and not math.isfinite(number):
        raise BadInput(f"{row.where}: {column} {str(text)[:20]!r} is no number")
    return number


def _whole(row: Row, column: str) -> int | None:
    """Read a whole number; nothing is None, a fraction raises BadInput."""
    number = _number(row, column)
    if number is not None and not number.is_integer():
        raise BadInput(f"{row.where}: {column} {number:g} is no whole number")
    return None if number is None else int(number)
