"""PLATEAU CityGML disaster models (fld, tnm, htd, ifld, lsld): files, folders and the city's ZIP, as they come."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import shapely
from lxml import etree

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature
from sensors.datasets import plateau_archive
from sensors.datasets.classes import hours, metres
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.ksj_a33 import PHENOMENA, ZONES
from sensors.datasets.plateau_codes import CodeLists
from sensors.datasets.plateau_risks import KNOWN, Risk, risks
from sensors.datasets.plateau_shapes import FACES, GML, Faces, dimension, together
from sensors.datasets.table import Material

KIND = "plateau"
CREDIT = "3D都市モデル（Project PLATEAU）（国土交通省）（CC BY 4.0）"
CORE = "{http://www.opengis.net/citygml/2.0}"
WATER = "{http://www.opengis.net/citygml/waterbody/2.0}WaterBody"
URBAN = ("{https://www.geospatial.jp/iur/", "{https://www.chisou.go.jp/tiiki/toshisaisei/itoshisaisei/iur/")
"""How the namespaces of i-UR begin, in every version."""
SLOPE = "SedimentDisasterProneArea"
SLOPE_KNOWN = {
    *KNOWN, "validFrom", "validTo", "prefecture", "city", "location", "disasterType", "areaType", "zoneNumber",
    "zoneName", "status", "enactmentFiscalYear", "dataQualityAttribute",
}  # fmt: skip
FLOODED_LAND = "1140"
MEMBER, ENVELOPE, MODEL = f"{CORE}cityObjectMember", f"{GML}Envelope", f"{CORE}CityModel"
SURFACES = tuple(f"{GML}{name}" for name in ("MultiSurface", "TriangulatedSurface", "Tin", "CompositeSurface"))
NO_CRS = "no srsName: taken as JGD2011 with heights (EPSG:6697), in which PLATEAU publishes"


@dataclass
class Document:
    """One GML file while it is read: its name, its code lists, and the water bodies put together by what they say."""

    label: str
    lists: CodeLists
    tally: Tally
    numbers: int | None = None
    waters: dict[Risk, list[shapely.Geometry]] = field(default_factory=dict)
    bodies: dict[Risk, list[str]] = field(default_factory=dict)
    slopes: list[Feature] = field(default_factory=list)

    def features(self) -> Iterator[Feature]:
        """Give the zones: water by what it says, each as one shape, and slopes one by one."""
        for number, (risk, faces) in enumerate(self.waters.items(), 1):
            shape = together(faces)
            if shape is None:
                self.tally.note("shape without any area left out", self.label)
                continue
            bodies = self.bodies[risk]
            columns = risk.columns() | {"bodies": len(bodies), "first_body": bodies[0]}
            yield Feature("hazards", f"{self.label}#{number}", shape, columns)
        yield from self.slopes


def fits(material: Material) -> bool:
    """Tell whether the file is a CityGML model, or a ZIP of them."""
    return material.stream == "citygml"


def read(material: Material) -> Dataset:
    """Read every disaster model of the file; BadInput names the file, the feature and the element."""
    path, tally = material.path, Tally()
    if path.suffix.lower() == ".zip":
        found: list[Feature] = []
        for label, file, lists in plateau_archive.models(path, tally):
            found.extend(_document(file, label, lists, tally))
        return Dataset(KIND, path.name, ("hazards",), tuple(found), CREDIT, tally.lines())
    with path.open("rb") as plain:
        features = tuple(_document(plain, path.name, CodeLists.beside(path), tally))
    return Dataset(KIND, plateau_archive.name_of(path), ("hazards",), features, CREDIT, tally.lines())


def _document(file: BinaryIO, label: str, lists: CodeLists, tally: Tally) -> tuple[Feature, ...]:
    """Read one GML file, member by member."""
    document = Document(label, lists, tally)
    try:
        _walk(file, document)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{label}: not whole XML at line {error.lineno} ({str(error.msg)[:80]})") from None
    return tuple(document.features())


def _walk(file: BinaryIO, document: Document) -> None:
    """Stream the file; a face is forgotten once it is read, a member once it is done."""
    faces = Faces()
    any_model = False
    tags = (MODEL, MEMBER, ENVELOPE, *SURFACES, *FACES)
    walk = etree.iterparse(
        file, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for event, element in walk:
        tag = element.tag
        if event == "start":
            any_model |= tag == MODEL
            if tag == MODEL and element.getroottree().docinfo.internalDTD is not None:
                raise BadInput(f"{document.label}: a DOCTYPE in a GML file is refused")
            if tag != MODEL and (said := element.get("srsName")) is not None:
                document.numbers = dimension(said, document.label)
        elif tag in FACES:
            faces.add(element, _numbers(element, document), document.label, document.tally)
            element.clear()
        elif tag == MEMBER:
            _members(element, faces, document)
            faces = Faces()
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    if not any_model:
        raise BadInput(f"{document.label}: no CityGML 2.0 (<{MODEL}>)")


def _numbers(element: etree._Element, document: Document) -> int:
    """Give how many numbers a point of *element* has: as something around it says, else as the CRS has."""
    for one in (element, *element.iterancestors()):
        said = one.get("srsDimension")
        if said in {"2", "3"}:
            return int(said)
        if said is not None:
            raise BadInput(f"{document.label}: srsDimension {said[:20]!r} is neither 2 nor 3")
    if document.numbers is None:
        document.tally.note(NO_CRS, document.label)
        document.numbers = 3
    return document.numbers


def _members(element: etree._Element, faces: Faces, document: Document) -> None:
    """Read what a member holds; no name may stay on a feature afterwards, or lxml takes long to forget its faces."""
    for child in element.iterchildren(etree.Element):
        _member(child, faces, document)


def _member(element: etree._Element, faces: Faces, document: Document) -> None:
    """Read one feature; what is neither flooded land nor a slope is refused by its name."""
    where = f"{document.label}: {element.get(f'{GML}id') or 'feature without an id'}"
    name = etree.QName(element).localname
    urban = str(element.tag).startswith(URBAN)
    if element.tag != WATER and not (urban and name == SLOPE):
        raise BadInput(f"{where}: <{element.prefix or ''}:{name[:40]}> is no disaster model that is read")
    shapes = faces.shapes(where, document.tally)
    if not shapes:
        document.tally.note("feature without a surface left out", where)
        return
    if element.tag == WATER:
        _water(element, shapes, where, document)
    else:
        zone = _slope(element, shapes, where)
        if zone is not None:
            document.slopes.append(zone)


def _water(element: etree._Element, shapes: list[shapely.Geometry], where: str, document: Document) -> None:
    """Put a water body to those that say the same."""
    kind = next((c.text for c in element.iterchildren("{*}class")), None)
    if kind is not None and kind.strip() != FLOODED_LAND:
        raise BadInput(f"{where}: class {kind[:20]!r} is no flooded land ({FLOODED_LAND})")
    for risk in risks(element, document.label, where, document.lists, document.tally):
        document.waters.setdefault(risk, []).extend(shapes)
        document.bodies.setdefault(risk, []).append(element.get(f"{GML}id") or "")


def _slope(element: etree._Element, shapes: list[shapely.Geometry], where: str) -> Feature | None:
    """Read a 土砂災害警戒区域; each stays a zone of its own."""
    said: dict[str, str] = {}
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child).localname
        if name not in SLOPE_KNOWN and not name.startswith("lod"):
            raise BadInput(f"{where}: unknown element {name[:40]}")
        said.setdefault(name, (child.text or "").strip())
    phenomenon = _code(said.get("disasterType"), PHENOMENA, f"{where}: disasterType")
    zone = _code(said.get("areaType"), ZONES, f"{where}: areaType")
    shape = together(shapes)
    if shape is None:
        return None
    columns = {
        "hazard": "landslide", "scale": None, "rank": zone, "rank_kind": "landslide", "river": None,
        "phenomenon": PHENOMENA[phenomenon], "zone": ZONES[zone], **metres(None), **hours(None),
        "pref_code": said.get("prefecture") or None, "name": _plain(said.get("zoneName")),
        "address": _plain(said.get("location")), "zone_number": said.get("zoneNumber") or None,
        "from": said.get("validFrom") or None,
    }  # fmt: skip
    return Feature("hazards", element.get(f"{GML}id") or where, shape, columns)


def _code(text: str | None, known: Mapping[int, object], where: str) -> int:
    """Read a code of a table."""
    if not (text and text.isascii() and text.isdigit() and int(text[:4]) in known):
        raise BadInput(f"{where} {str(text or '')[:20]!r} is not in the published code table")
    return int(text)


def _plain(text: str | None) -> str | None:
    """Give a name in the letters that people type: publishers' files hold look-alikes of them."""
    return unicodedata.normalize("NFKC", text).strip() or None if text else None
