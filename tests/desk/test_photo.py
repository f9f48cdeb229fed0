"""Photos: decoded, upright, small, and without what was hidden in the file; what is no photo is refused."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from disaster_hub.desk import photo
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat

SECRET = b"SECRET-OF-THE-CAMERA"


def picture(form: str = "JPEG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **said: object) -> bytes:
    made = Image.new(mode, size)
    made.paste("red" if mode == "RGB" else 200, (0, 0, size[0] // 2, size[1])) if mode in {"RGB", "L"} else None
    out = BytesIO()
    made.save(out, form, **said)
    return out.getvalue()


def with_record() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8769)[36867] = "2026:09:18 17:32:10"
    exif.get_ifd(0x8769)[36881] = "+09:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 54.0, 36.0), 3: "E", 4: (139.0, 18.0, 18.0)})
    return picture(exif=exif, comment=SECRET, xmp=SECRET, icc_profile=SECRET)


def test_nothing_that_was_hidden_stays() -> None:
    body = with_record()
    assert body.count(SECRET) >= 3
    made = photo.read(body)
    assert SECRET not in made.jpeg
    again = Image.open(BytesIO(made.jpeg))
    assert again.format == "JPEG"
    assert not dict(again.getexif())
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_it_stands_upright_and_its_record_is_read_before_it_goes() -> None:
    made = photo.read(with_record())
    assert Image.open(BytesIO(made.jpeg)).size == (200, 400)
    assert made.taken_at == datetime(2026, 9, 18, 8, 32, 10, tzinfo=UTC)
    assert made.spot == LonLat(pytest.approx(139.305), pytest.approx(38.91))


def test_without_an_offset_the_city_s_own_time_counts() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2026:09:18 17:32:10"
    made = photo.read(picture(exif=exif))
    assert made.taken_at == datetime(2026, 9, 18, 8, 32, 10, tzinfo=UTC)
    assert made.spot is None


@pytest.mark.parametrize("record", [{36867: "yesterday"}, {36867: b"\xff\xfe"}, {36867: "2026:99:99 00:00:00"}])
def test_a_broken_record_is_no_record(record: dict[int, object]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update(record)
    exif.get_ifd(0x8825).update({1: "N", 2: (999.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    made = photo.read(picture(exif=exif))
    assert (made.taken_at, made.spot) == (None, None)


def test_a_large_one_is_shrunk() -> None:
    made = Image.open(BytesIO(photo.cleaned(picture(size=(4000, 3000)))))
    assert made.size == (1600, 1200)


@pytest.mark.parametrize(("form", "mode"), [
    ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("PNG", "I;16"), ("WEBP", "RGB"), ("JPEG", "CMYK"),
    ("JPEG", "L"),
])  # fmt: skip
def test_every_kind_of_picture_becomes_a_plain_one(form: str, mode: str) -> None:
    made = Image.open(BytesIO(photo.cleaned(picture(form, mode=mode))))
    assert (made.format, made.mode) == ("JPEG", "RGB")


def test_text_in_a_png_goes_too() -> None:
    told = PngInfo()
    told.add_text("Comment", SECRET.decode())
    assert SECRET not in photo.cleaned(picture("PNG", pnginfo=told))


def bomb(side: int) -> bytes:
    """Say to be a picture of side × side, and hold a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = side.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8000, 11_000, 50_000])
def test_a_bomb_is_not_unpacked(side: int) -> None:
    with pytest.raises(BadInput, match="画素"):
        photo.cleaned(bomb(side))


@pytest.mark.parametrize("body", [
    b"", b"GIF89a" + bytes(100), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff" + bytes(200),
    picture()[:300], b"%PDF-1.4", bytes(range(256)) * 40,
])  # fmt: skip
def test_what_is_no_photo_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="写真"):
        photo.cleaned(body)


def test_an_apple_file_and_a_huge_file_are_refused_in_words_that_help() -> None:
    with pytest.raises(BadInput, match="互換性優先"):
        photo.cleaned(b"\x00\x00\x00\x18ftypheic" + bytes(100))
    with pytest.raises(BadInput, match="12 MB"):
        photo.cleaned(bytes(photo.MOST_BYTES + 1))
