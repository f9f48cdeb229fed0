"""OpenStreetMap extracts (`.osm` XML, `.osm.pbf`): roads cut into links where they meet, rivers and streams whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lxml import etree
from shapely import LineString

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature, flat
from sensors.datasets import osm_pbf
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.shapes import in_japan
from sensors.datasets.table import Material

KIND = "osm"
CREDIT = "© OpenStreetMap contributors（ODbL）"
MAX_BYTES = 1_000_000_000
NOT_WALKED = frozenset({
    "proposed", "construction", "platform", "bus_stop", "rest_area", "services", "raceway", "elevator",
    "abandoned", "razed", "dismantled", "demolished", "no",
})  # fmt: skip
"""`highway` values that are no way to go along (yet, or any more)."""
WATERWAYS = frozenset({"river", "stream"})
KEPT = (
    "highway", "name", "oneway", "bridge", "tunnel", "width", "surface", "wheelchair", "layer", "incline", "kerb",
    "access", "foot",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way of interest: its id, its nodes in order, its tags."""

    id: int
    nodes: tuple[int, ...]
    tags: dict[str, str]


def fits(material: Material) -> bool:
    """Tell whether the file is an extract, in XML or packed."""
    return material.stream in {"osm", "pbf"}


def read(material: Material) -> Dataset:
    """Read roads and rivers in two passes, so that nodes may stand anywhere and only needed ones are held."""
    path = material.path
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path.name}: more than {MAX_BYTES // 10**9} GB; cut the extract to the city")
    tally = Tally()
    packed = material.stream == "pbf"
    drawn = osm_pbf.ways(path, ("highway", "waterway")) if packed else _drawn(path)
    ways = list(_ways(drawn, path.name, tally))
    wanted = {node for way in ways for node in way.nodes}
    places = dict(osm_pbf.places(path, wanted) if packed else _places(path, wanted))
    features = (*_roads(ways, places, path.name, tally), *_rivers(ways, places, path.name, tally))
    return Dataset(KIND, path.name, ("roads", "rivers"), features, CREDIT, tally.lines())


def _elements(path: Path, *tags: str) -> Iterator[etree._Element]:
    """Stream elements and forget them; a DOCTYPE, which no extract has, is refused before it is used."""
    try:
        with path.open("rb") as file:
            yield from _walked(file, tags, path.name)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{path.name}: not whole XML at line {error.lineno} ({str(error.msg)[:80]})") from None
    except ValueError as error:
        raise BadInput(f"{path.name}: {str(error)[:100]}") from None


def _walked(file: BinaryIO, tags: tuple[str, ...], name: str) -> Iterator[etree._Element]:
    """Give every element of *tags* once it is whole."""
    walk = etree.iterparse(
        file, events=("start", "end"), tag=("osm", *tags), resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for event, element in walk:
        if event == "start":
            if element.tag == "osm" and element.getroottree().docinfo.internalDTD is not None:
                raise BadInput(f"{name}: a DOCTYPE in an OSM file is refused")
            continue
        if element.tag != "osm":
            yield element
        _forget(element)


def _forget(element: etree._Element) -> None:
    """Free an element and what stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _drawn(path: Path) -> Iterator[osm_pbf.Drawn]:
    """Give the ways of an XML extract that nobody deleted."""
    for element in _elements(path, "way"):
        tags = {tag.get("k", ""): tag.get("v", "") for tag in element.iterfind("tag")}
        if not _deleted(element) and ("highway" in tags or "waterway" in tags):
            where = f"{path.name}: way {element.get('id')}"
            nodes = tuple(_whole(nd.get("ref"), f"{where}, nd ref") for nd in element.iterfind("nd"))
            yield _whole(element.get("id"), where), nodes, tags


def _ways(drawn: Iterator[osm_pbf.Drawn], name: str, tally: Tally) -> Iterator[Way]:
    """Give the ways that are roads, rivers or streams."""
    for identity, nodes, tags in drawn:
        if not ("highway" in tags or tags.get("waterway") in WATERWAYS):
            continue
        if tags.get("highway") in NOT_WALKED:
            tally.note("highway that is no way to go along left out", f"{name}: way {identity}")
            continue
        yield Way(identity, nodes, tags)


def _places(path: Path, wanted: set[int]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Give the positions of the *wanted* nodes."""
    for element in _elements(path, "node"):
        identity = _whole(element.get("id"), f"{path.name}: node id")
        if identity in wanted and not _deleted(element):
            try:
                yield identity, (float(element.get("lon", "")), float(element.get("lat", "")))
            except ValueError:
                raise BadInput(f"{path.name}: node {identity}: lon or lat is no number") from None


def _deleted(element: etree._Element) -> bool:
    """Tell whether an editor marked the element as gone."""
    return bool(element.get("action") == "delete" or element.get("visible") == "false")


def _whole(text: str | None, where: str) -> int:
    """Read an id; ids of objects that were never uploaded are negative."""
    try:
        return int(text or "")
    except ValueError:
        raise BadInput(f"{where}: {str(text)[:20]!r} is no id") from None


Places = dict[int, tuple[float, float]]


def _roads(ways: list[Way], places: Places, name: str, tally: Tally) -> Iterator[Feature]:
    """Cut every road at the nodes it shares with a road, itself included; number the links along the way."""
    roads = [way for way in ways if "highway" in way.tags]
    used = Counter(node for way in roads for node in way.nodes)
    for way in roads:
        for number, nodes in enumerate(_links(way.nodes, used)):
            line = _line(nodes, places, f"{name}: way {way.id}", tally)
            if line is not None:
                yield Feature("roads", f"{way.id}/{number}", line, _road_columns(way, number, nodes, line))


def _links(nodes: tuple[int, ...], used: Counter[int]) -> Iterator[tuple[int, ...]]:
    """Cut a row of nodes at each inner node that is used more than once."""
    start = 0
    for at in range(1, len(nodes)):
        if at == len(nodes) - 1 or used[nodes[at]] > 1:
            yield nodes[start : at + 1]
            start = at


def _line(nodes: tuple[int, ...], places: Places, where: str, tally: Tally) -> LineString | None:
    """Draw a line; one with a node outside the extract is counted and left out, never bridged."""
    if any(node not in places for node in nodes):
        tally.note("link with a node that is not in the file left out", where)
        return None
    points = [places[node] for node in nodes]
    if len(set(points)) < 2:
        tally.note("link without any length left out", where)
        return None
    line = LineString(points)
    in_japan(line, where)
    return line


def _road_columns(way: Way, number: int, nodes: tuple[int, ...], line: LineString) -> dict[str, object]:
    """Give the columns of one link; `from_node` and `to_node` are what links meet by."""
    tags: dict[str, object] = {key: way.tags.get(key) for key in KEPT}
    return tags | {
        "way": way.id,
        "segment": number,
        "from_node": nodes[0],
        "to_node": nodes[-1],
        "steps": way.tags["highway"] == "steps",
        "length_m": round(float(flat(line).length), 2),
    }


def _rivers(ways: list[Way], places: Places, name: str, tally: Tally) -> Iterator[Feature]:
    """Give rivers and streams, each way whole."""
    for way in ways:
        if "highway" in way.tags:
            continue
        line = _line(way.nodes, places, f"{name}: way {way.id}", tally)
        if line is not None:
            columns = {"name": way.tags.get("name"), "waterway": way.tags["waterway"], "way": way.id}
            yield Feature("rivers", str(way.id), line, columns)
