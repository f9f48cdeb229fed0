"""What was drawn on the map, as it was typed: one corner a line, checked before anybody is counted in it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

import shapely
from shapely.geometry import Polygon

from disaster_hub.desk.call import without_numbers
from disaster_hub.terms.decision import EvacuationArea
from disaster_hub.terms.errors import BadInput

LEAST_CORNERS, MOST_CORNERS = 3, 80
LONGEST_NAME = 20
LEAST_M2 = 400.0
"""Less than a house and its garden is a slip of the finger."""
DEGREE_M = 111_320.0
DIGITS = 6
"""Of a degree: a tenth of a metre."""
CORNER = re.compile(r"\(?\s*([-+]?\d{1,3}(?:\.\d+)?)\s*[,\s]\s*([-+]?\d{1,3}(?:\.\d+)?)\s*\)?")
UNNAMED = "描いた区域"


def polygon(text: str, here: Sequence[EvacuationArea]) -> Polygon | None:
    """Read the corners of an area, latitude and longitude a line; None where nothing was drawn."""
    corners = [_corner(n, line) for n, line in enumerate(_lines(text), 1)]
    if not corners:
        return None
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if not LEAST_CORNERS <= len(corners) <= MOST_CORNERS:
        raise BadInput(f"描いた区域の角が {len(corners)} です。{LEAST_CORNERS}〜{MOST_CORNERS} の角で囲んでください")
    shape = Polygon(corners)
    if not shape.is_valid:
        raise BadInput("描いた区域の線が交わっています。「一つ戻す」で角を戻して、囲み直してください")
    if _square_metres(shape) < LEAST_M2:
        raise BadInput("描いた区域が小さすぎます。家が入る大きさに囲んでください")
    grounds = [area.shape for area in here if area.shape is not None]
    if grounds and not shape.intersects(shapely.union_all(grounds)):
        raise BadInput("描いた区域が市の避難区域の外にあります。緯度と経度の順を確かめてください")
    return shape


def name(text: str, here: Sequence[EvacuationArea]) -> str:
    """Read the name of what was drawn: it is read aloud to residents, and the approver types it."""
    said = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(sign.isalnum() for sign in said):
        raise BadInput("描いた区域に名前を付けてください（住民に読み上げられ、承認者が入力します）")
    if len(said) > LONGEST_NAME:
        raise BadInput(f"描いた区域の名前が長すぎます（{len(said)}字。{LONGEST_NAME}字まで）")
    if any(sign in said for sign in "「」【】『』"):
        raise BadInput("描いた区域の名前に、かぎ括弧や【】は使えません")
    if any(said == area.name for area in here):
        raise BadInput(f"「{said}」という区域がもうあります。描いた区域には別の名前を付けてください")
    return without_numbers(said)


def corners_of(shape: Polygon) -> str:
    """Write the corners of an area as they are typed."""
    return "\n".join(f"{lat:.{DIGITS}f}, {lon:.{DIGITS}f}" for lon, lat in list(shape.exterior.coords)[:-1])


def _lines(text: str) -> list[str]:
    return [line for line in unicodedata.normalize("NFKC", text).replace("、", ",").splitlines() if line.strip()]


def _corner(number: int, line: str) -> tuple[float, float]:
    found = CORNER.fullmatch(line.strip())
    if found is None:
        raise BadInput(f"角の一覧の {number} 行目が読めません。「38.2401, 140.3302」のように緯度と経度を書いてください")
    lat, lon = round(float(found[1]), DIGITS), round(float(found[2]), DIGITS)
    if abs(lat) > 90 or abs(lon) > 180:
        raise BadInput(f"角の一覧の {number} 行目：緯度（北緯）を先に、経度（東経）を後に書いてください")
    return lon, lat


def _square_metres(shape: Polygon) -> float:
    return float(shape.area * DEGREE_M**2 * math.cos(math.radians(shape.centroid.y)))
