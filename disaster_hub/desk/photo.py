"""Photos: really decoded, turned upright, shrunk and written anew, so that nothing hidden in the file stays."""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageOps

from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
"""More than any phone takes; a small file can claim to be a picture that fills the memory."""
MOST_WHOLE = 25_000_000
"""The same for what must be unpacked whole before it can be shrunk: anything but a JPEG."""
AT_ONCE = threading.BoundedSemaphore(2)
"""So many pictures lie unpacked in memory at a time, however many are sent."""
SIDE = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
HEIF = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc", b"avif")
EXIF, GPS = 0x8769, 0x8825
TAKEN, OFFSET = 36867, 36881
LAT_REF, LAT, LON_REF, LON = 1, 2, 3, 4
MINUTE, WHOLE = 60, 360.0
BROKEN = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, SyntaxError, struct.error, ZeroDivisionError)
"""What decoders of pictures raise at bytes that are none."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo without anything hidden, and beside it what was hidden: when and where it was taken."""

    jpeg: bytes
    taken_at: datetime | None
    spot: LonLat | None


def cleaned(body: bytes) -> bytes:
    """Give the photo as a plain JPEG of at most SIDE pixels; what is no photo raises BadInput."""
    return read(body).jpeg


def read(body: bytes, zone: ZoneInfo = JAPAN) -> Photo:
    """Give the photo cleaned, and the time and place that the camera wrote into it, for a person to look at."""
    if not body:
        raise BadInput("写真が空です。もう一度選んでください。")
    if len(body) > MOST_BYTES:
        raise BadInput(f"写真が大きすぎます（{MOST_BYTES // 1024 // 1024} MB まで）。")
    if body[4:8] == b"ftyp" and body[8:12] in HEIF:
        raise BadInput("HEIC 形式の写真は読めません。カメラの設定を「互換性優先（JPEG）」にしてください。")
    try:
        with AT_ONCE, Image.open(BytesIO(body), formats=FORMATS) as picture:
            most = MOST_PIXELS if picture.format == "JPEG" else MOST_WHOLE
            if picture.width * picture.height > most:
                raise BadInput(f"写真の画素が多すぎます（{most // 1_000_000} 百万画素まで）。")
            hidden = _hidden(picture)
            picture.draft("RGB", (SIDE, SIDE))  # a JPEG is then decoded no larger than it is needed
            return Photo(_written(picture), _taken(hidden, zone), _spot(hidden))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadInput(f"写真の画素が多すぎます（{MOST_PIXELS // 1_000_000} 百万画素まで）。") from None
    except BROKEN:
        raise BadInput("写真として読めません。JPEG・PNG・WebP の写真を選んでください。") from None


def _written(picture: Image.Image) -> bytes:
    """Copy the pixels, and only them, onto a new sheet."""
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", upright.size, "white")
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        sheet.paste(upright, mask=upright.getchannel("A"))
    else:
        sheet.paste(upright.convert("RGB"))
    out = BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _hidden(picture: Image.Image) -> dict[int, Any]:
    """Read what the camera wrote; a broken record is no record."""
    try:
        exif = picture.getexif()
        return dict(exif) | dict(exif.get_ifd(EXIF)) | {-tag: value for tag, value in exif.get_ifd(GPS).items()}
    except BROKEN:
        return {}


def _taken(hidden: Mapping[int, Any], zone: ZoneInfo) -> datetime | None:
    said = str(hidden.get(TAKEN, "")).strip("\0 ")
    try:
        plain = datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None
    offset = str(hidden.get(OFFSET, "")).strip("\0 ")
    if len(offset) == len("+09:00") and offset[0] in "+-" and offset[1:3].isdigit() and offset[4:].isdigit():
        span = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:])) * (1 if offset[0] == "+" else -1)
        if abs(span) < timedelta(days=1):
            plain = plain.replace(tzinfo=timezone(span))
    return plain.astimezone(UTC)


def _spot(hidden: Mapping[int, Any]) -> LonLat | None:
    try:
        lat = _degrees(hidden[-LAT]) * (-1 if str(hidden.get(-LAT_REF, "N")).startswith("S") else 1)
        lon = _degrees(hidden[-LON]) * (-1 if str(hidden.get(-LON_REF, "E")).startswith("W") else 1)
    except BROKEN:
        return None
    fits = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= WHOLE / 4 and abs(lon) <= WHOLE / 2
    return LonLat(lon, lat) if fits and (lat, lon) != (0.0, 0.0) else None


def _degrees(said: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in said)
    return degrees + minutes / MINUTE + seconds / MINUTE**2
