"""The map as a picture: what stands now, drawn from the store alone, to be printed, mailed or put on a slide."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from disaster_hub.config import Config
from disaster_hub.desk.watch import AreaLine, Watch
from disaster_hub.rules.gauges import Standing
from disaster_hub.store import conditions, drawn_areas, evacuation_areas, places, reports, sensors
from disaster_hub.store.session import Transaction
from disaster_hub.terms.level import LEVEL_WORDS, ORDER_WORDS
from disaster_hub.terms.place import LonLat, Plane
from disaster_hub.terms.report import KIND_NAMES
from disaster_hub.terms.way import ShelterState

WIDE, HIGH = 1600, 1200
MARGIN, FOOT, HEAD = 24, 170, 92
PAPER, INK, SOFT, WATER, ROAD = "#ffffff", "#1a1a1c", "#8b8e97", "#86a5c8", "#c9cbd1"
LEVEL_FILL: Mapping[int, str] = {5: "#0c000c", 4: "#aa00aa", 3: "#ff2800", 2: "#f2e700", 1: "#ffffff"}
"""The five official colours (内閣府); always beside number and word."""
MAIN_ROADS = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
UNKNOWN = frozenset({Standing.SILENT_DANGER, Standing.SILENT, Standing.AT_WORK})
SHELTERS = {
    ShelterState.OPEN: "開設", ShelterState.FILLING: "混雑", ShelterState.FULL: "満員", ShelterState.CLOSED: "閉鎖",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Ground:
    """Which piece of ground lies where in the picture."""

    plane: Plane
    west: float
    north: float
    scale: float

    def points(self, shape: BaseGeometry) -> list[tuple[float, float]]:
        """Give the picture's points of one line or ring (lon/lat)."""
        return [self.place(lon, lat) for lon, lat in shapely.get_coordinates(shape).tolist()]

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Give the place of one point."""
        east, north = self.plane.metres(lon, lat)
        return MARGIN + (east - self.west) * self.scale, HEAD + (self.north - north) * self.scale


def png(tx: Transaction, config: Config, watch: Watch) -> bytes:
    """Draw it; a PNG of 1600 × 1200."""
    image = Image.new("RGB", (WIDE, HIGH), PAPER)
    pen = ImageDraw.Draw(image)
    ground = _ground(tx, config)
    _base(pen, ground, tx)
    _orders(pen, ground, tx, watch)
    _closed(pen, ground, tx)
    _gauges(pen, ground, _spots(tx, config), watch)
    _shelters(pen, ground, tx)
    _reports(pen, ground, tx)
    _words(pen, config, watch)
    held = io.BytesIO()
    image.save(held, "PNG", optimize=True)
    return held.getvalue()


def _ground(tx: Transaction, config: Config) -> _Ground:
    """Choose the window: the city's border where it is loaded, else some kilometres around its middle."""
    mine = [f.geometry for f in places.features(tx, "areas") if f.columns.get("code") == config.city.area]
    shape = mine[0] if mine else shapely.Point(config.city.lon, config.city.lat).buffer(0.03)
    west, south, east, north = shape.bounds
    plane = Plane(LonLat((west + east) / 2, (south + north) / 2))
    (left, low), (right, high) = plane.metres(west, south), plane.metres(east, north)
    scale = min((WIDE - 2 * MARGIN) / (right - left), (HIGH - HEAD - FOOT) / (high - low))
    spare = (WIDE - 2 * MARGIN) / scale - (right - left)
    return _Ground(plane, left - spare / 2, high, scale)


def _base(pen: ImageDraw.ImageDraw, ground: _Ground, tx: Transaction) -> None:
    for one in places.features(tx, "roads"):
        if one.columns.get("highway") in MAIN_ROADS:
            pen.line(ground.points(one.geometry), ROAD, 3)
    for one in places.features(tx, "rivers"):
        for part in _lines(one.geometry):
            pen.line(ground.points(part), WATER, 6 if one.columns.get("waterway") == "river" else 3)
    for one in places.features(tx, "areas"):
        for part in _lines(one.geometry):
            pen.line(ground.points(part), SOFT, 2)


