"""The made-up city's cameras: a drawn picture of the river at its true height, every few minutes; one freezes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from disaster_hub.rehearsal import stage
from disaster_hub.rehearsal.city import DEVICES, STATIONS, Water, lonlat, minutes, moment, river_y
from disaster_hub.rehearsal.editions import Edition
from disaster_hub.terms.clock import JAPAN

PATH = "/cameras/"
EVERY = timedelta(minutes=5)
SIZE = (800, 450)
TOP, BOTTOM = 110, 420
"""Where on the picture the levee's crest and the bed lie, in pixels."""
BANKS = [(0, TOP), (130, TOP), (260, BOTTOM), (540, BOTTOM), (670, TOP), (800, TOP), (800, 450), (0, 450)]
LEVEE, WATER, FOAM = (86, 96, 70), (112, 92, 66), (150, 132, 104)


@dataclass(frozen=True, slots=True)
class Lens:
    """One camera: beside which station, over which water, from when on it shows the same picture for ever."""

    id: str
    name: str
    name_en: str
    station: str
    x: float
    y: float
    water: Water
    scale: float
    crest_m: float
    frozen_at: str | None = None

    @property
    def spot(self) -> tuple[float, float]:
        """Give lon and lat."""
        return lonlat(self.x, self.y)


LENSES = (
    Lens("minamo-bridge", "みなも橋", "Minamo Bridge", STATIONS[0].code, 3000, river_y(3000), "river", 1.0, 6.4),
    Lens("ashihara-gate", "あしはら水門", "Ashihara Gate", DEVICES[0].id, 1500, 3720, "brook", 1.85, 2.1),
    Lens("sakura-bridge", "さくら橋", "Sakura Bridge", DEVICES[3].id, 4360, river_y(4360), "river", 0.94, 6.0, "19:30"),
)  # fmt: skip


def edition(path: str, now: datetime) -> Edition | None:
    """Give the picture at *path* as it stands at the world time *now*; None where there is no such camera."""
    name = path.removeprefix(PATH).removesuffix(".jpg")
    lens = next((one for one in LENSES if one.id == name), None)
    if lens is None:
        return None
    seen = now if lens.frozen_at is None else min(now, moment(lens.frozen_at))
    step = EVERY.total_seconds()
    at = datetime.fromtimestamp(seen.timestamp() // step * step, JAPAN)
    return Edition(picture(lens, at), "image/jpeg", at)


@lru_cache(maxsize=64)
def picture(lens: Lens, at: datetime) -> bytes:
    """Draw what *lens* sees: sky by the hour, a bridge pier with a staff gauge, the water at its height."""
    image = Image.new("RGB", SIZE, _sky(at))
    pen = ImageDraw.Draw(image)
    depth = float(stage.level(lens.water, minutes(at), scale=lens.scale))
    surface = BOTTOM - (BOTTOM - TOP) * max(0.0, depth) / lens.crest_m
    pen.polygon(BANKS, LEVEE)
    left = 260 - 130 * min(1.0, max(0.0, (BOTTOM - surface) / (BOTTOM - TOP)))
    right = 800 - left
    pen.polygon([(left, surface), (right, surface), (540, BOTTOM), (260, BOTTOM)], WATER)
    if surface < TOP:
        pen.rectangle((0, surface, 800, BOTTOM), WATER)
    pen.rectangle((0, TOP - 50, 800, TOP - 24), (150, 152, 158))
    pen.rectangle((376, TOP - 24, 424, BOTTOM), (176, 178, 184))
    _staff(pen, lens)
    if surface > TOP - 60:
        pen.rectangle((376, surface, 424, BOTTOM), WATER)
    for n in range(7):
        x, y = left + 20 + n * 40, surface + 6 + n % 3 * 5
        pen.line((x, y, x + 24, y), FOAM, 2)
    _caption(pen, lens, at)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    return out.getvalue()


def _staff(pen: ImageDraw.ImageDraw, lens: Lens) -> None:
    """Paint the metres on the pier."""
    for metre in range(int(lens.crest_m) + 1):
        y = BOTTOM - (BOTTOM - TOP) * metre / lens.crest_m
        pen.line((376, y, 424, y), (20, 20, 20), 3)
        pen.text((384, y - 22), f"{metre}m", (20, 20, 20), font=_font(18))


def _caption(pen: ImageDraw.ImageDraw, lens: Lens, at: datetime) -> None:
    """Burn the name and the time into the picture, as such cameras do."""
    pen.rectangle((0, 0, 800, 34), (0, 0, 0))
    words = f"{lens.name_en}  {at.astimezone(JAPAN):%Y-%m-%d %H:%M}  EXERCISE - DRAWN PICTURE"
    pen.text((12, 6), words, (255, 255, 255), font=_font(20))


def _sky(at: datetime) -> tuple[int, int, int]:
    """Darken the sky until night."""
    hour = at.astimezone(JAPAN).hour + at.astimezone(JAPAN).minute / 60
    light = 1.0 if 6 <= hour < 17 else max(0.25, 1 - (hour - 17) * 0.4) if 17 <= hour < 20 else 0.25
    return int(150 * light), int(160 * light), int(172 * light)


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
