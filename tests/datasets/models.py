"""Small CityGML models in PLATEAU's forms, written element by element."""

from __future__ import annotations

import itertools
from pathlib import Path

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:wtr="http://www.opengis.net/citygml/waterbody/2.0" '
    'xmlns:bldg="http://www.opengis.net/citygml/building/2.0" xmlns:uro="https://www.geospatial.jp/iur/uro/3.1" '
    'xmlns:urf="https://www.geospatial.jp/iur/urf/3.1">'
)
LEVELS = "../../../codelists/"


def ring(*points: tuple[float, float], height: str | None = "3.5") -> str:
    """Give a LinearRing of (lon, lat) points, latitude first, with a height."""
    tail = "" if height is None else f" {height}"
    numbers = " ".join(f"{lat!r} {lon!r}{tail}" for lon, lat in points)
    return f"<gml:LinearRing><gml:posList>{numbers}</gml:posList></gml:LinearRing>"


def face(*points: tuple[float, float], inner: str = "", height: str | None = "3.5") -> str:
    """Give a surface member with one polygon."""
    outer = f"<gml:exterior>{ring(*points, height=height)}</gml:exterior>"
    return f"<gml:surfaceMember><gml:Polygon>{outer}{inner}</gml:Polygon></gml:surfaceMember>"


def triangles(lon: float = 139.8, lat: float = 38.7, cells: int = 3, size: float = 0.0001) -> str:
    """Give a square of cells x cells, each cell four triangles that meet in its middle, as PLATEAU draws meshes."""
    out = []
    for x in range(cells):
        for y in range(cells):
            west, south, east, north = (lon + x * size, lat + y * size, lon + (x + 1) * size, lat + (y + 1) * size)
            middle = ((west + east) / 2, (south + north) / 2)
            corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
            out += [face(a, b, middle, a) for a, b in itertools.pairwise(corners)]
    return "".join(out)


def water(
    surfaces: str,
    attribute: str = "<uro:rank>2</uro:rank><uro:scale>2</uro:scale>",
    kind: str = "RiverFloodingRiskAttribute",
    function: str = "1",
    name: str = "<gml:name>みなも水系みなも川洪水浸水想定区域（想定最大規模）</gml:name>",
    more: str = "",
    number: int = 1,
) -> str:
    """Give a WaterBody."""
    return (
        f'<core:cityObjectMember><wtr:WaterBody gml:id="fld_{number}">{name}<wtr:class>1140</wtr:class>'
        f"<wtr:function>{function}</wtr:function><wtr:lod1MultiSurface><gml:MultiSurface>{surfaces}</gml:MultiSurface>"
        f"</wtr:lod1MultiSurface><uro:floodingRiskAttribute><uro:{kind}>{attribute}</uro:{kind}>"
        f"</uro:floodingRiskAttribute>{more}</wtr:WaterBody></core:cityObjectMember>"
    )


def slope(surfaces: str, disaster: str = "1", area: str = "2", more: str = "", number: int = 1) -> str:
    """Give a SedimentDisasterProneArea."""
    return (
        f'<core:cityObjectMember><urf:SedimentDisasterProneArea gml:id="lsld_{number}"><urf:prefecture>99'
        f"</urf:prefecture><urf:lod1MultiSurface><gml:MultiSurface>{surfaces}</gml:MultiSurface></urf:lod1MultiSurface>"
        f"<urf:location>みなも市高台　他</urf:location><urf:disasterType>{disaster}</urf:disasterType><urf:areaType>{area}"
        f"</urf:areaType><urf:zoneName>高台</urf:zoneName>{more}</urf:SedimentDisasterProneArea></core:cityObjectMember>"
    )


def text(*members: str, crs: str | None = "http://www.opengis.net/def/crs/EPSG/0/6697", dimension: str = "3") -> str:
    """Give a whole model."""
    envelope = (
        ""
        if crs is None
        else f'<gml:boundedBy><gml:Envelope srsName="{crs}" srsDimension="{dimension}"/></gml:boundedBy>'
    )
    return f"{HEAD}{envelope}{''.join(members)}</core:CityModel>"


def model(path: Path, *members: str, crs: str | None = "http://www.opengis.net/def/crs/EPSG/0/6697") -> Path:
    """Write a model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(*members, crs=crs), encoding="utf-8")
    return path


def code_list(path: Path, **meanings: str) -> Path:
    """Write a code list; keys are `c` and the code."""
    entries = "".join(
        f"<gml:dictionaryEntry><gml:Definition><gml:description>{meaning}</gml:description><gml:name>{code[1:]}</gml:name>"
        "</gml:Definition></gml:dictionaryEntry>"
        for code, meaning in meanings.items()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<gml:Dictionary xmlns:gml="http://www.opengis.net/gml"><gml:name>list</gml:name>'
    path.write_text(f"\ufeff{head}{entries}</gml:Dictionary>", encoding="utf-8")
    return path
