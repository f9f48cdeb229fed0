"""Opening a Shapefile: its CRS, its real encoding, its rings, and whether it is whole."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any

import shapely

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import SRID
from sensors.datasets.dataset import Tally
from sensors.datasets.plain import decoded
from sensors.datasets.shapes import RING_CLOSED
from sensors.datasets.table import Row, Table

MAGIC = b"\x00\x00\x27\x0a"
ACCEPTED = (6668, 4612, 4326)
"""JGD2011, JGD2000 and WGS 84 in degrees; everything is turned into JGD2011."""
NO_PRJ = "no .prj: taken as JGD2011 (EPSG:6668), the datum in which 国土数値情報 publishes"
MAX_BYTES = 2_000_000_000


def open_shapefile(path: Path, name: str) -> Table:
    """Read a .shp with its .shx and .dbf; broken, truncated or in an unknown CRS raises BadInput."""
    _check_whole(path, name)
    meta, bytes_of_shapes, columns = _raw(path, name)
    tally = Tally()
    shapes = _in_jgd2011(_shapes(bytes_of_shapes, name, tally), meta["crs"], name, tally)
    names = tuple(_mended(str(field), name) for field in meta["fields"])
    values = [_column(column, f"{name}: {field}") for field, column in zip(names, columns, strict=True)]
    rows = tuple(
        Row(
            f"{name}: record {n + 1}",
            {field: column[n] for field, column in zip(names, values, strict=True)},
            one,
        )
        for n, one in enumerate(shapes)
    )
    return Table(name, names, rows, tally)


def _check_whole(path: Path, name: str) -> None:
    """Compare the sizes that the headers promise with the files; GDAL itself would read on in silence."""
    for suffix in (".shx", ".dbf"):
        if not path.with_suffix(suffix).exists():
            raise BadInput(f"{name}: its {suffix} is missing")
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or size > MAX_BYTES:
        raise BadInput(f"{name}: header cut short, or more than {MAX_BYTES // 10**9} GB")
    promised = struct.unpack(">i", head[24:28])[0] * 2
    if promised > size:
        raise BadInput(f"{name}: cut short, {size} of {promised} bytes")
    prj = path.with_suffix(".prj")
    if prj.exists() and (prj.stat().st_size > 10_000 or not prj.read_bytes().isascii()):
        raise BadInput(f"{name}: its .prj cannot be read")
    dbf = path.with_suffix(".dbf")
    with dbf.open("rb") as file:
        start = file.read(12)
    if len(start) < 12:
        raise BadInput(f"{dbf.name}: cut short")
    records, header, width = struct.unpack("<IHH", start[4:12])
    if header + records * width > dbf.stat().st_size:
        raise BadInput(f"{name}: its .dbf is cut short, {records} records promised")


def _raw(path: Path, name: str) -> tuple[dict[str, Any], Any, Any]:
    """Read with GDAL; every byte of text is kept as one Latin-1 character, to be decoded here."""
    import pyogrio.raw  # noqa: PLC0415 - half a second and 100 MB, for those who load a Shapefile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            meta, _, shapes, columns = pyogrio.raw.read(path, encoding="ISO-8859-1")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise BadInput(f"{name}: {str(error)[:120]}") from None
    return meta, shapes, columns


def _shapes(wkb: Any, name: str, tally: Tally) -> Any:
    """Build shapes; rings that do not close are closed, and counted."""
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    for n, (shape, body) in enumerate(zip(shapes, wkb, strict=True)):
        if shape is None and body is not None:
            shapes[n] = shapely.from_wkb(body, on_invalid="fix")
            tally.note(RING_CLOSED, f"{name}: record {n + 1}")
    return shapely.force_2d(shapes)


def _in_jgd2011(shapes: Any, crs: str | None, name: str, tally: Tally) -> list[Any]:
    """Turn the shapes into JGD2011 degrees; a CRS that is not accepted raises BadInput by its name."""
    import geopandas  # noqa: PLC0415 - half a second, for those who load a Shapefile
    from pyproj import CRS  # noqa: PLC0415 - comes with it
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    if not crs:
        tally.note(NO_PRJ, name)
        crs = f"EPSG:{SRID}"
    try:
        declared = CRS.from_user_input(crs)
    except CRSError:
        raise BadInput(f"{name}: its .prj cannot be read") from None
    code = declared.to_epsg()
    if code not in ACCEPTED:
        raise BadInput(f"{name}: CRS {declared.name!r} is not read; wanted JGD2011, JGD2000 or WGS 84 degrees")
    return list(geopandas.GeoSeries(shapes, crs=code).to_crs(SRID))


def _column(column: Any, where: str) -> list[Any]:
    """Give a column as plain Python values, its texts in their real encoding."""
    values: list[Any] = column.tolist()
    known = {text: _mended(text, where) for text in set(values) if isinstance(text, str)} if _texts(column) else {}
    return [known.get(value, value) for value in values] if known else values


def _texts(column: Any) -> bool:
    """Tell whether a column holds texts."""
    return bool(column.dtype == object)


def _mended(text: str, where: str) -> str:
    """Turn Latin-1 characters back into bytes and read them as UTF-8, else as CP932, else refuse."""
    if text.isascii():
        return text
    return decoded(text.encode("latin-1", errors="replace"), where, "utf-8", "cp932")
