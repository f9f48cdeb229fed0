"""CityGML surfaces as flat shapes: latitude first, heights left off, thousands of triangles put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from disaster_hub.terms.errors import BadInput
from sensors.datasets.dataset import Tally
from sensors.datasets.shapes import JAPAN, RING_CLOSED, RING_MENDED

GML = "{http://www.opengis.net/gml}"
FACES = (f"{GML}Polygon", f"{GML}Triangle")
CRS = re.compile(r"(?:.*/EPSG/(?:0|[\d.]+)/|urn:ogc:def:crs:EPSG:[\d.]*:|EPSG:)(\d{4,5})")
DIMENSIONS = {"6697": 3, "6668": 2}
"""JGD2011 with and without heights, both latitude first."""

Ring = NDArray[np.float64]


def dimension(name: str, where: str) -> int:
    """Give how many numbers a point has in the CRS *name*; one that is not JGD2011 degrees raises BadInput."""
    match = CRS.fullmatch(name.strip())
    if match is None or match[1] not in DIMENSIONS:
        raise BadInput(f"{where}: srsName {name[:60]!r} is not read; wanted EPSG 6697 or 6668")
    return DIMENSIONS[match[1]]


@dataclass
class Faces:
    """The faces of one feature, as they are read."""

    triangles: list[Ring] = field(default_factory=list)
    others: list[shapely.Polygon] = field(default_factory=list)

    def add(self, element: etree._Element, numbers: int, where: str, tally: Tally) -> None:
        """Add a gml:Polygon or gml:Triangle whose points have so many *numbers*."""
        rings = [_ring(ring, numbers, where, tally) for ring in element.iter(f"{GML}LinearRing")]
        inner = sum(1 for _ in element.iterchildren(f"{GML}interior"))
        if len(rings) != inner + 1:
            raise BadInput(f"{where}: a face with {len(rings)} rings, {inner} of them inside")
        if len(rings) == 1 and len(rings[0]) == 4:
            self.triangles.append(rings[0])
        else:
            self.others.append(shapely.Polygon(rings[0], rings[1:]))

    def shapes(self, where: str, tally: Tally) -> list[shapely.Geometry]:
        """Give the faces as valid shapes; one without area is no part of any surface."""
        found = list(self.others)
        if self.triangles:
            found.extend(shapely.polygons(np.stack(self.triangles)))
        faces = np.array(found, dtype=object)
        bad = ~shapely.is_valid(faces)
        flat = bad & (shapely.area(faces) == 0)
        if (bad & ~flat).any():
            tally.note(RING_MENDED, where, int((bad & ~flat).sum()))
        mended = np.where(bad & ~flat, shapely.make_valid(faces), faces)[~flat]
        return [part for part in shapely.get_parts(mended) if part.geom_type in {"Polygon", "MultiPolygon"}]


def _ring(ring: etree._Element, numbers: int, where: str, tally: Tally) -> Ring:
    """Read a ring: longitude and latitude, closed."""
    texts = [e.text or "" for e in ring.iterchildren(f"{GML}posList", f"{GML}pos")]
    try:
        values = np.array(" ".join(texts).split(), dtype=float)
    except ValueError:
        raise BadInput(f"{where}: posList holds something that is no number") from None
    if len(values) % numbers or not np.isfinite(values).all():
        raise BadInput(f"{where}: posList holds {len(values)} numbers, not {numbers} a point")
    points = values.reshape(-1, numbers)[:, 1::-1]
    if len(points) and not np.array_equal(points[0], points[-1]):
        tally.note(RING_CLOSED, where)
        points = np.vstack([points, points[:1]])
    if len(points) < 4:
        raise BadInput(f"{where}: a ring of {len(points)} points")
    _in_japan(points, where)
    return points


def _in_japan(points: Ring, where: str) -> None:
    """Refuse points that leave Japan: they were written longitude first."""
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    if not (JAPAN[0] <= west and JAPAN[1] <= south and east <= JAPAN[2] and north <= JAPAN[3]):
        raise BadInput(f"{where}: lies at {west:.6g}, {south:.6g}, outside Japan; wanted is latitude first")


def together(faces: Iterable[shapely.Geometry]) -> shapely.Geometry | None:
    """Give the exact union of faces, nothing smoothed and nothing grown; None where none has an area."""
    whole = shapely.union_all(list(faces))
    polygons = list(_polygons(whole))
    if not polygons:
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _polygons(shape: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """Give the polygons of a shape; lines and points that a union leaves behind have no area."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "MultiPolygon":
            yield from part.geoms
        elif part.geom_type == "Polygon" and not part.is_empty:
            yield part
