"""Small files in the published forms, written byte by byte, so that each oddity can be made on purpose."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

JGD2011 = (
    'GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
JGD2000 = JGD2011.replace("2011", "2000")
TOKYO = (
    'GEOGCS["GCS_Tokyo",DATUM["D_Tokyo",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
Ring = list[tuple[float, float]]


def square(lon: float, lat: float, size: float = 0.01) -> Ring:
    """Give a closed ring, clockwise as Shapefiles want their outer rings."""
    return [(lon, lat), (lon, lat + size), (lon + size, lat + size), (lon + size, lat), (lon, lat)]


def polygon(*rings: Ring) -> bytes:
    """Give the content of one polygon record."""
    points = [point for ring in rings for point in ring]
    starts, at = [], 0
    for ring in rings:
        starts.append(at)
        at += len(ring)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    head = struct.pack("<i4d2i", 5, min(xs), min(ys), max(xs), max(ys), len(rings), len(points))
    return head + struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<2d", *point) for point in points)


def dbf(columns: dict[str, int], rows: list[list[str]], encoding: str) -> bytes:
    """Give a dBASE table of text columns, without any mark of its encoding."""
    width = 1 + sum(columns.values())
    size = 32 + 32 * len(columns) + 1
    out = struct.pack("<4BIHH20x", 3, 124, 1, 1, len(rows), size, width)
    for name, length in columns.items():
        out += struct.pack("<11sc4xB15x", name.encode(encoding), b"C", length)
    out += b"\r"
    for row in rows:
        cells = (value.encode(encoding) for value in row)
        out += b" " + b"".join(cell.ljust(n)[:n] for cell, n in zip(cells, columns.values(), strict=True))
    return out + b"\x1a"


def shapefile(
    columns: dict[str, int],
    rows: list[list[str]],
    shapes: list[bytes],
    *,
    prj: str | None = JGD2011,
    encoding: str = "cp932",
) -> dict[str, bytes]:
    """Give the files of one polygon Shapefile, suffix to bytes."""
    records, index, at = b"", b"", 50
    for number, shape in enumerate(shapes, 1):
        words = len(shape) // 2
        records += struct.pack(">2i", number, words) + shape
        index += struct.pack(">2i", at, words)
        at += 4 + words
    box = struct.pack("<8d", 120, 18, 156, 48, 0, 0, 0, 0)

    def head(length: int) -> bytes:
        return struct.pack(">i20xi", 9994, length // 2) + struct.pack("<2i", 1000, 5) + box

    parts = {
        ".shp": head(100 + len(records)) + records,
        ".shx": head(100 + len(index)) + index,
        ".dbf": dbf(columns, rows, encoding),
    }
    return parts if prj is None else parts | {".prj": prj.encode()}


def put(folder: Path, stem: str, parts: dict[str, bytes]) -> Path:
    """Write a Shapefile beside each other and give its .shp."""
    for suffix, body in parts.items():
        (folder / f"{stem}{suffix}").write_bytes(body)
    return folder / f"{stem}.shp"


def archive(path: Path, entries: list[tuple[bytes | str, bytes]]) -> Path:
    """Write a ZIP; a name given as bytes is stored as it is, without the UTF-8 flag."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in entries:
            out.writestr(RawName(name) if isinstance(name, bytes) else name, body)
    return path


class RawName(zipfile.ZipInfo):
    """An entry whose name is these bytes, as a Japanese Windows packed it."""

    def __init__(self, name: bytes) -> None:
        super().__init__(name.decode("cp437"))
        self.raw = name
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile asks by this name
        return self.raw, self.flag_bits & ~0x800


def geojson(path: Path, features: list[tuple[dict[str, Any], Any]], **more: Any) -> Path:
    """Write a FeatureCollection of (properties, geometry)."""
    items = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    text = json.dumps({"type": "FeatureCollection", **more, "features": items}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def face(lon: float = 139.8, lat: float = 38.7, size: float = 0.01) -> dict[str, Any]:
    """Give a GeoJSON square."""
    return {"type": "Polygon", "coordinates": [[list(point) for point in square(lon, lat, size)]]}


def spot(lon: float = 139.8, lat: float = 38.7) -> dict[str, Any]:
    """Give a GeoJSON point."""
    return {"type": "Point", "coordinates": [lon, lat]}
