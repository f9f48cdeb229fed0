"""The round of the check points as the desk shows it, and the town's list read from a sheet."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.desk.in_force import InForce, in_force
from disaster_hub.rules.rounds import round_of
from disaster_hub.store import checkpoints
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.rounds import CheckPoint, Due, Standing

TONIGHT = timedelta(hours=12)
"""A look that is older says nothing about this event."""
MOST_ROWS = 2000
COLUMNS = ("ID", "名前", "経度", "緯度", "見るもの", "行く人", "間隔（分）", "始めるレベル", "順番", "写真")
LIMITS = {"間隔（分）": (5, 1440), "始めるレベル": (0, 5), "順番": (0, 9999)}
MARK = uuid.UUID("5b6f5a6e-3f0e-4c8a-9f55-7b7f7d1c2a10")


@dataclass(frozen=True, slots=True)
class Round:
    """The whole list as it stands now."""

    force: InForce
    rows: tuple[Standing, ...]

    def number(self, due: str) -> int:
        """Count the check points that stand so."""
        return sum(1 for row in self.rows if row.due == Due(due))


def tonight(tx: Transaction, config: Config, now: datetime) -> Round:
    """Give the round in the order in which to go."""
    force = in_force(tx, config, now)
    points = checkpoints.points(tx)
    # A river of which nothing is known may stand higher than all that is known: it lets no point rest.
    level = force.level if force.whole else None
    rows = round_of(points, checkpoints.last_looks(tx), level, now - TONIGHT, now)
    return Round(force, tuple(rows))


def read(body: bytes, name: str) -> list[CheckPoint]:
    """Read the town's list from a CSV sheet (UTF-8 or Shift_JIS); BadInput names the line and the field."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = body.decode("cp932")
        except UnicodeDecodeError:
            raise BadInput(f"{name}: UTF-8でもShift_JISでもありません") from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS[1:6] if column not in (rows.fieldnames or ())]
    if missing:
        raise BadInput(f"{name}: 列「{'」「'.join(missing)}」がありません")
    found: dict[str, CheckPoint] = {}
    for row in rows:
        where = f"{name} {rows.line_num}行目"
        if len(found) >= MOST_ROWS:
            raise BadInput(f"{where}: {MOST_ROWS}か所までです")
        point = point_of(row, where)
        if point.id in found:
            raise BadInput(f"{where}: ID {point.id[:40]} が2回あります")
        found[point.id] = point
    return list(found.values())


def point_of(row: Mapping[str, str | None], where: str) -> CheckPoint:
    """Turn one row (of a sheet or of the form) into a check point."""

    def said(column: str, most: int = 200) -> str:
        text = (row.get(column) or "").strip()
        if len(text) > most:
            raise BadInput(f"{where}: {column}は{most}文字までです")
        return text

    name = said("名前", 60)
    if not name:
        raise BadInput(f"{where}: 名前がありません")
    spot = _spot(said("経度"), said("緯度"), where)
    identity = said("ID", 60) or uuid.uuid5(MARK, f"{name} {spot.lon:.5f} {spot.lat:.5f}").hex
    return CheckPoint(
        identity,
        name,
        spot,
        said("見るもの"),
        said("行く人", 60),
        _whole(said("間隔（分）") or "60", "間隔（分）", where),
        _whole(said("始めるレベル") or "2", "始めるレベル", where),
        _whole(said("順番") or "0", "順番", where),
        said("写真") in {"1", "○", "要", "要る"},
    )


def _spot(lon: str, lat: str, where: str) -> LonLat:
    try:
        spot = LonLat(float(lon), float(lat))
    except ValueError:
        raise BadInput(f"{where}: 場所（経度・緯度）が数ではありません") from None
    if not (120 <= spot.lon <= 155 and 20 <= spot.lat <= 47):
        raise BadInput(f"{where}: 場所が日本の外です（経度 {lon}、緯度 {lat}）")
    return spot


def _whole(text: str, column: str, where: str) -> int:
    low, high = LIMITS[column]
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadInput(f"{where}: {column} {text[:20]!r} は{low}から{high}までの数ではありません")
    return int(text)


def take(tx: Transaction, listed: list[CheckPoint], who: str, now: datetime) -> tuple[int, int]:
    """Bring the list up to the sheet: what is new is added, what is known is changed; give both numbers."""
    added = changed = 0
    for point in listed:
        known = checkpoints.find(tx, point.id)
        if known is None:
            added += checkpoints.add(tx, point, who, now)
            continue
        after = checkpoints.change(tx, _over(point, known), who, now)
        changed += after.version != known.version
    return added, changed


def _over(point: CheckPoint, known: CheckPoint) -> CheckPoint:
    return CheckPoint(
        known.id, point.name, point.spot, point.look_at, point.goes, point.every_min,
        point.from_level, point.turn, point.photo_wanted, None, known.version,
    )  # fmt: skip
