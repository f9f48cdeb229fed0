"""Writing 国土数値情報: zipped Shapefiles in JGD2011, their texts in CP932, as published."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from disaster_hub.rehearsal import zones
from disaster_hub.rehearsal.city import MINAMO, PREFECTURE, PREFECTURE_CODE, RIVER, RIVER_CODE
from disaster_hub.rehearsal.streets import Link
from disaster_hub.rehearsal.terrain import Array, Ground
from disaster_hub.rehearsal.zones import Zone

CRS = "EPSG:6668"
ENCODING = "CP932"
PARTS = (".shp", ".shx", ".dbf", ".prj")
STAMP = (2026, 3, 31, 0, 0, 0)
"""Every entry of a ZIP, and every table, bears this day: the same city gives the same bytes."""
A31A_FOLDERS = {10: "10_計画規模", 20: "20_想定最大規模", 30: "30_浸水継続時間", 40: "40_家屋倒壊等氾濫想定区域"}
INLAND = {1: "0.5m未満", 2: "0.5m以上3.0m未満"}
SLIDES = {1: "急傾斜地", 2: "渓流", 3: "地すべり地"}


def write_a31a(path: Path, ground: Ground, deepest: Array) -> None:
    """Write A31a with its four layers, whose columns differ, side by side in one ZIP."""
    layers = {
        10: zones.depth_zones(zones.depth(ground, "planned")),
        20: zones.depth_zones(deepest),
        30: zones.duration_zones(deepest),
        40: zones.collapse_zones(ground, deepest),
    }
    with _archive(path) as archive:
        for layer, found in layers.items():
            column = f"A31a_{layer // 10}"
            rows = [
                (zone, {
                    f"{column}01": RIVER_CODE[:10], f"{column}02": RIVER, f"{column}03": f"{PREFECTURE_CODE}000",
                    f"{column}04": "架空県", f"{column}05": zone.rank,
                })
                for zone in found
            ]  # fmt: skip
            _add(archive, f"{A31A_FOLDERS[layer]}/A31a-{layer}-25_{PREFECTURE_CODE}_{RIVER_CODE[:10]}", rows)


def write_a33(path: Path, ground: Ground) -> None:
    """Write A33, one layer."""
    rows = []
    for number, zone in enumerate(zones.landslide_zones(ground), 1):
        rows.append((zone, {
            "A33_001": zone.kind, "A33_002": zone.rank, "A33_003": PREFECTURE_CODE, "A33_004": f"99-{number:03}",
            "A33_005": f"{SLIDES[zone.kind]}{number}", "A33_006": f"架空県{MINAMO.name}", "A33_007": "2026/03/31",
            "A33_008": 0 if zone.rank == 2 else 1,
        }))  # fmt: skip
    with _archive(path) as archive:
        _add(archive, f"A33-25_{PREFECTURE_CODE}_SHP/A33-25_{PREFECTURE_CODE}Polygon", rows)


def write_a51(path: Path, ground: Ground, links: Iterable[Link]) -> None:
    """Write A51 雨水出水浸水想定区域, whose depth is a text."""
    rows = [
        (zone, {
            "A51_001": PREFECTURE, "A51_002": PREFECTURE_CODE, "A51_003": MINAMO.name, "A51_004": MINAMO.jis5,
            "A51_005": INLAND[zone.rank],
        })
        for zone in zones.inland_zones(ground, (link.points for link in links if link.under))
    ]  # fmt: skip
    with _archive(path) as archive:
        _add(archive, f"A51-25_{MINAMO.jis5}_SHP/A51-25_{MINAMO.jis5}", rows)


def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)


def _add(archive: zipfile.ZipFile, stem: str, rows: Iterable[tuple[Zone, Mapping[str, object]]]) -> None:
    """Write one layer and pack its parts."""
    import geopandas  # noqa: PLC0415 - half a second and 100 MB, for those who build the city

    shapes, values = zip(*((zone.shape, row) for zone, row in rows), strict=True)
    frame = geopandas.GeoDataFrame(list(values), geometry=list(shapes), crs=CRS)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as room:
        target = Path(room) / "layer.shp"
        frame.to_file(target, driver="ESRI Shapefile", encoding=ENCODING, engine="pyogrio")
        for suffix in PARTS:
            body = target.with_suffix(suffix).read_bytes()
            entry = zipfile.ZipInfo(f"{stem}{suffix}", STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _dated(body) if suffix == ".dbf" else body)


def _dated(table: bytes) -> bytes:
    """Give a .dbf the fixed day instead of the day of writing."""
    return table[:1] + bytes((STAMP[0] - 1900, STAMP[1], STAMP[2])) + table[4:]
