"""Opening a ZIP as 国土数値情報 publishes it: names in mixed encodings, layers side by side."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from disaster_hub.terms.errors import BadInput
from sensors.datasets.plain import feature_table, json_value
from sensors.datasets.shapefile import open_shapefile
from sensors.datasets.table import Material, Table

MAX_ENTRIES = 200_000
"""A city's whole PLATEAU model has tens of thousands of files."""
MAX_UNPACKED = 2_000_000_000
MAX_RATIO = 100
SMALL = 20_000_000
"""Below this size no archive is a bomb, however well it was packed."""
PARTS = {".shp", ".shx", ".dbf", ".prj"}
GEOJSON = {".geojson", ".json"}
UTF8_NAME = 0x800


def open_archive(path: Path, name: str) -> Material:
    """Open the Shapefiles of a ZIP, or its GeoJSON where it has none; BadInput for what is no such ZIP.

    A ZIP of CityGML is only named here: its reader streams it.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="hub-load-") as room:
            suffixes = {entry.suffix.lower() for entry in entries(archive, name)}
            if ".gml" in suffixes and ".shp" not in suffixes:
                return Material(path, stream="citygml")
            budget = _Budget(path.stat().st_size, name)
            return Material(path, tables=tuple(_tables(archive, Path(room), budget)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInput(f"{name}: the ZIP cannot be read ({str(error)[:80]})") from None


def _tables(archive: zipfile.ZipFile, room: Path, budget: _Budget) -> Iterator[Table]:
    """Unpack what a reader can use, layer by layer, and open it."""
    name = budget.name
    found = entries(archive, name)
    shapefiles = [entry for entry in found if entry.suffix.lower() == ".shp"]
    wanted = shapefiles or [entry for entry in found if entry.suffix.lower() in GEOJSON]
    if not wanted:
        raise BadInput(f"{name}: holds neither a Shapefile nor GeoJSON (ZIPs inside a ZIP are not opened)")
    for number, entry in enumerate(wanted):
        label = f"{name}!{entry}"
        folder = room / str(number)
        folder.mkdir()
        if entry.suffix.lower() == ".shp":
            _unpack_parts(archive, found, entry, folder, budget)
            yield open_shapefile(folder / "layer.shp", label)
        else:
            target = folder / "layer.json"
            budget.copy(archive, found[entry], target)
            yield _collection(target, label)


def _collection(path: Path, label: str) -> Table:
    """Read the GeoJSON of one entry."""
    value = json_value(path, label)
    if not isinstance(value, dict) or not isinstance(value.get("features"), list):
        raise BadInput(f"{label}: not a FeatureCollection")
    return feature_table(value, label)


def entries(archive: zipfile.ZipFile, name: str) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Name every file of the archive as its maker meant; a name that leaves the archive raises BadInput."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MAX_ENTRIES:
        raise BadInput(f"{name}: {len(infos)} files, the limit is {MAX_ENTRIES}")
    found: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for info in infos:
        path = PurePosixPath(entry_name(info).replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise BadInput(f"{name}: the entry {str(path)[:60]!r} leads outside the archive")
        if info.flag_bits & 0x1:
            raise BadInput(f"{name}: the entry {path.name[:60]!r} is encrypted")
        if path in found:
            raise BadInput(f"{name}: the entry {str(path)[:60]!r} stands there twice")
        found[path] = info
    return found


def entry_name(info: zipfile.ZipInfo) -> str:
    """Give an entry's name: as it stands with flag bit 11, else its bytes as UTF-8, else as CP932."""
    if info.flag_bits & UTF8_NAME or info.orig_filename.isascii():
        return info.orig_filename
    body = info.orig_filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "cp932"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _unpack_parts(
    archive: zipfile.ZipFile,
    entries: dict[PurePosixPath, zipfile.ZipInfo],
    shp: PurePosixPath,
    folder: Path,
    budget: _Budget,
) -> None:
    """Unpack a .shp and its companions under one plain name."""
    stem = str(shp.with_suffix(""))
    for path, info in entries.items():
        suffix = path.suffix.lower()
        if suffix in PARTS and str(path.with_suffix("")) == stem:
            budget.copy(archive, info, folder / f"layer{suffix}")


class _Budget:
    """How much may still be unpacked: counted on real bytes, since headers lie."""

    def __init__(self, packed_bytes: int, name: str) -> None:
        self.left = min(MAX_UNPACKED, max(SMALL, packed_bytes * MAX_RATIO))
        self.name = name

    def copy(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        """Unpack one entry in pieces; more than the budget raises BadInput."""
        with archive.open(info) as packed, target.open("wb") as out:
            while piece := packed.read(1 << 20):
                self.left -= len(piece)
                if self.left < 0:
                    raise BadInput(f"{self.name}: unpacks to more than any honest archive of its size")
                out.write(piece)
