"""What the made-up city's own offices keep: evacuation areas, statistics, water for fighting fires."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import mapping

from disaster_hub.rehearsal.city import MINAMO, PREFECTURE, lonlat, river_y
from disaster_hub.rehearsal.gazetteer import REFUGES, TOWNS
from disaster_hub.rehearsal.streets import Streets

SEED = 990505
BANK_M = 95.0
"""From the middle of the river to the line where its areas begin."""
NORTH_Y, SOUTH_Y, COAST_X, BORDER_X = 5250.0, 1900.0, -250.0, 5640.0
STEP_M = 100.0
AS_OF = "令和8年4月1日"
AREAS, BLOCKS = "99201_避難区域.geojson", "99201_避難区域_町丁目.csv"
PEOPLE, WATER = "99201_区域別人口.csv", "99201_消防水利施設一覧.csv"


@dataclass(frozen=True, slots=True)
class Bank:
    """An area between the river and a line to its north (右岸) or south (左岸), from west to east."""

    code: str
    name: str
    west: float
    east: float
    right: bool
    day: int | None
    night: int | None


BANKS = (
    Bank("R01", "みなも川右岸・下浜", COAST_X, 900, right=True, day=20, night=30),
    Bank("R02", "みなも川右岸・芦原", 900, 1620, right=True, day=20, night=30),
    Bank("R03", "みなも川右岸・新町", 1620, 2700, right=True, day=20, night=30),
    Bank("R04", "みなも川右岸・本町", 2700, 3950, right=True, day=20, night=30),
    Bank("R05", "みなも川右岸・桜町", 3950, BORDER_X, right=True, day=20, night=25),
    Bank("L01", "みなも川左岸・南町", COAST_X, 2300, right=False, day=20, night=25),
    Bank("L02", "みなも川左岸・川原町", 2300, BORDER_X, right=False, day=20, night=None),
)
SLOPES = (
    ("S01", "杉野・高森の斜面", (COAST_X, 1100, 2900, 1900), 40, 60),
    ("S02", "水沢・山口・岩谷の斜面", (2900, 500, BORDER_X, 1900), 40, 60),
)
ROWS = (("K01", "こがね川沿い（内水）", "内水", 30, 45),)
ALONG = ("芦原", "新町", "かや野", "駅西", "駅前", "本町", "中央", "下浜", "浜田", "北台", "みどり")
"""Towns whose blocks the city lists for its inland waters."""


def write(folder: Path, town: Streets) -> None:
    """Write the four files into *folder*; the same city gives the same bytes."""
    text = json.dumps(_areas(), ensure_ascii=False, separators=(",", ":"))
    (folder / AREAS).write_text(text, encoding="utf-8")
    head = ("区域コード", "区域名", "災害種別", "避難所要時間_昼", "避難所要時間_夜", "町丁目", "市区町村コード")
    named = dict.fromkeys(name for name, _, x, _ in TOWNS if x is not None and name.startswith(ALONG))
    _csv(folder / BLOCKS, head, [(*row, block, MINAMO.jis5) for row in ROWS for block in named], "utf-8-sig")
    _csv(folder / PEOPLE, *_people(), "cp932")
    _csv(folder / WATER, *_water(town), "utf-8-sig")


def _areas() -> dict[str, object]:
    """Give the areas that the city has drawn."""
    drawn = [(b.code, b.name, "洪水", _bank(b), b.day, b.night) for b in BANKS]
    drawn += [(code, name, "土砂", shapely.box(*box), day, night) for code, name, box, day, night in SLOPES]
    features = []
    for code, name, hazards, shape, day, night in drawn:
        said = {
            "区域コード": code,
            "区域名": name,
            "災害種別": hazards,
            "避難所要時間_昼": day,
            "避難所要時間_夜": night,
            "市区町村コード": MINAMO.jis5,
        }
        degrees = shapely.transform(shape, lambda xy: np.array([lonlat(x, y) for x, y in xy]))
        features.append({"type": "Feature", "properties": said, "geometry": mapping(degrees)})
    return {"type": "FeatureCollection", "name": "避難区域", "features": features}


def _bank(one: Bank) -> shapely.Polygon:
    """Draw one area: along the river, and straight on its other sides."""
    xs = np.append(np.arange(one.west, one.east, STEP_M), one.east)
    side, far = (BANK_M, NORTH_Y) if one.right else (-BANK_M, SOUTH_Y)
    shore = [(float(x), round(river_y(float(x)) + side, 1)) for x in xs]
    return shapely.Polygon([*shore, (one.east, far), (one.west, far)])


def _people() -> tuple[Sequence[str], list[Sequence[object]]]:
    """Give households and people of the areas and of the listed 町丁目; one small number is withheld."""
    chance = np.random.default_rng([SEED, 1])
    rows: list[Sequence[object]] = []
    named = dict.fromkeys(name for name, _, x, _ in TOWNS if x is not None and name.startswith(ALONG))
    for code, town in [(b.code, "") for b in BANKS] + [("", name) for name in named]:
        homes = int(chance.integers(900, 2400)) if code else int(chance.integers(90, 380))
        people = round(homes * float(chance.uniform(2.1, 2.6)))
        old = round(people * float(chance.uniform(0.13, 0.26)))
        rows.append(
            (code, town, f"{homes:,}", f"{people:,}", "X" if town == "浜田" else f"{old:,}", AS_OF, MINAMO.jis5)
        )
    return ("区域コード", "町丁目", "世帯数（世帯）", "人口（人）", "75歳以上（人）", "基準日", "市区町村コード"), rows


def _water(town: Streets) -> tuple[Sequence[str], list[Sequence[object]]]:
    """Give hydrants at crossings, cisterns by the schools, and places to draw from the river."""
    chance = np.random.default_rng([SEED, 2])
    spots = [xy for xy in town.nodes.values() if COAST_X < xy[0] < BORDER_X]
    chosen = sorted(chance.choice(len(spots), size=min(100, len(spots)), replace=False).tolist())
    found: list[tuple[str, float, float, str]] = []
    for n in chosen:
        size = f"{int(chance.choice([75, 100, 150]))}mm"
        found.append((str(chance.choice(["消火栓", "消火栓", "地下式消火栓"])), *spots[n], size))
    found += [("防火水槽", one.x + 40, one.y + 25, "40立方メートル") for one in REFUGES[:14]]
    found += [("プール", one.x - 30, one.y + 30, "") for one in REFUGES if "小学校" in one.name][:4]
    found += [("河川", x, river_y(x) + BANK_M, "") for x in (1200.0, 4350.0)]
    head = (
        "全国地方公共団体コード", "ID", "地方公共団体名", "種別", "所在地_連結表記", "緯度", "経度", "口径", "備考",
    )  # fmt: skip
    rows: list[Sequence[object]] = []
    for number, (kind, x, y, size) in enumerate(found, 1):
        lon, lat = lonlat(x, y)
        where = f"{PREFECTURE}{MINAMO.name}{_nearest(x, y)}"
        rows.append(
            (f"{MINAMO.jis5}5", f"W{number:04}", MINAMO.name, kind, where, f"{lat:.6f}", f"{lon:.6f}", size, "")
        )
    return head, rows


def _nearest(x: float, y: float) -> str:
    known = [(name, a, b) for name, _, a, b in TOWNS if a is not None and b is not None]
    return min(known, key=lambda one: (one[1] - x) ** 2 + (one[2] - y) ** 2)[0]


def _csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]], encoding: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
