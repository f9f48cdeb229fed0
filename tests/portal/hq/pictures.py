"""Photos for the tests."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def jpeg(size: tuple[int, int] = (900, 600), **said: object) -> bytes:
    """Give a green picture."""
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, "JPEG", **said)
    return out.getvalue()
