"""Opening plain files: JSON, GeoJSON and CSV, within a size, in the encoding that they are really in."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disaster_hub.terms.errors import BadInput
from sensors.datasets.dataset import Tally
from sensors.datasets.shapes import from_geojson
from sensors.datasets.table import Material, Row, Table

MAX_BYTES = 50_000_000
"""A JSON text grows tenfold in memory; what is larger is published as a Shapefile too."""
DEGREES = {
    "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::6668", "urn:ogc:def:crs:EPSG::4612",
    "urn:ogc:def:crs:EPSG::4326", "EPSG:6668", "EPSG:4612", "EPSG:4326",
}  # fmt: skip
"""CRS names of GeoJSON whose lon/lat are taken as JGD2011 as they stand: the datums differ by less
than the drawing, once Tokyo Datum is out."""


NOT_A_LETTER = re.compile("[\x80\uf8f0-\uf8f3]")
"""What Python makes of the bytes 80, A0 and FD to FF in CP932, which no Japanese text holds."""


def content(path: Path, name: str) -> bytes:
    """Give the bytes of a file of at most MAX_BYTES; a larger one raises BadInput."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise BadInput(f"{name}: {size / 1e6:.0f} MB of text, the limit is {limit} MB; load the Shapefile, or cut it")
    return path.read_bytes()


def decoded(body: bytes, name: str, *encodings: str) -> str:
    """Decode *body* in the first of *encodings* that fits it wholly; none fitting raises BadInput."""
    worst = ""
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            worst = worst or f"byte {error.start}"
        else:
            if encoding != "cp932" or not NOT_A_LETTER.search(text):
                return text
    raise BadInput(f"{name}: {worst} is not {' nor '.join(encodings)}")


def json_value(path: Path, name: str) -> Any:
    """Read a JSON file (UTF-8, with or without BOM); anything else raises BadInput with the offset."""
    text = decoded(content(path, name), name, "utf-8-sig")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}: not JSON at line {error.lineno} ({error.msg}); cut short?") from None
    except (RecursionError, ValueError):
        raise BadInput(f"{name}: JSON nested too deep or with a number too long") from None


def open_json(path: Path, name: str) -> Material:
    """Open a JSON file: a FeatureCollection becomes a table, any other value is given as it is."""
    value = json_value(path, name)
    if isinstance(value, Mapping) and isinstance(value.get("features"), list):
        return Material(path, tables=(feature_table(value, name),))
    return Material(path, value=value)


def feature_table(collection: Mapping[str, Any], name: str) -> Table:
    """Turn a FeatureCollection into a table; columns are those of all features together."""
    _check_crs(collection.get("crs"), name)
    tally = Tally()
    rows = tuple(_feature(item, f"{name}: features[{n}]", tally) for n, item in enumerate(collection["features"]))
    columns = dict.fromkeys(column for row in rows for column in row.values)
    return Table(name, tuple(columns), rows, tally)


def _feature(item: object, where: str, tally: Tally) -> Row:
    """Turn one GeoJSON feature into a row."""
    properties = item.get("properties") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(properties, Mapping):
        raise BadInput(f"{where}: not a Feature with properties")
    return Row(where, properties, from_geojson(item.get("geometry"), where, tally))


def _check_crs(crs: object, name: str) -> None:
    """Refuse a GeoJSON that declares a CRS other than plain degrees."""
    if crs is None:
        return
    inner = crs.get("properties") if isinstance(crs, Mapping) else None
    said = inner.get("name") if isinstance(inner, Mapping) else None
    if said not in DEGREES:
        raise BadInput(f"{name}: crs {str(said)[:60]!r} is not read; wanted JGD2011, JGD2000 or WGS 84 degrees")


def open_csv(path: Path, name: str) -> Material:
    """Open a CSV file in UTF-8 (BOM or not), UTF-16 with BOM, or CP932, as a table without shapes."""
    body = content(path, name)
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = decoded(body, name, "utf-16") if wide else decoded(body, name, "utf-8-sig", "cp932")
    if "\0" in text:
        raise BadInput(f"{name}: holds NUL characters, so it is no CSV text")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [column.strip() for column in next(reader, [])]
        lines = [(reader.line_num, line) for line in reader if any(line)]
    except csv.Error as error:
        raise BadInput(f"{name}: line {reader.line_num}: {error}; cut short?") from None
    return Material(path, tables=(_csv_table(name, head, lines),))


def _csv_table(name: str, head: list[str], lines: list[tuple[int, list[str]]]) -> Table:
    """Give every line its column names; a line of another length raises BadInput.

    Of two columns of one name the first keeps it, and the table says so: only its reader knows whether that is known.
    """
    twice = tuple(sorted({column for column in head if head.count(column) > 1}))
    for number, line in lines:
        if len(line) != len(head):
            raise BadInput(f"{name}: line {number}: {len(line)} fields, the head has {len(head)}; cut short?")
    # Written backwards, so that the first of two columns stays.
    pairs = ((number, zip(reversed(head), reversed(line), strict=True)) for number, line in lines)
    rows = (Row(f"{name}: line {number}", dict(pair)) for number, pair in pairs)
    return Table(name, tuple(dict.fromkeys(head)), tuple(rows), twice=twice)
