"""A layer of anybody's: GeoJSON, a zipped Shapefile or a GeoPackage, any columns, any CRS that has an EPSG number."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import SRID, Feature
from sensors.datasets import archive as archives
from sensors.datasets.dataset import Tally
from sensors.datasets.plain import decoded, json_value
from sensors.datasets.shapefile import MAGIC, _check_whole
from sensors.datasets.shapes import JAPAN

MOST_BYTES = 50_000_000
MOST_SHAPES = 100_000
MOST_CORNERS = 5_000_000
MOST_COLUMNS = 200
LONGEST_TEXT = 500
GPKG = b"SQLite format 3\0"
NO_CRS = "CRSの記載がなく、JGD2011（EPSG:6668）とみなした"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What one file holds."""

    features: tuple[Feature, ...]
    problems: tuple[str, ...]


def read(path: Path, name: str) -> OwnFile:
    """Read a file whole; BadInput says in one sentence what is wrong, naming file, layer and field."""
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{name}：{MOST_BYTES // 10**6} MBを超えています")
    with path.open("rb") as file:
        head = file.read(512)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="hub-own-") as room:
        parts = list(_parts(path, name, head, Path(room)))
        found = [one for part, label in parts for one in _features(part, label, tally, several=len(parts) > 1)]
    if not found:
        raise BadInput(f"{name}：図形が1つもありません")
    if len(found) > MOST_SHAPES or sum(shapely.get_num_coordinates([one.geometry for one in found])) > MOST_CORNERS:
        raise BadInput(f"{name}：図形{len(found):,}件は多すぎます（{MOST_SHAPES:,}件、頂点{MOST_CORNERS:,}まで）")
    return OwnFile(tuple(found), tally.lines())


def _parts(path: Path, name: str, head: bytes, room: Path) -> Iterator[tuple[Path, str]]:
    """Give the files that GDAL is to open, under plain names of our own."""
    if head.startswith(GPKG):
        _check_gpkg(path, name)
        target = room / "layer.gpkg"
        shutil.copyfile(path, target)
        yield target, name
    elif head.startswith(b"PK") and zipfile.is_zipfile(path):
        yield from _unpacked(path, name, room)
    elif head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        value = json_value(path, name)
        if not isinstance(value, dict) or not isinstance(value.get("features"), list):
            raise BadInput(f"{name}：GeoJSONのFeatureCollectionではありません")
        target = room / "layer.geojson"
        shutil.copyfile(path, target)
        yield target, name
    elif head.startswith(MAGIC):
        raise BadInput(f"{name}：.shpだけでは読めません。.shp .shx .dbf .prj をZIPにまとめてください")
    else:
        raise BadInput(f"{name}：GeoJSONでも、ZIPにしたShapefileでも、GeoPackageでもありません")


