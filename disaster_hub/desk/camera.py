"""Camera stills as they come in: cleaned, and given their own time by the first that says it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from PIL import Image, ImageOps, UnidentifiedImageError

from disaster_hub.terms.errors import BadInput

WIDEST = 1280
QUALITY = 80
MOST_PIXELS = 40_000_000
AHEAD = timedelta(minutes=5)
"""A picture from further ahead than this has a wrong clock: its time is not known."""
EXIF_FOLDER, TAKEN, OFFSET = 0x8769, 0x9003, 0x9011


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture fit to be kept: plain JPEG without hidden data, and its own time."""

    jpeg: bytes
    size: tuple[int, int]
    taken_at: datetime | None
    basis: str
    """Whose word the time is: `header`, `exif`, `file`, or `unknown`."""


def shot(
    body: bytes, now: datetime, zone: ZoneInfo, *, modified: str | None = None, written: datetime | None = None
) -> Shot:
    """Clean the picture in *body*; what is no picture raises BadInput.

    Its own time is the server's Last-Modified (*modified*), else its EXIF DateTimeOriginal, else when its file was
    *written*; a time ahead of *now* counts as none.
    """
    try:
        with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadInput(f"picture: more than {MOST_PIXELS // 1_000_000} million pixels")
            exif = _exif_time(picture, zone)
            drawn = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise BadInput("picture: neither a JPEG nor a PNG or WebP that can be read") from fault
    drawn.thumbnail((WIDEST, WIDEST))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY, optimize=True)
    told = (("header", _header_time(modified)), ("exif", exif), ("file", written))
    basis, at = next(((name, at) for name, at in told if at is not None and at <= now + AHEAD), ("unknown", None))
    return Shot(out.getvalue(), drawn.size, at, basis)


def _header_time(said: str | None) -> datetime | None:
    """Read Last-Modified; one that nobody can read says nothing."""
    if said is None:
        return None
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _exif_time(picture: Image.Image, zone: ZoneInfo) -> datetime | None:
    """Read DateTimeOriginal, in the offset that stands beside it, else in the city's zone."""
    said = picture.getexif().get_ifd(EXIF_FOLDER)
    text, offset = str(said.get(TAKEN, "")).strip("\0 "), str(said.get(OFFSET, "")).strip("\0 ")
    try:
        if offset:
            return datetime.strptime(text + offset, "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
