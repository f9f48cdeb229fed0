"""The code on the paper, read from a photo by this server: phones that cannot read codes in a page have cameras too."""

from __future__ import annotations

import io
from importlib.util import find_spec

from PIL import Image, UnidentifiedImageError

LARGEST = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
FORMATS = ("JPEG", "PNG", "WEBP")


def readable() -> bool:
    """Tell whether the reader of codes (zxing-cpp) is installed; without it people paste the text."""
    return find_spec("zxingcpp") is not None


def read(body: bytes) -> str:
    """Give the text of the first QR code in a photo; empty where there is none, or where it is no photo."""
    if not readable() or len(body) > LARGEST:
        return ""
    import zxingcpp  # noqa: PLC0415  # only where a photo comes

    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return ""
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            grey = image.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return ""
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    found = zxingcpp.read_barcodes(grey)
    return next((code.text for code in found if code.valid and code.format == zxingcpp.BarcodeFormat.QRCode), "")
