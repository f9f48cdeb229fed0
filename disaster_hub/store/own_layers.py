"""A department's own layers: added whole, replaced by newer ones, taken off; each of it in the journal."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from disaster_hub.store import journal
from disaster_hub.store.own_tables import own_layer as table
from disaster_hub.store.own_tables import own_shape as shapes
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature, LonLat

BATCH = 1000
LINES = {"solid": "実線", "dash": "破線", "dot": "点線"}
PATTERNS = {"none": "なし", "hatch": "斜線", "dots": "点"}
SEEN_BY = {"desk": "本部の全員", "department": "この部局だけ"}
"""The looks and the readers that a layer may have; colours are for levels alone."""
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class OwnLayer:
    """One layer as a department brought it."""

    name: str
    department: str
    line: str = "solid"
    pattern: str = "none"
    seen_by: str = "desk"
    file: str = ""
    shapes: int = 0
    problems: tuple[str, ...] = ()
    id: str = ""
    added_at: datetime | None = None
    added_by: str = ""
    replaced_by: str | None = None
    retired_at: datetime | None = None

    @property
    def shown(self) -> bool:
        """Tell whether it stands on the map."""
        return self.retired_at is None and self.replaced_by is None

    def seen(self, department: str, *, every: bool) -> bool:
        """Tell whether somebody of *department* sees it; *every* is for those who look after all of them."""
        return every or self.seen_by == "desk" or (bool(department) and self.department == department)


def add(
    tx: Connection, layer: OwnLayer, features: Sequence[Feature], who: str, now: datetime, instead_of: str = ""
) -> OwnLayer:
    """Add a layer with all its shapes, in place of *instead_of* where one is named; BadInput where it cannot be."""
    _check(layer, features)
    old = find(tx, instead_of) if instead_of else None
    if instead_of and (old is None or not old.shown):
        raise BadInput("置きかえる地図は、もうありません。一覧を開き直してください")
    made = replace(layer, id=secrets.token_hex(8), shapes=len(features), added_at=now, added_by=who)
    row = {name: getattr(made, name) for name in table.columns.keys()}  # noqa: SIM118  # a collection of columns
    tx.execute(insert(table).values(**row | {"problems": list(made.problems)}))
    rows = [
        {"source": made.id, "source_id": one.id, "geom": one.geometry, "label": _label(one), "more": dict(one.columns)}
        for one in features
    ]
    for begin in range(0, len(rows), BATCH):
        tx.execute(insert(shapes), rows[begin : begin + BATCH])
    if old is not None:
        tx.execute(update(table).where(table.c.id == old.id).values(replaced_by=made.id))
    said = f"地図「{made.name}」（{made.department}、{made.shapes:,}件）を{'置きかえ' if old else '追加'}"
    journal.add(tx, JournalEntry(now, "layer_added", who, said, where=made.id))
    return made


def retire(tx: Connection, identity: str, who: str, now: datetime) -> OwnLayer:
    """Take a layer off the map; what it held stays in the store."""
    known = find(tx, identity)
    if known is None:
        raise BadInput("この地図はありません")
    if known.shown:
        tx.execute(update(table).where(table.c.id == identity).values(retired_at=now))
        said = f"地図「{known.name}」（{known.department}）を外した"
        journal.add(tx, JournalEntry(now, "layer_removed", who, said, where=identity))
    return known


def find(tx: Connection, identity: str) -> OwnLayer | None:
    """Give one layer."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _layer(row)


def layers(tx: Connection, *, gone: bool = False) -> list[OwnLayer]:
    """Give the layers on the map, or with *gone* those of before too; the newest first."""
    query = select(table).order_by(table.c.added_at.desc(), table.c.id)
    found = [_layer(row) for row in tx.execute(query)]
    return [one for one in found if gone or one.shown]


def features(tx: Connection, identity: str) -> Iterator[Feature]:
    """Give every shape of a layer with what its file said."""
    query = select(shapes).where(shapes.c.source == identity).order_by(shapes.c.fid)
    with tx.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            yield Feature("own", row.source_id, row.geom, dict(row.more))


def near(tx: Connection, identity: str, spot: LonLat, degrees: float) -> list[Feature]:
    """Give the shapes of a layer that lie within so many degrees of a spot, those that cover it first."""
    # One layer has at most a few ten thousand shapes, and this is one tap.
    found = [(one.geometry.distance(spot.point), one) for one in features(tx, identity) if one.geometry is not None]
    return [one for away, one in sorted(found, key=lambda pair: pair[0]) if away <= degrees][:20]


def _check(layer: OwnLayer, features: Sequence[Feature]) -> None:
    """Refuse what cannot be a layer, in one sentence."""
    if not layer.name.strip() or len(layer.name) > LONGEST_NAME:
        raise BadInput(f"名前は1〜{LONGEST_NAME}文字で書いてください")
    if not layer.department.strip() or len(layer.department) > LONGEST_NAME:
        raise BadInput(f"部局は1〜{LONGEST_NAME}文字で書いてください")
    if layer.line not in LINES or layer.pattern not in PATTERNS or layer.seen_by not in SEEN_BY:
        raise BadInput("線、模様、見る人のどれかが選べるものではありません")
    if not features:
        raise BadInput("図形が1つもありません")


def _label(one: Feature) -> str | None:
    """Name a shape by the first column that is called a name."""
    for column, value in one.columns.items():
        if value and column.lower() in {"name", "名称", "名前", "label", "施設名", "箇所名"}:
            return str(value)[:80]
    return None


def _layer(row: Row[Any]) -> OwnLayer:
    said = {name: getattr(row, name) for name in table.columns.keys()}  # noqa: SIM118
    return OwnLayer(**said | {"problems": tuple(said["problems"])})
