"""What an open-data file is, by its content; the table of kinds (the page to read first)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from disaster_hub.terms.errors import BadInput
from sensors.datasets import (
    arrivals,
    evacuation_areas,
    geolonia,
    graphml,
    gsi_shelters,
    ksj_a31,
    ksj_a33,
    ksj_n03,
    ksj_water,
    osm,
    plateau,
    standard_shelters,
    statistics,
    water_points,
)
from sensors.datasets.archive import open_archive
from sensors.datasets.dataset import Dataset
from sensors.datasets.plain import open_csv, open_json
from sensors.datasets.shapefile import MAGIC, open_shapefile
from sensors.datasets.table import Material


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind: how to tell it by its content, and how to read it."""

    fits: Callable[[Material], bool]
    read: Callable[[Material], Dataset]


READERS: Mapping[str, Reader] = {
    gsi_shelters.EMERGENCY: Reader(gsi_shelters.is_emergency, gsi_shelters.read_emergency),
    gsi_shelters.EVACUATION: Reader(gsi_shelters.is_evacuation, gsi_shelters.read_evacuation),
    gsi_shelters.UNAVAILABLE: Reader(gsi_shelters.is_unavailable, gsi_shelters.read_unavailable),
    standard_shelters.KIND: Reader(standard_shelters.fits, standard_shelters.read),
    ksj_a31.KIND: Reader(ksj_a31.fits, ksj_a31.read),
    ksj_a33.KIND: Reader(ksj_a33.fits, ksj_a33.read),
    **{one.kind: Reader(one.fits, one.read) for one in (ksj_water.TSUNAMI, ksj_water.SURGE, ksj_water.INLAND)},
    plateau.KIND: Reader(plateau.fits, plateau.read),
    ksj_n03.KIND: Reader(ksj_n03.fits, ksj_n03.read),
    geolonia.KIND: Reader(geolonia.fits, geolonia.read),
    osm.KIND: Reader(osm.fits, osm.read),
    graphml.KIND: Reader(graphml.fits, graphml.read),
    arrivals.KIND: Reader(arrivals.fits, arrivals.read),
    **{one.KIND: Reader(one.fits, one.read) for one in (evacuation_areas, statistics, water_points)},
}
STREAMED = {"osm": "osm", "graphml": "graphml", "CityModel": "citygml"}
"""Root elements of XML files that are read."""
PBF = b"OSMHeader"
HEAD = 4096


def recognise(path: Path) -> str:
    """Name the kind of a file by its content; BadInput names what the file is where nobody reads it."""
    return _kind(_opened(path))


def read(path: Path) -> Dataset:
    """Read one open-data file whole; BadInput names file, line or feature, and field."""
    material = _opened(path)
    return READERS[_kind(material)].read(material)


def _kind(material: Material) -> str:
    """Find the one kind that fits."""
    fitting = [kind for kind, reader in READERS.items() if reader.fits(material)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise BadInput(f"{material.path.name}: holds several kinds ({', '.join(fitting)}); load them one by one")
    for table in material.tables:
        table.require(set(), set(table.columns))
    raise BadInput(f"{material.path.name}: {_described(material)} is no kind that is read ({', '.join(READERS)})")


def _described(material: Material) -> str:
    """Say what a file is that nobody reads."""
    if material.tables:
        columns = [column for table in material.tables for column in table.columns]
        return f"a table with the columns {', '.join(columns[:6])[:120] or '(none)'}"
    if isinstance(material.value, Mapping):
        return f"a JSON object with {', '.join(map(str, material.value))[:60] or 'nothing'}"
    return "an empty JSON list" if material.value == [] else "this JSON value"


def _opened(path: Path) -> Material:
    """Open a file by what its first bytes are, whatever it is called."""
    name = path.name
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise BadInput(f"{name}: cannot be opened ({error.strerror})") from None
    if not head:
        raise BadInput(f"{name}: empty")
    if head.startswith(MAGIC):
        return Material(path, tables=(open_shapefile(path, name),))
    if head.startswith(b"PK") and zipfile.is_zipfile(path):
        return open_archive(path, name)
    if PBF in head[:32] or path.name.endswith(".pbf"):
        return Material(path, stream="pbf")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return open_json(path, name)
    if text.startswith(b"<"):
        return _opened_xml(path, text)
    return _opened_text(path, name)


def _opened_xml(path: Path, head: bytes) -> Material:
    """Take OSM, GraphML and CityGML; every other XML is refused by the name of its root."""
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise BadInput(f"{path.name}: XML with a DOCTYPE is refused")
    root = next((p for p in head.split(b"<")[1:] if p[:1] not in {b"?", b"!"}), b"").split(None, 1)
    name = root[0].rstrip(b"/>").split(b">")[0].decode("utf-8", errors="replace") if root else ""
    stream = STREAMED.get(name.rsplit(":", 1)[-1])
    if stream is None:
        raise BadInput(f"{path.name}: XML <{name[:40]}> is no kind that is read (<{'>, <'.join(STREAMED)}>)")
    return Material(path, stream=stream)


def _opened_text(path: Path, name: str) -> Material:
    """Take a CSV; a binary file is refused."""
    if path.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        raise BadInput(f"{name}: neither ZIP, Shapefile, JSON, CSV, GML, GraphML nor OSM")
    return open_csv(path, name)