def _unpacked(path: Path, name: str, room: Path) -> Iterator[tuple[Path, str]]:
    """Unpack the Shapefiles of a ZIP, within what an honest archive unpacks to."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archives.entries(archive, name)
            budget = archives._Budget(path.stat().st_size, name)  # noqa: SLF001  # of the room next door
            shapefiles = [entry for entry in found if entry.suffix.lower() == ".shp"]
            if not shapefiles:
                raise BadInput(f"{name}：ZIPの中にShapefile（.shp）がありません")
            for number, entry in enumerate(shapefiles):
                folder = room / str(number)
                folder.mkdir()
                stem = str(entry.with_suffix(""))
                for other, info in found.items():
                    suffix = other.suffix.lower()
                    if suffix in {*archives.PARTS, ".cpg"} and str(other.with_suffix("")) == stem:
                        budget.copy(archive, info, folder / f"layer{suffix}")
                label = f"{name}!{entry.name}"
                _check_whole(folder / "layer.shp", label)
                yield folder / "layer.shp", label
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInput(f"{name}：ZIPが読めません（{str(error)[:60]}）") from None


def _check_gpkg(path: Path, name: str) -> None:
    """Refuse a damaged file, and one whose views or triggers would do something when it is read."""
    try:
        base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            sound = base.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            tables = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            views = base.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchone()
        finally:
            base.close()
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{name}：GeoPackageが読めません（{str(error)[:60]}）") from None
    if not sound or "gpkg_contents" not in tables:
        raise BadInput(f"{name}：GeoPackageとして読めません（壊れているか、別のSQLiteです）")
    if views is not None:
        raise BadInput(f"{name}：ビュー {str(views[0])[:40]} のあるGeoPackageは読みません")


def _features(path: Path, label: str, tally: Tally, *, several: bool) -> Iterator[Feature]:
    """Read every layer of one file."""
    import pyogrio  # noqa: PLC0415 - half a second and 100 MB, for those who bring a layer

    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
    except Exception as error:  # noqa: BLE001 - GDAL has many ways to say no
        raise BadInput(f"{label}：開けません（{str(error)[:60]}）") from None
    for layer in layers:
        where = f"{label}：{layer}" if len(layers) > 1 else label
        lead = f"{label} {layer} " if several or len(layers) > 1 else ""
        yield from _layer(path, layer, where, lead, tally)


def _layer(path: Path, layer: str, where: str, lead: str, tally: Tally) -> Iterator[Feature]:
    import pyogrio.raw  # noqa: PLC0415

    latin = {"encoding": "ISO-8859-1"} if path.suffix == ".shp" else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, bodies, columns = pyogrio.raw.read(
                path, layer=layer, force_2d=True, max_features=MOST_SHAPES + 1, **latin
            )
        shapes = shapely.from_wkb(bodies, on_invalid="ignore")
    except Exception as error:  # noqa: BLE001 - GDAL has many ways to say no
        raise BadInput(f"{where}：読めません（{str(error)[:60]}）") from None
    if len(meta["fields"]) > MOST_COLUMNS:
        raise BadInput(f"{where}：列が{len(meta['fields'])}あり、{MOST_COLUMNS}を超えています")
    shapes = _placed(shapes, meta["crs"], where, tally)
    fields = [_text(str(field), where, mend=bool(latin)) for field in meta["fields"]]
    for n, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            tally.note("図形のない行を除いた", f"{where} {n + 1}行目")
            continue
        west, south, east, north = shape.bounds
        if not (JAPAN[0] <= west and JAPAN[1] <= south and east <= JAPAN[2] and north <= JAPAN[3]):
            raise BadInput(f"{where} {n + 1}件目：位置（{west:.4g}, {south:.4g}）が日本の外です。CRSを確かめてください")
        said = {f: _plain(c[n], f"{where}の列 {f}", mend=bool(latin)) for f, c in zip(fields, columns, strict=True)}
        yield Feature("own", f"{lead}{n + 1}", shape, {f: v for f, v in said.items() if v is not None})


def _placed(shapes: Any, crs: str | None, where: str, tally: Tally) -> Any:
    """Turn shapes into JGD2011 degrees, sound ones; a CRS without an EPSG number is refused by its name."""
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    if not crs:
        tally.note(NO_CRS, where)
        crs = f"EPSG:{SRID}"
    try:
        declared = CRS.from_user_input(crs)
    except CRSError:
        raise BadInput(f"{where}：CRSの記載が読めません") from None
    code = declared.to_epsg(min_confidence=25)
    if code is None:
        raise BadInput(f"{where}：CRS「{declared.name[:60]}」はEPSG番号が分からないため読めません")
    if code not in {SRID, 4326, 4612}:
        turn = Transformer.from_crs(CRS.from_epsg(code), CRS.from_epsg(SRID), always_xy=True)
        shapes = shapely.transform(shapes, turn.transform, interleaved=False)
    bad = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if bad.any():
        if not np.isfinite(shapely.bounds(shapes[bad])).all():
            raise BadInput(f"{where}：座標に数でない値があります")
        tally.note("自分と交わる図形を直した", f"{where} {int(np.flatnonzero(bad)[0]) + 1}件目", int(bad.sum()))
        shapes[bad] = shapely.make_valid(shapes[bad])
    return shapes


def _text(text: str, where: str, *, mend: bool) -> str:
    """Turn Latin-1 characters of a DBF back into bytes and read them as UTF-8, else as CP932."""
    if not mend or text.isascii():
        return text
    return decoded(text.encode("latin-1", errors="replace"), where, "utf-8", "cp932")


def _plain(value: Any, where: str, *, mend: bool) -> str | int | float | bool | None:
    """Give a value that JSON knows; a text is cut at a length that a map can show."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is how a DBF says nothing
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _text(value, where, mend=mend).strip(" \t\r\n\u3000\0")[:LONGEST_TEXT] or None
    return value if isinstance(value, int | float | bool) else str(value)[:LONGEST_TEXT]