def _lines(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(np.array([shape])):
        yield from (part.exterior, *part.interiors) if part.geom_type == "Polygon" else (part,)


def _orders(pen: ImageDraw.ImageDraw, ground: _Ground, tx: Transaction, watch: Watch) -> None:
    """Draw the areas of the city's orders: hatched in the level's colour, named with number and word."""
    levels: dict[str, int] = {}
    for order in (o for line in watch.areas for o in line.orders):
        levels[order.area] = max(order.level, levels.get(order.area, 0))
    for area in (*evacuation_areas.all_areas(tx), *drawn_areas.standing(tx).values()):
        if area.code not in levels or area.shape is None:
            continue
        level = levels[area.code]
        for part in _lines(area.shape):
            pen.line(ground.points(part), INK, 9)
            pen.line(ground.points(part), LEVEL_FILL[level], 5)
        middle = area.shape.representative_point()
        _label(pen, ground.place(middle.x, middle.y), f"{level} {ORDER_WORDS[level]} {area.name}", 20, bold=True)


def _closed(pen: ImageDraw.ImageDraw, ground: _Ground, tx: Transaction) -> None:
    shut = conditions.closed_roads(tx)
    for one in places.features(tx, "roads") if shut else ():
        if one.id in shut:
            points = ground.points(one.geometry)
            pen.line(points, INK, 7)
            x, y = points[len(points) // 2]
            pen.line([(x - 9, y - 9), (x + 9, y + 9)], INK, 4)
            pen.line([(x - 9, y + 9), (x + 9, y - 9)], INK, 4)


def _gauges(pen: ImageDraw.ImageDraw, ground: _Ground, spots: Mapping[str, LonLat], watch: Watch) -> None:
    """Draw the gauges of the board: a triangle, filled where a mark is reached, with its value; silent ones 不明."""
    for line in watch.gauges:
        spot = spots.get(line.station)
        if spot is None:
            continue
        x, y = ground.place(spot.lon, spot.lat)
        pen.polygon([(x - 10, y - 9), (x + 10, y - 9), (x, y + 10)], INK if line.reached else PAPER, INK, 2)
        known = line.look.standing not in UNKNOWN and line.last is not None and line.last.value is not None
        value = f"{line.last.value:.2f}" if known and line.last is not None else "不明"
        _label(pen, (x + 13, y - 11), value, 16, bold=bool(line.reached))


def _spots(tx: Transaction, config: Config) -> dict[str, LonLat]:
    """Give where the gauges stand: as their source says, else as the configuration or the registry does."""
    found = {s.id: LonLat(s.lon, s.lat) for s in sensors.current(tx, config.sensors)}
    found |= {g.id: LonLat(g.lon, g.lat) for g in config.gauges if g.lon is not None and g.lat is not None}
    stations = (f for f in places.features(tx, "stations") if f.geometry is not None)
    return found | {f.id: LonLat(f.geometry.x, f.geometry.y) for f in stations if f.id not in found}


def _shelters(pen: ImageDraw.ImageDraw, ground: _Ground, tx: Transaction) -> None:
    states = conditions.shelter_states(tx)
    for one in places.features(tx, "shelters") if states else ():
        if one.id in states and one.geometry is not None:
            x, y = ground.place(one.geometry.x, one.geometry.y)
            pen.rectangle([x - 8, y - 8, x + 8, y + 8], PAPER, INK, 3)
            _label(pen, (x + 12, y - 10), f"{one.columns.get('name')} {SHELTERS[states[one.id]]}", 16)


def _reports(pen: ImageDraw.ImageDraw, ground: _Ground, tx: Transaction) -> None:
    for one in reports.reports(tx, open_only=True):
        x, y = ground.place(one.spot.lon, one.spot.lat)
        pen.ellipse([x - 11, y - 11, x + 11, y + 11], INK)
        words = str(one.number)
        pen.text((x, y), words, PAPER, _font(14, bold=True), anchor="mm")
        _label(pen, (x + 14, y - 9), KIND_NAMES[one.kind], 15)


def _words(pen: ImageDraw.ImageDraw, config: Config, watch: Watch) -> None:
    """Write head and foot: whose map, of when, what the marks mean, and 訓練 where it does not count."""
    at = watch.now.astimezone(config.city.zone)
    pen.rectangle([0, 0, WIDE, HEAD - 12], PAPER)
    pen.rectangle([0, HIGH - FOOT + 8, WIDE, HIGH], PAPER)
    title = f"{config.city.name} 状況図　{at.month}月{at.day}日 {at:%H:%M} 現在"
    mark = "【訓練】" if config.world.exercise else ""
    pen.text((MARGIN, 12), mark + title, INK, _font(34, bold=True))
    y = HIGH - FOOT + 18
    for line in [_area(line) for line in watch.areas][:3]:
        pen.text((MARGIN, y), line, INK, _font(20))
        y += 28
    legend = "▽ 水位（黒は基準以上）　□ 避難所　● 報告（番号）　× 通行止め　太線 市の発令区域（番号と名前）"
    pen.text((MARGIN, HIGH - 58), legend, INK, _font(18))
    credit = "地図データ：国土数値情報、© OpenStreetMap contributors、国土地理院"
    pen.text((MARGIN, HIGH - 32), credit, SOFT, _font(15))
    if config.world.exercise:
        for edge in ((0, 0, WIDE, 8), (0, HIGH - 8, WIDE, HIGH), (0, 0, 8, HIGH), (WIDE - 8, 0, WIDE, HIGH)):
            pen.rectangle(edge, "#26324f")


def _area(line: AreaLine) -> str:
    if line.level is None:
        return f"{line.name}：レベル不明"
    word = f"レベル{line.level} {LEVEL_WORDS[line.level]}" if line.level else "発表なし"
    return f"{line.name}：{word}（{line.issuer}）" if line.issuer else f"{line.name}：{word}"


def _label(pen: ImageDraw.ImageDraw, at: tuple[float, float], words: str, size: int, *, bold: bool = False) -> None:
    pen.text(at, words, INK, _font(size, bold=bold), stroke_width=3, stroke_fill=PAPER)


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    where = files("justmytype_intl_cjk") / "fonts/ofl/notosansjp/NotoSansJP[wght].ttf"
    made = ImageFont.truetype(str(where), size)
    made.set_variation_by_axes([700 if bold else 400])
    return made
