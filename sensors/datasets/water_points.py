"""自治体標準オープンデータセット 消防水利施設一覧: hydrants, cisterns and other water for fighting fires."""

from __future__ import annotations

import unicodedata

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import point
from sensors.datasets.table import Material, Row

KIND = "fire-water"
CREDIT = "自治体標準オープンデータセット 消防水利施設一覧（各自治体）"
NEEDED = {"種別", "緯度", "経度"}
SIZES = ("口径", "容量", "貯水量", "水量")
MARKS = {
    *SIZES, "方書", "備考", "設置形態", "ID", "NO", "所在地_町字", "所在地_番地以下", "住所", "所在地_連結表記",
    "全国地方公共団体コード", "都道府県コード又は市区町村コード",
}  # fmt: skip
ALLOWED = MARKS | {
    "地方公共団体名", "都道府県名", "市区町村名", "名称", "所在地_全国地方公共団体コード", "町字ID",
    "所在地_都道府県", "所在地_市区町村", "建物名等(方書)", "建物名等（方書）", "管理者", "設置年", "画像",
    "画像_ライセンス", "URL", "標高", "地図座標系",
}  # fmt: skip
KINDS = {
    "消火栓": "hydrant", "防火水槽": "cistern", "防火水そう": "cistern", "貯水槽": "cistern", "耐震性貯水槽": "cistern",
    "プール": "pool", "河川": "river", "川": "river", "溝": "river", "水路": "river", "用水路": "river",
    "池": "pond", "湖": "pond", "ため池": "pond", "沼": "pond", "海": "sea", "井戸": "well", "下水道": "sewer",
}  # fmt: skip
"""The kinds of 消防水利の基準 (消防庁告示) as they are written; what is none of them is `other`, with its own word."""


def fits(material: Material) -> bool:
    """Tell whether a table has kinds and positions, and either a pipe's width or nothing but the sheet's columns."""
    for table in material.tables:
        columns = set(table.columns)
        kinds = {_kind(row.text("種別")) for row in table.rows[:50]} if columns >= NEEDED else set()
        if kinds - {"other"} and "名称" not in columns:
            return True
        if kinds - {"other"} and columns & set(SIZES):
            return True
    return False


def read(material: Material) -> Dataset:
    """Read every row; a source without a position is counted and stays off the map."""
    tally = Tally()
    found: dict[str, Feature] = {}
    for table in material.tables:
        table.require(NEEDED, ALLOWED)
        for number, row in enumerate(table.rows, 1):
            if row.text("緯度") is None and row.text("経度") is None:
                tally.note("water source without a position, left off the map", row.where)
                continue
            feature = _source(row, number, tally)
            if feature.id in found:
                raise BadInput(f"{row.where}: ID {feature.id[:40]} stands there twice")
            found[feature.id] = feature
    return Dataset(KIND, material.path.name, ("water_points",), tuple(found.values()), CREDIT, tally.lines())


def _kind(text: str | None) -> str:
    """Give the kind of a source; a word that stands within a longer one counts: 地下式消火栓 is a hydrant."""
    plain = unicodedata.normalize("NFKC", text or "")
    return KINDS.get(plain) or next((kind for word, kind in KINDS.items() if len(word) > 1 and word in plain), "other")


def _source(row: Row, number: int, tally: Tally) -> Feature:
    """Turn one row into a water source."""
    said = row.text("種別")
    if said is None:
        raise BadInput(f"{row.where}: 種別 is empty")
    kind = _kind(said)
    if kind == "other":
        tally.note(f"種別 {said[:20]} shown under its own word", row.where)
    code = row.text("全国地方公共団体コード") or row.text("都道府県コード又は市区町村コード")
    mark = row.text("ID") or row.text("NO")
    parts = ("所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下")
    size = next(((name, text) for name in SIZES if (text := row.text(name)) is not None), None)
    columns = {
        "kind": kind,
        "said": said,
        "number": mark,
        "address": row.text("所在地_連結表記") or row.text("住所") or "".join(row.text(p) or "" for p in parts) or None,
        "capacity": None if size is None else f"{size[0]} {size[1]}",
        "jis5": code[:5] if code else None,
        "form": row.text("設置形態"),
        "note": row.text("備考"),
    }
    identity = f"{code}-{mark}" if code and mark else mark or f"#{number}"
    return Feature("water_points", identity, point(row.text("経度"), row.text("緯度"), row.where), columns)
